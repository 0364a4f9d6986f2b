// SPDX-License-Identifier: GPL-2.0
/* Who is read (I6), and what happens when that fails. */
#include "io.h"

static const struct test_shape mirror = { .slots = 2, .bad_blocks = true };
static const struct test_shape behind = {
	.slots = 2, .write_mostly = BIT(SLOW), .bad_blocks = true };
static const struct test_shape two_slow = {
	.slots = 3, .write_mostly = BIT(SLOW) | BIT(THIRD) };

static unsigned int reads(struct test_array *array, int disk, unsigned int since)
{
	return fake_disk_count(test_disk(array, disk), TEST_ALL_DATA(FAKE_READ), since);
}

static void lose(struct kunit *test, struct test_array *array, int slot)
{
	test_array_fail(array, slot);
	test_await_rest(array);
}

/* ---- I6 ---- */

static void sync_member_is_read(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	int i;

	fake_disk_hold(test_disk(array, SLOW), TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 64, 1));
	for (i = 0; i < 8; i++) {
		struct test_io *read = test_read(array, i * 8, 8);

		EXPECT_ENDS(read);
		KUNIT_EXPECT_TRUE(test, test_io_holds(read, 1));
	}
	KUNIT_EXPECT_EQ(test, 8, reads(array, FAST, array->since));
	KUNIT_EXPECT_EQ(test, 0, reads(array, SLOW, array->since));
}

/*
 * The slow leg is all there is: it is read after what it still lacks, there.
 * md cannot say so on disk yet, see source_is_settled_first() in hold_test.c.
 */
static void lagging_member_is_read_in_turn(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *read, *elsewhere;
	unsigned int since;

	test_disk_fill(array, SLOW, 64, 8, 5);
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	test_array_fail(array, FAST);
	since = fake_bench_event(&array->bench);
	read = test_read(array, 4, 8);
	EXPECT_OPEN(read);
	KUNIT_EXPECT_EQ(test, 0, reads(array, SLOW, since));
	elsewhere = test_read(array, 64, 8);
	EXPECT_ENDS(elsewhere);
	KUNIT_EXPECT_TRUE(test, test_io_holds(elsewhere, 5));

	test_disk_fill(array, SLOW, 8, 4, 1);
	fake_disk_release(slow);
	EXPECT_ENDS(read);
	KUNIT_EXPECT_TRUE(test, test_io_holds(read, 1));
}

/* A read that may not wait does not, and leaves nothing behind. */
static void nowait_does_not_wait_for_the_slow_leg(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *read;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	test_array_fail(array, FAST);
	read = test_io_start(array, REQ_OP_READ | REQ_NOWAIT, 0, 8, 0);
	KUNIT_EXPECT_TRUE(test, test_io_ends(read, BLK_STS_AGAIN));
	EXPECT_ENDS(test_io_start(array, REQ_OP_READ | REQ_NOWAIT, 64, 8, 0));
	fake_disk_release(slow);
	test_settle(array);
	EXPECT_ENDS(test_io_start(array, REQ_OP_READ | REQ_NOWAIT, 0, 8, 0));
}

/* Who waits to read it is in nobody's way. */
static void read_of_the_slow_leg_holds_up_no_write(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *read, *write;

	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, 0, 8));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	/* or md would suspend the array to remove the failed member */
	set_bit(MD_RECOVERY_FROZEN, &array->mddev->recovery);
	test_array_fail(array, FAST);
	read = test_read(array, 0, 16);
	EXPECT_OPEN(read);
	write = test_write(array, 8, 8, 2);
	test_settle(array);
	fake_disk_release_one(slow, 0);
	EXPECT_ENDS(read);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 8, 8, 2));
}

/*
 * Nor is it read past a write that went behind, but waits there for one that had
 * fallen back and is all that is on its way.
 */
static void lag_behind_a_fallen_back_write_is_seen(struct kunit *test)
{
	struct test_io *fallen_back = test_fall_back_in_front(test);
	struct test_array *array = fallen_back->array;
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *read;

	/* or md would suspend the array to remove the failed member */
	set_bit(MD_RECOVERY_FROZEN, &array->mddev->recovery);
	test_array_fail(array, FAST);
	read = test_read(array, 0, 8);
	EXPECT_OPEN(read);
	fake_disk_release(slow);
	EXPECT_ENDS(read);
	KUNIT_EXPECT_TRUE(test, test_io_holds(read, 3));
	EXPECT_ENDS(fallen_back);
}

/* Two slow legs are left: whichever is read has the data. */
static void any_slow_leg_that_is_left_is_good(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &two_slow);
	struct test_io *read;
	int i;

	fake_disk_hold(test_disk(array, SLOW), TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 64, 1));
	test_array_fail(array, FAST);
	fake_disk_release(test_disk(array, SLOW));
	for (i = 0; i < 8; i++) {
		read = test_read(array, i * 8, 8);
		EXPECT_ENDS(read);
		KUNIT_EXPECT_TRUE(test, test_io_holds(read, 1));
	}
}

