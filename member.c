// SPDX-License-Identifier: GPL-2.0
/*
 * The member table and what a member counts as.
 *
 * Does no I/O.  The table changes only while md keeps the array suspended and
 * no sync thread runs, so paths that hold mddev->active_io or are part of a
 * sync read it without a lock; whoever goes on without either holds the
 * member's nr_pending and keeps the pointer.  conf->lock covers In_sync and
 * degraded, which change under I/O.
 *
 * r1wb_error() is called from anywhere, irq included; the rest by md with
 * reconfig_mutex held.
 */
#include "member.h"
#include "trace.h"

/* A member counts as behind only while md's flag, the bitmap and its limit say so. */
bool r1wb_is_behind(const struct r1wb_conf *conf, const struct md_rdev *rdev)
{
	return test_bit(WriteMostly, &rdev->flags) && conf->seat.bitmap &&
	       conf->mddev->bitmap_info.max_write_behind;
}

struct r1wb_roles r1wb_count_roles(const struct r1wb_conf *conf)
{
	struct r1wb_roles roles = { };
	int i;

	for (i = 0; i < conf->nr_members; i++) {
		const struct md_rdev *rdev = conf->members[i].rdev;

		if (!rdev || test_bit(Faulty, &rdev->flags))
			continue;
		if (r1wb_is_behind(conf, rdev))
			roles.behind++;
		else if (test_bit(In_sync, &rdev->flags))
			roles.sync++;
		else
			roles.rebuilding++;
	}
	return roles;
}

bool r1wb_has_behind(const struct r1wb_conf *conf)
{
	return r1wb_count_roles(conf).behind;
}

/* The member has one more of what @member->behind counts.  Context: any. */
void r1wb_lag_begins(struct r1wb_member *member)
{
	if (atomic_inc_return(&member->behind) == 1)
		trace_r1wb_member_lags(member);
}

/* One of these has ended there.  Context: any. */
void r1wb_lag_ended(struct r1wb_member *member)
{
	if (!atomic_dec_and_test(&member->behind))
		return;
	trace_r1wb_member_caught_up(member);
	wake_up_all(&member->conf->backlog.drained);
}

/* NULL if there are not so many slots. */
struct r1wb_member *r1wb_find_member(struct r1wb_conf *conf, int slot)
{
	struct r1wb_member *member;

	spin_lock_irq(&conf->lock);
	member = slot < conf->nr_members ? &conf->members[slot] : NULL;
	spin_unlock_irq(&conf->lock);
	return member;
}

const char *r1wb_member_state(struct r1wb_conf *conf, const struct md_rdev *rdev)
{
	bool lags;

	spin_lock_irq(&conf->lock);
	lags = r1wb_is_behind(conf, rdev) && r1wb_count_roles(conf).sync;
	spin_unlock_irq(&conf->lock);
	if (test_bit(Faulty, &rdev->flags))
		return "faulty";
	if (!test_bit(In_sync, &rdev->flags))
		return "recovering";
	return lags ? "behind" : "sync";
}

bool r1wb_may_sleep(struct mddev *mddev, const struct md_rdev *rdev)
{
	const struct r1wb_conf *conf = mddev->private;

	return r1wb_is_behind(conf, rdev) && r1wb_count_roles(conf).sync;
}

static struct md_rdev *find_blocked(struct r1wb_conf *conf)
{
	int i;

	for (i = 0; i < conf->nr_members; i++) {
		struct md_rdev *rdev = conf->members[i].rdev;

		if (rdev && test_bit(Blocked, &rdev->flags))
			return rdev;
	}
	return NULL;
}

bool r1wb_blocked_member(struct r1wb_conf *conf)
{
	return find_blocked(conf);
}

/* Context: process, sleeps until md or its user has unblocked every member. */
void r1wb_wait_unblocked(struct r1wb_conf *conf)
{
	struct md_rdev *rdev;

	while (unlikely((rdev = find_blocked(conf)))) {
		atomic_inc(&rdev->nr_pending);	/* dropped by the wait */
		md_wait_for_blocked_rdev(rdev, conf->mddev);
	}
}

