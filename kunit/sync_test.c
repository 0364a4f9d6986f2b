// SPDX-License-Identifier: GPL-2.0
/* Resync, recovery, check and repair: md's sync thread on the real thing. */
#include "metadata.h"
#include "sync.h"

static const struct test_shape mirror = { .slots = 2 };
static const struct test_shape behind = { .slots = 2, .write_mostly = BIT(SLOW) };
static const struct test_shape behind3 = { .slots = 3, .write_mostly = BIT(SLOW) };
static const struct test_shape dirty = { .slots = 2, .dirty = true };
static const struct test_shape dirty_behind = {
	.slots = 2, .write_mostly = BIT(SLOW), .dirty = true };

#define SPARE	3

/* ---- resync ---- */

/* After a crash, chunks with a bit are made equal, and no others are touched. */
static void resync_by_bitmap(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty);

	fill_chunk(array, FAST, 3, 1);
	fill_chunk(array, SLOW, 3, 2);
	fill_chunk(array, SLOW, 4, 7);
	set_bits(array, 3);
	run(test, array);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, chunk_holds(array, FAST, 3, 1));
	KUNIT_EXPECT_TRUE(test, chunk_holds(array, SLOW, 3, 1));
	KUNIT_EXPECT_TRUE(test, chunk_holds(array, SLOW, 4, 7));
	KUNIT_EXPECT_EQ(test, MaxSector, array->mddev->resync_offset);
	test_hurry_daemon(array);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, 3)));
}

/* I11: a bit that is found is work, even if md calls the array clean. */
static void bits_of_a_clean_array_are_work(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &mirror);

	fill_chunk(array, FAST, 63, 1);
	set_bits(array, 63);
	run(test, array);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, chunk_holds(array, SLOW, 63, 1));
}

/* I11: ... and even if a member is missing: it waits for that. */
static void bits_of_a_degraded_array_stay(struct kunit *test)
{
	static const struct test_shape shape = { .slots = 2, .disks = BIT(FAST) };
	struct test_array *array = test_array_format(test, &shape);

	set_bits(array, 5);
	run(test, array);
	test_await_rest(array);
	test_hurry_daemon(array);
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_wait(fake_disk_find(test_disk(array, FAST), TEST_FLUSH, 0)));
	test_settle(array);
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 5));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 0));
}

static void resync_without_a_bitmap(struct kunit *test)
{
	static const struct test_shape shape = { .slots = 2, .dirty = true, .no_bitmap = true };
	struct test_array *array = test_array_format(test, &shape);

	test_disk_fill(array, FAST, 0, TEST_SECTORS, 1);
	run(test, array);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, TEST_SECTORS, 1));
}

/* The slow leg is never the source while another one can be. */
static void slow_leg_is_not_the_source(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .write_mostly = BIT(0), .dirty = true };
	struct test_array *array = test_array_format(test, &shape);

	fill_chunk(array, 0, 1, 2);
	fill_chunk(array, 1, 1, 1);
	set_bits(array, 1);
	run(test, array);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, chunk_holds(array, 0, 1, 1));
	KUNIT_EXPECT_TRUE(test, chunk_holds(array, 1, 1, 1));
}

/* Chunk 3 is about to be copied from the fast leg: until @disk gets an @op of it, which is held. */
static void resync_until(struct kunit *test, struct test_array *array, struct fake_disk *disk,
			 unsigned int op)
{
	fill_chunk(array, FAST, 3, 1);
	set_bits(array, 3);
	fake_disk_hold(disk, TEST_DATA(op, first_of(3), TEST_CHUNK));
	run(test, array);
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(disk)));
}

/* A write waits for the window that it overlaps, and is not undone by it. */
static void write_during_resync(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *write, *elsewhere;

	resync_until(test, array, fast, FAKE_READ);
	write = test_write(array, first_of(3) + 8, 8, 5);
	EXPECT_OPEN(write);
	elsewhere = test_write(array, first_of(9), 8, 5);
	EXPECT_ENDS(elsewhere);
	fake_disk_release(fast);
	EXPECT_ENDS(write);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, first_of(3) + 8, 8, 5));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, first_of(3), 8, 1));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* A window waits for the write that it overlaps, on the slow leg as well. */
