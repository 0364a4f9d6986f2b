/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Windows: what is caught up at a time.  For resync.c and window*.c alone.
 */
#ifndef R1WB_WINDOW_H
#define R1WB_WINDOW_H

#include "order.h"
#include "raid1wb.h"

#define R1WB_WINDOW_PAGES	16
#define R1WB_WINDOW_SECTORS	(R1WB_WINDOW_PAGES * PAGE_SECTORS)

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
 * struct r1wb_window_leg - a member's part in a window
 * @window:	which
 * @rdev:	nr_pending held, or NULL if it takes no part
 * @pages:	R1WB_WINDOW_PAGES of them; its own only if members are compared
 * @role:	source or target
 * @far:	it is behind
 * @idle:	nothing is asked of it, unless nobody near can give the data
 * @partial:	it has known bad blocks here: read page by page, if at all
 * @read:	@pages hold what it holds
 * @written:	it was written as a whole, without an error
 * @unread:	what is being copied page by page could not be read there
 * @rest:	what else there is to do
 * @place:	in the member's line
 * @bio:	one at a time
 * @vecs:	its vectors
 */
struct r1wb_window_leg {
	struct r1wb_window	*window;
	struct md_rdev		*rdev;
	struct page		**pages;
	enum leg_role		role;
	bool			far;
	bool			idle;
	bool			partial;
	bool			read;
	bool			written;
	bool			unread;
	enum leg_rest		rest;
	struct r1wb_place	place;
	struct bio		bio;
	struct bio_vec		vecs[R1WB_WINDOW_PAGES];
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
	struct r1wb_window_leg	*primary;	/* whose data counts */
	int			nr_legs;
	struct r1wb_window_leg	*legs;
};

/* Does it, still? */
static inline bool r1wb_takes_part(const struct r1wb_window_leg *leg)
{
	return leg->rdev && !test_bit(Faulty, &leg->rdev->flags);
}

static inline bool r1wb_window_is_check(const struct r1wb_window *window)
{
	return test_bit(MD_RECOVERY_CHECK, &window->conf->mddev->recovery);
}

void r1wb_window_init(struct r1wb_window *window, struct r1wb_conf *conf);
bool r1wb_window_join(struct r1wb_window *window);
void r1wb_window_leave(struct r1wb_window *window);
void r1wb_window_start(struct r1wb_window *window);
void r1wb_put_window(struct r1wb_window *window);

/* window_copy.c */
void r1wb_window_fill(struct bio *bio, unsigned int bytes, struct page **pages);
bool r1wb_window_differs(struct r1wb_window_leg *leg);
void r1wb_window_copy(struct r1wb_window *window);
void r1wb_window_mend(struct r1wb_window_leg *leg);
void r1wb_window_write_rest(struct r1wb_window_leg *leg);

#endif /* R1WB_WINDOW_H */
