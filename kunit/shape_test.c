// SPDX-License-Identifier: GPL-2.0
/* More and fewer slots while the array is in use. */
#include <kunit/static_stub.h>
#include <linux/kernfs.h>
#include <linux/raid/md_p.h>

#include "io.h"
#include "metadata.h"
#include "slots.h"

#define SPARE	3

static const struct test_shape mirror = { .slots = 2 };
static const struct test_shape behind = { .slots = 2, .write_mostly = BIT(SLOW) };
static const struct test_shape behind3 = { .slots = 3, .write_mostly = BIT(SLOW) };

/* ---- changing it ---- */

/* In another thread, which a bug may keep forever. */
struct change {
	struct work_struct	work;
	struct test_array	*array;
	char			value[12];
	int			err;
	bool			ended;
};

static void change_work(struct work_struct *work)
{
	struct change *change = container_of(work, struct change, work);

	change->err = test_array_store(change->array, -1, "raid_disks", change->value);
	/* pairs with the wait */
	smp_store_release(&change->ended, true);
}

static int change_slots(struct test_array *array, int nr)
{
	struct change *change = kzalloc(sizeof(*change), GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(array->test, change);
	change->array = array;
	snprintf(change->value, sizeof(change->value), "%d", nr);
	INIT_WORK(&change->work, change_work);
	queue_work(system_unbound_wq, &change->work);
	/* pairs with the end */
	if (!test_wait(smp_load_acquire(&change->ended)))
		return -ETIMEDOUT;
	flush_work(&change->work);
	err = change->err;
	kfree(change);
	return err;
}

static void expect_slots(struct test_array *array, int nr, int degraded)
{
	struct mddev *mddev = array->mddev;
	struct kunit *test = array->test;

	KUNIT_EXPECT_EQ(test, nr, mddev->raid_disks);
	KUNIT_EXPECT_EQ(test, 0, mddev->delta_disks);
	KUNIT_EXPECT_EQ(test, nr, test_conf(array)->nr_slots);
	KUNIT_EXPECT_EQ(test, degraded, mddev->degraded);
}

static void expect_whole(struct test_array *array, int nr)
{
	KUNIT_EXPECT_TRUE(array->test, test_wait(!READ_ONCE(array->mddev->degraded)));
	test_await_rest(array);
	expect_slots(array, nr, 0);
}

static int slot_of(struct test_array *array, int disk)
{
	return test_member(array, disk)->raid_disk;
}

/* Is there a link md/rdN, and to that member? */
static bool is_linked(struct test_array *array, int slot, int disk)
{
	struct kernfs_node *node, *target;
	char name[8];
	bool is;

	snprintf(name, sizeof(name), "rd%d", slot);
	node = kernfs_find_and_get(array->mddev->kobj.sd, name);
	if (!node)
		return false;
	target = node->symlink.target_kn;
	is = disk >= 0 && target == test_member(array, disk)->kobj.sd;
	kernfs_put(node);
	return is;
}

static void lose(struct test_array *array, int disk)
{
	test_array_fail(array, disk);
	test_await_rest(array);
}

/* md looks at once whether it has a slot for it; until then it changes nothing. */
static void add_spare(struct test_array *array)
{
	KUNIT_ASSERT_EQ(array->test, 0, test_array_add(array, SPARE));
	test_await_rest(array);
}

/* ---- more ---- */

/* A spare gets the new slot, and all data. */
static void spare_gets_the_new_slot(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);

	test_disk_fill(array, FAST, 0, TEST_SECTORS, 1);
	test_disk_fill(array, SLOW, 0, TEST_SECTORS, 1);
	add_spare(array);
	KUNIT_EXPECT_FALSE(test, test_is_active(array, SPARE));
	KUNIT_EXPECT_EQ(test, 0, change_slots(array, 3));
	expect_whole(array, 3);
	KUNIT_EXPECT_EQ(test, 2, slot_of(array, SPARE));
	KUNIT_EXPECT_TRUE(test, is_linked(array, 2, SPARE));
	KUNIT_EXPECT_TRUE(test, test_is_in_sync(array, SPARE));
	EXPECT_ENDS(test_write(array, 100, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SPARE, 100, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SPARE, 0, 100, 1));
	test_expect_bits_go(array, TEST_SECTORS / TEST_CHUNK);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
	KUNIT_EXPECT_EQ(test, 3, test_slots_on_disk(array, FAST));
	KUNIT_EXPECT_EQ(test, 3, test_slots_on_disk(array, SLOW));
}

