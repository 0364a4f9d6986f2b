// SPDX-License-Identifier: GPL-2.0
/*
 * Lives that end in a crash, and what is made of what they leave.
 *
 * An array is written to, its members fail and come back, change their roles,
 * it goes read-only, is repaired, while its disks answer in any order.  Between
 * any two bios legs.h looks for bits that are missing (I10).  Then comes a
 * crash.  The disks are assembled, all or some, in any order; written to; the
 * others are taken back.  In the end all legs are equal (I11).
 */
#include <linux/major.h>
#include <linux/raid/md_u.h>

#include "io.h"
#include "legs.h"
#include "random.h"

#define LIVES		4
#define STEPS		120
#define DEATHS		3	/* of the same life, each with other sectors there */
#define OPEN_WRITES	10
#define SECTORS		512
#define CHUNK		16

/**
 * struct life - of one array
 * @marks:	writes so far
 * @ios:	those that may not have ended
 * @deed:	what an administrator does at the moment
 * @idle:	he does nothing
 * @dice:	a random number for him
 */
struct life {
	struct kunit		*test;
	struct test_array	*array;
	struct test_legs	*legs;
	struct rnd_state	random;
	u32			marks;
	struct test_io		*ios[OPEN_WRITES];
	struct work_struct	work;
	void			(*deed)(struct life *life);
	bool			idle;
	u32			dice;
};

static u32 below(struct life *life, u32 limit)
{
	return r1wb_test_below(&life->random, limit);
}

static bool is_idle(struct life *life)
{
	/* pairs with do_deed() */
	return smp_load_acquire(&life->idle);
}

/* ---- what administrators do ---- */

static int count_in_sync(struct life *life)
{
	int disk, count = 0;

	for (disk = 0; disk < life->array->shape.slots; disk++)
		count += test_is_in_sync(life->array, disk);
	return count;
}

static void fail_a_member(struct life *life)
{
	int slot = life->dice % life->array->shape.slots;

	if (count_in_sync(life) > 1 && test_is_active(life->array, slot))
		test_array_fail(life->array, slot);
}

static bool is_out(struct test_array *array, int slot)
{
	struct md_rdev *rdev = test_member(array, slot);

	if (rdev && test_bit(Faulty, &rdev->flags))
		test_array_remove(array, slot);
	return !test_member(array, slot);
}

static void take_members_back(struct life *life)
{
	int slot;

	for (slot = 0; slot < life->array->shape.slots; slot++)
		if (is_out(life->array, slot))
			test_array_readd(life->array, slot);
}

/* Those that md has not let go of. */
static void take_back_by_hand(struct life *life)
{
	int slot;

	for (slot = 0; slot < life->array->shape.slots; slot++)
		if (test_member(life->array, slot))
			test_array_store(life->array, slot, "state", "re-add");
}

static void replace_members(struct life *life)
{
	struct test_array *array = life->array;
	int slot;

	for (slot = 0; slot < array->shape.slots; slot++)
		if (!test_member(array, slot))
			test_array_add(array, slot);
}

static void change_write_mostly(struct life *life)
{
	if (test_member(life->array, SLOW))
		test_array_store(life->array, SLOW, "state",
				 life->dice % 2 ? "writemostly" : "-writemostly");
}

static void change_backlog(struct life *life)
{
	test_array_store(life->array, -1, "bitmap/backlog", life->dice % 2 ? "100" : "0");
}

static void go_read_only(struct life *life)
{
	test_array_ioctl(life->array, STOP_ARRAY_RO, 0);
	test_array_ioctl(life->array, RESTART_ARRAY_RW, 0);
}

static void become_clean(struct life *life)
{
	test_array_store(life->array, -1, "safe_mode_delay", life->dice % 2 ? "0.01" : "0");
}

static void set_bits(struct life *life)
{
	test_array_store(life->array, -1, "bitmap_set_bits", life->dice % 2 ? "3-5" : "30");
}

static void repair(struct life *life)
{
	test_array_store(life->array, -1, "sync_action", "repair");
}

static void interrupt(struct life *life)
{
	test_array_store(life->array, -1, "sync_action", "frozen");
	if (life->dice % 2)
		schedule_timeout_uninterruptible(2);
	test_array_store(life->array, -1, "sync_action", "idle");
}

