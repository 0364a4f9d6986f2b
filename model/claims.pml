/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must hold in every state, as if a crash came now.
 *
 * m is a leg that an assembly would trust, x the other one, r what x is then,
 * f the leg whose superblock counts.
 */

#define FOR_BOTH(what, f, m, r)	(what(f, m, r, 0) && what(f, m, r, 1))
#define STALE(f, m)		(disk_stale[m] || BE(m) < SB(f))

/* x will be copied as a whole, whatever the bitmap says. */
#define WHOLLY(m, x)		(SB(x) == 0 || SB(x) < EC(m) || role[AT(x, x)] == FULL)

/* I10, I2: the bit is set.  With both legs in sync, a copy that is out of date is as good. */
#define SUPERSET(f, m, r, c) \
	(!DIFFER(c) || on_disk[AT(m, c)] || (r == IN && STALE(f, m)) || (r != IN && WHOLLY(m, OTHER(m))))

/*
 * Of an array that is not whole, the kernel's raid1 forgets such bits (F9, F11).
 * That cannot be helped if m has failed, so that the other's superblock is
 * newer, and this was not recorded before the crash.
 */
#define FORGETS(f, m)		(STALE(f, m) || EC(m) == SB(f))
#define REMEMBERED(f, m, r, c) \
	(!DIFFER(c) || r == IN || WHOLLY(m, OTHER(m)) || SB(m) < SB(OTHER(m)) || !FORGETS(f, m))

/* The same for a disk that was replaced and may be taken back. */
#define COVERS_OLD(f, m, r, c) \
	(!OLD || !old_lacks[c] || on_disk[AT(m, c)] || STALE(f, m) || OLD < EC(m))
#define MEMORY_COVERS_OLD(c) \
	(!up || !OLD || !old_lacks[c] || image[c] || OLD < CLEARED)

#define TRUSTED(what, f, m)	(ROLE(f, m) != IN || FOR_BOTH(what, f, m, ROLE(f, OTHER(m))))
#define TOGETHER(what, f)	(TRUSTED(what, f, F) && TRUSTED(what, f, S))
#define ALONE(what, m)		(!MAY_BE_ALONE(m) || FOR_BOTH(what, m, m, OUT))
#define ALWAYS(what)		((SB(F) >= SB(S) -> TOGETHER(what, F) : TOGETHER(what, S)) && \
				 ALONE(what, F) && ALONE(what, S))

/* I9 */
#define CLEAN_IS_CLEAN \
	(ROLE(FRESHEST, F) != IN || ROLE(FRESHEST, S) != IN || !disk_clean[FRESHEST] || \
	 !(DIFFER(0) || DIFFER(1)))

#define CLAIM_1		ALWAYS(SUPERSET)
#define CLAIM_2		ALWAYS(REMEMBERED)
#define CLAIM_3		(ALWAYS(COVERS_OLD) && MEMORY_COVERS_OLD(0) && MEMORY_COVERS_OLD(1))

never
{
	do
	:: !CLAIM_1 -> assert(i10_bits_are_a_superset)
	:: CLAIM_1 && !CLAIM_2 -> assert(i10_kernel_remembers_bits)
	:: CLAIM_1 && CLAIM_2 && !CLAIM_3 -> assert(i11_old_disk_is_not_taken_back)
	:: CLAIM_1 && CLAIM_2 && CLAIM_3 && !CLEAN_IS_CLEAN -> assert(i9_clean_means_clean)
	:: else
	od
}
