/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The write path.
 */
#ifndef R1WB_WRITE_H
#define R1WB_WRITE_H

#include "ack.h"
#include "leg.h"
#include "member.h"
#include "park.h"
#include "raid1wb.h"

/**
 * struct r1wb_write - a write, or an empty flush, on its way to the members
 * @parent:	md's accounting clone of what the block layer handed to us; its
 *		completion drops the parent's hold in the bitmap
 * @copy:	private copy that feeds all legs, or NULL
 * @held:	bitmap in which a write that is behind holds its chunks, or NULL
 * @turn:	its places in the members' lines
 * @sector:	start, in the array
 * @sectors:	length; 0 for an empty flush
 * @status:	why nothing is sent; the parent fails with it
 * @left:	legs that have not ended, see ack.h
 * @refs:	one for the acknowledgment, one for the legs
 * @flags:	enum r1wb_write_flag
 * @flush:	makes a write durable that only behind members have
 * @nr_legs:	members that it is for
 * @room:	for so many
 * @legs:	right behind this struct
 *
 * The life of a write:
 *
 *	r1wb_write()	picks members, copies if there are any that lag
 *			takes a place in each one's line	(order.c)
 *			md_account_bio	parent's hold on the chunks
 *	ride		waits until the chunks' bits are stable	(I1), and again if
 *			a member was lost meanwhile
 *	legs_send	a bio to each member, at once or when its turn comes (leg.c)
 *	leg_ended	each one gives its place back; @left decides:
 *	  acknowledge	no waited leg is left, somebody has the data (I3)
 *	  legs_ended	no leg is left: hold, copy and backlog go
 *	write_put	both are over
 */
struct r1wb_write {
	struct r1wb_conf	*conf;
	struct bio		*parent;
	struct bio		*copy;
	struct r1wb_bitmap	*held;
	struct r1wb_turn	turn;
	struct r1wb_rider	rider;
	struct r1wb_parked	parked;
	sector_t		sector;
	sector_t		sectors;
	blk_status_t		status;
	atomic_t		left;
	refcount_t		refs;
	unsigned long		flags;
	struct work_struct	flush;
	int			nr_legs;
	int			room;
	struct r1wb_leg		*legs;
};

enum r1wb_write_flag {
	R1WB_WRITE_RESERVE,	/* sticky: from the pool's reserve */
	R1WB_WRITE_COUNTED,	/* sticky: holds md's writes_pending */
	R1WB_WRITE_HELD,	/* sticky: an in-sync member has the data */
	R1WB_WRITE_DURABLE,	/* sticky: what the flags ask for has been done */
	R1WB_WRITE_LOST,	/* sticky: a flush failed on a member that is kept */
	R1WB_WRITE_ACKED,	/* sticky: being acknowledged */
	R1WB_WRITE_NOTSUPP,	/* sticky: a member does not know the operation */
};

size_t r1wb_write_bytes(int room);
void r1wb_write(struct r1wb_conf *conf, struct bio *bio);

/* for legs */
void r1wb_write_judge(struct r1wb_write *write, u32 left);
void r1wb_write_reconsider(struct r1wb_write *write);
void r1wb_write_go_behind(struct r1wb_write *write);
void r1wb_write_put(struct r1wb_write *write);

#endif /* R1WB_WRITE_H */
