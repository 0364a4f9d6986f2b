// SPDX-License-Identifier: GPL-2.0
/*
 * Ordered interval set on an augmented red-black tree.
 *
 * Orders ranges; does not know what they are, start them, or lock anything.
 * Any context, under the lock of the set's owner.
 *
 * Kept true: range->blockers is the number of ranges in the set that overlap
 * it, have a smaller seq and are no observers.
 */
#include <linux/bug.h>
#include <linux/interval_tree_generic.h>
#include <linux/limits.h>
#include "interval.h"

#define FIRST(range)	((range)->start)
#define LAST(range)	((range)->last)

INTERVAL_TREE_DEFINE(struct r1wb_range, node, sector_t, subtree_last,
		     FIRST, LAST, static, tree)

/* Lengths that make no sense become ranges that overlap more, never less. */
static sector_t last_sector(sector_t start, sector_t nr_sectors)
{
	sector_t last;

	if (WARN_ON_ONCE(!nr_sectors))
		nr_sectors = 1;
	last = start + nr_sectors - 1;
	if (WARN_ON_ONCE(last < start))
		last = (sector_t)U64_MAX;
	return last;
}

void r1wb_interval_init(struct r1wb_interval_set *set)
{
	set->root = RB_ROOT_CACHED;
	set->next_seq = 0;
	set->nr = 0;
}

struct r1wb_range *r1wb_interval_first(struct r1wb_interval_set *set,
				       sector_t start, sector_t last)
{
	return tree_iter_first(&set->root, start, last);
}

struct r1wb_range *r1wb_interval_next(struct r1wb_range *range,
				      sector_t start, sector_t last)
{
	return tree_iter_next(range, start, last);
}

static unsigned int count_blockers(struct r1wb_interval_set *set,
				   sector_t start, sector_t last)
{
	struct r1wb_range *range;
	unsigned int nr = 0;

	for (range = tree_iter_first(&set->root, start, last); range;
	     range = tree_iter_next(range, start, last))
		nr += !range->observer;
	return nr;
}

static unsigned int add(struct r1wb_interval_set *set, struct r1wb_range *range,
			sector_t start, sector_t nr_sectors)
{
	range->start = start;
	range->last = last_sector(start, nr_sectors);
	range->seq = set->next_seq++;
	range->blockers = count_blockers(set, range->start, range->last);
	tree_insert(range, &set->root);
	set->nr++;
	return range->blockers;
}

unsigned int r1wb_interval_add(struct r1wb_interval_set *set,
			       struct r1wb_range *range,
			       sector_t start, sector_t nr_sectors)
{
	range->observer = false;
	return add(set, range, start, nr_sectors);
}

unsigned int r1wb_interval_observe(struct r1wb_interval_set *set,
				   struct r1wb_range *range,
				   sector_t start, sector_t nr_sectors)
{
	range->observer = true;
	return add(set, range, start, nr_sectors);
}

bool r1wb_interval_overlaps(struct r1wb_interval_set *set, sector_t start,
			    sector_t nr_sectors)
{
	return count_blockers(set, start, last_sector(start, nr_sectors));
}

static bool unblock(struct r1wb_range *range)
{
	if (WARN_ON_ONCE(!range->blockers))
		return false;
	return --range->blockers == 0;
}

unsigned int r1wb_interval_remove(struct r1wb_interval_set *set,
				  struct r1wb_range *range,
				  void (*granted)(struct r1wb_range *range, void *arg),
				  void *arg)
{
	struct r1wb_range *other;
	unsigned int nr = 0;

	tree_remove(range, &set->root);
	set->nr--;
	if (range->observer)
		return 0;
	for (other = tree_iter_first(&set->root, range->start, range->last);
	     other;
	     other = tree_iter_next(other, range->start, range->last)) {
		if (other->seq < range->seq || !unblock(other))
			continue;
		nr++;
		granted(other, arg);
	}
	return nr;
}
