// SPDX-License-Identifier: GPL-2.0
/*
 * What a window does in process context: compares what it has read, and copies
 * page by page, or block by block, where members cannot be read or written as
 * a whole.
 *
 * Relies on the window's places: nothing overtakes it.  Takes no lock.
 *
 * Keeps I3: what has not been copied is recorded as bad, or its member fails, or
 * the window has failed.
 */
#include "bad_blocks.h"
#include "narrow.h"
#include "window.h"

/* ---- pieces ---- */

struct window_piece {
	sector_t	sector;
	sector_t	sectors;
	int		index;		/* of the page for it */
};

static bool next_page(const struct r1wb_window *window, struct window_piece *page)
{
	sector_t end = window->sector + window->sectors;

	if (page->sectors)
		page->index++;
	page->sector += page->sectors;
	page->sectors = min_t(sector_t, PAGE_SECTORS, end - page->sector);
	return page->sectors;
}

/* Context: any. */
void r1wb_window_fill(struct bio *bio, unsigned int bytes, struct page **pages)
{
	int i;

	for (i = 0; bytes; i++) {
		unsigned int len = min_t(unsigned int, bytes, PAGE_SIZE);

		__bio_add_page(bio, pages[i], len, 0);
		bytes -= len;
	}
}

static bool is_known_bad(struct r1wb_window_leg *leg, const struct window_piece *piece)
{
	return rdev_has_badblock(leg->rdev, piece->sector, piece->sectors);
}

static bool read_piece(struct r1wb_window_leg *leg, const struct window_piece *piece)
{
	return sync_page_io(leg->rdev, piece->sector,
			    piece->sectors << SECTOR_SHIFT,
			    leg->pages[piece->index], REQ_OP_READ, false);
}

/* Neither written nor recorded: it fails, or is the last one and kept. */
static void cannot_write(struct r1wb_window_leg *leg)
{
	md_error(leg->window->conf->mddev, leg->rdev);
	if (!test_bit(Faulty, &leg->rdev->flags))
		leg->window->failed = true;
}

static void write_piece(struct r1wb_window_leg *leg, const struct window_piece *piece,
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
static void read_back(struct r1wb_window_leg *leg, const struct window_piece *piece)
{
	bool recorded;

	if (leg->unread &&
	    !r1wb_read_back(leg->rdev, piece->sector, piece->sectors,
			    leg->pages[piece->index], &recorded))
		cannot_write(leg);
	leg->unread = false;
}

static struct r1wb_window_leg *give_piece(struct r1wb_window *window,
					  const struct window_piece *piece,
					  bool write_mostly)
{
	int i;

	for (i = 0; i < window->nr_legs; i++) {
		struct r1wb_window_leg *leg = &window->legs[i];

		if (!r1wb_takes_part(leg) || leg->role != LEG_SOURCE ||
		    test_bit(WriteMostly, &leg->rdev->flags) != write_mostly ||
		    is_known_bad(leg, piece))
			continue;
		leg->unread = !read_piece(leg, piece);
		if (!leg->unread && r1wb_takes_part(leg))
			return leg;
	}
	return NULL;
}

static bool wants_piece(struct r1wb_window_leg *leg, const struct window_piece *piece)
{
	struct r1wb_window *window = leg->window;

	if (!r1wb_takes_part(leg))
		return false;
	return leg->role == LEG_TARGET || leg->unread ||
	       (!r1wb_window_is_check(window) &&
		(window->sync || is_known_bad(leg, piece)));
}

static void forget_errors(struct r1wb_window *window)
{
	int i;

	for (i = 0; i < window->nr_legs; i++)
		window->legs[i].unread = false;
}

/* False: nobody can give it.  What the members share a page for is written first. */
static bool copy_piece(struct r1wb_window *window,
		       const struct window_piece *piece)
{
	struct r1wb_window_leg *from;
	int i;

	forget_errors(window);
	from = give_piece(window, piece, false) ?:
	       give_piece(window, piece, true);
	if (!from)
		return false;
	for (i = 0; i < window->nr_legs; i++) {
		struct r1wb_window_leg *leg = &window->legs[i];

		if (leg != from && wants_piece(leg, piece))
			write_piece(leg, piece, from->pages[piece->index]);
	}
	for (i = 0; i < window->nr_legs; i++)
		if (r1wb_takes_part(&window->legs[i]))
			read_back(&window->legs[i], piece);
	return true;
}

static void mark_bad(struct r1wb_window *window, const struct window_piece *piece)
{
	struct r1wb_conf *conf = window->conf;
	int i;

	pr_crit_ratelimited("md/raid1wb:%s: no member can read sector %llu of the array; recording it as bad\n",
			    mdname(conf->mddev), (u64)piece->sector);
	for (i = 0; i < window->nr_legs; i++) {
		struct r1wb_window_leg *leg = &window->legs[i];

		if (r1wb_takes_part(leg) &&
		    !r1wb_record_bad(leg->rdev, piece->sector, piece->sectors))
			window->failed = true;
	}
}

static sector_t block_sectors(const struct r1wb_window *window)
{
	sector_t size = 1;
	int i;

	for (i = 0; i < window->nr_legs; i++)
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

/**
 * r1wb_window_copy - copy page by page, from whoever can give each
 * @window:	no member could be read as a whole; it has its places on all of them
 *
 * Context: process, sleeps for the members.
 */
void r1wb_window_copy(struct r1wb_window *window)
{
	struct window_piece page = { .sector = window->sector };

	while (next_page(window, &page))
		if (!copy_piece(window, &page))
			copy_by_block(window, &page);
}

/* ---- what has been read ---- */

/* Counts it, if the page of @leg differs from the primary's. */
static bool page_differs(struct r1wb_window_leg *leg, const struct window_piece *page)
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

/* Counts every page that does. */
bool r1wb_window_differs(struct r1wb_window_leg *leg)
{
	struct window_piece page = { .sector = leg->window->sector };
	bool any = false;

	while (next_page(leg->window, &page))
		any |= page_differs(leg, &page);
	return any;
}

/* ---- what is left to do for a member ---- */

static void mend_page(struct r1wb_window_leg *leg, const struct window_piece *page)
{
	struct page *good = leg->window->primary->pages[page->index];
	bool wanted = true;

	leg->unread = false;
	if (!is_known_bad(leg, page)) {
		leg->unread = !read_piece(leg, page);
		wanted = !leg->unread && page_differs(leg, page);
	}
	if (leg->unread || (wanted && !r1wb_window_is_check(leg->window)))
		write_piece(leg, page, good);
	read_back(leg, page);
}

/* Check or not, what cannot be read is written; what is known as bad, is not by a check. */
void r1wb_window_mend(struct r1wb_window_leg *leg)
{
	struct window_piece page = { .sector = leg->window->sector };

	while (r1wb_takes_part(leg) && next_page(leg->window, &page))
		mend_page(leg, &page);
}

/* What its member does not take as a whole. */
void r1wb_window_write_rest(struct r1wb_window_leg *leg)
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

	bio_init(&data, NULL, leg->vecs, R1WB_WINDOW_PAGES, REQ_OP_WRITE);
	r1wb_window_fill(&data, window->sectors << SECTOR_SHIFT,
			 window->primary->pages);
	ok = leg->rest == REST_NARROW ? r1wb_span_narrow(&span) :
					r1wb_span_write(&span);
	bio_uninit(&data);
	if (!ok)
		cannot_write(leg);
}