static void resync_during_a_write(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty_behind);
	struct fake_disk *fast = test_disk(array, FAST);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	fill_chunk(array, FAST, 3, 1);
	fill_chunk(array, FAST, 60, 1);
	set_bits(array, 3);
	set_bits(array, 60);
	fake_disk_hold(fast, TEST_DATA(FAKE_READ, first_of(3), TEST_CHUNK));
	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, first_of(60), TEST_CHUNK));
	run(test, array);
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
	write = test_write(array, first_of(60), 8, 5);
	/* the window there may have come first */
	test_settle(array);
	fake_disk_release(fast);
	test_settle(array);
	fake_disk_release(slow);
	EXPECT_ENDS(write);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, first_of(60), 8, 5));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* ---- recovery ---- */

/* A new disk gets everything, and the bitmap. */
static void recovery_of_a_new_disk(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	unsigned long chunk;

	test_disk_fill(array, FAST, 0, TEST_SECTORS, 1);
	test_disk_fill(array, SLOW, 0, TEST_SECTORS, 1);
	test_array_fail(array, SLOW);
	test_await_rest(array);
	EXPECT_ENDS(test_write(array, 0, 8, 2));
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	KUNIT_EXPECT_TRUE(test, test_wait(!array->mddev->degraded));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SPARE, 8, TEST_SECTORS - 8, 1));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
	test_hurry_daemon(array);
	EXPECT_ENDS(test_write(array, first_of(9), 8, 3));
	for (chunk = 0; chunk < 10; chunk++)
		KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, chunk)));
}

/* How far it has come is recorded on the way, whether or not others write superblocks. */
static void recovery_records_how_far_it_is(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct fake_disk *spare = test_disk(array, SPARE);

	test_array_fail(array, SLOW);
	test_await_rest(array);
	fake_disk_hold(spare, TEST_DATA(FAKE_WRITE, TEST_SECTORS - 512, 512));
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(spare)));
	KUNIT_EXPECT_TRUE(test, test_wait(test_recovered_on_disk(array, SPARE) >=
					  TEST_SECTORS / 2));
	fake_disk_release(spare);
	KUNIT_EXPECT_TRUE(test, test_wait(!array->mddev->degraded));
}

/* A member that was away gets what it missed, and no more. */
static void recovery_of_an_old_member(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);

	EXPECT_ENDS(test_write(array, first_of(1), 8, 1));
	test_array_fail(array, SLOW);
	test_await_rest(array);
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, SLOW));
	EXPECT_ENDS(test_write(array, first_of(2), 8, 2));
	/* nobody but the test knows of this */
	fill_chunk(array, FAST, 20, 9);
	KUNIT_ASSERT_EQ(test, 0, test_array_readd(array, SLOW));
	KUNIT_EXPECT_TRUE(test, test_wait(!array->mddev->degraded));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, first_of(1), 8, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, first_of(2), 8, 2));
	KUNIT_EXPECT_TRUE(test, chunk_holds(array, SLOW, 20, 0));
}

/* What was on its way to a slow leg when it failed is made good. */
static void recovery_of_a_lagging_member(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	int i;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	for (i = 0; i < 4; i++)
		EXPECT_ENDS(test_write(array, first_of(i), 8, 1));
	fake_disk_fail(slow, TEST_ALL_DATA(FAKE_WRITE), BLK_STS_IOERR, 4);
	for (i = 0; i < 4; i++)
		fake_disk_release_one(slow, 0);
	KUNIT_EXPECT_TRUE(test, test_wait(array->mddev->degraded == 1));
	test_await_rest(array);
	fake_disk_release(slow);
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, SLOW));
	KUNIT_ASSERT_EQ(test, 0, test_array_readd(array, SLOW));
	KUNIT_EXPECT_TRUE(test, test_wait(!array->mddev->degraded));
	test_await_rest(array);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, first_of(i), 8, 1));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* What a member's cache may have lost is made good, too: every bit is NEEDED. */
static void recovery_of_a_lost_cache(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);

	EXPECT_ENDS(test_write(array, first_of(6), 8, 1));
	test_settle(array);
	test_array_fail(array, SLOW);
	test_await_rest(array);
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, SLOW));
	/* never flushed */
	fill_chunk(array, SLOW, 6, 0);
	KUNIT_ASSERT_EQ(test, 0, test_array_readd(array, SLOW));
	KUNIT_EXPECT_TRUE(test, test_wait(!array->mddev->degraded));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, first_of(6), 8, 1));
}

