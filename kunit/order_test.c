// SPDX-License-Identifier: GPL-2.0
/* Overlapping writes one after the other (I4), and what quiescing waits for. */
#include <kunit/static_stub.h>

#include "io.h"

static const struct test_shape behind = { .slots = 2, .write_mostly = BIT(SLOW) };
static const struct test_shape behind3 = { .slots = 3, .write_mostly = BIT(SLOW) };

static unsigned int sent(struct test_array *array, sector_t sector, sector_t sectors)
{
	unsigned int count = 0;
	int disk;

	for (disk = 0; disk < array->shape.slots; disk++)
		count += fake_disk_count(test_disk(array, disk),
					 TEST_DATA(FAKE_CHANGE, sector, sectors), array->since);
	return count;
}

static unsigned int sent_to(struct test_array *array, int disk, sector_t sector,
			    sector_t sectors)
{
	return fake_disk_count(test_disk(array, disk), TEST_DATA(FAKE_CHANGE, sector, sectors),
			       array->since);
}

static bool holds_everywhere(struct test_array *array, sector_t sector,
			     sector_t sectors, u32 mark)
{
	int disk;

	for (disk = 0; disk < array->shape.slots; disk++)
		if (!test_disk_holds(array, disk, sector, sectors, mark))
			return false;
	return true;
}

static long dropped(struct test_array *array)
{
	return atomic_long_read(&test_conf(array)->backlog.dropped);
}

static int backlog(struct test_array *array)
{
	return atomic_read(&test_conf(array)->backlog.writes);
}

/* While the slow leg lacks a write, one that overlaps waits there, and nowhere else. */
static void overlap_waits_where_it_must(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	EXPECT_ENDS(test_write(array, 7, 8, 2));
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 2, sent_to(array, FAST, 0, 16));
	KUNIT_EXPECT_EQ(test, 1, sent_to(array, SLOW, 0, 16));

	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(holds_everywhere(array, 7, 8, 2)));
	KUNIT_EXPECT_TRUE(test, holds_everywhere(array, 0, 7, 1));
}

/* The same for a sync member that is slow to answer; and that one is waited for. */
static void overlap_waits_for_sync_members(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct fake_disk *third = test_disk(array, THIRD);
	struct test_io *first, *second;

	fake_disk_hold(third, TEST_ALL_DATA(FAKE_CHANGE));
	first = test_write(array, 8, 8, 1);
	second = test_write(array, 0, 9, 2);
	EXPECT_OPEN(first);
	EXPECT_OPEN(second);
	KUNIT_EXPECT_EQ(test, 2, sent_to(array, FAST, 0, 16));
	KUNIT_EXPECT_EQ(test, 1, sent_to(array, THIRD, 0, 16));
	fake_disk_release(third);
	EXPECT_ENDS(first);
	EXPECT_ENDS(second);
	KUNIT_EXPECT_TRUE(test, test_wait(holds_everywhere(array, 0, 9, 2)));
}

static void neighbours_pass(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 8, 8, 1));
	EXPECT_ENDS(test_write(array, 16, 8, 2));
	EXPECT_ENDS(test_write(array, 0, 8, 3));
	KUNIT_EXPECT_EQ(test, 3, fake_disk_nr_held(slow));
}

/* First come, first served. */
static void overlaps_go_in_turn(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	int i;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	for (i = 0; i < 5; i++)
		EXPECT_ENDS(test_write(array, i * 4, 8, i + 1));
	for (i = 0; i < 5; i++) {
		test_settle(array);
		KUNIT_EXPECT_EQ(test, i + 1, sent_to(array, SLOW, 0, 64));
		fake_disk_release_one(slow, 0);
	}
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_TRUE(test, holds_everywhere(array, i * 4, 4, i + 1));
	KUNIT_EXPECT_EQ(test, 0, dropped(array));
}

/* Who waits is waited for by those that overlap it, even if they could go. */
static void turns_are_kept_in_chains(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	EXPECT_ENDS(test_write(array, 4, 8, 2));
	EXPECT_ENDS(test_write(array, 8, 8, 3));
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 0, sent_to(array, SLOW, 8, 8));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(holds_everywhere(array, 8, 8, 3)));
	KUNIT_EXPECT_TRUE(test, holds_everywhere(array, 4, 4, 2));
}