/* Slots without a working in-sync member. */
unsigned int r1wb_count_missing(const struct r1wb_conf *conf)
{
	unsigned int missing = 0;
	int i;

	for (i = 0; i < conf->nr_members; i++) {
		const struct md_rdev *rdev = conf->members[i].rdev;

		if (!rdev || !test_bit(In_sync, &rdev->flags) ||
		    test_bit(Faulty, &rdev->flags))
			missing++;
	}
	return missing;
}

static bool is_last(const struct r1wb_conf *conf, const struct md_rdev *rdev)
{
	return test_bit(In_sync, &rdev->flags) &&
	       conf->nr_members - conf->mddev->degraded == 1;
}

/* Fully ordered. */
static void want_record(struct mddev *mddev)
{
	set_mask_bits(&mddev->sb_flags, 0,
		      BIT(MD_SB_CHANGE_DEVS) | BIT(MD_SB_CHANGE_PENDING));
}

/* Under conf->lock.  False: the member is the last one, and is kept. */
static bool fail_member(struct r1wb_conf *conf, struct md_rdev *rdev)
{
	struct mddev *mddev = conf->mddev;

	if (is_last(conf, rdev)) {
		set_bit(MD_BROKEN, &mddev->flags);
		if (!test_bit(MD_FAILLAST_DEV, &mddev->flags)) {
			WRITE_ONCE(conf->recovery_disabled,
				   mddev->recovery_disabled);
			return false;
		}
	}
	/* md must look at what it was syncing, and with whom */
	set_bit(MD_RECOVERY_INTR, &mddev->recovery);
	set_bit(Blocked, &rdev->flags);
	/*
	 * Before Faulty: a write that left this member out because of it sees
	 * SB_CHANGE_PENDING when it is to be acknowledged.
	 */
	want_record(mddev);
	if (test_and_clear_bit(In_sync, &rdev->flags))
		WRITE_ONCE(mddev->degraded, mddev->degraded + 1);
	set_bit(Faulty, &rdev->flags);
	/* md may have written superblocks between the two, without the failure */
	want_record(mddev);
	return true;
}

/**
 * r1wb_error - take a member out of service
 * @mddev:	the array
 * @rdev:	the member, not Faulty yet
 *
 * The last in-sync member is kept, as it is better than nothing, unless
 * fail_last_dev says otherwise; its errors are the user's then.
 * Context: any.
 */
void r1wb_error(struct mddev *mddev, struct md_rdev *rdev)
{
	struct r1wb_conf *conf = mddev->private;
	unsigned long irq;
	bool failed;

	spin_lock_irqsave(&conf->lock, irq);
	failed = fail_member(conf, rdev);
	if (failed && rdev->raid_disk >= 0) {
		r1wb_bitmap_member_lost(READ_ONCE(conf->seat.bitmap));
		queue_work(r1wb_wq, &conf->members[rdev->raid_disk].forsake);
	}
	spin_unlock_irqrestore(&conf->lock, irq);
	if (!failed)
		return;

	pr_crit("md/raid1wb:%s: member %pg failed and is disabled; the array goes on with %d of %d\n",
		mdname(mddev), rdev->bdev,
		conf->nr_members - READ_ONCE(mddev->degraded), conf->nr_members);
}

/*
 * A member that comes back has a claim: it needs only what the bitmap tells.  If
 * its place is taken it is a spare, and md leaves it the claim for as long as
 * the array is whole; but bits are cleared then.  Between adding a spare and
 * giving it a place, md writes superblocks.
 */
void r1wb_void_claims(struct mddev *mddev)
{
	struct md_rdev *rdev;

	rdev_for_each(rdev, mddev)
		if (rdev->raid_disk < 0)
			rdev->saved_raid_disk = -1;
}

static bool slot_fits(const struct r1wb_conf *conf, int slot,
		      const struct md_rdev *rdev)
{
	return slot >= 0 && slot < conf->nr_members &&
	       !conf->members[slot].rdev &&
	       (rdev->raid_disk < 0 || rdev->raid_disk == slot);
}

static int find_slot(const struct r1wb_conf *conf, const struct md_rdev *rdev)
{
	int slot;

	if (slot_fits(conf, rdev->saved_raid_disk, rdev))
		return rdev->saved_raid_disk;
	for (slot = 0; slot < conf->nr_members; slot++)
		if (slot_fits(conf, slot, rdev))
			return slot;
	return -1;
}

