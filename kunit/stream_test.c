// SPDX-License-Identifier: GPL-2.0
/* Sequential writers: bits are set ahead of them (D4), and go away again if nobody comes. */
#include "io.h"

#define CHUNK	8
#define CHUNKS	256

static const struct test_shape behind = {
	.slots = 2, .write_mostly = BIT(SLOW), .sectors = CHUNKS * CHUNK, .chunk_sectors = CHUNK };

static struct test_io *write_chunk(struct test_array *array, unsigned long chunk)
{
	return test_write(array, chunk * CHUNK, CHUNK, 1);
}

/* An array whose bits stay set. */
static struct test_array *keeping(struct kunit *test, const struct test_shape *shape)
{
	struct test_array *array = test_array_start(test, shape);

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "bitmap/can_clear", "false"));
	test_settle(array);
	array->since = fake_bench_event(&array->bench);
	return array;
}

static unsigned int commits(struct test_array *array)
{
	return fake_disk_count(test_disk(array, FAST), TEST_BITMAP, array->since);
}

static int count_bits(struct test_array *array)
{
	int chunk, count = 0;

	for (chunk = 0; chunk < CHUNKS; chunk++)
		count += test_bit_anywhere(array, chunk);
	return count;
}

/* The further it has come, the less often it waits. */
static void stream_waits_seldom(struct kunit *test)
{
	struct test_array *array = keeping(test, &behind);
	int chunk;

	for (chunk = 0; chunk < 128; chunk++)
		EXPECT_ENDS(write_chunk(array, chunk));
	KUNIT_EXPECT_LE(test, commits(array), 8);
	KUNIT_EXPECT_LE(test, count_bits(array), 128 + 64);
}

/* Writes that each span chunks, and do not end where one ends. */
static void long_writes_are_a_stream(struct kunit *test)
{
	struct test_array *array = keeping(test, &behind);
	int i;

	for (i = 0; i < 50; i++)
		EXPECT_ENDS(test_write(array, i * 19, 19, 1));
	KUNIT_EXPECT_LE(test, commits(array), 8);
}

static void streams_side_by_side(struct kunit *test)
{
	struct test_array *array = keeping(test, &behind);
	int i;

	for (i = 0; i < 50; i++) {
		EXPECT_ENDS(write_chunk(array, i));
		EXPECT_ENDS(write_chunk(array, 128 + i));
	}
	KUNIT_EXPECT_LE(test, commits(array), 16);
}

/* Whoever writes here and there gets the bits that it needs. */
static void scattered_writes_are_none(struct kunit *test)
{
	struct test_array *array = keeping(test, &behind);
	int i;

	for (i = 0; i < 30; i++)
		EXPECT_ENDS(write_chunk(array, (i * 7 + 5) % CHUNKS));
	/* backwards, too */
	for (i = 0; i < 10; i++)
		EXPECT_ENDS(write_chunk(array, CHUNKS - 1 - i));
	KUNIT_EXPECT_EQ(test, 40, commits(array));
	KUNIT_EXPECT_EQ(test, 40, count_bits(array));
}

/* A mark is worth nothing before the flight with its bit has landed (I1). */
static void marked_waits_for_the_flight(struct kunit *test)
{
	struct test_array *array = keeping(test, &behind);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *rider, *marked;
	const struct fake_range data = TEST_DATA(FAKE_WRITE, 4 * CHUNK, 3 * CHUNK);
	int i;

	for (i = 0; i < 4; i++)
		EXPECT_ENDS(write_chunk(array, i));
	array->since = fake_bench_event(&array->bench);
	fake_disk_hold(fast, TEST_BITMAP);
	rider = write_chunk(array, 4);
	marked = write_chunk(array, 6);
	KUNIT_EXPECT_EQ(test, 1, fake_disk_nr_held(fast));
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, 0, fake_disk_count(test_disk(array, i), data, array->since));

	fake_disk_release(fast);
	EXPECT_ENDS(rider);
	EXPECT_ENDS(marked);
	KUNIT_EXPECT_EQ(test, 1, commits(array));
}