/* Nobody waits for what is on its way to the slow leg, and that arrives, in its turn. */
static void writes_behind_are_not_waited_for(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct r1wb_pools *pools;
	void *taken[8];
	int nr;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	EXPECT_ENDS(test_write(array, 4, 8, 2));
	EXPECT_ENDS(test_write(array, 1024, 8, 3));
	KUNIT_ASSERT_EQ(test, 0, change_slots(array, 4));
	expect_slots(array, 4, 2);
	EXPECT_ENDS(test_write(array, 8, 8, 4));
	EXPECT_ENDS(test_write(array, 2048, 8, 5));
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 3, fake_disk_nr_held(slow));

	/* there is room in the pool, and five writes come back, none of which fits into it */
	pools = r1wb_pools(test_conf(array));
	for (nr = 0; nr < ARRAY_SIZE(taken); nr++) {
		taken[nr] = mempool_alloc_preallocated(&pools->write);
		KUNIT_ASSERT_NOT_NULL(test, taken[nr]);
	}
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(!atomic_read(&test_conf(array)->order.tracked)));
	synchronize_rcu();
	KUNIT_EXPECT_EQ(test, pools->write.min_nr - nr, pools->write.curr_nr);
	while (nr--)
		mempool_free(taken[nr], &pools->write);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 4, 1));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 4, 4, 2));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 8, 8, 4));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* A new member is rebuilt from what is behind as well, while others write. */
static void rebuilt_while_others_write(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *writes[8];
	int i;

	add_spare(array);
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	for (i = 0; i < 8; i++)
		EXPECT_ENDS(test_write(array, i * 100, 64, 1 + i));
	KUNIT_EXPECT_EQ(test, 0, change_slots(array, 3));
	/* md has the array quiet before it begins */
	for (i = 0; i < 8; i++) {
		writes[i] = test_io_new(array, REQ_OP_WRITE, 50 + i * 500, 64, 100 + i);
		test_io_go(writes[i]);
	}
	fake_disk_release(slow);
	for (i = 0; i < 8; i++)
		EXPECT_ENDS(writes[i]);
	expect_whole(array, 3);
	test_expect_bits_go(array, TEST_SECTORS / TEST_CHUNK);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* ... also where there was nobody to mirror. */
static void single_one_gets_company(struct kunit *test)
{
	static const struct test_shape single = { .slots = 1 };
	struct test_array *array = test_array_start(test, &single);

	EXPECT_ENDS(test_write(array, 100, 8, 1));
	add_spare(array);
	KUNIT_EXPECT_EQ(test, 0, change_slots(array, 2));
	expect_whole(array, 2);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SPARE, 100, 8, 1));
	lose(array, FAST);
	EXPECT_ENDS(test_write(array, 200, 8, 2));
	KUNIT_EXPECT_EQ(test, 0, change_slots(array, 1));
	expect_slots(array, 1, 0);
	KUNIT_EXPECT_EQ(test, 0, slot_of(array, SPARE));
	EXPECT_ENDS(test_write(array, 300, 8, 3));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SPARE, 300, 8, 3));
}

/*
 * By hand, md does not suspend the array for it.  A write that has looked at the
 * members before, and is not in their lines yet, has to look again.
 */
