// SPDX-License-Identifier: GPL-2.0
/* Real md arrays on fake disks, see array.h. */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/kernfs.h>
#include <linux/major.h>
#include <linux/random.h>
#include <linux/raid/md_p.h>
#include <linux/raid/md_u.h>
#include <linux/sched/stat.h>
#include <linux/slab.h>

#include "array.h"
#include "bitmap_impl.h"
#include "format.h"
#include "io.h"
#include "member.h"
#include "metadata.h"

/* ---- rest ---- */

#define QUIET_TICKS	3

void test_settle(struct test_array *array)
{
	unsigned long end = jiffies + TEST_PATIENCE;
	int quiet = 0;

	while (quiet < QUIET_TICKS && time_before(jiffies, end)) {
		schedule_timeout_uninterruptible(1);
		/* ourselves */
		quiet = nr_running() == 1 ? quiet + 1 : 0;
	}
	KUNIT_EXPECT_EQ_MSG(array->test, quiet, QUIET_TICKS, "never at rest");
}

static bool has_failed_member(struct mddev *mddev)
{
	struct md_rdev *rdev;
	bool has = false;

	rcu_read_lock();
	rdev_for_each_rcu(rdev, mddev)
		has |= rdev->raid_disk >= 0 && test_bit(Faulty, &rdev->flags);
	rcu_read_unlock();
	return has;
}

bool test_array_rests(struct test_array *array)
{
	struct mddev *mddev = array->mddev;

	return !test_bit(MD_RECOVERY_NEEDED, &mddev->recovery) &&
	       !test_bit(MD_RECOVERY_RUNNING, &mddev->recovery) &&
	       !READ_ONCE(mddev->sb_flags) && !has_failed_member(mddev);
}

/* ---- the disks ---- */

static void set_defaults(struct test_shape *shape)
{
	shape->disks = shape->disks ?: BIT(shape->slots) - 1;
	shape->sectors = shape->sectors ?: TEST_SECTORS;
	shape->chunk_sectors = shape->chunk_sectors ?: TEST_CHUNK;
	shape->write_behind = shape->write_behind ?: TEST_BEHIND;
}

static void free_array(void *data)
{
	struct test_array *array = data;
	struct test_io *io, *next;

	if (array->mddev)
		test_array_stop(array);
	if (array->stuck)
		return;
	list_for_each_entry_safe(io, next, &array->ios, link)
		test_io_free(io);
	test_watch_exit(array);
	fake_bench_exit(&array->bench);
	kfree(array);
}

void test_array_free(struct test_array *array)
{
	kunit_release_action(array->test, free_array, array);
}

struct test_array *test_array_format(struct kunit *test,
				     const struct test_shape *shape)
{
	struct test_array *array = kzalloc(sizeof(*array), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, array);
	array->test = test;
	array->shape = *shape;
	set_defaults(&array->shape);
	INIT_LIST_HEAD(&array->ios);
	get_random_bytes(array->uuid, sizeof(array->uuid));
	KUNIT_ASSERT_EQ(test, 0, fake_bench_init(&array->bench));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action(test, free_array, array));
	for (i = 0; i < FAKE_DISKS; i++) {
		KUNIT_ASSERT_EQ(test, 0, fake_disk_add(&array->bench, i, DATA_SECTOR +
						       array->shape.sectors));
		if (i < array->shape.slots)
			test_format_member(array, i);
	}
	test_watch_init(array);
	return array;
}

/* ---- the array ---- */

static struct mdu_disk_info_s disk_info(struct test_array *array, int disk)
{
	dev_t dev = disk_devt(test_disk(array, disk)->gendisk);

	return (struct mdu_disk_info_s){
		.major = MAJOR(dev), .minor = MINOR(dev), .number = disk,
		.raid_disk = disk,
		.state = test_bit(disk, &array->shape.write_mostly) ?
			 BIT(MD_DISK_WRITEMOSTLY) : 0,
	};
}

static int assemble(struct test_array *array)
{
	struct mdu_array_info_s version = { .major_version = 1, .minor_version = 2 };
	struct mddev *mddev = array->mddev;
	int i, err;

	err = md_set_array_info(mddev, &version);
	for (i = 0; !err && i < array->shape.slots; i++) {
		int disk = array->shape.backwards ? array->shape.slots - 1 - i : i;
		struct mdu_disk_info_s info = disk_info(array, disk);

		if (test_bit(disk, &array->shape.disks))
			err = md_add_new_disk(mddev, &info);
	}
	return err ?: do_md_run(mddev);
}

