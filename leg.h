/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One member's share of a write: a bio of its own, and a place in the member's
 * line.
 */
#ifndef R1WB_LEG_H
#define R1WB_LEG_H

#include "order.h"
#include "raid1wb.h"

struct r1wb_write;

/**
 * struct r1wb_leg - a write on its way to one member
 * @write:	the write
 * @member:	where it goes
 * @rdev:	nr_pending is held
 * @place:	in the member's line, from r1wb_order_enter() to the leg's end
 * @behind:	the parent does not wait for it.  Set while it is out if the member
 *		fails, under the order's lock; constant otherwise
 * @promise:	sent without FUA and PREFLUSH
 * @counted:	in @member->behind, if the member may lag
 * @recorded:	not all of it has been written, but the rest is recorded as bad
 * @work:	what needs process context: bad blocks
 * @forsaken:	on the list of r1wb_legs_forsake()
 * @bio:	what the member gets
 */
struct r1wb_leg {
	struct r1wb_write	*write;
	struct r1wb_member	*member;
	struct md_rdev		*rdev;
	struct r1wb_place	place;
	bool			behind;
	bool			promise;
	bool			counted;
	bool			recorded;
	struct work_struct	work;
	struct list_head	forsaken;
	struct bio		bio;
};

void r1wb_leg_add(struct r1wb_write *write, struct r1wb_member *member,
		  bool behind, bool promise);
void r1wb_legs_undo(struct r1wb_write *write);
void r1wb_legs_send(struct r1wb_write *write);
void r1wb_leave_lines(struct r1wb_conf *conf, struct r1wb_turn *turn);
void r1wb_legs_forsake(struct work_struct *work);

unsigned long r1wb_member_age(struct r1wb_member *member);

#endif /* R1WB_LEG_H */
