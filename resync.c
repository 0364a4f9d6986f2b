// SPDX-License-Identifier: GPL-2.0
/*
 * Catch-up, in md's sync thread: what is done in one window after the other,
 * and how many there are.
 *
 * Does not choose what needs work: md and the bitmap do.  window.c has the way of
 * a window from here on.  Takes no lock of its own but that of the list of free
 * windows.
 */
#include <linux/delay.h>
#include <linux/slab.h>
#include "member.h"
#include "md-bitmap.h"
#include "resync.h"
#include "window.h"

#define NEAR_WINDOWS	32
#define FAR_WINDOWS	128	/* a member that is behind is one that takes its time */
/*
 * Far windows that begin together end together, and a writer has to wait for the
 * processor: so long for each write that has come since the last one began.
 */
#define PACE_US		100
#define MAX_PACE_US	1000

struct r1wb_resync {
	spinlock_t		lock;		/* @free */
	struct list_head	free;
	wait_queue_head_t	wait;
	int			nr_legs;
	bool			compare;
	long			writes;		/* that went behind, so far */
	int			nr_windows;	/* made so far */
	struct r1wb_window	windows[FAR_WINDOWS];
};

/* ---- windows and their memory ---- */

static void free_pages_of(struct page **pages)
{
	int i;

	for (i = 0; pages && i < R1WB_WINDOW_PAGES; i++)
		if (pages[i])
			__free_page(pages[i]);
	kfree(pages);
}

static struct page **alloc_window_pages(gfp_t gfp)
{
	struct page **pages = kcalloc(R1WB_WINDOW_PAGES, sizeof(*pages), gfp);
	int i;

	for (i = 0; pages && i < R1WB_WINDOW_PAGES; i++) {
		pages[i] = alloc_page(gfp);
		if (!pages[i]) {
			free_pages_of(pages);
			return NULL;
		}
	}
	return pages;
}

static void free_window(struct r1wb_resync *resync, struct r1wb_window *window)
{
	int i;

	for (i = 0; window->legs && i < window->nr_legs; i++)
		if (!i || resync->compare)
			free_pages_of(window->legs[i].pages);
	kvfree(window->legs);
	window->legs = NULL;
}

static bool alloc_legs(struct r1wb_resync *resync, struct r1wb_window *window,
		       gfp_t gfp)
{
	int i;

	window->nr_legs = resync->nr_legs;
	window->legs = kvcalloc(window->nr_legs, sizeof(*window->legs), gfp);
	if (!window->legs)
		return false;
	for (i = 0; i < window->nr_legs; i++) {
		struct r1wb_window_leg *leg = &window->legs[i];

		leg->window = window;
		leg->pages = i && !resync->compare ? window->legs[0].pages :
						     alloc_window_pages(gfp);
		if (!leg->pages)
			return false;
	}
	return true;
}

/* One more, by md's sync thread alone; NULL if there is no memory for it. */
static struct r1wb_window *new_window(struct r1wb_conf *conf, gfp_t gfp)
{
	struct r1wb_resync *resync = conf->resync;
	struct r1wb_window *window = &resync->windows[resync->nr_windows];

	r1wb_window_init(window, conf);
	if (!alloc_legs(resync, window, gfp)) {
		free_window(resync, window);
		return NULL;
	}
	resync->nr_windows++;
	return window;
}

/**
 * r1wb_resync_free - give back what catch-up needed
 * @conf:	the array; no window is under way
 */
void r1wb_resync_free(struct r1wb_conf *conf)
{
	struct r1wb_resync *resync = conf->resync;
	int w;

	if (!resync)
		return;
	for (w = 0; w < resync->nr_windows; w++)
		free_window(resync, &resync->windows[w]);
	kvfree(resync);
	conf->resync = NULL;
}

static bool alloc_resync(struct r1wb_conf *conf)
{
	struct r1wb_resync *resync;
	struct r1wb_window *window;

	resync = kvzalloc(sizeof(*resync), GFP_NOIO);
	if (!resync)
		return false;
	conf->resync = resync;
	spin_lock_init(&resync->lock);
	INIT_LIST_HEAD(&resync->free);
	init_waitqueue_head(&resync->wait);
	resync->nr_legs = conf->nr_members;
	resync->writes = atomic_long_read(&conf->backlog.modes[R1WB_WRITE_BEHIND]);
	resync->compare = test_bit(MD_RECOVERY_REQUESTED,
				   &conf->mddev->recovery);
	window = new_window(conf, GFP_NOIO);
	if (!window) {
		r1wb_resync_free(conf);
		return false;
	}
	list_add(&window->free, &resync->free);
	return true;
}

static struct r1wb_window *take_free(struct r1wb_resync *resync)
{
	struct r1wb_window *window;

	spin_lock_irq(&resync->lock);
	window = list_first_entry_or_null(&resync->free, struct r1wb_window,
					  free);
	if (window)
		list_del(&window->free);
	spin_unlock_irq(&resync->lock);
	return window;
}

static void give_way(struct r1wb_conf *conf)
{
	struct r1wb_resync *resync = conf->resync;
	long writes = atomic_long_read(&conf->backlog.modes[R1WB_WRITE_BEHIND]);
	long us = min(PACE_US * (writes - resync->writes), (long)MAX_PACE_US);

	resync->writes = writes;
	if (us > 0)
		usleep_range(us, 2 * us);
}

