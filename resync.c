// SPDX-License-Identifier: GPL-2.0
/*
 * Catch-up by windows: each takes its range in the array's order, reads its
 * source, or every member when md wants them compared, and writes whoever
 * lacks the data.
 *
 * Near members come first: all but those that are behind.  Then the window
 * gives back its places there, so that no write waits for it any longer than
 * for them, and does the same with the far ones when its turn has come there.
 * A write that comes meanwhile goes to the near members at once, and to the far
 * ones after the window: that the window knows nothing of it does no harm.
 *
 * Does not choose what needs work: md and the bitmap do.  Windows start in
 * md's sync thread, which may wait for its turn; the rest of their way is
 * bio completions and r1wb_wq; r1wb_turn_wq only where they start over, which
 * may find the array quiesced.  While they wait for the far members they have
 * no worker.  Takes no lock of its own but that of the list of free windows.
 *
 * Keeps I4 through order.c.  A window that md has counted is copied, or its
 * member fails, or it becomes a bad block, or recovery is disabled.
 */
#include <linux/delay.h>
#include <linux/slab.h>
#include "leg.h"
#include "member.h"
#include "md-bitmap.h"
#include "resync.h"

#define WINDOW_PAGES	16
#define WINDOW_SECTORS	(WINDOW_PAGES * PAGE_SECTORS)
#define NEAR_WINDOWS	32
#define FAR_WINDOWS	128	/* a member that is behind is one that takes its time */
/* Far windows that begin together end together, and a writer has to wait for the processor. */
#define PACE_US		100

enum leg_role {
	LEG_SOURCE,	/* in sync: may be read; written if it differs */
	LEG_TARGET,	/* lacks the data */
};

/**
 * struct window_leg - a member's part in a window
 * @window:	which
 * @rdev:	nr_pending held, or NULL if it takes no part
 * @pages:	WINDOW_PAGES of them; its own only if members are compared
 * @role:	source or target
 * @far:	it is behind
 * @partial:	it has known bad blocks here: read page by page, if at all
 * @read:	@pages hold what it holds
 * @written:	it was written as a whole, without an error
 * @place:	in the member's line
 * @bio:	one at a time
 * @vecs:	its vectors
 */
struct window_leg {
	struct r1wb_window	*window;
	struct md_rdev		*rdev;
	struct page		**pages;
	enum leg_role		role;
	bool			far;
	bool			partial;
	bool			read;
	bool			written;
	struct r1wb_place	place;
	struct bio		bio;
	struct bio_vec		vecs[WINDOW_PAGES];
};

struct r1wb_window {
	struct r1wb_conf	*conf;
	struct list_head	free;
	struct r1wb_turn	near;
	struct r1wb_turn	far;
	struct work_struct	work;		/* @next */
	struct work_struct	start_over;
	void			(*next)(struct r1wb_window *window);
	sector_t		sector;
	sector_t		sectors;
	atomic_t		pending;	/* bios under way, +1 while sending */
	bool			sync;		/* in-sync members are made equal, too */
	bool			compare;	/* ... and compared first: check, repair */
	bool			failed;		/* not everything could be copied */
	struct window_leg	*primary;	/* whose data counts */
	struct window_leg	*legs;
};

struct r1wb_resync {
	spinlock_t		lock;		/* @free */
	struct list_head	free;
	wait_queue_head_t	wait;
	int			nr_legs;
	bool			compare;
	int			nr_windows;	/* made so far */
	struct r1wb_window	windows[FAR_WINDOWS];
};

/* ---- windows and their memory ---- */

static void free_pages_of(struct page **pages)
{
	int i;

	for (i = 0; pages && i < WINDOW_PAGES; i++)
		if (pages[i])
			__free_page(pages[i]);
	kfree(pages);
}

static struct page **alloc_window_pages(gfp_t gfp)
{
	struct page **pages = kcalloc(WINDOW_PAGES, sizeof(*pages), gfp);
	int i;

	for (i = 0; pages && i < WINDOW_PAGES; i++) {
		pages[i] = alloc_page(gfp);
		if (!pages[i]) {
			free_pages_of(pages);
			return NULL;
		}
	}
	return pages;
}

static void window_work(struct work_struct *work);
static void start_over(struct work_struct *work);

static void free_window(struct r1wb_resync *resync, struct r1wb_window *window)
{
	int i;

	for (i = 0; window->legs && i < resync->nr_legs; i++)
		if (!i || resync->compare)
			free_pages_of(window->legs[i].pages);
	kvfree(window->legs);
	window->legs = NULL;
}

