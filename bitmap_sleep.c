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
 * superset.  But the mark has events_cleared 0: whoever finds it takes back any
 * member, however old, and copies to it what has its bit set.  So page 0 is the
 * last to fall asleep and the first to wake up (I11).  Nobody is left out
 * before all its pages have all bits set on disk; whoever is not left out any
 * more is waited for.
 */
#include <linux/slab.h>
#include "bitmap_impl.h"
#include "trace.h"

static void set_state(struct r1wb_bitmap *bitmap, int slot,
		      enum r1wb_sleep state)
{
	if (bitmap->copies[slot].state != state)
		trace_r1wb_bitmap_copy(bitmap, slot, bitmap->copies[slot].state,
				       state);
	WRITE_ONCE(bitmap->copies[slot].state, state);
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
	return READ_ONCE(bitmap->copies[slot].state);
}

/* Before the bitmap is loaded: what was found on a member; NULL if nothing. */
void r1wb_sleep_found(struct r1wb_bitmap *bitmap, const struct md_rdev *rdev,
		      const struct r1wb_disk_super *super)
{
	int slot = rdev->raid_disk;

	if (slot < 0 || slot >= bitmap->nr_copies)
		return;
	set_state(bitmap, slot, super && r1wb_super_asleep(super) ? R1WB_ASLEEP :
								    R1WB_AWAKE);
	bitmap->copies[slot].events_cleared =
		super ? le64_to_cpu(super->events_cleared) : U64_MAX;
}

/*
 * The bits found may be those of another member.  A copy that would take back
 * members which these bits do not cover has to wake up, whether it was asleep
 * or not; it is not believed to be what we have left there.
 */
void r1wb_sleep_loaded(struct r1wb_bitmap *bitmap)
{
	int slot;

	for (slot = 0; slot < bitmap->nr_copies; slot++)
		set_state(bitmap, slot,
			  bitmap->copies[slot].events_cleared <
			  bitmap->super.events_cleared ? R1WB_DROWSY : R1WB_AWAKE);
}

/* Nothing is known about what is on the member. */
void r1wb_sleep_reset(struct r1wb_bitmap *bitmap, const struct md_rdev *rdev)
{
	if (rdev->raid_disk >= 0 && rdev->raid_disk < bitmap->nr_copies)
		set_state(bitmap, rdev->raid_disk, R1WB_AWAKE);
}

/* What a page is on a copy that falls asleep. */
void *r1wb_superset_page(struct r1wb_bitmap *bitmap, unsigned long page)
{
	return bitmap->superset[page ? 1 : 0];
}

/*
 * No copy nods, so a flight that has not been launched yet does not bring what
 * is changed here.
 */
static void make_superset(struct r1wb_bitmap *bitmap)
{
	struct r1wb_bitmap_page *page = &bitmap->store->pages[0];
	struct r1wb_super super;

	r1wb_page_await(page);
	spin_lock_irq(&page->lock);
	super = bitmap->super;
	spin_unlock_irq(&page->lock);
	super.sync_size = bitmap->store->geometry.sectors;
	super.events = R1WB_ASLEEP_EVENTS;
	super.events_cleared = 0;
	super.state = 0;
	r1wb_super_write(bitmap->superset[0], &super);
}

static bool may_sleep(const struct r1wb_bitmap *bitmap, struct md_rdev *rdev)
{
	struct mddev *mddev = bitmap->mddev;

	/* those who keep the superblocks elsewhere do not tell us in time */
	return !mddev->in_sync && md_is_rdwr(mddev) && mddev->persistent &&
	       !test_bit(R1WB_BITMAP_ROUSED, &bitmap->flags) &&
	       r1wb_may_sleep(mddev, rdev);
}

/* Returns whether there were any. */
static bool change(struct r1wb_bitmap *bitmap, bool sleepy,
		   enum r1wb_sleep from, enum r1wb_sleep to)
{
	bool any = false;
	int slot;

	for (slot = 0; slot < bitmap->nr_copies; slot++) {
		struct r1wb_copy *copy = &bitmap->copies[slot];

		if (copy->state != from || copy->sleepy != sleepy)
			continue;
		set_state(bitmap, slot, to);
		any = true;
	}
	return any;
}

/**
 * r1wb_sleep_begin - decide who sleeps and who does not
 * @bitmap:	the bitmap
 *
 * Return: true if there are copies that wake up.  Then the caller commits all
 *	   pages, page 0 last.  It goes on with r1wb_sleep_wake().
 */
bool r1wb_sleep_begin(struct r1wb_bitmap *bitmap)
{
	bool waking = false, changed = false;
	struct md_rdev *rdev;

	for (rdev = r1wb_next_active(bitmap, NULL); rdev;
	     rdev = r1wb_next_active(bitmap, rdev)) {
		enum r1wb_sleep state = r1wb_sleep_state(bitmap, rdev);
		bool awake = state == R1WB_AWAKE;
		bool sleepy = may_sleep(bitmap, rdev);
		int slot = rdev->raid_disk;

		if (slot >= bitmap->nr_copies)
			continue;
		bitmap->copies[slot].sleepy = sleepy;
		/* one that sleeps has all bits set where it matters */
		changed |= state == R1WB_DROWSY || (sleepy && awake);
		waking |= !sleepy && !awake;
		if (sleepy == awake || state == R1WB_NODDING)
			set_state(bitmap, slot, R1WB_DROWSY);
	}
	if (changed)
		r1wb_store_want(bitmap->store);
	else if (waking)
		r1wb_page_want(&bitmap->store->pages[0]);
	return waking;
}

/*
 * Page 0 is on disk: those who wake up get all pages.  The caller commits those
 * but page 0 next, and goes on with r1wb_sleep_nod().
 */
void r1wb_sleep_wake(struct r1wb_bitmap *bitmap)
{
	if (!change(bitmap, false, R1WB_DROWSY, R1WB_AWAKE))
		return;
	/* fully ordered: pairs with the launch of a flight, which sees the state */
	atomic_inc_return(&bitmap->roster);
	r1wb_store_want(bitmap->store);
}

/*
 * All pages but page 0 are on disk: those who fall asleep have only that left.
 * The caller commits it next, and goes on with r1wb_sleep_end().
 */
void r1wb_sleep_nod(struct r1wb_bitmap *bitmap)
{
	make_superset(bitmap);
	change(bitmap, true, R1WB_DROWSY, R1WB_NODDING);
}

/* All pages are on disk. */
void r1wb_sleep_end(struct r1wb_bitmap *bitmap)
{
	change(bitmap, true, R1WB_NODDING, R1WB_ASLEEP);
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
	int slot;

	bitmap->nr_copies = bitmap->mddev->raid_disks;
	bitmap->copies = kcalloc(bitmap->nr_copies, sizeof(*bitmap->copies),
				 GFP_KERNEL);
	bitmap->superset[0] = kmalloc(R1WB_PAGE_BYTES, GFP_KERNEL);
	bitmap->superset[1] = kmalloc(R1WB_PAGE_BYTES, GFP_KERNEL);
	if (!bitmap->copies || !bitmap->superset[0] || !bitmap->superset[1])
		return false;
	for (slot = 0; slot < bitmap->nr_copies; slot++)
		bitmap->copies[slot].events_cleared = U64_MAX;
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
