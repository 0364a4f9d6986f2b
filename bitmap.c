// SPDX-License-Identifier: GPL-2.0
/*
 * The counting bitmap: holds on chunks, what happens to members, and the
 * operations that md calls.
 *
 * Does not do I/O (bitmap_page.c), nor clear anything (bitmap_clean.c).  Holds
 * and member_lost come from any context, the rest from process context under
 * reconfig_mutex.
 *
 * Keeps I2 (a hold keeps the bit) and the first half of I9 (a token from the
 * first write that ended to the flush after it).
 */
#include "bitmap_impl.h"

/* ---- holds ---- */

/**
 * r1wb_bitmap_hold_chunk - take a hold on one chunk
 * @store:	the store
 * @chunk:	the chunk
 *
 * Context: any.
 */
void r1wb_bitmap_hold_chunk(struct r1wb_store *store, unsigned long chunk)
{
	struct r1wb_bitmap_page *page = r1wb_page_of(store, chunk);
	unsigned long irq;

	if (likely(r1wb_chunk_hold_stable(&store->chunks[chunk])))
		return;
	spin_lock_irqsave(&page->lock, irq);
	r1wb_page_set_bit(page, chunk);
	spin_unlock_irqrestore(&page->lock, irq);
}

/**
 * r1wb_bitmap_hold - a write begins, keep the bits of its chunks set
 * @bitmap:	the bitmap; NULL is fine
 * @sector:	start of the write
 * @sectors:	its length
 *
 * Says nothing about bits being on disk, see r1wb_bitmap_ride().
 *
 * Context: any.
 */
void r1wb_bitmap_hold(struct r1wb_bitmap *bitmap, sector_t sector,
		      sector_t sectors)
{
	unsigned long chunk, last;

	if (!bitmap ||
	    !r1wb_chunk_range(bitmap->store, sector, sectors, &chunk, &last))
		return;
	for (; chunk <= last; chunk++)
		r1wb_bitmap_hold_chunk(bitmap->store, chunk);
}

/**
 * r1wb_bitmap_lacking - does a write that ends now have to be repeated?
 * @bitmap:	the bitmap
 *
 * Not on account of a member that is being rebuilt: the write has gone to that
 * one, too, or the chunk became NEEDED when it joined.
 *
 * Context: any.
 */
bool r1wb_bitmap_lacking(struct r1wb_bitmap *bitmap)
{
	struct mddev *mddev = bitmap->mddev;

	return r1wb_bitmap_unswept(bitmap) ||
	       (unlikely(READ_ONCE(mddev->degraded) > 0) &&
		r1wb_members_missing(mddev));
}

/*
 * md must not mark the array clean before the members have been flushed.  The
 * write that ends here still holds a reference of its own, so ours is not the
 * first.  The look at the flag comes after the atomic change of a chunk word,
 * and so after the write itself: if a flush has cleared the flag, then either
 * we see that, or the flush is sent after the write.
 */
static void take_token(struct r1wb_bitmap *bitmap)
{
	if (!test_bit(R1WB_BITMAP_UNFLUSHED, &bitmap->flags) &&
	    !test_and_set_bit(R1WB_BITMAP_UNFLUSHED, &bitmap->flags))
		percpu_ref_get(&bitmap->mddev->writes_pending);
}

/**
 * r1wb_bitmap_release - a write has really ended
 * @bitmap:	the bitmap; NULL is fine
 * @sector:	as for the hold
 * @sectors:	as for the hold
 *
 * The write must still be counted by md (md_write_end() comes later).
 *
 * Context: any.
 */
void r1wb_bitmap_release(struct r1wb_bitmap *bitmap, sector_t sector,
			 sector_t sectors)
{
	unsigned long chunk, last;
	struct r1wb_store *store;
	bool lacking, idle = false;

	if (!bitmap)
		return;
	store = bitmap->store;
	if (!r1wb_chunk_range(store, sector, sectors, &chunk, &last))
		return;
	lacking = r1wb_bitmap_lacking(bitmap);
	for (; chunk <= last; chunk++)
		idle |= !r1wb_chunk_holds(r1wb_chunk_apply(&store->chunks[chunk],
							   R1WB_CHUNK_RELEASE,
							   lacking, NULL));
	take_token(bitmap);
	if (idle)
		r1wb_daemon_kick(bitmap);
}

