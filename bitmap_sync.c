// SPDX-License-Identifier: GPL-2.0
/*
 * The bitmap's part in a resync or recovery: which chunks need work, and when
 * they need it no more.
 *
 * Does not copy, nor decide what is copied from where.  Called by md's sync
 * thread, which may sleep here; r1wb_bitmap_sync_failed() in any context.
 * Takes page locks.
 *
 * A chunk is copied in several windows.  Its RESYNC ends only when no window
 * is under way any more (cond_end_sync, close_sync); until then each one that
 * failed has made the chunk NEEDED again.
 */
#include "bitmap_impl.h"

#define NO_BITMAP_SECTORS	1024	/* what md's bitmap says where there is none */

static sector_t left_of_chunk(const struct r1wb_geometry *geometry,
			      sector_t sector)
{
	sector_t size = (sector_t)1 << geometry->chunk_shift;

	return size - (sector & (size - 1));
}

/*
 * RESYNC must not end before the bit is on all disks: only such a chunk is
 * aged, flushed for and cleared.  After load, that write may be still to come.
 */
static void make_stable(struct r1wb_store *store, unsigned long chunk)
{
	if (!(atomic_read(&store->chunks[chunk]) & R1WB_CHUNK_STABLE))
		r1wb_page_commit(r1wb_page_of(store, chunk));
}

static bool start_chunk(struct r1wb_bitmap *bitmap, unsigned long chunk,
			bool degraded)
{
	struct r1wb_store *store = bitmap->store;
	u32 word;

	if (chunk >= store->geometry.chunks)
		return false;
	r1wb_chunk_apply(&store->chunks[chunk], R1WB_CHUNK_SYNC_START, degraded,
			 &word);
	if (!r1wb_chunk_needs_work(word))
		return false;
	if (!degraded)
		make_stable(store, chunk);
	return true;
}

/**
 * r1wb_bitmap_start_sync - md's start_sync: is there anything to copy here?
 * @mddev:	the array
 * @sector:	where
 * @sectors:	set to how far the answer goes, at least to the end of a page
 * @degraded:	a member will still be missing afterwards: only look
 *
 * A check only looks, too, since it repairs nothing.
 *
 * Context: process, sleeps.
 * Return: true if so.
 */
bool r1wb_bitmap_start_sync(struct mddev *mddev, sector_t sector,
			    sector_t *sectors, bool degraded)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_find(mddev);
	const struct r1wb_geometry *geometry;
	bool work = false;

	*sectors = NO_BITMAP_SECTORS;
	if (!bitmap)
		return true;
	r1wb_bitmap_sweep(bitmap);
	degraded |= test_bit(MD_RECOVERY_CHECK, &mddev->recovery);
	geometry = &bitmap->store->geometry;
	for (*sectors = 0; *sectors < PAGE_SECTORS;
	     *sectors += left_of_chunk(geometry, sector + *sectors))
		work |= start_chunk(bitmap,
				    r1wb_chunk_of(geometry, sector + *sectors),
				    degraded);
	return work;
}

static void abort_chunks(struct r1wb_store *store, unsigned long chunk)
{
	for (; chunk < store->geometry.chunks; chunk++) {
		if (atomic_read(&store->chunks[chunk]) & R1WB_CHUNK_RESYNC)
			r1wb_chunk_apply(&store->chunks[chunk],
					 R1WB_CHUNK_SYNC_ABORT, false, NULL);
		if (!(chunk % R1WB_PAGE_BITS))
			cond_resched();
	}
}

/**
 * r1wb_bitmap_end_sync - md's end_sync: the sync is given up within this chunk
 * @mddev:	the array
 * @sector:	where
 * @sectors:	set to how much of the chunk is left
 *
 * The last window, which md does not count if it gives up meanwhile, may have
 * begun other chunks, and not done them whole.
 *
 * Context: process.
 */
void r1wb_bitmap_end_sync(struct mddev *mddev, sector_t sector, sector_t *sectors)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_find(mddev);
	struct r1wb_store *store;

	*sectors = NO_BITMAP_SECTORS;
	if (!bitmap)
		return;
	store = bitmap->store;
	*sectors = left_of_chunk(&store->geometry, sector);
	abort_chunks(store, r1wb_chunk_of(&store->geometry, sector));
}

/* Where the bit did not get onto the disks, the chunk is left for another sync. */
static void end_chunk(atomic_t *word)
{
	u32 seen = atomic_read(word);

	if (!(seen & R1WB_CHUNK_RESYNC))
		return;
	r1wb_chunk_apply(word, seen & R1WB_CHUNK_STABLE ? R1WB_CHUNK_SYNC_DONE :
							  R1WB_CHUNK_SYNC_ABORT,
			 false, NULL);
}

static void end_chunks(struct r1wb_bitmap *bitmap, unsigned long end)
{
	struct r1wb_store *store = bitmap->store;
	unsigned long chunk;

	end = min(end, store->geometry.chunks);
	for (chunk = 0; chunk < end; chunk++) {
		end_chunk(&store->chunks[chunk]);
		if (!(chunk % R1WB_PAGE_BITS))
			cond_resched();
	}
	r1wb_daemon_kick(bitmap);
}

/**
 * r1wb_bitmap_close_sync - md's close_sync: nothing is being copied any more
 * @mddev:	the array
 *
 * Context: process.
 */
void r1wb_bitmap_close_sync(struct mddev *mddev)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_find(mddev);

	if (bitmap)
		end_chunks(bitmap, ULONG_MAX);
}

/**
 * r1wb_bitmap_cond_end_sync - record progress, from time to time
 * @mddev:	the array
 * @sector:	how far the sync has got; 0 to begin with
 * @force:	now
 *
 * Waits until all windows have ended, so chunks that lie before @sector have
 * been copied, or are NEEDED again.
 *
 * Context: process, md's sync thread; sleeps.
 */
void r1wb_bitmap_cond_end_sync(struct mddev *mddev, sector_t sector, bool force)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_find(mddev);

	if (!bitmap)
		return;
	if (sector && !force &&
	    time_before(jiffies, bitmap->last_end_sync +
				 READ_ONCE(mddev->bitmap_info.daemon_sleep)))
		return;
	if (sector) {
		wait_event(mddev->recovery_wait,
			   !atomic_read(&mddev->recovery_active));
		mddev->curr_resync_completed = sector;
		set_bit(MD_SB_CHANGE_CLEAN, &mddev->sb_flags);
		end_chunks(bitmap, r1wb_chunk_of(&bitmap->store->geometry, sector));
		sysfs_notify_dirent_safe(mddev->sysfs_completed);
	}
	bitmap->last_end_sync = jiffies;
}

void r1wb_bitmap_sync_failed(struct mddev *mddev, sector_t sector,
			     sector_t sectors)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_find(mddev);
	unsigned long chunk, last;

	if (!bitmap || !r1wb_chunk_range(bitmap->store, sector, sectors, &chunk, &last))
		return;
	for (; chunk <= last; chunk++)
		r1wb_bitmap_need(bitmap->store, chunk);
}
