// SPDX-License-Identifier: GPL-2.0
// What is read from sysfs, and what is not there.
#include <gmock/gmock.h>

#include "fake_tree.h"

namespace wbstat {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Sample, HasEveryValueOfAnArray)
{
	const auto sample = two_members();
	ASSERT_EQ(sample.arrays.size(), 1);
	const auto &array = sample.arrays[0];

	EXPECT_TRUE(sample.loaded);
	EXPECT_EQ(array.name, "md0");
	EXPECT_EQ(array.state, "active");
	EXPECT_EQ(array.slots, 2);
	EXPECT_EQ(array.backlog_writes, 12);
	EXPECT_EQ(array.backlog_bytes, 49152);
	EXPECT_EQ(array.limit_writes, 4096);
	EXPECT_EQ(array.limit_bytes, 67108864);
	EXPECT_EQ(array.behind_writes, 1000);
	EXPECT_EQ(array.dropped_writes, 30);
	EXPECT_EQ(array.max_backlog_writes, 400);
	EXPECT_EQ(array.max_backlog_bytes, 1638400);
	EXPECT_EQ(array.lag, Milliseconds{1250});
	EXPECT_THAT(array.waited, ElementsAre(testing::Pair("limit_count", 5), testing::Pair("no_memory", 0)));
	EXPECT_EQ(array.all_waited(), 5);
	EXPECT_EQ(array.working(), 2);
	EXPECT_THAT(array.missing_slots(), IsEmpty());
	EXPECT_FALSE(array.catch_up);
}

TEST(Sample, HasEveryValueOfAMember)
{
	const auto sample = two_members();
	ASSERT_EQ(sample.arrays.at(0).members.size(), 2);
	const auto &member = sample.arrays[0].members[1];

	EXPECT_EQ(member.slot, 1);
	EXPECT_EQ(member.device, "sdb");
	EXPECT_EQ(member.state, "behind");
	EXPECT_EQ(member.lag, Milliseconds{1250});
	EXPECT_EQ(member.max_lag, Milliseconds{2000});
	EXPECT_EQ(member.backlog_writes, 12);
	EXPECT_EQ(member.backlog_bytes, 49152);
	EXPECT_EQ(member.behind_writes, 1000);
	EXPECT_EQ(member.behind_bytes, 4096000);
	EXPECT_EQ(member.dropped_writes, 30);
	EXPECT_EQ(member.max_backlog_writes, 400);
	EXPECT_EQ(member.max_backlog_bytes, 1638400);
	EXPECT_TRUE(member.is_behind());
	EXPECT_FALSE(sample.arrays[0].members[0].is_behind());
}

TEST(Sample, IsEmptyWithoutTheModule)
{
	FakeTree fake;
	EXPECT_FALSE(take_sample(fake.tree()).loaded);
	EXPECT_THAT(take_sample(fake.tree()).arrays, IsEmpty());
	fake.load();
	EXPECT_TRUE(take_sample(fake.tree()).loaded);
	EXPECT_THAT(take_sample(fake.tree()).arrays, IsEmpty());
}

TEST(Sample, KnowsAModuleThatIsBuiltIn)
{
	FakeTree fake;
	fake.add_array("md0");
	EXPECT_TRUE(take_sample(fake.tree()).loaded);
}

TEST(Sample, LeavesReplacementsOut)
{
	FakeTree fake;
	fake.add_array("md0");
	const auto members = take_sample(fake.tree()).arrays.at(0).members.size();
	fake.set("block/md0/md/write_behind/slot0-replacement/device", "sdc");
	fake.set("block/md0/md/write_behind/slot0-replacement/state", "recovering");
	EXPECT_EQ(take_sample(fake.tree()).arrays.at(0).members.size(), members);
}

TEST(Sample, LeavesOtherDevicesOut)
{
	FakeTree fake;
	fake.add_array("md2");
	fake.add_array("md0");
	fake.add_array("md1");
	fake.remove("block/md1/md/write_behind");
	fake.set("block/sda/size", "100");
	const auto sample = take_sample(fake.tree());
	ASSERT_EQ(sample.arrays.size(), 2);
	EXPECT_EQ(sample.arrays[0].name, "md0");
	EXPECT_EQ(sample.arrays[1].name, "md2");
	EXPECT_EQ(take_sample(fake.tree(), {"md2"}).arrays.at(0).name, "md2");
	EXPECT_EQ(take_sample(fake.tree(), {"md2"}).arrays.size(), 1);
	EXPECT_EQ(sample.find("md2"), &sample.arrays[1]);
	EXPECT_EQ(sample.find("md1"), nullptr);
}

