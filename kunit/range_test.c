// SPDX-License-Identifier: GPL-2.0
/* Writes of all sizes and kinds: borders, discards, and those that may not wait. */
#include "io.h"
#include "format.h"

static const struct test_shape mirror = { .slots = 2 };
static const struct test_shape behind = { .slots = 2, .write_mostly = BIT(SLOW) };
static const struct test_shape behind3 = { .slots = 3, .write_mostly = BIT(SLOW) };

static bool is_on_all(struct test_array *array, sector_t sector, sector_t sectors,
		      u32 mark)
{
	int disk;

	for (disk = 0; disk < array->shape.slots; disk++)
		if (!test_disk_holds(array, disk, sector, sectors, mark))
			return false;
	return true;
}

/* ---- borders ---- */

/* Every chunk of a write needs its bit, the first and the last as well. */
static void across_chunks(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;
	int chunk;

	/* the one in the middle is dirty already */
	EXPECT_ENDS(test_write(array, 2 * TEST_CHUNK, 8, 9));
	test_settle(array);
	fake_disk_hold(slow, TEST_BITMAP);
	write = test_write(array, 2 * TEST_CHUNK - 1, TEST_CHUNK + 2, 1);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 2 * TEST_CHUNK, 8, 9));
	fake_disk_release(slow);
	EXPECT_ENDS(write);
	for (chunk = 0; chunk < 4; chunk++)
		KUNIT_EXPECT_EQ(test, chunk >= 1, test_bit_on_disk(array, SLOW, chunk));
	KUNIT_EXPECT_TRUE(test, test_wait(is_on_all(array, 2 * TEST_CHUNK - 1,
						    TEST_CHUNK + 2, 1)));
}

/* Chunks of a sector each, so that the bitmap has two pages. */
static const struct test_shape two_pages = {
	.slots = 2, .sectors = 40 << 10, .chunk_sectors = 1 };

/* A write whose bits are in two pages waits for both, on every member. */
static void across_bitmap_pages(struct kunit *test)
{
	static const sector_t page_sectors = R1WB_PAGE_BYTES >> SECTOR_SHIFT;
	struct test_array *array = test_array_start(test, &two_pages);
	sector_t border = r1wb_page_first_chunk(1);
	int page;

	for (page = 0; page < 2; page++) {
		struct fake_range range = { FAKE_WRITE, BITMAP_SECTOR + page * page_sectors,
					    page_sectors };
		sector_t sector = border - 4 + page;
		struct test_io *write;

		fake_disk_hold(test_disk(array, SLOW), range);
		write = test_write(array, sector - 8 * page, 8 + 16 * page, 1 + page);
		EXPECT_OPEN(write);
		KUNIT_EXPECT_FALSE(test, test_disk_holds(array, FAST, border, 1, 1 + page));
		fake_disk_release(test_disk(array, SLOW));
		EXPECT_ENDS(write);
		test_settle(array);
	}
	KUNIT_EXPECT_TRUE(test, is_on_all(array, border - 11, 24, 2));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, SLOW, border - 1));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, SLOW, border));
}

static void one_mebibyte(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct test_io *read;

	EXPECT_ENDS(test_write(array, 3, 2048, 1));
	KUNIT_EXPECT_TRUE(test, test_wait(is_on_all(array, 3, 2048, 1)));
	read = test_read(array, 3, 2048);
	EXPECT_ENDS(read);
	KUNIT_EXPECT_TRUE(test, test_io_holds(read, 1));
	KUNIT_EXPECT_EQ(test, 1, fake_disk_count(test_disk(array, SLOW),
						 TEST_ALL_DATA(FAKE_WRITE), array->since));
}

static void single_sectors(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	int i;

	for (i = 0; i < 16; i++)
		EXPECT_ENDS(test_write(array, i, 1, i + 1));
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_TRUE(test, test_wait(is_on_all(array, i, 1, i + 1)));
}

/* The array ends in the middle of a chunk. */
static void end_of_the_array(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .write_mostly = BIT(SLOW), .sectors = 1000 };
	struct test_array *array = test_array_start(test, &shape);

	KUNIT_EXPECT_EQ(test, 1000, array->mddev->array_sectors);
	EXPECT_ENDS(test_write(array, 992, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_wait(is_on_all(array, 992, 8, 1)));
	test_hurry_daemon(array);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, 7)));
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_write(array, 993, 8, 2), BLK_STS_IOERR));
}

/* ---- discards ---- */

/* All members get it, none is waited for that would not be for a write. */
static void discard_goes_behind(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	EXPECT_ENDS(test_write(array, 0, 64, 1));
	KUNIT_EXPECT_TRUE(test, test_wait(is_on_all(array, 0, 64, 1)));
	test_settle(array);
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_io_start(array, REQ_OP_DISCARD, 8, 16, 0));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 8, 16, 0));
	KUNIT_EXPECT_EQ(test, 1, fake_disk_nr_held(slow));
	test_hurry_daemon(array);
	EXPECT_ENDS(test_write(array, 20 * TEST_CHUNK, 8, 1));
	fake_disk_release_one(slow, 1);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, 20)));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 0));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(is_on_all(array, 8, 16, 0)));
	KUNIT_EXPECT_TRUE(test, is_on_all(array, 0, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, 0)));
}

