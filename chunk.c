// SPDX-License-Identifier: GPL-2.0
/*
 * The chunk word's transition table, and the loop that applies it.
 *
 * Does not know where words live, when they are applied to, or what is
 * written to disk because of them.  Any context; no locks.
 */
#include <linux/array_size.h>
#include <linux/bug.h>
#include "chunk.h"

/*
 * What a rule may ask of a word, beside its flags.  These share a u32 with the
 * flags, so they must stay clear of R1WB_CHUNK_FLAGS.
 */
#define HELD		BIT(0)	/* at least one hold */
#define FULL		BIT(1)	/* the count of holds is stuck at its maximum */
#define DEGRADED	BIT(2)

#define STABLE		R1WB_CHUNK_STABLE
#define NEEDED		R1WB_CHUNK_NEEDED
#define RESYNC		R1WB_CHUNK_RESYNC
#define AGED		R1WB_CHUNK_AGED
#define NOT_CLEAN	(HELD | R1WB_CHUNK_FLAGS)
#define NOT_IDLE	(HELD | NEEDED | RESYNC | DEGRADED)

#define REPAIR		R1WB_CHUNK_NR_EVENTS
#define MAX_RULES	4

/* Applies if all of @with and nothing of @without holds; its default: change nothing. */
struct rule {
	u32	with;
	u32	without;
	u32	set;
	u32	clear;
	s8	holds;
	bool	impossible;
};

/*
 * The first rule of an event that applies is the whole transition; where none
 * is written that does, the rest of the row, all zero, changes nothing.
 * REPAIR is no event: it comes before each, for flags that exclude each other.
 */
static const struct rule rules[R1WB_CHUNK_NR_EVENTS + 1][MAX_RULES] = {
	[REPAIR] = {
		{ .with = AGED, .without = STABLE, .set = NEEDED, .clear = AGED,
		  .impossible = true },
		{ .with = AGED | NEEDED, .clear = AGED, .impossible = true },
		{ .with = AGED | RESYNC, .clear = AGED, .impossible = true },
	},
	[R1WB_CHUNK_HOLD] = {
		{ .with = FULL, .clear = AGED, .impossible = true },
		{ .with = DEGRADED, .holds = 1, .set = NEEDED, .clear = AGED },
		{ .holds = 1, .clear = AGED },
	},
	[R1WB_CHUNK_RELEASE] = {
		{ .with = FULL, .clear = AGED, .impossible = true },
		{ .without = HELD, .set = NEEDED, .clear = AGED, .impossible = true },
		{ .with = DEGRADED, .holds = -1, .set = NEEDED, .clear = AGED },
		{ .holds = -1, .clear = AGED },
	},
	/* A chunk may have become clean while a page with its bit was written. */
	[R1WB_CHUNK_COMMITTED] = {
		{ .without = NOT_CLEAN },
		{ .set = STABLE },
	},
	[R1WB_CHUNK_NEED] = {
		{ .set = NEEDED, .clear = AGED },
	},
	[R1WB_CHUNK_MEMBER_LOST] = {
		{ .without = NOT_CLEAN },
		{ .set = NEEDED, .clear = AGED },
	},
	/*
	 * A chunk has many windows.  NEEDED that arrives between two of them
	 * is not for the later ones to take: the earlier ones missed it.
	 */
	[R1WB_CHUNK_SYNC_START] = {
		{ .with = RESYNC },
		{ .with = NEEDED | DEGRADED },
		{ .with = NEEDED, .set = RESYNC, .clear = NEEDED },
	},
	/*
	 * Only AGE and CLEAR know of flushes, so the sync must not make a chunk
	 * clean by itself: without STABLE there would be nothing left of it.
	 */
	[R1WB_CHUNK_SYNC_DONE] = {
		{ .with = RESYNC | STABLE, .clear = RESYNC },
		{ .with = RESYNC, .set = NEEDED, .clear = RESYNC },
	},
	[R1WB_CHUNK_SYNC_ABORT] = {
		{ .with = RESYNC, .set = NEEDED, .clear = RESYNC },
	},
	[R1WB_CHUNK_AGE] = {
		{ .with = STABLE, .without = NOT_IDLE, .set = AGED },
	},
	[R1WB_CHUNK_CLEAR] = {
		{ .with = STABLE | AGED, .without = NOT_IDLE, .clear = STABLE | AGED },
	},
};

static u32 facts(u32 word, bool degraded)
{
	u32 holds = r1wb_chunk_holds(word);

	return (word & R1WB_CHUNK_FLAGS) |
	       (holds ? HELD : 0) |
	       (holds >= R1WB_CHUNK_HOLDS_MAX ? FULL : 0) |
	       (degraded ? DEGRADED : 0);
}

static u32 look_up(u32 word, unsigned int row, bool degraded, bool *impossible)
{
	u32 known = facts(word, degraded);
	const struct rule *rule = rules[row];
	const struct rule *end = rule + MAX_RULES;

	while (rule < end &&
	       ((known & rule->with) != rule->with || known & rule->without))
		rule++;
	if (rule == end)
		return word;

	if (rule->impossible)
		*impossible = true;
	return ((word + rule->holds) & ~rule->clear) | rule->set;
}

u32 r1wb_chunk_next(u32 word, enum r1wb_chunk_event event, bool degraded,
		    bool *impossible)
{
	if ((unsigned int)event >= R1WB_CHUNK_NR_EVENTS) {
		*impossible = true;
		return word;
	}
	word = look_up(word, REPAIR, degraded, impossible);
	return look_up(word, event, degraded, impossible);
}

u32 r1wb_chunk_apply(atomic_t *chunk, enum r1wb_chunk_event event,
		     bool degraded, u32 *old)
{
	int before = atomic_read(chunk);
	bool impossible;
	u32 after;

	/* Writes the word even if it stays the same: callers rely on the order. */
	do {
		impossible = false;
		after = r1wb_chunk_next(before, event, degraded, &impossible);
	} while (!atomic_try_cmpxchg(chunk, &before, after));

	WARN_ONCE(impossible, "raid1wb: event %d on chunk word %#x cannot be: a bug; the chunk stays dirty\n",
		  event, (u32)before);
	if (old)
		*old = before;
	return after;
}