/* Bits that are set while a member is missing stay, so none is set ahead. */
static void degraded_marks_nothing(struct kunit *test)
{
	struct test_array *array = keeping(test, &behind);
	int i;

	test_array_fail(array, SLOW);
	test_await_rest(array);
	for (i = 0; i < 10; i++)
		EXPECT_ENDS(write_chunk(array, i));
	KUNIT_EXPECT_EQ(test, 10, count_bits(array));
}

/* It ends with the array. */
static void stream_ends(struct kunit *test)
{
	struct test_array *array = keeping(test, &behind);
	int i;

	for (i = 20; i >= 1; i--)
		EXPECT_ENDS(write_chunk(array, CHUNKS - i));
	KUNIT_EXPECT_EQ(test, 20, count_bits(array));
}

static void all_is_cleared(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	int chunk;

	for (chunk = 0; chunk < 40; chunk++)
		EXPECT_ENDS(write_chunk(array, chunk));
	test_hurry_daemon(array);
	KUNIT_EXPECT_TRUE(test, test_wait(!count_bits(array)));
	test_array_stop(array);
	KUNIT_EXPECT_EQ(test, 0, count_bits(array));
}

/* Chunks from 2 to 7 are dirty, and will be clean after the next flush. */
static struct test_array *about_to_clear(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	int i;

	test_hurry_daemon(array);
	EXPECT_ENDS(write_chunk(array, 100));
	KUNIT_ASSERT_TRUE(test, test_wait(!count_bits(array)));
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "bitmap/can_clear", "false"));
	for (i = 2; i < 8; i++)
		EXPECT_ENDS(write_chunk(array, i));
	test_settle(array);
	return array;
}

/* A stream comes to chunks 0 and 1, and marks the next ones. */
static void stream_comes(struct test_array *array)
{
	struct kunit *test = array->test;
	struct test_io *writes[2];
	int i;

	for (i = 0; i < 2; i++)
		writes[i] = write_chunk(array, i);
	for (i = 0; i < 2; i++)
		EXPECT_OPEN(writes[i]);
	fake_disk_release(test_disk(array, FAST));
	for (i = 0; i < 2; i++)
		EXPECT_ENDS(writes[i]);
	KUNIT_EXPECT_TRUE(test, test_wait(!count_bits(array)));
}

/* Marked again while the page without their bits is on its way. */
static void marked_while_being_cleared(struct kunit *test)
{
	struct test_array *array = about_to_clear(test);
	struct fake_disk *fast = test_disk(array, FAST);

	fake_disk_hold(fast, TEST_BITMAP);
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "bitmap/can_clear", "true"));
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
	KUNIT_ASSERT_FALSE(test, test_bit_on_disk(array, FAST, 0));
	KUNIT_ASSERT_TRUE(test, test_bit_on_disk(array, FAST, 2));
	stream_comes(array);
}

/* ... while one with their bits is on its way, and they are cleared in memory. */
static void marked_before_being_cleared(struct kunit *test)
{
	struct test_array *array = about_to_clear(test);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *write;

	fake_disk_hold(fast, TEST_FLUSH);
	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "bitmap/can_clear", "true"));
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(fast)));
	fake_disk_hold(fast, TEST_BITMAP);
	write = write_chunk(array, 50);
	KUNIT_ASSERT_EQ(test, 2, fake_disk_nr_held(fast));
	fake_disk_release_one(fast, 0);
	test_settle(array);
	stream_comes(array);
	EXPECT_ENDS(write);
}

static struct kunit_case stream_cases[] = {
	KUNIT_CASE(stream_waits_seldom),
	KUNIT_CASE(long_writes_are_a_stream),
	KUNIT_CASE(streams_side_by_side),
	KUNIT_CASE(scattered_writes_are_none),
	KUNIT_CASE(marked_waits_for_the_flight),
	KUNIT_CASE(degraded_marks_nothing),
	KUNIT_CASE(stream_ends),
	KUNIT_CASE(all_is_cleared),
	KUNIT_CASE(marked_while_being_cleared),
	KUNIT_CASE(marked_before_being_cleared),
	{}
};

static struct kunit_suite stream_suite = {
	.name = "raid1wb_stream",
	.test_cases = stream_cases,
};

kunit_test_suite(stream_suite);
