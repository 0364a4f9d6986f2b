// SPDX-License-Identifier: GPL-2.0
// Differences of counters, and counters that begin again.
#include "rates.h"

#include <gtest/gtest.h>

namespace wbstat {
namespace {

const Member before{.slot = 1, .device = "sdb", .state = "behind", .backlog_writes = 100, .backlog_bytes = 400000,
		    .behind_writes = 1000, .behind_bytes = 4000000, .dropped_writes = 10};

Member after()
{
	auto member = before;
	member.backlog_writes = 60;
	member.backlog_bytes = 240000;
	member.behind_writes = 1200;
	member.behind_bytes = 4800000;
	member.dropped_writes = 30;
	return member;
}

TEST(Rates, AreASecond)
{
	const auto result = rates(before, after(), Seconds{2}).value();
	EXPECT_EQ(result.behind_writes, 100);
	EXPECT_EQ(result.behind_bytes, 400000);
	EXPECT_EQ(result.arrived_writes, 110);
	EXPECT_EQ(result.arrived_bytes, 480000);
	EXPECT_EQ(result.dropped_writes, 10);
}

TEST(Rates, TellWhenTheBacklogWillBeGone)
{
	EXPECT_EQ(rates(before, after(), Seconds{2}).value().drained, Seconds{3});
	EXPECT_EQ(rates(before, before, Seconds{2}).value().drained, std::nullopt);
	auto grown = after();
	grown.backlog_writes = 101;
	EXPECT_EQ(rates(before, grown, Seconds{2}).value().drained, std::nullopt);
	grown.backlog_writes = 0;
	EXPECT_EQ(rates(before, grown, Seconds{2}).value().drained, Seconds{0});
}

TEST(Rates, AreUnknownForAnotherMember)
{
	auto other = after();
	other.device = "sdc";
	EXPECT_FALSE(rates(before, other, Seconds{1}));
	EXPECT_FALSE(rates(after(), before, Seconds{1}));
	EXPECT_FALSE(rates(before, after(), Seconds{0}));
}

TEST(Rates, DoNotGoBelowNothing)
{
	auto torn = after();
	torn.backlog_writes = 5000;
	torn.backlog_bytes = 50000000;
	EXPECT_EQ(rates(before, torn, Seconds{1}).value().arrived_writes, 0);
	EXPECT_EQ(rates(before, torn, Seconds{1}).value().arrived_bytes, 0);
}

TEST(FindMember, KnowsArrayAndSlot)
{
	Array array;
	array.name = "md0";
	array.members = {before};
	const Sample sample{.loaded = true, .arrays = {array}};
	EXPECT_EQ(find_member(&sample, array, before), &sample.arrays[0].members[0]);
	EXPECT_EQ(find_member(nullptr, array, before), nullptr);
	array.name = "md1";
	EXPECT_EQ(find_member(&sample, array, before), nullptr);
	array.name = "md0";
	EXPECT_EQ(find_member(&sample, array, Member{.slot = 0}), nullptr);
}

} // namespace
} // namespace wbstat
