// SPDX-License-Identifier: GPL-2.0
/* Members that cannot write, and what becomes of them (I2, I3, I4). */
#include <linux/raid/md_p.h>

#include "bitmap_impl.h"
#include "io.h"

static const struct test_shape mirror = { .slots = 2, .bad_blocks = true };
static const struct test_shape single = {
	.slots = 2, .disks = BIT(FAST), .bad_blocks = true };
static const struct test_shape behind = {
	.slots = 2, .write_mostly = BIT(SLOW), .bad_blocks = true };

#define ALWAYS	UINT_MAX

static void break_sector(struct test_array *array, int disk, sector_t sector, unsigned int times)
{
	fake_disk_fail(test_disk(array, disk), TEST_DATA(FAKE_WRITE, sector, 1),
		       BLK_STS_MEDIUM, times);
}

/* All of @sectors from 0 on, but for one, which is known as bad. */
static void expect_all_but(struct kunit *test, struct test_array *array, int disk,
			   sector_t bad, sector_t sectors, u32 mark)
{
	KUNIT_EXPECT_TRUE(test, test_is_bad(array, disk, bad, 1));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, disk, 0, bad));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, disk, bad + 1, sectors - bad - 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, disk, 0, bad, mark));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, disk, bad + 1, sectors - bad - 1, mark));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
}

/* ---- what is found out ---- */

static void what_cannot_be_written_is_recorded(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct md_rdev *rdev = test_member(array, FAST);
	struct test_io *read;

	break_sector(array, FAST, 10, ALWAYS);
	EXPECT_ENDS(test_write(array, 0, 16, 1));
	expect_all_but(test, array, FAST, 10, 16, 1);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 16, 1));
	KUNIT_EXPECT_TRUE(test, test_bit(WriteErrorSeen, &rdev->flags));
	KUNIT_EXPECT_TRUE(test, test_bit(WantReplacement, &rdev->flags));
	KUNIT_EXPECT_FALSE(test, test_bit(WriteErrorSeen, &test_member(array, SLOW)->flags));
	read = test_read(array, 0, 16);
	EXPECT_ENDS(read);
	KUNIT_EXPECT_TRUE(test, test_io_holds(read, 1));
}

/* The second time it works: the only member has the data. */
static void passing_error_leaves_nothing(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &single);

	break_sector(array, FAST, 10, 1);
	EXPECT_ENDS(test_write(array, 0, 16, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, 16, 1));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, FAST, 0, 16));
}

/* Nobody has it: the caller is told, and the rest of the member is good as ever. */
static void error_of_the_last_member_is_the_callers(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &single);

	break_sector(array, FAST, 10, ALWAYS);
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_write(array, 0, 16, 1), BLK_STS_IOERR));
	KUNIT_EXPECT_TRUE(test, test_is_bad(array, FAST, 10, 1));
	KUNIT_EXPECT_TRUE(test, test_is_in_sync(array, FAST));
	KUNIT_EXPECT_FALSE(test, test_bit(MD_BROKEN, &array->mddev->flags));
	EXPECT_ENDS(test_write(array, 16, 16, 2));
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_read(array, 8, 8), BLK_STS_IOERR));
}

/* From its copy, as the caller has got its buffer back. */
static void slow_leg_is_narrowed_from_the_copy(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	write = test_write(array, 0, 16, 1);
	EXPECT_ENDS(write);
	test_io_fill(write, 7);
	break_sector(array, SLOW, 10, ALWAYS);
	while (test_wait(fake_disk_nr_held(slow)) && !test_is_bad(array, SLOW, 10, 1))
		fake_disk_release_one(slow, 0);
	fake_disk_release(slow);
	test_settle(array);
	expect_all_but(test, array, SLOW, 10, 16, 1);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&test_conf(array)->backlog.writes));
	test_hurry_daemon(array);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, 0)));
}

