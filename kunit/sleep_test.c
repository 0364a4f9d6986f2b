// SPDX-License-Identifier: GPL-2.0
/* The copy of the bitmap on a behind member sleeps while the array is active (D1, I1, I10). */
#include "bitmap_impl.h"
#include "io.h"

static const struct test_shape behind = { .slots = 2, .write_mostly = BIT(SLOW) };
static const struct test_shape behind3 = { .slots = 3, .write_mostly = BIT(SLOW) };

/* An array that has been written to, so that the copy sleeps. */
static struct test_array *asleep(struct kunit *test, const struct test_shape *shape)
{
	struct test_array *array = test_array_start(test, shape);

	EXPECT_ENDS(test_write(array, 60 * TEST_CHUNK, 8, 1));
	test_settle(array);
	KUNIT_ASSERT_TRUE(test, test_is_asleep(array, SLOW));
	return array;
}

/* Nothing goes to the slow member but data, neither for setting bits nor for clearing them. */
static void clean_chunk_does_not_wait(struct kunit *test)
{
	struct test_array *array = asleep(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	unsigned int since = fake_bench_event(&array->bench);
	int i;

	KUNIT_EXPECT_TRUE(test, test_is_superset(array, SLOW, 0));
	for (i = 0; i < 4; i++)
		EXPECT_ENDS(test_write(array, i * TEST_CHUNK, 8, 1));
	test_hurry_daemon(array);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_TRUE(test, test_wait(!test_bit_anywhere(array, i)));
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(slow, TEST_BITMAP, since));
	KUNIT_EXPECT_TRUE(test, test_is_superset(array, SLOW, 0));
}

/* The last sync member is lost: no data is sent before the other's copy is awake. */
static void wakes_when_the_last_sync_member_is_lost(struct kunit *test)
{
	struct test_array *array = asleep(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *write;

	fake_disk_hold(slow, TEST_BITMAP);
	test_array_fail(array, FAST);
	write = test_write(array, 0, 8, 1);
	EXPECT_OPEN(write);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 8, 0));
	fake_disk_release(slow);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_FALSE(test, test_is_asleep(array, SLOW));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, SLOW, 0));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 8, 1));
}

/* The only member that was to get the bit fails to: the others do, and the write goes on. */
static void write_outlives_the_page_that_failed(struct kunit *test)
{
	struct test_array *array = asleep(test, &behind);
	struct test_io *write;

	fake_disk_fail(test_disk(array, FAST), TEST_BITMAP, BLK_STS_IOERR, 1);
	write = test_write(array, 0, 8, 1);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_FALSE(test, test_is_active(array, FAST));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, SLOW, 0));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 8, 1));
}

/* As long as there is another sync member, nobody has to wake up. */
static void sleeps_on_with_another_sync_member(struct kunit *test)
{
	struct test_array *array = asleep(test, &behind3);

	test_array_fail(array, FAST);
	test_await_rest(array);
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_is_asleep(array, SLOW));
	KUNIT_EXPECT_TRUE(test, test_is_superset(array, SLOW, 0));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, THIRD, 0));
}

/* Flags change at run time. */
static void follows_the_flag(struct kunit *test)
{
	struct test_array *array = asleep(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	int round;

	for (round = 0; round < 3; round++) {
		KUNIT_ASSERT_EQ(test, 0, test_array_store(array, SLOW, "state", "-writemostly"));
		KUNIT_EXPECT_FALSE(test, test_is_asleep(array, SLOW));
		EXPECT_ENDS(test_write(array, round * TEST_CHUNK, 8, 1));
		KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, SLOW, round));
		KUNIT_EXPECT_FALSE(test, test_bit_on_disk(array, SLOW, 30));

		KUNIT_ASSERT_EQ(test, 0, test_array_store(array, SLOW, "state", "writemostly"));
		KUNIT_EXPECT_TRUE(test, test_is_asleep(array, SLOW));
		fake_disk_hold(slow, TEST_BITMAP);
		EXPECT_ENDS(test_write(array, (10 + round) * TEST_CHUNK, 8, 1));
		fake_disk_release(slow);
	}
}