/* ---- members ---- */

void r1wb_bitmap_member_lost(struct r1wb_bitmap *bitmap)
{
	if (!bitmap)
		return;
	atomic_inc(&bitmap->losses);
	r1wb_daemon_kick(bitmap);
}

static void lose_member(struct r1wb_store *store)
{
	unsigned long chunk;

	for (chunk = 0; chunk < store->geometry.chunks; chunk++) {
		if (atomic_read(&store->chunks[chunk]))
			r1wb_chunk_apply(&store->chunks[chunk],
					 R1WB_CHUNK_MEMBER_LOST, true, NULL);
		if (!(chunk % R1WB_PAGE_BITS))
			cond_resched();
	}
}

/**
 * r1wb_bitmap_sweep - turn all bits into NEEDED if a member was lost
 * @bitmap:	the bitmap
 *
 * Comes before anything that judges chunks by their words.  Until it is over,
 * r1wb_bitmap_degraded() says so.
 *
 * Context: process, sleeps.
 */
void r1wb_bitmap_sweep(struct r1wb_bitmap *bitmap)
{
	int losses;

	/* pairs with the release below: what was swept is seen as NEEDED */
	if (atomic_read(&bitmap->losses) == smp_load_acquire(&bitmap->swept))
		return;
	mutex_lock(&bitmap->sweep_mutex);
	losses = atomic_read(&bitmap->losses);
	if (losses != bitmap->swept) {
		lose_member(bitmap->store);
		/* pairs with the acquire above */
		smp_store_release(&bitmap->swept, losses);
	}
	mutex_unlock(&bitmap->sweep_mutex);
}

void r1wb_bitmap_member_joined(struct r1wb_bitmap *bitmap,
			       const struct md_rdev *rdev)
{
	struct r1wb_store *store;
	unsigned long chunk;

	if (!bitmap)
		return;
	store = bitmap->store;
	WRITE_ONCE(bitmap->leaving, NULL);
	r1wb_sleep_reset(bitmap, rdev);
	/* fully ordered: pairs with the launch of a flight, which sees the member */
	atomic_inc_return(&bitmap->roster);
	r1wb_store_want(store);
	/* writes that are under way began without it */
	for (chunk = 0; chunk < store->geometry.chunks; chunk++)
		if (r1wb_chunk_holds(atomic_read(&store->chunks[chunk])))
			r1wb_bitmap_need(store, chunk);
}

bool r1wb_bitmap_member_leaves(struct r1wb_bitmap *bitmap, struct md_rdev *rdev)
{
	if (!bitmap)
		return !atomic_read(&rdev->nr_pending);
	/* whoever did not see this has taken nr_pending, see r1wb_next_active() */
	WRITE_ONCE(bitmap->leaving, rdev);
	synchronize_rcu();
	if (!atomic_read(&rdev->nr_pending))
		return true;
	WRITE_ONCE(bitmap->leaving, NULL);
	return false;
}

/**
 * r1wb_bitmap_need - a chunk must be synced, whatever its word says
 * @store:	the store
 * @chunk:	the chunk
 *
 * Context: any.
 */
void r1wb_bitmap_need(struct r1wb_store *store, unsigned long chunk)
{
	struct r1wb_bitmap_page *page = r1wb_page_of(store, chunk);
	unsigned long irq;

	spin_lock_irqsave(&page->lock, irq);
	r1wb_chunk_apply(&store->chunks[chunk], R1WB_CHUNK_NEED, false, NULL);
	r1wb_page_set_bit(page, chunk);
	spin_unlock_irqrestore(&page->lock, irq);
}

bool r1wb_bitmap_is_needed(struct r1wb_bitmap *bitmap)
{
	struct r1wb_store *store = bitmap->store;
	unsigned long chunk;

	r1wb_bitmap_sweep(bitmap);
	for (chunk = 0; chunk < store->geometry.chunks; chunk++)
		if (r1wb_chunk_needs_work(atomic_read(&store->chunks[chunk])))
			return true;
	return false;
}

