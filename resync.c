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
#include "bad_blocks.h"
#include "leg.h"
#include "member.h"
#include "md-bitmap.h"
#include "narrow.h"
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

/* What there is to do for a member, in process context, once no bio is under way. */
enum leg_rest {
	REST_NONE,
	REST_NARROW,	/* it could not be written as a whole */
	REST_ROUND,	/* known bad blocks are not to be written again */
	REST_MEND,	/* it could not be read, or compared, as a whole */
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
 * @unread:	what is being copied page by page could not be read there
 * @rest:	what else there is to do
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
	bool			unread;
	enum leg_rest		rest;
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

static void release_legs(struct r1wb_window *window)
{
	struct r1wb_conf *conf = window->conf;
	int i;

	for (i = 0; i < conf->resync->nr_legs; i++) {
		struct window_leg *leg = &window->legs[i];

		if (!leg->rdev)
			continue;
		rdev_dec_pending(leg->rdev, conf->mddev);
		leg->rdev = NULL;
	}
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
			r1wb_lag_begins(conf->members[i]);
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
			r1wb_lag_ended(conf->members[i]);
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
	r1wb_leave_lines(conf, &window->far);
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
		leg->rest = REST_NARROW;
	if (atomic_dec_and_test(&window->pending))
		queue_work(r1wb_wq, &window->work);
}

static void fill_bio(struct bio *bio, unsigned int left, struct page **pages)
{
	int i;

	for (i = 0; left; i++) {
		unsigned int len = min_t(unsigned int, left, PAGE_SIZE);

		__bio_add_page(bio, pages[i], len, 0);
		left -= len;
	}
}

static void send_leg(struct window_leg *leg, blk_opf_t opf, struct page **pages)
{
	struct r1wb_window *window = leg->window;
	struct bio *bio = &leg->bio;

	bio_init(bio, leg->rdev->bdev, leg->vecs, WINDOW_PAGES, opf);
	bio->bi_iter.bi_sector = window->sector + leg->rdev->data_offset;
	bio->bi_end_io = leg_bio_ended;
	fill_bio(bio, window->sectors << SECTOR_SHIFT, pages);
	atomic_inc(&window->pending);
	md_sync_acct_bio(bio, window->sectors);
	submit_bio_noacct(bio);
}

/* ---- page by page, when a window could not be read as a whole ---- */

struct window_piece {
	sector_t	sector;
	sector_t	sectors;
	int		index;		/* of the page for it */
};

static bool is_check(const struct r1wb_window *window)
{
	return test_bit(MD_RECOVERY_CHECK, &window->conf->mddev->recovery);
}

static bool is_known_bad(struct window_leg *leg, const struct window_piece *piece)
{
	return rdev_has_badblock(leg->rdev, piece->sector, piece->sectors);
}

static bool takes_part(const struct window_leg *leg)
{
	return leg->rdev && !test_bit(Faulty, &leg->rdev->flags);
}

static bool read_piece(struct window_leg *leg, const struct window_piece *piece)
{
	return sync_page_io(leg->rdev, piece->sector,
			    piece->sectors << SECTOR_SHIFT,
			    leg->pages[piece->index], REQ_OP_READ, false);
}

/* Neither written nor recorded: it fails, or is the last one and kept. */
static void cannot_write(struct window_leg *leg)
{
	md_error(leg->window->conf->mddev, leg->rdev);
	if (!test_bit(Faulty, &leg->rdev->flags))
		leg->window->failed = true;
}

static void write_piece(struct window_leg *leg, const struct window_piece *piece,
			struct page *data)
{
	bool recorded = false;

