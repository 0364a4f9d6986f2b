/* SPDX-License-Identifier: GPL-2.0 */
/* Resync and recovery: chunks that are NEEDED are copied, or all if a member is new. */

#define IS_TARGET(m)	(member[m] == REC || member[m] == FULL)
#define RECOVERING	(IS_TARGET(F) || IS_TARGET(S))
#define TARGET		(IS_TARGET(F) -> F : S)
#define SYNCING		(up && !loading && (RECOVERING || (BEHIND && unsynced)))
#define COPY_ALL	(member[F] == FULL || member[S] == FULL)
#define WORK(c)		(needed[c] || resync[c])
#define MAY_START(c)	(SYNCING && !passed[c] && !copying[c])

inline start_window(c)
{
	copying[c] = 1;
	if
	:: needed[c] && !resync[c] -> needed[c] = 0; resync[c] = 1
	:: else
	fi
}

inline end_window(c)
{
	if
	:: lacks[AT(TARGET, c)] -> lacks[AT(TARGET, c)] = 0; cached[AT(TARGET, c)] = 1
	:: else		/* the same data once more */
	fi;
	copying[c] = 0;
	passed[c] = 1
}

/* Where the bit is not on disk by now, the chunk is left for another sync. */
inline end_chunk(c)
{
	if
	:: resync[c] && !stable[c] -> needed[c] = 1
	:: else
	fi;
	resync[c] = 0;
	passed[c] = 0
}

inline end_sync()
{
#ifndef MUTANT_NO_FLUSH_AFTER_SYNC
	/* md may mark the array clean or whole next: not before everything is there. */
	flush_cache(F);
	flush_cache(S);
#endif
	end_chunk(0);
	end_chunk(1);
	i11_bits_mean_work = !lacks[AT(TARGET, 0)] && !lacks[AT(TARGET, 1)];
	assert(i11_bits_mean_work);
	i11_bits_mean_work = 0;
	member[F] = (member[F] == OUT -> OUT : IN);
	member[S] = (member[S] == OUT -> OUT : IN);
	unsynced = 0;
	want_update = 1;
	force_update = 1
}

proctype window(byte c)
{
	do
	:: d_step { MAY_START(c) && sent[c] == NONE && WORK(c) && stable[c] && current[c] ->
			printf("sync: copies %d\n", c); start_window(c) }
	:: d_step { MAY_START(c) && sent[c] == NONE && !WORK(c) && COPY_ALL ->
			printf("sync: copies clean %d\n", c); start_window(c) }
	:: d_step { MAY_START(c) && !WORK(c) && !COPY_ALL -> printf("sync: passes %d\n", c); passed[c] = 1 }
	:: d_step { copying[c] -> printf("sync: %d copied\n", c); end_window(c) }
	od
}

active proctype syncer()
{
	do
	:: d_step { SYNCING && passed[0] && passed[1] -> printf("sync: done\n"); end_sync() }
	/* Chunks that nobody is going to sync. */
	:: d_step { up && BEHIND && !unsynced && (needed[0] || needed[1]) && RECORDED ->
			printf("sync: is asked for\n"); unsynced = 1; want_update = 1 }
	od
}
