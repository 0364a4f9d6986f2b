/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The chunk word: what is known in memory about one bit of the bitmap.
 *
 * Pure logic.  Every function here may be called from any context; the word
 * itself is the only shared state and is only ever changed by one atomic
 * read-modify-write.
 */
#ifndef R1WB_CHUNK_H
#define R1WB_CHUNK_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/types.h>

/*
 * A word of 0 is a clean chunk: nobody needs its bit, and the bit may be
 * missing on disk.  Any other word keeps the bit set, or wants it set.
 *
 * Holds are counted in the low bits.  The two bits above the legal maximum
 * belong to no flag: an increment too many cannot corrupt a flag, and a count
 * that ever reached R1WB_CHUNK_HOLDS_MAX is stuck there, which keeps the bit.
 *
 * AGED implies STABLE, and excludes NEEDED and RESYNC.  RESYNC together with
 * NEEDED is legal: something happened to the chunk while it was being synced,
 * so it has to be synced again from its start.
 */
#define R1WB_CHUNK_HOLDS_MAX	(BIT(26) - 1)
#define R1WB_CHUNK_HOLDS	GENMASK(27, 0)	/* the count with its guard bits */
#define R1WB_CHUNK_STABLE	BIT(28)		/* bit is on every active member's disk */
#define R1WB_CHUNK_NEEDED	BIT(29)		/* members may differ: sync it */
#define R1WB_CHUNK_RESYNC	BIT(30)		/* being synced */
#define R1WB_CHUNK_AGED		BIT(31)		/* was idle at the last AGE */
#define R1WB_CHUNK_FLAGS	GENMASK(31, 28)

/**
 * enum r1wb_chunk_event - what may happen to a chunk
 * @R1WB_CHUNK_HOLD:	a write to the chunk begins
 * @R1WB_CHUNK_RELEASE:	a write to the chunk has really ended
 * @R1WB_CHUNK_COMMITTED: a write of the bitmap page has succeeded on every
 *			active member, and the bit has been set in the page
 *			without a break from before that write until now
 * @R1WB_CHUNK_NEED:	the chunk must be synced (found set at load, dirty_bits)
 * @R1WB_CHUNK_MEMBER_LOST: a member failed; whatever its cache held is lost
 * @R1WB_CHUNK_SYNC_START: a sync window of the chunk begins; there is work if
 *			r1wb_chunk_needs_work() says so of the word before it
 * @R1WB_CHUNK_SYNC_DONE: the whole chunk has been synced; in vain (NEEDED
 *			again) if its bit is not STABLE by now
 * @R1WB_CHUNK_SYNC_ABORT: the sync of the chunk ended short
 * @R1WB_CHUNK_AGE:	the daemon's first pass, before it flushes the members
 * @R1WB_CHUNK_CLEAR:	the daemon's second pass, after it has flushed them.
 *			If this makes the word 0, the bit must leave the page
 *			under the same lock under which bits get into it
 * @R1WB_CHUNK_NR_EVENTS: how many there are
 */
enum r1wb_chunk_event {
	R1WB_CHUNK_HOLD,
	R1WB_CHUNK_RELEASE,
	R1WB_CHUNK_COMMITTED,
	R1WB_CHUNK_NEED,
	R1WB_CHUNK_MEMBER_LOST,
	R1WB_CHUNK_SYNC_START,
	R1WB_CHUNK_SYNC_DONE,
	R1WB_CHUNK_SYNC_ABORT,
	R1WB_CHUNK_AGE,
	R1WB_CHUNK_CLEAR,
	R1WB_CHUNK_NR_EVENTS
};

static inline u32 r1wb_chunk_holds(u32 word)
{
	return word & R1WB_CHUNK_HOLDS;
}

static inline bool r1wb_chunk_needs_work(u32 word)
{
	return word & (R1WB_CHUNK_NEEDED | R1WB_CHUNK_RESYNC);
}

/**
 * r1wb_chunk_next - one look-up in the transition table
 * @word:	the chunk's word
 * @event:	what happens to it
 * @degraded:	a member is missing.  For SYNC_START: one will still be missing
 *		when this sync has finished
 * @impossible:	set to true if this event cannot happen to such a word; the
 *		returned word is then the safe one.  Left alone otherwise
 *
 * Return: the word that takes @word's place.
 */
u32 r1wb_chunk_next(u32 word, enum r1wb_chunk_event event, bool degraded,
		    bool *impossible);

/**
 * r1wb_chunk_apply - let an event happen to a chunk, atomically
 * @chunk:	the chunk's word
 * @event:	what happens to it
 * @degraded:	as for r1wb_chunk_next()
 * @old:	where the word before the event goes, or NULL
 *
 * Fully ordered, also where the word does not change.  Impossible events are
 * reported once and forced to the safe side.
 *
 * Return: the word after the event.  The event made the chunk clean if *@old
 * was not 0 and this is.
 */
u32 r1wb_chunk_apply(atomic_t *chunk, enum r1wb_chunk_event event,
		     bool degraded, u32 *old);

/**
 * r1wb_chunk_hold_stable - take a hold; was that all there was to do?
 * @chunk:	the chunk's word
 *
 * The increment is the hold, whatever this returns.  It needs no loop to be
 * safe against CLEAR, whose cmpxchg on the same word comes either
 *  - after it: CLEAR sees a hold, and the chunk stays as it is; or
 *  - before it: the increment finds 0, so STABLE is missing and the caller
 *    waits for a page write that starts after the one that CLEAR led to.
 * AGED may stay behind in a held word.  That is harmless: CLEAR wants no
 * holds, and the RELEASE that removes the last one also removes AGED, so the
 * flush between AGE and CLEAR covers every write to a chunk that CLEAR clears.
 *
 * NEEDED on a degraded array is not set here but by the RELEASE at the latest.
 * Until then the hold alone keeps the bit, and MEMBER_LOST finds the word.
 *
 * The increment is fully ordered: data submitted after it cannot get ahead of
 * the page write whose COMMITTED made the word STABLE.
 *
 * Return: true if the bit is stable, so the write may be sent.  Otherwise the
 * caller has the bit committed first.
 */
static inline bool r1wb_chunk_hold_stable(atomic_t *chunk)
{
	return (u32)atomic_inc_return(chunk) & R1WB_CHUNK_STABLE;
}

#endif /* R1WB_CHUNK_H */
