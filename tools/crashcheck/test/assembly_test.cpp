// Who is taken into an array, and whose bitmap is believed.
#include "array.h"

#include <gmock/gmock.h>

namespace crashcheck::test {
namespace {

using testing::ElementsAre;

// Metadata of two members, or more, without any disk.
struct Array : testing::Test {
	std::vector<MdSuper> supers{some_super(0, 10), some_super(1, 10)};
	std::vector<BitmapSuper> bitmaps{some_bitmap(10), some_bitmap(10)};
	std::vector<BitmapCopy> copies;
	const std::vector<BadBlocks> no_bad_blocks;

	Metadata metadata()
	{
		Metadata metadata;
		copies.clear();
		copies.reserve(supers.size());
		metadata.places = {{bitmap_offset, array_size}};
		for (std::size_t i = 0; i < supers.size(); i++) {
			copies.emplace_back(bitmap_bytes(bitmaps[i], {}));
			metadata.members.push_back({&supers[i], &no_bad_blocks, {&copies[i]}});
		}
		return metadata;
	}

	std::vector<Standing> standings(const std::vector<std::size_t> &list = {0, 1})
	{
		const Assembly assembly(metadata(), list);
		std::vector<Standing> all(supers.size(), Standing::left_out);
		for (const AssembledMember &member : assembly.members())
			all[member.member] = member.standing;
		return all;
	}

	Trust trust(const TrustRule &rule, const std::vector<std::size_t> &list = {0, 1})
	{
		const Metadata here = metadata();
		return rule.trust(Assembly(here, list), here);
	}