TEST(Sample, KnowsWhoIsMissing)
{
	FakeTree fake;
	fake.add_array("md0");
	fake.set("block/md0/md/raid_disks", "3");
	fake.remove("block/md0/md/write_behind/slot0");
	const auto array = take_sample(fake.tree()).arrays.at(0);
	EXPECT_THAT(array.missing_slots(), ElementsAre(0, 2));
	EXPECT_EQ(array.working(), 1);
}

TEST(Sample, SortsSlotsAsNumbers)
{
	FakeTree fake;
	fake.add_array("md0");
	fake.set("block/md0/md/write_behind/slot10/device", "sdk");
	fake.set("block/md0/md/write_behind/slot10/state", "faulty");
	fake.set("block/md0/md/write_behind/slots/device", "nonsense");
	fake.set("block/md0/md/write_behind/slot1x/device", "nonsense");
	const auto array = take_sample(fake.tree()).arrays.at(0);
	ASSERT_EQ(array.members.size(), 3);
	EXPECT_EQ(array.members[2].slot, 10);
	EXPECT_TRUE(array.members[2].has_failed());
	EXPECT_EQ(array.working(), 2);
}

TEST(Sample, LeavesOutAMemberThatGoesMeanwhile)
{
	FakeTree fake;
	fake.add_array("md0");
	fake.remove("block/md0/md/write_behind/slot1/state");
	EXPECT_EQ(take_sample(fake.tree()).arrays.at(0).members.size(), 1);
}

TEST(Sample, TakesNonsenseForNothing)
{
	FakeTree fake;
	fake.add_array("md0");
	for (const auto value : {"", "x", "-1", "12x", "99999999999999999999999"}) {
		fake.set("block/md0/md/write_behind/slot1/lag_ms", value);
		EXPECT_EQ(take_sample(fake.tree()).arrays.at(0).members.at(1).lag, Milliseconds{0}) << value;
	}
}

TEST(CatchUp, IsReadWhileItGoesOn)
{
	FakeTree fake;
	fake.add_array("md0");
	fake.set("block/md0/md/sync_action", "recover");
	fake.set("block/md0/md/sync_completed", "250000 / 1000000");
	fake.set("block/md0/md/sync_speed", "1000");
	const auto catch_up = take_sample(fake.tree()).arrays.at(0).catch_up.value();
	EXPECT_EQ(catch_up.action, "recover");
	EXPECT_EQ(catch_up.done(), 0.25);
	EXPECT_EQ(catch_up.left(), std::chrono::seconds{375});
	EXPECT_TRUE(catch_up.is_needed());
}

TEST(CatchUp, MayNotHaveBegun)
{
	FakeTree fake;
	fake.add_array("md0");
	fake.set("block/md0/md/sync_action", "resync");
	fake.set("block/md0/md/sync_completed", "delayed");
	const auto catch_up = take_sample(fake.tree()).arrays.at(0).catch_up.value();
	EXPECT_EQ(catch_up.done(), 0);
	EXPECT_EQ(catch_up.left(), std::nullopt);
}

TEST(CatchUp, IsNotWhatIsFrozen)
{
	FakeTree fake;
	fake.add_array("md0");
	fake.set("block/md0/md/sync_action", "frozen");
	EXPECT_FALSE(take_sample(fake.tree()).arrays.at(0).catch_up);
	fake.set("block/md0/md/sync_action", "check");
	EXPECT_FALSE(take_sample(fake.tree()).arrays.at(0).catch_up.value().is_needed());
}

TEST(CatchUp, MayHaveOvershot)
{
	const CatchUp catch_up{.action = "resync", .done_sectors = 20, .all_sectors = 10, .kib_per_second = 1};
	EXPECT_EQ(catch_up.left(), std::chrono::seconds{0});
}

} // namespace
} // namespace wbstat
