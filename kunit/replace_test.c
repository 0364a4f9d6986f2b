// SPDX-License-Identifier: GPL-2.0
/* A member is replaced while it still works. */
#include <linux/raid/md_p.h>

#include "io.h"
#include "metadata.h"

#define SPARE	3

static const struct test_shape mirror = { .slots = 2 };
static const struct test_shape behind = { .slots = 2, .write_mostly = BIT(SLOW) };

/* ---- what a case does, and looks at ---- */

static struct test_array *start_full(struct kunit *test, const struct test_shape *shape)
{
	struct test_array *array = test_array_start(test, shape);

	test_disk_fill(array, FAST, 0, TEST_SECTORS, 1);
	test_disk_fill(array, SLOW, 0, TEST_SECTORS, 1);
	return array;
}

static void want_replaced(struct test_array *array, int disk)
{
	KUNIT_ASSERT_EQ(array->test, 0,
			test_array_store(array, disk, "state", "want_replacement"));
}

static bool is_replacement(struct test_array *array, int disk)
{
	struct md_rdev *rdev = test_member(array, disk);

	return rdev && rdev->raid_disk >= 0 && test_bit(Replacement, &rdev->flags);
}

static bool replacement_on_disk(struct test_array *array, int disk)
{
	return test_features(array, disk) & MD_FEATURE_REPLACEMENT;
}

/* The second half of its data does not arrive. */
static void replace_half(struct test_array *array, int disk)
{
	struct fake_disk *spare = test_disk(array, SPARE);
	struct kunit *test = array->test;

	fake_disk_hold(spare, TEST_DATA(FAKE_WRITE, TEST_SECTORS / 2, TEST_SECTORS / 2));
	want_replaced(array, disk);
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(spare)));
	KUNIT_ASSERT_TRUE(test, is_replacement(array, SPARE));
}

static void expect_replaced(struct test_array *array, int disk)
{
	struct kunit *test = array->test;
	int slot = disk;

	KUNIT_EXPECT_TRUE(test, test_wait(test_is_in_sync(array, SPARE) &&
					  !is_replacement(array, SPARE)));
	test_await_rest(array);
	KUNIT_EXPECT_EQ(test, slot, test_member(array, SPARE)->raid_disk);
	KUNIT_EXPECT_FALSE(test, test_is_active(array, disk));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	KUNIT_EXPECT_EQ(test, 2, test_conf(array)->nr_members);
	KUNIT_EXPECT_FALSE(test, replacement_on_disk(array, SPARE));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* ---- the usual way ---- */

/* The array stays whole; what is written meanwhile is on all three. */
static void spare_replaces(struct kunit *test)
{
	struct test_array *array = start_full(test, &mirror);
	struct fake_disk *spare = test_disk(array, SPARE);

	replace_half(array, SLOW);
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	KUNIT_EXPECT_TRUE(test, test_is_in_sync(array, SLOW));
	KUNIT_EXPECT_TRUE(test, replacement_on_disk(array, SPARE));
	EXPECT_ENDS(test_write(array, 100, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 100, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 100, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SPARE, 100, 8, 2));
	fake_disk_release(spare);
	expect_replaced(array, SLOW);
	EXPECT_ENDS(test_write(array, 200, 8, 3));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SPARE, 200, 8, 3));
	KUNIT_EXPECT_FALSE(test, test_disk_holds(array, SLOW, 200, 8, 3));
	test_expect_bits_go(array, TEST_SECTORS / TEST_CHUNK);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* md does not suspend the array when a slot is given by hand, as mdadm does. */
static void replacement_is_chosen_by_hand(struct kunit *test)
{
	struct test_array *array = start_full(test, &mirror);
	struct r1wb_order *order = &test_conf(array)->order;
	struct test_io *write;

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "frozen"));
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	KUNIT_EXPECT_NE(test, 0, test_array_store(array, SPARE, "slot", "0"));
	want_replaced(array, FAST);
	KUNIT_EXPECT_NE(test, 0, test_array_store(array, SPARE, "slot", "1"));
	r1wb_order_quiesce(order);
	write = test_write(array, 100, 8, 2);
	KUNIT_EXPECT_EQ(test, 0, test_array_store(array, SPARE, "slot", "0"));
	r1wb_order_unquiesce(order);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SPARE, 100, 8, 2));
	KUNIT_EXPECT_TRUE(test, is_replacement(array, SPARE));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "recover"));
	expect_replaced(array, FAST);
}

