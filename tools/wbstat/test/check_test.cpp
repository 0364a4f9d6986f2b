// SPDX-License-Identifier: GPL-2.0
#include "check.h"

#include <gmock/gmock.h>

#include "fake_tree.h"

namespace wbstat {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Verdict check(const Sample &sample, const Limits &limits = {})
{
	return wbstat::check(sample, {}, limits);
}

TEST(Check, IsFineWithoutLimits)
{
	const auto verdict = check(two_members());
	EXPECT_EQ(verdict.status, Status::ok);
	EXPECT_EQ(verdict.line, "RAID1WB OK - md0: 2 members, lag 1.25 s, backlog 12 writes | "
				"md0_slot1_lag=1.25s;;;0 md0_slot1_backlog=12;;;0");
}

TEST(Check, KnowsLimitsOfLag)
{
	const auto sample = two_members();
	EXPECT_EQ(check(sample, {.max_lag = Milliseconds{1250}}).status, Status::ok);
	EXPECT_EQ(check(sample, {.max_lag = Milliseconds{1249}}).status, Status::critical);
	EXPECT_EQ(check(sample, {.warn_lag = Milliseconds{1250}}).status, Status::ok);
	EXPECT_EQ(check(sample, {.warn_lag = Milliseconds{1249}}).status, Status::warning);
	const auto verdict = check(sample, {.warn_lag = Milliseconds{500}, .max_lag = Milliseconds{1000}});
	EXPECT_EQ(verdict.status, Status::critical);
	EXPECT_EQ(verdict.line, "RAID1WB CRITICAL - md0: sdb lags 1.25 s | "
				"md0_slot1_lag=1.25s;0.5;1;0 md0_slot1_backlog=12;;;0");
}

TEST(Check, KnowsLimitsOfBacklog)
{
	const auto sample = two_members();
	EXPECT_EQ(check(sample, {.max_backlog = 12}).status, Status::ok);
	EXPECT_EQ(check(sample, {.max_backlog = 11}).status, Status::critical);
	EXPECT_EQ(check(sample, {.warn_backlog = 12}).status, Status::ok);
	EXPECT_EQ(check(sample, {.warn_backlog = 11}).status, Status::warning);
	EXPECT_THAT(check(sample, {.warn_backlog = 1, .max_backlog = 5}).line,
		    StartsWith("RAID1WB CRITICAL - md0: sdb lacks 12 writes | "));
	EXPECT_THAT(check(sample, {.warn_backlog = 1, .max_backlog = 5}).line, HasSubstr("md0_slot1_backlog=12;1;5;0"));
}

TEST(Check, AFailedMemberIsCritical)
{
	auto sample = two_members();
	sample.arrays[0].members[1].state = "faulty";
	EXPECT_EQ(check(sample).status, Status::critical);
	EXPECT_THAT(check(sample).line, HasSubstr("md0: sdb has failed"));
}

TEST(Check, AMissingMemberIsCritical)
{
	auto sample = two_members();
	sample.arrays[0].members.pop_back();
	EXPECT_EQ(check(sample).status, Status::critical);
	EXPECT_THAT(check(sample).line, HasSubstr("md0: nobody in slot 1"));
}

TEST(Check, CatchUpIsAWarning)
{
	auto sample = two_members();
	sample.arrays[0].members[1].state = "recovering";
	EXPECT_EQ(check(sample).status, Status::warning);
	sample = two_members();
	sample.arrays[0].catch_up = CatchUp{.action = "resync", .done_sectors = 1, .all_sectors = 4, .kib_per_second = 0};
	EXPECT_EQ(check(sample).status, Status::warning);
	EXPECT_THAT(check(sample).line, HasSubstr("md0: resync at 25.0 %"));
	sample.arrays[0].catch_up->action = "check";
	EXPECT_EQ(check(sample).status, Status::ok);
}

TEST(Check, TheWorstComesFirst)
{
	auto sample = two_members();
	sample.arrays[0].catch_up = CatchUp{.action = "resync"};
	sample.arrays.push_back(sample.arrays[0]);
	sample.arrays[1].name = "md1";
	sample.arrays[1].members[1].state = "faulty";
	EXPECT_THAT(check(sample).line, StartsWith("RAID1WB CRITICAL - md1: sdb has failed; md0: resync"));
}

TEST(Check, WhatIsUnknownHidesNothingCritical)
{
	auto sample = two_members();
	sample.arrays[0].members[1].state = "faulty";
	const auto verdict = wbstat::check(sample, {"md0", "md7"}, {});
	EXPECT_EQ(verdict.status, Status::critical);
	EXPECT_EQ(verdict.line, "RAID1WB CRITICAL - md0: sdb has failed; raid1wb does not run md7");
	sample.arrays[0].members[1].state = "recovering";
	EXPECT_EQ(wbstat::check(sample, {"md0", "md7"}, {}).status, Status::unknown);
}

TEST(Check, NothingThereIsUnknown)
{
	EXPECT_EQ(check(Sample{}).status, Status::unknown);
	EXPECT_EQ(check(Sample{}).line, "RAID1WB UNKNOWN - raid1wb is not loaded");
	EXPECT_EQ(check(Sample{.loaded = true, .arrays = {}}).line, "RAID1WB UNKNOWN - raid1wb runs no array");
	const auto verdict = wbstat::check(two_members(), {"md0", "md7"}, {});
	EXPECT_EQ(verdict.status, Status::unknown);
	EXPECT_THAT(verdict.line, StartsWith("RAID1WB UNKNOWN - raid1wb does not run md7 |"));
}

} // namespace
} // namespace wbstat
