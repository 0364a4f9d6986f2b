// SPDX-License-Identifier: GPL-2.0
/*
 * Slots, and what there is for each: a member and its replacement, both of which
 * may be empty places, and room in every request.
 *
 * Does not decide who sits where (member.c), but for two things: when their
 * number changes, members move to the first slots, as with the kernel's raid1;
 * and a replacement gets the slot of who has left.
 *
 * md changes the number with reconfig_mutex held and the array suspended, so no
 * request is under way that somebody waits for, and no sync.  Writes that are
 * behind are not waited for: that would hold up the application for as long as
 * the slow member likes.  They keep their members, which move with their lines
 * and lanes, and go back to the pool that they fit into.
 */
#include <linux/slab.h>
#include <kunit/static_stub.h>
#include "leg.h"
#include "member.h"
#include "read.h"
#include "slots.h"
#include "write.h"

#define POOL_SIZE	64	/* requests that go on when memory is out */

/**
 * struct slots - those of an array, or what is to become that
 * @nr:		how many
 * @members:	twice as many
 * @pools:	for requests to all of them
 */
struct slots {
	int			nr;
	struct r1wb_member	**members;
	struct r1wb_pools	*pools;
};

/* ---- memory ---- */

void *r1wb_slots_memory(size_t bytes)
{
	KUNIT_STATIC_STUB_REDIRECT(r1wb_slots_memory, bytes);

	return kzalloc(bytes, GFP_KERNEL);
}

static struct r1wb_member *alloc_member(struct r1wb_conf *conf)
{
	struct r1wb_member *member = r1wb_slots_memory(sizeof(*member));

	if (!member)
		return NULL;
	member->conf = conf;
	r1wb_line_init(&member->line);
	r1wb_lane_init(&member->lane);
	INIT_WORK(&member->forsake, r1wb_legs_forsake);
	return member;
}

static void free_member(struct r1wb_member *member)
{
	if (!member)
		return;
	cancel_work_sync(&member->forsake);
	r1wb_lane_stop(&member->lane);
	kfree(member);
}

static void free_pools(struct r1wb_pools *pools)
{
	if (!pools)
		return;
	mempool_exit(&pools->write);
	mempool_exit(&pools->read);
	kfree(pools);
}

static struct r1wb_pools *alloc_pools(int nr)
{
	struct r1wb_pools *pools = r1wb_slots_memory(sizeof(*pools));
	size_t write = r1wb_write_bytes(nr);
	size_t read = struct_size_t(struct r1wb_read, candidates, nr);

	if (!pools)
		return NULL;
	pools->room = nr;
	if (!mempool_init_kmalloc_pool(&pools->write, POOL_SIZE, write) &&
	    !mempool_init_kmalloc_pool(&pools->read, POOL_SIZE, read))
		return pools;
	free_pools(pools);
	return NULL;
}

static void free_slots(struct slots *slots)
{
	int i;

	for (i = 0; slots->members && i < 2 * slots->nr; i++)
		free_member(slots->members[i]);
	kfree(slots->members);
	free_pools(slots->pools);
}

static int alloc_slots(struct r1wb_conf *conf, struct slots *slots, int nr)
{
	int i;

	slots->nr = nr;
	slots->pools = alloc_pools(2 * nr);
	slots->members = r1wb_slots_memory(array3_size(2, nr,
						       sizeof(*slots->members)));
	if (!slots->members || !slots->pools)
		goto fail;
	for (i = 0; i < 2 * nr; i++) {
		slots->members[i] = alloc_member(conf);
		if (!slots->members[i])
			goto fail;
	}
	return 0;
fail:
	free_slots(slots);
	return -ENOMEM;
}

bool r1wb_slots_possible(const struct mddev *mddev, int nr)
{
	if (nr >= 1 && nr <= (int)R1WB_LEGS_WAITED / 2)
		return true;
	pr_err("md/raid1wb:%s: cannot run with %d members\n",
	       mdname((struct mddev *)mddev), nr);
	return false;
}

int r1wb_slots_init(struct r1wb_conf *conf, int nr)
{
	struct slots slots;
	int err;

	err = alloc_slots(conf, &slots, nr);
	if (err)
		return err;
	conf->nr_slots = nr;
	conf->nr_members = nr;
	conf->members = slots.members;
	RCU_INIT_POINTER(conf->pools, slots.pools);
	return 0;
}

