// SPDX-License-Identifier: GPL-2.0
/*
 * Where a bitmap of ours sits: md's operations, the attributes in md/bitmap/,
 * and the moment when md gets to see it.
 *
 * The core's attributes take mddev->bitmap for the core's own struct.  So they
 * have to be gone before md sees a bitmap of ours; but their removal waits for
 * their handlers, which may be waiting for reconfig_mutex, so it happens on a
 * work queue.  That takes microseconds as a rule, and create() waits for it a
 * while.  If a handler is stuck, md gets to see the bitmap later, and writes
 * wait until then.
 *
 * Everything here but r1wb_seat_ready() is called in process context with
 * reconfig_mutex held; the work takes it itself, after the removal.
 */
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "bitmap_impl.h"
#include "raid1wb.h"

#define SWAP_PATIENCE	HZ

/**
 * struct r1wb_swap - our attributes instead of the core's, and back
 * @mddev:	with a reference on its kobject while one of the works is queued
 * @seat:	NULL when that is gone; under reconfig_mutex
 * @tree:	the personality's own attributes, which come and go with ours
 * @install:	puts ours in place
 * @update:	@tree follows the members
 * @restore:	puts the core's back, and frees this
 * @done:	the core's attributes are gone
 * @restored:	they are back, and the reference is gone
 * @refs:	one for the seat, one for the works
 *
 * Outlives the seat, as both works do.
 */
struct r1wb_swap {
	struct mddev		*mddev;
	struct r1wb_seat	*seat;
	struct r1wb_tree	*tree;
	struct work_struct	install;
	struct work_struct	update;
	struct work_struct	restore;
	struct completion	done;
	struct completion	restored;
	refcount_t		refs;
};

/* Ordered: of one array's groups, the last one asked for stays. */
static struct workqueue_struct *swap_wq;

/* ---- the group ---- */

static const struct attribute_group *core_group(const struct mddev *mddev)
{
	const struct attribute_group **group = mddev->kobj.ktype->default_groups;

	for (; group && *group; group++)
		if ((*group)->name && !strcmp((*group)->name, r1wb_bitmap_group.name))
			return *group;
	return NULL;
}

/* Groups are removed by name, whosesoever they are. */
static void replace_group(struct mddev *mddev, const struct attribute_group *group)
{
	struct kernfs_node *old = sysfs_get_dirent(mddev->kobj.sd,
						   r1wb_bitmap_group.name);
	int err;

	if (old) {
		sysfs_put(old);
		sysfs_remove_group(&mddev->kobj, &r1wb_bitmap_group);
	}
	if (!group)
		return;
	err = sysfs_create_group(&mddev->kobj, group);
	if (err)
		pr_warn("md/raid1wb:%s: no attributes in md/bitmap, error %d; stop the array and start it again to have them\n",
			mdname(mddev), err);
}

/* ---- showing a bitmap to md ---- */

static bool is_swapped(const struct r1wb_seat *seat)
{
	return !seat->swap || completion_done(&seat->swap->done);
}

static void publish(struct r1wb_seat *seat)
{
	struct mddev *mddev = seat->mddev;

	spin_lock(&mddev->lock);
	WRITE_ONCE(mddev->bitmap, seat->bitmap);
	spin_unlock(&mddev->lock);
	wake_up_all(&seat->swapped);
}

static void evict(struct r1wb_seat *seat)
{
	struct r1wb_bitmap *bitmap = seat->bitmap;
	struct mddev *mddev = seat->mddev;

	if (!bitmap)
		return;
	mutex_lock(&mddev->bitmap_info.mutex);
	spin_lock(&mddev->lock);
	if (mddev->bitmap == bitmap)
		WRITE_ONCE(mddev->bitmap, NULL);
	WRITE_ONCE(seat->bitmap, NULL);
	spin_unlock(&mddev->lock);
	mutex_unlock(&mddev->bitmap_info.mutex);
	/* the error handler may be looking at it */
	synchronize_rcu();
	r1wb_bitmap_free(bitmap);
	wake_up_all(&seat->swapped);
}

static bool has_foreign(const struct mddev *mddev)
{
	return mddev->bitmap && !r1wb_bitmap_cast(mddev->bitmap);
}

/*
 * There is a bitmap now, or none any more.  Until superblocks say so, a crash
 * finds the legs as if there were still none, or the old one: writes wait.
 */