	KernelRule kernel;
	OurRule ours;
};

using Verdict = Trust::Verdict;
constexpr Standing in_sync = Standing::in_sync;
constexpr Standing left_out = Standing::left_out;

TEST_F(Array, TakesMembersThatAgree)
{
	EXPECT_THAT(standings(), ElementsAre(in_sync, in_sync));
	EXPECT_THAT(standings({1}), ElementsAre(left_out, in_sync));
}

// A replacement that is in sync, and the member that it replaces: the other slot has nobody.
TEST_F(Array, HasOneSlotForAMemberAndItsReplacement)
{
	supers[1].roles = supers[0].roles = {Role{0}, Role{0}};
	EXPECT_THAT(standings(), ElementsAre(in_sync, in_sync));
	const Metadata here = metadata();
	EXPECT_TRUE(Assembly(here, {0, 1}).is_degraded());
}

// The replacement is the first to say that it is one.
TEST_F(Array, TakesAMemberThatDoesNotKnowItsReplacementYet)
{
	supers.push_back(some_super(2, 11));
	bitmaps.push_back(some_bitmap(10));
	supers[2].roles = {Role{0}, Role{1}, Role{0}};
	supers[2].replacement = true;
	supers[2].recovery_offset = lab::Sectors{8};
	EXPECT_THAT(standings({2, 0, 1}), ElementsAre(in_sync, in_sync, Standing::recovering));
}

TEST_F(Array, LetsOneEventPassButNotTwo)
{
	supers[0].events = 11;
	EXPECT_THAT(standings(), ElementsAre(in_sync, in_sync));
	supers[0].events = 12;
	EXPECT_THAT(standings(), ElementsAre(in_sync, left_out));
}

TEST_F(Array, BelievesTheFreshestAboutRoles)
{
	supers[0].events = 11;
	supers[0].roles[1] = Role::faulty;
	EXPECT_THAT(standings(), ElementsAre(in_sync, left_out));
	EXPECT_THAT(standings({1, 0}), ElementsAre(in_sync, left_out));
	EXPECT_THAT(standings({1}), ElementsAre(left_out, in_sync));
}

TEST_F(Array, LeavesOutWhoTakesTheFreshestForFailed)
{
	supers[0].events = 11;
	supers[1].roles[0] = Role::faulty;
	EXPECT_THAT(standings(), ElementsAre(in_sync, left_out));
}

TEST_F(Array, KnowsSparesStrangersAndTheRebuilt)
{
	supers[1].roles[1] = Role::spare;
	EXPECT_THAT(standings(), ElementsAre(in_sync, left_out));
	EXPECT_EQ(Assembly(metadata(), {1}).failure(), Failure::no_superblock);
	supers[1] = some_super(1, 10);
	supers[1].set_uuid[0] = std::byte{1};
	EXPECT_THAT(standings(), ElementsAre(in_sync, left_out));
	supers[1] = some_super(1, 10);
	supers[1].recovery_offset = lab::Sectors{8};
	EXPECT_THAT(standings(), ElementsAre(in_sync, Standing::recovering));
	EXPECT_EQ(Assembly(metadata(), {1}).failure(), Failure::no_leg);
	EXPECT_TRUE(Assembly(metadata(), {0, 1}).is_degraded());
}

TEST_F(Array, TheFirstOfTheFreshestTells)
{
	supers[1].resync_offset = max_sector;
	EXPECT_FALSE(Assembly(metadata(), {0, 1}).array().is_clean());
	EXPECT_TRUE(Assembly(metadata(), {1, 0}).array().is_clean());
}

TEST_F(Array, TheKernelBelievesTheFirstInTheList)
{
	supers[0].write_mostly = true;
	EXPECT_EQ(trust(kernel, {0, 1}).member, 0U);
	EXPECT_EQ(trust(kernel, {1, 0}).member, 1U);
	supers[0].recovery_offset = lab::Sectors{8};
	EXPECT_EQ(trust(kernel, {0, 1}).member, 1U);
}

TEST_F(Array, WeBelieveThoseThatAreNotWriteMostly)
{
	supers[0].write_mostly = true;
	EXPECT_EQ(trust(ours, {0, 1}).member, 1U);
	EXPECT_EQ(trust(ours, {1, 0}).member, 1U);
	EXPECT_EQ(trust(ours, {0}).member, 0U);
	supers[1].write_mostly = true;
	EXPECT_EQ(trust(ours, {0, 1}).member, 0U);
}

TEST_F(Array, WeBelieveThoseThatAreAwake)
{
	supers[0].write_mostly = true;
	bitmaps[1].events = bitmap_asleep;
	EXPECT_EQ(trust(ours, {1, 0}).member, 0U);
	EXPECT_EQ(trust(ours, {1}).member, 1U);
	EXPECT_EQ(trust(ours, {1}).verdict, Verdict::bits);
	EXPECT_EQ(trust(kernel, {1, 0}).member, 1U);
}

TEST_F(Array, AnOldBitmapSaysNothing)
{
	bitmaps[0].events = 9;
	EXPECT_EQ(trust(ours).verdict, Verdict::all);
	EXPECT_EQ(trust(kernel).verdict, Verdict::all);
	EXPECT_EQ(trust(kernel).events_cleared, 10U);
	bitmaps[0].events = 11;
	EXPECT_EQ(trust(ours).verdict, Verdict::bits);
	EXPECT_EQ(trust(kernel).verdict, Verdict::bits);
	bitmaps[0].state = bitmap_stale;
	EXPECT_EQ(trust(ours).verdict, Verdict::all);
	EXPECT_EQ(trust(kernel).verdict, Verdict::all);
}

TEST_F(Array, OnlyWeMindABitmapOfASmallerArray)
{
	bitmaps[0].sync_size = array_size - lab::Sectors{1};
	EXPECT_EQ(trust(ours).verdict, Verdict::all);
	EXPECT_EQ(trust(kernel).verdict, Verdict::bits);
}

TEST_F(Array, OnlyWeKnowABitmapThatWasNeverUsed)
{
	bitmaps[0].events = bitmaps[0].events_cleared = 0;
	EXPECT_EQ(trust(ours).verdict, Verdict::all);
	supers[0].resync_offset = supers[1].resync_offset = max_sector;
	EXPECT_EQ(trust(ours).verdict, Verdict::nothing);
	EXPECT_EQ(trust(ours, {0}).verdict, Verdict::all);
	EXPECT_EQ(trust(kernel).verdict, Verdict::all);
}

TEST_F(Array, DamagedAndForeignBitmapsAreRefused)
{
	const auto refused = [&](const BitmapSuper &super) {
		bitmaps[0] = super;
		EXPECT_EQ(trust(ours).verdict, Verdict::refused);
		EXPECT_EQ(trust(kernel).verdict, Verdict::refused);
	};
	BitmapSuper super = some_bitmap(10);
	super.magic = 1;
	refused(super);
	super = some_bitmap(10);
	super.uuid[0] = std::byte{1};
	refused(super);
	super = some_bitmap(10);
	super.chunk_bytes = 5000;
	refused(super);
	super = some_bitmap(10);
	super.version = 7;
	refused(super);
}

TEST_F(Array, MayHaveNoBitmap)
{
	supers[0].bitmap_offset.reset();
	EXPECT_EQ(trust(ours).verdict, Verdict::no_bitmap);
}

} // namespace
} // namespace crashcheck::test
