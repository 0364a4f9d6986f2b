// SPDX-License-Identifier: GPL-2.0
/*
 * From the disks into memory: is there a bitmap that we can use, and what do
 * its bits say?
 *
 * create() looks and refuses, but writes nothing and changes nothing if it
 * does refuse.  load() believes or disbelieves, but does not refuse: md writes
 * superblocks already.  dm-raid lets another table write between the two, and
 * loads again on resume; so load() looks at everything again.
 *
 * Process context under reconfig_mutex, or while dm-raid has the array
 * suspended; load takes pass_mutex.
 *
 * Keeps I11: every bit found is NEEDED.
 */
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "bitmap_impl.h"

#define DEFAULT_SLEEP	(5 * HZ)

/* ---- looking at the superblock ---- */

/* Leaves its verdict and the reason in the bitmap. */
static void judge(struct r1wb_bitmap *bitmap, const void *bytes,
		  struct r1wb_super *super, struct r1wb_geometry *geometry)
{
	struct mddev *mddev = bitmap->mddev;
	struct r1wb_super_context context = {
		.events		= bitmap->events,
		.sync_size	= mddev->resync_max_sectors,
		.space		= mddev->bitmap_info.space,
		.persistent	= mddev->persistent,
	};

	memcpy(context.uuid, mddev->uuid, sizeof(context.uuid));
	bitmap->verdict = r1wb_super_read(bytes, R1WB_PAGE_BYTES, &context, super,
					  geometry, bitmap->reason);
}

/* False: no member can be read. */
static bool find_super(struct r1wb_bitmap *bitmap, void *bytes,
		       struct r1wb_super *super, struct r1wb_geometry *geometry)
{
	r1wb_members_look(bitmap);
	if (!r1wb_members_read(bitmap, &r1wb_super_only, 0, bytes))
		return false;
	judge(bitmap, bytes, super, geometry);
	return true;
}

static int look_at_super(struct r1wb_bitmap *bitmap, struct r1wb_geometry *geometry)
{
	const char *name = mdname(bitmap->mddev);
	int err = 0;
	void *bytes;

	bytes = kzalloc(R1WB_PAGE_BYTES, GFP_KERNEL);
	if (!bytes)
		return -ENOMEM;
	if (!find_super(bitmap, bytes, &bitmap->super, geometry)) {
		pr_err("md/raid1wb:%s: the bitmap cannot be read from any member; to go on without it, assemble with --update=no-bitmap\n",
		       name);
		err = -EIO;
	} else if (bitmap->verdict == R1WB_SUPER_REFUSED) {
		pr_err("md/raid1wb:%s: bitmap refused: %s; assemble with --update=no-bitmap, repair, and add a new one\n",
		       name, bitmap->reason);
		err = -EINVAL;
	}
	kfree(bytes);
	return err;
}

/* dm-raid wants a new bitmap, and has left its settings in mddev. */
static int make_super(struct r1wb_bitmap *bitmap, struct r1wb_geometry *geometry)
{
	struct mddev *mddev = bitmap->mddev;
	struct r1wb_super *super = &bitmap->super;
	unsigned long sleep = mddev->bitmap_info.daemon_sleep;

	if (mddev->bitmap_info.chunksize > U32_MAX ||
	    !r1wb_geometry_set(geometry, mddev->resync_max_sectors,
			       mddev->bitmap_info.chunksize)) {
		pr_err("md/raid1wb:%s: cannot make a bitmap with chunks of %lu bytes; choose another region size\n",
		       mdname(mddev), mddev->bitmap_info.chunksize);
		return -EINVAL;
	}
	if (!sleep || sleep > MAX_SCHEDULE_TIMEOUT)
		sleep = DEFAULT_SLEEP;
	memcpy(super->uuid, mddev->uuid, sizeof(super->uuid));
	super->chunk_bytes = mddev->bitmap_info.chunksize;
	super->daemon_sleep = max(sleep / HZ, 1UL);
	super->write_behind = min_t(unsigned long, R1WB_MAX_WRITE_BEHIND,
				    mddev->bitmap_info.max_write_behind);
	super->sectors_reserved = mddev->bitmap_info.space;
	__set_bit(R1WB_BITMAP_FRESH, &bitmap->flags);
	bitmap->verdict = R1WB_SUPER_NEVER_USED;
	return 0;
}

