// SPDX-License-Identifier: GPL-2.0
// What became slower is named, what did not is not; the same is the same to the last digit.
#include "compare.h"

#include <gmock/gmock.h>

#include "fixture.h"

namespace bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

Run ours(double p50, double p99 = 100)
{
	return make_run({make_record("raid1wb", "s01", 20, p50, p99)});
}

TEST(Compare, FindsWhatBecameSlower)
{
	const auto result = compare(ours(100), ours(106), 0.05);

	EXPECT_EQ(result.compared, 2);
	EXPECT_EQ(result.worse, 1);
	EXPECT_EQ(result.better, 0);
	EXPECT_THAT(result.text, testing::ContainsRegex("s01, 20 ms +p50 +100 us -> +106 us  \\+6.0 %"));
	EXPECT_THAT(result.text, Not(HasSubstr("p99")));
}

TEST(Compare, FindsWhatBecameFaster)
{
	const auto result = compare(ours(106), ours(100), 0.05);

	EXPECT_EQ(result.worse, 0);
	EXPECT_EQ(result.better, 1);
	EXPECT_THAT(result.text, HasSubstr("Better than in run.json by more than 5 %"));
}

TEST(Compare, ToleratesFivePercent)
{
	EXPECT_EQ(compare(ours(100), ours(105), 0.05).worse, 0);
	EXPECT_EQ(compare(ours(100), ours(105.01), 0.05).worse, 1);
}

TEST(Compare, LessThroughputIsWorse)
{
	auto before = ours(100), after = ours(100);
	before.records[0].metrics["mib_s"] = 300;
	after.records[0].metrics["mib_s"] = 250;

	EXPECT_EQ(compare(before, after, 0.05).worse, 1);
	EXPECT_EQ(compare(after, before, 0.05).better, 1);
}

TEST(Compare, AnythingIsWorseThanNothing)
{
	auto before = ours(100), after = ours(100);
	before.records[0].metrics["stall_ms"] = 0;
	after.records[0].metrics["stall_ms"] = 3;

	EXPECT_EQ(compare(before, after, 0.05).worse, 1);
	EXPECT_EQ(compare(after, before, 0.05).better, 1);
	EXPECT_EQ(compare(before, before, 0.05).worse, 0);
}

TEST(Compare, CountsAndPeersDoNotMatter)
{
	auto before = ours(100), after = ours(100);
	before.records[0].metrics["writes"] = 1;
	after.records[0].metrics["writes"] = 1000;
	before.records.push_back(make_record("raid1", "s01", 20, 1, 1));
	after.records.push_back(make_record("raid1", "s01", 20, 1000, 1000));

	const auto result = compare(before, after, 0.05);
	EXPECT_EQ(result.compared, 2);
	EXPECT_EQ(result.worse, 0);
}

TEST(Compare, SaysWhichFiguresAreGone)
{
	auto before = ours(100), after = ours(100);
	before.records.push_back(make_record("raid1wb", "s01", 20, 1, 1, "dirty"));

	const auto result = compare(before, after, 0.05);
	EXPECT_EQ(result.compared, 2);
	EXPECT_THAT(result.text, HasSubstr("not measured this time:\n  s01 dirty, 20 ms p50_us\n  s01 dirty, 20 ms p99_us\n"));
}

TEST(Compare, NamesScenariosThatWereNotMeasuredOnce)
{
	const auto result = compare(make_run({make_record("raid1wb", "s01", 20, 1, 1), make_record("raid1wb", "s02", 1, 1, 1),
					      make_record("raid1wb", "s02", 20, 1, 1, "clean"),
					      make_record("raid1wb", "s02", 20, 1, 1, "dirty")}),
				    make_run({make_record("raid1wb", "s01", 20, 1, 1)}), 0.05);

	EXPECT_EQ(result.compared, 2);
	EXPECT_THAT(result.text, HasSubstr("Not measured this time: s02, 1 ms; s02, 20 ms.\n"));
}

TEST(Accept, KeepsOurFiguresOnly)
{
	auto none = make_record("raid1wb", "s09", 20, 1, 1);
	none.metrics.clear();
	const auto kept = accepted(make_run({make_record("fast", "s01", 20, 1, 1), make_record("raid1wb", "s01", 20, 2, 2),
					     make_record("raid1", "s01", 20, 3, 3), none}));

	ASSERT_EQ(kept.records.size(), 1);
	EXPECT_EQ(kept.records[0].target, "raid1wb");
	EXPECT_EQ(kept.commit, "abc");
}

TEST(Accept, RefusesARunWithoutUs)
{
	EXPECT_THAT([] { accepted(make_run({make_record("raid1", "s01", 20, 1, 1)})); },
		    ThrowsMessage<Error>(HasSubstr("run.json: has no figures of raid1wb")));
}

TEST(Same, IsSameToTheLastDigit)
{
	const auto result = same(ours(78.299), ours(78.299), {"s01"}, {"p50_us", "p99_us"});

	EXPECT_THAT(result.differences, ElementsAre());
	EXPECT_EQ(result.compared, 2);
}

TEST(Same, TheLastDigitCounts)
{
	const auto result = same(ours(78.299), ours(78.3), {"s01"}, {"p50_us", "p99_us"});

	EXPECT_THAT(result.differences, ElementsAre("s01, 20 ms, raid1wb in boot raid1wb/s01: p50_us: 78.299 and 78.3"));
}

TEST(Same, LooksAtWhatItWasAskedFor)
{
	const auto other = same(ours(1), ours(2), {"s02"}, {"p50_us"});
	EXPECT_EQ(other.compared, 0);
	EXPECT_THAT(other.differences, ElementsAre());

	EXPECT_THAT(same(ours(1), ours(2), {"s01"}, {"p99_us"}).differences, ElementsAre());
}

TEST(Same, WhatOnlyOneHasIsADifference)
{
	auto a = make_run({make_record("raid1", "s01", 20, 1, 1)});
	auto b = make_run({make_record("raid1", "s01", 1, 1, 1)});
	a.name = "a.json";
	b.name = "b.json";

	EXPECT_THAT(same(a, b, {"s01"}, {"p50_us"}).differences,
		    ElementsAre("s01, 20 ms, raid1 in boot raid1/s01: p50_us: 1, only in a.json",
				"s01, 1 ms, raid1 in boot raid1/s01: p50_us: 1, only in b.json"));
}

} // namespace
} // namespace bench
