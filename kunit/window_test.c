// SPDX-License-Identifier: GPL-2.0
/* Windows that meet what members cannot read, or write. */
#include "sync.h"

static const struct test_shape dirty = { .slots = 2, .dirty = true, .bad_blocks = true };

static void break_sector(struct test_array *array, int disk, sector_t sector)
{
	fake_disk_fail(test_disk(array, disk), TEST_DATA(FAKE_WRITE, sector, 1),
		       BLK_STS_MEDIUM, UINT_MAX);
}

static void make_bad(struct kunit *test, struct test_array *array, int disk, sector_t sector,
		     sector_t sectors)
{
	KUNIT_ASSERT_EQ(test, 0, badblocks_set(&test_member(array, disk)->badblocks,
					       DATA_SECTOR + sector, sectors, 1));
}

static unsigned int corrected(struct test_array *array, int disk)
{
	return atomic_read(&test_member(array, disk)->corrected_errors);
}

static unsigned int writes(struct test_array *array, int disk, sector_t sector, sector_t sectors)
{
	return fake_disk_count(test_disk(array, disk), TEST_DATA(FAKE_WRITE, sector, sectors),
			       array->since);
}

/* Another member is the source then, and the one that could not be read is healed. */
static void read_error_of_the_source(struct kunit *test)
{
	static const struct test_shape shape = { .slots = 3, .dirty = true };
	struct test_array *array = test_array_format(test, &shape);

	fill_chunk(array, FAST, 3, 1);
	fill_chunk(array, SLOW, 3, 1);
	fill_chunk(array, THIRD, 3, 1);
	test_disk_spoil(array, FAST, first_of(3) + 10, 1);
	set_bits(array, 3);
	run(test, array);
	test_await_rest(array);
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	KUNIT_EXPECT_TRUE(test, chunk_holds(array, FAST, 3, 1));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
	KUNIT_EXPECT_EQ(test, 8, corrected(array, FAST));
	KUNIT_EXPECT_EQ(test, 0, corrected(array, SLOW));
}

/* What the fast leg can read of the window comes from there, whatever its slot. */
static void the_rest_comes_from_the_fast_leg(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .write_mostly = BIT(0), .dirty = true, .bad_blocks = true };
	struct test_array *array = test_array_format(test, &shape);

	fill_chunk(array, 0, 3, 2);
	fill_chunk(array, 1, 3, 1);
	test_disk_spoil(array, 1, first_of(3) + 16, 8);
	set_bits(array, 3);
	run(test, array);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, 0, first_of(3), 16, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, 1, first_of(3) + 16, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, 0, first_of(3) + 24, TEST_CHUNK - 24, 1));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* Each of two members can read what the other one cannot, of the same page. */
static void members_heal_each_other(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty);

	fill_chunk(array, FAST, 3, 1);
	fill_chunk(array, SLOW, 3, 1);
	test_disk_spoil(array, FAST, first_of(3) + 9, 1);
	test_disk_spoil(array, SLOW, first_of(3) + 12, 2);
	set_bits(array, 3);
	run(test, array);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, chunk_holds(array, FAST, 3, 1));
	KUNIT_EXPECT_TRUE(test, chunk_holds(array, SLOW, 3, 1));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, FAST, first_of(3), TEST_CHUNK));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, SLOW, first_of(3), TEST_CHUNK));
	KUNIT_EXPECT_EQ(test, 1, corrected(array, FAST));
}

/* Only some of it can be read nowhere: that becomes a bad block, the rest is copied. */
static void read_error_everywhere(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty);
	struct test_io *read;

	fill_chunk(array, FAST, 3, 1);
	set_bits(array, 3);
	fake_disk_fail(test_disk(array, FAST), TEST_DATA(FAKE_READ, first_of(3) + 10, 1),
		       BLK_STS_MEDIUM, UINT_MAX);
	fake_disk_fail(test_disk(array, SLOW), TEST_DATA(FAKE_READ, first_of(3) + 10, 1),
		       BLK_STS_MEDIUM, UINT_MAX);
	run(test, array);
	test_await_rest(array);
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, first_of(3), 10, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, first_of(3) + 11, TEST_CHUNK - 11, 1));
	KUNIT_EXPECT_TRUE(test, test_is_bad(array, FAST, first_of(3) + 10, 1));
	KUNIT_EXPECT_TRUE(test, test_is_bad(array, SLOW, first_of(3) + 10, 1));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, FAST, first_of(3), 10));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, FAST, first_of(3) + 11, TEST_CHUNK - 11));
	read = test_read(array, first_of(3) + 10, 1);
	KUNIT_EXPECT_TRUE(test, test_io_ends(read, BLK_STS_IOERR));
	EXPECT_ENDS(test_read(array, first_of(3) + 8, 2));
}