/* ---- what a newer write covers ---- */

/* A block that is written all the time costs the slow leg one write per round trip. */
static void covered_writes_are_dropped(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	int i;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	for (i = 0; i < 10; i++)
		EXPECT_ENDS(test_write(array, 0, 8, i + 1));
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 8, dropped(array));
	KUNIT_EXPECT_EQ(test, 2, backlog(array));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 0));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	KUNIT_EXPECT_EQ(test, 2, sent_to(array, SLOW, 0, 8));
	KUNIT_EXPECT_TRUE(test, holds_everywhere(array, 0, 8, 10));
}

/* One large write takes the place of many, and of none that it only touches. */
static void only_what_is_covered_is_dropped(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	int i;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 0, 64, 1));
	for (i = 0; i < 8; i++)
		EXPECT_ENDS(test_write(array, i * 8, 8, i + 2));
	EXPECT_ENDS(test_write(array, 8, 44, 20));
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 5, dropped(array));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	KUNIT_EXPECT_TRUE(test, holds_everywhere(array, 0, 8, 2));
	KUNIT_EXPECT_TRUE(test, holds_everywhere(array, 8, 44, 20));
	KUNIT_EXPECT_TRUE(test, holds_everywhere(array, 52, 4, 8));
	KUNIT_EXPECT_TRUE(test, holds_everywhere(array, 56, 8, 9));
}

/* What was dropped may have been in somebody's way. */
static void dropping_makes_way(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 0, 4, 1));
	EXPECT_ENDS(test_write(array, 2, 6, 2));
	EXPECT_ENDS(test_write(array, 6, 6, 3));
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 0, sent_to(array, SLOW, 8, 4));
	EXPECT_ENDS(test_write(array, 0, 8, 4));
	KUNIT_EXPECT_TRUE(test, test_wait(sent_to(array, SLOW, 8, 4) == 1));
	KUNIT_EXPECT_EQ(test, 1, dropped(array));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	KUNIT_EXPECT_TRUE(test, holds_everywhere(array, 0, 8, 4));
	KUNIT_EXPECT_TRUE(test, holds_everywhere(array, 8, 4, 3));
}

/* The slow leg may yet have to save a write that is not acknowledged. */
static void unacknowledged_writes_are_not_dropped(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW), *fast = test_disk(array, FAST);
	struct test_io *second, *third;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	fake_disk_hold(fast, TEST_ALL_DATA(FAKE_CHANGE));
	second = test_write(array, 0, 8, 2);
	third = test_write(array, 0, 8, 3);
	EXPECT_OPEN(second);
	EXPECT_OPEN(third);
	KUNIT_EXPECT_EQ(test, 0, dropped(array));
	fake_disk_release(fast);
	EXPECT_ENDS(second);
	EXPECT_ENDS(third);
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(holds_everywhere(array, 0, 8, 3)));
	KUNIT_EXPECT_EQ(test, 3, sent_to(array, SLOW, 0, 8));
}

/* A discard may do less than it says, so it takes nobody's place; but a write takes its. */
static void discards_cover_nothing(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	EXPECT_ENDS(test_write(array, 0, 8, 2));
	EXPECT_ENDS(test_io_start(array, REQ_OP_DISCARD, 0, 8, 0));
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 0, dropped(array));
	EXPECT_ENDS(test_write(array, 0, 8, 3));
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 2, dropped(array));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	KUNIT_EXPECT_TRUE(test, holds_everywhere(array, 0, 8, 3));
}

/* ---- what falls back, and what is not data ---- */

static struct folio *no_folio(size_t bytes)
{
	return NULL;
}

/* A write that falls back to the normal way overtakes nothing (F8). */
static void fallback_keeps_its_turn(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *second, *third;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	kunit_activate_static_stub(test, r1wb_copy_folio, no_folio);
	second = test_write(array, 0, 8, 2);
	third = test_write(array, 0, 8, 3);
	EXPECT_OPEN(second);
	KUNIT_EXPECT_EQ(test, 2, sent(array, 0, 8));
	fake_disk_release_one(slow, 0);
	EXPECT_OPEN(second);
	KUNIT_EXPECT_EQ(test, 4, sent(array, 0, 8));
	fake_disk_release(slow);
	EXPECT_ENDS(second);
	EXPECT_ENDS(third);
	KUNIT_EXPECT_TRUE(test, holds_everywhere(array, 0, 8, 3));
}

