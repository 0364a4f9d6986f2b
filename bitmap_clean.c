// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon: ages chunks that nobody holds, flushes the members, and clears
 * the bits of chunks that were idle since before that flush.
 *
 * Does not set bits, and waits for no write to the array.  Passes run on a
 * work queue or under reconfig_mutex when md stops writes, one at a time
 * (pass_mutex).  The daemon may be kicked in any context.
 *
 * Keeps I2 (flush between the last write and clearing; nothing is cleared
 * while degraded), I11 (events_cleared first) and the second half of I9.
 */
#include "bitmap_impl.h"

#define SLICE_BITS	1024	/* of a page, looked at with interrupts off */
#define STOP_PASSES	3	/* age, clear, and one to spare */

/* ---- looking at chunks ---- */

/* What one pass does, and what it found. */
struct pass {
	struct r1wb_bitmap	*bitmap;
	bool			clear;
	unsigned long		aged;	/* chunks left for the next pass to clear */
	unsigned long		needed;	/* chunks that a sync has to deal with */
};

static void look_at_aged(struct pass *pass, struct r1wb_bitmap_page *page,
			 unsigned long chunk)
{
	bool degraded = r1wb_bitmap_degraded(pass->bitmap);
	atomic_t *word = &page->store->chunks[chunk];

	if (pass->clear &&
	    !r1wb_chunk_apply(word, R1WB_CHUNK_CLEAR, degraded, NULL))
		r1wb_page_clear_bit(page, chunk);
	else if (atomic_read(word) & R1WB_CHUNK_AGED)
		pass->aged++;
}

static void look_at(struct pass *pass, struct r1wb_bitmap_page *page,
		    unsigned long chunk)
{
	atomic_t *word = &page->store->chunks[chunk];
	u32 seen = atomic_read(word);

	if (seen & R1WB_CHUNK_NEEDED)
		pass->needed++;
	if (r1wb_chunk_holds(seen) || r1wb_chunk_needs_work(seen))
		return;
	if (seen & R1WB_CHUNK_AGED)
		look_at_aged(pass, page, chunk);
	else if (r1wb_chunk_apply(word, R1WB_CHUNK_AGE,
				  r1wb_bitmap_degraded(pass->bitmap), NULL) &
		 R1WB_CHUNK_AGED)
		pass->aged++;
}

static void scan_page(struct pass *pass, struct r1wb_bitmap_page *page)
{
	unsigned long first = r1wb_page_first_chunk(page->index);
	unsigned long start = r1wb_bit_in_page(first);
	unsigned long end = start + r1wb_page_chunks(&page->store->geometry,
						     page->index);
	unsigned long slice, bit;

	for (slice = start; slice < end; slice += SLICE_BITS) {
		unsigned long stop = min(slice + SLICE_BITS, end);

		spin_lock_irq(&page->lock);
		for (bit = find_next_bit_le(page->image, stop, slice);
		     bit < stop;
		     bit = find_next_bit_le(page->image, stop, bit + 1))
			look_at(pass, page, first + bit - start);
		spin_unlock_irq(&page->lock);
		cond_resched();
	}
}

/* Only chunks with a bit in the image can have anything in their words. */
static void scan(struct pass *pass)
{
	struct r1wb_store *store = pass->bitmap->store;
	unsigned long i;

	for (i = 0; i < store->geometry.pages; i++)
		if (READ_ONCE(store->pages[i].bits))
			scan_page(pass, &store->pages[i]);
	pass->bitmap->aged = pass->aged;
}

/* ---- what comes before clearing ---- */

/*
 * What events_cleared may be.  Superblocks are written under reconfig_mutex, and
 * have the array's count when nobody has it; @locked says whether we do.
 */
static bool whole_events(struct r1wb_bitmap *bitmap, bool locked, u64 *events)
{
	struct mddev *mddev = bitmap->mddev;

	if (!locked && !mddev_trylock(mddev))
		return false;
	/* read first: md counts a loss after the array has become degraded */
	*events = r1wb_whole_events(mddev);
	if (!locked)
		mddev_unlock(mddev);
	return !r1wb_bitmap_degraded(bitmap);
}