/* What a slow one has not got yet is not waited for, and is elsewhere. */
static void slow_one_is_given_up(struct kunit *test)
{
	struct test_array *array = start_full(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	replace_half(array, SLOW);
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 2));
	EXPECT_ENDS(test_write(array, 4, 8, 3));
	fake_disk_release(test_disk(array, SPARE));
	KUNIT_EXPECT_TRUE(test, test_wait(test_is_in_sync(array, SPARE)));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	/* md cannot take it away yet, and whoever writes does not care */
	EXPECT_ENDS(test_write(array, 8, 8, 4));
	KUNIT_EXPECT_TRUE(test, is_replacement(array, SPARE));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SPARE, 0, 4, 2));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SPARE, 4, 4, 3));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SPARE, 8, 8, 4));
	fake_disk_release(slow);
	expect_replaced(array, SLOW);
}

/* A copy that sleeps on the one that leaves, and one on the one that comes. */
static void bitmaps_sleep(struct kunit *test)
{
	struct test_array *array = start_full(test, &behind);
	struct fake_disk *spare = test_disk(array, SPARE);
	unsigned int since;

	EXPECT_ENDS(test_write(array, 0, 8, 2));
	KUNIT_ASSERT_TRUE(test, test_wait(test_is_asleep(array, SLOW)));
	replace_half(array, SLOW);
	since = fake_bench_event(&array->bench);
	EXPECT_ENDS(test_write(array, 10 * TEST_CHUNK, 8, 3));
	KUNIT_EXPECT_TRUE(test, test_is_asleep(array, SLOW));
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(test_disk(array, SLOW), TEST_BITMAP, since));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, SPARE, 10));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, SPARE, "state", "writemostly"));
	fake_disk_release(spare);
	expect_replaced(array, SLOW);
	EXPECT_ENDS(test_write(array, 20 * TEST_CHUNK, 8, 4));
	KUNIT_EXPECT_TRUE(test, test_wait(test_is_asleep(array, SPARE)));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 20));
	KUNIT_EXPECT_TRUE(test, test_wait(test_legs_equal(array)));
}

/* ---- failures ---- */

/* It fails before it has everything: nothing has happened. */
static void replacement_fails(struct kunit *test)
{
	struct test_array *array = start_full(test, &mirror);
	struct fake_disk *spare = test_disk(array, SPARE);

	replace_half(array, SLOW);
	test_array_fail(array, SPARE);
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	EXPECT_ENDS(test_write(array, 100, 8, 2));
	fake_disk_release(spare);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_is_in_sync(array, SLOW));
	KUNIT_EXPECT_EQ(test, 2, test_conf(array)->nr_members);
	test_expect_bits_go(array, TEST_SECTORS / TEST_CHUNK);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
	/* a resync does not care for who lacks everything */
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "bitmap_set_bits", "3"));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "idle"));
	test_expect_bits_go(array, TEST_SECTORS / TEST_CHUNK);
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(test_disk(array, SLOW),
						 TEST_DATA(FAKE_WRITE, 4 * TEST_CHUNK,
							   TEST_SECTORS - 4 * TEST_CHUNK),
						 array->since));
	/* it was never here: when it comes again, it gets everything */
	EXPECT_ENDS(test_write(array, 300, 8, 3));
	if (test_array_store(array, SPARE, "state", "re-add")) {
		KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, SPARE));
		KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	}
	expect_replaced(array, SLOW);
}

/* The other one does: then it is the member, which is being rebuilt. */
static void replaced_one_fails(struct kunit *test)
{
	struct test_array *array = start_full(test, &mirror);
	struct fake_disk *spare = test_disk(array, SPARE);

	replace_half(array, SLOW);
	test_array_fail(array, SLOW);
	KUNIT_EXPECT_EQ(test, 1, array->mddev->degraded);
	EXPECT_ENDS(test_write(array, 100, 8, 2));
	fake_disk_release(spare);
	expect_replaced(array, SLOW);
	test_expect_bits_go(array, TEST_SECTORS / TEST_CHUNK);
}

/* Whoever has been replaced has no claim, though bits were cleared before md let go of him. */
static void who_was_replaced_has_no_claim(struct kunit *test)
{
	struct test_array *array = start_full(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	replace_half(array, SLOW);
	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, 20 * TEST_CHUNK, 8));
	EXPECT_ENDS(test_write(array, 20 * TEST_CHUNK, 8, 2));
	fake_disk_release(test_disk(array, SPARE));
	KUNIT_ASSERT_TRUE(test, test_wait(test_is_in_sync(array, SPARE)));
	EXPECT_ENDS(test_write(array, 5 * TEST_CHUNK, 8, 3));
	test_expect_bits_go(array, 10);
	KUNIT_EXPECT_EQ(test, 1, test_member(array, SLOW)->raid_disk);
	fake_disk_release(slow);
	expect_replaced(array, SLOW);
	test_array_fail(array, SPARE);
	test_await_rest(array);
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, SLOW));
	if (test_array_readd(array, SLOW))
		KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SLOW));
	KUNIT_EXPECT_TRUE(test, test_wait(!READ_ONCE(array->mddev->degraded)));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 5 * TEST_CHUNK, 8, 3));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* No write is acknowledged that passes over who is replaced, before that is recorded. */