/* ---- create and free ---- */

static int refuse_kind(struct mddev *mddev, int slot)
{
	const char *kind = NULL;

	if (mddev->bitmap_info.file)
		kind = "bitmaps in files";
	else if (slot >= 0 || mddev_is_clustered(mddev))
		kind = "clustered bitmaps";
	else if (mddev->bitmap_info.external)
		kind = "bitmaps without a superblock";
	else if (test_bit(MD_HAS_JOURNAL, &mddev->flags))
		kind = "bitmaps beside a journal";
	if (!kind)
		return 0;
	pr_err("md/raid1wb:%s: %s are not supported; use an internal bitmap\n",
	       mdname(mddev), kind);
	return -EOPNOTSUPP;
}

static struct r1wb_bitmap *alloc_bitmap(struct mddev *mddev)
{
	struct r1wb_bitmap *bitmap = kzalloc(sizeof(*bitmap), GFP_KERNEL);

	if (!bitmap)
		return NULL;
	bitmap->ops = &r1wb_bitmap_ops;
	bitmap->mddev = mddev;
	bitmap->events = mddev->events;
	bitmap->last_end_sync = jiffies;
	mutex_init(&bitmap->pass_mutex);
	mutex_init(&bitmap->sweep_mutex);
	init_waitqueue_head(&bitmap->landing);
	r1wb_daemon_init(bitmap);
	if (!r1wb_sleep_init(bitmap))
		goto fail;
	/* a rescuer: pages are written from within make_request(), too */
	if (bioset_init(&bitmap->bios, BIO_POOL_SIZE,
			offsetof(struct r1wb_member_bio, bio),
			BIOSET_NEED_BVECS | BIOSET_NEED_RESCUER))
		goto fail;
	bitmap->commit_wq = alloc_workqueue("r1wb_%s", WQ_MEM_RECLAIM | WQ_HIGHPRI,
					    0, mdname(mddev));
	if (!bitmap->commit_wq)
		goto fail;
	return bitmap;
fail:
	r1wb_bitmap_free(bitmap);
	return NULL;
}

/**
 * r1wb_bitmap_free - the end of a bitmap that md does not see any more
 * @bitmap:	no chunk is held, nobody rides
 *
 * Context: process, sleeps.
 */
void r1wb_bitmap_free(struct r1wb_bitmap *bitmap)
{
	r1wb_daemon_stop(bitmap);
	set_bit(R1WB_BITMAP_DYING, &bitmap->flags);
	if (bitmap->store)
		r1wb_store_ground(bitmap->store);
	if (bitmap->commit_wq)
		destroy_workqueue(bitmap->commit_wq);
	if (test_and_clear_bit(R1WB_BITMAP_UNFLUSHED, &bitmap->flags))
		percpu_ref_put(&bitmap->mddev->writes_pending);
	r1wb_store_free(bitmap->store);
	r1wb_sleep_exit(bitmap);
	bioset_exit(&bitmap->bios);
	mutex_destroy(&bitmap->sweep_mutex);
	mutex_destroy(&bitmap->pass_mutex);
	kfree(bitmap);
}

static void tell_md(const struct r1wb_bitmap *bitmap)
{
	const struct r1wb_super *super = &bitmap->super;
	struct mddev *mddev = bitmap->mddev;

	clear_bit(MD_ARRAY_FIRST_USE, &mddev->flags);
	mddev->bitmap_info.chunksize = super->chunk_bytes;
	mddev->bitmap_info.daemon_sleep = (unsigned long)super->daemon_sleep * HZ;
	/* dm-raid's table says so each time, and its user may have changed his mind */
	if (!mddev_is_dm(mddev))
		mddev->bitmap_info.max_write_behind = super->write_behind;
	mddev->bitmap_info.space = r1wb_super_room(super, mddev->bitmap_info.space);
	mddev->bitmap_info.nodes = 0;
}

