/* SPDX-License-Identifier: GPL-2.0 */
/* Writes: accepted, sent when the bit is stable, done member by member. */

#ifndef FIRST_WRITER
#define FIRST_WRITER	0	/* 1: only chunk 1 is written */
#endif

/* I1: the bit is on every active member.  A copy that sleeps has all bits set. */
inline check_write_ahead(c)
{
	i1_bit_before_data = (!ACTIVE(F) || on_disk[AT(F, c)]) && (!ACTIVE(S) || on_disk[AT(S, c)]);
	assert(i1_bit_before_data);
	i1_bit_before_data = 0
}

inline release(c)
{
	aged[c] = 0;
	unflushed = 1;
#ifndef MUTANT_CLEARS_WHILE_DEGRADED
	if
	:: MISSING -> needed[c] = 1
	:: else
	fi
#endif
	skip
}

inline accept(c)
{
	sent[c] = HELD;
	if
	:: !stable[c] -> set_bit(c)
	:: else
	fi
}

inline send(c)
{
	check_write_ahead(c);
	sent[c] = SENT | (ACTIVE(F) -> MASK(F) : 0) | (ACTIVE(S) -> MASK(S) : 0);
	for (i : 0 .. 1) {
		lacks[AT(i, c)] = lacks[AT(i, c)] || !ACTIVE(i)
	}
	i = 0;
	old_lacks[c] = old_lacks[c] || OLD
}

/* Nobody is told while a failure is to be recorded. */
inline finish(c)
{
	if
	:: sent[c] == SENT && !pending -> release(c); sent[c] = NONE
	:: else
	fi
}

/* It is in the member's cache. */
inline leg_done(m, c)
{
	sent[c] = sent[c] & ~MASK(m);
	cached[AT(m, c)] = 1;
	if
	:: m == F -> release(c)		/* the parent's hold */
	:: else
	fi;
	finish(c)
}

#ifdef MUTANT_DATA_BEFORE_BIT
#define MAY_SEND(c)	1
#else
#define MAY_SEND(c)	(stable[c] && current[c])
#endif

proctype write(byte c)
{
	do
	:: d_step { c >= FIRST_WRITER && up && !clean && !pending && sent[c] == NONE && !copying[c] ->
			printf("write %d: accepted\n", c); accept(c) }
	:: d_step { sent[c] == HELD && MAY_SEND(c) && !pending -> printf("write %d: sent\n", c); send(c) }
	:: d_step { sent[c] & SENT && sent[c] & MASK(F) -> printf("write %d: done on F\n", c); leg_done(F, c) }
	:: d_step { sent[c] & SENT && sent[c] & MASK(S) -> printf("write %d: done on S\n", c); leg_done(S, c) }
	:: d_step { sent[c] == SENT && !pending -> printf("write %d: finished\n", c); finish(c) }
	od
}
