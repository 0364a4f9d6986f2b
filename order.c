// SPDX-License-Identifier: GPL-2.0
/*
 * Lines and turns.
 *
 * Does not know what goes to the members, nor sends it: hands out lists of
 * places whose holders may go now.  Never decides on an order of its own: that
 * of arrival holds, per overlap and member.  enter, wait, observe and is_idle
 * sleep (process context); the rest is called from anywhere.
 *
 * Keeps I4.
 */
#include <linux/jiffies.h>
#include <linux/list_sort.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "order.h"

void r1wb_order_init(struct r1wb_order *order)
{
	spin_lock_init(&order->lock);
	init_waitqueue_head(&order->wait);
	order->roster = 1;
}

void r1wb_line_init(struct r1wb_line *line)
{
	r1wb_interval_init(&line->set);
	r1wb_debt_init(&line->debt);
}

void r1wb_turn_init(struct r1wb_turn *turn)
{
	memset(turn, 0, sizeof(*turn));
}

/**
 * r1wb_turn_add - a request wants a place in a line
 * @turn:	the request's; not entered yet
 * @place:	owned by the order from enter to leave
 * @line:	of the member
 */
void r1wb_turn_add(struct r1wb_turn *turn, struct r1wb_place *place,
		   struct r1wb_line *line)
{
	place->line = line;
	place->turn = turn;
	r1wb_due_init(&place->due);
	place->next = turn->places;
	turn->places = place;
	turn->nr++;
}

/* ---- what is under way ---- */

static unsigned int running_of(const struct r1wb_turn *turn)
{
	if (turn->parked || (turn->together && turn->waiting))
		return 0;
	return turn->nr - turn->waiting;
}

static void wake_if_idle(struct r1wb_order *order)
{
	if (!order->running && order->quiesced)
		wake_up_all(&order->wait);
}

/* ---- granting ---- */

/* Where what is granted goes. */
struct granting {
	struct r1wb_order	*order;
	struct list_head	*ready;
};

static bool is_waiting(const struct r1wb_place *place)
{
	return place->range.blockers;
}

static void all_ready(struct r1wb_turn *turn, struct list_head *ready)
{
	struct r1wb_place *place;

	for (place = turn->places; place; place = place->next)
		list_add_tail(&place->range.link, ready);
}

static void grant(struct r1wb_order *order, struct r1wb_place *place,
		  struct list_head *ready)
{
	struct r1wb_turn *turn = place->turn;
	unsigned int before = running_of(turn);

	turn->waiting--;
	order->running += running_of(turn) - before;
	if (turn->granted && !turn->waiting)
		turn->granted(turn);
	else if (turn->sleeps && !turn->waiting)
		wake_up_all(&order->wait);
	if (!turn->released)
		return;
	if (!turn->together)
		list_add_tail(&place->range.link, ready);
	else if (!turn->waiting)
		all_ready(turn, ready);
}

static void grant_range(struct r1wb_range *range, void *arg)
{
	struct granting *granting = arg;

	grant(granting->order,
	      container_of(range, struct r1wb_place, range), granting->ready);
}

static void remove_place(struct r1wb_order *order, struct r1wb_place *place,
			 struct list_head *ready)
{
	struct granting granting = { order, ready };

	if (RB_EMPTY_NODE(&place->range.node))
		return;
	r1wb_interval_remove(&place->line->set, &place->range, grant_range,
			     &granting);
	RB_CLEAR_NODE(&place->range.node);
	r1wb_debt_settle(&place->line->debt, &place->due, jiffies);
}

/* ---- coming ---- */

static void take_place(struct r1wb_place *place, sector_t sector,
		       sector_t sectors)
{
	place->range.blockers = 0;
	RB_CLEAR_NODE(&place->range.node);
	if (sectors && !place->line->open &&
	    r1wb_interval_add(&place->line->set, &place->range, sector, sectors))
		place->turn->waiting++;
	if (place->due.owed && !RB_EMPTY_NODE(&place->range.node))
		r1wb_debt_add(&place->line->debt, &place->due, jiffies);
}

static void accept(struct r1wb_order *order, struct r1wb_turn *turn,
		   sector_t sector, sector_t sectors)
{
	struct r1wb_place *place;

	for (place = turn->places; place; place = place->next)
		take_place(place, sector, sectors);
	turn->contended = turn->waiting;
	order->running += running_of(turn);
	atomic_inc(&order->tracked);
}