void r1wb_record_bitmap(struct mddev *mddev)
{
	unsigned long change = BIT(MD_SB_CHANGE_DEVS);

	if (md_is_rdwr(mddev))
		change |= BIT(MD_SB_CHANGE_PENDING);
	set_mask_bits(&mddev->sb_flags, 0, change);
	md_wakeup_thread(mddev->thread);
}

/*
 * An attribute of the core's was at work when we came, and has made a bitmap
 * of its own.  Writes found the seat not ready since then.
 */
static void replace_foreign(struct r1wb_seat *seat)
{
	struct mddev *mddev = seat->mddev;
	int err;

	WRITE_ONCE(seat->changing, true);
	evict(seat);
	seat->core_ops->destroy(mddev);
	err = r1wb_bitmap_create(mddev, -1);
	if (!err)
		err = r1wb_bitmap_load(mddev);
	if (err)
		mddev->bitmap_info.offset = 0;
	/* pairs with r1wb_seat_ready(): the new bitmap is seen, or none */
	smp_store_release(&seat->changing, false);
	wake_up_all(&seat->swapped);
	r1wb_record_bitmap(mddev);
}

/* The attributes are ours now.  What has happened to the bitmap meanwhile? */
static void settle(struct r1wb_seat *seat)
{
	struct mddev *mddev = seat->mddev;

	if (has_foreign(mddev)) {
		replace_foreign(seat);
	} else if (seat->bitmap && !mddev->bitmap_info.offset) {
		evict(seat);
	} else if (seat->bitmap && !mddev->bitmap) {
		publish(seat);
		r1wb_record_bitmap(mddev);
	}
}

static void install_work(struct work_struct *work)
{
	struct r1wb_swap *swap = container_of(work, struct r1wb_swap, install);
	struct mddev *mddev = swap->mddev;

	replace_group(mddev, &r1wb_bitmap_group);
	swap->tree = r1wb_tree_plant(mddev);
	complete_all(&swap->done);
	mddev_lock_nointr(mddev);
	if (swap->seat)
		settle(swap->seat);
	mddev_unlock(mddev);
	/* md knows by now that the array is ours */
	if (swap->tree)
		r1wb_tree_update(swap->tree);
	kobject_put(&mddev->kobj);
}

/* One work at a time: @restore, which frees all this, comes later. */
static void update_work(struct work_struct *work)
{
	struct r1wb_swap *swap = container_of(work, struct r1wb_swap, update);

	if (swap->tree)
		r1wb_tree_update(swap->tree);
}

static void put_swap(struct r1wb_swap *swap)
{
	if (refcount_dec_and_test(&swap->refs))
		kfree(swap);
}

static void restore_work(struct work_struct *work)
{
	struct r1wb_swap *swap = container_of(work, struct r1wb_swap, restore);
	struct mddev *mddev = swap->mddev;

	if (swap->tree)
		r1wb_tree_fell(swap->tree);
	replace_group(mddev, core_group(mddev));
	kobject_put(&mddev->kobj);
	complete_all(&swap->restored);
	put_swap(swap);
}

/* ---- the seat ---- */

/**
 * r1wb_seat_install - from now on md calls our bitmap operations
 * @seat:	the array's
 * @mddev:	the array, without a bitmap; mddev->private is set
 *
 * The last step of run().
 */
void r1wb_seat_install(struct r1wb_seat *seat, struct mddev *mddev)
{
	struct r1wb_swap *swap;

	seat->mddev = mddev;
	seat->bitmap = NULL;
	seat->swap = NULL;
	seat->changing = false;
	init_waitqueue_head(&seat->swapped);
	seat->core_ops = mddev->bitmap_ops;
	mddev->bitmap_ops = &r1wb_bitmap_ops;
	if (mddev_is_dm(mddev) || !mddev->kobj.sd)
		return;

	swap = kzalloc(sizeof(*swap), GFP_NOIO | __GFP_NOFAIL);
	swap->mddev = mddev;
	swap->seat = seat;
	INIT_WORK(&swap->install, install_work);
	INIT_WORK(&swap->update, update_work);
	INIT_WORK(&swap->restore, restore_work);
	init_completion(&swap->done);
	init_completion(&swap->restored);
	refcount_set(&swap->refs, 2);
	seat->swap = swap;
	kobject_get(&mddev->kobj);
	queue_work(swap_wq, &swap->install);
}