/* What the target cannot write is recorded, and the array whole with that. */
static void bad_block_of_the_target(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty);
	struct md_rdev *rdev;

	fill_chunk(array, FAST, 3, 1);
	set_bits(array, 3);
	break_sector(array, SLOW, first_of(3) + 10);
	run(test, array);
	test_await_rest(array);
	rdev = test_member(array, SLOW);
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
	KUNIT_EXPECT_TRUE(test, test_bit(WriteErrorSeen, &rdev->flags));
	KUNIT_EXPECT_TRUE(test, test_bit(WantReplacement, &rdev->flags));
	KUNIT_EXPECT_TRUE(test, test_is_bad(array, SLOW, first_of(3) + 10, 1));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, SLOW, first_of(3), 10));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, SLOW, first_of(3) + 11, TEST_CHUNK - 11));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, first_of(3), 10, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, first_of(3) + 11, TEST_CHUNK - 11, 1));
	KUNIT_EXPECT_FALSE(test, rdev->badblocks.unacked_exist);
	test_hurry_daemon(array);
	KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, 3)));
}

/* A disk that is being rebuilt has no room for it: it fails. */
static void full_list_of_the_target(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &dirty);
	int i;

	fill_chunk(array, FAST, 60, 1);
	set_bits(array, 60);
	break_sector(array, SLOW, first_of(60) + 10);
	fake_disk_hold(test_disk(array, SLOW), TEST_DATA(FAKE_WRITE, first_of(60), TEST_CHUNK));
	run(test, array);
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(test_disk(array, SLOW))));
	for (i = 0; i < MAX_BADBLOCKS; i++)
		make_bad(test, array, SLOW, 1024 + 2 * i, 1);
	/* the rule to fail stays */
	fake_disk_release_one(test_disk(array, SLOW), 0);
	KUNIT_EXPECT_TRUE(test, test_wait(fake_disk_nr_held(test_disk(array, SLOW)) ||
					  array->mddev->degraded));
	while (!array->mddev->degraded && fake_disk_nr_held(test_disk(array, SLOW))) {
		fake_disk_release_one(test_disk(array, SLOW), 0);
		test_settle(array);
	}
	fake_disk_release(test_disk(array, SLOW));
	test_await_rest(array);
	KUNIT_EXPECT_EQ(test, 1, array->mddev->degraded);
	test_settle(array);
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 60));
}

/* A write error has been seen there: a window leaves out what is known as bad. */
static void known_bad_blocks_of_the_target(struct kunit *test)
{
	bool seen = *(const bool *)test->param_value;
	struct test_array *array = test_array_start(test, &dirty);

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "frozen"));
	test_disk_fill(array, FAST, 0, TEST_CHUNK, 1);
	make_bad(test, array, SLOW, 20, 4);
	if (seen)
		set_bit(WriteErrorSeen, &test_member(array, SLOW)->flags);
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "bitmap_set_bits", "0"));
	array->since = fake_bench_event(&array->bench);
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "resync"));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 20, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 24, TEST_CHUNK - 24, 1));
	KUNIT_EXPECT_EQ(test, seen ? 0 : 1, writes(array, SLOW, 20, 4));
	KUNIT_EXPECT_EQ(test, seen, test_is_bad(array, SLOW, 20, 4));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
}

static const bool no_or_yes[] = { false, true };

static void describe_seen(const bool *seen, char *desc)
{
	strscpy(desc, *seen ? "write error seen" : "none seen", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(seen, no_or_yes, describe_seen);

/* What is known as bad of the source comes from another member. */
static void known_bad_blocks_of_the_source(struct kunit *test)
{
	static const struct test_shape shape = { .slots = 3, .bad_blocks = true };
	struct test_array *array = test_array_start(test, &shape);

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "frozen"));
	test_disk_fill(array, FAST, 0, TEST_CHUNK, 1);
	test_disk_fill(array, SLOW, 0, TEST_CHUNK, 1);
	test_disk_fill(array, FAST, 20, 4, 9);
	make_bad(test, array, FAST, 20, 4);
	set_bit(WriteErrorSeen, &test_member(array, FAST)->flags);
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "bitmap_set_bits", "0"));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "resync"));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, TEST_CHUNK, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, THIRD, 0, TEST_CHUNK, 1));
	KUNIT_EXPECT_TRUE(test, test_is_bad(array, FAST, 20, 4));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 20, 4, 9));
}