static void durable_write_is_narrowed_durably(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct fake_bio *block;

	break_sector(array, FAST, 10, 1);
	EXPECT_ENDS(test_io_start(array, REQ_OP_WRITE | REQ_FUA, 0, 16, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, 16, 1));
	block = fake_disk_find(test_disk(array, FAST), TEST_DATA(FAKE_WRITE, 3, 1),
			       fake_disk_find(test_disk(array, FAST), TEST_DATA(FAKE_WRITE, 3, 1),
					      array->since)->came);
	KUNIT_ASSERT_NOT_NULL(test, block);
	KUNIT_EXPECT_EQ(test, 1, block->sectors);
	KUNIT_EXPECT_TRUE(test, block->opf & REQ_FUA);
}

/* ---- who fails ---- */

static void fill_badblocks(struct kunit *test, struct md_rdev *rdev)
{
	int i;

	for (i = 0; i < MAX_BADBLOCKS; i++)
		KUNIT_ASSERT_EQ(test, 0, badblocks_set(&rdev->badblocks,
						       DATA_SECTOR + 1024 + 2 * i, 1, 1));
}

static void member_fails(struct kunit *test, struct test_array *array, blk_opf_t opf)
{
	break_sector(array, FAST, 10, ALWAYS);
	EXPECT_ENDS(test_io_start(array, REQ_OP_WRITE | opf, 0, 16, 1));
	KUNIT_EXPECT_EQ(test, 1, array->mddev->degraded);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_is_active(array, FAST)));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 16, 1));
}

static unsigned int writes(struct test_array *array, int disk)
{
	return fake_disk_count(test_disk(array, disk), TEST_ALL_DATA(FAKE_WRITE), array->since);
}

static void member_with_a_full_list_fails(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);

	fill_badblocks(test, test_member(array, FAST));
	member_fails(test, array, 0);
}

static void member_without_a_list_fails(struct kunit *test)
{
	static const struct test_shape shape = { .slots = 2 };
	struct test_array *array = test_array_start(test, &shape);

	member_fails(test, array, 0);
	KUNIT_EXPECT_EQ(test, 1, writes(array, FAST));
}

static void member_that_fails_fast_fails(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);

	set_bit(FailFast, &test_member(array, FAST)->flags);
	member_fails(test, array, 0);
	KUNIT_EXPECT_EQ(test, 1, writes(array, FAST));
}

/* It may be the flush that has failed, and lost what was written before. */
static void member_that_may_have_lost_its_cache_fails(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);

	member_fails(test, array, REQ_PREFLUSH);
	KUNIT_EXPECT_EQ(test, 1, writes(array, FAST));
}

static void member_whose_list_cannot_be_begun_fails(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);

	fake_disk_fail(test_disk(array, FAST), TEST_LIST, BLK_STS_IOERR, ALWAYS);
	member_fails(test, array, 0);
}

/* ---- I3, I2, I10: nobody relies on what is not recorded yet ---- */

static bool list_is_empty(struct fake_disk *disk)
{
	return !memchr_inv(disk->data + (BADBLOCKS_SECTOR << SECTOR_SHIFT), 0xff,
			   BADBLOCKS_SECTORS << SECTOR_SHIFT);
}

/* What is written to the list while nothing else is. */
static void expect_empty_list(struct kunit *test, struct test_array *array, sector_t bad)
{
	struct fake_disk *fast = test_disk(array, FAST);
	unsigned int before = fake_bench_event(&array->bench);
	struct fake_bio *empty, *super;
	struct test_io *write;

	break_sector(array, FAST, bad, ALWAYS);
	fake_disk_hold(fast, TEST_LIST);
	write = test_write(array, bad, 1, 1);
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
	test_settle(array);
	empty = fake_disk_find(fast, TEST_LIST, before);
	KUNIT_ASSERT_NOT_NULL(test, empty);
	KUNIT_EXPECT_TRUE(test, empty->opf & REQ_PREFLUSH);
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, FAST, bad, 1));
	KUNIT_EXPECT_NULL(test, fake_disk_find(fast, TEST_SUPER, empty->came));
	fake_disk_release_one(fast, 0);
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
	super = fake_disk_find(fast, TEST_SUPER, empty->came);
	KUNIT_ASSERT_NOT_NULL(test, super);
	KUNIT_EXPECT_GT(test, super->came, empty->ended);
	KUNIT_EXPECT_TRUE(test, list_is_empty(fast));
	fake_disk_release(fast);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_FALSE(test, list_is_empty(fast));
}

