// md's superblock: what is read, and what is refused.
#include "array.h"

#include "crashcheck/bytes.h"

#include <gmock/gmock.h>

namespace crashcheck::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Super : testing::Test {
	MdSuper super = some_super(1, 7);

	std::optional<MdSuper> read(const Bytes &bytes) { return read_md_super(bytes, super.start, device_size, &why); }
	std::optional<MdSuper> read() { return read(md_super_bytes(super)); }

	// After one number was changed, the checksum made right again.
	template <typename Number> std::optional<MdSuper> changed(std::size_t at, Number number)
	{
		Bytes bytes = md_super_bytes(super);
		put_little_endian(std::span(bytes), at, number);
		put_little_endian(std::span(bytes), 216, md_super_checksum(bytes));
		return read(bytes);
	}

	std::string why;
};

TEST_F(Super, TellsItsFields)
{
	super.write_mostly = true;
	super.resync_offset = max_sector;
	super.roles = {Role{0}, Role{1}, Role::faulty, Role::spare};
	const auto found = read();
	ASSERT_TRUE(found) << why;
	EXPECT_EQ(found->events, 7U);
	EXPECT_EQ(found->level, 1);
	EXPECT_EQ(found->size, array_size);
	EXPECT_EQ(found->data_offset, data_place);
	EXPECT_EQ(found->bitmap_offset, 8);
	EXPECT_EQ(found->device_number, 1U);
	EXPECT_EQ(found->own_role(), Role{1});
	EXPECT_THAT(found->roles, ElementsAre(Role{0}, Role{1}, Role::faulty, Role::spare));
	EXPECT_TRUE(found->write_mostly);
	EXPECT_TRUE(found->is_clean());
	EXPECT_FALSE(found->recovery_offset);
}

TEST_F(Super, TellsOfRebuildingOnlyWithTheFeature)
{
	super.recovery_offset = lab::Sectors{40};
	super.recovery_by_bitmap = true;
	auto found = read();
	ASSERT_TRUE(found) << why;
	EXPECT_EQ(found->recovery_offset, lab::Sectors{40});
	EXPECT_TRUE(found->recovery_by_bitmap);
	super.recovery_offset.reset();
	found = changed<std::uint64_t>(152, 40);
	ASSERT_TRUE(found);
	EXPECT_FALSE(found->recovery_offset);
}

TEST_F(Super, MayHaveItsBitmapInFront)
{
	super.bitmap_offset = -16;
	EXPECT_EQ(read()->bitmap_offset, -16);
	super.bitmap_offset.reset();
	EXPECT_FALSE(read()->bitmap_offset);
}

TEST_F(Super, IsFoundWhereEachVersionPutsIt)
{
	const auto places = super_places(lab::Sectors{1005});
	EXPECT_EQ(places[0], lab::Sectors{984}); // at least 8 KiB from the end, aligned to 4 KiB
	EXPECT_EQ(places[1], lab::Sectors{0});
	EXPECT_EQ(places[2], lab::Sectors{8});
	super.start = super_places(device_size)[0];
	super.data_offset = {};
	super.data_size = super.start;
	EXPECT_TRUE(read()) << why;
	super.start = {};
	super.data_offset = data_place;
	super.data_size = device_size - data_place;
	EXPECT_TRUE(read()) << why;
}

TEST_F(Super, IsRefusedIfDamaged)
{
	Bytes bytes = md_super_bytes(super);
	bytes[200] ^= std::byte{1};
	EXPECT_FALSE(read(bytes));
	EXPECT_EQ(why, "wrong checksum");
	bytes = md_super_bytes(super);
	bytes[258] ^= std::byte{1}; // a role
	EXPECT_FALSE(read(bytes));
	bytes = md_super_bytes(super);
	bytes[4000] = std::byte{1}; // behind the roles
	EXPECT_TRUE(read(bytes)) << why;
	bytes.resize(512);
	EXPECT_FALSE(read(bytes));
}