static struct r1wb_window *get_window(struct r1wb_conf *conf)
{
	struct r1wb_resync *resync = conf->resync;
	struct r1wb_window *window;
	int max = NEAR_WINDOWS;

	if (r1wb_has_behind(conf)) {
		max = FAR_WINDOWS;
		give_way(conf);
	}
	window = take_free(resync);
	if (!window && resync->nr_windows < max)
		window = new_window(conf, GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN);
	if (!window)
		wait_event(resync->wait, (window = take_free(resync)));
	return window;
}

/* Context: any. */
void r1wb_put_window(struct r1wb_window *window)
{
	struct r1wb_resync *resync = window->conf->resync;
	unsigned long irq;

	spin_lock_irqsave(&resync->lock, irq);
	list_add(&window->free, &resync->free);
	wake_up(&resync->wait);
	spin_unlock_irqrestore(&resync->lock, irq);
}

/* ---- what md wants ---- */

static bool still_degraded(const struct r1wb_window *window)
{
	int slot, nr_slots = window->conf->nr_slots;
	bool replacements = window->nr_legs > nr_slots;

	for (slot = 0; slot < nr_slots; slot++)
		if (!window->legs[slot].rdev &&
		    !(replacements && window->legs[slot + nr_slots].rdev))
			return true;
	return false;
}

/*
 * Does md want every block, whatever the bitmap says?  A resync is no recovery:
 * members in sync are not written where no bit is set.
 */
static bool wants_all(const struct r1wb_conf *conf)
{
	unsigned long recovery = READ_ONCE(conf->mddev->recovery);

	if (recovery & BIT(MD_RECOVERY_REQUESTED))
		return true;
	return !(recovery & BIT(MD_RECOVERY_SYNC)) &&
	       test_bit(R1WB_FULL_SYNC, &conf->flags);
}

/* Tells the bitmap what is being synced; returns how much of it is needed. */
static sector_t claim_sectors(struct r1wb_window *window)
{
	struct r1wb_conf *conf = window->conf;
	struct mddev *mddev = conf->mddev;
	bool degraded = still_degraded(window);
	sector_t claimed = 0, blocks;

	while (claimed < window->sectors) {
		if (!mddev->bitmap_ops->start_sync(mddev,
						   window->sector + claimed,
						   &blocks, degraded) &&
		    !wants_all(conf))
			break;
		claimed += blocks;
	}
	return min(claimed, window->sectors);
}

static void drop_window(struct r1wb_window *window)
{
	r1wb_window_leave(window);
	r1wb_put_window(window);
}

/*
 * False: nobody lacks anything from here on.  @sectors is what is under way
 * now, 0 if the chunk at @sector has become clean since we looked.
 */
static bool sync_window(struct r1wb_conf *conf, sector_t sector,
			sector_t max_sector, sector_t *sectors)
{
	struct r1wb_window *window = get_window(conf);

	window->sync = test_bit(MD_RECOVERY_SYNC, &conf->mddev->recovery);
	window->compare = conf->resync->compare;
	window->sector = sector;
	window->sectors = min_t(sector_t, R1WB_WINDOW_SECTORS, max_sector - sector);
	if (!r1wb_window_join(window)) {
		drop_window(window);
		return false;
	}
	*sectors = claim_sectors(window);
	if (*sectors) {
		window->sectors = *sectors;
		r1wb_window_start(window);
	} else {
		drop_window(window);
	}
	return true;
}

static void finish_sync(struct r1wb_conf *conf, sector_t max_sector)
{
	struct mddev *mddev = conf->mddev;
	sector_t blocks;

	if (mddev->curr_resync < max_sector)
		mddev->bitmap_ops->end_sync(mddev, mddev->curr_resync, &blocks);
	mddev->bitmap_ops->close_sync(mddev);
	r1wb_resync_free(conf);
}

/**
 * r1wb_sync_request - md_personality.sync_request
 * @mddev:	the array
 * @sector:	where to go on
 * @max_sector:	where to end; with @sector at or past it, clean up
 * @skipped:	set if no I/O was needed
 *
 * Context: md's sync thread; sleeps for a free window and for its turn.
 * Return: sectors dealt with, for which md_done_sync() is or will be called
 *	   unless @skipped; 0 to end the sync.
 */
sector_t r1wb_sync_request(struct mddev *mddev, sector_t sector,
			   sector_t max_sector, int *skipped)
{
	struct r1wb_conf *conf = mddev->private;
	sector_t blocks, sectors;

	if (!conf->resync && !alloc_resync(conf))
		return 0;
	/* md notes how far it is now and then, and leaves it to us to wake who records it */
	if (READ_ONCE(mddev->sb_flags))
		md_wakeup_thread(mddev->thread);
	if (sector >= max_sector) {
		finish_sync(conf, max_sector);
		return 0;
	}
	if (!mddev->bitmap && mddev->resync_offset == MaxSector &&
	    !wants_all(conf)) {
		*skipped = 1;
		return max_sector - sector;
	}
	if (!mddev->bitmap_ops->start_sync(mddev, sector, &blocks, true) &&
	    !wants_all(conf)) {
		*skipped = 1;
		return blocks;
	}
	mddev->bitmap_ops->cond_end_sync(mddev, sector, false);

	if (!sync_window(conf, sector, min(max_sector, READ_ONCE(mddev->resync_max)),
			 &sectors)) {
		*skipped = 1;
		return max_sector - sector;
	}
	if (!sectors) {
		*skipped = 1;
		return blocks;
	}
	return sectors;
}