	if (!r1wb_write_page(leg->window->conf, leg->rdev, piece->sector,
			     piece->sectors, data, &recorded))
		cannot_write(leg);
	else if (!recorded)
		return;
	leg->unread = false;
}

/* It has been written where it could not be read. */
static void read_back(struct window_leg *leg, const struct window_piece *piece)
{
	bool recorded;

	if (leg->unread &&
	    !r1wb_read_back(leg->rdev, piece->sector, piece->sectors,
			    leg->pages[piece->index], &recorded))
		cannot_write(leg);
	leg->unread = false;
}

static struct window_leg *give_piece(struct r1wb_window *window,
				     const struct window_piece *piece,
				     bool write_mostly)
{
	int i;

	for (i = 0; i < window->conf->resync->nr_legs; i++) {
		struct window_leg *leg = &window->legs[i];

		if (!takes_part(leg) || leg->role != LEG_SOURCE ||
		    test_bit(WriteMostly, &leg->rdev->flags) != write_mostly ||
		    is_known_bad(leg, piece))
			continue;
		leg->unread = !read_piece(leg, piece);
		if (!leg->unread && takes_part(leg))
			return leg;
	}
	return NULL;
}

static bool wants_piece(struct window_leg *leg, const struct window_piece *piece)
{
	struct r1wb_window *window = leg->window;

	if (!takes_part(leg))
		return false;
	return leg->role == LEG_TARGET || leg->unread ||
	       (!is_check(window) &&
		(window->sync || is_known_bad(leg, piece)));
}

static void forget_errors(struct r1wb_window *window)
{
	int i;

	for (i = 0; i < window->conf->resync->nr_legs; i++)
		window->legs[i].unread = false;
}

/* False: nobody can give it.  What the members share a page for is written first. */
static bool copy_piece(struct r1wb_window *window,
		       const struct window_piece *piece)
{
	struct window_leg *from;
	int i;

	forget_errors(window);
	from = give_piece(window, piece, false) ?:
	       give_piece(window, piece, true);
	if (!from)
		return false;
	for (i = 0; i < window->conf->resync->nr_legs; i++) {
		struct window_leg *leg = &window->legs[i];

		if (leg != from && wants_piece(leg, piece))
			write_piece(leg, piece, from->pages[piece->index]);
	}
	for (i = 0; i < window->conf->resync->nr_legs; i++)
		if (takes_part(&window->legs[i]))
			read_back(&window->legs[i], piece);
	return true;
}

static void mark_bad(struct r1wb_window *window, const struct window_piece *piece)
{
	struct r1wb_conf *conf = window->conf;
	int i;

	pr_crit_ratelimited("md/raid1wb:%s: no member can read sector %llu of the array; recording it as bad\n",
			    mdname(conf->mddev), (u64)piece->sector);
	for (i = 0; i < conf->resync->nr_legs; i++) {
		struct window_leg *leg = &window->legs[i];

		if (takes_part(leg) &&
		    !r1wb_record_bad(leg->rdev, piece->sector, piece->sectors))
			window->failed = true;
	}
}

static sector_t block_sectors(const struct r1wb_window *window)
{
	sector_t size = 1;
	int i;

	for (i = 0; i < window->conf->resync->nr_legs; i++)
		if (window->legs[i].rdev)
			size = max(size, r1wb_block_sectors(window->legs[i].rdev));
	return size;
}

/* Nobody can give all of a page; but some of it perhaps one, and some another. */
static void copy_by_block(struct r1wb_window *window,
			  const struct window_piece *page)
{
	sector_t size = block_sectors(window), end = page->sector + page->sectors;
	struct window_piece block = *page;

	for (; block.sector < end; block.sector += block.sectors) {
		block.sectors = r1wb_block_end(block.sector, size, end) -
				block.sector;
		if (!copy_piece(window, &block))
			mark_bad(window, &block);
	}
}

static bool next_page(const struct r1wb_window *window, struct window_piece *page)
{
	sector_t end = window->sector + window->sectors;

	if (page->sectors)
		page->index++;
	page->sector += page->sectors;
	page->sectors = min_t(sector_t, PAGE_SECTORS, end - page->sector);
	return page->sectors;
}

static void copy_by_page(struct r1wb_window *window)
{
	struct window_piece page = { .sector = window->sector };

	while (next_page(window, &page))
		if (!copy_piece(window, &page))
			copy_by_block(window, &page);
}

/* ---- after the reads ---- */

/* Counts it, if the page of @leg differs from the primary's. */
static bool page_differs(struct window_leg *leg, const struct window_piece *page)
{
	struct r1wb_window *window = leg->window;
	struct page *good = window->primary->pages[page->index];

	if (!memcmp(page_address(leg->pages[page->index]), page_address(good),
		    page->sectors << SECTOR_SHIFT))
		return false;
	atomic64_add(page->sectors,
		     &window->conf->mddev->resync_mismatches);
	return true;
}

static bool differs(struct window_leg *leg)
{
	struct window_piece page = { .sector = leg->window->sector };
	bool any = false;

	while (next_page(leg->window, &page))
		any |= page_differs(leg, &page);
	return any;
}

static bool wants_data(struct r1wb_window *window, struct window_leg *leg)
{
	if (!takes_part(leg) || leg == window->primary)
		return false;
	if (leg->role == LEG_TARGET)
		return true;
	if (!window->compare || !leg->read)
		return window->sync;
	return differs(leg) && !is_check(window);
}

static void mend_page(struct window_leg *leg, const struct window_piece *page)
{
	struct page *good = leg->window->primary->pages[page->index];
	bool wanted = true;

	leg->unread = false;
	if (!is_known_bad(leg, page)) {
		leg->unread = !read_piece(leg, page);
		wanted = !leg->unread && page_differs(leg, page);
	}
	if (leg->unread || (wanted && !is_check(leg->window)))
		write_piece(leg, page, good);
	read_back(leg, page);
}

/* Check or not, what cannot be read is written; what is known as bad, is not by a check. */
static void mend(struct window_leg *leg)
{
	struct window_piece page = { .sector = leg->window->sector };

	while (takes_part(leg) && next_page(leg->window, &page))
		mend_page(leg, &page);
}

static void write_in_part(struct window_leg *leg)
{
	struct r1wb_window *window = leg->window;
	struct bio data;
	struct r1wb_span span = {
		.conf		= window->conf,
		.rdev		= leg->rdev,
		.data		= &data,
		.opf		= REQ_OP_WRITE | REQ_SYNC,
		.sector		= window->sector,
		.sectors	= window->sectors,
	};
	bool ok;

	bio_init(&data, NULL, leg->vecs, WINDOW_PAGES, REQ_OP_WRITE);
	fill_bio(&data, window->sectors << SECTOR_SHIFT,
		 window->primary->pages);
	ok = leg->rest == REST_NARROW ? r1wb_span_narrow(&span) :
					r1wb_span_write(&span);
	bio_uninit(&data);
	if (!ok)
		cannot_write(leg);
}

/*
 * Before the places are given back: what is found out about bad blocks then may
 * be news of a later write.
 */
static void finish_legs(struct r1wb_window *window, bool far)
{
	int i;

	for (i = 0; i < window->conf->resync->nr_legs; i++) {
		struct window_leg *leg = &window->legs[i];

		if (leg->far != far || !takes_part(leg))
			continue;
		if (leg->written)
			r1wb_heal(leg->rdev, window->sector, window->sectors);
		else if (leg->rest == REST_MEND)
			mend(leg);
		else if (leg->rest != REST_NONE)
			write_in_part(leg);
		leg->rest = REST_NONE;
	}
}

/*
 * A member that failed while the window waited for its turn may lack what was
 * written last: that went to the others alone.
 */
static bool is_good(const struct window_leg *leg)
{
	return leg && leg->read && takes_part(leg);
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

static bool wants_read(const struct window_leg *leg)
{
	const struct r1wb_window *window = leg->window;

	if (leg->partial)
		return false;
	return leg == window->primary ||
	       (window->compare && leg->role == LEG_SOURCE);
}

/*
 * Reads what is to be read near, or far; then @next goes on.  A write that the
 * window has waited for may have left a bad block.
 */
static void read_legs(struct r1wb_window *window, bool far,
		      void (*next)(struct r1wb_window *window))
{
	int i;

	begin_bios(window, next);
	for (i = 0; i < window->conf->resync->nr_legs; i++) {
		struct window_leg *leg = &window->legs[i];

		if (leg->far != far || !takes_part(leg))
			continue;
		leg->partial = rdev_has_badblock(leg->rdev, window->sector,
						 window->sectors);
		if (wants_read(leg))
			send_leg(leg, REQ_OP_READ | REQ_SYNC, leg->pages);
	}
	end_bios(window);
}

static void write_leg(struct window_leg *leg)
{
	struct r1wb_window *window = leg->window;

	if (window->compare && leg->role == LEG_SOURCE && !leg->read)
		leg->rest = REST_MEND;
	else if (r1wb_goes_round(leg->rdev, window->sector, window->sectors))
		leg->rest = REST_ROUND;
	else
		send_leg(leg, REQ_OP_WRITE | REQ_SYNC, window->primary->pages);
}

/* The same for writes.  @next begins with finish_legs(). */
static void write_legs(struct r1wb_window *window, bool far,
		       void (*next)(struct r1wb_window *window))
{
	int i;

	begin_bios(window, next);
	for (i = 0; i < window->conf->resync->nr_legs; i++)
		if (window->legs[i].far == far &&
		    wants_data(window, &window->legs[i]))
			write_leg(&window->legs[i]);
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
				      &leg->place, &conf->members[i]->line);
	}
	r1wb_order_enter_both(&conf->order, &window->near, &window->far,
			      window->sector, window->sectors);
}

static void finish_far(struct r1wb_window *window)
{
	finish_legs(window, true);
	end_window(window);
}

static void write_far(struct r1wb_window *window)
{
	write_legs(window, true, finish_far);
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

static void finish_near(struct r1wb_window *window)
{
	finish_legs(window, false);
	count_far(window);
	r1wb_leave_lines(window->conf, &window->near);
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
	r1wb_leave_lines(conf, &window->near);
	await_far(window, copy_and_end);
}

static void write_near(struct r1wb_window *window)
{
	window->primary = first_good(window);
	if (!window->primary) {
		/* before: nobody who waits on that queue may wait for us */
		r1wb_leave_lines(window->conf, &window->near);
		r1wb_leave_lines(window->conf, &window->far);
		queue_work(r1wb_turn_wq, &window->start_over);
		return;
	}
	write_legs(window, false, finish_near);
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
	struct md_rdev *rdev = window->conf->members[slot]->rdev;

	leg->rdev = NULL;
	leg->far = false;
	leg->read = false;
	leg->written = false;
	leg->rest = REST_NONE;
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
	int slot, nr_slots = window->conf->nr_slots;
	bool replacements = window->conf->resync->nr_legs > nr_slots;

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