TEST_F(Super, IsRefusedAsMdWould)
{
	const auto refused = [&](const std::optional<MdSuper> &found, const std::string &text) {
		EXPECT_FALSE(found) << text;
		EXPECT_THAT(why, HasSubstr(text));
	};
	refused(changed<std::uint32_t>(0, 1), "magic");
	refused(changed<std::uint32_t>(4, 2), "version");
	refused(changed<std::uint32_t>(8, 1U << 13), "features");
	refused(changed<std::uint32_t>(220, 2000), "roles");
	refused(changed<std::uint64_t>(144, 0), "made for sector");
	refused(changed<std::uint32_t>(12, 1), "padding");
	refused(changed<std::uint8_t>(250, 1), "padding");
	refused(changed<std::uint64_t>(136, 9), "only 9 sectors");
	refused(changed<std::uint64_t>(128, 8), "begin before");
	refused(changed<std::uint64_t>(128, UINT64_MAX), "beyond the end");
	refused(changed<std::uint64_t>(136, 449), "beyond the end");
	refused(changed<std::uint32_t>(8, 8), "bad block log");
}

// As mdadm 4.2 and md 6.12 wrote it; only the bytes that are not zero.
TEST(RealSuper, IsUnderstood)
{
#include "real_super.inc"
	std::string why;
	const auto super = read_md_super(bytes, lab::Sectors{8}, lab::Sectors{65536}, &why);
	ASSERT_TRUE(super) << why;
	EXPECT_EQ(super->level, 1);
	EXPECT_EQ(super->raid_disks, 2U);
	EXPECT_EQ(super->bitmap_offset, 8);
	EXPECT_EQ(super->data_offset, lab::Sectors{2048});
	EXPECT_EQ(super->size, lab::Sectors{63488});
	EXPECT_EQ(super->roles.size(), 128U);
	EXPECT_EQ(super->own_role(), Role{1});
	EXPECT_TRUE(super->write_mostly);
}

TEST(BadBlockLog, TellsRanges)
{
	Bytes bytes(4096, std::byte{0xff});
	put_little_endian(std::span(bytes), 0, std::uint64_t{100 << 10 | 3});
	put_little_endian(std::span(bytes), 8, std::uint64_t{200 << 10 | 1});
	const auto ranges = read_bad_blocks(bytes, 1);
	ASSERT_TRUE(ranges);
	ASSERT_EQ(ranges->size(), 2U);
	EXPECT_EQ((*ranges)[0].begin, lab::Sectors{200});
	EXPECT_EQ((*ranges)[0].end, lab::Sectors{206});
	EXPECT_EQ((*ranges)[1].begin, lab::Sectors{400});
	EXPECT_TRUE(is_among(*ranges, {200}));
	EXPECT_TRUE(is_among(*ranges, {205}));
	EXPECT_FALSE(is_among(*ranges, {206}));
	EXPECT_FALSE(is_among(*ranges, {399}));
	EXPECT_TRUE(is_among(*ranges, {401}));
	put_little_endian(std::span(bytes), 8, std::uint64_t{200 << 10});
	EXPECT_FALSE(read_bad_blocks(bytes, 1));
}

TEST(Bitmap, SuperblockComesBackAsItWasWritten)
{
	BitmapSuper super = some_bitmap(11);
	super.state = bitmap_stale;
	super.reserved = {4};
	const Bytes bytes = bitmap_bytes(super, {});
	EXPECT_EQ(read_bitmap_super(std::span(bytes).first<bitmap_super_bytes.count>()), super);
}

TEST(Bitmap, BitsFollowTheSuperblock)
{
	const BitmapCopy copy(bitmap_bytes(some_bitmap(1), {0, 9, 31}));
	for (std::uint64_t chunk = 0; chunk < 64; chunk++)
		EXPECT_EQ(copy.test(Chunk{chunk}), chunk == 0 || chunk == 9 || chunk == 31) << chunk;
	EXPECT_FALSE(copy.test(Chunk{1 << 20}));
}

TEST(ChunkGrid, CutsTheArray)
{
	const Grid grid(lab::Sectors{20}, 4096);
	EXPECT_EQ(grid.chunks(), 3U);
	EXPECT_EQ(grid.chunk_of({7}), Chunk{0});
	EXPECT_EQ(grid.chunk_of({8}), Chunk{1});
	EXPECT_EQ(grid.begin_of(Chunk{2}), lab::Sectors{16});
	EXPECT_EQ(grid.end_of(Chunk{2}), lab::Sectors{20});
	EXPECT_TRUE(Grid::is_chunk_size(512));
	EXPECT_FALSE(Grid::is_chunk_size(256));
	EXPECT_FALSE(Grid::is_chunk_size(3072));
}

} // namespace
} // namespace crashcheck::test