/* A superblock that tells of a list may be there without it. */
static void list_is_begun_before_a_superblock_tells_of_it(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);

	expect_empty_list(test, array, 10);
}

/* What was bad has been good since. */
static void list_is_begun_again(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);

	expect_empty_list(test, array, 10);
	/* as if it had been started again */
	clear_bit(WriteErrorSeen, &test_member(array, FAST)->flags);
	EXPECT_ENDS(test_write(array, 10, 1, 2));
	KUNIT_ASSERT_TRUE(test, test_wait(!test_is_bad(array, FAST, 10, 1)));
	test_await_rest(array);
	expect_empty_list(test, array, 20);
}

static void bad_block_is_recorded_before_the_ack(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;
	struct fake_bio *super;

	break_sector(array, FAST, 10, ALWAYS);
	fake_disk_hold(slow, TEST_SUPER);
	write = test_write(array, 0, 16, 1);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 16, 1));
	super = fake_disk_find(slow, TEST_SUPER, array->since);
	KUNIT_ASSERT_NOT_NULL(test, super);
	fake_disk_release(slow);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_GT(test, write->ended, super->ended);
	KUNIT_EXPECT_FALSE(test, test_member(array, FAST)->badblocks.unacked_exist);
}

/* Until then, a crash makes a source of who lags. */
static void healed_block_is_recorded_before_the_ack(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct md_rdev *rdev = test_member(array, FAST);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *write;
	struct fake_bio *super;

	KUNIT_ASSERT_EQ(test, 0, badblocks_set(&rdev->badblocks, DATA_SECTOR + 8, 4, 1));
	fake_disk_hold(fast, TEST_SUPER);
	write = test_write(array, 0, 16, 1);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, 16, 1));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, FAST, 0, 16));
	super = fake_disk_find(fast, TEST_SUPER, array->since);
	KUNIT_ASSERT_NOT_NULL(test, super);
	fake_disk_release(fast);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_GT(test, write->ended, super->ended);
}

static void run_daemon(struct test_array *array, int passes)
{
	struct r1wb_bitmap *bitmap = test_conf(array)->seat.bitmap;

	while (passes--) {
		r1wb_daemon_kick(bitmap);
		flush_delayed_work(&bitmap->daemon);
	}
}

/* md is kept from recording it: until then the bit is all that tells. */
static void bad_block_is_recorded_before_the_bit_goes(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct mddev *mddev = array->mddev;
	struct test_io *write;

	/* once, so that events_cleared is what it is to be */
	test_hurry_daemon(array);
	EXPECT_ENDS(test_write(array, 0, 16, 1));
	KUNIT_ASSERT_TRUE(test, test_wait(!test_bit_anywhere(array, 0)));
	break_sector(array, SLOW, 10, ALWAYS);
	write = test_io_new(array, REQ_OP_WRITE, 0, 16, 2);
	mddev_lock_nointr(mddev);
	test_io_go(write);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_TRUE(test, test_wait(!atomic_read(&test_conf(array)->backlog.writes)));
	KUNIT_EXPECT_TRUE(test, test_is_bad(array, SLOW, 10, 1));
	run_daemon(array, 4);
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 0));
	mddev_unlock(mddev);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, 0)));
	KUNIT_EXPECT_FALSE(test, test_member(array, SLOW)->badblocks.unacked_exist);
}

/* ---- I4 ---- */

/* The first has failed, and is being narrowed: the next one waits until that is done. */
static void nothing_overtakes_a_leg_that_is_narrowed(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	break_sector(array, SLOW, 10, 1);
	EXPECT_ENDS(test_write(array, 0, 16, 1));
	EXPECT_ENDS(test_write(array, 8, 16, 2));
	fake_disk_release_one(slow, 0);
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 1, fake_disk_nr_held(slow));
	KUNIT_EXPECT_EQ(test, 2, writes(array, SLOW));
	fake_disk_release_reversed(slow);
	test_settle(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 8, 16, 2));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, SLOW, 0, 24));
}

/* ---- known bad blocks ---- */

