/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The daemon: records events_cleared, flushes the members, and then looks at
 * the chunks: what is idle is aged, and what still is the next time, cleared.
 */

/* One less than md's count, which is not the array's count of any superblock that says active. */
#ifdef MUTANT_EVENTS_CLEARED_IS_EVENTS
#define WHOLE_EVENTS	EVENTS
#else
#define WHOLE_EVENTS	(EVENTS - 1)
#endif

/* reconfig_mutex, under which md counts events: the daemon does not wait for it. */
#ifdef MUTANT_WITHOUT_MUTEX
#define LOCKED		0
#else
#define LOCKED		(updating != IDLE || want_update)
#endif

inline record_whole()
{
#if defined(MUTANT_NO_EVENTS_CLEARED)
	may_clear = 1
#else
	if
	:: CLEARED < WHOLE_EVENTS && !LOCKED ->
		CLEARED = WHOLE_EVENTS;
		commit(0);
		may_clear = 1
	:: else -> may_clear = (CLEARED >= WHOLE_EVENTS)
	fi;
#ifndef MUTANT_EVENTS_CLEARED_LATE
	daemon_waits = (may_clear -> LANDINGS(0) : 0);
#endif
	renumber()
#endif
}

inline begin_pass()
{
	if
	:: (aged[0] || aged[1]) && MAY_CLEAR -> record_whole()
	:: else
	fi;
	if
	:: daemon_waits -> daemon = RECORDING
	:: else ->
		if
		:: may_clear || unflushed -> begin_flush()
		:: else -> end_pass()
		fi
	fi
}

inline flush(m)
{
	flush_cache(m);		/* an instant between the flush's start and its end */
	flushed = flushed | MASK(m);
	if
	:: !TO_FLUSH(OTHER(m)) -> end_pass()
	:: else
	fi
}

#define IS_IDLE(c)	(stable[c] && !HOLDS(c) && !needed[c] && !resync[c] && MAY_CLEAR)

active proctype cleaner()
{
	do
	:: d_step { up && !loading && daemon == IDLE && (unflushed || IS_IDLE(0) || IS_IDLE(1)) ->
			printf("daemon: begins\n"); begin_pass() }
	:: d_step { daemon == FLUSHING && TO_FLUSH(F) -> printf("daemon: F flushed\n"); flush(F) }
	:: d_step { daemon == FLUSHING && TO_FLUSH(S) -> printf("daemon: S flushed\n"); flush(S) }
	od
}
