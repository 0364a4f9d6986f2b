// SPDX-License-Identifier: GPL-2.0
/*
 * A store: all chunk words and pages of one geometry, taken together.
 *
 * Does not judge words, nor do I/O of its own (bitmap_page.c).  Stores are
 * made and freed in process context; want and kick come from any.  Takes one
 * page's lock at a time.
 */
#include <linux/slab.h>
#include "bitmap_impl.h"

/**
 * r1wb_chunk_range - the chunks that a range of sectors lies in
 * @store:	whose chunks
 * @sector:	first sector
 * @sectors:	how many
 * @first:	set to the first chunk
 * @last:	set to the last
 *
 * What lies beyond the bitmap is left out.
 *
 * Return: false if that is everything.
 */
bool r1wb_chunk_range(const struct r1wb_store *store, sector_t sector,
		      sector_t sectors, unsigned long *first, unsigned long *last)
{
	const struct r1wb_geometry *geometry = &store->geometry;
	sector_t end = min(sector + sectors, geometry->sectors);

	if (sector >= end)
		return false;
	*first = r1wb_chunk_of(geometry, sector);
	*last = r1wb_chunk_of(geometry, end - 1);
	return true;
}

/**
 * r1wb_store_want - every page must be written
 * @store:	the store
 *
 * Context: any.
 */
void r1wb_store_want(struct r1wb_store *store)
{
	unsigned long i;

	for (i = 0; i < store->geometry.pages; i++)
		r1wb_page_want(&store->pages[i]);
}

/**
 * r1wb_store_kick - start writing whatever is to be written
 * @store:	the store
 *
 * Context: any, does not sleep.
 */
void r1wb_store_kick(struct r1wb_store *store)
{
	unsigned long i;

	for (i = 0; i < store->geometry.pages; i++)
		r1wb_page_kick(&store->pages[i]);
}

/**
 * r1wb_store_commit - write whatever is to be written, and wait
 * @store:	the store
 * @first_page:	0, or 1 to leave the page with the superblock out
 *
 * Context: process, sleeps; not on the commit workqueue.
 * Return: true if these pages are on every active member.
 */
bool r1wb_store_commit(struct r1wb_store *store, unsigned long first_page)
{
	bool good = true;
	unsigned long i;

	for (i = first_page; i < store->geometry.pages; i++)
		r1wb_page_kick(&store->pages[i]);
	for (i = first_page; i < store->geometry.pages; i++)
		good &= r1wb_page_commit(&store->pages[i]);
	return good;
}

/* ---- life and death ---- */

static bool is_flying(struct r1wb_store *store)
{
	bool flying = false;
	unsigned long i;

	for (i = 0; i < store->geometry.pages && !flying; i++) {
		struct r1wb_bitmap_page *page = &store->pages[i];

		spin_lock_irq(&page->lock);
		flying = test_bit(R1WB_PAGE_FLYING, &page->flags);
		spin_unlock_irq(&page->lock);
	}
	return flying;
}

/**
 * r1wb_store_ground - wait until no page is being written
 * @store:	the store; nobody is going to kick its pages
 *
 * Context: process, sleeps.
 */
void r1wb_store_ground(struct r1wb_store *store)
{
	do {
		wait_event(store->bitmap->landing, !is_flying(store));
		/* what was kicked before may be launched now */
		flush_workqueue(store->bitmap->commit_wq);
	} while (is_flying(store));
}

/**
 * r1wb_store_alloc - clean chunk words, and pages without a bit
 * @bitmap:	the owner
 * @geometry:	copied
 *
 * Context: process, sleeps.
 * Return: the store, for r1wb_store_free(); NULL without memory.
 */
struct r1wb_store *r1wb_store_alloc(struct r1wb_bitmap *bitmap,
				    const struct r1wb_geometry *geometry)
{
	struct r1wb_store *store = kzalloc(sizeof(*store), GFP_KERNEL);
	unsigned long i;

	if (!store)
		return NULL;
	store->bitmap = bitmap;
	store->geometry = *geometry;
	store->chunks = kvcalloc(geometry->chunks, sizeof(*store->chunks),
				 GFP_KERNEL);
	store->pages = kvcalloc(geometry->pages, sizeof(*store->pages),
				GFP_KERNEL);
	if (!store->chunks || !store->pages)
		goto fail;
	for (i = 0; i < geometry->pages; i++)
		if (!r1wb_page_init(store, i))
			goto fail;
	return store;
fail:
	r1wb_store_free(store);
	return NULL;
}

/**
 * r1wb_store_free - free chunk words and pages
 * @store:	grounded, or never used; NULL is fine
 */
void r1wb_store_free(struct r1wb_store *store)
{
	unsigned long i;

	if (!store)
		return;
	for (i = 0; store->pages && i < store->geometry.pages; i++)
		r1wb_page_exit(&store->pages[i]);
	kvfree(store->pages);
	kvfree(store->chunks);
	kfree(store);
}
