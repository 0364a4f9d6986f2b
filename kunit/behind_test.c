// SPDX-License-Identifier: GPL-2.0
/* The private copy: everybody gets it (I5), or there is none (I7). */
#include <kunit/static_stub.h>

#include "io.h"

static const struct test_shape behind = { .slots = 2, .write_mostly = BIT(SLOW) };
static const struct test_shape two_slow = {
	.slots = 3, .write_mostly = BIT(SLOW) | BIT(THIRD) };

static long mode_count(struct test_array *array, enum r1wb_write_mode mode)
{
	return atomic_long_read(&test_conf(array)->backlog.modes[mode]);
}

static int backlog(struct test_array *array)
{
	return atomic_read(&test_conf(array)->backlog.writes);
}

/* ---- the copy ---- */

/* What the caller does to its memory after the ack is no concern of ours. */
static void scribbling_after_the_ack(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	write = test_write(array, 3, 37, 1);
	EXPECT_ENDS(write);
	test_io_fill(write, 99);
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 3, 37, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 3, 37, 1));
}

/* ... and nor is it before: all members get the copy, so they are equal. */
static void scribbling_before_the_ack(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &two_slow);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *write;
	int disk;

	fake_disk_hold(fast, TEST_BITMAP);
	write = test_write(array, 0, 8, 1);
	test_io_fill(write, 99);
	fake_disk_release(fast);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	for (disk = 0; disk < array->shape.slots; disk++)
		KUNIT_EXPECT_TRUE(test, test_disk_holds(array, disk, 0, 8, 1));
}

#define FOLIOS	64

/* Folios handed out; the test keeps a reference of its own on each. */
static struct folio *folios[FOLIOS];
static unsigned int nr_folios, max_folios;

static struct folio *counted_folio(size_t bytes)
{
	struct folio *folio;

	if (nr_folios >= max_folios)
		return NULL;
	folio = folio_alloc(GFP_KERNEL, 0);
	if (folio) {
		folio_get(folio);
		folios[nr_folios++] = folio;
	}
	return folio;
}

static bool copy_is_freed(void)
{
	unsigned int i;

	for (i = 0; i < nr_folios; i++)
		if (folio_ref_count(folios[i]) != 1)
			return false;
	return true;
}

static void put_folios(void *unused)
{
	while (nr_folios)
		folio_put(folios[--nr_folios]);
}

static void count_folios(struct kunit *test, unsigned int max)
{
	nr_folios = 0;
	max_folios = max;
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action(test, put_folios, NULL));
	kunit_activate_static_stub(test, r1wb_copy_folio, counted_folio);
}

/* The copy lives as long as one of the slow legs needs it, and no longer. */
static void copy_is_freed_in_the_end(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &two_slow);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct fake_disk *third = test_disk(array, THIRD);

	count_folios(test, FOLIOS);
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	fake_disk_hold(third, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 64, 1));
	KUNIT_EXPECT_EQ(test, 8, nr_folios);
	fake_disk_release(third);
	test_settle(array);
	KUNIT_EXPECT_FALSE(test, copy_is_freed());
	KUNIT_EXPECT_EQ(test, 1, backlog(array));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	KUNIT_EXPECT_TRUE(test, test_wait(copy_is_freed()));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, THIRD, 0, 64, 1));
}

/* The order of allocation does not matter to what is copied. */
static void copy_of_large_folios(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 1, 2047, 1));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 1, 2047, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 1, 2047, 1));
	KUNIT_EXPECT_EQ(test, 1, mode_count(array, R1WB_WRITE_BEHIND));
}

/* ---- falling back ---- */

/* The write waits for the slow leg like for any other, and nothing is lost. */
static void expect_fallback(struct kunit *test, struct test_array *array,
			    sector_t sector, sector_t sectors,
			    enum r1wb_write_mode mode)
{
	struct fake_disk *slow = test_disk(array, SLOW);
	long before = mode_count(array, mode);
	struct test_io *write;

	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, sector, sectors));
	write = test_io_new(array, REQ_OP_WRITE, sector, sectors, 7);
	write->whole = true;
	test_io_go(write);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_EQ(test, before + 1, mode_count(array, mode));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, sector, sectors, 7));
	fake_disk_release(slow);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, sector, sectors, 7));
}

static void no_memory_for_the_copy(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);

	count_folios(test, 0);
	expect_fallback(test, array, 0, 8, R1WB_WRITE_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, 0, backlog(array));
	KUNIT_EXPECT_EQ(test, 0, mode_count(array, R1WB_WRITE_BEHIND));
}

