// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting for one's turn.
 *
 * Does not know what the ranges stand for, and never decides on an order of
 * its own: that of arrival holds, per overlap.  enter sleeps (process
 * context); idle, resume and leave are called from anywhere.
 *
 * Keeps I4 in its simple form: the submitter of an overlapping write waits.
 */
#include <linux/sched.h>
#include "order.h"

void r1wb_order_init(struct r1wb_order *order)
{
	spin_lock_init(&order->lock);
	init_waitqueue_head(&order->wait);
	r1wb_interval_init(&order->set);
}

static bool may_run(const struct r1wb_order *order,
		    const struct r1wb_range *range)
{
	return !range->blockers && !order->quiesced;
}

/**
 * r1wb_order_enter - take a range, in turn
 * @order:	the array's order
 * @range:	owned by the order until r1wb_order_leave()
 * @sector:	first sector
 * @sectors:	length; 0 takes no range, but is waited for by quiesce
 * @nowait:	give up instead of sleeping
 *
 * Context: process, may sleep unless @nowait.
 * Return: false only with @nowait, and then nothing was taken.
 */
bool r1wb_order_enter(struct r1wb_order *order, struct r1wb_range *range,
		      sector_t sector, sector_t sectors, bool nowait)
{
	bool granted = true;

	spin_lock_irq(&order->lock);
	if (nowait && (order->quiesced ||
		       (sectors && r1wb_interval_overlaps(&order->set, sector,
							  sectors)))) {
		granted = false;
		goto unlock;
	}
	range->blockers = 0;
	RB_CLEAR_NODE(&range->node);
	if (sectors)
		r1wb_interval_add(&order->set, range, sector, sectors);
	order->tracked++;
	wait_event_lock_irq(order->wait, may_run(order, range), order->lock);
	order->running++;
unlock:
	spin_unlock_irq(&order->lock);
	return granted;
}

/**
 * r1wb_order_idle - the range stays taken, but no I/O is under way for it
 * @order:	the array's order
 *
 * Context: any.
 */
void r1wb_order_idle(struct r1wb_order *order)
{
	unsigned long irq;

	spin_lock_irqsave(&order->lock, irq);
	WARN_ON_ONCE(!order->running);
	if (!--order->running && order->quiesced)
		wake_up_all(&order->wait);
	spin_unlock_irqrestore(&order->lock, irq);
}

/**
 * r1wb_order_resume - undo r1wb_order_idle()
 * @order:	the array's order
 *
 * Context: any.
 * Return: false while the array is quiesced; try again afterwards.
 */
bool r1wb_order_resume(struct r1wb_order *order)
{
	unsigned long irq;
	bool may;

	spin_lock_irqsave(&order->lock, irq);
	may = !order->quiesced;
	if (may)
		order->running++;
	spin_unlock_irqrestore(&order->lock, irq);
	return may;
}

static void wake_granted(struct r1wb_range *range, void *arg)
{
	bool *wake = arg;

	*wake = true;
}

/**
 * r1wb_order_leave - give an idle range back
 * @order:	the array's order
 * @range:	what r1wb_order_enter() took
 *
 * The array may be torn down as soon as this has returned.
 * Context: any.
 */
void r1wb_order_leave(struct r1wb_order *order, struct r1wb_range *range)
{
	unsigned long irq;
	bool wake = false;

	spin_lock_irqsave(&order->lock, irq);
	if (!RB_EMPTY_NODE(&range->node))
		r1wb_interval_remove(&order->set, range, wake_granted, &wake);
	if (!--order->tracked)
		wake = true;
	if (wake)
		wake_up_all(&order->wait);
	spin_unlock_irqrestore(&order->lock, irq);
}

/**
 * r1wb_order_quiesce - grant nothing more, and wait until no I/O is under way
 * @order:	the array's order
 *
 * Parked work is not waited for: what it waits for may need a lock that our
 * caller holds.  Nests.
 * Context: process, sleeps.
 */
void r1wb_order_quiesce(struct r1wb_order *order)
{
	spin_lock_irq(&order->lock);
	order->quiesced++;
	wait_event_lock_irq(order->wait, !order->running, order->lock);
	spin_unlock_irq(&order->lock);
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
	spin_lock_irq(&order->lock);
	wait_event_lock_irq(order->wait, !order->tracked, order->lock);
	spin_unlock_irq(&order->lock);
}
