// SPDX-License-Identifier: GPL-2.0
/* Members that cannot read, and what becomes of them. */
#include <linux/ktime.h>
#include <linux/raid/md_p.h>

#include "io.h"

static const struct test_shape mirror = { .slots = 2, .bad_blocks = true };
static const struct test_shape behind = {
	.slots = 2, .write_mostly = BIT(SLOW), .bad_blocks = true };
static const struct test_shape two_slow = {
	.slots = 3, .write_mostly = BIT(SLOW) | BIT(THIRD), .bad_blocks = true };

static unsigned int count(struct test_array *array, int disk, unsigned int what)
{
	return fake_disk_count(test_disk(array, disk), TEST_DATA(what, 0, 64), array->since);
}

static unsigned int corrected(struct test_array *array, int disk)
{
	return atomic_read(&test_member(array, disk)->corrected_errors);
}

static unsigned int errors(struct test_array *array, int disk)
{
	return atomic_read(&test_member(array, disk)->read_errors);
}

/* Sixty-four sectors of mark 1 on all members, and events are counted from now on. */
static struct test_array *start(struct kunit *test, const struct test_shape *shape)
{
	struct test_array *array = test_array_start(test, shape);

	EXPECT_ENDS(test_write(array, 0, 64, 1));
	test_settle(array);
	array->since = fake_bench_event(&array->bench);
	return array;
}

static void expect_read(struct kunit *test, struct test_array *array, sector_t sector,
			sector_t sectors)
{
	struct test_io *read = test_read(array, sector, sectors);

	EXPECT_ENDS(read);
	KUNIT_EXPECT_TRUE(test, test_io_holds(read, 1));
	test_settle(array);
}

/* ---- what is repaired ---- */

static void unreadable_piece_is_written_again(struct kunit *test)
{
	struct test_array *array = start(test, &mirror);
	struct fake_bio *write;

	test_disk_spoil(array, FAST, 0, 8);
	expect_read(test, array, 0, 8);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, 64, 1));
	KUNIT_EXPECT_EQ(test, 1, count(array, FAST, FAKE_WRITE));
	KUNIT_EXPECT_EQ(test, 0, count(array, SLOW, FAKE_WRITE));
	KUNIT_EXPECT_EQ(test, 1, errors(array, FAST));
	KUNIT_EXPECT_EQ(test, 8, corrected(array, FAST));
	KUNIT_EXPECT_EQ(test, 0, errors(array, SLOW));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);

	write = fake_disk_find(test_disk(array, FAST), TEST_DATA(FAKE_WRITE, 0, 8), array->since);
	KUNIT_ASSERT_NOT_NULL(test, write);
	/* read back, and made durable */
	KUNIT_EXPECT_NOT_NULL(test, fake_disk_find(test_disk(array, FAST),
						   TEST_DATA(FAKE_READ, 0, 8), write->ended));
	KUNIT_EXPECT_NOT_NULL(test, fake_disk_find(test_disk(array, FAST), TEST_FLUSH,
						   write->ended));
}

/* Of a large read, just what cannot be read. */
static void the_rest_is_left_alone(struct kunit *test)
{
	struct test_array *array = start(test, &mirror);

	test_disk_spoil(array, FAST, 26, 1);
	expect_read(test, array, 0, 64);
	KUNIT_EXPECT_EQ(test, 1, count(array, FAST, FAKE_WRITE));
	KUNIT_EXPECT_EQ(test, 1, fake_disk_count(test_disk(array, FAST),
						 TEST_DATA(FAKE_WRITE, 24, 8), array->since));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, 64, 1));
	KUNIT_EXPECT_EQ(test, 8, corrected(array, FAST));
}

/* It can be read the second time: there is nothing to repair. */
static void passing_error_is_counted_only(struct kunit *test)
{
	struct test_array *array = start(test, &mirror);

	fake_disk_fail(test_disk(array, FAST), TEST_DATA(FAKE_READ, 0, 8), BLK_STS_MEDIUM, 1);
	expect_read(test, array, 0, 8);
	KUNIT_EXPECT_EQ(test, 0, count(array, FAST, FAKE_WRITE));
	KUNIT_EXPECT_EQ(test, 1, errors(array, FAST));
	KUNIT_EXPECT_EQ(test, 0, corrected(array, FAST));
}