static void slot_is_given_by_hand(struct kunit *test)
{
	static const struct test_shape half = { .slots = 3, .disks = BIT(FAST) | BIT(SLOW),
						.write_mostly = BIT(SLOW) };
	struct test_array *array = test_array_start(test, &half);
	struct r1wb_order *order = &test_conf(array)->order;
	struct test_io *write, *flush;

	KUNIT_ASSERT_EQ(test, 0, test_array_store(array, -1, "sync_action", "frozen"));
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	r1wb_order_quiesce(order);
	write = test_write(array, 100, 8, 1);
	flush = test_io_start(array, REQ_OP_WRITE | REQ_PREFLUSH, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, 0, test_array_store(array, SPARE, "slot", "2"));
	r1wb_order_unquiesce(order);
	EXPECT_ENDS(write);
	EXPECT_ENDS(flush);
	KUNIT_EXPECT_EQ(test, 2, slot_of(array, SPARE));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SPARE, 100, 8, 1));
	KUNIT_EXPECT_EQ(test, 1, fake_disk_count(test_disk(array, SPARE), TEST_FLUSH, write->came));
	/* and gets all that was written before it came */
	KUNIT_EXPECT_EQ(test, 0, test_array_store(array, -1, "sync_action", "recover"));
	expect_whole(array, 3);
	EXPECT_ENDS(test_write(array, 200, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_wait(test_legs_equal(array)));
}

/* ---- fewer ---- */

static void full_slots_stay(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);

	KUNIT_EXPECT_EQ(test, -EBUSY, change_slots(array, 2));
	KUNIT_EXPECT_EQ(test, -EBUSY, change_slots(array, 1));
	expect_slots(array, 3, 0);
	lose(array, THIRD);
	KUNIT_EXPECT_EQ(test, -EBUSY, change_slots(array, 1));
	expect_slots(array, 3, 1);
	EXPECT_ENDS(test_write(array, 100, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* With fewer slots the array is whole, and bits may go. */
static void whole_with_fewer(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);

	EXPECT_ENDS(test_write(array, 0, 8, 1));
	lose(array, THIRD);
	EXPECT_ENDS(test_write(array, TEST_CHUNK, 8, 2));
	KUNIT_EXPECT_EQ(test, 0, change_slots(array, 2));
	test_await_rest(array);
	expect_slots(array, 2, 0);
	KUNIT_EXPECT_EQ(test, 2, test_slots_on_disk(array, FAST));
	test_expect_bits_go(array, 2);
	EXPECT_ENDS(test_write(array, 2 * TEST_CHUNK, 8, 3));
	KUNIT_EXPECT_TRUE(test, test_wait(test_legs_equal(array)));
}

/*
 * Members move to the first slots, and what is behind moves with the slow one.
 * Its bitmap sleeps on; that of the other does not begin to.
 */
static void members_move_up(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	struct fake_disk *slow = test_disk(array, SLOW);
	unsigned int since;

	EXPECT_ENDS(test_write(array, 60 * TEST_CHUNK, 8, 1));
	lose(array, FAST);
	EXPECT_ENDS(test_write(array, 61 * TEST_CHUNK, 8, 1));
	KUNIT_ASSERT_TRUE(test, test_wait(test_is_asleep(array, SLOW)));
	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	since = fake_bench_event(&array->bench);
	KUNIT_EXPECT_EQ(test, 0, change_slots(array, 2));
	expect_slots(array, 2, 0);
	KUNIT_EXPECT_EQ(test, 0, slot_of(array, SLOW));
	KUNIT_EXPECT_EQ(test, 1, slot_of(array, THIRD));
	KUNIT_EXPECT_TRUE(test, is_linked(array, 0, SLOW));
	KUNIT_EXPECT_TRUE(test, is_linked(array, 1, THIRD));
	KUNIT_EXPECT_FALSE(test, is_linked(array, 2, -1));

	EXPECT_ENDS(test_write(array, 4, 8, 2));
	EXPECT_ENDS(test_write(array, 10 * TEST_CHUNK, 8, 3));
	KUNIT_EXPECT_TRUE(test, test_bit_on_disk(array, THIRD, 10));
	KUNIT_EXPECT_TRUE(test, test_is_asleep(array, SLOW));
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(slow, TEST_BITMAP, since));
	KUNIT_EXPECT_EQ(test, 0, fake_disk_count(slow, TEST_DATA(FAKE_WRITE, 0, 12), since));
	fake_disk_release(slow);
	test_expect_bits_go(array, TEST_SECTORS / TEST_CHUNK);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 4, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
	/* the failed one is known by its slot, which is another's now */
	test_array_fail(array, SLOW);
	test_await_rest(array);
	expect_slots(array, 2, 1);
	EXPECT_ENDS(test_write(array, 20 * TEST_CHUNK, 8, 4));
}