/* A clean stop leaves a true copy everywhere. */
static void stop_wakes(struct kunit *test)
{
	struct test_array *array = asleep(test, &behind);
	unsigned long chunk;

	test_array_stop(array);
	KUNIT_EXPECT_FALSE(test, test_is_asleep(array, SLOW));
	for (chunk = 0; chunk < 64; chunk++)
		KUNIT_EXPECT_FALSE(test, test_bit_on_disk(array, SLOW, chunk));
}

/* dm-raid suspends an array, and makes it active again without superblocks. */
static void sleeps_again_after_a_silent_resume(struct kunit *test)
{
	struct test_array *array = asleep(test, &behind);
	struct mddev *mddev = array->mddev;

	md_stop_writes(mddev);
	KUNIT_EXPECT_FALSE(test, test_is_asleep(array, SLOW));
	mddev_lock_nointr(mddev);
	mddev->in_sync = 0;
	mddev_unlock(mddev);
	KUNIT_EXPECT_TRUE(test, test_wait(test_is_asleep(array, SLOW)));
	test_settle(array);
	KUNIT_EXPECT_TRUE(test, test_is_superset(array, SLOW, 0));
	KUNIT_EXPECT_EQ(test, 0, mddev->sb_flags);
}

/* ---- the order of pages ---- */

/* Chunks of a sector each, so that the bitmap has two pages. */
static const struct test_shape two_pages = {
	.slots = 2, .write_mostly = BIT(SLOW), .sectors = 40 << 10, .chunk_sectors = 1 };

#define TEST_PAGE(page)								\
	((struct fake_range){ FAKE_WRITE,						\
			      BITMAP_SECTOR + (page) * (R1WB_PAGE_BYTES >> SECTOR_SHIFT),	\
			      R1WB_PAGE_BYTES >> SECTOR_SHIFT })

/* A change of the slow member's state, which ends when the superblocks have been written. */
struct change {
	struct work_struct	work;
	struct test_array	*array;
	const char		*state;
	int			err;
	bool			done;
};

static void change_state(struct work_struct *work)
{
	struct change *change = container_of(work, struct change, work);

	change->err = test_array_store(change->array, SLOW, "state", change->state);
	WRITE_ONCE(change->done, true);
}

static struct change *begin_change(struct test_array *array, const char *state)
{
	struct change *change = kunit_kzalloc(array->test, sizeof(*change), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(array->test, change);
	change->array = array;
	change->state = state;
	INIT_WORK(&change->work, change_state);
	queue_work(system_unbound_wq, &change->work);
	KUNIT_ASSERT_TRUE(array->test, test_wait(fake_disk_nr_held(test_disk(array, SLOW))));
	return change;
}

static void end_change(struct kunit *test, struct change *change)
{
	fake_disk_release(test_disk(change->array, SLOW));
	KUNIT_ASSERT_TRUE(test, test_wait(READ_ONCE(change->done)));
	KUNIT_EXPECT_EQ(test, 0, change->err);
}

/* Page 0 is the last that falls asleep, whatever else wants it to be written. */
static void page_0_falls_asleep_last(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &two_pages);
	struct r1wb_bitmap_page *page;
	struct change *change;

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, SLOW, "state", "-writemostly"));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	test_settle(array);
	KUNIT_ASSERT_FALSE(test, test_is_asleep(array, SLOW));

	fake_disk_hold(test_disk(array, SLOW), TEST_PAGE(1));
	change = begin_change(array, "writemostly");
	page = &r1wb_bitmap_find(array->mddev)->store->pages[0];
	r1wb_page_want(page);
	r1wb_page_kick(page);
	test_settle(array);
	KUNIT_EXPECT_FALSE(test, test_is_asleep(array, SLOW));
	end_change(test, change);
	KUNIT_EXPECT_TRUE(test, test_is_asleep(array, SLOW));
}