/**
 * r1wb_order_enter - accept a request
 * @order:	the array's order
 * @turn:	with all its places added
 * @sector:	first sector
 * @sectors:	length; 0 waits for nobody, but is waited for by quiesce
 * @nowait:	give up instead of sleeping
 *
 * The request is not granted yet: see @turn->contended.
 *
 * Context: process, sleeps while the array is quiesced, unless @nowait.
 * Return: false if nothing was taken: there are other members than when the
 *	   places were added, or, with @nowait only, the array is quiesced.
 */
bool r1wb_order_enter(struct r1wb_order *order, struct r1wb_turn *turn,
		      sector_t sector, sector_t sectors, bool nowait)
{
	bool accepted;

	spin_lock_irq(&order->lock);
	if (!nowait)
		wait_event_lock_irq(order->wait, !order->quiesced, order->lock);
	accepted = !order->quiesced &&
		   (!turn->roster || turn->roster == order->roster);
	if (accepted)
		accept(order, turn, sector, sectors);
	spin_unlock_irq(&order->lock);
	return accepted;
}

/* For @turn->roster.  Context: any. */
unsigned int r1wb_order_roster(const struct r1wb_order *order)
{
	/* pairs with r1wb_order_renew(): who sees it sees the members */
	return smp_load_acquire(&order->roster);
}

/**
 * r1wb_order_renew - there are other members
 * @order:	the array's order
 *
 * Who was accepted before is for the members that there were; who was not has
 * to look them up again.
 * Context: process.
 */
void r1wb_order_renew(struct r1wb_order *order)
{
	spin_lock_irq(&order->lock);
	/* pairs with r1wb_order_roster() */
	smp_store_release(&order->roster, order->roster + 1 ?: 1);
	spin_unlock_irq(&order->lock);
}

/* Two turns of one request, as if they were one: nobody comes between them. */
void r1wb_order_enter_both(struct r1wb_order *order, struct r1wb_turn *turn,
			   struct r1wb_turn *other, sector_t sector,
			   sector_t sectors)
{
	spin_lock_irq(&order->lock);
	wait_event_lock_irq(order->wait, !order->quiesced, order->lock);
	accept(order, turn, sector, sectors);
	accept(order, other, sector, sectors);
	spin_unlock_irq(&order->lock);
}

static bool is_free(struct r1wb_line *line, sector_t sector,
		    sector_t sectors)
{
	return line->open ||
	       !r1wb_interval_overlaps(&line->set, sector, sectors);
}

/* The same, but only if the first of @turn's places is granted at once. */
bool r1wb_order_try_both(struct r1wb_order *order, struct r1wb_turn *turn,
			 struct r1wb_turn *other, sector_t sector,
			 sector_t sectors)
{
	bool may;

	spin_lock_irq(&order->lock);
	wait_event_lock_irq(order->wait, !order->quiesced, order->lock);
	may = is_free(turn->places->line, sector, sectors);
	if (may) {
		accept(order, turn, sector, sectors);
		accept(order, other, sector, sectors);
	}
	spin_unlock_irq(&order->lock);
	return may;
}

/**
 * r1wb_order_wait - sleep until a request may go everywhere
 * @order:	the array's order
 * @turn:	entered, with @together and @sleeps
 *
 * Context: process.
 */
void r1wb_order_wait(struct r1wb_order *order, struct r1wb_turn *turn)
{
	if (!turn->contended)
		return;
	spin_lock_irq(&order->lock);
	wait_event_lock_irq(order->wait, !turn->waiting, order->lock);
	spin_unlock_irq(&order->lock);
}

/**
 * r1wb_order_await - the same for who must not sleep
 * @order:	the array's order
 * @turn:	entered, with @together and @sleeps
 * @granted:	called once it may go everywhere, with the order's lock held
 *
 * Context: any.
 * Return: false if it may go now, and @granted is not called.
 */
bool r1wb_order_await(struct r1wb_order *order, struct r1wb_turn *turn,
		      void (*granted)(struct r1wb_turn *turn))
{
	unsigned long irq;
	bool waits;

	if (!turn->contended)
		return false;
	spin_lock_irqsave(&order->lock, irq);
	waits = turn->waiting;
	if (waits)
		turn->granted = granted;
	spin_unlock_irqrestore(&order->lock, irq);
	return waits;
}

