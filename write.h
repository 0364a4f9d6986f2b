/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The write path.
 */
#ifndef R1WB_WRITE_H
#define R1WB_WRITE_H

#include "ack.h"
#include "member.h"
#include "park.h"
#include "raid1wb.h"

struct r1wb_write;

/* One member's share of a write. */
struct r1wb_leg {
	struct r1wb_write	*write;
	struct r1wb_member	*member;
	struct md_rdev		*rdev;		/* nr_pending is held */
	bool			behind;
	bool			promise;	/* sent without FUA and PREFLUSH */
	struct work_struct	work;		/* clears bad blocks */
	struct bio		bio;
};

/**
 * struct r1wb_write - a write, or an empty flush, on its way to the members
 * @parent:	md's accounting clone of what the block layer handed to us; its
 *		completion drops the parent's hold in the bitmap
 * @copy:	private copy that feeds all legs of a behind write, or NULL
 * @held:	bitmap in which a behind write holds its chunks, or NULL
 * @sector:	start, in the array
 * @sectors:	length; 0 for an empty flush
 * @status:	why nothing is sent; the parent fails with it
 * @left:	legs that have not ended, see ack.h
 * @refs:	one for the acknowledgment, one for the legs
 * @flags:	enum r1wb_write_flag
 * @flush:	makes a write durable that only behind members have
 * @legs:	right behind this struct, one for each slot of the array
 *
 * The life of a write:
 *
 *	r1wb_write()	takes its turn	(order.c)
 *			md_account_bio	parent's hold on the chunks
 *			picks members, copies if it goes behind
 *	ride		waits until the chunks' bits are stable	(I1), and again if
 *			a member was lost meanwhile
 *	send		a bio to each member
 *	leg_ended	each one; @left decides:
 *	  acknowledge	no waited leg is left, somebody has the data (I3)
 *	  legs_ended	no leg is left: hold, copy and backlog go
 *	put_write	both are over: the next in turn may go
 */
struct r1wb_write {
	struct r1wb_conf	*conf;
	struct bio		*parent;
	struct bio		*copy;
	struct r1wb_bitmap	*held;
	struct r1wb_range	range;
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

size_t r1wb_write_bytes(int nr_members);
void r1wb_write(struct r1wb_conf *conf, struct bio *bio);

#endif /* R1WB_WRITE_H */