/* Whoever was lost before lacks what was written since, though bits were cleared. */
static void who_was_lost_has_no_claim(struct kunit *test)
{
	static const struct test_shape mirror3 = { .slots = 3 };
	struct test_array *array = test_array_start(test, &mirror3);

	EXPECT_ENDS(test_write(array, 0, 8, 1));
	lose(array, THIRD);
	KUNIT_EXPECT_EQ(test, 0, change_slots(array, 2));
	test_await_rest(array);
	EXPECT_ENDS(test_write(array, 5 * TEST_CHUNK, 8, 2));
	test_expect_bits_go(array, 10);
	KUNIT_EXPECT_EQ(test, 0, change_slots(array, 3));
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, THIRD));
	/* refused, as a rule: then it is added like a new one */
	if (test_array_readd(array, THIRD))
		KUNIT_ASSERT_EQ(test, 0, test_array_add(array, THIRD));
	expect_whole(array, 3);
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, THIRD, 5 * TEST_CHUNK, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* ... nor who had not got all data; md says of whoever leaves a slot that it was here. */
static void who_failed_half_way_has_no_claim(struct kunit *test)
{
	static const struct test_shape half = { .slots = 3, .disks = BIT(FAST) | BIT(SLOW) };
	struct test_array *array = test_array_start(test, &half);
	struct fake_disk *spare = test_disk(array, SPARE);

	test_disk_fill(array, FAST, 0, TEST_SECTORS, 1);
	test_disk_fill(array, SLOW, 0, TEST_SECTORS, 1);
	fake_disk_hold(spare, TEST_DATA(FAKE_WRITE, TEST_SECTORS / 2, TEST_SECTORS / 2));
	KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	KUNIT_ASSERT_TRUE(test, test_wait(fake_disk_nr_held(spare)));
	test_array_fail(array, SPARE);
	fake_disk_release(spare);
	test_await_rest(array);
	KUNIT_EXPECT_EQ(test, 0, change_slots(array, 2));
	expect_slots(array, 2, 0);
	test_await_rest(array);
	KUNIT_EXPECT_EQ(test, 0, change_slots(array, 3));
	/* if there is a way back at all, then with all data */
	if (test_array_store(array, SPARE, "state", "re-add")) {
		KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, SPARE));
		KUNIT_ASSERT_EQ(test, 0, test_array_add(array, SPARE));
	}
	expect_whole(array, 3);
	KUNIT_EXPECT_TRUE(test, test_is_in_sync(array, SPARE));
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* There and back, while writes come and a member fails. */
static void there_and_back(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	int round;

	add_spare(array);
	for (round = 0; round < 6; round++) {
		struct test_io *write;

		write = test_io_new(array, REQ_OP_WRITE, round * 300, 256, 10 + round);
		test_io_go(write);
		KUNIT_EXPECT_EQ(test, 0, change_slots(array, 3));
		EXPECT_ENDS(write);
		expect_whole(array, 3);
		lose(array, SPARE);
		write = test_io_new(array, REQ_OP_WRITE, round * 300 + 100, 100, 20 + round);
		test_io_go(write);
		KUNIT_EXPECT_EQ(test, 0, change_slots(array, 2));
		EXPECT_ENDS(write);
		expect_slots(array, 2, 0);
		KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, SPARE));
		add_spare(array);
	}
	test_expect_bits_go(array, TEST_SECTORS / TEST_CHUNK);
	KUNIT_EXPECT_TRUE(test, test_legs_equal(array));
}

/* ---- other sizes, other policies ---- */

