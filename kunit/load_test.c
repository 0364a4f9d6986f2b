// SPDX-License-Identifier: GPL-2.0
/* A real array is assembled over bitmaps that are wrong, or cannot be read (I10, I11). */
#include "bitmap_impl.h"
#include "io.h"

#define PAGE_LEN	(R1WB_PAGE_BYTES >> SECTOR_SHIFT)

#define TEST_BITMAP_PAGE(page)	\
	((struct fake_range){ FAKE_READ, BITMAP_SECTOR + (page) * PAGE_LEN, PAGE_LEN })

static const struct test_shape behind = { .slots = 2, .write_mostly = BIT(SLOW) };
/* Its bitmap has two pages. */
static const struct test_shape small_chunks = {
	.slots = 2, .write_mostly = BIT(SLOW), .sectors = 31000, .chunk_sectors = 1 };

static struct r1wb_disk_super *super_on(struct test_array *array, int disk)
{
	return (void *)(test_disk(array, disk)->data + (BITMAP_SECTOR << SECTOR_SHIFT));
}

static void set_bits(struct test_array *array, unsigned long first, unsigned long last)
{
	for (; first <= last; first++) {
		test_set_bit_on_disk(array, FAST, first);
		test_set_bit_on_disk(array, SLOW, first);
	}
}

/* The legs differ in a sector; only whoever syncs it finds out. */
static void differ(struct test_array *array, sector_t sector)
{
	test_disk_fill(array, FAST, sector, 1, 7);
}

static bool was_synced(struct test_array *array, sector_t sector)
{
	return test_disk_holds(array, SLOW, sector, 1, 7);
}

static void run(struct test_array *array)
{
	struct kunit *test = array->test;

	KUNIT_ASSERT_EQ(test, 0, test_array_run(array));
	test_await_rest(array);
}

static unsigned int changes(struct test_array *array)
{
	struct fake_range all = { FAKE_CHANGE, 0, 0 };

	return fake_disk_count(test_disk(array, FAST), all, 0) +
	       fake_disk_count(test_disk(array, SLOW), all, 0);
}

static void is_refused(struct test_array *array, int err)
{
	struct kunit *test = array->test;

	KUNIT_EXPECT_EQ(test, err, test_array_run(array));
	KUNIT_EXPECT_EQ(test, 0, changes(array));
}

/* ---- what cannot be read ---- */

/* Nobody knows what its bits say. */
static void unreadable_page_is_all_work(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &small_chunks);
	int disk;

	differ(array, 100);
	differ(array, 30800);
	for (disk = FAST; disk <= SLOW; disk++)
		fake_disk_fail(test_disk(array, disk), TEST_BITMAP_PAGE(1), BLK_STS_IOERR, 100);
	run(array);
	KUNIT_EXPECT_TRUE(test, was_synced(array, 30800));
	KUNIT_EXPECT_FALSE(test, was_synced(array, 100));
	KUNIT_EXPECT_TRUE(test, test_is_in_sync(array, FAST) && test_is_in_sync(array, SLOW));
}

/* Where another member's copy can be read, it tells. */
static void another_copy_is_read(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &small_chunks);
	int page, i;

	differ(array, 100);
	differ(array, 30800);
	/* 4 KiB is the least that is synced */
	for (i = 0; i < PAGE_SECTORS; i++)
		test_set_bit_on_disk(array, SLOW, 30800 + i);
	for (page = 0; page < 2; page++)
		fake_disk_fail(test_disk(array, FAST), TEST_BITMAP_PAGE(page),
			       BLK_STS_IOERR, 100);
	run(array);
	KUNIT_EXPECT_TRUE(test, was_synced(array, 30800));
	KUNIT_EXPECT_FALSE(test, was_synced(array, 100));
}

static void unreadable_superblock_is_refused(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &behind);
	int disk;

	for (disk = FAST; disk <= SLOW; disk++)
		fake_disk_fail(test_disk(array, disk), TEST_BITMAP_PAGE(0), BLK_STS_IOERR, 100);
	is_refused(array, -EIO);
}

/* ---- nothing to do ---- */

