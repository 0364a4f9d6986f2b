/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which member serves a read.
 *
 * Pure logic: decides from a snapshot that the caller has taken of the
 * members.  Any context, no locks; the caller pins the chosen member and
 * looks again if it has gone meanwhile.
 */
#ifndef R1WB_READ_CHOICE_H
#define R1WB_READ_CHOICE_H

#include <linux/types.h>

/**
 * struct r1wb_read_candidate - a member, seen from one read
 * @next_read:	sector where a sequential stream on it would go on
 * @good_sectors: sectors readable from here on, before a known bad block
 * @pending:	I/O outstanding on it
 * @usable:	present, not faulty, and not tried for this read before
 * @in_sync:	its data is good up to the end of the read
 * @write_mostly: to be read only if no other member can serve
 * @rotational:	seeking is what costs
 */
struct r1wb_read_candidate {
	sector_t	next_read;
	sector_t	good_sectors;
	unsigned int	pending;
	bool		usable;
	bool		in_sync;
	bool		write_mostly;
	bool		rotational;
};

/**
 * r1wb_choose_read - choose the member to read from
 * @candidates:	the members, in slot order
 * @nr:		how many
 * @sector:	first sector of the read
 * @sectors:	its length, not 0
 * @first_only:	members may differ here: every read must come from the same
 *		one, the first that can serve
 * @readable:	set to the number of sectors that may be read from the chosen
 *		member, 1 to @sectors; to 0 if there is none
 *
 * Members are preferred in this order: not write-mostly; able to serve the
 * whole read, or else most of it; in the middle of a stream that this read
 * continues; not rotational.  Among equals the one with the least pending I/O
 * wins, among rotational ones the one whose head is nearest, and then the
 * lower slot.
 *
 * Return: the slot, or -1 if no member can serve the first sector.
 */
int r1wb_choose_read(const struct r1wb_read_candidate *candidates, int nr,
		     sector_t sector, sector_t sectors, bool first_only,
		     sector_t *readable);

#endif /* R1WB_READ_CHOICE_H */
