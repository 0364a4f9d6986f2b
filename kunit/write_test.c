// SPDX-License-Identifier: GPL-2.0
/* A write's way: the bit first (I1), when it is acknowledged (I3), errors. */
#include <linux/raid/md_p.h>

#include "io.h"
#include "member.h"

static const struct test_shape mirror = { .slots = 2 };
static const struct test_shape behind = { .slots = 2, .write_mostly = BIT(SLOW) };
static const struct test_shape behind3 = { .slots = 3, .write_mostly = BIT(SLOW) };

static unsigned int data_sent(struct test_array *array, unsigned int since)
{
	unsigned int sent = 0;
	int disk;

	for (disk = 0; disk < FAKE_DISKS; disk++)
		sent += fake_disk_count(test_disk(array, disk),
					TEST_ALL_DATA(FAKE_CHANGE), since);
	return sent;
}

static bool is_failed(struct test_array *array, int slot)
{
	struct md_rdev *rdev = test_member(array, slot);

	return !rdev || test_bit(Faulty, &rdev->flags);
}

/* ---- I1 ---- */

static void bit_is_late_on(struct kunit *test, struct test_array *array, int slot)
{
	struct fake_disk *late = test_disk(array, slot);
	unsigned int since = fake_bench_event(&array->bench);
	sector_t sector = 3 * slot * TEST_CHUNK;	/* no stream */
	struct test_io *write;
	int disk;

	fake_disk_hold(late, TEST_BITMAP);
	write = test_write(array, sector, 8, 1);
	KUNIT_EXPECT_EQ(test, 1, fake_disk_nr_held(late));
	KUNIT_EXPECT_EQ(test, 0, data_sent(array, since));
	KUNIT_EXPECT_FALSE(test, test_io_ended(write));

	fake_disk_release(late);
	EXPECT_ENDS(write);
	test_settle(array);
	for (disk = 0; disk < array->shape.slots; disk++) {
		struct fake_bio *data = MUST_FIND(test_disk(array, disk),
						  TEST_DATA(FAKE_WRITE, sector, 8), since);

		KUNIT_EXPECT_GT(test, data->came, MUST_FIND(late, TEST_BITMAP, since)->ended);
	}
}

/* No member gets data before the bit is on every member's disk. */
static void bit_comes_first(struct kunit *test)
{
	static const struct test_shape mirror = { .slots = 3 };
	struct test_array *array = test_array_start(test, &mirror);
	int slot;

	for (slot = 0; slot < array->shape.slots; slot++)
		bit_is_late_on(test, array, slot);
}

/* A chunk whose bit is on disk costs no more metadata. */
static void dirty_chunk_is_free(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct test_io *write = test_write(array, 0, 8, 1);
	unsigned int since;

	EXPECT_ENDS(write);
	since = fake_bench_event(&array->bench);
	fake_disk_hold(test_disk(array, FAST), TEST_BITMAP);
	EXPECT_ENDS(test_write(array, 64, 8, 2));
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(test_disk(array, FAST), TEST_BITMAP, since));
}

/* Whoever needs a bit while the page is being written rides on the next one. */
static void riders_share_a_page(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *writes[8];
	int i;

	fake_disk_hold(fast, TEST_BITMAP);
	for (i = 0; i < ARRAY_SIZE(writes); i++)
		writes[i] = test_write(array, i * TEST_CHUNK, 8, i + 1);
	KUNIT_EXPECT_EQ(test, 1, fake_disk_count(fast, TEST_BITMAP, array->since));
	fake_disk_release_one(fast, 0);
	EXPECT_ENDS(writes[0]);
	for (i = 1; i < ARRAY_SIZE(writes); i++)
		EXPECT_OPEN(writes[i]);
	KUNIT_EXPECT_EQ(test, 2, fake_disk_count(fast, TEST_BITMAP, array->since));
	fake_disk_release(fast);
	for (i = 1; i < ARRAY_SIZE(writes); i++)
		EXPECT_ENDS(writes[i]);
	KUNIT_EXPECT_EQ(test, 2, fake_disk_count(fast, TEST_BITMAP, array->since));
}

/* ---- I3 ---- */

static void slow_member_is_not_waited_for(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	write = test_write(array, 0, 8, 1);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_EQ(test, 1, fake_disk_nr_held(slow));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 8, 0));
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(test_disk_holds(array, SLOW, 0, 8, 1)));
}

static void every_sync_member_is_waited_for(struct kunit *test)
{
	static const int last[] = { FAST, THIRD };
	struct test_array *array = test_array_start(test, &behind3);
	int i;

	for (i = 0; i < ARRAY_SIZE(last); i++) {
		struct fake_disk *disk = test_disk(array, last[i]);
		struct test_io *write;

		fake_disk_hold(disk, TEST_ALL_DATA(FAKE_WRITE));
		write = test_write(array, i * TEST_CHUNK, 8, 1);
		EXPECT_OPEN(write);
		KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, i * TEST_CHUNK, 8, 1));
		fake_disk_release(disk);
		EXPECT_ENDS(write);
	}
}