/* The change from clean to active would be in the way of the first write. */
static void activate(struct mddev *mddev)
{
	mddev->safemode_delay = 0;
	md_allow_write(mddev);
}

int test_array_run(struct test_array *array)
{
	static atomic_t names;
	char name[DISK_NAME_LEN];
	struct mddev *mddev;
	int err;

	snprintf(name, sizeof(name), "md_test%d", atomic_inc_return(&names));
	mddev = md_alloc(0, name);
	if (IS_ERR(mddev))
		return PTR_ERR(mddev);
	array->mddev = mddev;
	array->file = bdev_file_open_by_dev(disk_devt(mddev->gendisk),
					    BLK_OPEN_READ | BLK_OPEN_WRITE, NULL, NULL);
	KUNIT_ASSERT_FALSE(array->test, IS_ERR(array->file));
	mddev_suspend_and_lock_nointr(mddev);
	err = assemble(array);
	if (!err)
		activate(mddev);
	mddev_unlock_and_resume(mddev);
	return err;
}

void test_await_rest(struct test_array *array)
{
	KUNIT_ASSERT_TRUE(array->test, test_wait(test_array_rests(array)));
}

struct test_array *test_array_start(struct kunit *test,
				    const struct test_shape *shape)
{
	struct test_array *array = test_array_format(test, shape);

	KUNIT_ASSERT_EQ(test, 0, test_array_run(array));
	test_await_rest(array);
	array->since = fake_bench_event(&array->bench);
	return array;
}

int test_array_ioctl(struct test_array *array, unsigned int cmd,
		     unsigned long arg)
{
	return md_fops.ioctl(file_bdev(array->file), BLK_OPEN_READ | BLK_OPEN_WRITE,
			     cmd, arg);
}

/* ---- the end ---- */

static bool all_ended(struct test_array *array)
{
	struct test_io *io;

	list_for_each_entry(io, &array->ios, link)
		if (io->gone && !test_io_ended(io))
			return false;
	return true;
}

static bool none_held(struct test_array *array)
{
	unsigned int held = 0;
	int i;

	for (i = 0; i < FAKE_DISKS; i++)
		held += fake_disk_nr_held(test_disk(array, i));
	return !held;
}

static bool release_all(struct test_array *array)
{
	int i;

	for (i = 0; i < FAKE_DISKS; i++)
		fake_disk_release(test_disk(array, i));
	return all_ended(array) && none_held(array);
}

static unsigned int pending_bios(struct mddev *mddev)
{
	struct md_rdev *rdev;
	unsigned int pending = 0;

	rcu_read_lock();
	rdev_for_each_rcu(rdev, mddev)
		pending += atomic_read(&rdev->nr_pending);
	rcu_read_unlock();
	return pending;
}

/* Writes that md believes to be under way; the bitmap may hold one for a flush. */
static long counted_writes(struct test_array *array)
{
	struct percpu_ref *ref = &array->mddev->writes_pending;
	struct r1wb_bitmap *bitmap = test_conf(array)->seat.bitmap;
	long count;

	mddev_lock_nointr(array->mddev);
	percpu_ref_switch_to_atomic_sync(ref);
	count = atomic_long_read(&ref->data->count);
	if (bitmap && test_bit(R1WB_BITMAP_UNFLUSHED, &bitmap->flags))
		count--;
	percpu_ref_switch_to_percpu(ref);
	mddev_unlock(array->mddev);
	return count;
}