/* The member that is behind helps out, with all that it is to have. */
static void lagging_member_gives_what_was_written_last(struct kunit *test)
{
	struct test_array *array = start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *read, *elsewhere, *here;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 2));
	test_disk_spoil(array, FAST, 0, 8);
	read = test_read(array, 0, 8);
	EXPECT_OPEN(read);
	KUNIT_EXPECT_EQ(test, 0, count(array, SLOW, FAKE_READ));
	/* who only writes waits for neither */
	elsewhere = test_write(array, 32, 8, 3);
	EXPECT_ENDS(elsewhere);
	here = test_write(array, 4, 2, 4);
	EXPECT_ENDS(here);
	fake_disk_release(slow);
	EXPECT_ENDS(read);
	test_settle(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, 4, 2));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 4, 2, 4));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* Two that cannot read it; the third is behind, and so is one of the two. */
static struct test_array *spoil_two(struct kunit *test)
{
	struct test_array *array = start(test, &two_slow);

	test_disk_spoil(array, FAST, 0, 8);
	test_disk_spoil(array, SLOW, 0, 8);
	return array;
}

static void member_that_is_behind_is_repaired(struct kunit *test)
{
	struct test_array *array = spoil_two(test);

	expect_read(test, array, 0, 8);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 8, 1));
	KUNIT_EXPECT_EQ(test, 8, corrected(array, SLOW));
	KUNIT_EXPECT_EQ(test, 0, count(array, THIRD, FAKE_WRITE));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
}

/* ---- I4 ---- */

/* Youngest first, the disk would be left with what the repair brings. */
static void newer_write_is_not_overwritten(struct kunit *test)
{
	struct test_array *array = start(test, &mirror);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *write;

	test_disk_spoil(array, FAST, 0, 8);
	fake_disk_hold(fast, TEST_DATA(FAKE_WRITE, 0, 8));
	expect_read(test, array, 0, 8);
	KUNIT_ASSERT_EQ(test, 1, fake_disk_nr_held(fast));
	write = test_write(array, 4, 8, 2);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_EQ(test, 1, fake_disk_nr_held(fast));
	EXPECT_ENDS(test_write(array, 16, 8, 2));
	fake_disk_release_reversed(fast);
	EXPECT_ENDS(write);
	test_settle(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, 4, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 4, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* While the source is read, it cannot change. */
static void source_is_not_older_nor_newer(struct kunit *test)
{
	struct test_array *array = start(test, &mirror);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *read, *write;

	test_disk_spoil(array, FAST, 0, 8);
	fake_disk_hold(slow, TEST_DATA(FAKE_READ, 0, 8));
	read = test_read(array, 0, 8);
	EXPECT_OPEN(read);
	/* the reader's, and the repair's */
	KUNIT_ASSERT_EQ(test, 2, fake_disk_nr_held(slow));
	write = test_write(array, 0, 4, 2);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_EQ(test, 0, count(array, SLOW, FAKE_WRITE));
	fake_disk_release(slow);
	EXPECT_ENDS(read);
	EXPECT_ENDS(write);
	test_settle(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, 4, 2));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 4, 4, 1));
}

static void expect_no_wait(struct kunit *test, struct test_array *array)
{
	struct fake_disk *slow = test_disk(array, SLOW);

	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, 0, 8));
	expect_read(test, array, 0, 8);
	KUNIT_ASSERT_EQ(test, 1, fake_disk_nr_held(slow));
	EXPECT_ENDS(test_write(array, 0, 8, 2));
	KUNIT_EXPECT_EQ(test, 1, fake_disk_nr_held(slow));
	fake_disk_release_reversed(slow);
	test_settle(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* A member that is behind, and hangs, holds up no write to the one that it is repaired from. */
static void repair_of_a_lagging_member_holds_up_no_write(struct kunit *test)
{
	struct test_array *array = start(test, &two_slow);

	test_disk_spoil(array, SLOW, 0, 8);
	fake_disk_fail(test_disk(array, FAST), TEST_DATA(FAKE_READ, 0, 8), BLK_STS_MEDIUM, 1);
	expect_no_wait(test, array);
}

/* Nor to one that could be repaired from it. */
static void repair_from_a_lagging_member_holds_up_no_write(struct kunit *test)
{
	expect_no_wait(test, spoil_two(test));
}

/* The array becomes quiet, though a repair waits for what waits for a superblock. */
static void quiescing_does_not_wait_for_a_turn(struct kunit *test)
{
	struct test_array *array = start(test, &mirror);
	struct r1wb_order *order = &test_conf(array)->order;
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, 0, 8));
	write = test_write(array, 0, 8, 2);
	EXPECT_OPEN(write);
	fake_disk_spoil(test_disk(array, FAST), TEST_DATA(FAKE_READ, 0, 8));
	expect_read(test, array, 0, 8);
	r1wb_order_quiesce(order);
	/* the write that is held */
	KUNIT_EXPECT_EQ(test, 1, order->running);
	r1wb_order_unquiesce(order);
	fake_disk_release(slow);
	EXPECT_ENDS(write);
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 8, corrected(array, FAST));
	/* and what was written last, which the other one had not got yet */
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 0, 8, 2));
}

