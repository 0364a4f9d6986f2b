/* SPDX-License-Identifier: GPL-2.0 */
/*
 * md's superblocks.  Before they are written, the bitmap is brought up to date:
 * the slow member's copy falls asleep or wakes, page 1, page 0.
 */

#define IS_CLEAN	(clean && !unsynced)

/*
 * md would take back the event of becoming active when the array becomes clean.
 * If a member fails just then, its superblock has the count that the others
 * reach again with its failure: two legs that disagree with one count.
 */
inline count_event()
{
#ifdef MUTANT_EVENTS_GO_BACK
	if
	:: !force_update && !DEGRADED && IS_CLEAN && can_decrease ->
		EVENTS--;
		can_decrease = 0;
		CLEARED = (CLEARED > EVENTS -> EVENTS : CLEARED)
	:: else ->
		EVENTS++;
		can_decrease = !force_update && !DEGRADED
	fi;
#else
	EVENTS++;
#endif
#ifdef MUTANT_EVENTS_CLEARED_WHILE_DEGRADED
	CLEARED = WHOLE_EVENTS
#endif
	skip
}

/* Page 0 is committed in any case. */
inline fall_asleep()
{
#if defined(MUTANT_SLEEPS_AT_ONCE)
	copy = ASLEEP;
#elif defined(MUTANT_ONLY_PAGE_0_SLEEPS)
	copy = NODDING;
#elif defined(MUTANT_SLEEPS_WITH_PAGE_0)
	copy = NODDING;
	commit(1);
#else
	copy = DROWSY;
	commit(1);
#endif
	skip
}

inline decide(may_sleep)
{
	sleepy = may_sleep;
	if
	:: sleepy && copy == AWAKE -> fall_asleep()
	:: sleepy && copy == DROWSY -> commit(1)	/* not everything was written the last time */
	:: else
	fi
}

inline begin_update(may_sleep)
{
	count_event();
	new_role[F] = member[F];
	new_role[S] = member[S];
	new_clean = IS_CLEAN;
	want_update = 0;
	force_update = 0;
	decide(may_sleep);
#ifdef MUTANT_SUPERBLOCK_BEFORE_BITMAP
	begin_writing();
#else
	commit_pages();
#endif
	renumber()
}

/*
 * Its failure is on record, so that nobody will begin with it: the bitmap and
 * most of the superblock there do not matter any more.  Let it be the worst.
 */
inline retire(m)
{
	on_disk[AT(m, 0)] = 0;
	on_disk[AT(m, 1)] = 0;
	BE(m) = 0;
	EC(m) = 0;
	role[AT(m, OTHER(m))] = OUT;
	disk_clean[m] = 0;
	disk_stale[m] = 0
}

inline end_update()
{
	updating = IDLE;
	if
	:: new_role[F] == OUT && member[F] == OUT -> retire(F)
	:: new_role[S] == OUT && member[S] == OUT -> retire(S)
	:: else
	fi;
	new_role[F] = 0; new_role[S] = 0; new_clean = 0;
	if
	:: !want_update -> pending = 0
	:: else
	fi
}

inline update(m)
{
	flush_cache(m);		/* PREFLUSH */
	SB(m) = EVENTS;
	role[AT(m, F)] = new_role[F];
	role[AT(m, S)] = new_role[S];
	disk_clean[m] = new_clean;
	update_left = update_left & ~MASK(m);
	if
	:: update_left == 0 -> end_update()
	:: else
	fi;
	renumber()
}

#ifdef MUTANT_CLEAN_BEFORE_FLUSH
#define ALL_FLUSHED	1
#else
#define ALL_FLUSHED	(!unflushed && !token)
#endif

#define MAY_UPDATE	(up && updating == IDLE && want_update && !loading)

active proctype md()
{
	do
	/* Whether the copy is to sleep is up to more than is modelled: flags, the user. */
	:: d_step { MAY_UPDATE -> printf("md: updates superblocks\n"); begin_update(0) }
#ifndef NO_SLEEP
	:: d_step { MAY_UPDATE && BEHIND && !clean -> printf("md: updates superblocks, S may sleep\n"); begin_update(1) }
#endif
	:: d_step { updating == WRITING && update_left & MASK(F) -> printf("md: superblock on F\n"); update(F) }
	:: d_step { updating == WRITING && update_left & MASK(S) -> printf("md: superblock on S\n"); update(S) }
#ifndef NO_CLEAN
	/* Between writes the array may be marked clean, and has to be active before the next one. */
	:: d_step { up && !clean && !pending && sent[0] == NONE && sent[1] == NONE && ALL_FLUSHED ->
			printf("md: clean\n"); clean = 1; want_update = 1 }
#endif
	:: d_step { up && clean && !pending -> printf("md: active\n"); clean = 0; pending = 1; want_update = 1 }
#ifndef NO_SLEEP
	/* Somebody wants superblocks, or a true copy of the bitmap everywhere. */
	:: d_step { up && !pending && updating == IDLE && !want_update && BEHIND && !clean ->
			printf("md: is asked for superblocks\n"); want_update = 1; force_update = 1 }
#endif
	od
}
