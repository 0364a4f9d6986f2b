// SPDX-License-Identifier: GPL-2.0
/* How long a bit stays set (I2), and what comes before an array is clean (I9). */
#include <linux/major.h>
#include <linux/raid/md_u.h>

#include "io.h"

static const struct test_shape behind = { .slots = 2, .write_mostly = BIT(SLOW) };
static const struct test_shape behind3 = { .slots = 3, .write_mostly = BIT(SLOW) };

/* Another chunk is written, and becomes clean: the daemon has passed twice. */
static void daemon_passes(struct kunit *test, struct test_array *array, int round)
{
	unsigned int since = fake_bench_event(&array->bench);
	unsigned long chunk = 32 + round;

	EXPECT_ENDS(test_write(array, chunk * TEST_CHUNK, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, chunk)));
	/* one that set it, one that cleared it */
	KUNIT_EXPECT_LE(test, 2, fake_disk_count(test_disk(array, FAST), TEST_BITMAP, since));
}

/* The bit outlives the ack until the slow leg has the data. */
static void bit_is_held_for_the_slow_leg(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct fake_bio *data;
	int round, disk;

	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, 0, 8));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	test_hurry_daemon(array);
	for (round = 0; round < 3; round++) {
		daemon_passes(test, array, round);
		KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 0));
		KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, SLOW, 0));
	}

	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, 0)));
	data = MUST_FIND(slow, TEST_DATA(FAKE_WRITE, 0, 8), array->since);
	for (disk = 0; disk < array->shape.slots; disk++)
		KUNIT_EXPECT_NOT_NULL(test, fake_disk_find(test_disk(array, disk), TEST_FLUSH,
							   data->ended));
}

/* Of several writes behind to one chunk, each keeps the bit. */
static void every_behind_write_holds(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	int i;

	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, 0, TEST_CHUNK));
	for (i = 0; i < 3; i++)
		EXPECT_ENDS(test_write(array, i * 8, 8, i + 1));
	test_hurry_daemon(array);
	for (i = 0; i < 3; i++) {
		daemon_passes(test, array, i);
		KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 0));
		fake_disk_release_one(slow, 0);
	}
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, 0)));
}

/* A write that spans chunks holds all of them. */
static void every_chunk_is_held(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	int chunk;

	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, 0, 4 * TEST_CHUNK));
	EXPECT_ENDS(test_write(array, TEST_CHUNK - 1, 2 * TEST_CHUNK + 2, 1));
	test_hurry_daemon(array);
	daemon_passes(test, array, 0);
	daemon_passes(test, array, 1);
	for (chunk = 0; chunk < 4; chunk++)
		KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, chunk));
	fake_disk_release(slow);
	for (chunk = 0; chunk < 4; chunk++)
		KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, chunk)));
}

/* Nothing is cleared before every member has flushed its cache. */
static void flush_comes_before_clearing(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	int slot;

	EXPECT_ENDS(test_write(array, 0, 8, 1));
	for (slot = 0; slot < array->shape.slots; slot++)
		fake_disk_hold(test_disk(array, slot), TEST_FLUSH);
	test_hurry_daemon(array);
	for (slot = 0; slot < array->shape.slots; slot++) {
		struct fake_disk *disk = test_disk(array, slot);

		KUNIT_EXPECT_TRUE(test, test_wait(fake_disk_nr_held(disk)));
		test_settle(array);
		KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 0));
		fake_disk_release(disk);
	}
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, 0)));
}

/* A write that ends while the caches are being flushed is for the next flush. */
static void write_during_a_flush_needs_another(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *write;

	EXPECT_ENDS(test_write(array, 0, 8, 1));
	fake_disk_hold(fast, TEST_FLUSH);
	test_hurry_daemon(array);
	/* the first is that of the pass that ages the chunk, the second comes before clearing */
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
	fake_disk_release_one(fast, 0);
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
	write = test_write(array, 0, 8, 2);
	EXPECT_ENDS(write);
	fake_disk_release_one(fast, 0);
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_find(fast, TEST_FLUSH, write->ended)));
	test_settle(array);
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 0));
	fake_disk_release(fast);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, 0)));
}

