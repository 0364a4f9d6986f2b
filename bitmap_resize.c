// SPDX-License-Identifier: GPL-2.0
/*
 * Another geometry for a bitmap in use: the array has grown or shrunk, or
 * dm-raid wants another region size.
 *
 * Bits mean other chunks afterwards, and a page and the superblock that says
 * what its bits mean are not written at once.  So every page is written with
 * all bits set first, which is right under any geometry; then the superblock;
 * then the bits.  A crash at any point finds a superset (I10).
 *
 * Process context, reconfig_mutex held; takes pass_mutex.  While the array is
 * quiesced and nothing is held, nobody else uses the store.
 */
#include <linux/delay.h>
#include <linux/sched/mm.h>
#include "bitmap_impl.h"

#define HOLD_PATIENCE_MS	2000
#define HOLD_POLL_MS		10

static bool is_held(const struct r1wb_store *store)
{
	unsigned long chunk;

	for (chunk = 0; chunk < store->geometry.chunks; chunk++)
		if (r1wb_chunk_holds(atomic_read(&store->chunks[chunk])))
			return true;
	return false;
}

/*
 * Quiescing does not wait for writes that wait until md has recorded a
 * failure, which needs the mutex that our caller holds.
 */
static bool wait_for_holds(const struct r1wb_store *store)
{
	int left;

	for (left = HOLD_PATIENCE_MS; is_held(store); left -= HOLD_POLL_MS) {
		if (left <= 0)
			return false;
		msleep(HOLD_POLL_MS);
	}
	return true;
}

static int choose_geometry(struct r1wb_bitmap *bitmap, sector_t sectors,
			   u32 chunk_bytes, struct r1wb_geometry *geometry)
{
	struct mddev *mddev = bitmap->mddev;
	u64 space = mddev->bitmap_info.space;
	bool fits;

	/* with nothing known about the space, what is in use must do */
	if (!space && !chunk_bytes)
		space = r1wb_geometry_sectors(&bitmap->store->geometry);
	if (chunk_bytes)
		fits = r1wb_geometry_set(geometry, sectors, chunk_bytes) &&
		       (!space || r1wb_geometry_sectors(geometry) <= space);
	else
		fits = r1wb_geometry_fit(geometry, sectors,
					 mddev->bitmap_info.chunksize, space);
	if (fits)
		return r1wb_members_fit(mddev, geometry);
	pr_err("md/raid1wb:%s: no bitmap for %llu sectors fits into the %llu that it has; remove it, resize, and add it again\n",
	       mdname(mddev), (u64)sectors, space);
	return -ENOSPC;
}

static void write_head(struct r1wb_store *store, const struct r1wb_super *super)
{
	r1wb_super_write((struct r1wb_disk_super *)store->pages[0].image, super);
	r1wb_store_want(store);
}

/* From all bits under the old superblock to all bits under the new one. */
static int change_on_disk(struct r1wb_bitmap *bitmap, struct r1wb_store *new)
{
	struct r1wb_super super = bitmap->super;
	unsigned long i;

	for (i = 0; i < new->geometry.pages; i++) {
		memset(new->pages[i].image, 0xff, R1WB_PAGE_BYTES);
		r1wb_page_replaced(&new->pages[i]);
	}
	write_head(new, &super);
	if (!r1wb_store_commit(new, 0))
		return -EIO;

	super.chunk_bytes = 1U << (new->geometry.chunk_shift + SECTOR_SHIFT);
	super.sync_size = new->geometry.sectors;
	write_head(new, &super);
	if (!r1wb_store_commit(new, 0))
		return -EIO;
	bitmap->super = super;
	return 0;
}

/* ---- from one set of chunks to the other ---- */

/* As r1wb_store_alloc() had it, but for the superblock. */
static void start_over(struct r1wb_store *store)
{
	unsigned long i;

	r1wb_store_ground(store);
	for (i = 0; i < store->geometry.chunks; i++)
		atomic_set(&store->chunks[i], 0);
	for (i = 0; i < store->geometry.pages; i++) {
		struct r1wb_bitmap_page *page = &store->pages[i];

		memset(page->image, 0, R1WB_PAGE_BYTES);
		r1wb_page_begin(page);
	}
	write_head(store, &store->bitmap->super);
}

/* A hold keeps an idle chunk's bit until that is on disk again. */
static void keep_chunk(struct r1wb_store *store, unsigned long chunk)
{
	if (!r1wb_chunk_holds(atomic_read(&store->chunks[chunk])))
		r1wb_bitmap_hold_chunk(store, chunk);
}

static void carry_chunk(struct r1wb_store *old, struct r1wb_store *new,
			unsigned long from)
{
	unsigned int shift = old->geometry.chunk_shift;
	u32 word = atomic_read(&old->chunks[from]);
	unsigned long chunk, last;

	if (!word || !r1wb_chunk_range(new, (sector_t)from << shift,
				       (sector_t)1 << shift, &chunk, &last))
		return;
	for (; chunk <= last; chunk++)
		if (r1wb_chunk_needs_work(word))
			r1wb_bitmap_need(new, chunk);
		else
			keep_chunk(new, chunk);
}

