/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bitmap pages: one flight of each at a time, to all members but those whose
 * copy sleeps.  Whoever waits for a page goes on as soon as it has landed.
 */

inline launch(c)
{
	n = (ACTIVE(F) -> MASK(F) : 0) | (ACTIVE(S) && copy != ASLEEP -> MASK(S) : 0);
	wanted[c] = !n;
	if
	:: n ->
		flight[c] = n;
		flight_bit[c] = image[c];
		flight_ones[c] = (copy == NODDING || (copy == DROWSY && c == 1));
		flight_current[c] = 1;
		if
		:: c == 0 -> FLIGHT_BE = EVENTS; FLIGHT_EC = CLEARED
		:: else
		fi
	:: else
	fi;
	n = 0
}

/* Write it now, or as soon as it has landed. */
inline commit(c)
{
	if
	:: flight[c] -> wanted[c] = 1
	:: else -> launch(c)
	fi
}

/* How many landings until all that was committed is on disk. */
#define LANDINGS(c)	(wanted[c] + (flight[c] != 0))

/* The bit must be on disk.  If it never left the disks, the chunk is stable at once. */
inline set_bit(c)
{
	image[c] = 1;
	if
	:: (flight[c] && !flight_bit[c]) || (!flight[c] && !known[c]) -> commit(c)
	:: else ->
		if
		:: known[c] -> stable[c] = 1
		:: else
		fi
	fi
}

/* ---- the daemon, after page 0 ---- */

#ifdef MUTANT_CLEARS_WHILE_DEGRADED
#define MAY_CLEAR	1
#else
#define MAY_CLEAR	(!DEGRADED)
#endif

inline look_at(c)
{
	if
	:: HOLDS(c) || needed[c] || resync[c] || !stable[c] || !MAY_CLEAR
	:: else ->
		if
		:: !aged[c] -> aged[c] = 1
		:: aged[c] && may_clear ->
			aged[c] = 0;
			stable[c] = 0;
			image[c] = 0;
			wanted[c] = 1
		:: else
		fi
	fi
}

#define TO_FLUSH(m)	(ACTIVE(m) && !(flushed & MASK(m)))

inline end_pass()
{
	daemon = IDLE;
	look_at(0);
	look_at(1);
#ifdef MUTANT_FLAG_AFTER_FLUSH
	unflushed = 0;
#endif
	token = 0;
	flushed = 0;
	may_clear = 0
}

/* The flag goes first: a write that ends from now on is for the next flush. */
inline begin_flush()
{
	daemon = FLUSHING;
	token = unflushed;
#ifndef MUTANT_FLAG_AFTER_FLUSH
	unflushed = 0;
#endif
#ifdef MUTANT_NO_FLUSH
	end_pass()
#endif
	skip
}

/* ---- md, after page 1 and page 0 ---- */

inline begin_writing()
{
	if
	:: loading ->
		updating = IDLE;
		loading = 0;
		pending = want_update
	:: else ->
		update_left = (ACTIVE(F) -> MASK(F) : 0) | (ACTIVE(S) -> MASK(S) : 0);
		updating = WRITING
	fi
}

inline commit_page_0()
{
	copy = (copy == DROWSY && sleepy -> NODDING : copy);
	commit(0);
	update_waits = LANDINGS(0);
	updating = COMMITTING_0
}

inline commit_page_1()
{
	update_waits = LANDINGS(1);
	updating = COMMITTING_1;
	if
	:: update_waits == 0 -> commit_page_0()
	:: else
	fi
}

/* Its page 0 says by now which members may be taken back, so bits may be cleared. */
inline wake_up()
{
	copy = AWAKE;
	current[0] = 0; flight_current[0] = 0;
	current[1] = 0; flight_current[1] = 0;
#ifndef MUTANT_WAKES_WITH_PAGE_0
	commit(1);
#endif
	commit_page_1()
}