static void (* const deeds[])(struct life *life) = {
	fail_a_member, take_members_back, take_members_back, take_members_back, replace_members,
	change_write_mostly, change_backlog, go_read_only, become_clean, set_bits, repair,
	take_back_by_hand, interrupt,
};

static void do_deed(struct work_struct *work)
{
	struct life *life = container_of(work, struct life, work);

	life->deed(life);
	/* pairs with is_idle() */
	smp_store_release(&life->idle, true);
}

static void start_a_deed(struct life *life)
{
	if (!is_idle(life))
		return;
	life->idle = false;
	life->dice = below(life, 1 << 16);
	life->deed = deeds[below(life, ARRAY_SIZE(deeds))];
	queue_work(system_unbound_wq, &life->work);
}

/* ---- what users do ---- */

static void start_a_write(struct life *life)
{
	static const blk_opf_t flags[] = { 0, 0, REQ_FUA, REQ_PREFLUSH };
	blk_opf_t opf = REQ_OP_WRITE | flags[below(life, ARRAY_SIZE(flags))];
	sector_t sectors = 1 + below(life, below(life, 4) ? CHUNK : 5 * CHUNK);
	sector_t sector = below(life, SECTORS - sectors + 1);
	int i;

	for (i = 0; i < OPEN_WRITES; i++) {
		if (life->ios[i] && !test_io_ended(life->ios[i]))
			continue;
		life->ios[i] = test_io_new(life->array, opf, sector, sectors, ++life->marks);
		test_io_go(life->ios[i]);
		return;
	}
}

/* ---- lives ---- */

static void release_some(struct life *life)
{
	int slot, i;

	for (slot = 0; slot < life->array->shape.slots; slot++) {
		struct fake_disk *disk = test_disk(life->array, slot);

		for (i = below(life, 2 + fake_disk_nr_held(disk)); i; i--)
			fake_disk_release_one(disk, below(life, fake_disk_nr_held(disk) + 1));
	}
}

static void begin(struct life *life, const struct test_shape *shape)
{
	int slot;

	life->array = test_array_start(life->test, shape);
	life->legs = test_legs_watch(life->array);
	/*
	 * Whoever makes an array read-only is not to write to it meanwhile; we
	 * do.  And a member may fail when a page with fewer bits is on its way.
	 */
	life->array->watch.mask = BIT(FAULT_CLEAN) | BIT(FAULT_DEGRADED);
	life->marks = 0;
	life->idle = true;
	INIT_WORK(&life->work, do_deed);
	memset(life->ios, 0, sizeof(life->ios));
	test_hurry_daemon(life->array);
	for (slot = 0; slot < shape->slots; slot++)
		fake_disk_hold(test_disk(life->array, slot),
			       (struct fake_range){ FAKE_CHANGE | FAKE_FLUSH, 0, 0 });
}

/* Nothing new is begun for a while: bits are cleared. */
static void calm_down(struct life *life)
{
	int steps;

	for (steps = 0; steps < 30; steps++) {
		release_some(life);
		schedule_timeout_uninterruptible(1);
	}
}

static void go_on(struct life *life, int steps)
{
	while (steps--) {
		if (below(life, 3))
			start_a_write(life);
		if (!below(life, 5))
			start_a_deed(life);
		if (!below(life, 30))
			calm_down(life);
		release_some(life);
		schedule_timeout_uninterruptible(1);
	}
}

static bool has_come_to_rest(struct life *life)
{
	release_some(life);
	return is_idle(life);
}

static void end(struct life *life)
{
	struct kunit *test = life->test;

	KUNIT_ASSERT_TRUE(test, test_wait(has_come_to_rest(life)));
	flush_work(&life->work);
	KUNIT_EXPECT_EQ_MSG(test, 0, life->legs->faults, "%s", life->legs->first);
	KUNIT_EXPECT_LT(test, 0, life->legs->looks);
	test_array_free(life->array);
}

/* ---- after the crash ---- */

/* Any of them, one at least that tells the truth; or 0 if none does. */
static unsigned long choose_survivors(struct life *life, const struct test_image *image,
				      int slots)
{
	unsigned long trusted = 0, mask;
	int slot;

	for (slot = 0; slot < slots; slot++)
		if (test_image_trusts(image, slot))
			trusted |= BIT(slot);
	do
		mask = 1 + below(life, BIT(slots) - 1);
	while (trusted && !(mask & trusted));
	return trusted ? mask : 0;
}