/* Every write has given back what it took. */
static void look_for_leaks(struct test_array *array)
{
	struct r1wb_conf *conf = test_conf(array);
	struct kunit *test = array->test;
	struct r1wb_pools *pools;
	int i;

	if (!conf)
		return;
	pools = r1wb_pools(conf);
	KUNIT_EXPECT_TRUE(test, test_wait(!atomic_read(&conf->order.tracked)));
	KUNIT_EXPECT_TRUE(test, test_wait(!pending_bios(array->mddev)));
	KUNIT_EXPECT_EQ(test, 0, conf->order.running);
	KUNIT_EXPECT_TRUE(test, list_empty(&conf->parked));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&conf->backlog.writes));
	KUNIT_EXPECT_EQ(test, 0, atomic_long_read(&conf->backlog.bytes));
	for (i = 0; i < 2 * conf->nr_slots; i++) {
		KUNIT_EXPECT_EQ(test, 0, atomic_read(&conf->members[i]->behind));
		KUNIT_EXPECT_TRUE(test, r1wb_interval_empty(&conf->members[i]->line.set));
	}
	KUNIT_EXPECT_TRUE(test, test_wait(!counted_writes(array)));
	KUNIT_EXPECT_EQ(test, pools->write.min_nr, pools->write.curr_nr);
	KUNIT_EXPECT_EQ(test, pools->read.min_nr, pools->read.curr_nr);
}

struct stopping {
	struct work_struct	work;
	struct test_array	*array;
	struct completion	done;
	int			err;
};

static void stop_work(struct work_struct *work)
{
	struct stopping *stopping = container_of(work, struct stopping, work);
	struct test_array *array = stopping->array;
	struct device *dev = disk_to_dev(array->mddev->gendisk);

	/* comes to an end only if no request is left */
	mddev_suspend(array->mddev, false);
	mddev_resume(array->mddev);
	stopping->err = test_array_ioctl(array, STOP_ARRAY, 0);
	get_device(dev);
	fput(array->file);
	flush_delayed_fput();
	mddev_put(array->mddev);
	if (!test_wait(!disk_live(dev_to_disk(dev))))
		stopping->err = -EBUSY;
	put_device(dev);
	complete(&stopping->done);
}

/* In another thread, which a bug may keep forever. */
static int stop_in_time(struct test_array *array)
{
	struct stopping *stopping = kzalloc(sizeof(*stopping), GFP_KERNEL);
	int err;

	if (!stopping)
		return -ENOMEM;
	stopping->array = array;
	init_completion(&stopping->done);
	INIT_WORK(&stopping->work, stop_work);
	queue_work(system_unbound_wq, &stopping->work);
	if (!wait_for_completion_timeout(&stopping->done, 2 * TEST_PATIENCE))
		return -ETIMEDOUT;
	flush_work(&stopping->work);
	err = stopping->err;
	kfree(stopping);
	return err;
}

void test_array_stop(struct test_array *array)
{
	struct kunit *test = array->test;

	/* what is stuck stays stuck, and keeps its memory */
	array->stuck = true;
	if (!test_wait(release_all(array))) {
		KUNIT_FAIL(test, "some I/O never ended");
		return;
	}
	look_for_leaks(array);
	test_watch_report(array);
	KUNIT_EXPECT_EQ(test, 0, stop_in_time(array));
	if (!test_wait(release_all(array)))
		return;
	flush_workqueue(array->bench.wq);
	flush_delayed_fput();
	array->mddev = NULL;
	array->stuck = false;
}

/* ---- members ---- */

struct md_rdev *test_member(struct test_array *array, int disk)
{
	dev_t dev = disk_devt(test_disk(array, disk)->gendisk);
	struct md_rdev *rdev;

	rcu_read_lock();
	rdev = md_find_rdev_rcu(array->mddev, dev);
	rcu_read_unlock();
	return rdev;
}

bool test_is_active(struct test_array *array, int disk)
{
	struct md_rdev *rdev = array->mddev ? test_member(array, disk) : NULL;

	return rdev && rdev->raid_disk >= 0 && !test_bit(Faulty, &rdev->flags);
}

bool test_is_in_sync(struct test_array *array, int disk)
{
	return test_is_active(array, disk) &&
	       test_bit(In_sync, &test_member(array, disk)->flags);
}

bool test_is_bad(struct test_array *array, int disk, sector_t sector, sector_t sectors)
{
	return rdev_has_badblock(test_member(array, disk), sector, sectors);
}

void test_array_fail(struct test_array *array, int slot)
{
	md_error(array->mddev, test_member(array, slot));
}

static int add_disk_to_array(struct test_array *array, struct mdu_disk_info_s *info)
{
	struct mddev *mddev = array->mddev;
	int err;

	mddev_suspend_and_lock_nointr(mddev);
	err = md_add_new_disk(mddev, info);
	mddev_unlock_and_resume(mddev);
	/* a disk that was refused is free when its file is closed */
	flush_delayed_fput();
	return err;
}