static int open_bitmap(struct r1wb_bitmap *bitmap)
{
	struct mddev *mddev = bitmap->mddev;
	struct r1wb_geometry geometry;
	int err;

	if (test_bit(MD_ARRAY_FIRST_USE, &mddev->flags))
		err = make_super(bitmap, &geometry);
	else
		err = look_at_super(bitmap, &geometry);
	if (!err)
		err = r1wb_members_fit(mddev, &geometry);
	if (err)
		return err;
	bitmap->store = r1wb_store_alloc(bitmap, &geometry);
	return bitmap->store ? 0 : -ENOMEM;
}

/**
 * r1wb_bitmap_create - md's create: find a usable bitmap on the members
 * @mddev:	the array, with bitmap_info.offset set
 * @slot:	of a cluster's node, otherwise -1
 *
 * Context: process, reconfig_mutex held; no write to the array is under way.
 * Return: 0, or an error after a message; then nothing has changed.
 */
int r1wb_bitmap_create(struct mddev *mddev, int slot)
{
	unsigned int noio = memalloc_noio_save();
	struct r1wb_bitmap *bitmap = NULL;
	int err;

	err = refuse_kind(mddev, slot);
	if (err)
		goto out;
	err = -ENOMEM;
	bitmap = alloc_bitmap(mddev);
	if (!bitmap)
		goto out;
	err = open_bitmap(bitmap);
	if (!err)
		err = r1wb_seat_take(mddev, bitmap);
	if (err)
		r1wb_bitmap_free(bitmap);
	else
		tell_md(bitmap);
out:
	memalloc_noio_restore(noio);
	return err;
}

/* ---- load ---- */

/*
 * May the bits, all of which mdadm has set, be cleared?  Whatever was written
 * before there was a bitmap has to be out of the members' caches.
 */
static bool starts_clean(struct r1wb_bitmap *bitmap)
{
	struct mddev *mddev = bitmap->mddev;

	return mddev->resync_offset == MaxSector && !mddev->degraded &&
	       r1wb_members_flush(bitmap);
}

/*
 * What create() has accepted should still be there.  If it is not, the bits
 * are worth nothing.
 */
static void look_again(struct r1wb_bitmap *bitmap)
{
	struct r1wb_bitmap_page *page = &bitmap->store->pages[0];
	struct r1wb_geometry geometry;
	struct r1wb_super super;

	if (!find_super(bitmap, page->flight, &super, &geometry)) {
		strscpy(bitmap->reason, "it cannot be read");
	} else if (bitmap->verdict != R1WB_SUPER_REFUSED) {
		bitmap->super = super;
		if (geometry.chunk_shift == bitmap->store->geometry.chunk_shift)
			return;
		strscpy(bitmap->reason, "its chunk size has changed");
	}
	bitmap->verdict = R1WB_SUPER_OUT_OF_DATE;
}

/* A slow member is not asked twice, unless somebody may have written since. */
static enum r1wb_super_verdict verdict_on_super(struct r1wb_bitmap *bitmap)
{
	bool fresh = test_and_clear_bit(R1WB_BITMAP_FRESH, &bitmap->flags);

	if (!fresh && (mddev_is_dm(bitmap->mddev) ||
		       test_bit(R1WB_BITMAP_LOADED, &bitmap->flags)))
		look_again(bitmap);
	if (bitmap->verdict == R1WB_SUPER_OUT_OF_DATE)
		pr_warn("md/raid1wb:%s: the bitmap says nothing, everything has to be synced: %s\n",
			mdname(bitmap->mddev), bitmap->reason);
	return bitmap->verdict;
}

static void read_page(struct r1wb_bitmap *bitmap, struct r1wb_bitmap_page *page)
{
	if (r1wb_members_read(bitmap, &page->store->geometry, page->index,
			      page->image))
		return;
	pr_warn("md/raid1wb:%s: page %lu of the bitmap cannot be read, its chunks have to be synced\n",
		mdname(bitmap->mddev), page->index);
	memset(page->image, 0xff, R1WB_PAGE_BYTES);
}