/* Whoever was there before has gone, and nothing is on the way to it. */
static void renew_slot(struct r1wb_conf *conf, struct r1wb_member *member)
{
	cancel_work_sync(&member->forsake);
	r1wb_line_close(&conf->order, &member->line);
	r1wb_lane_mend(&member->lane);
	member->next_read = 0;
}

/* md_personality.hot_add_disk: the array is suspended. */
int r1wb_hot_add(struct mddev *mddev, struct md_rdev *rdev)
{
	struct r1wb_conf *conf = mddev->private;
	int slot, err;

	if (mddev->recovery_disabled == READ_ONCE(conf->recovery_disabled))
		return -EBUSY;
	slot = find_slot(conf, rdev);
	if (slot < 0)
		return -EEXIST;
	err = mddev_stack_new_rdev(mddev, rdev);
	if (err)
		return err;

	/* a member that was here before needs only what the bitmap tells */
	if (rdev->saved_raid_disk < 0 || !conf->seat.bitmap)
		set_bit(R1WB_FULL_SYNC, &conf->flags);
	/*
	 * md says of whoever leaves a slot that it was here, a new one that was
	 * not finished included; and the superblock repeats that.
	 */
	if (test_bit(R1WB_FULL_SYNC, &conf->flags))
		rdev->saved_raid_disk = -1;
	/* md has seen to it, but for who is given its slot by hand */
	rdev->recovery_offset = 0;
	rdev->raid_disk = slot;
	renew_slot(conf, &conf->members[slot]);
	WRITE_ONCE(conf->members[slot].rdev, rdev);
	r1wb_bitmap_member_joined(conf->seat.bitmap, rdev);
	r1wb_seat_changed(&conf->seat);
	return 0;
}

static bool removable(const struct r1wb_conf *conf, const struct md_rdev *rdev)
{
	struct mddev *mddev = conf->mddev;

	if (test_bit(In_sync, &rdev->flags) || atomic_read(&rdev->nr_pending))
		return false;
	/* a working one is worth keeping as long as it may be rebuilt */
	return test_bit(Faulty, &rdev->flags) ||
	       mddev->recovery_disabled == READ_ONCE(conf->recovery_disabled) ||
	       mddev->degraded == conf->nr_members;
}

/* md_personality.hot_remove_disk: the array is suspended, or never had I/O. */
int r1wb_hot_remove(struct mddev *mddev, struct md_rdev *rdev)
{
	struct r1wb_conf *conf = mddev->private;
	int slot = rdev->raid_disk;

	if (slot < 0 || slot >= conf->nr_members ||
	    conf->members[slot].rdev != rdev)
		return 0;
	if (!removable(conf, rdev))
		return -EBUSY;
	if (!test_bit(Faulty, &rdev->flags)) {
		if (!r1wb_bitmap_member_leaves(conf->seat.bitmap, rdev))
			return -EBUSY;
		/* what it got from a rebuild, another in its place has not */
		r1wb_bitmap_member_lost(conf->seat.bitmap);
	}
	WRITE_ONCE(conf->members[slot].rdev, NULL);
	r1wb_seat_changed(&conf->seat);
	return md_integrity_register(mddev);
}

/* md_personality.spare_active: a recovery has ended well. */
int r1wb_spare_active(struct mddev *mddev)
{
	struct r1wb_conf *conf = mddev->private;
	int slot, count = 0;

	spin_lock_irq(&conf->lock);
	for (slot = 0; slot < conf->nr_members; slot++) {
		struct md_rdev *rdev = conf->members[slot].rdev;

		if (!rdev || rdev->recovery_offset != MaxSector ||
		    test_bit(Faulty, &rdev->flags) ||
		    test_and_set_bit(In_sync, &rdev->flags))
			continue;
		count++;
		sysfs_notify_dirent_safe(rdev->sysfs_state);
	}
	WRITE_ONCE(mddev->degraded, mddev->degraded - count);
	/* not earlier: one that failed half-way may be added again */
	if (!mddev->degraded)
		clear_bit(R1WB_FULL_SYNC, &conf->flags);
	spin_unlock_irq(&conf->lock);
	return count;
}