/* ---- superblock ---- */

/* What md may have changed since.  The kernel's raid1 must accept it, too. */
static void refresh_super(struct r1wb_bitmap *bitmap)
{
	struct mddev *mddev = bitmap->mddev;
	struct r1wb_super *super = &bitmap->super;

	super->events = mddev->events;
	/* the last change of md's count may have been taken back */
	super->events_cleared = min(super->events_cleared, super->events);
	super->state = 0;
	super->sync_size = bitmap->store->geometry.sectors;
	super->chunk_bytes = mddev->bitmap_info.chunksize;
	super->daemon_sleep = max(mddev->bitmap_info.daemon_sleep / HZ, 1UL);
	super->write_behind = min_t(unsigned long, R1WB_MAX_WRITE_BEHIND,
				    mddev->bitmap_info.max_write_behind);
	super->sectors_reserved = min_t(unsigned long, U32_MAX,
					mddev->bitmap_info.space);
}

static bool commit_super(struct r1wb_bitmap *bitmap)
{
	struct r1wb_bitmap_page *page = &bitmap->store->pages[0];

	spin_lock_irq(&page->lock);
	refresh_super(bitmap);
	r1wb_super_write((struct r1wb_disk_super *)page->image, &bitmap->super);
	__set_bit(R1WB_PAGE_WANTED, &page->flags);
	spin_unlock_irq(&page->lock);
	return r1wb_page_commit(page);
}

/**
 * r1wb_bitmap_write_super - bring the superblock up to date on all members
 * @bitmap:	the bitmap, loaded
 *
 * The other pages go first: a superblock that says "good" must not be found
 * with older bits, nor on a member that has not got all bits yet.  Copies fall
 * asleep and wake up on the way; those that wake get the superblock as it was
 * before all else.
 *
 * Context: process, reconfig_mutex held, sleeps.
 */
void r1wb_bitmap_write_super(struct r1wb_bitmap *bitmap)
{
	struct r1wb_store *store = bitmap->store;

	if (!test_bit(R1WB_BITMAP_LOADED, &bitmap->flags))
		return;
	if (r1wb_sleep_begin(bitmap) &&
	    !(r1wb_store_commit(store, 1) && r1wb_page_commit(&store->pages[0])))
		return;
	r1wb_sleep_wake(bitmap);
	if (!r1wb_store_commit(store, 1))
		return;
	r1wb_sleep_nod(bitmap);
	if (!commit_super(bitmap))
		return;
	r1wb_sleep_end(bitmap);
	/* the array may have become whole, or writable */
	r1wb_daemon_kick(bitmap);
}

/* ---- what md calls ---- */

static bool enabled(struct mddev *mddev)
{
	return r1wb_bitmap_find(mddev);
}

static int startwrite(struct mddev *mddev, sector_t offset,
		      unsigned long sectors)
{
	r1wb_bitmap_hold(r1wb_bitmap_cast(mddev->bitmap), offset, sectors);
	return 0;
}

static void endwrite(struct mddev *mddev, sector_t offset,
		     unsigned long sectors)
{
	r1wb_bitmap_release(r1wb_bitmap_cast(mddev->bitmap), offset, sectors);
}

/*
 * md has counted already.  When the array becomes clean, it would take back the
 * event of becoming active.  If a member fails just then, its superblock has a
 * count that the others reach again with its failure; so nobody could tell that
 * they know better, and what was written since would be lost.  The price is that
 * superblocks of spares are written, too.
 */
static void update_sb(void *data)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_cast(data);

	if (!bitmap)
		return;
	bitmap->mddev->can_decrease_events = 0;
	r1wb_before_super(bitmap->mddev);
	if (test_and_clear_bit(R1WB_BITMAP_CLEARED, &bitmap->flags))
		r1wb_void_claims(bitmap->mddev);
	r1wb_bitmap_write_super(bitmap);
}