/* ---- how often ---- */

static void too_many_errors_fail_the_member(struct kunit *test)
{
	struct test_array *array = start(test, &behind);
	int i;

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "max_read_errors", "2"));
	for (i = 0; i < 2; i++) {
		test_disk_spoil(array, FAST, i * 8, 8);
		expect_read(test, array, i * 8, 8);
	}
	KUNIT_EXPECT_EQ(test, 16, corrected(array, FAST));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	test_disk_spoil(array, FAST, 16, 8);
	expect_read(test, array, 16, 8);
	KUNIT_EXPECT_EQ(test, 1, array->mddev->degraded);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_is_active(array, FAST)));
	KUNIT_EXPECT_EQ(test, 2, count(array, FAST, FAKE_WRITE));
}

struct decay {
	const char	*desc;
	unsigned int	before;
	unsigned int	minutes;
	unsigned int	after;
};

static const struct decay decays[] = {
	{ "just now", 8, 0, 9 },
	{ "almost an hour", 8, 59, 9 },
	{ "an hour", 8, 60, 5 },
	{ "three hours", 8, 185, 2 },
	{ "as many hours as the count has bits", 8, 32 * 60, 1 },
	{ "a year", 8, 365 * 24 * 60, 1 },
};

KUNIT_ARRAY_PARAM_DESC(decay, decays, desc);

static void errors_are_forgotten(struct kunit *test)
{
	const struct decay *decay = test->param_value;
	struct test_array *array = start(test, &behind);
	struct md_rdev *rdev = test_member(array, FAST);

	atomic_set(&rdev->read_errors, decay->before);
	rdev->last_read_error = ktime_get_seconds() - decay->minutes * 60;
	test_disk_spoil(array, FAST, 0, 8);
	expect_read(test, array, 0, 8);
	KUNIT_EXPECT_EQ(test, decay->after, errors(array, FAST));
}

/* Those who meet the same error before it is repaired do not make it worse. */
static void one_error_is_counted_once(struct kunit *test)
{
	struct test_array *array = start(test, &behind);
	struct fake_disk *fast = test_disk(array, FAST);
	int i;

	test_disk_spoil(array, FAST, 0, 8);
	fake_disk_hold(fast, TEST_DATA(FAKE_WRITE, 0, 8));
	for (i = 0; i < 3; i++)
		expect_read(test, array, 0, 8);
	KUNIT_EXPECT_EQ(test, 1, errors(array, FAST));
	fake_disk_release(fast);
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 8, corrected(array, FAST));
	test_disk_spoil(array, FAST, 0, 8);
	expect_read(test, array, 0, 8);
	KUNIT_EXPECT_EQ(test, 2, errors(array, FAST));
}

/* ---- what cannot be repaired ---- */

static void expect_bad_block(struct kunit *test, struct test_array *array)
{
	unsigned int since;

	KUNIT_EXPECT_TRUE(test, test_is_bad(array, FAST, 0, 8));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, FAST, 8, 8));
	KUNIT_EXPECT_EQ(test, 0, corrected(array, FAST));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	/* it is recorded on disk, and not asked for any more */
	test_await_rest(array);
	KUNIT_EXPECT_FALSE(test, test_member(array, FAST)->badblocks.unacked_exist);
	since = fake_bench_event(&array->bench);
	expect_read(test, array, 0, 8);
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(test_disk(array, FAST),
						 TEST_DATA(FAKE_READ, 0, 8), since));
}

