/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The order of everything that changes or copies data (I4).
 *
 * Each member has a line.  A request takes a place in the line of every member
 * that it is for, in all of them at once, and gives each back when it has ended
 * there.  A place is granted when no older one that overlaps it is left in the
 * line.  So on each member overlapping requests go in the order in which they
 * were accepted, and one that waits for a slow member waits nowhere else.
 */
#ifndef R1WB_ORDER_H
#define R1WB_ORDER_H

#include <linux/atomic.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include "debt.h"
#include "interval.h"

/**
 * struct r1wb_order - what is outstanding in an array
 * @lock:	protects the lines, all places and turns in them, and what follows
 *		down to @roster; taken in irq context
 * @running:	places whose holders may have I/O under way; what quiescing
 *		waits for.  Not those of a request that is parked, nor of one that
 *		goes to all members together and still waits for one of them
 * @quiesced:	depth of r1wb_order_quiesce(); nothing is accepted while > 0
 * @roster:	counts r1wb_order_renew(), and is never 0
 * @tracked:	requests between enter, or track, and exit
 * @wait:	woken when a request that sleeps is granted, when @running or
 *		@tracked reach 0, and when @quiesced does
 */
struct r1wb_order {
	spinlock_t		lock;	/* see above */
	unsigned int		running;
	unsigned int		quiesced;
	unsigned int		roster;
	atomic_t		tracked;
	wait_queue_head_t	wait;
};

/**
 * struct r1wb_line - the places for one member
 * @set:	granted and waiting
 * @debt:	those of them for which nobody is to wait
 * @open:	the member has failed: order does not matter there any more, and
 *		nobody waits for his turn
 */
struct r1wb_line {
	struct r1wb_interval_set	set;
	struct r1wb_debt		debt;
	bool				open;
};

/**
 * struct r1wb_place - of one request, in one line
 * @range:	in @line->set; not if it is empty, or the line is open
 * @due:	in @line->debt while it is in the line, if the owner has said so
 *		before it was entered; @due.told is the owner's
 * @line:	whose
 * @turn:	the request's
 * @next:	the next of the same turn
 */
struct r1wb_place {
	struct r1wb_range	range;
	struct r1wb_due		due;
	struct r1wb_line	*line;
	struct r1wb_turn	*turn;
	struct r1wb_place	*next;
};

/**
 * struct r1wb_turn - all places of a request
 * @places:	linked by @next; constant once it has been entered
 * @nr:		how many are still held
 * @waiting:	how many of these are not granted
 * @roster:	the order's, before its places were added; 0 if it does not matter
 *		who has come since
 * @contended:	not all were granted at once; constant once it has been entered
 * @together:	it goes to all members at once, or to none; constant, too
 * @sleeps:	its owner sleeps in r1wb_order_wait(), or will be told by @granted;
 *		constant, too
 * @granted:	see r1wb_order_await()
 * @released:	it may go where it has been granted
 * @parked:	it has no I/O under way, granted or not; may be set before it is
 *		entered
 */
struct r1wb_turn {
	struct r1wb_place	*places;
	unsigned int		nr;
	unsigned int		waiting;
	unsigned int		roster;
	bool			contended;
	bool			together;
	bool			sleeps;
	bool			released;
	bool			parked;
	void			(*granted)(struct r1wb_turn *turn);
};

typedef bool (*r1wb_may_drop)(const struct r1wb_place *older,
			      const struct r1wb_place *newer);

void r1wb_order_init(struct r1wb_order *order);
void r1wb_line_init(struct r1wb_line *line);

void r1wb_turn_init(struct r1wb_turn *turn);
void r1wb_turn_add(struct r1wb_turn *turn, struct r1wb_place *place,
		   struct r1wb_line *line);

bool r1wb_order_enter(struct r1wb_order *order, struct r1wb_turn *turn,
		      sector_t sector, sector_t sectors, bool nowait);
unsigned int r1wb_order_roster(const struct r1wb_order *order);
void r1wb_order_renew(struct r1wb_order *order);
void r1wb_order_enter_both(struct r1wb_order *order, struct r1wb_turn *turn,
			   struct r1wb_turn *other, sector_t sector,
			   sector_t sectors);
bool r1wb_order_try_both(struct r1wb_order *order, struct r1wb_turn *turn,
			 struct r1wb_turn *other, sector_t sector,
			 sector_t sectors);
void r1wb_order_wait(struct r1wb_order *order, struct r1wb_turn *turn);
bool r1wb_order_await(struct r1wb_order *order, struct r1wb_turn *turn,
		      void (*granted)(struct r1wb_turn *turn));
void r1wb_order_release(struct r1wb_order *order, struct r1wb_turn *turn,
			r1wb_may_drop may_drop, struct list_head *ready,
			struct list_head *dropped);
void r1wb_order_leave(struct r1wb_order *order, struct r1wb_place *place,
		      struct list_head *ready);
void r1wb_order_leave_all(struct r1wb_order *order, struct r1wb_turn *turn,
			  struct list_head *ready);
void r1wb_order_track(struct r1wb_order *order);
void r1wb_order_exit(struct r1wb_order *order);

bool r1wb_order_observe(struct r1wb_order *order, struct r1wb_line *line,
			sector_t sector, sector_t sectors, bool nowait);

void r1wb_line_open(struct r1wb_order *order, struct r1wb_line *line,
		    void (*granted)(struct r1wb_place *place, void *arg),
		    void *arg, struct list_head *ready);
void r1wb_line_close(struct r1wb_order *order, struct r1wb_line *line);

void r1wb_line_look(struct r1wb_order *order, struct r1wb_line *line,
		    struct r1wb_debt *debt);
unsigned long r1wb_line_age(struct r1wb_order *order, struct r1wb_line *line,
			    bool (*told)(const struct r1wb_due *due));
void r1wb_line_forget(struct r1wb_order *order, struct r1wb_line *line,
		      void (*forget)(struct r1wb_debt *debt));

void r1wb_order_park(struct r1wb_order *order, struct r1wb_turn *turn);
bool r1wb_order_resume(struct r1wb_order *order, struct r1wb_turn *turn);
void r1wb_order_unpark(struct r1wb_order *order, struct r1wb_turn *turn);

void r1wb_order_quiesce(struct r1wb_order *order);
bool r1wb_order_is_idle(struct r1wb_order *order, unsigned long patience);
void r1wb_order_unquiesce(struct r1wb_order *order);
void r1wb_order_drain(struct r1wb_order *order);

/* Takes the first of a list of places that may go; NULL if there is none. */
static inline struct r1wb_place *r1wb_next_place(struct list_head *list)
{
	struct r1wb_place *place;

	place = list_first_entry_or_null(list, struct r1wb_place, range.link);
	if (place)
		list_del(&place->range.link);
	return place;
}

#endif /* R1WB_ORDER_H */
