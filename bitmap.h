/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The counting write-intent bitmap.
 *
 * One bit per chunk lives on every active member; one atomic word per chunk
 * lives in memory and counts who still needs the bit.  A bit is set on disk
 * before data of its chunk is sent anywhere, and cleared only after every
 * write to the chunk has really ended and every member has been flushed.
 *
 * The copy on a member that is behind sleeps while the array is active: all its
 * bits are set, and nobody waits for that member's disk.
 *
 * Nothing in here knows about requests, barriers or write-behind.
 */
#ifndef R1WB_BITMAP_H
#define R1WB_BITMAP_H

#include <linux/blk_types.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/wait.h>

struct bitmap_operations;
struct md_rdev;
struct mddev;
struct r1wb_bitmap;
struct r1wb_swap;
struct r1wb_tree;

/**
 * struct r1wb_rider - somebody who may go on once bits are stable
 * @link:	on the list of the page whose write it waits for
 * @first:	first chunk still to be looked at
 * @last:	last chunk of the range
 * @status:	set before @go: BLK_STS_IOERR if no member, or not the last one
 *		that is left, could be made to hold the bits.  Then data must not
 *		be sent: nothing would ever tell that the legs differ.
 *		BLK_STS_AGAIN if everybody who was to hold them has failed: ride
 *		again when md has recorded that
 * @go:		called when every bit of the range is stable; process context
 *		(the bitmap's WQ_MEM_RECLAIM workqueue), may submit bios, must
 *		not wait for anything that needs a page commit.  A member may
 *		have failed meanwhile: the caller looks at MD_SB_CHANGE_PENDING
 *
 * Embedded in the caller's request; the bitmap owns it from a
 * r1wb_bitmap_ride() that returned false until @go is called.
 */
struct r1wb_rider {
	struct list_head	link;
	unsigned long		first;
	unsigned long		last;
	blk_status_t		status;
	void			(*go)(struct r1wb_rider *rider);
};

/**
 * struct r1wb_seat - where an array keeps its bitmap
 * @mddev:	the array
 * @bitmap:	ours, or NULL; changes under reconfig_mutex.  Whoever looks at it
 *		without that, and without a hold or a write under way, is in an RCU
 *		read section
 * @core_ops:	what mddev->bitmap_ops was before
 * @swap:	of the attributes; NULL for dm-raid, which has none
 * @changing:	one bitmap is being replaced by another
 * @swapped:	woken when writes that found r1wb_seat_ready() false may go on
 *
 * Embedded in struct r1wb_conf, reached with r1wb_seat(mddev).  md must not
 * see a bitmap of ours in mddev->bitmap before the core's md/bitmap/
 * attributes, which reach into the core's private struct, have been replaced.
 */
struct r1wb_seat {
	struct mddev			*mddev;
	struct r1wb_bitmap		*bitmap;
	struct bitmap_operations	*core_ops;
	struct r1wb_swap		*swap;
	bool				changing;
	wait_queue_head_t		swapped;
};

/* Called by run() and free(), which hold reconfig_mutex. */
void r1wb_seat_install(struct r1wb_seat *seat, struct mddev *mddev);
void r1wb_seat_remove(struct r1wb_seat *seat);
/*
 * False while a bitmap exists that md cannot see yet.  make_request() waits on
 * @swapped then, for a short time, and returns false to be called again:
 * whoever suspends the array must not have to wait for the swap.
 */
bool r1wb_seat_ready(struct r1wb_seat *seat);
/*
 * A slot has got a member, or lost it: what is shown will follow.  Under
 * reconfig_mutex.
 */
void r1wb_seat_changed(struct r1wb_seat *seat);

/*
 * A hold keeps the bits of a range set.  md takes the parent's hold through
 * startwrite/endwrite; a behind write takes one more before the parent can
 * complete.  Any context.
 */
void r1wb_bitmap_hold(struct r1wb_bitmap *bitmap, sector_t sector,
		      sector_t sectors);
void r1wb_bitmap_release(struct r1wb_bitmap *bitmap, sector_t sector,
			 sector_t sectors);

/*
 * True when all bits of the held range are stable on every active member;
 * otherwise the commit of what is missing has been started and @rider->go
 * will be called.  Process context, does not wait for the disks.
 */
bool r1wb_bitmap_ride(struct r1wb_bitmap *bitmap, struct r1wb_rider *rider,
		      sector_t sector, sector_t sectors);

