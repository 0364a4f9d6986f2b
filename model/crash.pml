/* SPDX-License-Identifier: GPL-2.0 */
/* A crash, and what is made of the legs: by us, or for a moment by the kernel's raid1. */

/* The superblock that counts if both legs are there. */
#define FRESHEST	(SB(F) >= SB(S) -> F : S)

/* Whom md takes m for, if f's superblock is the freshest. */
#define TOO_OLD(f, m)	(SB(m) == 0 || SB(m) + 1 < SB(f))
#define ROLE(f, m)	(TOO_OLD(f, m) || (SB(m) < SB(f) && role[AT(f, m)] == OUT) -> OUT : role[AT(m, m)])

/* A leg that the other, newer, knows not to be in sync is not one to begin with. */
#define MAY_BE_ALONE(m)	(role[AT(m, m)] == IN && \
			 (SB(OTHER(m)) < SB(m) || \
			  (role[AT(OTHER(m), m)] == IN && SB(m) + 1 >= SB(OTHER(m)))))

inline forget_chunk(c)
{
	i = DIFFER(c);
	lacks[AT(F, c)] = 0; cached[AT(F, c)] = 0; cached[AT(S, c)] = 0;
	lacks[AT(S, c)] = i;		/* or the other way round */
	i = 0;
	sent[c] = NONE;
	stable[c] = 0; needed[c] = 0; resync[c] = 0; aged[c] = 0;
	image[c] = 0; known[c] = 0; wanted[c] = 0; current[c] = 0;
	flight[c] = 0; flight_bit[c] = 0; flight_ones[c] = 0; flight_current[c] = 0; reached[c] = 0;
	copying[c] = 0; passed[c] = 0
}

inline crash()
{
	up = 0;
	loading = 0;
	forget_chunk(0);
	forget_chunk(1);
	member[F] = OUT; member[S] = OUT;
	EVENTS = 0; CLEARED = 0; FLIGHT_BE = 0; FLIGHT_EC = 0;
	copy = AWAKE; sleepy = 0;
	daemon = IDLE; daemon_waits = 0; flushed = 0; may_clear = 0; unflushed = 0; token = 0;
	updating = IDLE; update_waits = 0; update_left = 0;
	new_role[F] = 0; new_role[S] = 0; new_clean = 0;
	want_update = 0; force_update = 0; can_decrease = 0;
	pending = 0; clean = 0; unsynced = 0;
	renumber()
}

#define SLEEPS(m)	(BE(m) == NEVER)
#define OUT_OF_DATE(m)	(disk_stale[m] || BE(m) < EVENTS)

/* What the copy of m, the one that is trusted, says of c. */
inline load(m, c)
{
	image[c] = on_disk[AT(m, c)] || OUT_OF_DATE(m);
	needed[c] = image[c];
#ifdef MUTANT_DROPS_BITS_WHEN_DEGRADED
	if
	:: DEGRADED && EC(m) == WHOLE_EVENTS -> needed[c] = 0
	:: else
	fi;
#endif
#ifdef MUTANT_DROPS_BITS_WHEN_CLEAN
	if
	:: !DEGRADED && disk_clean[m] -> needed[c] = 0
	:: else
	fi;
#endif
	/* What the source holds may still be in its cache, if it was no power failure. */
	if
	:: lacks[AT(S, c)] ->
		lacks[AT(S, c)] = 0;
		lacks[AT(OTHER(m), c)] = 1;
		cached[AT(m, c)] = 1
	:: else
	fi
}

/* f: whose superblock counts; m: whose bitmap is read. */
inline start(f, m)
{
	up = 1;
	EVENTS = SB(f);
	CLEARED = (OUT_OF_DATE(m) -> WHOLE_EVENTS : EC(m));
	CLEARED = (CLEARED > EVENTS -> EVENTS : CLEARED);
	load(m, 0);
	load(m, 1);
#ifdef MUTANT_BELIEVES_A_SLEEPING_COPY
	copy = (BEHIND && SLEEPS(S) -> ASLEEP : AWAKE);
	sleepy = copy;
#else
	/* it would take back members that the bits to be written do not cover */
	copy = (ACTIVE(S) && (SLEEPS(S) || EC(S) < CLEARED) -> DROWSY : AWAKE);
#endif
	clean = 1;
	loading = 1;
	pending = 1;
	want_update = MISSING;		/* recorded before anybody joins, or data is written */
	force_update = MISSING;
	unsynced = BEHIND && (!disk_clean[f] || needed[0] || needed[1]);
	commit(1);
	commit_pages();
	renumber()
}

/* Awake copies are preferred, and F's. */
inline assemble_both(f)
{
	member[F] = ROLE(f, F);
	member[S] = ROLE(f, S);
	if
	:: member[F] == IN && !(SLEEPS(F) && member[S] == IN && !SLEEPS(S)) -> start(f, F)
	:: else -> start(f, S)
	fi
}

/* md counts on two superblocks with the same count saying the same; see README.md. */
inline assemble_alone(m)
{
	member[m] = IN;
	start(m, m);
	EVENTS = (SB(OTHER(m)) > EVENTS -> SB(OTHER(m)) : EVENTS);
	renumber()
}

/*
 * The kernel's raid1 writes what it has read of page 0 to all members.  That of
 * a copy that sleeps, or has slept, may not know which members must not be taken
 * back; so as long as the kernel has not completed a write, it may take back any.
 */
inline visit(f, from, to)
{
	if
	:: EC(from) < EC(to) -> OLD = 0; old_lacks[0] = 0; old_lacks[1] = 0
	:: else
	fi;
	EVENTS = SB(f);
	if
	:: OUT_OF_DATE(from) ->
		on_disk[AT(from, 0)] = 1; on_disk[AT(from, 1)] = 1;
		on_disk[AT(to, 0)] = 1; on_disk[AT(to, 1)] = 1;
		EC(from) = EVENTS
	:: else
	fi;
	on_disk[AT(to, 0)] = on_disk[AT(from, 0)];
	EC(to) = EC(from);
	BE(from) = EVENTS; BE(to) = EVENTS;
	disk_stale[from] = 0; disk_stale[to] = 0;
	EVENTS = 0;
	renumber()
}

active proctype world()
{
	do
#ifndef NO_CRASH
	:: d_step { up -> printf("crash\n"); crash() }
#endif
	:: d_step { !up && SB(F) && SB(S) && (ROLE(FRESHEST, F) == IN || ROLE(FRESHEST, S) == IN) ->
			printf("assembly of both\n"); assemble_both(FRESHEST) }
	:: d_step { !up && MAY_BE_ALONE(F) -> printf("assembly of F\n"); assemble_alone(F) }
	:: d_step { !up && MAY_BE_ALONE(S) -> printf("assembly of S\n"); assemble_alone(S) }
#ifndef NO_KERNEL
	:: d_step { !up && ROLE(FRESHEST, F) == IN && ROLE(FRESHEST, S) == IN ->
			printf("the kernel, F first\n"); visit(FRESHEST, F, S) }
	:: d_step { !up && ROLE(FRESHEST, F) == IN && ROLE(FRESHEST, S) == IN ->
			printf("the kernel, S first\n"); visit(FRESHEST, S, F) }
	:: d_step { !up && MAY_BE_ALONE(F) -> printf("the kernel, F alone\n"); visit(F, F, F) }
	:: d_step { !up && MAY_BE_ALONE(S) -> printf("the kernel, S alone\n"); visit(S, S, S) }
#endif
	od
}
