// SPDX-License-Identifier: GPL-2.0
// Reading runs: what is right is all there, what is wrong is named.
#include "run.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "fixture.h"

namespace bench {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

constexpr auto good = R"({
	"commit": "abc", "date": "today", "kernel": "6.12", "qemu": "7.2",
	"records": [ {
		"target": "raid1wb", "scenario": "s03", "variant": "qd4", "slow_ms": 20, "boot": "raid1wb/s03/20",
		"parameters": { "bs": "4k", "iodepth": "4" },
		"metrics": { "p50_us": 71.25, "p99_us": 80, "mib_s": null },
		"series": { "backlog": [[0, 0], [10, 4]] }
	} ]
})";

TEST(Run, IsReadAsItIs)
{
	const auto run = Run::parse("good.json", good);

	EXPECT_EQ(run.commit, "abc");
	ASSERT_EQ(run.records.size(), 1);
	const auto &record = run.records[0];
	EXPECT_EQ(record.target, "raid1wb");
	EXPECT_EQ(record.scenario, "s03");
	EXPECT_EQ(record.variant, "qd4");
	EXPECT_EQ(record.slow_ms, 20);
	EXPECT_EQ(record.boot, "raid1wb/s03/20");
	EXPECT_EQ(record.queue_depth, 4);
	EXPECT_THAT(record.metrics, UnorderedElementsAre(Pair("p50_us", 71.25), Pair("p99_us", 80)));
	EXPECT_THAT(record.series, UnorderedElementsAre(Pair("backlog", Series{{0, 0}, {10, 4}})));
	EXPECT_EQ(record.reason, "");
}

TEST(Run, SurvivesBeingWrittenAndRead)
{
	auto record = make_record("raid1wb", "s01", 0.5, 1.0 / 3, 1e9);
	record.reason = "\"why\"";
	const auto again = Run::parse("again", make_run({record, make_record("raid1wb", "s02", 1, 2, 3)}).to_text());

	ASSERT_EQ(again.records.size(), 2);
	EXPECT_EQ(again.records[0].metrics, record.metrics);
	EXPECT_EQ(again.records[0].reason, record.reason);
	EXPECT_EQ(again.records[0].slow_ms, 0.5);
	EXPECT_EQ(again.date, "today");
}

struct Hostile {
	const char *name, *from, *to, *message;
};

class HostileRun : public testing::TestWithParam<Hostile> {};

// One thing of the good run is replaced.
TEST_P(HostileRun, IsRefusedWithItsNameAndPlace)
{
	std::string text = good;
	const std::string from = GetParam().from;
	ASSERT_NE(text.find(from), text.npos);
	text.replace(text.find(from), from.size(), GetParam().to);

	EXPECT_THAT([&] { Run::parse("bad.json", text); },
		    ThrowsMessage<Error>(AllOf(StartsWith("bad.json: "), HasSubstr(GetParam().message))));
}

INSTANTIATE_TEST_SUITE_P(, HostileRun, testing::Values(
	Hostile{"NotJson", "{", "<", "not JSON"},
	Hostile{"CutOff", "} ]\n}", "", "not JSON"},
	Hostile{"NoRecords", "\"records\"", "\"record\"", "has no \"records\""},
	Hostile{"RecordsNoArray", "[ {", "{ \"a\": [ {", "not JSON"},
	Hostile{"CommitNoString", "\"abc\"", "7", "commit is not a string"},
	Hostile{"NoTarget", "\"target\"", "\"goal\"", "records[0] has no \"target\""},
	Hostile{"EmptyTarget", "\"raid1wb\",", "\"\",", "records[0] has an empty target"},
	Hostile{"TargetNoString", "\"raid1wb\",", "1,", "records[0].target is not a string"},
	Hostile{"ShellInTarget", "\"raid1wb\",", "\"`reboot`\",", "records[0].target is not a name"},
	Hostile{"QuoteInVariant", "qd4", "q'd", "records[0].variant is not a name"},
	Hostile{"LineBreakInBoot", "raid1wb/s03", "a\\nb", "records[0].boot is not a name"},
	Hostile{"ControlInMetric", "p50_us", "p50\\u001b", "records[0].metrics.p50? has no name"},
	Hostile{"MetricsNoObject", "{ \"p50_us\": 71.25, \"p99_us\": 80, \"mib_s\": null }", "[]",
		"records[0].metrics is not an object"},
	Hostile{"MetricNoNumber", "71.25", "\"71\"", "records[0].metrics.p50_us is not a number"},
	Hostile{"MetricTooLarge", "71.25", "1e999", "not JSON"},
	Hostile{"DelayNegative", "\"slow_ms\": 20", "\"slow_ms\": -1", "negative slow_ms"},
	Hostile{"DepthNoNumber", "\"4\"", "\"4x\"", "records[0].parameters.iodepth is not a queue depth"},
	Hostile{"DepthZero", "\"4\"", "0", "records[0].parameters.iodepth is not a queue depth"},
	Hostile{"SeriesNoPairs", "[10, 4]", "[10]", "records[0].series.backlog[1] is not a pair"},
	Hostile{"SeriesNoNumbers", "[10, 4]", "[10, \"4\"]", "records[0].series.backlog[1][1] is not a number"},
	Hostile{"SeriesNoArray", "[[0, 0], [10, 4]]", "7", "records[0].series.backlog is not an array"}),
	[](const auto &info) { return info.param.name; });

TEST(Run, ReasonsLoseControlCharacters)
{
	std::string text = good;
	text.replace(text.find("\"series\""), 8, "\"reason\": \"a\\u001b[31mb\", \"series\"");

	EXPECT_EQ(Run::parse("run.json", text).records[0].reason, "a?[31mb");
}

TEST(Run, DeepNestingIsNoCrash)
{
	const std::string text(100000, '[');

	EXPECT_THAT([&] { Run::parse("deep.json", text); }, ThrowsMessage<Error>(StartsWith("deep.json: not JSON")));
}

TEST(Run, FilesThatCannotBeReadAreNamed)
{
	const auto directory = std::filesystem::path{testing::TempDir()};

	EXPECT_THAT([&] { Run::load(directory / "none.json"); },
		    ThrowsMessage<Error>(AllOf(HasSubstr("none.json"), HasSubstr("No such file"))));
	EXPECT_THAT([&] { Run::load(directory); }, ThrowsMessage<Error>(HasSubstr("Is a directory")));
	std::ofstream{directory / "empty.json"};
	EXPECT_THAT([&] { Run::load(directory / "empty.json"); }, ThrowsMessage<Error>(HasSubstr("empty.json: not JSON")));
}

} // namespace
} // namespace bench
