// SPDX-License-Identifier: GPL-2.0
/* PREFLUSH and FUA (I8): a promise of the sync members; the slow ones have the bit. */
#include "io.h"

#define FLUSH	(REQ_OP_WRITE | REQ_PREFLUSH)
#define DURABLE	(REQ_OP_WRITE | REQ_PREFLUSH | REQ_FUA)

static const struct test_shape behind3 = { .slots = 3, .write_mostly = BIT(SLOW) };
static const struct test_shape only_slow = {
	.slots = 2, .write_mostly = BIT(SLOW), .disks = BIT(SLOW) };

static unsigned int flushes(struct test_array *array, int disk)
{
	return fake_disk_count(test_disk(array, disk), TEST_FLUSH, array->since);
}

static blk_opf_t flags_of(struct test_array *array, int disk, sector_t sector)
{
	struct fake_bio *io = fake_disk_find(test_disk(array, disk),
					     TEST_DATA(FAKE_WRITE, sector, 8), array->since);

	return io ? io->opf & (REQ_PREFLUSH | REQ_FUA) : 0;
}

static void flush_goes_to_sync_members(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);

	EXPECT_ENDS(test_io_start(array, FLUSH, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, 1, flushes(array, FAST));
	KUNIT_EXPECT_EQ(test, 1, flushes(array, THIRD));
	KUNIT_EXPECT_EQ(test, 0, flushes(array, SLOW));
}

static void flush_waits_for_every_sync_member(struct kunit *test)
{
	static const int last[] = { FAST, THIRD };
	struct test_array *array = test_array_start(test, &behind3);
	int i;

	for (i = 0; i < ARRAY_SIZE(last); i++) {
		struct fake_disk *disk = test_disk(array, last[i]);
		struct test_io *flush;

		fake_disk_hold(disk, TEST_FLUSH);
		flush = test_io_start(array, FLUSH, 0, 0, 0);
		EXPECT_OPEN(flush);
		fake_disk_release(disk);
		EXPECT_ENDS(flush);
	}
}

/* Neither for writes on their way to the slow leg, nor for its cache. */
static void flush_does_not_wait_for_the_slow_leg(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	fake_disk_hold(slow, TEST_FLUSH);
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	EXPECT_ENDS(test_io_start(array, FLUSH, 0, 0, 0));
	EXPECT_ENDS(test_io_start(array, DURABLE, 64, 8, 1));
}

static void durable_write_is_durable_on_sync_members(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);

	EXPECT_ENDS(test_io_start(array, DURABLE, 0, 8, 1));
	EXPECT_ENDS(test_io_start(array, REQ_OP_WRITE | REQ_FUA, 64, 8, 1));
	KUNIT_EXPECT_EQ(test, REQ_PREFLUSH | REQ_FUA, flags_of(array, FAST, 0));
	KUNIT_EXPECT_EQ(test, REQ_PREFLUSH | REQ_FUA, flags_of(array, THIRD, 0));
	KUNIT_EXPECT_EQ(test, REQ_FUA, flags_of(array, FAST, 64));
	KUNIT_EXPECT_EQ(test, 0, flags_of(array, SLOW, 0));
	KUNIT_EXPECT_EQ(test, 0, flags_of(array, SLOW, 64));
	KUNIT_EXPECT_TRUE(test, test_wait(test_disk_holds(array, SLOW, 0, 8, 1)));
}

/* A slow member on its own has to keep the promise itself. */
static void flush_with_no_sync_member(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &only_slow);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *flush;

	fake_disk_hold(slow, TEST_FLUSH);
	flush = test_io_start(array, FLUSH, 0, 0, 0);
	EXPECT_OPEN(flush);
	KUNIT_EXPECT_EQ(test, 1, fake_disk_nr_held(slow));
	fake_disk_release(slow);
	EXPECT_ENDS(flush);
}

static void durable_write_with_no_sync_member(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &only_slow);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	write = test_io_start(array, DURABLE, 0, 8, 1);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_EQ(test, REQ_PREFLUSH | REQ_FUA, flags_of(array, SLOW, 0));
	fake_disk_release(slow);
	EXPECT_ENDS(write);
}

/* All who were asked for it have failed: whoever saved the write is asked then. */
static void durable_write_saved_by_the_slow_leg(struct kunit *test)
{
	static const struct test_shape shape = { .slots = 2, .write_mostly = BIT(SLOW) };
	struct test_array *array = test_array_start(test, &shape);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;
	struct fake_bio *data, *flush;

	fake_disk_fail(test_disk(array, FAST), TEST_ALL_DATA(FAKE_WRITE), BLK_STS_IOERR, 1);
	write = test_io_start(array, DURABLE, 0, 8, 1);
	EXPECT_ENDS(write);
	data = MUST_FIND(slow, TEST_DATA(FAKE_WRITE, 0, 8), array->since);
	flush = MUST_FIND(slow, TEST_FLUSH, data->ended);
	KUNIT_EXPECT_GT(test, write->ended, flush->ended);
}

/* A member whose flush fails is failed, and recorded before the flush is done. */
static void failed_flush_fails_its_member(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *flush;

	fake_disk_fail(test_disk(array, THIRD), TEST_FLUSH, BLK_STS_IOERR, 1);
	fake_disk_hold(fast, TEST_SUPER);
	flush = test_io_start(array, FLUSH, 0, 0, 0);
	EXPECT_OPEN(flush);
	KUNIT_EXPECT_EQ(test, 1, array->mddev->degraded);
	fake_disk_release(fast);
	EXPECT_ENDS(flush);
}

/* Nobody could flush: that is an error. */
static void flush_fails_on_the_last_member(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &only_slow);

	fake_disk_fail(test_disk(array, SLOW), TEST_FLUSH, BLK_STS_IOERR, 1);
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_io_start(array, FLUSH, 0, 0, 0), BLK_STS_IOERR));
	KUNIT_EXPECT_EQ(test, 1, array->mddev->degraded);
}

static struct kunit_case flush_cases[] = {
	KUNIT_CASE(flush_goes_to_sync_members),
	KUNIT_CASE(flush_waits_for_every_sync_member),
	KUNIT_CASE(flush_does_not_wait_for_the_slow_leg),
	KUNIT_CASE(durable_write_is_durable_on_sync_members),
	KUNIT_CASE(flush_with_no_sync_member),
	KUNIT_CASE(durable_write_with_no_sync_member),
	KUNIT_CASE(durable_write_saved_by_the_slow_leg),
	KUNIT_CASE(failed_flush_fails_its_member),
	KUNIT_CASE(flush_fails_on_the_last_member),
	{}
};

static struct kunit_suite flush_suite = {
	.name = "raid1wb_flush",
	.test_cases = flush_cases,
};

kunit_test_suite(flush_suite);
