/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ordered interval set: which of the outstanding ranges must wait for which.
 *
 * Ranges are numbered in the order in which they are added.  A range is
 * blocked by every older one that it overlaps, and free to go once they have
 * all been removed; so overlapping ranges go in the order in which they came,
 * and ranges that overlap nothing never wait.  An observer waits like any
 * other, but nobody waits for it.
 *
 * No locks inside: the caller serialises all calls on a set.  Nothing here
 * sleeps or allocates; any context that may take the caller's lock.
 */
#ifndef R1WB_INTERVAL_H
#define R1WB_INTERVAL_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

/**
 * struct r1wb_range - one outstanding range of sectors
 * @node:	the set's
 * @start:	first sector; constant while in a set
 * @last:	last sector; constant while in a set
 * @subtree_last: the set's
 * @seq:	its number: smaller is older; constant while in a set
 * @blockers:	older ranges that overlap it and are still in the set
 * @observer:	blocks nobody; constant while in a set
 * @link:	the owner's, never touched here
 *
 * Embedded in the owner's request, which must outlive its stay in the set.
 */
struct r1wb_range {
	struct rb_node		node;
	sector_t		start;
	sector_t		last;
	sector_t		subtree_last;
	u64			seq;
	unsigned int		blockers;
	bool			observer;
	struct list_head	link;
};

/**
 * struct r1wb_interval_set - outstanding ranges, ordered by sector
 * @root:	the tree
 * @next_seq:	number of the next range to be added
 * @nr:		how many ranges are in the set
 */
struct r1wb_interval_set {
	struct rb_root_cached	root;
	u64			next_seq;
	unsigned int		nr;
};

void r1wb_interval_init(struct r1wb_interval_set *set);

/**
 * r1wb_interval_add - add a range as the youngest of its set
 * @set:	the set
 * @range:	not in any set; nothing of it but @link needs to be initialised
 * @start:	first sector
 * @nr_sectors:	length, not 0
 *
 * Return: the number of ranges it has to wait for, also in @range->blockers.
 */
unsigned int r1wb_interval_add(struct r1wb_interval_set *set,
			       struct r1wb_range *range,
			       sector_t start, sector_t nr_sectors);

/* The same for an observer: it waits for the older ones, and blocks nobody. */
unsigned int r1wb_interval_observe(struct r1wb_interval_set *set,
				   struct r1wb_range *range,
				   sector_t start, sector_t nr_sectors);

/* The ranges that overlap @start to @last, observers as well, by first sector. */
struct r1wb_range *r1wb_interval_first(struct r1wb_interval_set *set,
				       sector_t start, sector_t last);
struct r1wb_range *r1wb_interval_next(struct r1wb_range *range,
				      sector_t start, sector_t last);

/* True if a range like this would have to wait. */
bool r1wb_interval_overlaps(struct r1wb_interval_set *set, sector_t start,
			    sector_t nr_sectors);

/**
 * r1wb_interval_remove - a range has ended, or was given up while it waited
 * @set:	the set
 * @range:	in @set; free for reuse on return
 * @granted:	called for every range that waits for nothing any more.  Must
 *		not change the set: collect them on @link, act on them later
 * @arg:	passed on to @granted
 *
 * @granted sees ranges in the order of their first sectors, not of their age;
 * those granted by one call may only overlap if @granted changed the set.
 *
 * Return: how many ranges were granted.
 */
unsigned int r1wb_interval_remove(struct r1wb_interval_set *set,
				  struct r1wb_range *range,
				  void (*granted)(struct r1wb_range *range, void *arg),
				  void *arg);

static inline bool r1wb_interval_empty(const struct r1wb_interval_set *set)
{
	return !set->nr;
}

#endif /* R1WB_INTERVAL_H */