/**
 * r1wb_seat_remove - give md its own bitmap operations back
 * @seat:	the array's; it may be freed afterwards
 *
 * In free().  Nothing holds a chunk any more.
 */
void r1wb_seat_remove(struct r1wb_seat *seat)
{
	struct mddev *mddev = seat->mddev;
	struct r1wb_swap *swap = seat->swap;

	if (!mddev)
		return;
	if (has_foreign(mddev))
		seat->core_ops->destroy(mddev);
	evict(seat);
	mddev->bitmap_ops = seat->core_ops;
	seat->mddev = NULL;
	if (!swap)
		return;
	swap->seat = NULL;
	seat->swap = NULL;
	kobject_get(&mddev->kobj);
	queue_work(swap_wq, &swap->restore);
	/* as long as we keep its kobject, md cannot give the name away again */
	wait_for_completion_timeout(&swap->restored, SWAP_PATIENCE);
	put_swap(swap);
}

/**
 * r1wb_seat_ready - may a write begin?
 * @seat:	the array's
 *
 * Asked inside make_request, before md_account_bio().
 *
 * Context: any.
 * Return: false while a bitmap is there that md cannot see, or one that is not
 *	   ours.
 */
bool r1wb_seat_ready(struct r1wb_seat *seat)
{
	/* pairs with replace_foreign() */
	if (unlikely(smp_load_acquire(&seat->changing)))
		return false;
	return READ_ONCE(seat->mddev->bitmap) == READ_ONCE(seat->bitmap);
}

/**
 * r1wb_seat_changed - members have come or gone
 * @seat:	the array's
 *
 * The directories of those that have gone wait for who reads there, so that is
 * not done here.  It is over before r1wb_seat_remove() takes what is shown away.
 *
 * Context: reconfig_mutex held.
 */
void r1wb_seat_changed(struct r1wb_seat *seat)
{
	if (seat->swap)
		queue_work(swap_wq, &seat->swap->update);
}

/**
 * r1wb_seat_take - let a new bitmap take the array's seat
 * @mddev:	the array
 * @bitmap:	what create() has made
 *
 * Return: 0, or -EEXIST if somebody sits there.
 */
int r1wb_seat_take(struct mddev *mddev, struct r1wb_bitmap *bitmap)
{
	struct r1wb_seat *seat = r1wb_seat(mddev);

	if (WARN_ON_ONCE(!seat))
		return -EINVAL;
	if (seat->bitmap || mddev->bitmap)
		return -EEXIST;
	WRITE_ONCE(seat->bitmap, bitmap);
	if (seat->swap)
		wait_for_completion_timeout(&seat->swap->done, SWAP_PATIENCE);
	if (is_swapped(seat))
		publish(seat);
	return 0;
}

/**
 * r1wb_bitmap_find - the array's bitmap, whether md sees it already or not
 * @mddev:	the array
 *
 * Context: process, reconfig_mutex held or no change possible.
 * Return: ours, or NULL.
 */
struct r1wb_bitmap *r1wb_bitmap_find(struct mddev *mddev)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_cast(mddev->bitmap);
	struct r1wb_seat *seat;

	if (bitmap || mddev->bitmap_ops != &r1wb_bitmap_ops)
		return bitmap;
	seat = r1wb_seat(mddev);
	return seat ? seat->bitmap : NULL;
}

/**
 * r1wb_bitmap_destroy - md's destroy: the array has no bitmap any more
 * @mddev:	the array; its writes have ended or it is suspended
 */
void r1wb_bitmap_destroy(struct mddev *mddev)
{
	struct r1wb_seat *seat = r1wb_seat(mddev);

	if (WARN_ON_ONCE(!seat))
		return;
	if (has_foreign(mddev))
		seat->core_ops->destroy(mddev);
	if (!seat->bitmap)
		return;
	r1wb_drain_behind(mddev);
	evict(seat);
}

int __init r1wb_bitmap_init(void)
{
	swap_wq = alloc_ordered_workqueue("r1wb_sysfs", WQ_HIGHPRI);
	return swap_wq ? 0 : -ENOMEM;
}

/* No array uses us; their attributes may still be on their way out. */
void r1wb_bitmap_exit(void)
{
	destroy_workqueue(swap_wq);
}
