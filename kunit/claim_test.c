// SPDX-License-Identifier: GPL-2.0
/* Whoever is rebuilt by the bitmap alone must have been a whole member before (I10). */
#include <linux/raid/md_p.h>
#include "bitmap_impl.h"
#include "io.h"
#include "metadata.h"

static const struct test_shape mirror = { .slots = 2 };

#define SPARE	3

static void wait_until_whole(struct kunit *test, struct test_array *array)
{
	KUNIT_EXPECT_TRUE(test, test_wait(!array->mddev->degraded));
	test_await_rest(array);
}

/* ---- what the kernel's raid1 had not finished ---- */

/* The member that was being replaced is gone. */
static void replacement_in_an_empty_slot(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &mirror);

	test_disk_fill(array, FAST, 0, TEST_SECTORS, 1);
	test_format_replacement(array, SLOW, SLOW, 1024);
	KUNIT_ASSERT_EQ(test, 0, test_array_run(array));
	wait_until_whole(test, array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 1024, TEST_SECTORS - 1024, 1));
	KUNIT_EXPECT_EQ(test, 0, test_features(array, SLOW) & MD_FEATURE_REPLACEMENT);
}

/* ... or has been replaced, but for the last superblock. */
static void replacement_that_is_done(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &mirror);

	test_format_replacement(array, SLOW, SLOW, MaxSector);
	KUNIT_ASSERT_EQ(test, 0, test_array_run(array));
	test_await_rest(array);
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	EXPECT_ENDS(test_write(array, 100, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 100, 8, 1));
	KUNIT_EXPECT_EQ(test, 0, test_features(array, SLOW) & MD_FEATURE_REPLACEMENT);
}

/* It is still there: the replacement goes on where it was. */
static void replacement_beside_the_member(struct kunit *test)
{
	static const struct test_shape shape = { .slots = 3 };
	struct test_array *array = test_array_format(test, &shape);

	test_disk_fill(array, FAST, 0, TEST_SECTORS, 1);
	test_disk_fill(array, SLOW, 0, 1024, 1);
	test_disk_fill(array, THIRD, 0, TEST_SECTORS, 1);
	test_format_replacement(array, SLOW, FAST, 1024);
	KUNIT_ASSERT_EQ(test, 0, test_array_run(array));
	KUNIT_ASSERT_TRUE(test, test_wait(test_is_in_sync(array, SLOW)));
	test_await_rest(array);
	KUNIT_EXPECT_FALSE(test, test_is_active(array, FAST));
	KUNIT_EXPECT_EQ(test, 0, test_member(array, SLOW)->raid_disk);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
	KUNIT_EXPECT_EQ(test, 0, test_features(array, SLOW) & MD_FEATURE_REPLACEMENT);
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(test_disk(array, SLOW),
						 TEST_DATA(FAKE_WRITE, 0, 1024), array->since));
}

/* Both are in sync, which is one too many: a spare, for whatever slot. */
static void replacement_beside_the_member_is_done(struct kunit *test)
{
	static const struct test_shape shape = { .slots = 3, .disks = BIT(FAST) | BIT(SLOW) };
	struct test_array *array = test_array_format(test, &shape);

	test_disk_fill(array, FAST, 0, TEST_SECTORS, 1);
	test_format_replacement(array, SLOW, FAST, MaxSector);
	KUNIT_ASSERT_EQ(test, 0, test_array_run(array));
	KUNIT_ASSERT_TRUE(test, test_wait(test_is_in_sync(array, SLOW)));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
	KUNIT_EXPECT_EQ(test, 0, test_features(array, SLOW) & MD_FEATURE_REPLACEMENT);
}

/* ---- what we had not finished ---- */

/* A new member fails and is taken back: after a crash nobody knows what it lacks. */
static void second_try_of_a_new_member(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct fake_disk *spare = test_disk(array, SPARE);

	test_disk_fill(array, FAST, 0, TEST_SECTORS, 1);
	test_array_fail(array, SLOW);
	test_await_rest(array);
	fake_disk_hold(spare, TEST_DATA(FAKE_WRITE, 2048, 128));
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(spare)));
	test_array_fail(array, SPARE);
	fake_disk_release(spare);
	test_await_rest(array);

	fake_disk_hold(spare, TEST_DATA(FAKE_WRITE, 4096, 128));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, SPARE, "state", "re-add"));
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(spare)));
	KUNIT_EXPECT_NE(test, 0, test_features(array, SPARE) & MD_FEATURE_RECOVERY_OFFSET);
	KUNIT_EXPECT_EQ(test, 0, test_features(array, SPARE) & MD_FEATURE_RECOVERY_BITMAP);
	fake_disk_release(spare);
	wait_until_whole(test, array);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* ---- what others have written since ---- */

