#include "soak/pattern.h"

#include <array>

#include <gtest/gtest.h>

namespace soak {
namespace {

using TwoSectors = std::array<std::byte, 2 * sector_bytes>;
constexpr Content write_7{7}, write_8{8};

TwoSectors two(Sectors begin, Content write)
{
	TwoSectors data;
	fill(data, begin, write);
	return data;
}

TEST(Pattern, SectorsSayWhereTheyBelongAndWhoWroteThem)
{
	const TwoSectors data = two({100}, write_7);
	EXPECT_EQ(identify(sector_at(data, 0), {100}), write_7);
	EXPECT_EQ(identify(sector_at(data, 1), {101}), write_7);
	EXPECT_EQ(identify(sector_at(data, 1), {100}), std::nullopt);
	EXPECT_TRUE(holds(sector_at(data, 0), {100}, write_7));
	EXPECT_FALSE(holds(sector_at(data, 0), {100}, write_8));
	EXPECT_FALSE(holds(sector_at(data, 0), {101}, write_7));
}

TEST(Pattern, EveryByteCounts)
{
	for (std::size_t i = 0; i < sector_bytes; i++) {
		TwoSectors data = two({5}, write_7);
		data[i] ^= std::byte{1};
		EXPECT_EQ(identify(sector_at(data, 0), {5}), std::nullopt) << "byte " << i;
	}
}

TEST(Pattern, ZeroesAreZeroes)
{
	TwoSectors data{};
	EXPECT_EQ(identify(sector_at(data, 0), {5}), Content::zeroes);
	data[sector_bytes - 1] = std::byte{1};
	EXPECT_EQ(identify(sector_at(data, 0), {5}), std::nullopt);
	EXPECT_FALSE(holds(sector_at(data, 0), {5}, Content::zeroes));
}

TEST(Pattern, DescribesWhatIsInTheWrongPlace)
{
	TwoSectors data = two({100}, write_7);
	EXPECT_EQ(describe(sector_at(data, 0), {100}), "write 7");
	EXPECT_EQ(describe(sector_at(data, 0), {9}), "write 7 of sector 100");
	data[sector_bytes - 1] ^= std::byte{1};
	EXPECT_EQ(describe(sector_at(data, 0), {100}), "a torn sector that begins like write 7 of sector 100");
}

TEST(Pattern, AMixIsOfWhatIsNamed)
{
	constexpr Content write_9{9};
	TwoSectors data = two({100}, write_7);
	const TwoSectors other = two({100}, write_8);
	std::copy_n(other.begin() + 200, 100, data.begin() + 200);
	const auto is_mix_of = [&](std::initializer_list<Content> contents) {
		return is_mix(sector_at(data, 0), {100}, std::vector(contents));
	};
	EXPECT_TRUE(is_mix_of({write_7, write_8}));
	EXPECT_TRUE(is_mix_of({write_7, Content::anything}));
	EXPECT_FALSE(is_mix_of({write_7}));
	EXPECT_FALSE(is_mix_of({write_7, write_9}));
	std::fill_n(data.begin() + 200, 100, std::byte{});
	EXPECT_TRUE(is_mix_of({Content::zeroes, write_7}));
	EXPECT_FALSE(is_mix_of({write_8, write_7}));
	EXPECT_FALSE(is_mix(sector_at(data, 0), {101}, std::vector{Content::zeroes, write_7}));
}

} // namespace
} // namespace soak