/* A write finds its bit on the way out: it waits until it is back. */
static void write_during_a_clearing_waits(struct kunit *test)
{
	static const struct test_shape mirror = { .slots = 2 };
	struct test_array *array = test_array_start(test, &mirror);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *write;

	EXPECT_ENDS(test_write(array, 0, 8, 1));
	fake_disk_hold(fast, TEST_BITMAP);
	test_hurry_daemon(array);
	/* the superblock is in the same page, and may go first */
	while (test_bit_on_disk(array, SLOW, 0)) {
		KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
		test_settle(array);
		if (test_bit_on_disk(array, SLOW, 0))
			fake_disk_release_one(fast, 0);
	}
	write = test_write(array, 0, 8, 2);
	EXPECT_OPEN(write);
	fake_disk_release_one(fast, 0);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 8, 1));
	KUNIT_EXPECT_FALSE(test, test_bit_on_disk(array, FAST, 0));
	fake_disk_release(fast);
	EXPECT_ENDS(write);
}

/* A member that cannot flush may lack what it was sent, and is failed. */
static void failed_flush_clears_nothing(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct fake_disk *fast = test_disk(array, FAST);
	unsigned int since;

	EXPECT_ENDS(test_write(array, 0, 8, 1));
	fake_disk_fail(test_disk(array, THIRD), TEST_FLUSH, BLK_STS_IOERR, 1);
	test_hurry_daemon(array);
	KUNIT_ASSERT_TRUE(test, test_wait(array->mddev->degraded == 1));
	test_await_rest(array);
	since = fake_bench_event(&array->bench);
	EXPECT_ENDS(test_write(array, TEST_CHUNK, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_wait(fake_disk_find(fast, TEST_FLUSH, since)));
	test_settle(array);
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 0));
}

/* ---- I9 ---- */

struct helper {
	struct work_struct	work;
	struct test_array	*array;
	int			err;
	bool			done;
};

static void make_read_only(struct work_struct *work)
{
	struct helper *helper = container_of(work, struct helper, work);

	helper->err = test_array_ioctl(helper->array, STOP_ARRAY_RO, 0);
	WRITE_ONCE(helper->done, true);
}

static void clear_write_mostly(struct work_struct *work)
{
	struct helper *helper = container_of(work, struct helper, work);

	helper->err = test_array_store(helper->array, SLOW, "state", "-writemostly");
	WRITE_ONCE(helper->done, true);
}

/* md calls the array clean only when the slow leg has everything, on its platter. */
static void clean_waits_for_the_slow_leg(struct kunit *test)
{
	struct helper *helper = kunit_kzalloc(test, sizeof(*helper), GFP_KERNEL);
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct fake_disk *fast = test_disk(array, FAST);
	unsigned int since;

	KUNIT_ASSERT_NOT_NULL(test, helper);
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	since = fake_bench_event(&array->bench);
	helper->array = array;
	INIT_WORK(&helper->work, make_read_only);
	queue_work(system_unbound_wq, &helper->work);
	test_settle(array);
	KUNIT_EXPECT_FALSE(test, helper->done);
	KUNIT_EXPECT_FALSE(test, array->mddev->in_sync);
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(fast, TEST_SUPER, since));

	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(READ_ONCE(helper->done)));
	KUNIT_EXPECT_EQ(test, 0, helper->err);
	KUNIT_EXPECT_TRUE(test, array->mddev->in_sync);
	KUNIT_EXPECT_NOT_NULL(test, fake_disk_find(fast, TEST_SUPER, since));
	KUNIT_EXPECT_FALSE(test, test_bit_anywhere(array, 0));
	KUNIT_EXPECT_EQ(test, 0, test_array_ioctl(array, RESTART_ARRAY_RW, 0));
}

/* The array goes clean by itself only after the slow leg has caught up. */
static void safemode_waits_for_the_slow_leg(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct mddev *mddev = array->mddev;
	struct fake_disk *slow = test_disk(array, SLOW);
	int round;

	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, 0, 8));
	mddev->safemode_delay = 1;
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	test_hurry_daemon(array);
	for (round = 0; round < 3; round++) {
		daemon_passes(test, array, round);
		test_settle(array);
		KUNIT_EXPECT_FALSE(test, mddev->in_sync);
	}
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(READ_ONCE(mddev->in_sync)));
}