/* Until a write that the window waits for has failed there, it was as good as any. */
static void source_gets_a_bad_block(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &dirty);
	struct fake_disk *fast = test_disk(array, FAST);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "frozen"));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "bitmap_set_bits", "0"));
	break_sector(array, FAST, 10);
	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, 0, 16));
	write = test_write(array, 0, 16, 1);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_TRUE(test, test_wait(test_is_bad(array, FAST, 10, 1)));
	KUNIT_EXPECT_TRUE(test, rdev_clear_badblocks(test_member(array, FAST), 10, 1, 0) == 0);
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "resync"));
	test_settle(array);
	/* the window has joined its members, and waits for the write */
	make_bad(test, array, FAST, 10, 1);
	fake_disk_release(slow);
	EXPECT_ENDS(write);
	test_await_rest(array);
	KUNIT_EXPECT_FALSE(test, fake_disk_find(fast, TEST_DATA(FAKE_READ, 10, 1), array->since));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 16, 1));
}

/* When the window gives back its place, it knows; what comes later is not undone. */
static void bad_block_after_the_window(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 3, .write_mostly = BIT(SLOW), .bad_blocks = true };
	struct test_array *array = test_array_start(test, &shape);
	struct fake_disk *slow = test_disk(array, SLOW);

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "frozen"));
	make_bad(test, array, THIRD, 20, 4);
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "bitmap_set_bits", "0"));
	fake_disk_hold(slow, TEST_DATA(FAKE_WRITE, 0, TEST_CHUNK));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "resync"));
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(slow)));
	KUNIT_EXPECT_FALSE(test, test_is_bad(array, THIRD, 20, 4));
	make_bad(test, array, THIRD, 20, 4);
	fake_disk_release(slow);
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_is_bad(array, THIRD, 20, 4));
}

/* A check writes what cannot be read, and nothing else; a repair does both. */
static void check_mends_what_it_cannot_read(struct kunit *test)
{
	bool repair = *(const bool *)test->param_value;
	static const struct test_shape shape = { .slots = 2, .bad_blocks = true };
	struct test_array *array = test_array_start(test, &shape);

	test_disk_fill(array, FAST, 0, 32, 1);
	test_disk_fill(array, SLOW, 0, 16, 1);
	test_disk_spoil(array, SLOW, 9, 1);
	make_bad(test, array, SLOW, 24, 1);
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action",
						  repair ? "repair" : "check"));
	test_await_rest(array);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 16, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 16, 16, repair));
	KUNIT_EXPECT_EQ(test, !repair, test_is_bad(array, SLOW, 24, 1));
	KUNIT_EXPECT_EQ(test, 8, atomic64_read(&array->mddev->resync_mismatches));
	KUNIT_EXPECT_EQ(test, 8, corrected(array, SLOW));
	KUNIT_EXPECT_EQ(test, 0, array->mddev->degraded);
}

static void describe_repair(const bool *repair, char *desc)
{
	strscpy(desc, *repair ? "repair" : "check", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(repair, no_or_yes, describe_repair);

static struct kunit_case window_cases[] = {
	KUNIT_CASE(read_error_of_the_source),
	KUNIT_CASE(the_rest_comes_from_the_fast_leg),
	KUNIT_CASE(members_heal_each_other),
	KUNIT_CASE(read_error_everywhere),
	KUNIT_CASE(bad_block_of_the_target),
	KUNIT_CASE(full_list_of_the_target),
	KUNIT_CASE_PARAM(known_bad_blocks_of_the_target, seen_gen_params),
	KUNIT_CASE(known_bad_blocks_of_the_source),
	KUNIT_CASE(source_gets_a_bad_block),
	KUNIT_CASE(bad_block_after_the_window),
	KUNIT_CASE_PARAM(check_mends_what_it_cannot_read, repair_gen_params),
	{}
};

static struct kunit_suite window_suite = {
	.name = "raid1wb_window",
	.test_cases = window_cases,
};

kunit_test_suite(window_suite);
