// SPDX-License-Identifier: GPL-2.0
#include "table.h"

#include <gmock/gmock.h>

#include "fake_tree.h"

namespace wbstat {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Table, OfOneSample)
{
	EXPECT_EQ(make_table(two_members()),
		  "md0: active, 2 of 2 members, backlog 12 of 4096 writes, 48 KiB of 64 MiB, lag 1.25 s\n"
		  "  5 writes waited for all members: limit_count 5\n"
		  "  slot  device        state        backlog       bytes       lag\n"
		  "     0  nvme0n1       sync\n"
		  "     1  sdb           behind            12      48 KiB    1.25 s\n");
}

TEST(Table, OfTwoSamplesHasRates)
{
	const auto before = two_members();
	auto now = before;
	auto &member = now.arrays[0].members[1];
	member.behind_writes += 100;
	member.behind_bytes += 409600;
	member.dropped_writes += 20;
	member.backlog_writes -= 6;
	EXPECT_THAT(make_table(now, &before, Seconds{2}),
		    HasSubstr("backlog       bytes       lag     in/s    out/s  dropped/s          data   drained in\n"));
	EXPECT_THAT(make_table(now, &before, Seconds{2}),
		    HasSubstr("      6      48 KiB    1.25 s     50.0     43.0       10.0     200 KiB/s          2 s\n"));
}

TEST(Table, HasNoRatesOfAMemberThatWasNotThere)
{
	auto before = two_members();
	const auto now = before;
	before.arrays[0].members.pop_back();
	EXPECT_THAT(make_table(now, &before, Seconds{2}), HasSubstr("12      48 KiB    1.25 s\n"));
}

TEST(Table, ShowsCatchUp)
{
	auto sample = two_members();
	auto &catch_up = sample.arrays[0].catch_up.emplace();
	catch_up = {.action = "recover", .done_sectors = 250000, .all_sectors = 1000000, .kib_per_second = 1024};
	EXPECT_THAT(make_table(sample), HasSubstr("\n  recover: 25.0 %, 1 MiB/s, 6 min 6 s left\n"));
	catch_up.kib_per_second = 0;
	EXPECT_THAT(make_table(sample), HasSubstr("\n  recover: 25.0 %, 0 B/s\n"));
	catch_up.all_sectors = 0;
	EXPECT_THAT(make_table(sample), HasSubstr("\n  recover: not begun\n"));
}

TEST(Table, ShowsWhoIsMissing)
{
	auto sample = two_members();
	sample.arrays[0].members.pop_back();
	EXPECT_THAT(make_table(sample), HasSubstr("\n     1  -             missing\n"));
	EXPECT_THAT(make_table(sample), HasSubstr("1 of 2 members"));
}

TEST(Table, SaysNothingOfWaitingIfNobodyDid)
{
	auto sample = two_members();
	sample.arrays[0].waited["limit_count"] = 0;
	EXPECT_THAT(make_table(sample), Not(HasSubstr("waited")));
}

TEST(WhyNothing, IsOneLine)
{
	EXPECT_EQ(why_nothing(Sample{}, {}), "raid1wb is not loaded");
	EXPECT_EQ(why_nothing(Sample{}, {"md0"}), "raid1wb is not loaded");
	EXPECT_EQ(why_nothing(Sample{.loaded = true, .arrays = {}}, {}), "raid1wb runs no array");
	EXPECT_EQ(why_nothing(Sample{.loaded = true, .arrays = {}}, {"md0", "md1"}), "raid1wb does not run md0, md1");
	EXPECT_EQ(why_nothing(two_members(), {}), "");
}

} // namespace
} // namespace wbstat