static bool alloc_legs(struct r1wb_resync *resync, struct r1wb_window *window,
		       gfp_t gfp)
{
	int i;

	window->legs = kvcalloc(resync->nr_legs, sizeof(*window->legs), gfp);
	if (!window->legs)
		return false;
	for (i = 0; i < resync->nr_legs; i++) {
		struct window_leg *leg = &window->legs[i];

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

	window->conf = conf;
	INIT_WORK(&window->work, window_work);
	INIT_WORK(&window->start_over, start_over);
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

static struct r1wb_window *get_window(struct r1wb_conf *conf)
{
	struct r1wb_resync *resync = conf->resync;
	struct r1wb_window *window;
	int max = NEAR_WINDOWS;

	if (r1wb_has_behind(conf)) {
		max = FAR_WINDOWS;
		if (atomic_read(&conf->backlog.writes))
			usleep_range(PACE_US, 2 * PACE_US);
	}
	window = take_free(resync);
	if (!window && resync->nr_windows < max)
		window = new_window(conf, GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN);
	if (!window)
		wait_event(resync->wait, (window = take_free(resync)));
	return window;
}

static void put_window(struct r1wb_resync *resync, struct r1wb_window *window)
{
	unsigned long irq;

	spin_lock_irqsave(&resync->lock, irq);
	list_add(&window->free, &resync->free);
	wake_up(&resync->wait);
	spin_unlock_irqrestore(&resync->lock, irq);
}

/* ---- the end of a window ---- */

/* Writing a whole window has healed what was known as bad in it. */
static void release_legs(struct r1wb_window *window)
{
	struct r1wb_conf *conf = window->conf;
	int i;

	for (i = 0; i < conf->resync->nr_legs; i++) {
		struct window_leg *leg = &window->legs[i];

		if (!leg->rdev)
			continue;
		if (leg->partial && leg->written)
			rdev_clear_badblocks(leg->rdev, window->sector,
					     window->sectors, 0);
		rdev_dec_pending(leg->rdev, conf->mddev);
		leg->rdev = NULL;
	}
}

static void leave_lines(struct r1wb_conf *conf, struct r1wb_turn *turn)
{
	LIST_HEAD(ready);

	r1wb_order_leave_all(&conf->order, turn, &ready);
	r1wb_legs_send_late(conf, &ready);
	rcu_read_lock();
	r1wb_order_exit(&conf->order);
	rcu_read_unlock();
}

/*
 * From here on writes are acknowledged that wait for this window on the far
 * members.  While it is all that is in their way there, it stands for them: the
 * member is not read past it, nor recorded as a source.  It does not wait for
 * that record itself: what it waits for has passed the primary, so it was sent.
 */
static void count_far(struct r1wb_window *window)
{
	struct r1wb_conf *conf = window->conf;
	int i;

	for (i = 0; i < conf->resync->nr_legs; i++)
		if (window->legs[i].rdev && window->legs[i].far)
			r1wb_lag_begins(&conf->members[i]);
}

/*
 * Those that come next are counted by now.  One that has started over, without
 * a primary, was not.
 */
static void uncount_far(struct r1wb_window *window)
{
	struct r1wb_conf *conf = window->conf;
	int i;

	for (i = 0; window->primary && i < conf->resync->nr_legs; i++)
		if (window->legs[i].rdev && window->legs[i].far)
			r1wb_lag_ended(&conf->members[i]);
}

/* md may end the sync, and free the windows, after md_done_sync(). */
static void end_window(struct r1wb_window *window)
{
	struct r1wb_conf *conf = window->conf;
	struct mddev *mddev = conf->mddev;
	sector_t sectors = window->sectors;
	bool ok = !window->failed;

	if (!ok) {
		r1wb_bitmap_sync_failed(mddev, window->sector, sectors);
		WRITE_ONCE(conf->recovery_disabled,
			   READ_ONCE(mddev->recovery_disabled));
	}
	leave_lines(conf, &window->far);
	uncount_far(window);
	release_legs(window);
	put_window(conf->resync, window);
	md_done_sync(mddev, sectors, ok);
}

/* ---- bios ---- */

/* What follows is sent; when all of it has ended, @next goes on. */
static void begin_bios(struct r1wb_window *window,
		       void (*next)(struct r1wb_window *window))
{
	window->next = next;
	atomic_set(&window->pending, 1);
}

static void end_bios(struct r1wb_window *window)
{
	if (atomic_dec_and_test(&window->pending))
		window->next(window);
}

static void window_work(struct work_struct *work)
{
	struct r1wb_window *window = container_of(work, struct r1wb_window,
						  work);

	window->next(window);
}

static void leg_bio_ended(struct bio *bio)
{
	struct window_leg *leg = container_of(bio, struct window_leg, bio);
	struct r1wb_window *window = leg->window;

	if (bio_op(bio) == REQ_OP_READ)
		leg->read = !bio->bi_status;
	else if (!bio->bi_status)
		leg->written = true;
	else
		md_error(window->conf->mddev, leg->rdev);
	if (atomic_dec_and_test(&window->pending))
		queue_work(r1wb_wq, &window->work);
}

static void send_leg(struct window_leg *leg, blk_opf_t opf, struct page **pages)
{
	struct r1wb_window *window = leg->window;
	unsigned int left = window->sectors << SECTOR_SHIFT;
	struct bio *bio = &leg->bio;
	int i;

	bio_init(bio, leg->rdev->bdev, leg->vecs, WINDOW_PAGES, opf);
	bio->bi_iter.bi_sector = window->sector + leg->rdev->data_offset;
	bio->bi_end_io = leg_bio_ended;
	for (i = 0; left; i++) {
		unsigned int len = min_t(unsigned int, left, PAGE_SIZE);

		__bio_add_page(bio, pages[i], len, 0);
		left -= len;
	}
	atomic_inc(&window->pending);
	md_sync_acct_bio(bio, window->sectors);
	submit_bio_noacct(bio);
}

/* ---- page by page, when a window could not be read as a whole ---- */

struct window_page {
	sector_t	sector;
	sector_t	sectors;
	int		index;
};

static bool page_io(struct window_leg *leg, const struct window_page *page,
		    blk_opf_t op, struct page *data)
{
	return !test_bit(Faulty, &leg->rdev->flags) &&
	       sync_page_io(leg->rdev, page->sector,
			    page->sectors << SECTOR_SHIFT, data, op, false);
}

/* Whoever cannot give a page is made to hold it; who cannot hold it fails. */
static void write_page_to_others(struct r1wb_window *window,
				 const struct window_page *page,
				 struct window_leg *from)
{
	struct r1wb_conf *conf = window->conf;
	int i;

	for (i = 0; i < conf->resync->nr_legs; i++) {
		struct window_leg *leg = &window->legs[i];

		if (!leg->rdev || leg == from)
			continue;
		if (!page_io(leg, page, REQ_OP_WRITE, from->pages[page->index]))
			md_error(conf->mddev, leg->rdev);
		else if (leg->partial)
			rdev_clear_badblocks(leg->rdev, page->sector,
					     page->sectors, 0);
	}
}

static bool mark_page_bad(struct r1wb_window *window,
			  const struct window_page *page)
{
	struct r1wb_conf *conf = window->conf;
	bool ok = true;
	int i;

	pr_crit("md/raid1wb:%s: no member can read sector %llu of the array; recording it as bad\n",
		mdname(conf->mddev), (u64)page->sector);
	for (i = 0; i < conf->resync->nr_legs; i++) {
		struct md_rdev *rdev = window->legs[i].rdev;

		if (rdev && !test_bit(Faulty, &rdev->flags))
			ok &= rdev_set_badblocks(rdev, page->sector,
						 page->sectors, 0);
	}
	return ok;
}

static bool copy_page_from_anyone(struct r1wb_window *window,
				  const struct window_page *page)
{
	int i;

	for (i = 0; i < window->conf->resync->nr_legs; i++) {
		struct window_leg *leg = &window->legs[i];

		if (!leg->rdev || leg->role != LEG_SOURCE ||
		    rdev_has_badblock(leg->rdev, page->sector, page->sectors) ||
		    !page_io(leg, page, REQ_OP_READ, leg->pages[page->index]))
			continue;
		write_page_to_others(window, page, leg);
		return true;
	}
	return mark_page_bad(window, page);
}

static void copy_by_page(struct r1wb_window *window)
{
	sector_t end = window->sector + window->sectors;
	struct window_page page = { .sector = window->sector };

	for (; page.sector < end; page.sector += page.sectors, page.index++) {
		page.sectors = min_t(sector_t, PAGE_SECTORS, end - page.sector);
		if (!copy_page_from_anyone(window, &page))
			window->failed = true;
	}
}

/* ---- after the reads ---- */

/* Returns the sectors in which @leg differs from the primary. */
static sector_t compare_leg(struct r1wb_window *window, struct window_leg *leg)
{
	unsigned int left = window->sectors << SECTOR_SHIFT;
	sector_t differ = 0;
	int i;

	for (i = 0; left; i++) {
		unsigned int len = min_t(unsigned int, left, PAGE_SIZE);

		if (memcmp(page_address(leg->pages[i]),
			   page_address(window->primary->pages[i]), len))
			differ += len >> SECTOR_SHIFT;
		left -= len;
	}
	return differ;
}

/* A member that could not be read is written from one that could, check or not. */
static bool wants_data(struct r1wb_window *window, struct window_leg *leg)
{
	struct mddev *mddev = window->conf->mddev;
	sector_t differ;

	if (!leg->rdev || leg == window->primary ||
	    test_bit(Faulty, &leg->rdev->flags))
		return false;
	if (leg->role == LEG_TARGET)
		return true;
	if (!window->compare || !leg->read)
		return window->sync;
	differ = compare_leg(window, leg);
	atomic64_add(differ, &mddev->resync_mismatches);
	return differ && !test_bit(MD_RECOVERY_CHECK, &mddev->recovery);
}

/*
 * A member that failed while the window waited for its turn may lack what was
 * written last: that went to the others alone.
 */
static bool is_good(const struct window_leg *leg)
{
	return leg && leg->rdev && leg->read &&
	       !test_bit(Faulty, &leg->rdev->flags);
}

static struct window_leg *first_good(struct r1wb_window *window)
{
	int i;

	if (is_good(window->primary))
		return window->primary;
	for (i = 0; i < window->conf->resync->nr_legs; i++)
		if (is_good(&window->legs[i]))
			return &window->legs[i];
	return NULL;
}

static bool wants_comparison(const struct window_leg *leg)
{
	return leg->window->compare && !leg->partial &&
	       leg->role == LEG_SOURCE;
}

/* Reads what is to be read near, or far; then @next goes on. */
static void read_legs(struct r1wb_window *window, bool far,
		      void (*next)(struct r1wb_window *window))
{
	int i;

	begin_bios(window, next);
	for (i = 0; i < window->conf->resync->nr_legs; i++) {
		struct window_leg *leg = &window->legs[i];

		if (leg->far == far && leg->rdev &&
		    !test_bit(Faulty, &leg->rdev->flags) &&
		    (leg == window->primary || wants_comparison(leg)))
			send_leg(leg, REQ_OP_READ | REQ_SYNC, leg->pages);
	}
	end_bios(window);
}

/* The same for writes. */
static void write_legs(struct r1wb_window *window, bool far,
		       void (*next)(struct r1wb_window *window))
{
	int i;

	begin_bios(window, next);
	for (i = 0; i < window->conf->resync->nr_legs; i++) {
		struct window_leg *leg = &window->legs[i];

		if (leg->far == far && wants_data(window, leg))
			send_leg(leg, REQ_OP_WRITE | REQ_SYNC,
				 window->primary->pages);
	}
	end_bios(window);
}

/* ---- the way of a window, last step first ---- */

static void init_turn(struct r1wb_turn *turn)
{
	r1wb_turn_init(turn);
	turn->together = true;
	turn->sleeps = true;
}

static void take_places(struct r1wb_window *window)
{
	struct r1wb_conf *conf = window->conf;
	int i;

	init_turn(&window->near);
	init_turn(&window->far);
	for (i = 0; i < conf->resync->nr_legs; i++) {
		struct window_leg *leg = &window->legs[i];

		if (leg->rdev)
			r1wb_turn_add(leg->far ? &window->far : &window->near,
				      &leg->place, &conf->members[i].line);
	}
	r1wb_order_enter_both(&conf->order, &window->near, &window->far,
			      window->sector, window->sectors);
}

static void write_far(struct r1wb_window *window)
{
	write_legs(window, true, end_window);
}

static void read_far(struct r1wb_window *window)
{
	read_legs(window, true, write_far);
}

static void far_granted(struct r1wb_turn *turn)
{
	struct r1wb_window *window = container_of(turn, struct r1wb_window,
						  far);

	queue_work(r1wb_wq, &window->work);
}

/* When its turn has come on the far members, @next goes on. */
static void await_far(struct r1wb_window *window,
		      void (*next)(struct r1wb_window *window))
{
	window->next = next;
	if (!r1wb_order_await(&window->conf->order, &window->far, far_granted))
		next(window);
}

static void leave_near(struct r1wb_window *window)
{
	count_far(window);
	leave_lines(window->conf, &window->near);
	await_far(window, read_far);
}

static void copy_and_end(struct r1wb_window *window)
{
	copy_by_page(window);
	end_window(window);
}

/*
 * Nobody near can give it as a whole.  Then it is for all members together, and
 * not older than what has come meanwhile: what it reads is newer.
 */
static void start_over(struct work_struct *work)
{
	struct r1wb_window *window = container_of(work, struct r1wb_window,
						  start_over);
	struct r1wb_conf *conf = window->conf;
	int i;

	for (i = 0; i < conf->resync->nr_legs; i++)
		window->legs[i].far = true;
	take_places(window);
	leave_lines(conf, &window->near);
	await_far(window, copy_and_end);
}

static void write_near(struct r1wb_window *window)
{
	window->primary = first_good(window);
	if (!window->primary) {
		/* before: nobody who waits on that queue may wait for us */
		leave_lines(window->conf, &window->near);
		leave_lines(window->conf, &window->far);
		queue_work(r1wb_turn_wq, &window->start_over);
		return;
	}
	write_legs(window, false, leave_near);
}

static void read_near(struct r1wb_window *window)
{
	window->failed = false;
	read_legs(window, false, write_near);
}

/* ---- the start of a window, in md's sync thread ---- */

static void join(struct r1wb_window *window, int slot, bool sync)
{
	struct window_leg *leg = &window->legs[slot];
	struct md_rdev *rdev = window->conf->members[slot].rdev;

	leg->rdev = NULL;
	leg->far = false;
	leg->read = false;
	leg->written = false;
	if (!rdev || test_bit(Faulty, &rdev->flags))
		return;
	atomic_inc(&rdev->nr_pending);
	leg->rdev = rdev;
	leg->far = sync && r1wb_is_behind(window->conf, rdev);
	leg->role = test_bit(In_sync, &rdev->flags) ? LEG_SOURCE : LEG_TARGET;
	leg->partial = rdev_has_badblock(rdev, window->sector,
					 window->sectors);
}

static bool better_primary(const struct window_leg *leg,
			   const struct window_leg *than)
{
	if (!leg->rdev || leg->far || leg->role != LEG_SOURCE || leg->partial)
		return false;
	return !than || (test_bit(WriteMostly, &than->rdev->flags) &&
			 !test_bit(WriteMostly, &leg->rdev->flags));
}

/* False: nobody lacks anything here, or beyond. */
static bool join_members(struct r1wb_window *window)
{
	bool sync = r1wb_count_roles(window->conf).sync;
	int i, sources = 0, targets = 0;

	window->primary = NULL;
	for (i = 0; i < window->conf->resync->nr_legs; i++) {
		struct window_leg *leg = &window->legs[i];

		join(window, i, sync);
		if (better_primary(leg, window->primary))
			window->primary = leg;
		if (leg->rdev && leg->role == LEG_SOURCE)
			sources++;
		else if (leg->rdev)
			targets++;
	}
	return sources && (targets || (window->sync && sources > 1));
}

static bool still_degraded(const struct r1wb_window *window)
{
	int i;

	for (i = 0; i < window->conf->resync->nr_legs; i++)
		if (!window->legs[i].rdev)
			return true;
	return false;
}

/* Does md want every block, whatever the bitmap says? */
static bool wants_all(const struct r1wb_conf *conf)
{
	return test_bit(R1WB_FULL_SYNC, &conf->flags) ||
	       test_bit(MD_RECOVERY_REQUESTED, &conf->mddev->recovery);
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

static void start_window(struct r1wb_window *window)
{
	take_places(window);
	r1wb_order_wait(&window->conf->order, &window->near);
	read_near(window);
}

static void drop_window(struct r1wb_window *window)
{
	release_legs(window);
	put_window(window->conf->resync, window);
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
	window->sectors = min_t(sector_t, WINDOW_SECTORS, max_sector - sector);
	if (!join_members(window)) {
		drop_window(window);
		return false;
	}
	*sectors = claim_sectors(window);
	if (*sectors) {
		window->sectors = *sectors;
		start_window(window);
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