/*
 * A clean array does not wait for its slow member when it starts: its copy is
 * looked at once, and written when superblocks are.
 */
static void clean_array_starts_without_a_write(struct kunit *test)
{
	struct fake_range page = { FAKE_WRITE, BITMAP_SECTOR, PAGE_LEN };
	struct test_array *array = test_array_format(test, &behind);

	run(array);
	KUNIT_EXPECT_EQ(test, 1, fake_disk_count(test_disk(array, SLOW), TEST_BITMAP_PAGE(0), 0));
	KUNIT_EXPECT_EQ(test, 1, fake_disk_count(test_disk(array, SLOW), page, 0));
	EXPECT_ENDS(test_write(array, 5 * TEST_CHUNK, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 5));
	KUNIT_EXPECT_TRUE(test, test_is_asleep(array, SLOW));
}

/* ---- bits ---- */

static void set_bits_are_work(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &behind);

	differ(array, 5 * TEST_CHUNK);
	differ(array, 6 * TEST_CHUNK);
	set_bits(array, 5, 5);
	run(array);
	KUNIT_EXPECT_TRUE(test, was_synced(array, 5 * TEST_CHUNK));
	KUNIT_EXPECT_FALSE(test, was_synced(array, 6 * TEST_CHUNK));
}

/* The array is clean, and a member is missing: those that are there may differ all the same. */
static void set_bits_of_a_degraded_array_are_work(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 3, .disks = BIT(FAST) | BIT(SLOW), .write_mostly = BIT(SLOW) };
	struct test_array *array = test_array_format(test, &shape);

	differ(array, 5 * TEST_CHUNK);
	set_bits(array, 5, 5);
	run(array);
	KUNIT_EXPECT_TRUE(test, was_synced(array, 5 * TEST_CHUNK));
	/* nor is the one that is missing forgotten */
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 5));
	KUNIT_ASSERT_EQ(test, 0, test_array_readd(array, THIRD));
	KUNIT_ASSERT_TRUE(test, test_wait(test_is_in_sync(array, THIRD)));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* They are no work, and are gone with the next write of the page. */
static void bits_beyond_the_end_mean_nothing(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &behind);
	unsigned long chunks = TEST_SECTORS / TEST_CHUNK, last = 32767 - R1WB_SUPER_BITS;

	set_bits(array, chunks, last);
	run(array);
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(test_disk(array, FAST),
						 TEST_ALL_DATA(FAKE_READ | FAKE_WRITE), 0));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 0));
	KUNIT_EXPECT_FALSE(test, test_bit_on_disk(array, FAST, chunks));
	KUNIT_EXPECT_FALSE(test, test_bit_on_disk(array, FAST, last));
}

/* ---- superblocks ---- */

struct change {
	const char	*name;
	size_t		at;
	size_t		bytes;
	u64		value;
};

#define LE32(name, field, value) { name, offsetof(struct r1wb_disk_super, field), 4, value }
#define LE64(name, field, value) { name, offsetof(struct r1wb_disk_super, field), 8, value }

static const struct change refused_changes[] = {
	LE32("magic 0", magic, 0),
	LE32("version 3", version, 3),
	LE32("version 5", version, 5),
	LE32("version 6", version, 6),
	LE32("version 2^32-1", version, U32_MAX),
	LE64("uuid of another array", uuid, 1),
	LE32("chunk size 0", chunk_bytes, 0),
	LE32("chunk size 1", chunk_bytes, 1),
	LE32("chunk size 3000", chunk_bytes, 3000),
	LE32("chunk size 2^32-1", chunk_bytes, U32_MAX),
	LE32("daemon sleep 0", daemon_sleep, 0),
	LE32("daemon sleep 2^32-1", daemon_sleep, U32_MAX),
	LE32("write-behind 16384", write_behind, 16384),
	LE32("write-behind 2^32-1", write_behind, U32_MAX),
};

static const struct change disbelieved_changes[] = {
	LE64("events 1", events, 1),
	LE64("events one less", events, 999),
	LE64("size 0", sync_size, 0),
	LE64("size one less", sync_size, TEST_SECTORS - 1),
	LE32("out of date", state, R1WB_STATE_STALE),
	LE32("unknown state", state, BIT(31)),
};