/* What was allocated of it goes back at once. */
static void memory_runs_out_halfway(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);

	count_folios(test, 3);
	expect_fallback(test, array, 0, 64, R1WB_WRITE_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, 3, nr_folios);
	KUNIT_EXPECT_TRUE(test, copy_is_freed());
}

static void backlog_is_limited(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .write_mostly = BIT(SLOW), .write_behind = 2 };
	struct test_array *array = test_array_start(test, &shape);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *third;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	EXPECT_ENDS(test_write(array, 8, 8, 1));
	third = test_write(array, 16, 8, 1);
	EXPECT_OPEN(third);
	KUNIT_EXPECT_EQ(test, 2, backlog(array));
	KUNIT_EXPECT_EQ(test, 1, mode_count(array, R1WB_WRITE_LIMIT_COUNT));

	/* one is done: there is room for another */
	fake_disk_release_one(slow, 0);
	KUNIT_EXPECT_TRUE(test, test_wait(backlog(array) == 1));
	EXPECT_ENDS(test_write(array, 24, 8, 1));
	EXPECT_OPEN(third);
	fake_disk_release(slow);
	EXPECT_ENDS(third);
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	KUNIT_EXPECT_EQ(test, 2, atomic_long_read(&test_conf(array)->backlog.most));
	KUNIT_EXPECT_EQ(test, 3, mode_count(array, R1WB_WRITE_BEHIND));
}

/* The memory of the copies is limited as well; the limit may change at any time. */
static void memory_is_limited(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct r1wb_backlog *backlogs = &test_conf(array)->backlog;
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *third;

	WRITE_ONCE(backlogs->max_bytes, 16 << SECTOR_SHIFT);
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	EXPECT_ENDS(test_write(array, 8, 8, 1));
	KUNIT_EXPECT_EQ(test, 16 << SECTOR_SHIFT, atomic_long_read(&backlogs->bytes));
	third = test_write(array, 16, 1, 1);
	EXPECT_OPEN(third);
	KUNIT_EXPECT_EQ(test, 1, mode_count(array, R1WB_WRITE_LIMIT_BYTES));
	WRITE_ONCE(backlogs->max_bytes, 17 << SECTOR_SHIFT);
	EXPECT_ENDS(test_write(array, 24, 1, 1));
	EXPECT_OPEN(third);
	fake_disk_release(slow);
	EXPECT_ENDS(third);
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	KUNIT_EXPECT_EQ(test, 0, atomic_long_read(&backlogs->bytes));
}

/*
 * At the limit writes wait for the slow leg; if it hangs and is failed, they do
 * not, though it has not answered.  Their bits stay.
 */
static void failure_releases_who_waits_at_the_limit(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .write_mostly = BIT(SLOW), .write_behind = 1 };
	struct test_array *array = test_array_start(test, &shape);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *waits[3];
	int i;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	for (i = 0; i < ARRAY_SIZE(waits); i++)
		waits[i] = test_write(array, i * TEST_CHUNK, 8, i + 2);
	for (i = 0; i < ARRAY_SIZE(waits); i++)
		EXPECT_OPEN(waits[i]);
	test_array_fail(array, SLOW);
	for (i = 0; i < ARRAY_SIZE(waits); i++)
		EXPECT_ENDS(waits[i]);
	KUNIT_EXPECT_LT(test, 0, fake_disk_nr_held(slow));
	for (i = 0; i < ARRAY_SIZE(waits); i++)
		KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, i));
	EXPECT_ENDS(test_write(array, 0, 8, 9));
}

/* Without a copy the caller's memory is what the hung leg may still look at: so he waits. */
static void failure_does_not_take_memory_away(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	count_folios(test, 0);
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	write = test_write(array, 0, 8, 1);
	EXPECT_OPEN(write);
	test_array_fail(array, SLOW);
	EXPECT_OPEN(write);
	fake_disk_release(slow);
	EXPECT_ENDS(write);
}

/* More segments than a bio may have: too much to copy. */
static void too_big_to_copy(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .write_mostly = BIT(SLOW), .sectors = 24 << 10 };
	struct test_array *array = test_array_start(test, &shape);

	expect_fallback(test, array, 8, 20 << 10, R1WB_WRITE_TOO_BIG);
}

/* Nobody is behind while nobody is in sync. */
static void no_sync_member(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .write_mostly = BIT(SLOW), .disks = BIT(SLOW) };
	struct test_array *array = test_array_start(test, &shape);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	write = test_write(array, 0, 8, 1);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_EQ(test, 1, mode_count(array, R1WB_WRITE_NO_SYNC_MEMBER));
	fake_disk_release(slow);
	EXPECT_ENDS(write);
}

