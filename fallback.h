/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Does a write go behind, and if not, why not.
 *
 * Pure logic: decides from numbers that the caller has collected.  A write
 * that does not go behind is written the normal way: its parent waits for
 * every member, and the order among overlapping writes still holds.
 */
#ifndef R1WB_FALLBACK_H
#define R1WB_FALLBACK_H

#include <linux/types.h>

/**
 * enum r1wb_write_mode - how a write is written
 * @R1WB_WRITE_BEHIND:	behind members get it later, from a private copy
 * @R1WB_WRITE_NO_BEHIND_MEMBER: there is nobody to write it behind to
 * @R1WB_WRITE_NO_SYNC_MEMBER: nobody but behind members is left
 * @R1WB_WRITE_LIMIT_COUNT: the backlog has reached its limit
 * @R1WB_WRITE_LIMIT_BYTES: with this one, the backlog would take too much memory
 * @R1WB_WRITE_NO_MEMORY: no memory for the copy, or memory is so short that
 *			already the request came from the emergency pool.  The
 *			caller says this by itself where the copy fails
 * @R1WB_WRITE_TOO_BIG:	the copy would need more segments than there may be
 * @R1WB_WRITE_NR:	how many there are
 */
enum r1wb_write_mode {
	R1WB_WRITE_BEHIND,
	R1WB_WRITE_NO_BEHIND_MEMBER,
	R1WB_WRITE_NO_SYNC_MEMBER,
	R1WB_WRITE_LIMIT_COUNT,
	R1WB_WRITE_LIMIT_BYTES,
	R1WB_WRITE_NO_MEMORY,
	R1WB_WRITE_TOO_BIG,
	R1WB_WRITE_NR
};

/* What the decision is made from. */
struct r1wb_fallback_state {
	unsigned int	behind_members;
	unsigned int	sync_members;
	unsigned int	outstanding;		/* behind writes in the backlog */
	unsigned int	limit;			/* ... and how many there may be */
	unsigned long	bytes_outstanding;	/* memory of their copies */
	unsigned long	bytes_needed;		/* by the private copy */
	unsigned long	bytes_limit;		/* for both */
	unsigned int	segments_needed;	/* by the private copy */
	unsigned int	segments_max;
	bool		from_reserve;		/* request is the emergency pool's */
};

/* Names for logs, traces and statistics. */
extern const char *const r1wb_write_mode_names[R1WB_WRITE_NR];

/*
 * Reasons are tried in the order: members, memory, size, limits; so what is
 * counted as a limit would have gone behind but for the limit.
 */
enum r1wb_write_mode r1wb_fallback_decide(const struct r1wb_fallback_state *state);

#endif /* R1WB_FALLBACK_H */