static void member_that_cannot_write_it_has_a_bad_block(struct kunit *test)
{
	struct test_array *array = start(test, &behind);

	test_disk_spoil(array, FAST, 0, 8);
	fake_disk_fail(test_disk(array, FAST), TEST_DATA(FAKE_WRITE, 0, 8), BLK_STS_MEDIUM,
		       UINT_MAX);
	expect_read(test, array, 0, 8);
	KUNIT_EXPECT_TRUE(test, test_bit(WriteErrorSeen, &test_member(array, FAST)->flags));
	KUNIT_EXPECT_TRUE(test, test_bit(WantReplacement, &test_member(array, FAST)->flags));
	expect_bad_block(test, array);
}

static void member_that_cannot_read_it_back_has_a_bad_block(struct kunit *test)
{
	struct test_array *array = start(test, &behind);

	fake_disk_fail(test_disk(array, FAST), TEST_DATA(FAKE_READ, 0, 8), BLK_STS_MEDIUM,
		       UINT_MAX);
	expect_read(test, array, 0, 8);
	KUNIT_EXPECT_EQ(test, 1, count(array, FAST, FAKE_WRITE));
	KUNIT_EXPECT_FALSE(test, test_bit(WriteErrorSeen, &test_member(array, FAST)->flags));
	expect_bad_block(test, array);
}

static void fill_badblocks(struct kunit *test, struct md_rdev *rdev)
{
	int i;

	for (i = 0; i < MAX_BADBLOCKS; i++)
		KUNIT_ASSERT_EQ(test, 0, badblocks_set(&rdev->badblocks,
						       DATA_SECTOR + 1024 + 2 * i, 1, 1));
}

static void without_room_the_member_fails(struct kunit *test)
{
	bool disabled = *(const bool *)test->param_value;
	struct test_array *array = start(test, &behind);
	struct md_rdev *rdev = test_member(array, FAST);

	if (disabled)
		rdev->badblocks.shift = -1;
	else
		fill_badblocks(test, rdev);
	fake_disk_fail(test_disk(array, FAST), TEST_DATA(FAKE_READ, 0, 8), BLK_STS_MEDIUM,
		       UINT_MAX);
	expect_read(test, array, 0, 8);
	KUNIT_EXPECT_EQ(test, 1, array->mddev->degraded);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_is_active(array, FAST)));
}

static const bool no_or_yes[] = { false, true };

static void describe_room(const bool *disabled, char *desc)
{
	strscpy(desc, *disabled ? "no list" : "list full", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(room, no_or_yes, describe_room);

/* Nobody can: that is no reason to fail one of them, and once written it is good again. */
static void what_nobody_can_read_is_bad_everywhere(struct kunit *test)
{
	bool disabled = *(const bool *)test->param_value;
	struct test_array *array = start(test, &mirror);
	int slot;

	for (slot = 0; slot < array->shape.slots; slot++) {
		if (disabled)
			test_member(array, slot)->badblocks.shift = -1;
		test_disk_spoil(array, slot, 0, 8);
	}
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_read(array, 0, 8), BLK_STS_IOERR));
	test_await_rest(array);
	for (slot = 0; slot < array->shape.slots; slot++)
		KUNIT_EXPECT_EQ(test, !disabled, test_is_bad(array, slot, 0, 8));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	expect_read(test, array, 0, 8);
	test_settle(array);
	for (slot = 0; slot < array->shape.slots; slot++)
		KUNIT_EXPECT_FALSE(test, test_is_bad(array, slot, 0, 8));
}

/* ... also if members have come and gone before. */
static void what_nobody_can_read_after_a_member_came_back(struct kunit *test)
{
	struct test_array *array = start(test, &mirror);
	int slot;

	test_array_fail(array, SLOW);
	test_await_rest(array);
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, SLOW));
	KUNIT_ASSERT_EQ(test, 0, test_array_readd(array, SLOW));
	KUNIT_ASSERT_TRUE(test, test_wait(!READ_ONCE(array->mddev->degraded)));
	test_await_rest(array);
	for (slot = 0; slot < array->shape.slots; slot++)
		test_disk_spoil(array, slot, 0, 8);
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_read(array, 0, 8), BLK_STS_IOERR));
	test_await_rest(array);
	for (slot = 0; slot < array->shape.slots; slot++)
		KUNIT_EXPECT_TRUE(test, test_is_bad(array, slot, 0, 8));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	expect_read(test, array, 0, 8);
}