int test_array_add(struct test_array *array, int disk)
{
	struct mdu_disk_info_s info = disk_info(array, disk);

	info.raid_disk = -1;
	test_format_spare(array, disk);
	return add_disk_to_array(array, &info);
}

int test_array_readd(struct test_array *array, int slot)
{
	struct mdu_disk_info_s info = disk_info(array, slot);

	info.state |= BIT(MD_DISK_SYNC);
	return add_disk_to_array(array, &info);
}

int test_array_remove(struct test_array *array, int disk)
{
	dev_t dev = disk_devt(test_disk(array, disk)->gendisk);
	int err;

	err = test_array_ioctl(array, HOT_REMOVE_DISK, new_encode_dev(dev));
	/* md has the disk to itself until its file is closed */
	flush_delayed_fput();
	return err;
}

int test_array_store(struct test_array *array, int disk, const char *name,
		     const char *value)
{
	struct kobject *kobj = disk < 0 ? &array->mddev->kobj :
					  &test_member(array, disk)->kobj;
	struct kernfs_node *node = kernfs_walk_and_get(kobj->sd, name);
	ssize_t len;

	if (!node)
		return -ENOENT;
	len = kobj->ktype->sysfs_ops->store(kobj, node->priv, value, strlen(value));
	kernfs_put(node);
	return len < 0 ? len : 0;
}

/* ---- the bitmap ---- */

static __le64 *bitmap_page(struct test_array *array, int disk, unsigned long chunk)
{
	return (void *)(test_disk(array, disk)->data + (BITMAP_SECTOR << SECTOR_SHIFT) +
			r1wb_bit_page(chunk) * R1WB_PAGE_BYTES);
}

bool test_bit_on_disk(struct test_array *array, int disk, unsigned long chunk)
{
	return test_bit_le(r1wb_bit_in_page(chunk), bitmap_page(array, disk, chunk));
}

void test_set_bit_on_disk(struct test_array *array, int disk, unsigned long chunk)
{
	__set_bit_le(r1wb_bit_in_page(chunk), bitmap_page(array, disk, chunk));
}

bool test_is_asleep(struct test_array *array, int disk)
{
	return r1wb_super_asleep(bitmap_page(array, disk, 0));
}

bool test_is_superset(struct test_array *array, int disk, unsigned long chunk)
{
	unsigned int head = r1wb_bit_page(chunk) ? 0 : R1WB_SUPER_BYTES;
	void *page = bitmap_page(array, disk, chunk);

	return !memchr_inv(page + head, 0xff, R1WB_PAGE_BYTES - head);
}

bool test_bit_anywhere(struct test_array *array, unsigned long chunk)
{
	int disk;

	for (disk = 0; disk < FAKE_DISKS; disk++)
		if (test_is_active(array, disk) && !test_is_asleep(array, disk) &&
		    test_bit_on_disk(array, disk, chunk))
			return true;
	return false;
}

bool test_legs_equal(struct test_array *array)
{
	const size_t bytes = array->shape.sectors << SECTOR_SHIFT;
	const u8 *first = NULL;
	int disk;

	for (disk = 0; disk < FAKE_DISKS; disk++) {
		const u8 *data = test_disk(array, disk)->data + (DATA_SECTOR << SECTOR_SHIFT);

		if (!test_is_in_sync(array, disk))
			continue;
		if (first && memcmp(first, data, bytes))
			return false;
		first = data;
	}
	return first;
}

void test_hurry_daemon(struct test_array *array)
{
	struct mddev *mddev = array->mddev;

	mddev_lock_nointr(mddev);
	WRITE_ONCE(mddev->bitmap_info.daemon_sleep, 1);
	r1wb_daemon_retime(test_conf(array)->seat.bitmap);
	mddev_unlock(mddev);
}

void test_expect_bits_go(struct test_array *array, unsigned long chunks)
{
	unsigned long chunk;

	test_hurry_daemon(array);
	for (chunk = 0; chunk < chunks; chunk++)
		KUNIT_EXPECT_TRUE(array->test, test_wait(!test_bit_anywhere(array, chunk)));
}