/* Each slow leg goes at its own pace. */
static void slow_legs_are_independent(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &two_slow);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct fake_disk *third = test_disk(array, THIRD);

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, THIRD, 0, 8, 1));
	fake_disk_hold(third, TEST_ALL_DATA(FAKE_WRITE));
	fake_disk_release(slow);
	EXPECT_ENDS(test_write(array, 8, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_wait(test_disk_holds(array, SLOW, 8, 8, 2)));
	KUNIT_EXPECT_EQ(test, 1, backlog(array));
}

/* A slow leg that fails in the middle of it takes its part of the backlog along. */
static void failed_slow_leg_leaves_no_backlog(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &two_slow);
	struct fake_disk *slow = test_disk(array, SLOW);
	int i;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	fake_disk_fail(slow, TEST_ALL_DATA(FAKE_WRITE), BLK_STS_IOERR, 2);
	for (i = 0; i < 4; i++)
		EXPECT_ENDS(test_write(array, i * 8, 8, 1));
	KUNIT_EXPECT_EQ(test, 4, backlog(array));
	for (i = 0; i < 4; i++)
		fake_disk_release_one(slow, 0);
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(array)));
	KUNIT_EXPECT_EQ(test, 1, array->mddev->degraded);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, THIRD, 0, 8, 1));
}

/* An application that waits is not held up by a slow leg that hangs while md works. */
static void hung_slow_leg_does_not_block_a_failure(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 3, .write_mostly = BIT(SLOW) };
	struct test_array *array = test_array_start(test, &shape);
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	test_array_fail(array, THIRD);
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(array)));
	KUNIT_EXPECT_EQ(test, 1, backlog(array));
	EXPECT_ENDS(test_write(array, 64, 8, 1));
	EXPECT_ENDS(test_read(array, 0, 8));
}

/* A slow leg that takes no more bios stops neither writers nor their bits. */
static void full_slow_leg_stops_nobody(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &two_slow);
	struct fake_disk *slow = test_disk(array, SLOW);
	int i;

	/* their bits are on disk, so that only data has to go there */
	for (i = 0; i < 4; i++)
		EXPECT_ENDS(test_write(array, i * TEST_CHUNK, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	fake_disk_fill(slow);
	for (i = 0; i < 4; i++)
		EXPECT_ENDS(test_write(array, i * TEST_CHUNK, 8, 2));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&slow->waiting));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, THIRD, 3 * TEST_CHUNK, 8, 2));
	EXPECT_ENDS(test_read(array, 0, 8));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, i * TEST_CHUNK, 8, 2));
}

/* What could not even be submitted fails with the leg. */
static void failure_empties_the_lane(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	int i;

	EXPECT_ENDS(test_write(array, 0, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	fake_disk_fill(slow);
	for (i = 0; i < 4; i++)
		EXPECT_ENDS(test_write(array, i * 8, 8, 2));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&slow->waiting));
	KUNIT_EXPECT_EQ(test, 4, backlog(array));
	test_array_fail(array, SLOW);
	KUNIT_EXPECT_TRUE(test, test_wait(backlog(array) == 1));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 8, 8, 0));
}

static struct kunit_case behind_cases[] = {
	KUNIT_CASE(scribbling_after_the_ack),
	KUNIT_CASE(scribbling_before_the_ack),
	KUNIT_CASE(copy_is_freed_in_the_end),
	KUNIT_CASE(copy_of_large_folios),
	KUNIT_CASE(no_memory_for_the_copy),
	KUNIT_CASE(memory_runs_out_halfway),
	KUNIT_CASE(backlog_is_limited),
	KUNIT_CASE(memory_is_limited),
	KUNIT_CASE(failure_releases_who_waits_at_the_limit),
	KUNIT_CASE(failure_does_not_take_memory_away),
	KUNIT_CASE(too_big_to_copy),
	KUNIT_CASE(no_sync_member),
	KUNIT_CASE(slow_legs_are_independent),
	KUNIT_CASE(failed_slow_leg_leaves_no_backlog),
	KUNIT_CASE(hung_slow_leg_does_not_block_a_failure),
	KUNIT_CASE(full_slow_leg_stops_nobody),
	KUNIT_CASE(failure_empties_the_lane),
	{}
};

static struct kunit_suite behind_suite = {
	.name = "raid1wb_behind",
	.test_cases = behind_cases,
};

kunit_test_suite(behind_suite);