/* A member that cannot discard, or not any more, has not failed. */
static void discard_is_a_hint(struct kunit *test)
{
	static const blk_status_t answers[] = { BLK_STS_NOTSUPP, BLK_STS_IOERR };
	struct test_array *array = test_array_start(test, &behind3);
	int slot, i;

	for (slot = 0; slot < array->shape.slots; slot++)
		for (i = 0; i < ARRAY_SIZE(answers); i++) {
			fake_disk_fail(test_disk(array, slot), TEST_ALL_DATA(FAKE_DISCARD),
				       answers[i], 1);
			EXPECT_ENDS(test_io_start(array, REQ_OP_DISCARD, 64 * i, 16, 0));
			test_settle(array);
		}
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
}

/* What is not announced is refused, and touches no member. */
static void write_zeroes_is_not_known(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct test_io *zeroes = test_io_new(array, REQ_OP_WRITE_ZEROES, 0, 8, 0);

	zeroes->whole = true;
	test_io_go(zeroes);
	KUNIT_EXPECT_TRUE(test, test_io_ends(zeroes, BLK_STS_NOTSUPP));
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(test_disk(array, FAST),
						 TEST_ALL_DATA(FAKE_ANY), array->since));
}

/* ---- writes that may not wait ---- */

#define NOWAIT	(REQ_OP_WRITE | REQ_NOWAIT)

static void nowait_passes_where_nothing_waits(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);

	fake_disk_hold(test_disk(array, SLOW), TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_io_start(array, NOWAIT, 0, 8, 1));
	EXPECT_ENDS(test_io_start(array, NOWAIT, 8, 8, 1));
	/* the members may wait: the submitter is gone */
	KUNIT_EXPECT_FALSE(test, fake_disk_find(test_disk(array, FAST), TEST_ALL_DATA(FAKE_WRITE),
						array->since)->opf & REQ_NOWAIT);
}

static void nowait_does_not_wait_for_its_turn(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	EXPECT_ENDS(test_io_start(array, NOWAIT, 4, 8, 2));
	KUNIT_EXPECT_EQ(test, 1, fake_disk_nr_held(slow));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(is_on_all(array, 4, 8, 2)));
	KUNIT_EXPECT_TRUE(test, is_on_all(array, 0, 4, 1));
}

/* But it would have to wait while nothing is accepted. */
static void nowait_does_not_wait_for_a_quiet_array(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct mddev *mddev = array->mddev;
	int i;

	mddev->pers->quiesce(mddev, 1);
	/* more often than there are requests in reserve */
	for (i = 0; i < 100; i++)
		KUNIT_ASSERT_TRUE(test, test_io_ends(test_io_start(array, NOWAIT, 4, 8, 2),
						     BLK_STS_AGAIN));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&test_conf(array)->order.tracked));
	mddev->pers->quiesce(mddev, 0);
	EXPECT_ENDS(test_io_start(array, NOWAIT, 4, 8, 3));
}

/* Neither for an array to become active. */
static void nowait_does_not_wait_for_a_superblock(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct mddev *mddev = array->mddev;

	mddev_lock_nointr(mddev);
	mddev->in_sync = 1;
	mddev_unlock(mddev);
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_io_start(array, NOWAIT, 0, 8, 1),
					     BLK_STS_AGAIN));
	KUNIT_EXPECT_EQ(test, 1, mddev->in_sync);
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	EXPECT_ENDS(test_io_start(array, NOWAIT, 0, 8, 2));
}

/* Nor for a failure to be recorded. */
static void nowait_does_not_wait_for_a_record(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct fake_disk *fast = test_disk(array, FAST);

	fake_disk_hold(fast, TEST_SUPER);
	test_array_fail(array, THIRD);
	test_settle(array);
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_io_start(array, NOWAIT, 0, 8, 1),
					     BLK_STS_AGAIN));
	fake_disk_release(fast);
	test_await_rest(array);
	EXPECT_ENDS(test_io_start(array, NOWAIT, 0, 8, 1));
}

/* An overlapping write in line is waited for, too. */
static void nowait_does_not_wait_while_quiesced(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct mddev *mddev = array->mddev;

	mddev->pers->quiesce(mddev, 1);
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_io_start(array, NOWAIT, 0, 8, 1),
					     BLK_STS_AGAIN));
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_io_start(array, NOWAIT | REQ_PREFLUSH, 0, 0, 0),
					     BLK_STS_AGAIN));
	mddev->pers->quiesce(mddev, 0);
	EXPECT_ENDS(test_io_start(array, NOWAIT, 0, 8, 1));
}

static struct kunit_case range_cases[] = {
	KUNIT_CASE(across_chunks),
	KUNIT_CASE(across_bitmap_pages),
	KUNIT_CASE(one_mebibyte),
	KUNIT_CASE(single_sectors),
	KUNIT_CASE(end_of_the_array),
	KUNIT_CASE(discard_goes_behind),
	KUNIT_CASE(discard_is_a_hint),
	KUNIT_CASE(write_zeroes_is_not_known),
	KUNIT_CASE(nowait_passes_where_nothing_waits),
	KUNIT_CASE(nowait_does_not_wait_for_its_turn),
	KUNIT_CASE(nowait_does_not_wait_for_a_quiet_array),
	KUNIT_CASE(nowait_does_not_wait_for_a_superblock),
	KUNIT_CASE(nowait_does_not_wait_for_a_record),
	KUNIT_CASE(nowait_does_not_wait_while_quiesced),
	{}
};

static struct kunit_suite range_suite = {
	.name = "raid1wb_range",
	.test_cases = range_cases,
};

kunit_test_suite(range_suite);
