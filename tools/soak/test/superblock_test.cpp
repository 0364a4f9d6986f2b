#include "soak/superblock.h"

#include <gtest/gtest.h>

namespace soak {
namespace {

constexpr const char *examined = R"(/dev/vda:
          Magic : a92b4efc
        Version : 1.2
     Array UUID : 00000000:00000001:00000006:736f616b
     Raid Level : raid1

 Avail Dev Size : 194560 sectors (95.00 MiB 99.61 MB)
     Array Size : 30520 KiB (29.80 MiB 31.25 MB)
  Used Dev Size : 61040 sectors (29.80 MiB 31.25 MB)
    Device UUID : 0c1911b0:f925d517:704f3ed9:4eeaac46
         Events : 48
)";

TEST(Superblock, IsRead)
{
	const auto superblock = superblock_in(examined);
	ASSERT_TRUE(superblock);
	EXPECT_EQ(superblock->array, "00000000:00000001:00000006:736f616b");
	EXPECT_EQ(superblock->size, Sectors{61040});
	EXPECT_EQ(superblock->events, 48U);
}

TEST(Superblock, IsNotThere)
{
	EXPECT_FALSE(superblock_in("mdadm: No md superblock detected on /dev/vda.\n"));
}

TEST(Superblock, DisksOfOneSizeFit)
{
	const Superblock older{"a", {100}, 5}, newer{"a", {100}, 9};
	EXPECT_EQ(that_fit({{0, older}, {2, newer}}), (std::vector<unsigned>{0, 2}));
	EXPECT_TRUE(that_fit({}).empty());
}

TEST(Superblock, ADiskThatMissedAResizeDoesNotFit)
{
	const Superblock left_behind{"a", {100}, 5}, member{"a", {300}, 9}, other{"a", {300}, 8};
	EXPECT_EQ(that_fit({{0, left_behind}, {1, member}, {2, other}}), (std::vector<unsigned>{1, 2}));
}

} // namespace
} // namespace soak