/* ... and the first that wakes up: what follows has bits that were cleared meanwhile. */
static void page_0_wakes_first(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &two_pages);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct change *change;
	unsigned int since;

	EXPECT_ENDS(test_write(array, r1wb_page_first_chunk(1), 8, 1));
	test_settle(array);
	KUNIT_ASSERT_TRUE(test, test_is_asleep(array, SLOW));

	fake_disk_hold(slow, TEST_PAGE(0));
	since = fake_bench_event(&array->bench);
	change = begin_change(array, "-writemostly");
	test_settle(array);
	KUNIT_EXPECT_NULL(test, fake_disk_find(slow, TEST_PAGE(1), since));
	end_change(test, change);
	KUNIT_EXPECT_FALSE(test, test_is_superset(array, SLOW, r1wb_page_first_chunk(1)));
	KUNIT_EXPECT_FALSE(test, test_is_asleep(array, SLOW));
}

/* ---- under load ---- */

struct update {
	struct work_struct	work;
	struct test_array	*array;
	bool			done;
};

static void update_supers(struct work_struct *work)
{
	struct update *update = container_of(work, struct update, work);
	struct mddev *mddev = update->array->mddev;

	mddev_lock_nointr(mddev);
	md_update_sb(mddev, 1);
	mddev_unlock(mddev);
	WRITE_ONCE(update->done, true);
}

/* Page 0 is always in the air: whoever writes superblocks does not wait for that to end. */
static void falls_asleep_under_load(struct kunit *test)
{
	struct test_array *array = asleep(test, &behind);
	struct fake_disk *fast = test_disk(array, FAST);
	struct update update = { .array = array };
	struct test_io *writes[7];
	int i;

	fake_disk_hold(fast, TEST_BITMAP);
	writes[0] = test_write(array, 0, 8, 1);
	/* as if it had just joined */
	r1wb_sleep_reset(r1wb_bitmap_find(array->mddev), test_member(array, SLOW));
	INIT_WORK_ONSTACK(&update.work, update_supers);
	queue_work(system_unbound_wq, &update.work);
	for (i = 1; i < ARRAY_SIZE(writes); i++) {
		writes[i] = test_write(array, 8 * i * TEST_CHUNK, 8, 1);
		EXPECT_OPEN(writes[i]);
		fake_disk_release_one(fast, 0);
		test_settle(array);
	}
	KUNIT_EXPECT_TRUE(test, READ_ONCE(update.done));
	fake_disk_release(fast);
	KUNIT_ASSERT_TRUE(test, test_wait(READ_ONCE(update.done)));
	destroy_work_on_stack(&update.work);
	for (i = 0; i < ARRAY_SIZE(writes); i++)
		EXPECT_ENDS(writes[i]);
	KUNIT_EXPECT_TRUE(test, test_is_asleep(array, SLOW));
}

/* ---- what is found ---- */

/* As if the copy on the disk slept. */
static void put_to_sleep(struct test_array *array, int disk)
{
	u8 *bitmap = test_disk(array, disk)->data + (BITMAP_SECTOR << SECTOR_SHIFT);
	struct r1wb_disk_super *super = (void *)bitmap;

	memset(super + 1, 0xff, 2 * R1WB_PAGE_BYTES - sizeof(*super));
	super->events = cpu_to_le64(R1WB_ASLEEP_EVENTS);
	super->events_cleared = 0;
}

/* What was found asleep is not believed where something better is awake. */
static void load_prefers_the_awake(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .write_mostly = BIT(SLOW), .dirty = true };
	struct test_array *array = test_array_format(test, &shape);

	put_to_sleep(array, SLOW);
	test_set_bit_on_disk(array, FAST, 5);
	test_disk_fill(array, FAST, 5 * TEST_CHUNK, 8, 7);
	test_disk_fill(array, FAST, 9 * TEST_CHUNK, 8, 7);

	KUNIT_ASSERT_EQ(test, 0, test_array_run(array));
	KUNIT_ASSERT_TRUE(test, test_wait(test_disk_holds(array, SLOW, 5 * TEST_CHUNK, 8, 7)));
	test_await_rest(array);
	/* its bit was not set, so nobody looked there */
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 9 * TEST_CHUNK, 8, 0));
	test_disk_fill(array, SLOW, 9 * TEST_CHUNK, 8, 7);
}

