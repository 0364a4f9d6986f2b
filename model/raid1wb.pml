/* SPDX-License-Identifier: GPL-2.0 */
/*
 * raid1wb's protocol: a fast member and a slow one that lags behind, two
 * chunks, whose bits are on two pages of the bitmap; a crash at any moment.
 *
 * Every rule is one indivisible step; processes only group the rules, so all
 * interleavings of steps are explored.  What is on disk and in the members'
 * caches outlives a crash, everything else is rebuilt by an assembly.
 *
 * See README.md for what is not modelled, how it is run, and the mutants.
 */
#include "state.pml"
#include "events.pml"
#include "page.pml"
#include "daemon.pml"
#include "superblock.pml"
#include "write.pml"
#include "member.pml"
#include "sync.pml"
#include "crash.pml"
#include "claims.pml"

init
{
	d_step {
		for (i : 0 .. 1) {
			SB(i) = 2;
			BE(i) = 2;
			EC(i) = 1;
			role[AT(i, F)] = IN;
			role[AT(i, S)] = IN;
			disk_clean[i] = 1
		}
		i = 0
	}
	atomic {
		run page(0); run page(1); run write(0); run write(1);
		run fate(F); run fate(S); run window(0); run window(1)
	}
}