/**
 * r1wb_order_observe - wait for all that is in a line before us
 * @order:	the array's order
 * @line:	of the member that is to be read
 * @sector:	first sector
 * @sectors:	length
 * @nowait:	give up instead of sleeping
 *
 * Nobody waits for us: what comes later is not older than what we are to see.
 *
 * Context: process, may sleep unless @nowait.
 * Return: false only with @nowait.
 */
bool r1wb_order_observe(struct r1wb_order *order, struct r1wb_line *line,
			sector_t sector, sector_t sectors, bool nowait)
{
	struct r1wb_turn turn = { .waiting = 1, .together = true, .sleeps = true };
	struct r1wb_place place = { .line = line, .turn = &turn };
	LIST_HEAD(ready);
	bool may;

	spin_lock_irq(&order->lock);
	may = is_free(line, sector, sectors);
	if (!may && !nowait) {
		r1wb_interval_observe(&line->set, &place.range, sector, sectors);
		wait_event_lock_irq(order->wait, !turn.waiting, order->lock);
		remove_place(order, &place, &ready);
		may = true;
	}
	spin_unlock_irq(&order->lock);
	return may;
}

/* ---- going ---- */

static struct r1wb_place *next_in(struct r1wb_place *place, sector_t start,
				  sector_t last)
{
	struct r1wb_range *range;

	range = r1wb_interval_next(&place->range, start, last);
	return range ? container_of(range, struct r1wb_place, range) : NULL;
}

static struct r1wb_place *first_in(struct r1wb_line *line, sector_t start,
				   sector_t last)
{
	struct r1wb_range *range;

	range = r1wb_interval_first(&line->set, start, last);
	return range ? container_of(range, struct r1wb_place, range) : NULL;
}

static bool covers(const struct r1wb_range *newer, const struct r1wb_range *older)
{
	return older->seq < newer->seq && older->start >= newer->start &&
	       older->last <= newer->last;
}

/* Younger first: what is removed later then holds up none of these. */
static int by_age(void *priv, const struct list_head *a,
		  const struct list_head *b)
{
	return list_entry(a, struct r1wb_place, range.link)->range.seq <
	       list_entry(b, struct r1wb_place, range.link)->range.seq;
}

static void drop(struct r1wb_order *order, struct r1wb_place *place,
		 struct r1wb_place *newer, struct list_head *ready)
{
	r1wb_debt_replace(&place->line->debt, &place->due, &newer->due, jiffies);
	remove_place(order, place, ready);
	place->range.blockers = 0;
	place->turn->waiting--;
	place->turn->nr--;
}

/* From here on nobody who is to see what others leave, a read or a window, waits. */
static u64 unseen_from(const struct r1wb_place *newer)
{
	sector_t start = newer->range.start, last = newer->range.last;
	struct r1wb_place *place;
	u64 seq = 0;

	for (place = first_in(newer->line, start, last); place;
	     place = next_in(place, start, last))
		if (place->turn->sleeps && place->range.seq < newer->range.seq)
			seq = max(seq, place->range.seq + 1);
	return seq;
}

/* What waits, and will be overwritten anyhow by a newer one that waits, too. */
static void supersede(struct r1wb_order *order, struct r1wb_place *newer,
		      r1wb_may_drop may_drop, struct list_head *ready,
		      struct list_head *dropped)
{
	sector_t start = newer->range.start, last = newer->range.last;
	u64 unseen = unseen_from(newer);
	struct r1wb_place *older;
	LIST_HEAD(covered);

	for (older = first_in(newer->line, start, last); older;
	     older = next_in(older, start, last))
		if (is_waiting(older) && older->range.seq >= unseen &&
		    covers(&newer->range, &older->range) &&
		    may_drop(older, newer))
			list_add_tail(&older->range.link, &covered);
	list_sort(NULL, &covered, by_age);
	list_for_each_entry(older, &covered, range.link)
		drop(order, older, newer, ready);
	list_splice_tail(&covered, dropped);
}

static void go_where_granted(struct r1wb_order *order, struct r1wb_turn *turn,
			     r1wb_may_drop may_drop, struct list_head *ready,
			     struct list_head *dropped)
{
	struct r1wb_place *place;

	for (place = turn->places; place; place = place->next)
		if (is_waiting(place))
			supersede(order, place, may_drop, ready, dropped);
		else
			list_add_tail(&place->range.link, ready);
}