static void replacing_is_recorded_first(struct kunit *test)
{
	struct test_array *array = start_full(test, &mirror);
	struct fake_disk *fast = test_disk(array, FAST);
	struct md_rdev *old = test_member(array, SLOW);
	struct test_io *write;
	int others = 0;

	replace_half(array, SLOW);
	fake_disk_hold(fast, TEST_SUPER);
	fake_disk_release(test_disk(array, SPARE));
	/* others are written as well, by the same thread */
	while (!test_bit(Faulty, &old->flags)) {
		KUNIT_ASSERT_LT(test, others++, 20);
		KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast) ||
						  test_bit(Faulty, &old->flags)));
		if (!test_bit(Faulty, &old->flags))
			fake_disk_release_one(fast, 0);
	}
	write = test_io_new(array, REQ_OP_WRITE, 100, 8, 2);
	test_io_go(write);
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
	EXPECT_OPEN(write);
	fake_disk_release(fast);
	EXPECT_ENDS(write);
	expect_replaced(array, SLOW);
}

/* ---- stopped in the middle, and other changes ---- */

/* Its superblock tells how far it is, and for whom; see claim_test.c for what follows. */
static void stop_in_the_middle(struct kunit *test)
{
	struct test_array *array = start_full(test, &mirror);

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_max", "4096"));
	want_replaced(array, FAST);
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	KUNIT_ASSERT_TRUE(test, test_wait(test_disk_holds(array, SPARE, 0, 4096, 1)));
	KUNIT_EXPECT_TRUE(test, is_replacement(array, SPARE));
	test_array_stop(array);
	KUNIT_EXPECT_TRUE(test, replacement_on_disk(array, SPARE));
	KUNIT_EXPECT_NE(test, 0, test_features(array, SPARE) & MD_FEATURE_RECOVERY_OFFSET);
	KUNIT_EXPECT_FALSE(test, replacement_on_disk(array, FAST));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, TEST_SECTORS, 1));
}

/* Members move to other slots, and replacements with them. */
static void replacement_moves_up(struct kunit *test)
{
	static const struct test_shape three = { .slots = 3 };
	struct test_array *array = start_full(test, &three);

	test_disk_fill(array, THIRD, 0, TEST_SECTORS, 1);
	test_array_fail(array, FAST);
	test_await_rest(array);
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, FAST));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "frozen"));
	want_replaced(array, THIRD);
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, SPARE, "slot", "2"));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "raid_disks", "2"));
	KUNIT_EXPECT_EQ(test, 1, test_member(array, THIRD)->raid_disk);
	KUNIT_EXPECT_EQ(test, 1, test_member(array, SPARE)->raid_disk);
	KUNIT_EXPECT_TRUE(test, is_replacement(array, SPARE));
	EXPECT_ENDS(test_write(array, 100, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SPARE, 100, 8, 2));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "recover"));
	KUNIT_EXPECT_TRUE(test, test_wait(test_is_in_sync(array, SPARE)));
	test_await_rest(array);
	KUNIT_EXPECT_FALSE(test, test_is_active(array, THIRD));
	KUNIT_EXPECT_EQ(test, 1, test_member(array, SPARE)->raid_disk);
	test_expect_bits_go(array, TEST_SECTORS / TEST_CHUNK);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

static struct kunit_case replace_cases[] = {
	KUNIT_CASE(spare_replaces),
	KUNIT_CASE(replacement_is_chosen_by_hand),
	KUNIT_CASE(slow_one_is_given_up),
	KUNIT_CASE(bitmaps_sleep),
	KUNIT_CASE(replacement_fails),
	KUNIT_CASE(replaced_one_fails),
	KUNIT_CASE(who_was_replaced_has_no_claim),
	KUNIT_CASE(replacing_is_recorded_first),
	KUNIT_CASE(stop_in_the_middle),
	KUNIT_CASE(replacement_moves_up),
	{}
};

static struct kunit_suite replace_suite = {
	.name = "raid1wb_replace",
	.test_cases = replace_cases,
};

kunit_test_suite(replace_suite);