/* Writes to a member that is being rebuilt, before and behind the window. */
static void write_during_recovery(struct kunit *test)
{
	static const sector_t sectors[] = { 0, 1000, 4000, 4088, 8184 };
	struct test_array *array = test_array_start(test, &mirror);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *writes[ARRAY_SIZE(sectors)];
	int i;

	test_disk_fill(array, FAST, 0, TEST_SECTORS, 1);
	test_array_fail(array, SLOW);
	test_await_rest(array);
	fake_disk_hold(fast, TEST_DATA(FAKE_READ, 4000, 128));
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
	for (i = 0; i < ARRAY_SIZE(sectors); i++)
		writes[i] = test_write(array, sectors[i], 8, 2 + i);
	fake_disk_release(fast);
	for (i = 0; i < ARRAY_SIZE(sectors); i++)
		EXPECT_ENDS(writes[i]);
	KUNIT_EXPECT_TRUE(test, test_wait(!array->mddev->degraded));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
	for (i = 0; i < ARRAY_SIZE(sectors); i++)
		KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SPARE, sectors[i], 8, 2 + i));
}

/* A crash between two superblocks: one gives a spare its slot, its own does not know of it. */
static void spare_that_has_just_joined_is_rebuilt(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty);

	test_disk_fill(array, FAST, 0, TEST_SECTORS, 1);
	test_format_joining(array, SLOW);
	run(test, array);
	KUNIT_EXPECT_TRUE(test, test_wait(!array->mddev->degraded));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, TEST_SECTORS, 1));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* A member that is being rebuilt is not read where it is not done yet. */
static void rebuilding_member_is_not_read(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct fake_disk *fast = test_disk(array, FAST);
	unsigned int since;
	int i;

	test_disk_fill(array, FAST, 0, TEST_SECTORS, 1);
	test_array_fail(array, SLOW);
	test_await_rest(array);
	fake_disk_hold(test_disk(array, SPARE), TEST_DATA(FAKE_WRITE, 2048, 128));
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(test_disk(array, SPARE))));
	since = fake_bench_event(&array->bench);
	for (i = 0; i < 8; i++) {
		struct test_io *read = test_read(array, 2048 + i * 512, 8);

		EXPECT_ENDS(read);
		KUNIT_EXPECT_TRUE(test, test_io_holds(read, 1));
	}
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(test_disk(array, SPARE),
						 TEST_ALL_DATA(FAKE_READ), since));
	KUNIT_EXPECT_LE(test, 8, fake_disk_count(fast, TEST_ALL_DATA(FAKE_READ), since));
}

/* I1: a chunk whose bit is everywhere waits again when a member joins that lacks it. */
static void newcomer_has_the_bit_first(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct fake_disk *spare = test_disk(array, SPARE);
	struct test_io *write;

	test_array_fail(array, SLOW);
	test_await_rest(array);
	EXPECT_ENDS(test_write(array, first_of(3), 8, 1));
	fake_disk_hold(spare, TEST_BITMAP);
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(spare)));
	write = test_write(array, first_of(3), 8, 2);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_FALSE(test, test_disk_holds(array, SPARE, first_of(3), 8, 2));
	fake_disk_release(spare);
	EXPECT_ENDS(write);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* ... and when it is given its slot by hand, for which md neither suspends nor records anything. */
static void newcomer_by_hand_has_the_bit_first(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct fake_disk *spare = test_disk(array, SPARE);
	struct test_io *write;

	test_array_fail(array, SLOW);
	test_await_rest(array);
	EXPECT_ENDS(test_write(array, first_of(3), 8, 1));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "frozen"));
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	test_await_rest(array);
	KUNIT_ASSERT_FALSE(test, test_is_active(array, SPARE));

	fake_disk_hold(spare, TEST_BITMAP);
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, SPARE, "slot", "1"));
	write = test_write(array, first_of(3), 8, 2);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_FALSE(test, test_disk_holds(array, SPARE, first_of(3), 8, 2));
	fake_disk_release(spare);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, SPARE, 3));

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "idle"));
	KUNIT_EXPECT_TRUE(test, test_wait(!array->mddev->degraded));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* ---- a slow leg makes nobody wait ---- */

/* The window is on its way there; what overlaps it is acknowledged, and lands after it. */
static void expect_write_passes(struct kunit *test, struct test_array *array, sector_t sector)
{
	struct fake_disk *slow = test_disk(array, SLOW);

	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(slow)));
	EXPECT_ENDS(test_write(array, sector, 8, 5));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, sector, 8, 5));
	KUNIT_EXPECT_FALSE(test, test_array_rests(array));
	fake_disk_release(slow);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_wait(test_legs_equal(array)));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, sector, 8, 5));
}