inline begin_waking()
{
	copy = DROWSY;
#ifdef MUTANT_WAKES_WITH_PAGE_1
	wake_up()
#else
	commit(0);
	update_waits = LANDINGS(0);
	updating = WAKING
#endif
}

inline lull()
{
	commit(1);
	update_waits = LANDINGS(1);
	updating = LULLING
}

/* Where bits are set that need not be, page 0 may be any; where it is old, bits must be set. */
inline commit_pages()
{
	if
	:: copy == AWAKE || sleepy -> commit_page_1()
	:: copy == DROWSY && !sleepy -> lull()
	:: copy > DROWSY && !sleepy -> begin_waking()
	fi
}

/* ---- landing ---- */

inline page_0_landed()
{
	FLIGHT_BE = 0;
	FLIGHT_EC = 0;
	if
	:: daemon == RECORDING ->
		daemon_waits--;
		if
		:: daemon_waits == 0 -> begin_flush()
		:: else
		fi
	:: else
	fi;
	if
	:: updating == COMMITTING_0 ->
		update_waits--;
		if
		:: update_waits == 0 ->
			copy = (copy == NODDING -> ASLEEP : copy);
			begin_writing()
		:: else
		fi
	:: updating == WAKING ->
		update_waits--;
		if
		:: update_waits == 0 -> wake_up()
		:: else
		fi
	:: else
	fi
}

inline page_1_landed()
{
	if
	:: updating == COMMITTING_1 ->
		update_waits--;
		if
		:: update_waits == 0 -> commit_page_0()
		:: else
		fi
	:: updating == LULLING ->
		update_waits--;
		if
		:: update_waits == 0 -> begin_waking()
		:: else
		fi
	:: else
	fi
}

/* If nobody has got it, it is to be written again, and what is on disk is not known. */
inline land(c)
{
	if
	:: reached[c] && flight_bit[c] && !known[c] && image[c] -> stable[c] = 1
	:: else
	fi;
	known[c] = flight_bit[c] && (reached[c] || known[c]);
	current[c] = flight_current[c] && reached[c];
	wanted[c] = wanted[c] || !reached[c];
	flight_bit[c] = 0; flight_ones[c] = 0; flight_current[c] = 0; reached[c] = 0;
	if
	:: c == 0 -> page_0_landed()
	:: else -> page_1_landed()
	fi
}

/* A page of the slow member's copy becomes one that can mislead nobody. */
inline reach_with_ones(c)
{
#ifdef MUTANT_STALE_INSTEAD_OF_ONES
	if
	:: c == 0 -> disk_stale[S] = 1; BE(S) = FLIGHT_BE; EC(S) = FLIGHT_EC
	:: else
	fi
#else
	on_disk[AT(S, c)] = 1;
	if
	:: c == 0 -> BE(S) = NEVER; EC(S) = 0
	:: else
	fi
#endif
}

inline reach_with_bit(m, c)
{
	reached[c] = 1;
	on_disk[AT(m, c)] = flight_bit[c];
	if
	:: c == 0 -> BE(m) = FLIGHT_BE; EC(m) = FLIGHT_EC; disk_stale[m] = 0
	:: else
	fi
}

inline leave_flight(m, c)
{
	flight[c] = flight[c] & ~MASK(m);
	if
	:: flight[c] == 0 -> land(c)
	:: else
	fi
}

/* The flight has come to the disk of m. */
inline reach(m, c)
{
	if
	:: m == S && flight_ones[c] -> reach_with_ones(c)
	:: else -> reach_with_bit(m, c)
	fi;
	leave_flight(m, c)
}

proctype page(byte c)
{
	do
	/* Cleared bits are not urgent; nor is what nobody was there for. */
	:: d_step { up && wanted[c] && !flight[c] && (ACTIVE(F) || copy != ASLEEP) ->
			printf("page %d: launched\n", c); launch(c) }
	:: d_step { flight[c] & MASK(F) -> printf("page %d: on F\n", c); reach(F, c) }
	:: d_step { flight[c] & MASK(S) -> printf("page %d: on S\n", c); reach(S, c) }
	od
}