/*
 * The user takes the flag away while the slow leg lags: it still must not be
 * read past what it lacks.
 */
static void lag_outlives_the_flag(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	int i;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 64, 1));
	clear_bit(WriteMostly, &test_member(array, SLOW)->flags);
	for (i = 0; i < 8; i++) {
		struct test_io *read = test_read(array, i * 8, 8);

		EXPECT_ENDS(read);
		KUNIT_EXPECT_TRUE(test, test_io_holds(read, 1));
	}
}

/* ---- errors ---- */

static void expect_retry(struct kunit *test, struct test_array *array,
			 int bad, int good)
{
	sector_t sector = bad * 64;
	unsigned int since = fake_bench_event(&array->bench);
	struct test_io *reads_them[4];
	int i;

	test_disk_fill(array, good, sector, 32, 3);
	fake_disk_fail(test_disk(array, bad), TEST_DATA(FAKE_READ, sector, 32),
		       BLK_STS_MEDIUM, UINT_MAX);
	for (i = 0; i < ARRAY_SIZE(reads_them); i++) {
		reads_them[i] = test_read(array, sector + i * 8, 8);
		EXPECT_ENDS(reads_them[i]);
		KUNIT_EXPECT_TRUE(test, test_io_holds(reads_them[i], 3));
	}
	test_settle(array);
	/* and once more by each repair, which writes the other */
	KUNIT_EXPECT_EQ(test, 4, reads(array, good, since) -
				 fake_disk_count(test_disk(array, bad),
						 TEST_ALL_DATA(FAKE_WRITE), since));
	fake_disk_release(test_disk(array, bad));
}

/* Whichever member fails to read, the other one is asked. */
static void another_member_is_asked(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);

	expect_retry(test, array, FAST, SLOW);
	expect_retry(test, array, SLOW, FAST);
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	KUNIT_EXPECT_LE(test, 1, fake_disk_count(test_disk(array, FAST),
						 TEST_DATA(FAKE_READ, 0, 32), array->since) +
				 fake_disk_count(test_disk(array, SLOW),
						 TEST_DATA(FAKE_READ, 64, 32), array->since));
}

/* The slow leg helps out, when it has the data. */
static void slow_leg_helps_out(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *read;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	fake_disk_fail(test_disk(array, FAST), TEST_ALL_DATA(FAKE_READ), BLK_STS_MEDIUM, UINT_MAX);
	read = test_read(array, 0, 8);
	EXPECT_OPEN(read);
	fake_disk_release(slow);
	EXPECT_ENDS(read);
	KUNIT_EXPECT_TRUE(test, test_io_holds(read, 1));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
}

/*
 * Nobody can read it: the user is told, and no member is failed for it.  Nothing
 * is repaired, as the array is read-only.
 */
static void nobody_can_read(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct test_io *read;
	int slot;

	for (slot = 0; slot < array->shape.slots; slot++)
		fake_disk_fail(test_disk(array, slot), TEST_DATA(FAKE_READ, 0, 8),
			       BLK_STS_MEDIUM, UINT_MAX);
	WRITE_ONCE(array->mddev->ro, MD_RDONLY);
	read = test_read(array, 0, 8);
	KUNIT_EXPECT_TRUE(test, test_io_ends(read, BLK_STS_IOERR));
	KUNIT_EXPECT_EQ(test, 1, reads(array, FAST, array->since));
	KUNIT_EXPECT_EQ(test, 1, reads(array, SLOW, array->since));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	EXPECT_ENDS(test_read(array, 64, 8));
	WRITE_ONCE(array->mddev->ro, MD_RDWR);
}

static void the_last_member_is_kept(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	lose(test, array, FAST);
	fake_disk_fail(slow, TEST_DATA(FAKE_READ, 0, 8), BLK_STS_MEDIUM, UINT_MAX);
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_read(array, 0, 8), BLK_STS_IOERR));
	KUNIT_EXPECT_EQ(test, 1, array->mddev->degraded);
	EXPECT_ENDS(test_read(array, 64, 8));
	fake_disk_release(slow);
	EXPECT_ENDS(test_read(array, 0, 8));
}