static bool goes_clean(struct test_array *array)
{
	WRITE_ONCE(array->mddev->safemode, 1);
	md_wakeup_thread(array->mddev->thread);
	test_settle(array);
	return READ_ONCE(array->mddev->in_sync);
}

/* A write that ends while the caches are being flushed is not on the platter after that. */
static void clean_waits_for_another_flush(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *fast = test_disk(array, FAST);

	EXPECT_ENDS(test_write(array, 0, 8, 1));
	fake_disk_hold(fast, TEST_FLUSH);
	test_hurry_daemon(array);
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
	KUNIT_EXPECT_FALSE(test, goes_clean(array));
	EXPECT_ENDS(test_write(array, TEST_CHUNK, 8, 1));
	fake_disk_release_one(fast, 0);
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
	KUNIT_EXPECT_FALSE(test, goes_clean(array));
	fake_disk_release(fast);
	KUNIT_EXPECT_TRUE(test, test_wait(goes_clean(array)));
}

/* ---- I10 ---- */

/*
 * The loss of the last sync member is not recorded before the slow leg lacks
 * nothing: after a crash that record makes it the source.
 */
static void source_is_settled_first(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct fake_bio *super, *data;
	unsigned int since;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	since = fake_bench_event(&array->bench);
	test_array_fail(array, FAST);
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(slow, TEST_SUPER, since));

	data = MUST_FIND(slow, TEST_ALL_DATA(FAKE_WRITE), array->since);
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(array)));
	super = MUST_FIND(slow, TEST_SUPER, since);
	KUNIT_EXPECT_GT(test, super->came, data->ended);
	KUNIT_EXPECT_TRUE(test, super->opf & REQ_PREFLUSH);
}

/* What waits there for a write that had fallen back is not there either. */
static void source_is_settled_behind_a_fallen_back_write(struct kunit *test)
{
	struct test_io *fallen_back = test_fall_back_in_front(test);
	struct test_array *array = fallen_back->array;
	struct fake_disk *slow = test_disk(array, SLOW);
	struct fake_bio *super;
	unsigned int since;

	since = fake_bench_event(&array->bench);
	test_array_fail(array, FAST);
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(slow, TEST_SUPER, since));
	fake_disk_release_one(slow, 0);
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(slow, TEST_SUPER, since));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(array)));
	super = MUST_FIND(slow, TEST_SUPER, since);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 8, 3));
	EXPECT_ENDS(fallen_back);
}

/* It is one as soon as one member has a superblock that says so. */
static void source_is_flushed_first(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_bio *flush, *super;
	unsigned int since;

	EXPECT_ENDS(test_write(array, 0, 8, 1));
	test_settle(array);
	since = fake_bench_event(&array->bench);
	KUNIT_EXPECT_EQ(test, 0, test_array_store(array, SLOW, "state", "-writemostly"));
	flush = MUST_FIND(test_disk(array, SLOW), TEST_FLUSH, since);
	super = MUST_FIND(test_disk(array, FAST), TEST_SUPER, since);
	KUNIT_EXPECT_TRUE(test, flush->ended);
	KUNIT_EXPECT_GT(test, super->came, flush->ended);
}

/*
 * The sync member comes back and is filled.  Until the superblocks say so, a crash
 * makes the slow leg the source: nothing is acknowledged that is behind there.
 */
static void filled_member_is_recorded_before_the_ack(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *write;

	test_array_fail(array, FAST);
	test_await_rest(array);
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, FAST));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	fake_disk_hold(fast, TEST_DATA(FAKE_WRITE, 0, TEST_CHUNK));
	KUNIT_ASSERT_EQ(test, 0, test_array_readd(array, FAST));
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
	fake_disk_hold(fast, TEST_SUPER);
	while (!test_is_in_sync(array, FAST)) {
		KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast) ||
						  test_is_in_sync(array, FAST)));
		if (fake_disk_nr_held(fast) && !test_is_in_sync(array, FAST))
			fake_disk_release_one(fast, 0);
	}
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
	write = test_write(array, 8 * TEST_CHUNK, 8, 2);
	EXPECT_OPEN(write);
	fake_disk_release(fast);
	EXPECT_ENDS(write);
}