/**
 * r1wb_order_release - a contended request may go where it is granted
 * @order:	the array's order
 * @turn:	entered, @contended
 * @may_drop:	must an older place, which waits and which a newer one that waits
 *		as well covers, not go at all?  Called with the order's lock held
 * @ready:	gets the places that may go now.  The others follow, by
 *		r1wb_order_leave() of those for whom they wait
 * @dropped:	gets those of older requests that are not going any more; they
 *		have left
 *
 * Context: any.
 */
void r1wb_order_release(struct r1wb_order *order, struct r1wb_turn *turn,
			r1wb_may_drop may_drop, struct list_head *ready,
			struct list_head *dropped)
{
	unsigned long irq;

	spin_lock_irqsave(&order->lock, irq);
	turn->released = true;
	if (!turn->together)
		go_where_granted(order, turn, may_drop, ready, dropped);
	else if (!turn->waiting)
		all_ready(turn, ready);
	spin_unlock_irqrestore(&order->lock, irq);
}

static void leave(struct r1wb_order *order, struct r1wb_place *place,
		  struct list_head *ready)
{
	struct r1wb_turn *turn = place->turn;
	unsigned int before = running_of(turn), ended;

	remove_place(order, place, ready);
	turn->nr--;
	ended = before - running_of(turn);
	WARN_ON_ONCE(order->running < ended);
	order->running -= ended;
	wake_if_idle(order);
}

/**
 * r1wb_order_leave - a request has ended on one member
 * @order:	the array's order
 * @place:	granted, or given up while it waits
 * @ready:	gets the places that may go now
 *
 * Context: any.
 */
void r1wb_order_leave(struct r1wb_order *order, struct r1wb_place *place,
		      struct list_head *ready)
{
	unsigned long irq;

	spin_lock_irqsave(&order->lock, irq);
	leave(order, place, ready);
	spin_unlock_irqrestore(&order->lock, irq);
}

/* The same for all places of a request at once. */
void r1wb_order_leave_all(struct r1wb_order *order, struct r1wb_turn *turn,
			  struct list_head *ready)
{
	struct r1wb_place *place;
	unsigned long irq;

	spin_lock_irqsave(&order->lock, irq);
	for (place = turn->places; place; place = place->next)
		leave(order, place, ready);
	spin_unlock_irqrestore(&order->lock, irq);
}

/* Somebody who will enter later is to find the order there.  Context: any. */
void r1wb_order_track(struct r1wb_order *order)
{
	atomic_inc(&order->tracked);
}

/**
 * r1wb_order_exit - a request that has left all lines is over
 * @order:	the array's order; may be torn down as soon as the caller leaves
 *		its RCU read section
 *
 * Context: any, in an RCU read section.
 */
void r1wb_order_exit(struct r1wb_order *order)
{
	if (!atomic_dec_and_test(&order->tracked))
		return;
	/* that was fully ordered, and r1wb_order_drain() looks after it has queued */
	if (waitqueue_active(&order->wait))
		wake_up_all(&order->wait);
}

/* ---- members that fail, and come ---- */

static struct r1wb_place *first_of(struct r1wb_line *line)
{
	return first_in(line, 0, (sector_t)U64_MAX);
}

/**
 * r1wb_line_open - a member has failed: nobody waits for his turn there
 * @order:	the array's order
 * @line:	the member's
 * @granted:	called for each place that was granted before, with the order's
 *		lock held
 * @arg:	passed on to @granted
 * @ready:	gets the places that may go now
 *
 * Context: any.
 */
void r1wb_line_open(struct r1wb_order *order, struct r1wb_line *line,
		    void (*granted)(struct r1wb_place *place, void *arg),
		    void *arg, struct list_head *ready)
{
	struct r1wb_place *place, *next;
	unsigned long irq;
	LIST_HEAD(waiting);

	spin_lock_irqsave(&order->lock, irq);
	line->open = true;
	for (place = first_of(line); place;
	     place = next_in(place, 0, (sector_t)U64_MAX))
		if (is_waiting(place))
			list_add_tail(&place->range.link, &waiting);
		else
			granted(place, arg);
	list_sort(NULL, &waiting, by_age);
	list_for_each_entry_safe(place, next, &waiting, range.link) {
		list_del(&place->range.link);
		remove_place(order, place, ready);
		place->range.blockers = 0;
		grant(order, place, ready);
	}
	spin_unlock_irqrestore(&order->lock, irq);
}

/* A member takes the place of one that has gone, with all that it had to do. */
void r1wb_line_close(struct r1wb_order *order, struct r1wb_line *line)
{
	spin_lock_irq(&order->lock);
	WARN_ON_ONCE(!r1wb_interval_empty(&line->set));
	line->open = false;
	r1wb_debt_init(&line->debt);
	spin_unlock_irq(&order->lock);
}