/* Nor does a discard, in either direction. */
static void discards_keep_their_turn(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	EXPECT_ENDS(test_io_start(array, REQ_OP_DISCARD, 0, 16, 0));
	EXPECT_ENDS(test_write(array, 8, 8, 2));
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 1, sent_to(array, SLOW, 0, 16));
	fake_disk_release_one(slow, 0);
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 2, sent_to(array, SLOW, 0, 16));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(holds_everywhere(array, 8, 8, 2)));
	KUNIT_EXPECT_TRUE(test, holds_everywhere(array, 0, 8, 0));
}

/* Members that end their writes in any order change nothing. */
static void slow_leg_ends_in_any_order(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	int i;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	for (i = 0; i < 4; i++)
		EXPECT_ENDS(test_write(array, i * 8, 8, i + 1));
	EXPECT_ENDS(test_write(array, 4, 24, 9));
	for (i = 3; i >= 0; i--) {
		test_settle(array);
		KUNIT_EXPECT_EQ(test, 4, sent_to(array, SLOW, 0, 32));
		fake_disk_release_one(slow, i);
	}
	KUNIT_EXPECT_TRUE(test, test_wait(sent_to(array, SLOW, 0, 32) == 5));
	fake_disk_release_reversed(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(holds_everywhere(array, 4, 24, 9)));
	KUNIT_EXPECT_TRUE(test, holds_everywhere(array, 0, 4, 1));
	KUNIT_EXPECT_TRUE(test, holds_everywhere(array, 28, 4, 4));
}

/* ---- members that fail ---- */

/* What waits for its turn on a member that hangs has nothing to wait for once that has failed. */
static void failure_empties_the_line(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	EXPECT_ENDS(test_write(array, 4, 8, 2));
	EXPECT_ENDS(test_write(array, 8, 8, 3));
	KUNIT_EXPECT_EQ(test, 3, backlog(array));
	test_array_fail(array, SLOW);
	KUNIT_EXPECT_TRUE(test, test_wait(backlog(array) == 1));
	EXPECT_ENDS(test_write(array, 0, 8, 4));
	KUNIT_EXPECT_EQ(test, 1, sent_to(array, SLOW, 0, 16));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 0));
}

/* Nor has one that fell back and waits for all members: its turn comes. */
static void failure_lets_fallen_back_writes_go(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *second;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	kunit_activate_static_stub(test, r1wb_copy_folio, no_folio);
	second = test_write(array, 0, 8, 2);
	EXPECT_OPEN(second);
	KUNIT_EXPECT_EQ(test, 1, sent_to(array, FAST, 0, 8));
	test_array_fail(array, SLOW);
	EXPECT_ENDS(second);
	KUNIT_EXPECT_EQ(test, 1, sent_to(array, SLOW, 0, 8));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, 8, 2));
}

/*
 * The last sync member fails while an acknowledged write waits for its turn on
 * the slow one: it goes on, and nobody is told that the slow one is the source
 * before it has landed, nor reads anything older.
 */
static void backlog_survives_the_last_sync_member(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *read;
	unsigned int failed;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	EXPECT_ENDS(test_write(array, 4, 8, 2));
	failed = array->bench.now;
	test_array_fail(array, FAST);
	read = test_read(array, 4, 8);
	EXPECT_OPEN(read);
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(slow, TEST_SUPER, failed));
	fake_disk_release_one(slow, 0);
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 2, sent_to(array, SLOW, 0, 16));
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(slow, TEST_SUPER, failed));
	EXPECT_OPEN(read);
	fake_disk_release(slow);
	EXPECT_ENDS(read);
	KUNIT_EXPECT_TRUE(test, test_io_holds(read, 2));
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(array)));
	KUNIT_EXPECT_LT(test, 0, fake_disk_count(slow, TEST_SUPER, failed));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 4, 1));
}