static void write_passes_a_resync(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty_behind);

	resync_until(test, array, test_disk(array, SLOW), FAKE_WRITE);
	expect_write_passes(test, array, first_of(3) + 8);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, first_of(3), 8, 1));
}

static void write_passes_a_recovery(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	test_array_fail(array, SLOW);
	test_await_rest(array);
	EXPECT_ENDS(test_write(array, first_of(3), TEST_CHUNK, 1));
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, SLOW));
	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, first_of(3), TEST_CHUNK));
	KUNIT_ASSERT_EQ(test, 0, test_array_readd(array, SLOW));
	expect_write_passes(test, array, first_of(3) + 8);
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
}

/* The third member is being recovered; there is work left for it in chunk 40. */
static void recover_up_to_chunk_16(struct kunit *test, struct test_array *array)
{
	test_array_fail(array, THIRD);
	test_await_rest(array);
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, THIRD));
	EXPECT_ENDS(test_write(array, first_of(40), TEST_CHUNK, 1));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_max", "2048"));
	KUNIT_ASSERT_EQ(test, 0, test_array_readd(array, THIRD));
	KUNIT_ASSERT_TRUE(test, test_wait(array->mddev->curr_resync_completed == first_of(16)));
}

/* A slow leg that is in sync has no part in the recovery of another: it may hang. */
static void recovery_waits_for_no_slow_leg(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct fake_disk *slow = test_disk(array, SLOW);

	recover_up_to_chunk_16(test, array);
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_ANY));
	EXPECT_ENDS(test_write(array, first_of(40) + 8, 8, 2));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_max", "max"));
	KUNIT_EXPECT_TRUE(test, test_wait(test_is_in_sync(array, THIRD)));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, THIRD, first_of(40), 8, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, THIRD, first_of(40) + 8, 8, 2));
	KUNIT_EXPECT_LT(test, 0, fake_disk_nr_held(slow));
	fake_disk_release(slow);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_wait(test_legs_equal(array)));
}

/* What only the slow leg can give is had from there, in its turn. */
static void recovery_has_the_rest_from_the_slow_leg(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct fake_disk *slow = test_disk(array, SLOW);

	recover_up_to_chunk_16(test, array);
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, first_of(40) + 8, 8, 2));
	fake_disk_spoil(test_disk(array, FAST), TEST_DATA(FAKE_READ, first_of(40) + 8, 8));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_max", "max"));
	test_settle(array);
	KUNIT_EXPECT_FALSE(test, test_is_in_sync(array, THIRD));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(test_is_in_sync(array, THIRD)));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, THIRD, first_of(40) + 8, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_wait(test_legs_equal(array)));
}

/* Nor does it count as a mismatch. */
static void write_passes_a_check(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);

	fake_disk_hold(test_disk(array, SLOW), TEST_DATA(FAKE_READ, first_of(3), TEST_CHUNK));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "check"));
	expect_write_passes(test, array, first_of(3) + 8);
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&array->mddev->resync_mismatches));
}

/* Between members that everybody waits for, a window is waited for as well. */
static void write_waits_for_a_resync(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty);
	struct fake_disk *other = test_disk(array, SLOW);
	struct test_io *write;

	resync_until(test, array, other, FAKE_WRITE);
	write = test_write(array, first_of(3) + 8, 8, 5);
	EXPECT_OPEN(write);
	fake_disk_release(other);
	EXPECT_ENDS(write);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/*
 * The slow leg is the only source of what the fast one cannot read: the window
 * starts over, and everybody waits for it.
 */
static void slow_leg_has_to_be_the_source(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty_behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	fill_chunk(array, SLOW, 3, 2);
	fake_disk_spoil(test_disk(array, FAST), TEST_DATA(FAKE_READ, first_of(3) + 16, 8));
	resync_until(test, array, slow, FAKE_READ);
	write = test_write(array, first_of(3) + 8, 8, 5);
	EXPECT_OPEN(write);
	fake_disk_release(slow);
	EXPECT_ENDS(write);
	test_await_rest(array);
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, first_of(3), 8, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, first_of(3) + 16, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_wait(test_disk_holds(array, SLOW, first_of(3) + 8, 8, 5)));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/*
 * The source fails, and nothing but a write that waits for the record of that is
 * under way: the window starts over behind it.
 */