void r1wb_slots_exit(struct r1wb_conf *conf)
{
	struct slots slots = {
		.nr = conf->nr_slots,
		.members = conf->members,
		.pools = r1wb_pools(conf),
	};

	free_slots(&slots);
}

/* Requests look at the second half only if somebody sits there. */
void r1wb_slots_recount(struct r1wb_conf *conf)
{
	int i, nr = conf->nr_slots;

	for (i = conf->nr_slots; i < 2 * conf->nr_slots; i++)
		if (conf->members[i]->rdev)
			nr = 2 * conf->nr_slots;
	WRITE_ONCE(conf->nr_members, nr);
}

/* ---- a replacement ---- */

static void promote(struct r1wb_conf *conf, int slot)
{
	struct r1wb_member **member = &conf->members[slot];
	struct r1wb_member **replacement = &conf->members[slot + conf->nr_slots];

	spin_lock_irq(&conf->lock);	/* for r1wb_error() */
	WRITE_ONCE((*member)->rdev, NULL);
	clear_bit(Replacement, &(*replacement)->rdev->flags);
	swap(*member, *replacement);
	r1wb_slots_recount(conf);
	spin_unlock_irq(&conf->lock);
}

/**
 * r1wb_slots_promote - a replacement takes the slot
 * @conf:	the array, suspended
 * @slot:	of a member that is to leave, and has a replacement
 *
 * Context: reconfig_mutex held.
 * Return: 0, or an error with nothing changed.
 */
int r1wb_slots_promote(struct r1wb_conf *conf, int slot)
{
	int i, err, replacement = slot + conf->nr_slots;

	lockdep_assert_held(&conf->mddev->reconfig_mutex);
	err = r1wb_bitmap_slots_begin(conf->seat.bitmap, conf->nr_slots);
	if (err)
		return err;
	for (i = 0; i < conf->nr_members; i++)
		if (i != slot && conf->members[i]->rdev)
			r1wb_bitmap_slot_moved(conf->seat.bitmap, i,
					       i == replacement ? slot : i);
	spin_lock(&conf->mddev->lock);	/* for status() */
	promote(conf, slot);
	spin_unlock(&conf->mddev->lock);
	r1wb_bitmap_slots_end(conf->seat.bitmap);
	return 0;
}

/* ---- another number ---- */

static int count_taken(const struct r1wb_conf *conf)
{
	int slot, taken = 0;

	for (slot = 0; slot < conf->nr_slots; slot++)
		taken += !!conf->members[slot]->rdev;
	return taken;
}

/* Whoever comes after it moves. */
static int first_hole(const struct r1wb_conf *conf)
{
	int slot = 0;

	while (slot < conf->nr_slots && conf->members[slot]->rdev)
		slot++;
	return slot;
}

static void unlink_from(struct r1wb_conf *conf, int slot)
{
	for (; slot < conf->nr_slots; slot++)
		if (conf->members[slot]->rdev)
			sysfs_unlink_rdev(conf->mddev, conf->members[slot]->rdev);
}

static void link_from(struct r1wb_conf *conf, int slot)
{
	struct mddev *mddev = conf->mddev;

	for (; slot < conf->nr_slots && conf->members[slot]->rdev; slot++)
		if (sysfs_link_rdev(mddev, conf->members[slot]->rdev))
			pr_warn("md/raid1wb:%s: no link rd%d\n", mdname(mddev),
				slot);
}

/* Where nobody sits, one empty place is as good as the other. */
static void move_member(struct r1wb_conf *conf, int from,
			struct slots *slots, int to)
{
	struct md_rdev *rdev = conf->members[from]->rdev;

	if (!rdev)
		return;
	r1wb_bitmap_slot_moved(conf->seat.bitmap, from, to);
	WRITE_ONCE(rdev->raid_disk, to % slots->nr);
	swap(conf->members[from], slots->members[to]);
}

static void move_members(struct r1wb_conf *conf, struct slots *slots)
{
	int from, to = 0;

	for (from = 0; from < conf->nr_slots; from++) {
		if (!conf->members[from]->rdev)
			continue;
		move_member(conf, from, slots, to);
		move_member(conf, from + conf->nr_slots, slots, to + slots->nr);
		to++;
	}
}