/* A write error has been seen there, so nobody tries again; REQ_NOWAIT or not. */
static void known_bad_blocks_are_left_out(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct md_rdev *rdev = test_member(array, FAST);
	blk_opf_t nowait[] = { 0, REQ_NOWAIT };
	int i;

	set_bit(WriteErrorSeen, &rdev->flags);
	KUNIT_ASSERT_EQ(test, 0, badblocks_set(&rdev->badblocks, DATA_SECTOR + 8, 4, 1));
	for (i = 0; i < ARRAY_SIZE(nowait); i++) {
		array->since = fake_bench_event(&array->bench);
		EXPECT_ENDS(test_io_start(array, REQ_OP_WRITE | nowait[i], 0, 32, i + 1));
		KUNIT_EXPECT_EQ(test, 2, writes(array, FAST));
		KUNIT_EXPECT_EQ(test, 0, fake_disk_count(test_disk(array, FAST),
							 TEST_DATA(FAKE_WRITE, 8, 4),
							 array->since));
		KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, 8, i + 1));
		KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 12, 20, i + 1));
		KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 32, i + 1));
	}
	KUNIT_EXPECT_TRUE(test, test_is_bad(array, FAST, 8, 4));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
}

/* One more is found on the way. */
static void another_bad_block_is_recorded(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct md_rdev *rdev = test_member(array, FAST);

	set_bit(WriteErrorSeen, &rdev->flags);
	KUNIT_ASSERT_EQ(test, 0, badblocks_set(&rdev->badblocks, DATA_SECTOR + 8, 4, 1));
	break_sector(array, FAST, 20, ALWAYS);
	EXPECT_ENDS(test_io_start(array, REQ_OP_WRITE | REQ_PREFLUSH | REQ_FUA, 0, 32, 1));
	KUNIT_EXPECT_TRUE(test, test_is_bad(array, FAST, 20, 1));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, FAST, 12, 8));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, FAST, 21, 11));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 21, 11, 1));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	/* it was asked for, and has been flushed by itself */
	KUNIT_EXPECT_EQ(test, 1, fake_disk_count(test_disk(array, FAST), TEST_FLUSH, array->since));
}

static void what_is_bad_everywhere_is_an_error(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	int slot;

	for (slot = 0; slot < array->shape.slots; slot++) {
		struct md_rdev *rdev = test_member(array, slot);

		set_bit(WriteErrorSeen, &rdev->flags);
		KUNIT_ASSERT_EQ(test, 0, badblocks_set(&rdev->badblocks, DATA_SECTOR + 8, 4, 1));
	}
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_write(array, 8, 4, 1), BLK_STS_IOERR));
	EXPECT_ENDS(test_write(array, 12, 4, 1));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
}

/*
 * Only the slow leg has the data, and nobody asks that for flushes later: so it
 * is flushed before the write is acknowledged.
 */
static void what_only_the_slow_leg_has_is_flushed(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct md_rdev *rdev = test_member(array, FAST);
	struct test_io *write, *read;
	struct fake_bio *leg, *flush;

	set_bit(WriteErrorSeen, &rdev->flags);
	KUNIT_ASSERT_EQ(test, 0, badblocks_set(&rdev->badblocks, DATA_SECTOR + 8, 4, 1));
	write = test_write(array, 0, 16, 1);
	EXPECT_ENDS(write);
	leg = MUST_FIND(test_disk(array, SLOW), TEST_DATA(FAKE_WRITE, 0, 16), array->since);
	flush = MUST_FIND(test_disk(array, SLOW), TEST_FLUSH, leg->ended);
	KUNIT_EXPECT_LT(test, flush->ended, write->ended);
	read = test_read(array, 0, 16);
	EXPECT_ENDS(read);
	KUNIT_EXPECT_TRUE(test, test_io_holds(read, 1));
}

/*
 * I10: a bad block of the fast leg makes the slow one the source, after a crash
 * as well: it is recorded when that has all that was acknowledged before.
 */