static void window_starts_over_behind_a_parked_write(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *fast = test_disk(array, FAST);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	fake_disk_hold(fast, TEST_BITMAP);
	fake_disk_hold(slow, TEST_SUPER);
	write = test_write(array, 100, 8, 5);
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "repair"));
	test_settle(array);
	KUNIT_ASSERT_LT(test, 0, fake_disk_nr_held(fast));
	fake_disk_hold(fast, TEST_DATA(FAKE_READ, 0, 128));
	fake_disk_fail(fast, TEST_BITMAP, BLK_STS_IOERR, UINT_MAX);
	fake_disk_release_one(fast, 0);
	test_settle(array);
	KUNIT_EXPECT_TRUE(test, test_bit(Faulty, &test_member(array, FAST)->flags));
	KUNIT_EXPECT_FALSE(test, test_io_ended(write));
	fake_disk_release(fast);
	test_settle(array);
	fake_disk_release(slow);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(array)));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 100, 8, 5));
}

/*
 * The last sync member fails when a write that it has acknowledged waits on the
 * slow leg for a window: nobody reads anything older there, nor is it recorded
 * as the source, before that has landed.
 */
static void write_that_passed_a_window_is_not_lost(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty_behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *read;
	unsigned int failed;

	resync_until(test, array, slow, FAKE_WRITE);
	EXPECT_ENDS(test_write(array, first_of(3) + 8, 8, 5));
	failed = fake_bench_event(&array->bench);
	test_array_fail(array, FAST);
	read = test_read(array, first_of(3) + 8, 8);
	EXPECT_OPEN(read);
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(slow, TEST_SUPER, failed));
	fake_disk_release_one(slow, 0);
	EXPECT_OPEN(read);
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(slow, TEST_SUPER, failed));
	fake_disk_release(slow);
	EXPECT_ENDS(read);
	KUNIT_EXPECT_TRUE(test, test_io_holds(read, 5));
	test_await_rest(array);
	KUNIT_EXPECT_LT(test, 0, fake_disk_count(slow, TEST_SUPER, failed));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, first_of(3), 8, 1));
}

/* The same while it waits for its own turn there, behind another write. */
static void window_that_waits_is_waited_for(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *fast = test_disk(array, FAST);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *read;

	fake_disk_hold(slow, TEST_DATA(FAKE_ANY, 0, 16));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "repair"));
	test_settle(array);
	EXPECT_ENDS(test_write(array, 8, 8, 2));
	fake_disk_fail(fast, TEST_DATA(FAKE_READ, 8, 8), BLK_STS_MEDIUM, UINT_MAX);
	/* now it is the window that is in the way */
	fake_disk_release_one(slow, 0);
	test_settle(array);
	read = test_read(array, 8, 8);
	EXPECT_OPEN(read);
	fake_disk_release(slow);
	EXPECT_ENDS(read);
	KUNIT_EXPECT_TRUE(test, test_io_holds(read, 2));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_wait(test_legs_equal(array)));
}

/* A window whose turn comes since the member has failed leaves that alone: it may hang. */
static void window_leaves_a_failed_member_alone(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_DATA(FAKE_ANY, 96, 16));
	EXPECT_ENDS(test_write(array, 100, 8, 1));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "check"));
	test_settle(array);
	KUNIT_ASSERT_FALSE(test, test_array_rests(array));
	test_array_fail(array, SLOW);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit(MD_RECOVERY_RUNNING,
						    &array->mddev->recovery)));
	KUNIT_EXPECT_EQ(test, 1, fake_disk_nr_held(slow));
}

/* Those that wait for the slow leg keep no worker from others. */
static void waiting_windows_hold_up_nobody(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *read;
	int i;

	/* as many as there are for a node of a large machine */
	workqueue_set_max_active(r1wb_turn_wq, 4);
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	for (i = 0; i < 8; i++)
		EXPECT_ENDS(test_write(array, first_of(i), 8, 1));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "check"));
	test_settle(array);
	fake_disk_fail(test_disk(array, FAST), TEST_DATA(FAKE_READ, first_of(20), 8),
		       BLK_STS_MEDIUM, 1);
	fake_disk_fail(test_disk(array, THIRD), TEST_DATA(FAKE_READ, first_of(20), 8),
		       BLK_STS_MEDIUM, 1);
	read = test_read(array, first_of(20), 8);
	EXPECT_ENDS(read);
	KUNIT_EXPECT_FALSE(test, test_array_rests(array));
	fake_disk_release(slow);
	test_await_rest(array);
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&array->mddev->resync_mismatches));
	workqueue_set_max_active(r1wb_turn_wq, 256);
}