static bool has_bitmap(struct test_array *array, int disk)
{
	return test_features(array, disk) & MD_FEATURE_BITMAP_OFFSET;
}

/* While it looks at the members, md is too busy. */
static int set_policy(struct test_array *array, const char *policy)
{
	test_await_rest(array);
	return test_array_store(array, -1, "consistency_policy", policy);
}

/* With a bitmap or without; a mirror has nothing else. */
static void policy_is_the_bitmap(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);

	KUNIT_EXPECT_EQ(test, -EINVAL, set_policy(array, "ppl"));
	KUNIT_EXPECT_EQ(test, -EINVAL, set_policy(array, "journal"));
	KUNIT_EXPECT_EQ(test, 0, set_policy(array, "bitmap\n"));
	KUNIT_EXPECT_NOT_NULL(test, array->mddev->bitmap);
	/* without one, nothing has to be marked */
	array->watch.mask = BIT(FAULT_WRITE_AHEAD);
	KUNIT_EXPECT_EQ(test, 0, set_policy(array, "resync\n"));
	KUNIT_EXPECT_NULL(test, array->mddev->bitmap);
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	KUNIT_EXPECT_FALSE(test, has_bitmap(array, FAST));
	KUNIT_EXPECT_EQ(test, 0, set_policy(array, "resync"));
	KUNIT_EXPECT_EQ(test, -EINVAL, set_policy(array, "ppl"));
	/* somebody else has to lay it out */
	KUNIT_EXPECT_EQ(test, -EINVAL, set_policy(array, "bitmap"));
	KUNIT_EXPECT_NULL(test, array->mddev->bitmap);
	EXPECT_ENDS(test_write(array, TEST_CHUNK, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_wait(test_legs_equal(array)));
}

/* We have always an order; what md takes memory for then is not used, nor lost. */
static void serialize_policy_changes_nothing(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	int i;

	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, 0, test_array_store(array, -1, "serialize_policy", "1"));
		EXPECT_ENDS(test_write(array, i * 8, 16, 1 + i));
		EXPECT_ENDS(test_write(array, i * 8 + 4, 8, 3 + i));
		lose(array, SLOW);
		KUNIT_EXPECT_EQ(test, 0, test_array_remove(array, SLOW));
		KUNIT_EXPECT_EQ(test, 0, test_array_readd(array, SLOW));
		expect_whole(array, 2);
		if (!i)
			KUNIT_EXPECT_EQ(test, 0,
					test_array_store(array, -1, "serialize_policy", "0"));
	}
	KUNIT_EXPECT_TRUE(test, test_wait(test_legs_equal(array)));
	KUNIT_EXPECT_NOT_NULL(test, array->mddev->serial_info_pool);
}

/* The user's size stays, whatever room the members get; and cannot be undercut. */
static void array_size_is_kept(struct kunit *test)
{
	static const struct test_shape room = { .slots = 2, .sectors = TEST_SECTORS / 2 };
	struct test_array *array = test_array_start(test, &room);
	struct mddev *mddev = array->mddev;
	sector_t some = TEST_SECTORS / 4;

	KUNIT_EXPECT_EQ(test, 0, test_array_store(array, -1, "array_size", "1024"));
	KUNIT_EXPECT_EQ(test, some, get_capacity(mddev->gendisk));
	KUNIT_EXPECT_EQ(test, -EINVAL, test_array_store(array, -1, "component_size", "1000"));
	KUNIT_EXPECT_EQ(test, some * 2, mddev->dev_sectors);
	KUNIT_EXPECT_EQ(test, 0, test_array_store(array, -1, "component_size", "1536"));
	test_await_rest(array);
	KUNIT_EXPECT_EQ(test, 1536 * 2, mddev->dev_sectors);
	KUNIT_EXPECT_EQ(test, some, get_capacity(mddev->gendisk));
	EXPECT_ENDS(test_write(array, some - 8, 8, 1));
	KUNIT_EXPECT_EQ(test, 0, test_array_store(array, -1, "array_size", "default"));
	KUNIT_EXPECT_EQ(test, 1536 * 2, get_capacity(mddev->gendisk));
	EXPECT_ENDS(test_write(array, some, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_wait(test_legs_equal(array)));
}

/* ---- what is refused ---- */

static void other_changes_are_refused(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &mirror);

	KUNIT_EXPECT_NE(test, 0, test_array_store(array, -1, "layout", "1"));
	KUNIT_EXPECT_NE(test, 0, test_array_store(array, -1, "chunk_size", "65536"));
	KUNIT_EXPECT_EQ(test, 0, test_array_store(array, -1, "layout", "0"));
	expect_slots(array, 2, 0);
	KUNIT_EXPECT_EQ(test, 0, array->mddev->new_layout);
	KUNIT_EXPECT_EQ(test, 0, array->mddev->new_chunk_sectors);
	array->mddev->new_level = 5;
	KUNIT_EXPECT_EQ(test, -EINVAL, change_slots(array, 3));
	KUNIT_EXPECT_EQ(test, 1, array->mddev->new_level);
	expect_slots(array, 2, 0);
	EXPECT_ENDS(test_write(array, 100, 8, 1));
}

