// SPDX-License-Identifier: GPL-2.0
/*
 * Many writes at once, on disks that answer in any order.
 *
 * What each case claims is what array.h and watch.h look for all the time: I1
 * to I5, I9, nothing left behind; and that all members are equal in the end,
 * and hold what was written last.
 */
#include <kunit/static_stub.h>

#include "io.h"
#include "random.h"

#define BATCHES		24
#define BATCH		10
#define AREA		256	/* sectors, so that much overlaps: two chunks */

static const struct test_shape behind = { .slots = 2, .write_mostly = BIT(SLOW) };
static const struct test_shape behind4 = {
	.slots = 4, .write_mostly = BIT(SLOW) | BIT(3), .write_behind = 2 };

/**
 * struct storm - one case
 * @newest:	per sector, the last batch that wrote it
 * @marks:	writes so far
 * @batch_of:	by mark, the batch that the write belongs to
 */
struct storm {
	struct kunit		*test;
	struct test_array	*array;
	struct rnd_state	random;
	int			batch;
	unsigned int		marks;
	int			batch_of[(BATCHES + 1) * BATCH];
	int			newest[AREA];
};

static u32 below(struct storm *storm, u32 limit)
{
	return r1wb_test_below(&storm->random, limit);
}

static struct storm *storm_start(struct kunit *test, const struct test_shape *shape)
{
	struct storm *storm = kunit_kzalloc(test, sizeof(*storm), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, storm);
	storm->test = test;
	storm->array = test_array_start(test, shape);
	r1wb_test_seed(test, &storm->random);
	storm->batch = 1;	/* 0 is what was there before */
	test_hurry_daemon(storm->array);
	for (i = 0; i < storm->array->shape.slots; i++)
		fake_disk_hold(test_disk(storm->array, i),
			       (struct fake_range){ FAKE_CHANGE | FAKE_FLUSH, 0, 0 });
	return storm;
}

/* Long and short ones, anywhere in the area. */
static void choose_range(struct storm *storm, sector_t *sector, sector_t *sectors)
{
	*sectors = 1 + below(storm, below(storm, 4) ? 16 : AREA / 2);
	*sector = below(storm, AREA - *sectors + 1);
}

static struct test_io *make_write(struct storm *storm)
{
	static const blk_opf_t flags[] = { 0, 0, 0, REQ_FUA, REQ_PREFLUSH, REQ_PREFLUSH | REQ_FUA };
	blk_opf_t opf = REQ_OP_WRITE | flags[below(storm, ARRAY_SIZE(flags))];
	u32 mark = ++storm->marks;
	sector_t sector, sectors;
	int i;

	choose_range(storm, &sector, &sectors);
	storm->batch_of[mark] = storm->batch;
	for (i = 0; i < sectors; i++)
		storm->newest[sector + i] = storm->batch;
	return test_io_new(storm->array, opf, sector, sectors, mark);
}

static struct test_io *make_io(struct storm *storm)
{
	sector_t sector, sectors;

	choose_range(storm, &sector, &sectors);
	switch (below(storm, 8)) {
	case 0:
		return test_io_new(storm->array, REQ_OP_WRITE | REQ_PREFLUSH, 0, 0, 0);
	case 1:
		return test_io_new(storm->array, REQ_OP_READ, sector, sectors, 0);
	default:
		return make_write(storm);
	}
}

static void release_some(struct storm *storm)
{
	int slot, i;

	for (slot = 0; slot < storm->array->shape.slots; slot++) {
		struct fake_disk *disk = test_disk(storm->array, slot);

		for (i = below(storm, 2 + fake_disk_nr_held(disk)); i; i--)
			fake_disk_release_one(disk, below(storm, fake_disk_nr_held(disk) + 1));
	}
	schedule_timeout_uninterruptible(1);
}

static bool batch_ended(struct test_io **ios)
{
	int i;

	for (i = 0; i < BATCH; i++)
		if (!test_io_ended(ios[i]))
			return false;
	return true;
}

/* Slow legs may still be at it when the next batch comes. */
static void storm_batch(struct storm *storm)
{
	struct test_io *ios[BATCH];
	unsigned long end = jiffies + TEST_PATIENCE;
	int i;

	for (i = 0; i < BATCH; i++)
		ios[i] = make_io(storm);
	for (i = 0; i < BATCH; i++)
		test_io_go(ios[i]);
	while (!batch_ended(ios) && time_before(jiffies, end))
		release_some(storm);
	for (i = 0; i < BATCH; i++) {
		KUNIT_ASSERT_TRUE(storm->test, test_io_ended(ios[i]));
		KUNIT_ASSERT_EQ_MSG(storm->test, BLK_STS_OK, ios[i]->status,
				    "opf %#x, sector %llu + %llu", ios[i]->bio->bi_opf,
				    (u64)ios[i]->sector, (u64)ios[i]->sectors);
		test_io_free(ios[i]);
	}
	storm->batch++;
}