static const struct change harmless_changes[] = {
	LE64("events 2^64-1", events, U64_MAX),
	LE64("events_cleared 2^64-1", events_cleared, U64_MAX),
	LE64("size 2^64-1", sync_size, U64_MAX),
	LE32("write-behind 0", write_behind, 0),
	LE32("reserved 0", sectors_reserved, 0),
	LE32("reserved 2^32-1", sectors_reserved, U32_MAX),
	LE32("nodes", nodes, U32_MAX),
	LE64("pad", pad, U64_MAX),
};

static void describe_change(const struct change *change, char *name)
{
	strscpy(name, change->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refused_change, refused_changes, describe_change);
KUNIT_ARRAY_PARAM(disbelieved_change, disbelieved_changes, describe_change);
KUNIT_ARRAY_PARAM(harmless_change, harmless_changes, describe_change);

/* An array whose legs differ in chunk 5, of which no bit tells. */
static struct test_array *changed(struct kunit *test)
{
	const struct change *change = test->param_value;
	struct test_array *array = test_array_format(test, &behind);
	__le64 value = cpu_to_le64(change->value);
	int disk;

	for (disk = FAST; disk <= SLOW; disk++)
		memcpy((u8 *)super_on(array, disk) + change->at, &value, change->bytes);
	differ(array, 5 * TEST_CHUNK);
	return array;
}

/* It may belong to somebody else. */
static void refused(struct kunit *test)
{
	is_refused(changed(test), -EINVAL);
}

static void disbelieved(struct kunit *test)
{
	struct test_array *array = changed(test);

	run(array);
	KUNIT_EXPECT_TRUE(test, was_synced(array, 5 * TEST_CHUNK));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* The array works, and what it writes back is in order. */
static void harmless(struct kunit *test)
{
	struct test_array *array = changed(test);
	int disk;

	run(array);
	KUNIT_EXPECT_FALSE(test, was_synced(array, 5 * TEST_CHUNK));
	EXPECT_ENDS(test_write(array, 7 * TEST_CHUNK, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, FAST, 7));
	test_array_stop(array);
	for (disk = FAST; disk <= SLOW; disk++) {
		KUNIT_EXPECT_EQ(test, TEST_SECTORS,
				le64_to_cpu(super_on(array, disk)->sync_size));
		KUNIT_EXPECT_EQ(test, 0, le32_to_cpu(super_on(array, disk)->nodes));
		KUNIT_EXPECT_FALSE(test, test_is_asleep(array, disk));
		KUNIT_EXPECT_LT(test, le64_to_cpu(super_on(array, disk)->events), 2000);
	}
}

/* Too little room for the bits that there have to be. */
static void no_room(struct kunit *test)
{
	struct test_array *array = test_array_format(test, &small_chunks);
	int disk;

	for (disk = FAST; disk <= SLOW; disk++)
		super_on(array, disk)->sectors_reserved = cpu_to_le32(1);
	is_refused(array, -EINVAL);
}

static struct kunit_case load_cases[] = {
	KUNIT_CASE(unreadable_page_is_all_work),
	KUNIT_CASE(another_copy_is_read),
	KUNIT_CASE(unreadable_superblock_is_refused),
	KUNIT_CASE(clean_array_starts_without_a_write),
	KUNIT_CASE(set_bits_are_work),
	KUNIT_CASE(set_bits_of_a_degraded_array_are_work),
	KUNIT_CASE(bits_beyond_the_end_mean_nothing),
	KUNIT_CASE_PARAM(refused, refused_change_gen_params),
	KUNIT_CASE_PARAM(disbelieved, disbelieved_change_gen_params),
	KUNIT_CASE_PARAM(harmless, harmless_change_gen_params),
	KUNIT_CASE(no_room),
	{}
};

static struct kunit_suite load_suite = {
	.name = "raid1wb_load",
	.test_cases = load_cases,
};

kunit_test_suite(load_suite);