static void take_all_back(struct kunit *test, struct test_array *array)
{
	int slot;

	for (slot = 0; slot < array->shape.slots; slot++)
		if (is_out(array, slot) && test_array_readd(array, slot))
			KUNIT_ASSERT_EQ(test, 0, test_array_add(array, slot));
	KUNIT_ASSERT_TRUE(test, test_wait(!array->mddev->degraded &&
					  test_array_rests(array)));
}

static u64 word_at(const u8 *disk, sector_t sector)
{
	return *(u64 *)(disk + ((DATA_SECTOR + sector) << SECTOR_SHIFT));
}

/* Where, for whoever has to find out why. */
static void tell_difference(struct test_array *array, const struct test_image *image)
{
	const u8 *fast = test_disk(array, FAST)->data;
	int disk, slots = array->shape.slots;
	sector_t i;

	for (i = 0, disk = 0; i < SECTORS; i++) {
		for (disk = 0; disk < slots; disk++)
			if (word_at(test_disk(array, disk)->data, i) != word_at(fast, i))
				break;
		if (disk < slots)
			break;
	}
	for (disk = 0; disk < slots && i < SECTORS; disk++)
		kunit_info(array->test, "disk %d, %s: sector %llu holds %#llx, held %#llx", disk,
			   test_image_trusts(image, disk) ? "trusted" : "not trusted", i,
			   word_at(test_disk(array, disk)->data, i),
			   word_at(image->disks[disk], i));
}

static void survive(struct life *life, const struct test_shape *shape,
		    const struct test_image *image)
{
	struct test_shape left = *shape;
	struct kunit *test = life->test;
	struct test_array *array;
	sector_t sector;
	int i;

	left.disks = choose_survivors(life, image, shape->slots);
	KUNIT_ASSERT_NE(test, 0, left.disks);
	left.backwards = below(life, 2);
	array = test_array_format(test, &left);
	test_image_put(image, array);
	/* the copy that is believed may have fewer bits than another one */
	array->watch.mask = BIT(FAULT_DEGRADED);
	KUNIT_ASSERT_EQ(test, 0, test_array_run(array));
	test_await_rest(array);
	for (i = 1; i <= 3; i++) {
		sector = below(life, SECTORS - CHUNK);
		EXPECT_ENDS(test_write(array, sector, CHUNK, life->marks + i));
	}
	take_all_back(test, array);
	if (!test_legs_equal(array))
		tell_difference(array, image);
	KUNIT_EXPECT_TRUE_MSG(test, test_legs_equal(array), "disks %#lx were left%s", left.disks,
			      left.backwards ? ", the last came first" : "");
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, FAST, sector, CHUNK, life->marks + 3));
	test_array_free(array);
}

static void live_and_die(struct kunit *test, const struct test_shape *shape)
{
	struct life *life = kunit_kzalloc(test, sizeof(*life), GFP_KERNEL);
	struct test_image *images[DEATHS] = { };
	int lives, death;

	KUNIT_ASSERT_NOT_NULL(test, life);
	life->test = test;
	r1wb_test_seed(test, &life->random);
	for (lives = 0; lives < LIVES; lives++) {
		begin(life, shape);
		go_on(life, STEPS / 2 + below(life, STEPS));
		if (below(life, 2))
			calm_down(life);
		for (death = 0; death < DEATHS; death++) {
			images[death] = images[death] ?: test_image_alloc(life->array);
			test_image_take(life->legs, images[death], &life->random);
		}
		end(life);
		for (death = 0; death < DEATHS; death++)
			survive(life, shape, images[death]);
	}
}

static void fast_and_slow(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .write_mostly = BIT(SLOW), .sectors = SECTORS, .chunk_sectors = CHUNK };

	live_and_die(test, &shape);
}

static void two_fast_and_slow(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 3, .write_mostly = BIT(SLOW), .sectors = SECTORS, .chunk_sectors = CHUNK };

	live_and_die(test, &shape);
}

static void plain_mirror(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .sectors = SECTORS, .chunk_sectors = CHUNK };

	live_and_die(test, &shape);
}

static struct kunit_case crash_cases[] = {
	KUNIT_CASE_SLOW(fast_and_slow),
	KUNIT_CASE_SLOW(two_fast_and_slow),
	KUNIT_CASE_SLOW(plain_mirror),
	{}
};

static struct kunit_suite crash_suite = {
	.name = "raid1wb_crash",
	.test_cases = crash_cases,
};

kunit_test_suite(crash_suite);