/* md calls pages without a set bit "missing"; people read them as clean. */
static unsigned long count_clean_pages(const struct r1wb_store *store)
{
	unsigned long i, clean = 0;

	for (i = 0; i < store->geometry.pages; i++)
		clean += !READ_ONCE(store->pages[i].bits);
	return clean;
}

static int get_stats(void *data, struct md_bitmap_stats *stats)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_cast(data);
	struct r1wb_bitmap_page *page;

	if (!bitmap)
		return -ENOENT;
	memset(stats, 0, sizeof(*stats));
	stats->pages = bitmap->store->geometry.pages;
	stats->missing_pages = count_clean_pages(bitmap->store);
	stats->file_pages = DIV_ROUND_UP_ULL(bitmap->store->geometry.bytes, PAGE_SIZE);
	stats->sync_size = bitmap->store->geometry.sectors;
	page = &bitmap->store->pages[0];
	spin_lock_irq(&page->lock);
	stats->events_cleared = bitmap->super.events_cleared;
	spin_unlock_irq(&page->lock);
	return 0;
}

static void dirty_bits(struct mddev *mddev, unsigned long first,
		       unsigned long last)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_find(mddev);
	struct r1wb_store *store;
	unsigned long chunk;

	if (!bitmap)
		return;
	store = bitmap->store;
	if (!store->geometry.chunks || first >= store->geometry.chunks)
		return;
	last = min(last, store->geometry.chunks - 1);
	for (chunk = first; chunk <= last; chunk++)
		r1wb_bitmap_need(store, chunk);
	/* md has to see that there is something to sync */
	mddev->resync_offset = min(mddev->resync_offset,
				   (sector_t)first << store->geometry.chunk_shift);
}

/* Members are added: the whole bitmap has to get onto them. */
static void write_all(struct mddev *mddev)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_find(mddev);

	if (!bitmap)
		return;
	r1wb_store_want(bitmap->store);
	r1wb_store_kick(bitmap->store);
}

static void unplug(struct mddev *mddev, bool sync)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_find(mddev);

	if (bitmap)
		r1wb_store_commit(bitmap->store, 0);
}

/* Ours runs on a work queue, not in md's thread. */
static void daemon_work(struct mddev *mddev)
{
}

/* Behind writes are counted by the personality. */
static void start_behind_write(struct mddev *mddev)
{
}

static void end_behind_write(struct mddev *mddev)
{
}

/* create() refuses what a cluster needs, so md has no reason to call these. */
static void sync_with_cluster(struct mddev *mddev, sector_t old_lo,
			      sector_t old_hi, sector_t new_lo, sector_t new_hi)
{
}

static void *get_from_slot(struct mddev *mddev, int slot)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static int copy_from_slot(struct mddev *mddev, int slot, sector_t *lo,
			  sector_t *hi, bool clear_bits)
{
	return -EOPNOTSUPP;
}

static void set_pages(void *data, unsigned long pages)
{
}

static void free_from_slot(void *data)
{
}

struct bitmap_operations r1wb_bitmap_ops = {
	.enabled		= enabled,
	.create			= r1wb_bitmap_create,
	.resize			= r1wb_bitmap_resize,
	.load			= r1wb_bitmap_load,
	.destroy		= r1wb_bitmap_destroy,
	.flush			= r1wb_bitmap_flush,
	.write_all		= write_all,
	.dirty_bits		= dirty_bits,
	.unplug			= unplug,
	.daemon_work		= daemon_work,

	.start_behind_write	= start_behind_write,
	.end_behind_write	= end_behind_write,
	.wait_behind_writes	= r1wb_drain_behind,

	.startwrite		= startwrite,
	.endwrite		= endwrite,
	.start_sync		= r1wb_bitmap_start_sync,
	.end_sync		= r1wb_bitmap_end_sync,
	.cond_end_sync		= r1wb_bitmap_cond_end_sync,
	.close_sync		= r1wb_bitmap_close_sync,

	.update_sb		= update_sb,
	.get_stats		= get_stats,

	.sync_with_cluster	= sync_with_cluster,
	.get_from_slot		= get_from_slot,
	.copy_from_slot		= copy_from_slot,
	.set_pages		= set_pages,
	.free			= free_from_slot,
};