static void carry(struct r1wb_store *old, struct r1wb_store *new)
{
	unsigned long chunk, last;

	start_over(new);
	for (chunk = 0; chunk < old->geometry.chunks; chunk++)
		carry_chunk(old, new, chunk);
	/* what is new has never been synced */
	if (new->geometry.sectors > old->geometry.sectors &&
	    r1wb_chunk_range(new, old->geometry.sectors,
			     new->geometry.sectors - old->geometry.sectors,
			     &chunk, &last))
		for (; chunk <= last; chunk++)
			r1wb_bitmap_need(new, chunk);
}

static void release_kept(struct r1wb_bitmap *bitmap)
{
	bool lacking = r1wb_bitmap_lacking(bitmap);
	struct r1wb_store *store = bitmap->store;
	unsigned long chunk;

	for (chunk = 0; chunk < store->geometry.chunks; chunk++)
		if (r1wb_chunk_holds(atomic_read(&store->chunks[chunk])))
			r1wb_chunk_apply(&store->chunks[chunk],
					 R1WB_CHUNK_RELEASE, lacking, NULL);
	r1wb_daemon_kick(bitmap);
}

static void take_into_use(struct r1wb_bitmap *bitmap, struct r1wb_store *new)
{
	struct mddev *mddev = bitmap->mddev;

	mutex_lock(&mddev->bitmap_info.mutex);
	bitmap->store = new;
	mddev->bitmap_info.chunksize = bitmap->super.chunk_bytes;
	mutex_unlock(&mddev->bitmap_info.mutex);
	bitmap->aged = 0;
}

/* ---- the whole of it ---- */

/* Returns the store that is not in use, or an error with nothing changed. */
static struct r1wb_store *replace_store(struct r1wb_bitmap *bitmap,
					struct r1wb_store *new)
{
	struct r1wb_store *old = bitmap->store;
	int err;

	lockdep_assert_held(&bitmap->pass_mutex);
	if (!wait_for_holds(old)) {
		pr_err("md/raid1wb:%s: the bitmap is in use by writes that wait for a failure to be recorded; try again\n",
		       mdname(bitmap->mddev));
		return ERR_PTR(-EBUSY);
	}
	r1wb_bitmap_sweep(bitmap);
	r1wb_store_ground(old);
	err = change_on_disk(bitmap, new);
	if (err) {
		r1wb_store_ground(new);
		r1wb_store_want(old);
		r1wb_store_kick(old);
		return ERR_PTR(err);
	}
	carry(old, new);
	take_into_use(bitmap, new);
	r1wb_store_commit(new, 0);
	release_kept(bitmap);
	return old;
}

static int resize_quietly(struct r1wb_bitmap *bitmap, struct r1wb_geometry *geometry,
			  bool init)
{
	struct mddev *mddev = bitmap->mddev;
	struct r1wb_store *new, *unused;

	new = r1wb_store_alloc(bitmap, geometry);
	if (!new)
		return -ENOMEM;
	if (!init)
		mddev->pers->quiesce(mddev, 1);
	r1wb_bitmap_rouse(bitmap);
	mutex_lock(&bitmap->pass_mutex);
	unused = replace_store(bitmap, new);
	mutex_unlock(&bitmap->pass_mutex);
	r1wb_bitmap_unrouse(bitmap);
	if (!init)
		mddev->pers->quiesce(mddev, 0);
	r1wb_store_free(IS_ERR(unused) ? new : unused);
	return PTR_ERR_OR_ZERO(unused);
}

/**
 * r1wb_bitmap_resize - md's resize: cover another size, or use other chunks
 * @mddev:	the array; no sync is running
 * @sectors:	to cover
 * @chunk_bytes: per bit; 0 keeps what is, or doubles it until the bits fit
 * @init:	the array is not running, so there is nothing to quiesce
 *
 * Chunks of which the old bitmap did not know are NEEDED.
 *
 * Context: process, reconfig_mutex held or suspended by dm-raid; sleeps.
 * Return: 0, or an error with nothing changed.
 */
int r1wb_bitmap_resize(struct mddev *mddev, sector_t sectors, int chunk_bytes,
		       bool init)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_find(mddev);
	struct r1wb_geometry geometry;
	unsigned int noio;
	int err;

	if (!bitmap)
		return 0;
	if (!test_bit(R1WB_BITMAP_LOADED, &bitmap->flags))
		return -EBUSY;
	err = choose_geometry(bitmap, sectors, chunk_bytes, &geometry);
	if (err)
		return err;
	if (geometry.sectors == bitmap->store->geometry.sectors &&
	    geometry.chunk_shift == bitmap->store->geometry.chunk_shift)
		return 0;
	noio = memalloc_noio_save();
	err = resize_quietly(bitmap, &geometry, init);
	memalloc_noio_restore(noio);
	return err;
}