/* The daemon runs now, if it would ever. */
static void daemon_passes(struct test_array *array)
{
	flush_delayed_work(&r1wb_bitmap_find(array->mddev)->daemon);
	test_settle(array);
}

static u64 events_cleared(struct test_array *array, int disk)
{
	const struct r1wb_disk_super *super =
		(void *)(test_disk(array, disk)->data + (BITMAP_SECTOR << SECTOR_SHIFT));

	return le64_to_cpu(super->events_cleared);
}

/*
 * Bits are cleared when it is recorded that members who left before are not to
 * be taken back; for which somebody may have to let go of the array first.
 */
static void cleared_bits_are_remembered(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct mddev *mddev = array->mddev;
	unsigned long chunk = 1024 / TEST_CHUNK;
	int passes;

	test_array_fail(array, SLOW);
	test_await_rest(array);
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, SLOW));
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	wait_until_whole(test, array);
	KUNIT_EXPECT_LT(test, events_cleared(array, FAST), test_events(array, SLOW));

	mddev_lock_nointr(mddev);
	EXPECT_ENDS(test_write(array, 1024, 8, 1));
	for (passes = 0; passes < 4; passes++)
		daemon_passes(array);
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, chunk));
	mddev_unlock(mddev);

	test_hurry_daemon(array);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, chunk)));
	KUNIT_EXPECT_GT(test, events_cleared(array, FAST), test_events(array, SLOW));
	/* the kernel's raid1 takes bits of an array with that count for cleared */
	KUNIT_EXPECT_LT(test, events_cleared(array, FAST), test_events(array, FAST));
	KUNIT_EXPECT_NE(test, 0, test_array_readd(array, SLOW));
}

/* Its place is taken, so it has to wait; and what it lacks has no bit any more when it gets one. */
static void spare_that_was_a_member(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);

	/* it may come back as long as no bit has been cleared */
	WRITE_ONCE(array->mddev->bitmap_info.daemon_sleep, 3600 * HZ);
	test_array_fail(array, SLOW);
	test_await_rest(array);
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, SLOW));
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	wait_until_whole(test, array);
	KUNIT_ASSERT_EQ(test, 0, test_array_readd(array, SLOW));
	test_await_rest(array);
	KUNIT_ASSERT_FALSE(test, test_is_active(array, SLOW));

	EXPECT_ENDS(test_write(array, 1024, 8, 1));
	test_hurry_daemon(array);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, 1024 / TEST_CHUNK)));
	test_array_fail(array, SPARE);
	KUNIT_EXPECT_TRUE(test, test_wait(test_is_in_sync(array, SLOW)));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 1024, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* ---- what its user does by hand ---- */

/* A member that was rebuilt before is given its slot again: that says nothing of what it lacks. */
static void slot_of_an_old_member(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);

	test_array_fail(array, SLOW);
	test_await_rest(array);
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, SLOW));
	KUNIT_ASSERT_EQ(test, 0, test_array_readd(array, SLOW));
	wait_until_whole(test, array);

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "frozen"));
	test_array_fail(array, SLOW);
	KUNIT_ASSERT_TRUE(test, test_wait(!READ_ONCE(array->mddev->sb_flags)));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, SLOW, "slot", "none"));
	EXPECT_ENDS(test_write(array, 1024, 8, 1));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, SLOW, "state", "re-add"));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, SLOW, "slot", "1"));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "recover"));
	wait_until_whole(test, array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 1024, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

static struct kunit_case claim_cases[] = {
	KUNIT_CASE(replacement_in_an_empty_slot),
	KUNIT_CASE(replacement_that_is_done),
	KUNIT_CASE(replacement_beside_the_member),
	KUNIT_CASE(replacement_beside_the_member_is_done),
	KUNIT_CASE(second_try_of_a_new_member),
	KUNIT_CASE(cleared_bits_are_remembered),
	KUNIT_CASE(spare_that_was_a_member),
	KUNIT_CASE(slot_of_an_old_member),
	{}
};

static struct kunit_suite claim_suite = {
	.name = "raid1wb_claim",
	.test_cases = claim_cases,
};

kunit_test_suite(claim_suite);