/* ---- for people ---- */

/* What the member is owed, but for the list of it.  Context: process. */
void r1wb_line_look(struct r1wb_order *order, struct r1wb_line *line,
		    struct r1wb_debt *debt)
{
	spin_lock_irq(&order->lock);
	*debt = line->debt;
	spin_unlock_irq(&order->lock);
	INIT_LIST_HEAD(&debt->dues);
}

/* See r1wb_debt_age(); in jiffies.  @told may be called with interrupts off. */
unsigned long r1wb_line_age(struct r1wb_order *order, struct r1wb_line *line,
			    bool (*told)(const struct r1wb_due *due))
{
	unsigned long age;

	spin_lock_irq(&order->lock);
	age = r1wb_debt_age(&line->debt, told, jiffies);
	spin_unlock_irq(&order->lock);
	return age;
}

/* High-water marks begin again. */
void r1wb_line_forget(struct r1wb_order *order, struct r1wb_line *line,
		      void (*forget)(struct r1wb_debt *debt))
{
	spin_lock_irq(&order->lock);
	forget(&line->debt);
	spin_unlock_irq(&order->lock);
}

/* ---- parking and quiescing ---- */

/**
 * r1wb_order_park - a request keeps its places, but has no I/O under way
 * @order:	the array's order
 * @turn:	the request's, not released
 *
 * Context: any.
 */
void r1wb_order_park(struct r1wb_order *order, struct r1wb_turn *turn)
{
	unsigned long irq;

	spin_lock_irqsave(&order->lock, irq);
	order->running -= running_of(turn);
	turn->parked = true;
	wake_if_idle(order);
	spin_unlock_irqrestore(&order->lock, irq);
}

static void unpark(struct r1wb_order *order, struct r1wb_turn *turn)
{
	turn->parked = false;
	order->running += running_of(turn);
}

/**
 * r1wb_order_resume - undo r1wb_order_park()
 * @order:	the array's order
 * @turn:	the request's
 *
 * Context: any.
 * Return: false while the array is quiesced; try again afterwards.
 */
bool r1wb_order_resume(struct r1wb_order *order, struct r1wb_turn *turn)
{
	unsigned long irq;
	bool may;

	spin_lock_irqsave(&order->lock, irq);
	may = !order->quiesced;
	if (may)
		unpark(order, turn);
	spin_unlock_irqrestore(&order->lock, irq);
	return may;
}

/* The same, as soon as the array is not quiesced.  Context: process, sleeps. */
void r1wb_order_unpark(struct r1wb_order *order, struct r1wb_turn *turn)
{
	spin_lock_irq(&order->lock);
	wait_event_lock_irq(order->wait, !order->quiesced, order->lock);
	unpark(order, turn);
	spin_unlock_irq(&order->lock);
}

/**
 * r1wb_order_quiesce - accept nothing more
 * @order:	the array's order
 *
 * What was accepted goes on, and r1wb_order_is_idle() waits for it.  Nests.
 * Context: process.
 */
void r1wb_order_quiesce(struct r1wb_order *order)
{
	spin_lock_irq(&order->lock);
	order->quiesced++;
	spin_unlock_irq(&order->lock);
}

/**
 * r1wb_order_is_idle - wait until no I/O is under way
 * @order:	the array's order, quiesced
 * @patience:	for so long, in jiffies
 *
 * Parked work is not waited for, nor what waits for that in a line: what it
 * waits for may need a lock that our caller holds.
 * Context: process, sleeps.
 */
bool r1wb_order_is_idle(struct r1wb_order *order, unsigned long patience)
{
	long left;

	spin_lock_irq(&order->lock);
	left = wait_event_lock_irq_timeout(order->wait, !order->running,
					   order->lock, patience);
	spin_unlock_irq(&order->lock);
	return left;
}

void r1wb_order_unquiesce(struct r1wb_order *order)
{
	spin_lock_irq(&order->lock);
	WARN_ON_ONCE(!order->quiesced);
	if (!--order->quiesced)
		wake_up_all(&order->wait);
	spin_unlock_irq(&order->lock);
}

/* For tear-down: wait until everybody has left.  Context: process, sleeps. */
void r1wb_order_drain(struct r1wb_order *order)
{
	wait_event(order->wait, !atomic_read(&order->tracked));
}
