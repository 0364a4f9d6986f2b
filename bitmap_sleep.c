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
#include <kunit/static_stub.h>
#include "bitmap_impl.h"
#include "trace.h"

static struct r1wb_copy *alloc_copies(int nr_slots)
{
	struct r1wb_copy *copies = kcalloc(2 * nr_slots, sizeof(*copies),
					   GFP_KERNEL);
	int i;

	for (i = 0; copies && i < 2 * nr_slots; i++)
		copies[i] = (struct r1wb_copy){ .state = R1WB_AWAKE,
						.events_cleared = U64_MAX };
	return copies;
}

/* Which of @copies is the member's; -1 if none. */
static int copy_of(const struct r1wb_bitmap *bitmap, const struct md_rdev *rdev)
{
	int slot = READ_ONCE(rdev->raid_disk), nr_slots = bitmap->nr_copies / 2;

	if (slot < 0 || slot >= nr_slots)
		return -1;
	return test_bit(Replacement, &rdev->flags) ? slot + nr_slots : slot;
}

static void set_state(struct r1wb_bitmap *bitmap, int copy,
		      enum r1wb_sleep state)
{
	if (bitmap->copies[copy].state != state)
		trace_r1wb_bitmap_copy(bitmap, copy, bitmap->copies[copy].state,
				       state);
	WRITE_ONCE(bitmap->copies[copy].state, state);
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
	int copy = copy_of(bitmap, rdev);

	return copy < 0 ? R1WB_AWAKE : READ_ONCE(bitmap->copies[copy].state);
}

/* Before the bitmap is loaded: what was found on a member; NULL if nothing. */
void r1wb_sleep_found(struct r1wb_bitmap *bitmap, const struct md_rdev *rdev,
		      const struct r1wb_disk_super *super)
{
	int copy = copy_of(bitmap, rdev);

	if (copy < 0)
		return;
	set_state(bitmap, copy, super && r1wb_super_asleep(super) ? R1WB_ASLEEP :
								    R1WB_AWAKE);
	bitmap->copies[copy].events_cleared =
		super ? le64_to_cpu(super->events_cleared) : U64_MAX;
}

/*
 * The bits found may be those of another member.  A copy that would take back
 * members which these bits do not cover has to wake up, whether it was asleep
 * or not; it is not believed to be what we have left there.
 */
void r1wb_sleep_loaded(struct r1wb_bitmap *bitmap)
{
	int copy;

	for (copy = 0; copy < bitmap->nr_copies; copy++)
		set_state(bitmap, copy,
			  bitmap->copies[copy].events_cleared <
			  bitmap->super.events_cleared ? R1WB_DROWSY : R1WB_AWAKE);
}

/* Is there a copy that has to wake up, or fall asleep? */
bool r1wb_sleep_is_drowsy(const struct r1wb_bitmap *bitmap)
{
	int slot;

	for (slot = 0; slot < bitmap->nr_copies; slot++)
		if (bitmap->copies[slot].state == R1WB_DROWSY)
			return true;
	return false;
}

/* Nothing is known about what is on the member. */
void r1wb_sleep_reset(struct r1wb_bitmap *bitmap, const struct md_rdev *rdev)
{
	int copy = copy_of(bitmap, rdev);

	if (copy >= 0)
		set_state(bitmap, copy, R1WB_AWAKE);
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
	return mddev->persistent &&
	       !test_bit(R1WB_BITMAP_ROUSED, &bitmap->flags) &&
	       r1wb_may_sleep(mddev, rdev);
}

static bool is_written(struct mddev *mddev)
{
	return !READ_ONCE(mddev->in_sync) && md_is_rdwr(mddev);
}

/* Returns whether there were any. */
static bool change(struct r1wb_bitmap *bitmap, bool sleepy,
		   enum r1wb_sleep from, enum r1wb_sleep to)
{
	bool any = false;
	int i;