/* Without write-behind a write-mostly member is waited for like any other. */
static void no_behind_without_a_limit(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .write_mostly = BIT(SLOW), .no_behind = true };
	struct test_array *array = test_array_start(test, &shape);
	struct test_io *write;

	fake_disk_hold(test_disk(array, SLOW), TEST_ALL_DATA(FAKE_WRITE));
	write = test_write(array, 0, 8, 1);
	EXPECT_OPEN(write);
	fake_disk_release(test_disk(array, SLOW));
	EXPECT_ENDS(write);
}

static void no_behind_without_a_bitmap(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .write_mostly = BIT(SLOW), .no_bitmap = true };
	struct test_array *array = test_array_start(test, &shape);
	struct test_io *write;

	fake_disk_hold(test_disk(array, SLOW), TEST_ALL_DATA(FAKE_WRITE));
	write = test_write(array, 0, 8, 1);
	EXPECT_OPEN(write);
	fake_disk_release(test_disk(array, SLOW));
	EXPECT_ENDS(write);
}

/* A failed member is known as failed on the others' disks before the ack. */
static void failure_is_recorded_before_the_ack(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct fake_disk *third = test_disk(array, THIRD);
	struct test_io *write;
	struct fake_bio *super;

	fake_disk_fail(test_disk(array, FAST), TEST_ALL_DATA(FAKE_WRITE), BLK_STS_IOERR, 1);
	fake_disk_hold(third, TEST_SUPER);
	write = test_write(array, 0, 8, 1);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_TRUE(test, is_failed(array, FAST));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, THIRD, 0, 8, 1));
	super = MUST_FIND(third, TEST_SUPER, array->since);

	fake_disk_release(third);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_GT(test, write->ended, super->ended);
	KUNIT_EXPECT_GT(test, write->ended,
			MUST_FIND(test_disk(array, SLOW), TEST_SUPER, array->since)->ended);
}

/* The same for the behind member, which the write itself does not wait for. */
static void failing_slow_member_does_not_undo_the_ack(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	fake_disk_fail(slow, TEST_ALL_DATA(FAKE_WRITE), BLK_STS_IOERR, 1);
	write = test_write(array, 0, 8, 1);
	EXPECT_ENDS(write);
	fake_disk_release_one(slow, 0);
	KUNIT_EXPECT_TRUE(test, test_wait(is_failed(array, SLOW)));
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(array)));
	EXPECT_ENDS(test_write(array, 0, 8, 2));
}

/* A member that lacks the bit is known as failed before the others get data. */
static void lost_bit_is_recorded_before_data(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *write;

	fake_disk_fail(test_disk(array, THIRD), TEST_BITMAP, BLK_STS_IOERR, 1);
	fake_disk_hold(fast, TEST_SUPER);
	write = test_write(array, 0, 8, 1);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_TRUE(test, is_failed(array, THIRD));
	KUNIT_EXPECT_EQ(test, 0, data_sent(array, array->since));

	fake_disk_release(fast);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, THIRD, 0, 8, 0));
	KUNIT_EXPECT_GT(test, MUST_FIND(fast, TEST_ALL_DATA(FAKE_WRITE), array->since)->came,
			MUST_FIND(fast, TEST_SUPER, array->since)->ended);
}

static u64 events_on(struct test_array *array, int disk)
{
	struct mdp_superblock_1 *super = (void *)(test_disk(array, disk)->data +
						  (SUPER_SECTOR << SECTOR_SHIFT));

	return le64_to_cpu(super->events);
}

/*
 * A member fails while the array becomes clean, and the next write has come
 * already: what is on that member must look older than what is on the other.
 */
static void record_is_newer_than_what_failed(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct fake_disk *fast = test_disk(array, FAST);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	/* once, as more than that is recorded with the first write */
	array->mddev->safemode_delay = 1;
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	KUNIT_ASSERT_TRUE(test, test_wait(READ_ONCE(array->mddev->in_sync)));
	test_await_rest(array);
	array->mddev->safemode_delay = 0;
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	test_settle(array);
	KUNIT_ASSERT_FALSE(test, array->mddev->in_sync);
	KUNIT_ASSERT_EQ(test, events_on(array, FAST), events_on(array, SLOW));

	fake_disk_hold(fast, TEST_SUPER);
	fake_disk_fail(fast, TEST_SUPER, BLK_STS_IOERR, 1);
	array->mddev->safemode_delay = 1;
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
	fake_disk_hold(slow, TEST_SUPER);
	write = test_write(array, 0, 8, 2);
	EXPECT_OPEN(write);
	fake_disk_release_one(fast, 0);
	/* not one more than it needs */
	while (!test_io_ended(write)) {
		KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(slow)));
		fake_disk_release_one(slow, 0);
		test_settle(array);
	}
	EXPECT_ENDS(write);

	KUNIT_EXPECT_TRUE(test, is_failed(array, FAST));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 8, 2));
	KUNIT_EXPECT_GT(test, events_on(array, SLOW), events_on(array, FAST));
}