/* A bad block that has been written can be read again. */
static void writing_heals_bad_blocks(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct md_rdev *rdev = test_member(array, FAST);

	KUNIT_ASSERT_EQ(test, 0, badblocks_set(&rdev->badblocks, DATA_SECTOR + 8, 24, 1));
	EXPECT_ENDS(test_write(array, 16, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_wait(!rdev_has_badblock(rdev, 16, 8)));
	KUNIT_EXPECT_TRUE(test, rdev_has_badblock(rdev, 8, 8));
	KUNIT_EXPECT_TRUE(test, rdev_has_badblock(rdev, 24, 8));
}

/* A read in which a member knows of bad blocks comes from both. */
static void bad_blocks_are_read_elsewhere(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct test_io *read;

	/* each has only its half */
	test_disk_fill(array, FAST, 0, 32, 1);
	test_disk_fill(array, SLOW, 32, 32, 1);
	KUNIT_ASSERT_EQ(test, 0, badblocks_set(&test_member(array, FAST)->badblocks,
					       DATA_SECTOR + 32, 32, 1));
	KUNIT_ASSERT_EQ(test, 0, badblocks_set(&test_member(array, SLOW)->badblocks,
					       DATA_SECTOR, 32, 1));
	read = test_read(array, 0, 64);
	EXPECT_ENDS(read);
	KUNIT_EXPECT_TRUE(test, test_io_holds(read, 1));
}

/* ---- failing fast ---- */

static bool last_read_fails_fast(struct test_array *array, int disk, sector_t sector)
{
	struct fake_bio *io = fake_disk_find(test_disk(array, disk),
					     TEST_DATA(FAKE_READ, sector, 8), array->since);

	KUNIT_ASSERT_NOT_NULL(array->test, io);
	return io->opf & REQ_FAILFAST_DEV;
}

static void let_all_fail_fast(struct test_array *array)
{
	int disk;

	for (disk = 0; disk < array->shape.slots; disk++)
		KUNIT_ASSERT_EQ(array->test, 0,
				test_array_store(array, disk, "state", "failfast"));
}

/* Only as long as there is another one to ask, and it may answer. */
static void the_last_one_asked_may_take_its_time(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	int first, other;

	let_all_fail_fast(array);
	fake_disk_fail(test_disk(array, FAST), TEST_DATA(FAKE_READ, 0, 8), BLK_STS_TIMEOUT, 1);
	fake_disk_fail(test_disk(array, SLOW), TEST_DATA(FAKE_READ, 0, 8), BLK_STS_TIMEOUT, 1);
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_read(array, 0, 8), BLK_STS_IOERR));
	first = last_read_fails_fast(array, FAST, 0) ? FAST : SLOW;
	other = first == FAST ? SLOW : FAST;
	KUNIT_EXPECT_TRUE(test, last_read_fails_fast(array, first, 0));
	KUNIT_EXPECT_FALSE(test, last_read_fails_fast(array, other, 0));
}

/* A slow one is never hurried, neither by reads nor by writes. */
static void slow_leg_may_take_its_time(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &two_slow);
	struct fake_disk *fast = test_disk(array, FAST);
	struct fake_bio *io;
	int disk, asked = 0;

	let_all_fail_fast(array);
	EXPECT_ENDS(test_write(array, 64, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_wait(test_legs_equal(array)));
	for (disk = 0; disk < array->shape.slots; disk++) {
		io = fake_disk_find(test_disk(array, disk), TEST_DATA(FAKE_WRITE, 64, 8),
				    array->since);
		KUNIT_ASSERT_NOT_NULL(test, io);
		KUNIT_EXPECT_EQ(test, disk == FAST, !!(io->opf & REQ_FAILFAST_DEV));
	}
	fake_disk_fail(fast, TEST_DATA(FAKE_READ, 0, 8), BLK_STS_IOERR, 1);
	EXPECT_ENDS(test_read(array, 0, 8));
	KUNIT_EXPECT_TRUE(test, last_read_fails_fast(array, FAST, 0));
	for (disk = SLOW; disk <= THIRD; disk++) {
		if (!reads(array, disk, array->since))
			continue;
		asked++;
		KUNIT_EXPECT_FALSE(test, last_read_fails_fast(array, disk, 0));
	}
	KUNIT_EXPECT_EQ(test, 1, asked);
}

static struct kunit_case read_cases[] = {
	KUNIT_CASE(sync_member_is_read),
	KUNIT_CASE(lagging_member_is_read_in_turn),
	KUNIT_CASE(nowait_does_not_wait_for_the_slow_leg),
	KUNIT_CASE(read_of_the_slow_leg_holds_up_no_write),
	KUNIT_CASE(lag_behind_a_fallen_back_write_is_seen),
	KUNIT_CASE(any_slow_leg_that_is_left_is_good),
	KUNIT_CASE(lag_outlives_the_flag),
	KUNIT_CASE(another_member_is_asked),
	KUNIT_CASE(slow_leg_helps_out),
	KUNIT_CASE(nobody_can_read),
	KUNIT_CASE(the_last_member_is_kept),
	KUNIT_CASE(bad_blocks_are_read_elsewhere),
	KUNIT_CASE(writing_heals_bad_blocks),
	KUNIT_CASE(the_last_one_asked_may_take_its_time),
	KUNIT_CASE(slow_leg_may_take_its_time),
	{}
};

static struct kunit_suite read_suite = {
	.name = "raid1wb_read",
	.test_cases = read_cases,
};

kunit_test_suite(read_suite);