/* Within a batch, writes may come in any order; a later batch comes later. */
static void check_sector(struct storm *storm, int disk, sector_t sector)
{
	u64 *data = (u64 *)(test_disk(storm->array, disk)->data +
			    ((DATA_SECTOR + sector) << SECTOR_SHIFT));
	u32 mark = data[0] >> 32;

	KUNIT_ASSERT_LE(storm->test, mark, storm->marks);
	KUNIT_ASSERT_TRUE(storm->test, test_disk_holds(storm->array, disk, sector, 1, mark));
	KUNIT_EXPECT_EQ(storm->test, mark ? storm->batch_of[mark] : 0, storm->newest[sector]);
}

static void storm_end(struct storm *storm)
{
	struct test_array *array = storm->array;
	struct kunit *test = storm->test;
	int slot;
	sector_t i;

	for (slot = 0; slot < array->shape.slots; slot++)
		fake_disk_release(test_disk(array, slot));
	KUNIT_ASSERT_TRUE(test, test_wait(!atomic_read(&test_conf(array)->backlog.writes)));
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(array)));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
	for (slot = 0; !test_is_in_sync(array, slot); slot++)
		;
	for (i = 0; i < AREA; i++)
		check_sector(storm, slot, i);
	if (!array->mddev->degraded)
		KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, 0) &&
						  !test_bit_anywhere(array, 1)));
}

static void one_slow_leg(struct kunit *test)
{
	struct storm *storm = storm_start(test, &behind);

	while (storm->batch < BATCHES)
		storm_batch(storm);
	storm_end(storm);
}

static void two_slow_legs(struct kunit *test)
{
	struct storm *storm = storm_start(test, &behind4);

	while (storm->batch < BATCHES)
		storm_batch(storm);
	storm_end(storm);
	KUNIT_EXPECT_LT(test, 0, atomic_long_read(&test_conf(storm->array)->backlog.modes
						  [R1WB_WRITE_LIMIT_COUNT]));
}

static unsigned int folios;

static struct folio *scarce_folio(size_t bytes)
{
	return folios++ % 5 ? folio_alloc(GFP_KERNEL, 0) : NULL;
}

/* Every now and then there is no memory for the copy. */
static void memory_is_scarce(struct kunit *test)
{
	struct storm *storm = storm_start(test, &behind4);

	kunit_activate_static_stub(test, r1wb_copy_folio, scarce_folio);
	while (storm->batch < BATCHES)
		storm_batch(storm);
	storm_end(storm);
	KUNIT_EXPECT_LT(test, 0, atomic_long_read(&test_conf(storm->array)->backlog.modes
						  [R1WB_WRITE_NO_MEMORY]));
}

/* Members fail on the way, slow ones and others. */
static void members_fail(struct kunit *test)
{
	struct storm *storm = storm_start(test, &behind4);

	while (storm->batch < BATCHES) {
		if (storm->batch == 8)
			test_array_fail(storm->array, SLOW);
		if (storm->batch == 16)
			fake_disk_fail(test_disk(storm->array, THIRD), TEST_ALL_DATA(FAKE_WRITE),
				       BLK_STS_IOERR, 1);
		storm_batch(storm);
	}
	KUNIT_EXPECT_EQ(test, 2, storm->array->mddev->degraded);
	storm_end(storm);
}

/* A disk is rebuilt meanwhile. */
static void a_member_joins(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 3, .write_mostly = BIT(SLOW), .disks = BIT(FAST) | BIT(SLOW) };
	struct storm *storm = storm_start(test, &shape);

	while (storm->batch < BATCHES) {
		if (storm->batch == 5)
			KUNIT_ASSERT_EQ(test, 0, test_array_add(storm->array, THIRD));
		storm_batch(storm);
	}
	storm_end(storm);
	KUNIT_EXPECT_TRUE(test, test_wait(!storm->array->mddev->degraded));
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(storm->array)));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(storm->array));
}

static struct kunit_case storm_cases[] = {
	KUNIT_CASE_SLOW(one_slow_leg),
	KUNIT_CASE_SLOW(two_slow_legs),
	KUNIT_CASE_SLOW(memory_is_scarce),
	KUNIT_CASE_SLOW(members_fail),
	KUNIT_CASE_SLOW(a_member_joins),
	{}
};

static struct kunit_suite storm_suite = {
	.name = "raid1wb_storm",
	.test_cases = storm_cases,
};

kunit_test_suite(storm_suite);
