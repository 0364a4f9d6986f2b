// SPDX-License-Identifier: GPL-2.0
/* The test bench itself: disks that hold and fail bios, and arrays on them. */
#include "io.h"

static const struct test_shape mirror = { .slots = 2 };
static const struct test_shape behind = { .slots = 2, .write_mostly = BIT(SLOW) };

/* An array comes up without a sync, and goes without a trace. */
static void starts_and_stops(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);

	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	KUNIT_EXPECT_EQ(test, MaxSector, array->mddev->resync_offset);
	KUNIT_EXPECT_PTR_EQ(test, array->mddev->bitmap, test_conf(array)->seat.bitmap);
	KUNIT_EXPECT_NOT_NULL(test, array->mddev->bitmap);
	test_array_stop(array);
	KUNIT_EXPECT_EQ(test, 0, test_array_run(array));
}

/* What md has for the kernel's raid1 on such a member: it would not free that itself. */
static void keeps_no_serials(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct md_rdev *rdev = test_member(array, SLOW);

	KUNIT_EXPECT_FALSE(test, test_bit(CollisionCheck, &rdev->flags));
	KUNIT_EXPECT_NULL(test, rdev->serial);
}

static void writes_and_reads(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct test_io *write = test_write(array, 100, 8, 1);
	struct test_io *read;

	EXPECT_ENDS(write);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 100, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 100, 8, 1));
	read = test_read(array, 100, 8);
	EXPECT_ENDS(read);
	KUNIT_EXPECT_TRUE(test, test_io_holds(read, 1));
}

/* Nobody may change pages on their way, with a file system or through the device itself. */
static void pages_are_stable(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct gendisk *disk = array->mddev->gendisk;

	KUNIT_EXPECT_TRUE(test, bdev_stable_writes(disk->part0));
	KUNIT_EXPECT_TRUE(test, mapping_stable_writes(disk->part0->bd_mapping));
}

static struct kunit_case array_cases[] = {
	KUNIT_CASE(starts_and_stops),
	KUNIT_CASE(keeps_no_serials),
	KUNIT_CASE(writes_and_reads),
	KUNIT_CASE(pages_are_stable),
	{}
};

static struct kunit_suite array_suite = {
	.name = "raid1wb_array",
	.test_cases = array_cases,
};

kunit_test_suite(array_suite);
