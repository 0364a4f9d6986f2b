/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Write-behind: the private copy of a write, how many are on their way, and
 * the lane on which they go to a member.
 */
#ifndef R1WB_BEHIND_H
#define R1WB_BEHIND_H

#include <linux/atomic.h>
#include <linux/bio.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "fallback.h"

/**
 * struct r1wb_backlog - behind writes of an array
 * @writes:	accepted and not ended on every behind member
 * @most:	high-water mark of @writes
 * @bytes:	memory of their copies
 * @most_bytes:	high-water mark of @bytes
 * @max_bytes:	how much it may be
 * @dropped:	legs that were not sent since a newer write covered them
 * @modes:	how many writes went which way, by enum r1wb_write_mode
 * @drained:	woken when @writes, or a member's share of them, reaches 0, and
 *		when a member has failed
 */
struct r1wb_backlog {
	atomic_t		writes;
	atomic_long_t		most;
	atomic_long_t		bytes;
	atomic_long_t		most_bytes;
	unsigned long		max_bytes;
	atomic_long_t		dropped;
	atomic_long_t		modes[R1WB_WRITE_NR];
	wait_queue_head_t	drained;
};

/**
 * struct r1wb_lane - bios on their way to a member, for which nobody is to wait
 * @lock:	protects @bios and @failed; taken in any context
 * @bios:	not submitted yet
 * @failed:	the member has failed: nothing is submitted any more
 * @work:	submits them; waits where the member's queue is full, so that
 *		nobody else has to
 */
struct r1wb_lane {
	spinlock_t		lock;	/* see above */
	struct bio_list		bios;
	bool			failed;
	struct work_struct	work;
};

void r1wb_lane_init(struct r1wb_lane *lane);
void r1wb_lane_send(struct r1wb_lane *lane, struct bio *bio);
void r1wb_lane_fail(struct r1wb_lane *lane);
void r1wb_lane_mend(struct r1wb_lane *lane);
void r1wb_lane_stop(struct r1wb_lane *lane);

void r1wb_backlog_init(struct r1wb_backlog *backlog);
void r1wb_backlog_add(struct r1wb_backlog *backlog, u32 bytes);
void r1wb_backlog_done(struct r1wb_backlog *backlog, u32 bytes);
bool r1wb_backlog_is_empty(struct r1wb_backlog *backlog, unsigned long patience);

unsigned int r1wb_copy_segments(const struct bio *parent);
struct bio *r1wb_copy_alloc(struct bio *parent);
struct folio *r1wb_copy_folio(size_t bytes);	/* a seam for tests */
void r1wb_copy_free(struct bio *copy);
void r1wb_copy_exit(void);

#endif /* R1WB_BEHIND_H */