static void bad_block_makes_a_source_of_who_lags(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *fast = test_disk(array, FAST);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct fake_bio *leg, *flush, *super;
	struct test_io *write;
	unsigned int since;

	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, 0, 16));
	EXPECT_ENDS(test_write(array, 0, 16, 1));
	break_sector(array, FAST, 10, ALWAYS);
	since = fake_bench_event(&array->bench);
	write = test_write(array, 0, 16, 2);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_TRUE(test, test_is_bad(array, FAST, 10, 1));
	KUNIT_EXPECT_FALSE(test, fake_disk_find(fast, TEST_SUPER, since));
	fake_disk_release(slow);
	EXPECT_ENDS(write);
	leg = MUST_FIND(slow, TEST_DATA(FAKE_WRITE, 0, 16), array->since);
	super = MUST_FIND(fast, TEST_SUPER, since);
	flush = MUST_FIND(slow, TEST_FLUSH, leg->ended);
	KUNIT_EXPECT_LT(test, flush->ended, super->came);
}

/* The slow leg has got what a read waits for, but for a block. */
static void what_a_read_waits_for_may_fail(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *read;

	EXPECT_ENDS(test_write(array, 0, 16, 1));
	test_settle(array);
	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, 0, 16));
	EXPECT_ENDS(test_write(array, 0, 16, 2));
	KUNIT_ASSERT_EQ(test, 0, badblocks_set(&test_member(array, FAST)->badblocks,
					       DATA_SECTOR + 8, 4, 1));
	read = test_read(array, 8, 4);
	EXPECT_OPEN(read);
	break_sector(array, SLOW, 10, ALWAYS);
	while (test_wait(fake_disk_nr_held(slow)) && !test_is_bad(array, SLOW, 10, 1)) {
		fake_disk_release_one(slow, 0);
		test_settle(array);
	}
	while (fake_disk_nr_held(slow)) {
		fake_disk_release_one(slow, 0);
		test_settle(array);
	}
	KUNIT_EXPECT_TRUE(test, test_io_ends(read, BLK_STS_IOERR));
	read = test_read(array, 0, 8);
	EXPECT_ENDS(read);
	KUNIT_EXPECT_TRUE(test, test_io_holds(read, 2));
}

/* No write error has been seen: it is worth a try. */
static void known_bad_blocks_are_tried(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);
	struct md_rdev *rdev = test_member(array, FAST);

	KUNIT_ASSERT_EQ(test, 0, badblocks_set(&rdev->badblocks, DATA_SECTOR + 8, 4, 1));
	break_sector(array, FAST, 10, ALWAYS);
	EXPECT_ENDS(test_write(array, 0, 16, 1));
	test_settle(array);
	expect_all_but(test, array, FAST, 10, 16, 1);
}

static struct kunit_case narrow_cases[] = {
	KUNIT_CASE(what_cannot_be_written_is_recorded),
	KUNIT_CASE(passing_error_leaves_nothing),
	KUNIT_CASE(error_of_the_last_member_is_the_callers),
	KUNIT_CASE(slow_leg_is_narrowed_from_the_copy),
	KUNIT_CASE(durable_write_is_narrowed_durably),
	KUNIT_CASE(member_with_a_full_list_fails),
	KUNIT_CASE(member_without_a_list_fails),
	KUNIT_CASE(member_that_fails_fast_fails),
	KUNIT_CASE(member_that_may_have_lost_its_cache_fails),
	KUNIT_CASE(member_whose_list_cannot_be_begun_fails),
	KUNIT_CASE(list_is_begun_before_a_superblock_tells_of_it),
	KUNIT_CASE(list_is_begun_again),
	KUNIT_CASE(bad_block_is_recorded_before_the_ack),
	KUNIT_CASE(healed_block_is_recorded_before_the_ack),
	KUNIT_CASE(bad_block_is_recorded_before_the_bit_goes),
	KUNIT_CASE(nothing_overtakes_a_leg_that_is_narrowed),
	KUNIT_CASE(known_bad_blocks_are_left_out),
	KUNIT_CASE(another_bad_block_is_recorded),
	KUNIT_CASE(what_is_bad_everywhere_is_an_error),
	KUNIT_CASE(what_only_the_slow_leg_has_is_flushed),
	KUNIT_CASE(bad_block_makes_a_source_of_who_lags),
	KUNIT_CASE(what_a_read_waits_for_may_fail),
	KUNIT_CASE(known_bad_blocks_are_tried),
	{}
};

static struct kunit_suite narrow_suite = {
	.name = "raid1wb_narrow",
	.test_cases = narrow_cases,
};

kunit_test_suite(narrow_suite);
