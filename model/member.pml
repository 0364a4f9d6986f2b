/* SPDX-License-Identifier: GPL-2.0 */
/* Members fail, come back, or are replaced. */

/* What it had in its cache or on its way is lost. */
inline lose_data(m, c)
{
	if
	:: cached[AT(m, c)] || OUTSTANDING(c) & MASK(m) -> lacks[AT(m, c)] = 1
	:: else
	fi;
	cached[AT(m, c)] = 0;
	/* From now on, what the other holds is what the array has. */
	if
	:: lacks[AT(OTHER(m), c)] ->
		lacks[AT(OTHER(m), c)] = 0;
		cached[AT(OTHER(m), c)] = 1;
		lacks[AT(m, c)] = 1
	:: else
	fi;
	if
	:: sent[c] & SENT -> sent[c] = sent[c] & ~MASK(m)
	:: else
	fi
}

/* Every bit that is set becomes NEEDED. */
inline lose(m, c)
{
	lose_data(m, c);
#ifndef MUTANT_LOSS_NEEDS_NOTHING
	if
	:: stable[c] || needed[c] || resync[c] || HOLDS(c) -> needed[c] = 1; aged[c] = 0
	:: else
	fi;
#endif
	needed[c] = needed[c] || copying[c];
	copying[c] = 0;
	passed[c] = 0;
	if
	:: flight[c] & MASK(m) -> leave_flight(m, c)
	:: else
	fi
}

inline fail(m)
{
	member[m] = OUT;
	pending = 1;
	want_update = 1;
	force_update = 1;
	can_decrease = 0;
	unsynced = 0;
	copy = (m == S -> AWAKE : copy);
	if
	:: updating == WRITING && update_left == MASK(m) -> update_left = 0; end_update()
	:: updating == WRITING -> update_left = update_left & ~MASK(m)
	:: else
	fi;
	lose(m, 0);
	lose(m, 1);
	if
	:: daemon == FLUSHING && !TO_FLUSH(OTHER(m)) -> end_pass()
	:: else
	fi
}

inline join_chunk(c)
{
	current[c] = 0;
	flight_current[c] = 0;
	if
	:: HOLDS(c) -> needed[c] = 1; aged[c] = 0
	:: else
	fi
}

inline join(m, as)
{
	member[m] = as;
	EVENTS++;		/* md counts two: it is a spare at first */
	want_update = 1;
	force_update = 1;
	join_chunk(0);
	join_chunk(1);
	commit(1);		/* page 0 goes with the superblocks */
	renumber()
}

/*
 * The first disk that was replaced is remembered, with what it lacked when it
 * was lost.  One that was new itself is of no use to anybody.
 */
inline replace(m)
{
	if
	:: !OLD && role[AT(m, m)] != FULL ->
		OLD = SB(m);
		old_lacks[0] = OLD && DIFFER(0);
		old_lacks[1] = OLD && DIFFER(1)
	:: else
	fi;
	SB(m) = 0;
	BE(m) = 0;
	EC(m) = 0;
	for (i : 0 .. 1) {
		on_disk[AT(m, i)] = 0;
		role[AT(m, i)] = OUT;
		lacks[AT(m, i)] = 1
	}
	i = 0;
	disk_clean[m] = 0;
	disk_stale[m] = 0;
	join(m, FULL)
}

#define RECORDED	(!pending && updating == IDLE && !want_update)
#define MAY_FAIL(m)	(up && !loading && ACTIVE(m) && member[OTHER(m)] == IN)
#define MAY_JOIN(m)	(up && !loading && member[m] == OUT && RECORDED)
#define BY_BITMAP(m)	(SB(m) >= CLEARED && role[AT(m, m)] != FULL)

proctype fate(byte m)
{
	do
#ifndef NO_FAILURES
	:: d_step { MAY_FAIL(m) -> printf("member %d: fails\n", m); fail(m) }
#endif
#ifndef NO_JOINS
	:: d_step { MAY_JOIN(m) && SB(m) && BY_BITMAP(m) -> printf("member %d: joins\n", m); join(m, REC) }
	:: d_step { MAY_JOIN(m) && SB(m) && !BY_BITMAP(m) -> printf("member %d: joins, too old\n", m); join(m, FULL) }
#endif
#ifndef NO_REPLACEMENT
	:: d_step { MAY_JOIN(m) -> printf("member %d: is replaced\n", m); replace(m) }
#endif
	:: 0 -> skip
	od
}
