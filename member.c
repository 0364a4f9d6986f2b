// SPDX-License-Identifier: GPL-2.0
/*
 * The member table and what a member counts as.
 *
 * Does no I/O.  The table changes, as does its size (slots.c), only while md
 * keeps the array suspended and no sync thread runs, so paths that hold
 * mddev->active_io or are part of a sync read it without a lock; whoever goes on
 * without either holds the member's nr_pending and keeps the pointer.  But a
 * slot may be filled or emptied by hand at any time: see r1wb_order_renew().
 * conf->lock covers In_sync and degraded, which change under I/O.
 *
 * r1wb_error() is called from anywhere, irq included; the rest by md with
 * reconfig_mutex held.
 */
#include "member.h"
#include "slots.h"
#include "trace.h"

static struct r1wb_member *replacement_for(const struct r1wb_conf *conf, int slot)
{
	return conf->members[slot + conf->nr_slots];
}

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
		const struct md_rdev *rdev = conf->members[i]->rdev;

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
	if (atomic_inc_return(&member->behind) != 1)
		return;
	WRITE_ONCE(member->has_lagged, true);
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

/*
 * NULL if there are not so many slots.  Members of a slot have the same numbers
 * however many slots there are: see R1WB_SLOT_MEMBERS.
 */
struct r1wb_member *r1wb_find_member(struct r1wb_conf *conf, int nr)
{
	int slot = nr / R1WB_SLOT_MEMBERS;
	struct r1wb_member *member = NULL;

	spin_lock_irq(&conf->lock);
	if (slot < conf->nr_slots)
		member = nr % R1WB_SLOT_MEMBERS ? replacement_for(conf, slot) :
						  conf->members[slot];
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
		struct md_rdev *rdev = conf->members[i]->rdev;

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

/* NULL if it has no place. */
struct r1wb_member *r1wb_member_of(const struct r1wb_conf *conf,
				   const struct md_rdev *rdev)
{
	int i;

	for (i = 0; i < 2 * conf->nr_slots; i++)
		if (conf->members[i]->rdev == rdev)
			return conf->members[i];
	return NULL;
}

static bool works(const struct md_rdev *rdev)
{
	return rdev && test_bit(In_sync, &rdev->flags) &&
	       !test_bit(Faulty, &rdev->flags);
}

/* Is there a working in-sync member?  A replacement is, for a moment. */
bool r1wb_slot_works(const struct r1wb_conf *conf, int slot)
{
	return works(READ_ONCE(conf->members[slot]->rdev)) ||
	       works(READ_ONCE(replacement_for(conf, slot)->rdev));
}

unsigned int r1wb_count_missing(const struct r1wb_conf *conf)
{
	unsigned int missing = 0;
	int slot;

	for (slot = 0; slot < conf->nr_slots; slot++)
		missing += !r1wb_slot_works(conf, slot);
	return missing;
}

/* Under conf->lock: if everybody has everything. */
void r1wb_forget_full_sync(struct r1wb_conf *conf)
{
	int i;

	if (conf->mddev->degraded)
		return;
	for (i = conf->nr_slots; i < conf->nr_members; i++) {
		const struct md_rdev *rdev = conf->members[i]->rdev;

		/* one that failed half-way may be added again */
		if (rdev && !test_bit(In_sync, &rdev->flags))
			return;
	}
	clear_bit(R1WB_FULL_SYNC, &conf->flags);
}

/* Does it have all data up to @end, as far as it is not known as bad? */
bool r1wb_can_serve(const struct md_rdev *rdev, sector_t end)
{
	if (!rdev || test_bit(Faulty, &rdev->flags))
		return false;
	return test_bit(In_sync, &rdev->flags) ||
	       READ_ONCE(rdev->recovery_offset) >= end;
}

static bool is_last(const struct r1wb_conf *conf, const struct md_rdev *rdev)
{
	return test_bit(In_sync, &rdev->flags) &&
	       conf->nr_slots - conf->mddev->degraded == 1;
}

/* Fully ordered. */
void r1wb_want_record(struct mddev *mddev)
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
	r1wb_want_record(mddev);
	if (test_and_clear_bit(In_sync, &rdev->flags))
		WRITE_ONCE(mddev->degraded, mddev->degraded + 1);
	set_bit(Faulty, &rdev->flags);
	/* md may have written superblocks between the two, without the failure */
	r1wb_want_record(mddev);
	return true;
}

