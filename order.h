/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The order of everything that changes or copies data (I4).
 *
 * Each write and each catch-up window takes its range before it sends
 * anything, and gives it back when it has ended on every member.  Whoever
 * overlaps an earlier range waits for it, first come, first served.
 */
#ifndef R1WB_ORDER_H
#define R1WB_ORDER_H

#include <linux/spinlock.h>
#include <linux/wait.h>
#include "interval.h"

/**
 * struct r1wb_order - outstanding ranges of an array
 * @lock:	protects all that follows; taken in irq context
 * @set:	the ranges, granted and waiting
 * @tracked:	callers between enter and leave
 * @running:	those of them that may have I/O under way: granted and not
 *		parked; what quiescing waits for
 * @quiesced:	depth of r1wb_order_quiesce(); nothing is granted while > 0
 * @wait:	woken when a range is granted, or @running or @tracked reach 0
 */
struct r1wb_order {
	spinlock_t			lock;	/* everything below */
	struct r1wb_interval_set	set;
	unsigned int			tracked;
	unsigned int			running;
	unsigned int			quiesced;
	wait_queue_head_t		wait;
};

void r1wb_order_init(struct r1wb_order *order);

bool r1wb_order_enter(struct r1wb_order *order, struct r1wb_range *range,
		      sector_t sector, sector_t sectors, bool nowait);
void r1wb_order_idle(struct r1wb_order *order);
bool r1wb_order_resume(struct r1wb_order *order);
void r1wb_order_leave(struct r1wb_order *order, struct r1wb_range *range);

void r1wb_order_quiesce(struct r1wb_order *order);
void r1wb_order_unquiesce(struct r1wb_order *order);
void r1wb_order_drain(struct r1wb_order *order);

#endif /* R1WB_ORDER_H */