	for (i = 0; i < bitmap->nr_copies; i++) {
		struct r1wb_copy *copy = &bitmap->copies[i];

		if (copy->state != from || copy->sleepy != sleepy)
			continue;
		set_state(bitmap, i, to);
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
	bool waking = false, changed = false, kept_up = false;
	bool written = is_written(bitmap->mddev);
	struct md_rdev *rdev;

	for (rdev = r1wb_next_active(bitmap, NULL); rdev;
	     rdev = r1wb_next_active(bitmap, rdev)) {
		enum r1wb_sleep state = r1wb_sleep_state(bitmap, rdev);
		bool awake = state == R1WB_AWAKE;
		bool tired = may_sleep(bitmap, rdev);
		bool sleepy = tired && written;
		int copy = copy_of(bitmap, rdev);

		if (copy < 0)
			continue;
		bitmap->copies[copy].sleepy = sleepy;
		kept_up |= tired && !written;
		/* one that sleeps has all bits set where it matters */
		changed |= state == R1WB_DROWSY || (sleepy && awake);
		waking |= !sleepy && !awake;
		if (sleepy == awake || state == R1WB_NODDING)
			set_state(bitmap, copy, R1WB_DROWSY);
	}
	assign_bit(R1WB_BITMAP_KEPT_UP, &bitmap->flags, kept_up);
	if (changed)
		r1wb_store_want(bitmap->store);
	else if (waking)
		r1wb_page_want(&bitmap->store->pages[0]);
	return waking;
}

/*
 * dm-raid's resume makes the array active, but writes no superblocks, which is
 * when copies fall asleep.
 */
void r1wb_bitmap_nap(struct r1wb_bitmap *bitmap)
{
	struct mddev *mddev;

	if (!bitmap)
		return;
	mddev = bitmap->mddev;
	if (is_written(mddev) && !READ_ONCE(mddev->sb_flags) &&
	    test_and_clear_bit(R1WB_BITMAP_KEPT_UP, &bitmap->flags))
		set_bit(MD_SB_CHANGE_DEVS, &mddev->sb_flags);
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

/* ---- slots ---- */

int r1wb_bitmap_slots_begin(struct r1wb_bitmap *bitmap, int nr)
{
	KUNIT_STATIC_STUB_REDIRECT(r1wb_bitmap_slots_begin, bitmap, nr);

	if (!bitmap)
		return 0;
	bitmap->new_copies = alloc_copies(nr);
	if (!bitmap->new_copies)
		return -ENOMEM;
	bitmap->nr_new_copies = 2 * nr;
	/* nobody else has a reason to kick a page */
	mutex_lock(&bitmap->pass_mutex);
	r1wb_store_ground(bitmap->store);
	return 0;
}

void r1wb_bitmap_slot_moved(struct r1wb_bitmap *bitmap, int from, int to)
{
	if (!bitmap)
		return;
	lockdep_assert_held(&bitmap->pass_mutex);
	bitmap->new_copies[to] = bitmap->copies[from];
}

void r1wb_bitmap_slots_end(struct r1wb_bitmap *bitmap)
{
	if (!bitmap)
		return;
	kfree(bitmap->copies);
	bitmap->copies = bitmap->new_copies;
	bitmap->nr_copies = bitmap->nr_new_copies;
	bitmap->new_copies = NULL;
	mutex_unlock(&bitmap->pass_mutex);
	r1wb_daemon_kick(bitmap);
}

/* ---- life and death ---- */

bool r1wb_sleep_init(struct r1wb_bitmap *bitmap)
{
	bitmap->nr_copies = 2 * bitmap->mddev->raid_disks;
	bitmap->copies = alloc_copies(bitmap->mddev->raid_disks);
	bitmap->superset[0] = kmalloc(R1WB_PAGE_BYTES, GFP_KERNEL);
	bitmap->superset[1] = kmalloc(R1WB_PAGE_BYTES, GFP_KERNEL);
	if (!bitmap->copies || !bitmap->superset[0] || !bitmap->superset[1])
		return false;
	memset(bitmap->superset[0], 0xff, R1WB_PAGE_BYTES);
	memset(bitmap->superset[1], 0xff, R1WB_PAGE_BYTES);
	/* it may load another table, with other members behind, and write no superblock then */
	if (mddev_is_dm(bitmap->mddev))
		set_bit(R1WB_BITMAP_KEPT_UP, &bitmap->flags);
	return true;
}

void r1wb_sleep_exit(struct r1wb_bitmap *bitmap)
{
	kfree(bitmap->copies);
	kfree(bitmap->superset[0]);
	kfree(bitmap->superset[1]);
}