/* A replacement gets everything, as long as it is not in sync, whoever was there before. */
static bool has_claim(const struct md_rdev *rdev)
{
	return !test_bit(Replacement, &rdev->flags) ||
	       test_bit(In_sync, &rdev->flags);
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
	struct r1wb_member *member;
	bool failed, counts;
	unsigned long irq;

	spin_lock_irqsave(&conf->lock, irq);
	counts = has_claim(rdev);
	failed = fail_member(conf, rdev);
	member = failed ? r1wb_member_of(conf, rdev) : NULL;
	if (member && counts)
		r1wb_bitmap_member_lost(READ_ONCE(conf->seat.bitmap));
	if (member)
		queue_work(r1wb_wq, &member->forsake);
	spin_unlock_irqrestore(&conf->lock, irq);
	if (!failed) {
		pr_crit_ratelimited("md/raid1wb:%s: %pg has failed, but is kept as the last member in sync; md refuses writes until the array is started again, so save what can be read\n",
				    mdname(mddev), rdev->bdev);
		return;
	}
	pr_crit("md/raid1wb:%s: member %pg failed and is disabled; the array goes on with %d of %d; once it is mended, remove it and add it again\n",
		mdname(mddev), rdev->bdev,
		conf->nr_slots - READ_ONCE(mddev->degraded), conf->nr_slots);
}

/* Is it the only one in sync?  Context: any. */
bool r1wb_is_last(struct r1wb_conf *conf, const struct md_rdev *rdev)
{
	unsigned long irq;
	bool last;

	spin_lock_irqsave(&conf->lock, irq);
	last = is_last(conf, rdev);
	spin_unlock_irqrestore(&conf->lock, irq);
	return last;
}

/*
 * For what is no reason to call the array broken, as the failure of the last
 * member is.  False: it is kept.
 */
bool r1wb_fail_unless_last(struct r1wb_conf *conf, struct md_rdev *rdev)
{
	if (r1wb_is_last(conf, rdev))
		return false;
	md_error(conf->mddev, rdev);
	return true;
}

/* What md shows of a member that a write has failed on.  Context: any. */
void r1wb_note_write_error(struct mddev *mddev, struct md_rdev *rdev)
{
	set_bit(WriteErrorSeen, &rdev->flags);
	if (!test_and_set_bit(WantReplacement, &rdev->flags))
		set_bit(MD_RECOVERY_NEEDED, &mddev->recovery);
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
	return slot >= 0 && slot < conf->nr_slots &&
	       !conf->members[slot]->rdev &&
	       (rdev->raid_disk < 0 || rdev->raid_disk == slot);
}

static int find_slot(const struct r1wb_conf *conf, const struct md_rdev *rdev)
{
	int slot;

	if (slot_fits(conf, rdev->saved_raid_disk, rdev))
		return rdev->saved_raid_disk;
	for (slot = 0; slot < conf->nr_slots; slot++)
		if (slot_fits(conf, slot, rdev))
			return slot;
	return -1;
}