/* A member that comes back has a line like any other. */
static void order_holds_after_a_re_add(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	test_array_fail(array, SLOW);
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(array)));
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, SLOW));
	KUNIT_ASSERT_EQ(test, 0, test_array_readd(array, SLOW));
	KUNIT_EXPECT_TRUE(test, test_wait(!READ_ONCE(array->mddev->degraded)));
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(array)));
	array->since = array->bench.now;
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	EXPECT_ENDS(test_write(array, 4, 8, 2));
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 1, sent_to(array, SLOW, 0, 16));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(holds_everywhere(array, 4, 8, 2)));
}

/* ---- quiescing ---- */

struct quiescing {
	struct work_struct	work;
	struct mddev		*mddev;
	bool			done;
};

static void quiesce_work(struct work_struct *work)
{
	struct quiescing *quiescing = container_of(work, struct quiescing, work);
	struct mddev *mddev = quiescing->mddev;

	mddev->pers->quiesce(mddev, 1);
	WRITE_ONCE(quiescing->done, true);
}

static struct quiescing *quiesce(struct kunit *test, struct test_array *array)
{
	struct quiescing *quiescing = kunit_kzalloc(test, sizeof(*quiescing), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, quiescing);
	quiescing->mddev = array->mddev;
	INIT_WORK(&quiescing->work, quiesce_work);
	queue_work(system_unbound_wq, &quiescing->work);
	test_settle(array);
	return quiescing;
}

/* Quiet means: no write is under way, those to the slow leg included. */
static void quiesce_waits_for_writes(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct quiescing *quiescing;
	struct test_io *late;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	quiescing = quiesce(test, array);
	KUNIT_EXPECT_FALSE(test, quiescing->done);
	late = test_write(array, 64, 8, 2);
	EXPECT_OPEN(late);
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(READ_ONCE(quiescing->done)));
	EXPECT_OPEN(late);
	KUNIT_EXPECT_EQ(test, 0, sent(array, 64, 8));
	array->mddev->pers->quiesce(array->mddev, 0);
	EXPECT_ENDS(late);
}

/*
 * A write that waits for a failure to be recorded is not waited for: md may be
 * quiescing with the lock held that recording it needs.
 */
static void quiesce_passes_a_parked_write(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct mddev *mddev = array->mddev;
	struct quiescing *quiescing;
	struct test_io *write;

	fake_disk_fail(test_disk(array, THIRD), TEST_BITMAP, BLK_STS_IOERR, 1);
	mddev_lock_nointr(mddev);
	write = test_write(array, 0, 8, 1);
	KUNIT_EXPECT_EQ(test, 1, mddev->degraded);
	KUNIT_EXPECT_FALSE(test, list_empty(&test_conf(array)->parked));
	quiescing = quiesce(test, array);
	KUNIT_EXPECT_TRUE(test, test_wait(READ_ONCE(quiescing->done)));
	mddev_unlock(mddev);

	/* recorded, but it stays parked until the array is let go */
	KUNIT_EXPECT_TRUE(test, test_wait(!READ_ONCE(mddev->sb_flags)));
	EXPECT_OPEN(write);
	KUNIT_EXPECT_EQ(test, 0, sent(array, 0, 8));
	mddev->pers->quiesce(mddev, 0);
	EXPECT_ENDS(write);
}

/* The same for one that has only to be acknowledged. */
static void quiesce_passes_a_parked_ack(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct mddev *mddev = array->mddev;
	struct quiescing *quiescing;
	struct test_io *write;

	fake_disk_fail(test_disk(array, THIRD), TEST_ALL_DATA(FAKE_WRITE), BLK_STS_IOERR, 1);
	mddev_lock_nointr(mddev);
	write = test_write(array, 0, 8, 1);
	KUNIT_EXPECT_EQ(test, 1, mddev->degraded);
	EXPECT_OPEN(write);
	quiescing = quiesce(test, array);
	KUNIT_EXPECT_TRUE(test, test_wait(READ_ONCE(quiescing->done)));
	mddev_unlock(mddev);
	EXPECT_ENDS(write);
	mddev->pers->quiesce(mddev, 0);
}