/* @slots is what is left over then. */
static void exchange(struct r1wb_conf *conf, struct slots *slots)
{
	struct slots old = {
		.nr = conf->nr_slots,
		.members = conf->members,
		.pools = r1wb_pools(conf),
	};
	struct mddev *mddev = conf->mddev;

	spin_lock(&mddev->lock);	/* for status() */
	spin_lock_irq(&conf->lock);	/* for r1wb_error() */
	move_members(conf, slots);
	conf->members = slots->members;
	conf->nr_slots = slots->nr;
	r1wb_slots_recount(conf);
	rcu_assign_pointer(conf->pools, slots->pools);
	mddev->raid_disks = slots->nr;
	mddev->delta_disks = 0;
	WRITE_ONCE(mddev->degraded, r1wb_count_missing(conf));
	r1wb_forget_full_sync(conf);
	spin_unlock_irq(&conf->lock);
	spin_unlock(&mddev->lock);
	*slots = old;
}

static int change_slots(struct r1wb_conf *conf, int nr)
{
	struct r1wb_bitmap *bitmap = conf->seat.bitmap;
	int err, hole = first_hole(conf);
	struct slots slots;

	err = alloc_slots(conf, &slots, nr);
	if (err)
		return err;
	err = r1wb_bitmap_slots_begin(bitmap, nr);
	if (err) {
		free_slots(&slots);
		return err;
	}
	unlink_from(conf, hole);
	exchange(conf, &slots);
	link_from(conf, hole);
	r1wb_bitmap_slots_end(bitmap);
	r1wb_seat_changed(&conf->seat);
	synchronize_rcu();	/* pairs with r1wb_write_put(), r1wb_find_member() */
	free_slots(&slots);
	return 0;
}

static bool is_of_another_kind(const struct mddev *mddev)
{
	return mddev->new_level != mddev->level ||
	       mddev->new_layout != mddev->layout ||
	       mddev->new_chunk_sectors != mddev->chunk_sectors;
}

static int refuse_kind(struct mddev *mddev)
{
	pr_err("md/raid1wb:%s: members of a mirror have neither chunks nor a layout that could be changed, nor is there a reshape to another level\n",
	       mdname(mddev));
	mddev->new_level = mddev->level;
	mddev->new_layout = mddev->layout;
	mddev->new_chunk_sectors = mddev->chunk_sectors;
	return -EINVAL;
}

/*
 * md does so itself for mdadm, but not for who writes to md/raid_disks.  With
 * fewer slots the array may be whole, so that bits are cleared: whoever was lost
 * before must have missed events by then, see r1wb_whole_events().
 */
static void record(struct mddev *mddev)
{
	/* as md does it when a recovery has made the array whole */
	if (!mddev->degraded)
		r1wb_void_claims(mddev);
	if (mddev_is_dm(mddev))
		set_bit(MD_SB_CHANGE_DEVS, &mddev->sb_flags);
	else
		md_update_sb(mddev, 1);
	set_bit(MD_RECOVERY_NEEDED, &mddev->recovery);
	md_wakeup_thread(mddev->thread);
}

/**
 * r1wb_check_reshape - md_personality.check_reshape: more slots, or fewer
 * @mddev:	the array; by @delta_disks
 *
 * Context: reconfig_mutex held and the array suspended, but if nothing is to
 * change; without I/O for memory.
 * Return: 0 when done, or an error after a message (but for -ENOMEM), with
 *	   nothing changed.
 */
int r1wb_check_reshape(struct mddev *mddev)
{
	struct r1wb_conf *conf = mddev->private;
	int nr = mddev->raid_disks + mddev->delta_disks;
	int taken = count_taken(conf);
	int err;

	lockdep_assert_held(&mddev->reconfig_mutex);
	if (is_of_another_kind(mddev))
		return refuse_kind(mddev);
	if (nr == conf->nr_slots)
		return 0;
	if (!r1wb_slots_possible(mddev, nr))
		return -EINVAL;
	if (taken > nr) {
		pr_err("md/raid1wb:%s: no room for %d members in %d slots; remove members first\n",
		       mdname(mddev), taken, nr);
		return -EBUSY;
	}
	if (WARN_ON_ONCE(!mddev->suspended || conf->resync))
		return -EBUSY;

	pr_info("md/raid1wb:%s: from %d slots for members to %d\n",
		mdname(mddev), conf->nr_slots, nr);
	err = change_slots(conf, nr);
	if (!err)
		record(mddev);
	return err;
}