/* The one that fails counts down to it. */
static int memory_left;

static void *scarce_memory(size_t bytes)
{
	return memory_left-- ? kzalloc(bytes, GFP_KERNEL) : NULL;
}

static int no_copies(struct r1wb_bitmap *bitmap, int nr)
{
	return -ENOMEM;
}

/* Whatever there is no memory for, nothing changes. */
static void no_memory(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind3);
	int tries, err = -ENOMEM;
	const int places = 2 * 4;

	lose(array, FAST);
	kunit_activate_static_stub(test, r1wb_slots_memory, scarce_memory);
	kunit_activate_static_stub(test, r1wb_bitmap_slots_begin, no_copies);
	for (tries = 0; err && tries < 20; tries++) {
		memory_left = tries;
		if (tries == places + 3)
			kunit_deactivate_static_stub(test, r1wb_bitmap_slots_begin);
		/* stubs are for this thread */
		err = test_array_store(array, -1, "raid_disks", "4");
		if (!err)
			break;
		KUNIT_EXPECT_EQ(test, -ENOMEM, err);
		expect_slots(array, 3, 1);
		KUNIT_EXPECT_EQ(test, 1, slot_of(array, SLOW));
		KUNIT_EXPECT_TRUE(test, is_linked(array, 1, SLOW));
		EXPECT_ENDS(test_write(array, tries * TEST_CHUNK, 8, 1 + tries));
	}
	/* the pools, the table, the places, and then what the bitmap knows of its copies */
	KUNIT_EXPECT_EQ(test, places + 3, tries);
	expect_slots(array, 4, 2);
	EXPECT_ENDS(test_write(array, 100, 8, 100));
	KUNIT_EXPECT_TRUE(test, test_wait(test_legs_equal(array)));
}

static struct kunit_case shape_cases[] = {
	KUNIT_CASE(spare_gets_the_new_slot),
	KUNIT_CASE(writes_behind_are_not_waited_for),
	KUNIT_CASE(rebuilt_while_others_write),
	KUNIT_CASE(single_one_gets_company),
	KUNIT_CASE(slot_is_given_by_hand),
	KUNIT_CASE(full_slots_stay),
	KUNIT_CASE(whole_with_fewer),
	KUNIT_CASE(members_move_up),
	KUNIT_CASE(who_was_lost_has_no_claim),
	KUNIT_CASE(who_failed_half_way_has_no_claim),
	KUNIT_CASE(there_and_back),
	KUNIT_CASE(policy_is_the_bitmap),
	KUNIT_CASE(serialize_policy_changes_nothing),
	KUNIT_CASE(array_size_is_kept),
	KUNIT_CASE(other_changes_are_refused),
	KUNIT_CASE(no_memory),
	{}
};

static struct kunit_suite shape_suite = {
	.name = "raid1wb_shape",
	.test_cases = shape_cases,
};

kunit_test_suite(shape_suite);