/* Each can read what the other one cannot, of the same page. */
static void members_heal_each_other(struct kunit *test)
{
	struct test_array *array = start(test, &mirror);
	int slot;

	test_disk_spoil(array, FAST, 1, 1);
	test_disk_spoil(array, SLOW, 4, 2);
	/* no member can serve all of it, so it is an error; but not for long */
	test_io_ends(test_read(array, 0, 8), BLK_STS_IOERR);
	test_settle(array);
	expect_read(test, array, 0, 8);
	for (slot = 0; slot < array->shape.slots; slot++) {
		KUNIT_EXPECT_TRUE(test, test_disk_holds(array, slot, 0, 64, 1));
		KUNIT_EXPECT_FALSE(test, test_is_bad(array, slot, 0, 64));
	}
}

/* The one of those held that is the repair's, and not the reader's. */
static unsigned int repairs_own(struct kunit *test, struct fake_disk *disk)
{
	struct fake_bio *io;
	unsigned int nth = 0;

	list_for_each_entry(io, &disk->held, link) {
		if (io->opf & REQ_SYNC)
			return nth;
		nth++;
	}
	KUNIT_FAIL(test, "no repair is under way");
	return 0;
}

/* What is written when all have been asked in vain can be read. */
static void what_has_been_written_since_is_not_bad(struct kunit *test)
{
	struct test_array *array = start(test, &mirror);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *read, *write;
	int slot;

	for (slot = 0; slot < array->shape.slots; slot++)
		test_disk_spoil(array, slot, 0, 1);
	fake_disk_hold(slow, TEST_DATA(FAKE_READ, 0, 1));
	read = test_read(array, 0, 1);
	EXPECT_OPEN(read);
	KUNIT_ASSERT_EQ(test, 2, fake_disk_nr_held(slow));
	/* as a piece: next comes the block */
	fake_disk_release_one(slow, repairs_own(test, slow));
	test_settle(array);
	KUNIT_ASSERT_EQ(test, 2, fake_disk_nr_held(slow));
	write = test_write(array, 0, 1, 2);
	EXPECT_OPEN(write);
	fake_disk_release(slow);
	test_io_ends(read, BLK_STS_IOERR);
	EXPECT_ENDS(write);
	test_settle(array);
	for (slot = 0; slot < array->shape.slots; slot++) {
		KUNIT_EXPECT_TRUE(test, test_disk_holds(array, slot, 0, 1, 2));
		KUNIT_EXPECT_FALSE(test, test_is_bad(array, slot, 0, 1));
	}
}

/* ---- what is not repaired ---- */

static void last_member_is_left_alone(struct kunit *test)
{
	struct test_array *array = start(test, &mirror);

	test_array_fail(array, SLOW);
	test_await_rest(array);
	test_disk_spoil(array, FAST, 0, 8);
	KUNIT_EXPECT_TRUE(test, test_io_ends(test_read(array, 0, 8), BLK_STS_IOERR));
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 0, errors(array, FAST));
	KUNIT_EXPECT_EQ(test, 1, count(array, FAST, FAKE_READ));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, FAST, 0, 8));
	KUNIT_EXPECT_FALSE(test, test_bit(MD_BROKEN, &array->mddev->flags));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	expect_read(test, array, 0, 8);
}

static void nothing_is_written_while_read_only(struct kunit *test)
{
	struct test_array *array = start(test, &mirror);

	test_disk_spoil(array, FAST, 0, 8);
	WRITE_ONCE(array->mddev->ro, MD_RDONLY);
	expect_read(test, array, 0, 8);
	WRITE_ONCE(array->mddev->ro, MD_RDWR);
	KUNIT_EXPECT_EQ(test, 0, count(array, FAST, FAKE_WRITE));
	KUNIT_EXPECT_EQ(test, 0, errors(array, FAST));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
}

