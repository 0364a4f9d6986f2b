// SPDX-License-Identifier: GPL-2.0
/*
 * Which members' copies of the bitmap sleep (design decision D1).
 *
 * A write to a clean chunk must not wait for a slow member.  So while the array
 * is active, bitmap pages are written to the other members only; the copy on a
 * behind member has all bits set, and a mark by which we know it again.
 * Whoever finds that copy alone syncs too much, never too little (I10).
 *
 * Copies fall asleep, and are woken, before md writes superblocks; so do the
 * reasons for it come about: the array becomes active or clean, a member is
 * lost, joins or changes its flags.  Does no I/O of its own: it says what a
 * page's flight brings to whom (bitmap_page.c).  Process context, reconfig_mutex
 * held or the array not running; r1wb_sleep_state() from anywhere.
 *
 * Any mixture of pages with all bits set and pages that get every flight is a
 * superset, so it does not matter in which order a copy's pages change.  What
 * matters is that nobody is left out before all its pages have all bits set on
 * disk; and that whoever is not left out any more is waited for.
 */
#include <linux/slab.h>
#include "bitmap_impl.h"

static void set_state(struct r1wb_bitmap *bitmap, int slot,
		      enum r1wb_sleep state)
{
	WRITE_ONCE(bitmap->copies[slot], state);
}

/**
 * r1wb_sleep_state - what does a member's copy of the bitmap do?
 * @bitmap:	the bitmap
 * @rdev:	an active member
 *
 * Context: any.
 */
enum r1wb_sleep r1wb_sleep_state(const struct r1wb_bitmap *bitmap,
				 const struct md_rdev *rdev)
{
	int slot = READ_ONCE(rdev->raid_disk);

	if (slot < 0 || slot >= bitmap->nr_copies)
		return R1WB_AWAKE;
	return READ_ONCE(bitmap->copies[slot]);
}

/* Before the bitmap is loaded: what was found on a member. */
void r1wb_sleep_found(struct r1wb_bitmap *bitmap, const struct md_rdev *rdev,
		      bool asleep)
{
	if (rdev->raid_disk < bitmap->nr_copies)
		set_state(bitmap, rdev->raid_disk,
			  asleep ? R1WB_ASLEEP : R1WB_AWAKE);
}

/* Nothing is known about what is on the member, or on all with NULL. */
void r1wb_sleep_reset(struct r1wb_bitmap *bitmap, const struct md_rdev *rdev)
{
	int slot;

	for (slot = 0; slot < bitmap->nr_copies; slot++)
		if (!rdev || rdev->raid_disk == slot)
			set_state(bitmap, slot, R1WB_AWAKE);
}

/* What a page is on a copy that falls asleep. */
void *r1wb_superset_page(struct r1wb_bitmap *bitmap, unsigned long page)
{
	return bitmap->superset[page ? 1 : 0];
}

static bool try_make_superset(struct r1wb_bitmap *bitmap)
{
	struct r1wb_bitmap_page *page = &bitmap->store->pages[0];
	struct r1wb_super super;
	bool idle;

	spin_lock_irq(&page->lock);
	super = bitmap->super;
	super.sync_size = bitmap->store->geometry.sectors;
	super.events = R1WB_ASLEEP_EVENTS;
	super.events_cleared = 0;
	super.state = 0;
	/* otherwise it may be on its way to somebody */
	idle = !test_bit(R1WB_PAGE_FLYING, &page->flags);
	if (idle)
		r1wb_super_write(bitmap->superset[0], &super);
	spin_unlock_irq(&page->lock);
	return idle;
}

static void make_superset(struct r1wb_bitmap *bitmap)
{
	wait_event(bitmap->landing, try_make_superset(bitmap));
}

static bool may_sleep(const struct r1wb_bitmap *bitmap, struct md_rdev *rdev)
{
	struct mddev *mddev = bitmap->mddev;

	/* those who keep the superblocks elsewhere do not tell us in time */
	return !mddev->in_sync && md_is_rdwr(mddev) && mddev->persistent &&
	       !test_bit(R1WB_BITMAP_ROUSED, &bitmap->flags) &&
	       r1wb_may_sleep(mddev, rdev);
}

static int count(const struct r1wb_bitmap *bitmap, enum r1wb_sleep state)
{
	int slot, n = 0;

	for (slot = 0; slot < bitmap->nr_copies; slot++)
		n += bitmap->copies[slot] == state;
	return n;
}

/**
 * r1wb_sleep_begin - decide who sleeps and who does not
 * @bitmap:	the bitmap, with an up-to-date superblock in @bitmap->super
 *
 * The caller commits all pages next, and calls r1wb_sleep_end().
 */
void r1wb_sleep_begin(struct r1wb_bitmap *bitmap)
{
	bool woken = false, changed = count(bitmap, R1WB_DROWSY);
	struct md_rdev *rdev;

	if (!changed)
		make_superset(bitmap);
	for (rdev = r1wb_next_active(bitmap, NULL); rdev;
	     rdev = r1wb_next_active(bitmap, rdev)) {
		bool awake = r1wb_sleep_state(bitmap, rdev) == R1WB_AWAKE;
		int slot = rdev->raid_disk;

		if (slot >= bitmap->nr_copies || awake != may_sleep(bitmap, rdev))
			continue;
		set_state(bitmap, slot, awake ? R1WB_DROWSY : R1WB_AWAKE);
		woken |= !awake;
		changed = true;
	}
	if (woken)
		/* fully ordered: pairs with the launch of a flight, which sees the state */
		atomic_inc_return(&bitmap->roster);
	if (changed)
		r1wb_store_want(bitmap->store);
}

/* All pages are on disk.  Whoever was drowsy has the superset. */
void r1wb_sleep_end(struct r1wb_bitmap *bitmap)
{
	int slot;

	for (slot = 0; slot < bitmap->nr_copies; slot++)
		if (bitmap->copies[slot] == R1WB_DROWSY)
			set_state(bitmap, slot, R1WB_ASLEEP);
}

/**
 * r1wb_bitmap_rouse - have a true copy of the bitmap on every member
 * @bitmap:	the bitmap, loaded
 *
 * Nobody falls asleep again before r1wb_bitmap_unrouse().
 */
void r1wb_bitmap_rouse(struct r1wb_bitmap *bitmap)
{
	set_bit(R1WB_BITMAP_ROUSED, &bitmap->flags);
	r1wb_bitmap_write_super(bitmap);
}

void r1wb_bitmap_unrouse(struct r1wb_bitmap *bitmap)
{
	clear_bit(R1WB_BITMAP_ROUSED, &bitmap->flags);
}

bool r1wb_sleep_init(struct r1wb_bitmap *bitmap)
{
	bitmap->nr_copies = bitmap->mddev->raid_disks;
	bitmap->copies = kcalloc(bitmap->nr_copies, sizeof(*bitmap->copies),
				 GFP_KERNEL);
	bitmap->superset[0] = kmalloc(R1WB_PAGE_BYTES, GFP_KERNEL);
	bitmap->superset[1] = kmalloc(R1WB_PAGE_BYTES, GFP_KERNEL);
	if (!bitmap->copies || !bitmap->superset[0] || !bitmap->superset[1])
		return false;
	memset(bitmap->superset[0], 0xff, R1WB_PAGE_BYTES);
	memset(bitmap->superset[1], 0xff, R1WB_PAGE_BYTES);
	return true;
}

void r1wb_sleep_exit(struct r1wb_bitmap *bitmap)
{
	kfree(bitmap->copies);
	kfree(bitmap->superset[0]);
	kfree(bitmap->superset[1]);
}