/*
 * Two lag when the last sync member fails, and one of them hangs: when it is
 * failed as well, its answer does not matter to what is recorded.
 */
static void failed_source_is_not_waited_for(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 3, .write_mostly = BIT(SLOW) | BIT(THIRD) };
	struct test_array *array = test_array_start(test, &shape);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct fake_disk *third = test_disk(array, THIRD);
	unsigned int since;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	since = fake_bench_event(&array->bench);
	test_array_fail(array, FAST);
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(third, TEST_SUPER, since));
	test_array_fail(array, SLOW);
	KUNIT_EXPECT_TRUE(test, test_wait(fake_disk_find(third, TEST_SUPER, since)));
	EXPECT_ENDS(test_write(array, 64, 8, 2));
	KUNIT_EXPECT_EQ(test, 1, fake_disk_nr_held(slow));
}

/* The same where the user takes the flag away that says it may lag. */
static void flag_goes_when_the_slow_leg_has_caught_up(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct helper *helper = kunit_kzalloc(test, sizeof(*helper), GFP_KERNEL);
	unsigned int since;

	KUNIT_ASSERT_NOT_NULL(test, helper);
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	since = fake_bench_event(&array->bench);
	helper->array = array;
	INIT_WORK(&helper->work, clear_write_mostly);
	queue_work(system_unbound_wq, &helper->work);
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(slow, TEST_SUPER, since));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(READ_ONCE(helper->done)));
	KUNIT_EXPECT_EQ(test, 0, helper->err);
	KUNIT_EXPECT_TRUE(test, test_wait(fake_disk_find(slow, TEST_SUPER, since)));

	/* it counts as a sync member now */
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_OPEN(test_write(array, 64, 8, 1));
}

/* A crash before superblocks tell of a bitmap finds the legs as if there were none. */
static void bitmap_is_recorded_before_it_is_used(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *fast = test_disk(array, FAST);
	static const char * const locations[] = { "none", "+8" };
	struct test_io *write;
	int i;

	/* for a while, as far as the watch is concerned */
	array->shape.no_bitmap = true;
	for (i = 0; i < ARRAY_SIZE(locations); i++) {
		fake_disk_hold(fast, TEST_SUPER);
		KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "bitmap/location",
							  locations[i]));
		KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
		write = test_write(array, 4096 * i, 8, 1);
		EXPECT_OPEN(write);
		KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 4096 * i, 8, 0));
		KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 4096 * i, 8, 0));
		fake_disk_release(fast);
		EXPECT_ENDS(write);
	}
}

static struct kunit_case hold_cases[] = {
	KUNIT_CASE(bit_is_held_for_the_slow_leg),
	KUNIT_CASE(every_behind_write_holds),
	KUNIT_CASE(every_chunk_is_held),
	KUNIT_CASE(flush_comes_before_clearing),
	KUNIT_CASE(write_during_a_flush_needs_another),
	KUNIT_CASE(write_during_a_clearing_waits),
	KUNIT_CASE(failed_flush_clears_nothing),
	KUNIT_CASE(clean_waits_for_the_slow_leg),
	KUNIT_CASE(safemode_waits_for_the_slow_leg),
	KUNIT_CASE(clean_waits_for_another_flush),
	KUNIT_CASE(source_is_settled_first),
	KUNIT_CASE(source_is_settled_behind_a_fallen_back_write),
	KUNIT_CASE(source_is_flushed_first),
	KUNIT_CASE(filled_member_is_recorded_before_the_ack),
	KUNIT_CASE(failed_source_is_not_waited_for),
	KUNIT_CASE(flag_goes_when_the_slow_leg_has_caught_up),
	KUNIT_CASE(bitmap_is_recorded_before_it_is_used),
	{}
};

static struct kunit_suite hold_suite = {
	.name = "raid1wb_hold",
	.test_cases = hold_cases,
};

kunit_test_suite(hold_suite);