static bool is_recorded(struct r1wb_bitmap *bitmap)
{
	struct r1wb_bitmap_page *page = &bitmap->store->pages[0];
	u64 recorded;

	spin_lock_irq(&page->lock);
	recorded = bitmap->super.events_cleared;
	spin_unlock_irq(&page->lock);
	return recorded >= r1wb_whole_events(bitmap->mddev);
}

/*
 * A member that was lost before the array became whole again must not be
 * taken back on the strength of bits that are about to be cleared.
 */
static bool record_whole(struct r1wb_bitmap *bitmap, bool locked)
{
	struct r1wb_bitmap_page *page = &bitmap->store->pages[0];
	struct r1wb_disk_super *disk = (struct r1wb_disk_super *)page->image;
	u64 events;

	if (!is_recorded(bitmap)) {
		if (!whole_events(bitmap, locked, &events))
			return false;
		spin_lock_irq(&page->lock);
		bitmap->super.events_cleared = events;
		disk->events_cleared = cpu_to_le64(events);
		__set_bit(R1WB_PAGE_WANTED, &page->flags);
		spin_unlock_irq(&page->lock);
	}
	return r1wb_page_commit(page);
}

/* The flag goes first: a write that ends from now on is for the next flush. */
static bool flush_members(struct r1wb_bitmap *bitmap)
{
	struct mddev *mddev = bitmap->mddev;
	bool token = test_and_clear_bit(R1WB_BITMAP_UNFLUSHED, &bitmap->flags);

	if (r1wb_members_flush(bitmap)) {
		if (token)
			md_write_end(mddev);
		return true;
	}
	if (token && test_and_set_bit(R1WB_BITMAP_UNFLUSHED, &bitmap->flags))
		md_write_end(mddev);
	return false;
}

static bool may_clear(struct r1wb_bitmap *bitmap, bool locked)
{
	return bitmap->aged && !test_bit(R1WB_BITMAP_KEEP, &bitmap->flags) &&
	       !r1wb_bitmap_degraded(bitmap) &&
	       r1wb_all_recorded(bitmap->mddev) && record_whole(bitmap, locked);
}

/* ---- chunks that nobody is going to sync ---- */

static bool is_at_rest(struct mddev *mddev)
{
	const unsigned long busy = BIT(MD_RECOVERY_NEEDED) |
				   BIT(MD_RECOVERY_RUNNING) |
				   BIT(MD_RECOVERY_FROZEN);

	return !READ_ONCE(mddev->degraded) &&
	       !(READ_ONCE(mddev->recovery) & busy) &&
	       READ_ONCE(mddev->resync_offset) == MaxSector;
}

/*
 * A recovery that went on where it was interrupted leaves the chunks before
 * that place NEEDED, and there are more ways.  The array must not be whole and
 * in sync with them.  We may not wait for the mutex: who has it may be waiting
 * for us.
 */
static bool ask_for_resync(struct r1wb_bitmap *bitmap)
{
	struct mddev *mddev = bitmap->mddev;

	if (!is_at_rest(mddev) || !r1wb_members_mirrored(mddev))
		return false;
	if (!mddev_trylock(mddev))
		return true;
	if (is_at_rest(mddev)) {
		WRITE_ONCE(mddev->resync_offset, 0);
		set_bit(MD_SB_CHANGE_CLEAN, &mddev->sb_flags);
		set_bit(MD_RECOVERY_NEEDED, &mddev->recovery);
	}
	mddev_unlock(mddev);
	return false;
}

/* Returns whether a later pass would find something to do. */
static bool run_pass(struct r1wb_bitmap *bitmap, bool locked)
{
	struct mddev *mddev = bitmap->mddev;
	struct pass pass = { .bitmap = bitmap };
	bool again;

	lockdep_assert_held(&bitmap->pass_mutex);
	r1wb_bitmap_sweep(bitmap);
	if (!md_is_rdwr(mddev) || test_bit(MD_BROKEN, &mddev->flags) ||
	    !test_bit(R1WB_BITMAP_LOADED, &bitmap->flags))
		return false;

	pass.clear = may_clear(bitmap, locked);
	if (pass.clear || test_bit(R1WB_BITMAP_UNFLUSHED, &bitmap->flags))
		pass.clear &= flush_members(bitmap);
	scan(&pass);
	r1wb_store_kick(bitmap->store);
	again = pass.needed && ask_for_resync(bitmap);
	return again || test_bit(R1WB_BITMAP_UNFLUSHED, &bitmap->flags) ||
	       (pass.aged && !test_bit(R1WB_BITMAP_KEEP, &bitmap->flags));
}