/* ---- errors ---- */

/* One behind leg is enough to save a write, but it has to be waited for then. */
static void slow_member_saves_the_write(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	fake_disk_fail(test_disk(array, FAST), TEST_ALL_DATA(FAKE_WRITE), BLK_STS_IOERR, 1);
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	write = test_write(array, 0, 8, 1);
	EXPECT_OPEN(write);
	fake_disk_release(slow);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 8, 1));
	KUNIT_EXPECT_TRUE(test, is_failed(array, FAST));
}

/* Nobody has the data: an error, and one member is kept. */
static void error_on_every_member(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct test_io *write;

	fake_disk_fail(test_disk(array, FAST), TEST_ALL_DATA(FAKE_WRITE), BLK_STS_IOERR, 1);
	fake_disk_fail(test_disk(array, SLOW), TEST_ALL_DATA(FAKE_WRITE), BLK_STS_IOERR, 1);
	write = test_write(array, 0, 8, 1);
	KUNIT_EXPECT_TRUE(test, test_io_ends(write, BLK_STS_IOERR));
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(array)));
	KUNIT_EXPECT_EQ(test, 1, array->mddev->degraded);
	KUNIT_EXPECT_NE(test, is_failed(array, FAST), is_failed(array, SLOW));
}

/* The last member is not failed by a write error; the user is told. */
static void error_on_the_last_member(struct kunit *test)
{
	static const struct test_shape shape = { .slots = 2, .disks = BIT(SLOW) };
	struct test_array *array = test_array_start(test, &shape);

	fake_disk_fail(test_disk(array, SLOW), TEST_DATA(FAKE_WRITE, 0, 8), BLK_STS_IOERR, 1);
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_write(array, 0, 8, 1), BLK_STS_IOERR));
	KUNIT_EXPECT_FALSE(test, is_failed(array, SLOW));
	KUNIT_EXPECT_EQ(test, 1, array->mddev->degraded);
}

/* The bitmap cannot be written anywhere: no data, an error, no endless wait. */
static void bit_lost_on_the_last_member(struct kunit *test)
{
	static const struct test_shape shape = { .slots = 2, .disks = BIT(SLOW) };
	struct test_array *array = test_array_start(test, &shape);

	fake_disk_fail(test_disk(array, SLOW), TEST_BITMAP, BLK_STS_IOERR, 1);
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_write(array, 0, 8, 1), BLK_STS_IOERR));
	KUNIT_EXPECT_EQ(test, 0, data_sent(array, array->since));
	KUNIT_EXPECT_FALSE(test, is_failed(array, SLOW));
}

/* What a failed member lacks is remembered. */
static void bits_stay_while_degraded(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct fake_disk *fast = test_disk(array, FAST);
	int i;

	EXPECT_ENDS(test_write(array, 0, 8, 1));
	test_array_fail(array, THIRD);
	test_await_rest(array);
	test_hurry_daemon(array);
	for (i = 1; i < 4; i++) {
		struct test_io *write = test_write(array, i * TEST_CHUNK, 8, 1);

		EXPECT_ENDS(write);
		/* the daemon passes, and flushes */
		KUNIT_EXPECT_TRUE(test, test_wait(fake_disk_find(fast, TEST_FLUSH,
								 write->ended)));
	}
	test_settle(array);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, i));
		KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, SLOW, i));
	}
}

static struct kunit_case write_cases[] = {
	KUNIT_CASE(bit_comes_first),
	KUNIT_CASE(dirty_chunk_is_free),
	KUNIT_CASE(riders_share_a_page),
	KUNIT_CASE(slow_member_is_not_waited_for),
	KUNIT_CASE(every_sync_member_is_waited_for),
	KUNIT_CASE(no_behind_without_a_limit),
	KUNIT_CASE(no_behind_without_a_bitmap),
	KUNIT_CASE(failure_is_recorded_before_the_ack),
	KUNIT_CASE(failing_slow_member_does_not_undo_the_ack),
	KUNIT_CASE(lost_bit_is_recorded_before_data),
	KUNIT_CASE(record_is_newer_than_what_failed),
	KUNIT_CASE(slow_member_saves_the_write),
	KUNIT_CASE(error_on_every_member),
	KUNIT_CASE(error_on_the_last_member),
	KUNIT_CASE(bit_lost_on_the_last_member),
	KUNIT_CASE(bits_stay_while_degraded),
	{}
};

static struct kunit_suite write_suite = {
	.name = "raid1wb_write",
	.test_cases = write_cases,
};

kunit_test_suite(write_suite);
