/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The array: its members, the requests on their way, and what orders them.
 *
 * Lock order:
 *   mddev->reconfig_mutex
 *     order.lock            (irq)   the members' lines, quiescing
 *       page->lock          (irq)   bitmap_page.c, one bitmap page
 *     mddev->lock                   md's, for who shows the array
 *       conf->lock          (irq)   member table changes, degraded, parked list
 *     lane->lock            (irq)   what is to be submitted to a member
 */
#ifndef RAID1WB_H
#define RAID1WB_H

#include <linux/blkdev.h>
#include <linux/mempool.h>
#include <linux/workqueue.h>
#include "md.h"
#include "bitmap.h"
#include "behind.h"
#include "order.h"

struct r1wb_conf;
struct r1wb_resync;

/**
 * struct r1wb_member - what sits in one slot of the array
 * @rdev:	NULL when empty; changes only while no I/O of the array is running
 * @next_read:	where a sequential stream on it would go on
 * @line:	who may write it where, in turn
 * @behind:	writes on their way to it since it was behind, and windows for which
 *		such writes may wait; it must not be read past them, even if it is
 *		not WriteMostly any more
 * @has_lagged:	it has been behind since its cache was last known to be flushed
 * @lane:	on which these go
 * @forsake:	releases those who wait for it, when it has failed
 */
struct r1wb_member {
	struct r1wb_conf	*conf;
	struct md_rdev		*rdev;
	sector_t		next_read;
	struct r1wb_line	line;
	atomic_t		behind;
	bool			has_lagged;
	struct r1wb_lane	lane;
	struct work_struct	forsake;
};

/**
 * struct r1wb_pools - what requests are made of when memory is out
 * @room:	members that they have room for
 */
struct r1wb_pools {
	int			room;
	mempool_t		write;
	mempool_t		read;
};

struct r1wb_conf {
	/* immutable after run() */
	struct mddev		*mddev;
	struct md_thread __rcu	*thread;	/* until run() hands it to md */

	/*
	 * Change while the array is suspended and no sync thread runs, under
	 * mddev->lock, @lock and reconfig_mutex; @nr_members also when somebody
	 * is given a slot by hand.  There are twice as many @members as slots:
	 * the second half is for replacements of those in the first one.
	 */
	int			nr_slots;
	int			nr_members;	/* slots, or all: others are empty */
	struct r1wb_member	**members;
	struct r1wb_pools __rcu	*pools;

	struct r1wb_seat	seat;
	struct r1wb_order	order;
	struct r1wb_backlog	backlog;
	struct r1wb_resync	*resync;	/* only while md's sync thread runs */

	struct mutex		listing;	/* beginning lists of bad blocks */

	spinlock_t		lock;		/* what follows; In_sync and degraded */
	struct list_head	parked;
	struct list_head	repairs;
	unsigned long		flags;		/* enum r1wb_conf_flag */
	int			recovery_disabled;
};

enum r1wb_conf_flag {
	R1WB_FULL_SYNC,		/* a member needs every block, bitmap or not */
	R1WB_KEPT_ACTIVE,	/* there was a behind member when last looked at */
};

/* Work that may sleep for a member, but not for its turn: others' turns hang on it. */
extern struct workqueue_struct *r1wb_wq;
/* Work that may wait for its turn. */
extern struct workqueue_struct *r1wb_turn_wq;

void r1wb_settle_sources(struct mddev *mddev);
/*
 * What is ours of an array that may be leaving us; NULL if it has left.  In an
 * RCU read section, and good for as long as that.
 */
struct r1wb_conf *r1wb_conf_of(struct mddev *mddev);

/* In a request that md counts, or under reconfig_mutex. */
static inline struct r1wb_pools *r1wb_pools(struct r1wb_conf *conf)
{
	return rcu_dereference_protected(conf->pools, true);
}

static inline struct r1wb_seat *r1wb_seat(struct mddev *mddev)
{
	struct r1wb_conf *conf = mddev->private;

	return conf ? &conf->seat : NULL;
}

#endif /* RAID1WB_H */