/* One whose member is to be replaced.  If that has failed, it is about to leave. */
static int find_replaceable(const struct r1wb_conf *conf,
			    const struct md_rdev *rdev)
{
	int slot;

	for (slot = 0; slot < conf->nr_slots; slot++) {
		const struct md_rdev *old = conf->members[slot]->rdev;

		if (old && test_bit(WantReplacement, &old->flags) &&
		    !test_bit(Faulty, &old->flags) &&
		    !replacement_for(conf, slot)->rdev &&
		    (rdev->raid_disk < 0 || rdev->raid_disk == slot))
			return slot;
	}
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

static void take_seat(struct r1wb_conf *conf, struct r1wb_member *member,
		      struct md_rdev *rdev)
{
	renew_slot(conf, member);
	spin_lock_irq(&conf->lock);
	WRITE_ONCE(member->rdev, rdev);
	r1wb_slots_recount(conf);
	spin_unlock_irq(&conf->lock);
	r1wb_order_renew(&conf->order);
}

/*
 * md_personality.hot_add_disk: the array is suspended, but for a member that is
 * given its slot by hand.  Of writes that began without that one, nobody knows
 * which chunks they are in; it gets everything, after them.
 */
int r1wb_hot_add(struct mddev *mddev, struct md_rdev *rdev)
{
	struct r1wb_conf *conf = mddev->private;
	bool replaces;
	int slot, err;

	if (mddev->recovery_disabled == READ_ONCE(conf->recovery_disabled))
		return -EBUSY;
	slot = find_slot(conf, rdev);
	replaces = slot < 0;
	if (replaces)
		slot = find_replaceable(conf, rdev);
	if (slot < 0)
		return -EEXIST;
	err = mddev_stack_new_rdev(mddev, rdev);
	if (err)
		return err;

	if (replaces)
		set_bit(Replacement, &rdev->flags);
	else
		clear_bit(Replacement, &rdev->flags);
	if (replaces || !mddev->suspended)
		rdev->saved_raid_disk = -1;
	/* a member that was here before needs only what the bitmap tells */
	if (rdev->saved_raid_disk < 0 || !conf->seat.bitmap)
		set_bit(R1WB_FULL_SYNC, &conf->flags);
	/*
	 * md says of whoever leaves a slot that it was here, a new one that was
	 * not finished included; and the superblock repeats that.
	 */
	if (test_bit(R1WB_FULL_SYNC, &conf->flags))
		rdev->saved_raid_disk = -1;
	clear_bit(In_sync, &rdev->flags);
	/* md has seen to it, but for who is given its slot by hand */
	rdev->recovery_offset = 0;
	rdev->raid_disk = slot;
	take_seat(conf, replaces ? replacement_for(conf, slot) :
				   conf->members[slot], rdev);
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
	       mddev->degraded == conf->nr_slots;
}

/* Its replacement follows, if it has one. */
static int vacate(struct r1wb_conf *conf, struct r1wb_member *member, int slot)
{
	int err = 0;

	if (member == conf->members[slot] && replacement_for(conf, slot)->rdev) {
		/* md tries again, and suspends the array for it */
		err = conf->mddev->suspended ? r1wb_slots_promote(conf, slot) :
					       -EBUSY;
	} else {
		spin_lock_irq(&conf->lock);
		WRITE_ONCE(member->rdev, NULL);
		r1wb_slots_recount(conf);
		spin_unlock_irq(&conf->lock);
	}
	if (!err)
		r1wb_order_renew(&conf->order);
	return err;
}

/*
 * md_personality.hot_remove_disk: the array is suspended, or never had I/O, or
 * somebody empties the slot by hand.
 */
int r1wb_hot_remove(struct mddev *mddev, struct md_rdev *rdev)
{
	struct r1wb_conf *conf = mddev->private;
	struct r1wb_member *member = r1wb_member_of(conf, rdev);

	if (!member)
		return 0;
	if (!removable(conf, rdev))
		return -EBUSY;
	if (!test_bit(Faulty, &rdev->flags)) {
		if (!r1wb_bitmap_member_leaves(conf->seat.bitmap, rdev))
			return -EBUSY;
		/* what it got from a rebuild, another in its place has not */
		if (has_claim(rdev))
			r1wb_bitmap_member_lost(conf->seat.bitmap);
	}
	if (vacate(conf, member, rdev->raid_disk))
		return -EBUSY;
	r1wb_seat_changed(&conf->seat);
	clear_bit(WantReplacement, &rdev->flags);
	return md_integrity_register(mddev);
}

/*
 * Under conf->lock.  Is that what it has just become?  From now on it is who
 * writes wait for; they are not acknowledged before the superblocks say so, as
 * a crash makes a source of who was in sync before, and may lag from now on.
 */
static bool becomes_in_sync(struct r1wb_conf *conf, struct md_rdev *rdev)
{
	if (!rdev || rdev->recovery_offset != MaxSector ||
	    test_bit(Faulty, &rdev->flags) || test_bit(In_sync, &rdev->flags))
		return false;
	r1wb_want_record(conf->mddev);
	set_bit(In_sync, &rdev->flags);
	return true;
}

/*
 * Under conf->lock.  It is as good as ever; but from now on writes pass it over,
 * so it must be known as failed before they are acknowledged, see fail_member().
 * Returns how many more there are in sync.
 */
static int retire(struct r1wb_conf *conf, struct r1wb_member *member)
{
	struct mddev *mddev = conf->mddev;
	struct md_rdev *rdev = member->rdev;
	int was_in_sync;

	if (!rdev)
		return 1;
	r1wb_want_record(mddev);
	was_in_sync = test_and_clear_bit(In_sync, &rdev->flags);
	set_bit(Faulty, &rdev->flags);
	r1wb_want_record(mddev);
	queue_work(r1wb_wq, &member->forsake);
	sysfs_notify_dirent_safe(rdev->sysfs_state);
	return !was_in_sync;
}

/*
 * md_personality.spare_active: a recovery has ended well.  Whoever has been
 * replaced must miss two events, as who was lost and replaced does, before bits
 * are cleared: see r1wb_whole_events().  md is going to write superblocks, too.
 */
int r1wb_spare_active(struct mddev *mddev)
{
	struct r1wb_conf *conf = mddev->private;
	bool replaced = false;
	int slot, count = 0, active = 0;

	spin_lock_irq(&conf->lock);
	for (slot = 0; slot < conf->nr_slots; slot++) {
		struct r1wb_member *member = conf->members[slot];

		if (becomes_in_sync(conf, replacement_for(conf, slot)->rdev)) {
			count += retire(conf, member);
			replaced = true;
			active++;
		}
		if (becomes_in_sync(conf, member->rdev)) {
			sysfs_notify_dirent_safe(member->rdev->sysfs_state);
			count++;
			active++;
		}
	}
	WRITE_ONCE(mddev->degraded, mddev->degraded - count);
	/* not earlier: one that failed half-way may be added again */
	r1wb_forget_full_sync(conf);
	spin_unlock_irq(&conf->lock);
	if (replaced && !mddev_is_dm(mddev))
		md_update_sb(mddev, 1);
	return active;
}