/* ---- errors ---- */

/* A target that cannot be written fails, and its bits stay. */
static void write_error_of_the_target(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty);

	fill_chunk(array, FAST, 3, 1);
	fill_chunk(array, FAST, 50, 1);
	set_bits(array, 3);
	set_bits(array, 50);
	fake_disk_fail(test_disk(array, SLOW), TEST_DATA(FAKE_WRITE, first_of(3), 8),
		       BLK_STS_IOERR, 1);
	run(test, array);
	test_await_rest(array);
	KUNIT_EXPECT_EQ(test, 1, array->mddev->degraded);
	test_hurry_daemon(array);
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_wait(fake_disk_find(test_disk(array, FAST), TEST_FLUSH,
							 array->since)));
	test_settle(array);
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 3));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 50));

	/* the next one to come gets it all */
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	KUNIT_EXPECT_TRUE(test, test_wait(!array->mddev->degraded));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* Interrupted, a resync leaves the bits of what it has not done. */
static void interrupted_resync(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty);
	struct fake_disk *slow = test_disk(array, SLOW);

	fill_chunk(array, FAST, 3, 1);
	fill_chunk(array, FAST, 60, 1);
	set_bits(array, 3);
	set_bits(array, 60);
	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, first_of(3), TEST_CHUNK));
	run(test, array);
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(slow)));
	test_hurry_daemon(array);
	set_bit(MD_RECOVERY_FROZEN, &array->mddev->recovery);
	set_bit(MD_RECOVERY_INTR, &array->mddev->recovery);
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(array)));
	test_settle(array);
	if (!chunk_holds(array, SLOW, 60, 1))
		KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 60));
	KUNIT_EXPECT_EQ(test, 0, test_array_store(array, -1, "sync_action", "idle"));
	KUNIT_EXPECT_TRUE(test, test_wait(chunk_holds(array, SLOW, 60, 1)));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, 60)));
}

/* A member fails while the array is being resynced: its bits stay. */
static void member_fails_during_resync(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty);
	struct fake_disk *slow = test_disk(array, SLOW);
	unsigned int since;

	fill_chunk(array, FAST, 3, 1);
	set_bits(array, 3);
	set_bits(array, 60);
	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, first_of(3), TEST_CHUNK));
	run(test, array);
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(slow)));
	test_hurry_daemon(array);
	test_array_fail(array, SLOW);
	fake_disk_release(slow);
	test_await_rest(array);
	since = fake_bench_event(&array->bench);
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_wait(fake_disk_find(test_disk(array, FAST), TEST_FLUSH,
							 since)));
	test_settle(array);
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 3));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 60));
}

/* Stops the sync that is running, when its windows have ended; lets none start. */
static void freeze(struct test_array *array)
{
	set_bit(MD_RECOVERY_FROZEN, &array->mddev->recovery);
	set_bit(MD_RECOVERY_INTR, &array->mddev->recovery);
}

/* Its last window reaches into a chunk of which the rest was never copied. */
static void interrupted_between_chunks(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct mddev *mddev = array->mddev;
	sector_t limit = first_of(1) - 32;
	struct test_io *write;

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "frozen"));
	test_disk_fill(array, FAST, first_of(2) - 8, 8, 1);
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "bitmap_set_bits", "0-1"));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_max", "96"));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "resync"));
	KUNIT_ASSERT_TRUE(test, test_wait(READ_ONCE(mddev->curr_resync_completed) == limit));

	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, limit, 8));
	write = test_write(array, limit, 8, 5);
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_max", "max"));
	EXPECT_OPEN(write);
	freeze(array);
	fake_disk_release(slow);
	EXPECT_ENDS(write);
	test_await_rest(array);
	KUNIT_ASSERT_FALSE(test, test_legs_equal(array));

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "resync"));
	KUNIT_EXPECT_TRUE(test, test_wait(test_legs_equal(array)));
	test_await_rest(array);
}

/* ---- check and repair ---- */