/*
 * A member is gone: every set bit becomes NEEDED.  Called by the error handler,
 * in any context, after it has counted the member as missing.
 */
void r1wb_bitmap_member_lost(struct r1wb_bitmap *bitmap);
/*
 * A member has joined: no write may be sent before its chunks' bitmap page is
 * on that one, too, and writes that are under way make their chunks NEEDED.
 * Called by hot_add_disk, while the array is suspended, or else the member gets
 * everything; after rdev->raid_disk has been set.
 */
void r1wb_bitmap_member_joined(struct r1wb_bitmap *bitmap,
			       const struct md_rdev *rdev);
/*
 * A member is to leave, though it has not failed: may it?  The bitmap writes
 * and flushes at times of its own, and a look at nr_pending alone may come just
 * before it takes that.  Called by hot_remove_disk, which returns -EBUSY if
 * this is false, and removes the member for good if it is true.  Sleeps.
 */
bool r1wb_bitmap_member_leaves(struct r1wb_bitmap *bitmap, struct md_rdev *rdev);

/* md_personality */
int r1wb_change_consistency_policy(struct mddev *mddev, const char *buf);

/* Must something be synced?  Process context, no write is under way. */
bool r1wb_bitmap_is_needed(struct r1wb_bitmap *bitmap);
/*
 * There are to be @nr slots.  Between these two nothing is written on the disks,
 * so members may change places, which is told of each that stays: its slot, or
 * behind all slots as many places for replacements.  Called while the array is
 * suspended; begin sleeps, and may return -ENOMEM, with nothing begun.
 */
int r1wb_bitmap_slots_begin(struct r1wb_bitmap *bitmap, int nr);
void r1wb_bitmap_slot_moved(struct r1wb_bitmap *bitmap, int from, int to);
void r1wb_bitmap_slots_end(struct r1wb_bitmap *bitmap);

/*
 * A window of a resync could not be copied: its chunks are NEEDED again, before
 * md_done_sync() lets their sync end.  Any context.
 */
void r1wb_bitmap_sync_failed(struct mddev *mddev, sector_t sector,
			     sector_t sectors);

/*
 * Provided by the personality: wait until no behind write holds a chunk of the
 * bitmap in use.  The bitmap calls it under reconfig_mutex.
 */
void r1wb_drain_behind(struct mddev *mddev);
/*
 * Provided by the personality: md is about to write superblocks, under
 * reconfig_mutex.  Waits for the behind writes to members that these make
 * sources.
 */
void r1wb_before_super(struct mddev *mddev);
/*
 * Provided by the personality: since md wrote superblocks last, bits may have been
 * cleared.  Who is no member now may lack what these told of.  Called under
 * reconfig_mutex.
 */
void r1wb_void_claims(struct mddev *mddev);
/*
 * Provided by the personality: do the superblocks tell of each write that has
 * failed, and ended?  Until they do, its bit is all that tells.  Any context.
 */
bool r1wb_all_recorded(struct mddev *mddev);
/*
 * Provided by the personality: is the member behind, with another that is in
 * sync and not?  Only then may its copy of the bitmap sleep.  Asked under
 * reconfig_mutex; the answer may change whenever md is to write superblocks.
 */
bool r1wb_may_sleep(struct mddev *mddev, const struct md_rdev *rdev);
/*
 * Has the array become active without superblocks being written?  Then they
 * are, so that copies fall asleep.  In an RCU read section.
 */
void r1wb_bitmap_nap(struct r1wb_bitmap *bitmap);

/*
 * Provided by the personality: what it shows in md/ besides, as long as the
 * attributes of our bitmap are there.  NULL if there is no memory.  Called without
 * a lock, one at a time.
 */
struct r1wb_tree *r1wb_tree_plant(struct mddev *mddev);
/* Members may have come and gone since; or this is the first time. */
void r1wb_tree_update(struct r1wb_tree *tree);
void r1wb_tree_fell(struct r1wb_tree *tree);

/* How many behind writes there may be, shown elsewhere as well. */
ssize_t r1wb_backlog_show(struct mddev *mddev, char *page);
ssize_t r1wb_backlog_store(struct mddev *mddev, const char *buf, size_t len);

int __init r1wb_bitmap_init(void);
void r1wb_bitmap_exit(void);

#endif /* R1WB_BITMAP_H */
