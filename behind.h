/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Write-behind: the private copy of a write, and how many are on their way.
 */
#ifndef R1WB_BEHIND_H
#define R1WB_BEHIND_H

#include <linux/atomic.h>
#include <linux/bio.h>
#include <linux/wait.h>
#include "fallback.h"

/**
 * struct r1wb_backlog - behind writes of an array
 * @writes:	accepted and not ended on every behind member
 * @most:	high-water mark of @writes
 * @modes:	how many writes went which way, by enum r1wb_write_mode
 * @drained:	woken when @writes reaches 0
 */
struct r1wb_backlog {
	atomic_t		writes;
	atomic_t		most;
	atomic_long_t		modes[R1WB_WRITE_NR];
	wait_queue_head_t	drained;
};

void r1wb_backlog_init(struct r1wb_backlog *backlog);
void r1wb_backlog_add(struct r1wb_backlog *backlog);
void r1wb_backlog_done(struct r1wb_backlog *backlog);
void r1wb_backlog_drain(struct r1wb_backlog *backlog);

unsigned int r1wb_copy_segments(const struct bio *parent);
struct bio *r1wb_copy_alloc(struct bio *parent);
struct folio *r1wb_copy_folio(size_t bytes);	/* a seam for tests */
void r1wb_copy_free(struct bio *copy);

#endif /* R1WB_BEHIND_H */
