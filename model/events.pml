/* SPDX-License-Identifier: GPL-2.0 */
/* Event counts are renumbered, so that there are finitely many. */

/*
 * Unused counts that stay: md's superblocks, and its count, that differ by two
 * go on differing by two; there is one less than each; and md may go back by one.
 */
#define APART(a, b)	((a == i - 1 && b == i + 1) || (a == i + 1 && b == i - 1))
#define NEEDED_GAP	(APART(SB(F), SB(S)) || APART(SB(F), EVENTS) || APART(SB(S), EVENTS) || \
			 SB(F) == i + 1 || SB(S) == i + 1 || EVENTS == i + 1 || (can_decrease && EVENTS == i + 2))

/* Bitmap superblocks older than all of md's are as good as none. */
inline forget_old_events()
{
	n = NEVER;
	for (j : 0 .. NR_EVENTS - 1) {
		if
		:: (j < 2 || j == 6 || j == 10) && ev[j] && ev[j] < n -> n = ev[j]
		:: else
		fi
	}
	for (j : 2 .. 9) {
		if
		:: j != 6 && ev[j] < n -> ev[j] = 0
		:: else
		fi
	}
}

/* What is at i, and beyond: 1, 2, or 3 for both. */
inline look_at_events()
{
	n = 0;
	for (j : 0 .. NR_EVENTS - 1) {
		if
		:: ev[j] == i -> n = n | 1
		:: ev[j] > i && ev[j] != NEVER -> n = n | 2
		:: else
		fi
	}
}

inline renumber()
{
	forget_old_events();
	i = 1;
	do
	:: i > 2 * NR_EVENTS -> break
	:: else ->
		look_at_events();
		if
		:: n == 2 && !NEEDED_GAP ->
			for (j : 0 .. NR_EVENTS - 1) {
				if
				:: ev[j] > i && ev[j] != NEVER -> ev[j]--
				:: else
				fi
			}
		:: else -> i++
		fi
	od;
	i = 0; j = 0; n = 0
}
