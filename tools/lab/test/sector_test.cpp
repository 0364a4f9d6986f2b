// Sectors that describe themselves.
#include "lab/sector.h"

#include <array>

#include <gtest/gtest.h>

using namespace lab;

TEST(Sector, SaysWhatItIs)
{
	std::array<std::byte, sector_bytes> sector{};
	EXPECT_FALSE(read_stamp(sector));
	const SectorStamp written{Sectors{123}, Sequence{456}};
	stamp(sector, written);
	EXPECT_EQ(read_stamp(sector), written);
}

TEST(Sector, ShowsDamageAnywhere)
{
	std::array<std::byte, sector_bytes> sector{};
	stamp(sector, {Sectors{1}, Sequence{2}});
	for (std::size_t i = 0; i < sector.size(); i++) {
		sector[i] ^= std::byte{1};
		EXPECT_FALSE(read_stamp(sector)) << "byte " << i;
		sector[i] ^= std::byte{1};
	}
	EXPECT_TRUE(read_stamp(sector));
}

TEST(Sector, DiffersWithItsNumberAndItsWrite)
{
	std::array<std::byte, sector_bytes> one{}, other{};
	stamp(one, {Sectors{1}, Sequence{2}});
	stamp(other, {Sectors{2}, Sequence{1}});
	EXPECT_NE(one, other);
	stamp(other, {Sectors{1}, Sequence{3}});
	EXPECT_NE(one, other);
}
