// SPDX-License-Identifier: GPL-2.0
// Tables: the right number in the right column, nothing where nothing was measured, within the width.
#include "table.h"

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>

#include "fixture.h"
#include "presentation.h"

namespace bench {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

Record with_boot(Record record, const std::string &boot)
{
	record.boot = boot;
	return record;
}

std::size_t widest(const std::string &text)
{
	std::istringstream lines{text};
	std::size_t width = 0;
	for (std::string line; std::getline(lines, line);)
		width = std::max(width, line.size());
	return width;
}

TEST(Table, ShowsValueRatioToTheLimitAndOurs)
{
	const auto text = make_table(make_run({
		make_record("fast", "s01", 20, 74, 80),
		make_record("raid1wb", "s01", 20, 78.4, 90),
		make_record("raid1", "s01", 20, 20054, 20054),
	}), {});

	EXPECT_THAT(text, ContainsRegex("\n +fast +raid1wb +raid1\n"));
	EXPECT_THAT(text, HasSubstr("\nS1: 4 KiB random writes, each to another chunk\n"));
	EXPECT_THAT(text, ContainsRegex("\n 20 ms p50 us +74 +78.4 1.06x +20054 +271x +256x\n"));
	EXPECT_THAT(text, ContainsRegex("\n +p99 us +80 +90 1.12x +20054 +251x +223x\n"));
}

// Ratios are to what the limit did in the same machine; the value shown is from its own.
TEST(Table, TakesTheLimitOfTheSameBoot)
{
	const auto text = make_table(make_run({
		with_boot(make_record("fast", "s01", 20, 50, 50), "raid1wb/s01"),
		with_boot(make_record("fast", "s01", 20, 25, 25), "raid1/s01"),
		make_record("fast", "s01", 20, 74, 80),
		make_record("raid1wb", "s01", 20, 100, 100),
		make_record("raid1", "s01", 20, 100, 100),
	}), {});

	EXPECT_THAT(text, ContainsRegex("p50 us +74 +100 2.00x +100 4.00x 1.00x\n"));
}

TEST(Table, ThroughputIsBetterWhenItIsMore)
{
	auto fast = make_record("fast", "s05", 1, 1, 1), ours = make_record("raid1wb", "s05", 1, 1, 1),
	     peer = make_record("raid1", "s05", 1, 1, 1);
	fast.metrics["mib_s"] = 300;
	ours.metrics["mib_s"] = 200;
	peer.metrics["mib_s"] = 50;

	EXPECT_THAT(make_table(make_run({fast, ours, peer}), {}),
		    ContainsRegex("MiB/s +300 +200 1.50x +50 6.00x 4.00x\n"));
}

TEST(Table, ShowsADashWhereNothingWasMeasured)
{
	auto drbd = make_record("drbd", "s01", 20, 0, 0);
	drbd.metrics.clear();
	drbd.reason = "no such thing";
	auto half = make_record("raid1", "s01", 20, 200, 0);
	half.metrics.erase("p99_us");
	const auto text = make_table(make_run({make_record("raid1wb", "s01", 20, 100, 100), half, drbd}), {});

	EXPECT_THAT(text, ContainsRegex("p50 us +100 +- +200 +- +2.00x +- +- +-\n"));
	EXPECT_THAT(text, ContainsRegex("p99 us +100 +- +- +- +- +- +- +-\n"));
	EXPECT_THAT(text, HasSubstr("\nNot applicable:\n- DRBD, protocol A, S1: 4 KiB random writes, each to another chunk: "
				    "no such thing\n"));
}

// The record that says so has no variant.
TEST(Table, ReasonsMakeNoRows)
{
	auto none = make_record("drbd", "s03", 20, 0, 0);
	none.metrics.clear();
	none.reason = "none";
	const auto text = make_table(make_run({make_record("raid1wb", "s03", 20, 1, 1, "qd1"), none}), {});

	EXPECT_THAT(text, HasSubstr("S3: 4 KiB overwrites within 64 KiB (qd1)\n"));
	EXPECT_THAT(text, Not(HasSubstr("S3: 4 KiB overwrites within 64 KiB\n")));
}

TEST(Table, IsEmptyWhenNothingWasMeasured)
{
	EXPECT_THAT(make_table(make_run({}), {}), HasSubstr("Nothing was measured"));
}

TEST(Table, RefusesWhatWasMeasuredTwice)
{
	const auto record = make_record("raid1", "s01", 20, 1, 1), fast = make_record("fast", "s01", 20, 1, 1);

	EXPECT_THAT([&] { make_table(make_run({record, record}), {}); },
		    ThrowsMessage<Error>(HasSubstr("run.json: raid1 was measured twice: s01, 20 ms")));
	EXPECT_THAT([&] { make_table(make_run({fast, fast}), {}); },
		    ThrowsMessage<Error>(HasSubstr("fast was measured twice: s01, 20 ms in boot fast/s01")));
}

TEST(Table, AllTargetsFitIntoTheWidth)
{
	std::vector<Record> records;
	for (const auto *target : {"drbd", "dm-raid", "raid1-nobitmap", "raid1", "raid1wb", "fast"})
		for (const auto delay : {1, 100})
			records.push_back(make_record(target, "s01", delay, 100054, 123456));
	const auto run = make_run(records);

	const auto text = make_table(run, {});
	EXPECT_THAT(text, ContainsRegex("fast +raid1wb +raid1 +raid1-nobitmap +dm-raid +drbd\n"));
	EXPECT_LE(widest(text), 120);
	const auto narrow = make_table(run, {.markdown = false, .all_metrics = false, .width = 80});
	EXPECT_LE(widest(narrow), 83);	// the explanation has no columns
	EXPECT_THAT(narrow, ContainsRegex("fast +raid1wb +dm-raid +drbd\n"));
}

TEST(Table, ShowsDetailsOnlyWhenAsked)
{
	auto record = make_record("raid1wb", "s01", 20, 1, 1);
	record.metrics["mean_us"] = 1;
	record.metrics["stalls"] = 3;
	const auto run = make_run({record});

	EXPECT_THAT(make_table(run, {}), Not(HasSubstr("mean")));
	EXPECT_THAT(make_table(run, {}), HasSubstr("stalls"));
	EXPECT_THAT(make_table(run, {.markdown = false, .all_metrics = true, .width = 120}), HasSubstr("mean us"));
}

// With several in flight, p50_us leaves out what the caller waits until a request is taken.
TEST(Table, ShowsTheLatencyThatTheApplicationSees)
{
	auto record = make_record("raid1", "s03", 20, 74, 80, "qd4");
	record.metrics["lat_p50_us"] = 5000;
	record.metrics["lat_p99_us"] = 6000;
	EXPECT_THAT(make_table(make_run({record}), {}), AllOf(HasSubstr(" ms p50 us"), Not(HasSubstr("lat p50 us"))));
	record.queue_depth = 4;
	EXPECT_THAT(make_table(make_run({record}), {}), AllOf(HasSubstr(" ms lat p50 us"), Not(HasSubstr(" ms p50 us"))));
}

TEST(Table, SeriesAloneMakeNoSection)
{
	auto record = make_record("raid1", "s03", 20, 0, 0, "backlog");
	record.metrics.clear();
	record.series["backlog"] = {{0, 0}};

	EXPECT_THAT(make_table(make_run({make_record("raid1", "s01", 20, 1, 1), record}), {}), Not(HasSubstr("(backlog)")));
}

TEST(Table, UnknownTargetsAndScenariosAppearUnderTheirNames)
{
	const auto text = make_table(make_run({make_record("zfs", "x9", 3, 1, 2), make_record("raid1wb", "x9", 3, 1, 1)}), {});

	EXPECT_THAT(text, ContainsRegex(" +raid1wb +zfs\n"));
	EXPECT_THAT(text, HasSubstr("\nx9\n"));
	EXPECT_NE(target_colour("zfs"), target_colour("raid1"));
}

TEST(Table, MarkdownHasARowPerMetric)
{
	const auto text = make_table(make_run({
		make_record("fast", "s01", 20, 74, 80),
		make_record("raid1wb", "s01", 20, 78.4, 90),
		make_record("raid1", "s01", 20, 20054, 20054),
	}), {.markdown = true, .all_metrics = false, .width = 120});

	EXPECT_THAT(text, HasSubstr("| slow leg | metric | fast device alone | raid1wb | kernel's raid1 |\n"
				    "|--:|:--|--:|--:|--:|\n"
				    "| 20 ms | p50 us | 74 | 78.4 (1.06x) | 20054 (271x, **256x**) |\n"
				    "|  | p99 us | 80 | 90 (1.12x) | 20054 (251x, **223x**) |\n"));
}

} // namespace
} // namespace bench