/* Returns how many chunks of the page are NEEDED. */
static unsigned int need_page(struct r1wb_bitmap_page *page)
{
	struct r1wb_store *store = page->store;
	unsigned long first = r1wb_page_first_chunk(page->index);
	unsigned long chunks = r1wb_page_chunks(&store->geometry, page->index);
	unsigned long i;

	for (i = 0; i < chunks; i++) {
		atomic_t *word = &store->chunks[first + i];

		atomic_set(word, 0);
		if (test_bit_le(r1wb_bit_in_page(first + i), page->image))
			r1wb_chunk_apply(word, R1WB_CHUNK_NEED, false, NULL);
	}
	return page->bits;
}

/*
 * Until the superblock has been written with all bits in place, the one in the
 * image has to disown bits that are not those on disk.
 */
static void head_page(struct r1wb_bitmap *bitmap, bool ok)
{
	struct r1wb_bitmap_page *page = &bitmap->store->pages[0];

	if (!ok) {
		bitmap->super.state |= R1WB_STATE_STALE;
		bitmap->super.events_cleared = r1wb_whole_events(bitmap->mddev);
		set_bit(R1WB_BITMAP_CLEARED, &bitmap->flags);
	}
	r1wb_super_write((struct r1wb_disk_super *)page->image, &bitmap->super);
}

/* Returns how many chunks are NEEDED.  Nobody else looks at the store yet. */
static unsigned long fill_store(struct r1wb_bitmap *bitmap)
{
	enum r1wb_super_verdict verdict = verdict_on_super(bitmap);
	struct r1wb_store *store = bitmap->store;
	int fill = 0xff;
	unsigned long i, needed = 0;

	if (verdict == R1WB_SUPER_NEVER_USED && starts_clean(bitmap))
		fill = 0;
	for (i = 0; i < store->geometry.pages; i++) {
		struct r1wb_bitmap_page *page = &store->pages[i];

		if (verdict == R1WB_SUPER_OK)
			read_page(bitmap, page);
		else
			memset(page->image, fill, R1WB_PAGE_BYTES);
		r1wb_page_begin(page);
		needed += need_page(page);
	}
	head_page(bitmap, verdict == R1WB_SUPER_OK);
	r1wb_sleep_loaded(bitmap);
	return needed;
}

/*
 * md may think that an array that was marked clean needs nothing.  If a member is
 * missing, the bits wait for it, but the others may differ as well.
 */
static void ask_for_resync(struct mddev *mddev, unsigned long needed)
{
	if (needed && mddev->resync_offset == MaxSector &&
	    r1wb_members_mirrored(mddev))
		mddev->resync_offset = 0;
	set_bit(MD_RECOVERY_NEEDED, &mddev->recovery);
	md_wakeup_thread(mddev->thread);
}

/*
 * Does every member have what there is to say?  An array that is clean does not
 * wait for its slow members before it starts; its superblocks are written before
 * the first write, and no page counts as written until then.
 */
static bool is_on_disk(struct r1wb_bitmap *bitmap, unsigned long needed)
{
	struct mddev *mddev = bitmap->mddev;

	return bitmap->verdict == R1WB_SUPER_OK && !needed && mddev->persistent &&
	       mddev->in_sync && mddev->resync_offset == MaxSector &&
	       !mddev->degraded && !r1wb_sleep_is_drowsy(bitmap);
}

/**
 * r1wb_bitmap_load - md's load: read the bits
 * @mddev:	the array; no write is under way
 *
 * Context: process, reconfig_mutex held or suspended by dm-raid.
 * Return: 0.
 */
int r1wb_bitmap_load(struct mddev *mddev)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_find(mddev);
	unsigned long needed;

	if (!bitmap)
		return 0;
	mutex_lock(&bitmap->pass_mutex);
	r1wb_bitmap_sweep(bitmap);
	r1wb_store_ground(bitmap->store);
	needed = fill_store(bitmap);
	bitmap->aged = 0;
	set_bit(R1WB_BITMAP_LOADED, &bitmap->flags);
	mutex_unlock(&bitmap->pass_mutex);

	ask_for_resync(mddev, needed);
	/* dm-raid loads while it has the array read-only, and may write */
	if ((md_is_rdwr(mddev) || mddev_is_dm(mddev)) &&
	    !is_on_disk(bitmap, needed))
		r1wb_bitmap_write_super(bitmap);
	return 0;
}