/* It is woken as any other: here by somebody who took the flag away. */
static void found_asleep_wakes_with_page_0(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .sectors = 40 << 10, .chunk_sectors = 1 };
	struct test_array *array = test_array_format(test, &shape);
	struct fake_disk *slow = test_disk(array, SLOW);
	unsigned long chunk = r1wb_page_first_chunk(1);
	struct fake_bio *first;

	put_to_sleep(array, SLOW);
	KUNIT_ASSERT_EQ(test, 0, test_array_run(array));
	KUNIT_ASSERT_TRUE(test, test_wait(!test_is_superset(array, SLOW, chunk)));
	KUNIT_EXPECT_FALSE(test, test_is_asleep(array, SLOW));
	first = MUST_FIND(slow, TEST_PAGE(0), array->since);
	KUNIT_EXPECT_NOT_NULL(test, fake_disk_find(slow, TEST_PAGE(1), first->ended));
}

/* One that is awake, and would take back members that the others would not, is no better. */
static void found_forgetful_wakes_with_page_0(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .write_mostly = BIT(SLOW), .no_behind = true,
		.sectors = 40 << 10, .chunk_sectors = 1 };
	struct test_array *array = test_array_format(test, &shape);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct r1wb_disk_super *super = (void *)(slow->data + (BITMAP_SECTOR << SECTOR_SHIFT));
	struct fake_bio *first, *ones;

	super->events_cleared = 0;
	KUNIT_ASSERT_EQ(test, 0, test_array_run(array));
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_count(slow, TEST_PAGE(1), 0) == 2));
	first = MUST_FIND(slow, TEST_PAGE(0), array->since);
	ones = MUST_FIND(slow, TEST_PAGE(1), array->since);
	KUNIT_EXPECT_LT(test, ones->ended, first->came);
	KUNIT_EXPECT_NOT_NULL(test, fake_disk_find(slow, TEST_PAGE(1), first->ended));
}

/* ... but alone it is, and means that everything has to be copied. */
static void asleep_alone_is_all(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .write_mostly = BIT(SLOW), .disks = BIT(SLOW), .dirty = true };
	struct test_array *array = test_array_format(test, &shape);

	put_to_sleep(array, SLOW);
	test_disk_fill(array, SLOW, 9 * TEST_CHUNK, 8, 7);

	KUNIT_ASSERT_EQ(test, 0, test_array_run(array));
	KUNIT_ASSERT_EQ(test, 0, test_array_readd(array, FAST));
	KUNIT_ASSERT_TRUE(test, test_wait(test_is_in_sync(array, FAST)));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, 9 * TEST_CHUNK, 8, 7));
}

static struct kunit_case sleep_cases[] = {
	KUNIT_CASE(clean_chunk_does_not_wait),
	KUNIT_CASE(wakes_when_the_last_sync_member_is_lost),
	KUNIT_CASE(write_outlives_the_page_that_failed),
	KUNIT_CASE(sleeps_on_with_another_sync_member),
	KUNIT_CASE(follows_the_flag),
	KUNIT_CASE(stop_wakes),
	KUNIT_CASE(sleeps_again_after_a_silent_resume),
	KUNIT_CASE(page_0_falls_asleep_last),
	KUNIT_CASE(page_0_wakes_first),
	KUNIT_CASE(falls_asleep_under_load),
	KUNIT_CASE(load_prefers_the_awake),
	KUNIT_CASE(found_asleep_wakes_with_page_0),
	KUNIT_CASE(found_forgetful_wakes_with_page_0),
	KUNIT_CASE(asleep_alone_is_all),
	{}
};

static struct kunit_suite sleep_suite = {
	.name = "raid1wb_sleep",
	.test_cases = sleep_cases,
};

kunit_test_suite(sleep_suite);
