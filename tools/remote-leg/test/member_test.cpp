// SPDX-License-Identifier: GPL-2.0
#include "member.h"

#include <gtest/gtest.h>

#include "failure.h"
#include "fake_tree.h"

namespace remote_leg {
namespace {

// md0 of sda and of the second partition of sdb; md1 of dm-0.
class TwoArrays : public ::testing::Test {
protected:
	TwoArrays()
	{
		sys_.set("devices/sda/dev", "8:0");
		sys_.set("devices/sdb/sdb2/partition", "2");
		sys_.set("devices/sdb/sdb2/dev", "8:18");
		sys_.make("devices/dm-0");
		sys_.link("block/sda", "devices/sda");
		sys_.link("block/sdb", "devices/sdb");
		sys_.link("block/md0/md/dev-sda/block", "devices/sda");
		sys_.link("block/md0/md/dev-sdb2/block", "devices/sdb/sdb2");
		sys_.link("block/md1/md/dev-dm-0/block", "devices/dm-0");
		sys_.set("block/md0/md/dev-sda/state", "in_sync");
		sys_.set("block/md0/md/dev-sdb2/state", "faulty,write_mostly");
	}

	FakeTree sys_;
};

TEST_F(TwoArrays, MembersAreFoundByTheirDisk)
{
	EXPECT_TRUE(members_on("sdc", sys_.root()).empty());
	const auto members = members_on("sda", sys_.root());
	ASSERT_EQ(members.size(), 1u);
	EXPECT_EQ(members[0].array(), "/dev/md0");
	EXPECT_EQ(members[0].device(), "/dev/sda");
	EXPECT_FALSE(members[0].has_failed());
}

TEST_F(TwoArrays, PartitionsAreOfTheirDisk)
{
	const auto members = members_on("sdb", sys_.root());
	ASSERT_EQ(members.size(), 1u);
	EXPECT_EQ(members[0].device(), "/dev/sdb2");
	EXPECT_TRUE(members[0].has_failed());
}

TEST_F(TwoArrays, MembersAreTakenOutOnlyByMd)
{
	EXPECT_TRUE(members_on("sda", sys_.root())[0].take_out());
	EXPECT_EQ(read_line(sys_ / "block/md0/md/dev-sda/state"), "remove");
}

TEST_F(TwoArrays, NobodyUsesADisk)
{
	sys_.set("mounts", "24 1 8:1 / / rw - ext4 /dev/sdc1 rw");
	EXPECT_EQ(who_uses("sda", sys_.root(), sys_ / "mounts"), "");
}

TEST_F(TwoArrays, SomebodyUsesAPartition)
{
	sys_.make("devices/sdb/sdb2/holders/md0");
	EXPECT_EQ(who_uses("sdb", sys_.root(), sys_ / "mounts"), "sdb2 is in use by md0: first remove it from there, or stop that");
}

TEST_F(TwoArrays, ADiskIsMounted)
{
	sys_.set("mounts", "24 1 8:18 / /home rw - ext4 /dev/sdb2 rw");
	EXPECT_EQ(who_uses("sdb", sys_.root(), sys_ / "mounts"), "sdb2 is mounted: first umount /home");
}

TEST(Device, MustBeABlockDevice)
{
	FakeTree tree;
	tree.set("file", "");
	EXPECT_THROW(check_free(tree / "file"), Failure);
	EXPECT_THROW(check_free(tree / "nothing"), Failure);
}

} // namespace
} // namespace remote_leg