static void read_ahead_may_fail(struct kunit *test)
{
	struct test_array *array = start(test, &mirror);
	struct test_io *read;

	test_disk_spoil(array, FAST, 0, 8);
	read = test_io_start(array, REQ_OP_READ | REQ_RAHEAD, 0, 8, 0);
	KUNIT_EXPECT_TRUE(test, test_io_ends(read, BLK_STS_MEDIUM));
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 0, errors(array, FAST));
	KUNIT_EXPECT_EQ(test, 0, count(array, SLOW, FAKE_READ));
	KUNIT_EXPECT_EQ(test, 0, count(array, FAST, FAKE_WRITE));
}

static void member_that_fails_fast_fails(struct kunit *test)
{
	struct test_array *array = start(test, &mirror);

	set_bit(FailFast, &test_member(array, FAST)->flags);
	test_disk_spoil(array, FAST, 0, 8);
	expect_read(test, array, 0, 8);
	KUNIT_EXPECT_EQ(test, 1, array->mddev->degraded);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_is_active(array, FAST)));
	KUNIT_EXPECT_EQ(test, 0, count(array, FAST, FAKE_WRITE));
}

/* It has become the last one meanwhile: then it is to try hard. */
static void last_member_does_not_fail_fast(struct kunit *test)
{
	struct test_array *array = start(test, &mirror);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *read;

	set_bit(FailFast, &test_member(array, FAST)->flags);
	/* or md would suspend the array to remove the failed member */
	set_bit(MD_RECOVERY_FROZEN, &array->mddev->recovery);
	fake_disk_fail(fast, TEST_DATA(FAKE_READ, 0, 8), BLK_STS_IOERR, 1);
	fake_disk_hold(fast, TEST_DATA(FAKE_READ, 0, 8));
	read = test_read(array, 0, 8);
	EXPECT_OPEN(read);
	test_array_fail(array, SLOW);
	fake_disk_release_one(fast, 0);
	test_settle(array);
	fake_disk_release_one(fast, 0);
	EXPECT_ENDS(read);
	KUNIT_EXPECT_TRUE(test, test_io_holds(read, 1));
	KUNIT_EXPECT_EQ(test, 2, count(array, FAST, FAKE_READ));
	KUNIT_EXPECT_TRUE(test, test_is_in_sync(array, FAST));
	KUNIT_EXPECT_FALSE(test, test_bit(MD_BROKEN, &array->mddev->flags));
}

static struct kunit_case error_cases[] = {
	KUNIT_CASE(unreadable_piece_is_written_again),
	KUNIT_CASE(the_rest_is_left_alone),
	KUNIT_CASE(passing_error_is_counted_only),
	KUNIT_CASE(lagging_member_gives_what_was_written_last),
	KUNIT_CASE(member_that_is_behind_is_repaired),
	KUNIT_CASE(newer_write_is_not_overwritten),
	KUNIT_CASE(source_is_not_older_nor_newer),
	KUNIT_CASE(repair_of_a_lagging_member_holds_up_no_write),
	KUNIT_CASE(repair_from_a_lagging_member_holds_up_no_write),
	KUNIT_CASE(quiescing_does_not_wait_for_a_turn),
	KUNIT_CASE(too_many_errors_fail_the_member),
	KUNIT_CASE_PARAM(errors_are_forgotten, decay_gen_params),
	KUNIT_CASE(one_error_is_counted_once),
	KUNIT_CASE(member_that_cannot_write_it_has_a_bad_block),
	KUNIT_CASE(member_that_cannot_read_it_back_has_a_bad_block),
	KUNIT_CASE_PARAM(without_room_the_member_fails, room_gen_params),
	KUNIT_CASE_PARAM(what_nobody_can_read_is_bad_everywhere, room_gen_params),
	KUNIT_CASE(what_nobody_can_read_after_a_member_came_back),
	KUNIT_CASE(members_heal_each_other),
	KUNIT_CASE(what_has_been_written_since_is_not_bad),
	KUNIT_CASE(last_member_is_left_alone),
	KUNIT_CASE(nothing_is_written_while_read_only),
	KUNIT_CASE(read_ahead_may_fail),
	KUNIT_CASE(member_that_fails_fast_fails),
	KUNIT_CASE(last_member_does_not_fail_fast),
	{}
};

static struct kunit_suite error_suite = {
	.name = "raid1wb_error",
	.test_cases = error_cases,
};

kunit_test_suite(error_suite);