/* Nor for what waits for its turn behind such a write, on any member. */
static void quiesce_passes_what_waits_for_a_parked_write(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct mddev *mddev = array->mddev;
	struct quiescing *quiescing;
	struct test_io *first, *second, *third;

	EXPECT_ENDS(test_write(array, TEST_CHUNK, 8, 1));
	fake_disk_fail(test_disk(array, THIRD), TEST_BITMAP, BLK_STS_IOERR, 1);
	mddev_lock_nointr(mddev);
	first = test_write(array, TEST_CHUNK - 8, 16, 2);
	second = test_write(array, TEST_CHUNK, 8, 3);
	third = test_write(array, TEST_CHUNK + 4, 8, 4);
	quiescing = quiesce(test, array);
	KUNIT_EXPECT_TRUE(test, test_wait(READ_ONCE(quiescing->done)));
	mddev_unlock(mddev);
	KUNIT_EXPECT_TRUE(test, test_wait(!READ_ONCE(mddev->sb_flags)));
	EXPECT_OPEN(first);
	mddev->pers->quiesce(mddev, 0);
	EXPECT_ENDS(first);
	EXPECT_ENDS(second);
	EXPECT_ENDS(third);
}

/* Parked writes keep their turn. */
static void overlap_waits_for_a_parked_write(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *first, *second;

	fake_disk_fail(test_disk(array, THIRD), TEST_BITMAP, BLK_STS_IOERR, 1);
	fake_disk_hold(fast, TEST_SUPER);
	first = test_write(array, 0, 8, 1);
	second = test_write(array, 0, 8, 2);
	EXPECT_OPEN(first);
	EXPECT_OPEN(second);
	KUNIT_EXPECT_EQ(test, 0, sent(array, 0, 8));
	fake_disk_release(fast);
	EXPECT_ENDS(first);
	EXPECT_ENDS(second);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_wait(test_disk_holds(array, SLOW, 0, 8, 2)));
}

#define LONG_CHAIN	250

/* However many wait there one for the other, the failure of the first ends them all. */
static void failure_ends_a_long_chain(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;
	int i;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_CHANGE));
	fake_disk_fail(slow, TEST_ALL_DATA(FAKE_CHANGE), BLK_STS_IOERR, 1);
	for (i = 0; i < LONG_CHAIN; i++) {
		write = test_io_new(array, REQ_OP_WRITE, i, 2, i + 1);
		test_io_go(write);
		EXPECT_ENDS(write);
	}
	KUNIT_EXPECT_EQ(test, LONG_CHAIN, backlog(array));
	KUNIT_EXPECT_EQ(test, 1, fake_disk_nr_held(slow));
	fake_disk_release_one(slow, 0);
	KUNIT_EXPECT_TRUE(test, test_wait(!backlog(array)));
	KUNIT_EXPECT_EQ(test, 1, sent_to(array, SLOW, 0, LONG_CHAIN + 1));
}

static struct kunit_case order_cases[] = {
	KUNIT_CASE(overlap_waits_where_it_must),
	KUNIT_CASE(overlap_waits_for_sync_members),
	KUNIT_CASE(neighbours_pass),
	KUNIT_CASE(overlaps_go_in_turn),
	KUNIT_CASE(turns_are_kept_in_chains),
	KUNIT_CASE(covered_writes_are_dropped),
	KUNIT_CASE(only_what_is_covered_is_dropped),
	KUNIT_CASE(dropping_makes_way),
	KUNIT_CASE(unacknowledged_writes_are_not_dropped),
	KUNIT_CASE(discards_cover_nothing),
	KUNIT_CASE(fallback_keeps_its_turn),
	KUNIT_CASE(discards_keep_their_turn),
	KUNIT_CASE(slow_leg_ends_in_any_order),
	KUNIT_CASE(failure_empties_the_line),
	KUNIT_CASE(failure_ends_a_long_chain),
	KUNIT_CASE(failure_lets_fallen_back_writes_go),
	KUNIT_CASE(backlog_survives_the_last_sync_member),
	KUNIT_CASE(order_holds_after_a_re_add),
	KUNIT_CASE(quiesce_waits_for_writes),
	KUNIT_CASE(quiesce_passes_a_parked_write),
	KUNIT_CASE(quiesce_passes_a_parked_ack),
	KUNIT_CASE(quiesce_passes_what_waits_for_a_parked_write),
	KUNIT_CASE(overlap_waits_for_a_parked_write),
	{}
};

static struct kunit_suite order_suite = {
	.name = "raid1wb_order",
	.test_cases = order_cases,
};

kunit_test_suite(order_suite);