/* ---- the daemon ---- */

static unsigned long period(const struct r1wb_bitmap *bitmap)
{
	return max(READ_ONCE(bitmap->mddev->bitmap_info.daemon_sleep), 1UL);
}

/**
 * r1wb_daemon_kick - there may be something to age, clear or flush
 * @bitmap:	the bitmap
 *
 * Context: any.
 */
void r1wb_daemon_kick(struct r1wb_bitmap *bitmap)
{
	if (!test_bit(R1WB_BITMAP_ARMED, &bitmap->flags) &&
	    !test_and_set_bit(R1WB_BITMAP_ARMED, &bitmap->flags))
		queue_delayed_work(system_unbound_wq, &bitmap->daemon,
				   period(bitmap));
}

static void daemon_pass(struct work_struct *work)
{
	struct r1wb_bitmap *bitmap = container_of(to_delayed_work(work),
						  struct r1wb_bitmap, daemon);
	bool again;

	clear_bit(R1WB_BITMAP_ARMED, &bitmap->flags);
	/* a kick that found the flag set counts on our seeing what it was for */
	smp_mb__after_atomic();

	mutex_lock(&bitmap->pass_mutex);
	again = run_pass(bitmap, false);
	mutex_unlock(&bitmap->pass_mutex);
	if (again)
		r1wb_daemon_kick(bitmap);
}

/**
 * r1wb_daemon_retime - the daemon's period has changed
 * @bitmap:	the bitmap
 *
 * Context: process, reconfig_mutex held.
 */
void r1wb_daemon_retime(struct r1wb_bitmap *bitmap)
{
	if (test_bit(R1WB_BITMAP_ARMED, &bitmap->flags))
		mod_delayed_work(system_unbound_wq, &bitmap->daemon,
				 period(bitmap));
}

void r1wb_daemon_init(struct r1wb_bitmap *bitmap)
{
	INIT_DELAYED_WORK(&bitmap->daemon, daemon_pass);
}

/* No pass runs, nor will.  Context: process, sleeps. */
void r1wb_daemon_stop(struct r1wb_bitmap *bitmap)
{
	disable_delayed_work_sync(&bitmap->daemon);
}

/* ---- when md stops writes ---- */

static void clear_what_can_be(struct r1wb_bitmap *bitmap)
{
	int tries = STOP_PASSES;

	mutex_lock(&bitmap->pass_mutex);
	while (run_pass(bitmap, true) && --tries)
		;
	mutex_unlock(&bitmap->pass_mutex);
}

/**
 * r1wb_bitmap_flush - md's flush: leave as few bits set as possible, and a true
 * copy on every member
 * @mddev:	the array; md has waited for its writes
 *
 * md marks the array clean next, token or not.  Giving the token back may
 * have started md's timer, which md has stopped already.
 *
 * A mirror of dm-raid that has been suspended was flushed then.  If another table
 * has taken its place, that one's array has the disks by now.
 *
 * Context: process, reconfig_mutex held.
 */
void r1wb_bitmap_flush(struct mddev *mddev)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_find(mddev);

	if (!bitmap || (mddev_is_dm(mddev) && mddev->suspended))
		return;
	clear_what_can_be(bitmap);
	if (test_and_clear_bit(R1WB_BITMAP_UNFLUSHED, &bitmap->flags))
		percpu_ref_put(&mddev->writes_pending);
	timer_delete_sync(&mddev->safemode_timer);
	if (md_is_rdwr(mddev)) {
		r1wb_bitmap_rouse(bitmap);
		r1wb_bitmap_unrouse(bitmap);
	}
}
