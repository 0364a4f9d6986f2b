/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When a write may be acknowledged.
 *
 * A write has legs that its parent waits for, and behind legs that it does
 * not.  Both are counted in one atomic_t, so whoever ends a leg sees one
 * consistent picture of what is left; two separate counters could not give
 * that.  Pure logic; any context, no locks.
 *
 * All legs are counted before the first is sent.
 */
#ifndef R1WB_ACK_H
#define R1WB_ACK_H

#include <linux/bits.h>
#include <linux/types.h>

#define R1WB_LEGS_WAITED	GENMASK(15, 0)
#define R1WB_LEGS_BEHIND	GENMASK(31, 16)
#define R1WB_LEG_WAITED		BIT(0)
#define R1WB_LEG_BEHIND		BIT(16)

static inline u32 r1wb_legs_new(unsigned int waited, unsigned int behind)
{
	return waited * R1WB_LEG_WAITED + behind * R1WB_LEG_BEHIND;
}

static inline unsigned int r1wb_legs_waited(u32 left)
{
	return left & R1WB_LEGS_WAITED;
}

static inline unsigned int r1wb_legs_behind(u32 left)
{
	return (left & R1WB_LEGS_BEHIND) >> 16;
}

/**
 * r1wb_legs_one - what one leg counts
 * @behind:	whether it is a behind leg
 *
 * Whoever ends a leg does atomic_sub_return() of this, and decides by what is
 * left.  A failed leg has ended when md has recorded the failure, not earlier.
 * The subtraction is fully ordered: note that a member holds the data before
 * it, and look whether one does after it.
 */
static inline u32 r1wb_legs_one(bool behind)
{
	return behind ? R1WB_LEG_BEHIND : R1WB_LEG_WAITED;
}

/**
 * r1wb_may_ack - may the parent complete?
 * @left:	what is left after a leg has ended
 * @held:	some member holds the data
 *
 * If every leg that was waited for failed, a behind leg may yet save the
 * write, so the decision waits for it.  With no leg left there is nothing to
 * wait for: the parent completes, with an error unless @held.
 *
 * Once true it stays true for every later leg; the caller completes once.
 */
static inline bool r1wb_may_ack(u32 left, bool held)
{
	return !left || (held && !(left & R1WB_LEGS_WAITED));
}

/* No leg is left: the write's resources can go. */
static inline bool r1wb_all_ended(u32 left)
{
	return !left;
}

#endif /* R1WB_ACK_H */