static void check_and_repair(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct mddev *mddev = array->mddev;

	test_disk_fill(array, FAST, 100, 8, 1);
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "check"));
	test_await_rest(array);
	KUNIT_EXPECT_LT(test, 0, atomic64_read(&mddev->resync_mismatches));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 100, 8, 0));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 100, 8, 1));

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "repair"));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 100, 8, 1));

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "check"));
	test_await_rest(array);
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&mddev->resync_mismatches));
}

/* What is on its way to the slow leg is no mismatch. */
static void check_waits_for_the_slow_leg(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 100, 8, 1));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "check"));
	test_settle(array);
	KUNIT_EXPECT_FALSE(test, test_array_rests(array));
	fake_disk_release(slow);
	test_await_rest(array);
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&array->mddev->resync_mismatches));
}

/* What it waits for on the slow leg is not dropped for a newer write, behind it. */
static void check_sees_what_it_waits_for(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *newer;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 100, 8, 1));
	EXPECT_ENDS(test_write(array, 100, 8, 2));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "check"));
	test_settle(array);
	newer = test_write(array, 100, 8, 3);
	test_settle(array);
	fake_disk_release(slow);
	EXPECT_ENDS(newer);
	test_await_rest(array);
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&array->mddev->resync_mismatches));
}

/*
 * A member fails when a window is about to read it: it may lack what was written
 * since, and is no source.
 */
static void failed_member_is_no_source(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct fake_disk *other = test_disk(array, SLOW);
	struct test_io *write;

	fake_disk_hold(other, TEST_BITMAP);
	write = test_write(array, 100, 8, 5);
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "repair"));
	test_settle(array);
	KUNIT_ASSERT_EQ(test, 0, fake_disk_count(other, TEST_ALL_DATA(FAKE_READ), array->since));
	test_array_fail(array, FAST);
	fake_disk_release(other);
	EXPECT_ENDS(write);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 100, 8, 5));
}

static struct kunit_case sync_cases[] = {
	KUNIT_CASE(resync_by_bitmap),
	KUNIT_CASE(bits_of_a_clean_array_are_work),
	KUNIT_CASE(bits_of_a_degraded_array_stay),
	KUNIT_CASE(resync_without_a_bitmap),
	KUNIT_CASE(slow_leg_is_not_the_source),
	KUNIT_CASE(write_during_resync),
	KUNIT_CASE(resync_during_a_write),
	KUNIT_CASE(recovery_of_a_new_disk),
	KUNIT_CASE(recovery_records_how_far_it_is),
	KUNIT_CASE(recovery_of_an_old_member),
	KUNIT_CASE(recovery_of_a_lagging_member),
	KUNIT_CASE(recovery_of_a_lost_cache),
	KUNIT_CASE(write_during_recovery),
	KUNIT_CASE(spare_that_has_just_joined_is_rebuilt),
	KUNIT_CASE(rebuilding_member_is_not_read),
	KUNIT_CASE(newcomer_has_the_bit_first),
	KUNIT_CASE(newcomer_by_hand_has_the_bit_first),
	KUNIT_CASE(write_passes_a_resync),
	KUNIT_CASE(write_passes_a_recovery),
	KUNIT_CASE(recovery_waits_for_no_slow_leg),
	KUNIT_CASE(recovery_has_the_rest_from_the_slow_leg),
	KUNIT_CASE(write_passes_a_check),
	KUNIT_CASE(write_waits_for_a_resync),
	KUNIT_CASE(slow_leg_has_to_be_the_source),
	KUNIT_CASE(window_starts_over_behind_a_parked_write),
	KUNIT_CASE(write_that_passed_a_window_is_not_lost),
	KUNIT_CASE(window_that_waits_is_waited_for),
	KUNIT_CASE(window_leaves_a_failed_member_alone),
	KUNIT_CASE(waiting_windows_hold_up_nobody),
	KUNIT_CASE(write_error_of_the_target),
	KUNIT_CASE(interrupted_resync),
	KUNIT_CASE(member_fails_during_resync),
	KUNIT_CASE(interrupted_between_chunks),
	KUNIT_CASE(check_and_repair),
	KUNIT_CASE(check_waits_for_the_slow_leg),
	KUNIT_CASE(check_sees_what_it_waits_for),
	KUNIT_CASE(failed_member_is_no_source),
	{}
};

static struct kunit_suite sync_suite = {
	.name = "raid1wb_sync",
	.test_cases = sync_cases,
};

kunit_test_suite(sync_suite);
