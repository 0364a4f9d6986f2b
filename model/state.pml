/* SPDX-License-Identifier: GPL-2.0 */
/* What there is: on disk, in the members' caches, in memory. */

#define F		0		/* the fast member, a sync member */
#define S		1		/* the slow one, behind while F is in sync */
#define OTHER(m)	(1 - (m))
#define MASK(m)		(1 << (m))
#define AT(m, c)	((m) * 2 + (c))	/* member m, chunk c */

/* What a member is. */
#define OUT		0		/* failed or absent */
#define FULL		1		/* being rebuilt, everything is copied */
#define REC		2		/* being rebuilt by the bitmap */
#define IN		3		/* in sync */

/*
 * Event counts, all in one array, so that they can be renumbered: only order,
 * equality and "one less" matter to anybody.  0 is none, or too old to matter.
 */
#define SB(m)		ev[m]		/* md's superblock on m */
#define BE(m)		ev[2 + (m)]	/* bitmap superblock on m: events */
#define EC(m)		ev[4 + (m)]	/* bitmap superblock on m: events_cleared */
#define EVENTS		ev[6]		/* md's count */
#define CLEARED		ev[7]		/* events_cleared in memory */
#define FLIGHT_BE	ev[8]		/* of page 0 in the air */
#define FLIGHT_EC	ev[9]
#define OLD		ev[10]		/* superblock of a disk that was replaced */
#define NR_EVENTS	11
#define NEVER		255		/* the events of a copy that sleeps: 2^63-1 */

byte ev[NR_EVENTS];

/* ---- on disk ---- */

bit on_disk[4];		/* [AT(m, c)]: c's bit in m's copy of the bitmap */
byte role[4];		/* [AT(m, who)]: m's superblock on who */
bit disk_clean[2];	/* [m]: m's superblock says that the array is clean */
bit disk_stale[2];	/* [m]: m's copy is marked "out of date"; only by mutants */

/* ---- the legs ---- */

/*
 * lacks: m's contents are not those that the array has now, and nobody is
 * writing them.  cached: some were written since m's last flush, so a crash may
 * take them back.  What is on its way is in sent[].
 */
bit lacks[4];		/* [AT(m, c)] */
bit cached[4];		/* [AT(m, c)] */
bit old_lacks[2];	/* [c]: the disk that was replaced */

/* ---- in memory ---- */

bit up;
bit loading;		/* the bitmap found is being written back */
byte member[2];		/* [m]: what m is */

/* A write to c: none, waiting for its bit, or sent to members. */
#define NONE		0
#define HELD		8		/* accepted; the chunk is held from here on */
#define SENT		4		/* with the mask of members not done yet */
byte sent[2];		/* [c] */

/* The chunk word, but for its holds. */
bit stable[2], needed[2], resync[2], aged[2];

/* The bitmap page of c. */
bit image[2];		/* c's bit in memory */
bit known[2];		/* c's bit as far as known to be on all disks */
bit wanted[2];		/* the page is to be written */
bit current[2];		/* everybody who is active now has got the page */
byte flight[2];		/* mask of members that have not got the flight yet */
bit flight_bit[2];	/* what it brings: to those who are awake, */
bit flight_ones[2];	/* ... to the slow member all ones */
bit flight_current[2];	/* it is for everybody who is active now */
bit reached[2];		/* somebody has got flight_bit */

/* The slow member's copy of the bitmap: which pages it gets, and which of them all ones. */
#define AWAKE		0
#define DROWSY		1		/* page 1 all ones */
#define NODDING		2		/* both all ones */
#define ASLEEP		3		/* none */
byte copy;
bit sleepy;		/* it may fall asleep */

/* The daemon. */
#define IDLE		0
#define RECORDING	1		/* page 0 is on its way, with events_cleared */
#define FLUSHING	2
byte daemon;
byte daemon_waits;	/* for so many landings of page 0 */
byte flushed;		/* mask of members */
bit may_clear;		/* this pass may */
bit unflushed;		/* a write has ended since the last flush */
bit token;		/* of writes under a flush that has not ended */

/* md. */
#define LULLING		1		/* bitmap page 1, all ones */
#define WAKING		2		/* page 0, for a copy that wakes */
#define COMMITTING_1	3		/* page 1, then page 0 */
#define COMMITTING_0	4
#define WRITING		5
byte updating;		/* superblocks: IDLE or one of these */
byte update_waits;	/* for so many landings of the page */
byte update_left;	/* mask of members whose superblock is still to be written */
byte new_role[2];	/* what is being written */
bit new_clean;
bit want_update, force_update, can_decrease;
bit pending;		/* nothing is sent or acknowledged before it is recorded */
bit clean;		/* the array, in memory */
bit unsynced;		/* md has a resync to do */
bit copying[2], passed[2];	/* [c]: catch-up */

/* Only their names count: a claim that is broken ends in an assertion about one of these. */
byte i1_bit_before_data, i9_clean_means_clean, i10_bits_are_a_superset, i10_kernel_remembers_bits,
     i11_bits_mean_work, i11_old_disk_is_not_taken_back;

byte i, j, n;		/* for use within a step */

#define ACTIVE(m)	(member[m] != OUT)
#define BEHIND		(member[F] == IN && member[S] == IN)
#define DEGRADED	(!BEHIND)
#define MISSING		(member[F] == OUT || member[S] == OUT)
#define OUTSTANDING(c)	(sent[c] & 3)

/*
 * A write holds its chunk from its acceptance to the end of its last leg: the
 * parent's hold until it is acknowledged, the behind write's own until then.
 */
#ifdef MUTANT_NO_HOLD_OF_ITS_OWN
#define HOLDS(c)	(sent[c] == HELD || sent[c] & MASK(F) || (sent[c] && DEGRADED))
#else
#define HOLDS(c)	(sent[c] != NONE)
#endif

/* May what the members hold of c differ, or come to differ in a crash? */
#define DIFFER(c)	(lacks[AT(F, c)] || lacks[AT(S, c)] || \
			 cached[AT(F, c)] || cached[AT(S, c)] || OUTSTANDING(c))

inline flush_cache(m)
{
	cached[AT(m, 0)] = 0;
	cached[AT(m, 1)] = 0
}
