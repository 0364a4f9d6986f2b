// SPDX-License-Identifier: GPL-2.0
/* The interval set: borders, order of grants, and random walks beside a model without a tree. */
#include <kunit/test.h>
#include <linux/limits.h>

#include "interval.h"
#include "random.h"

#define NR_RANGES	48

/* What a set has granted, in that order. */
struct grants {
	struct r1wb_range	*range[NR_RANGES];
	unsigned int		nr;
};

static void note_grant(struct r1wb_range *range, void *arg)
{
	struct grants *grants = arg;

	if (grants->nr < NR_RANGES)
		grants->range[grants->nr] = range;
	grants->nr++;
}

static struct r1wb_interval_set *new_set(struct kunit *test)
{
	struct r1wb_interval_set *set = kunit_kzalloc(test, sizeof(*set), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, set);
	r1wb_interval_init(set);
	return set;
}

static struct r1wb_range *new_ranges(struct kunit *test, unsigned int nr)
{
	struct r1wb_range *ranges = kunit_kcalloc(test, nr, sizeof(*ranges), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ranges);
	return ranges;
}

/* A range overlaps what shares a sector with it, and not its neighbours. */
static void borders(struct kunit *test)
{
	struct r1wb_interval_set *set = new_set(test);
	struct r1wb_range *r = new_ranges(test, 3);

	KUNIT_EXPECT_TRUE(test, r1wb_interval_empty(set));
	KUNIT_EXPECT_EQ(test, 0, r1wb_interval_add(set, &r[0], 100, 10));
	KUNIT_EXPECT_FALSE(test, r1wb_interval_empty(set));
	KUNIT_EXPECT_FALSE(test, r1wb_interval_overlaps(set, 99, 1));
	KUNIT_EXPECT_TRUE(test, r1wb_interval_overlaps(set, 99, 2));
	KUNIT_EXPECT_TRUE(test, r1wb_interval_overlaps(set, 109, 1));
	KUNIT_EXPECT_FALSE(test, r1wb_interval_overlaps(set, 110, 1));
	KUNIT_EXPECT_TRUE(test, r1wb_interval_overlaps(set, 0, 1000));
	KUNIT_EXPECT_EQ(test, 0, r1wb_interval_add(set, &r[1], 110, 10));
	KUNIT_EXPECT_EQ(test, 2, r1wb_interval_add(set, &r[2], 109, 2));
}

/* The last sector that there can be. */
static void end_of_the_world(struct kunit *test)
{
	struct r1wb_interval_set *set = new_set(test);
	struct r1wb_range *r = new_ranges(test, 2);
	struct grants grants = {};

	KUNIT_EXPECT_EQ(test, 0, r1wb_interval_add(set, &r[0], U64_MAX, 1));
	KUNIT_EXPECT_FALSE(test, r1wb_interval_overlaps(set, U64_MAX - 1, 1));
	KUNIT_EXPECT_EQ(test, 1, r1wb_interval_add(set, &r[1], 1, U64_MAX));
	KUNIT_EXPECT_EQ(test, 1, r1wb_interval_remove(set, &r[0], note_grant, &grants));
	KUNIT_EXPECT_PTR_EQ(test, &r[1], grants.range[0]);
}

/* Writes of the same sectors go one at a time, first come, first served. */
static void first_come_first_served(struct kunit *test)
{
	struct r1wb_interval_set *set = new_set(test);
	struct r1wb_range *r = new_ranges(test, NR_RANGES);
	struct grants grants = {};
	unsigned int i;

	for (i = 0; i < NR_RANGES; i++)
		KUNIT_EXPECT_EQ(test, i, r1wb_interval_add(set, &r[i], 8, 8));
	for (i = 0; i < NR_RANGES - 1; i++) {
		KUNIT_EXPECT_EQ(test, 1, r1wb_interval_remove(set, &r[i], note_grant, &grants));
		KUNIT_EXPECT_PTR_EQ(test, &r[i + 1], grants.range[i]);
	}
	KUNIT_EXPECT_EQ(test, 0, r1wb_interval_remove(set, &r[i], note_grant, &grants));
	KUNIT_EXPECT_TRUE(test, r1wb_interval_empty(set));
}

/* A chain 0-1-2 where only neighbours overlap: the middle one holds back the last. */
static void chain(struct kunit *test)
{
	struct r1wb_interval_set *set = new_set(test);
	struct r1wb_range *r = new_ranges(test, 3);
	struct grants grants = {};

	r1wb_interval_add(set, &r[0], 0, 10);
	KUNIT_EXPECT_EQ(test, 1, r1wb_interval_add(set, &r[1], 5, 10));
	KUNIT_EXPECT_EQ(test, 1, r1wb_interval_add(set, &r[2], 12, 10));
	KUNIT_EXPECT_EQ(test, 1, r1wb_interval_remove(set, &r[0], note_grant, &grants));
	KUNIT_EXPECT_EQ(test, 1, r[2].blockers);
	KUNIT_EXPECT_EQ(test, 1, r1wb_interval_remove(set, &r[1], note_grant, &grants));
	KUNIT_EXPECT_PTR_EQ(test, &r[2], grants.range[1]);
}

/* One that is given up while it waits lets nobody past the older one. */
static void given_up_while_waiting(struct kunit *test)
{
	struct r1wb_interval_set *set = new_set(test);
	struct r1wb_range *r = new_ranges(test, 3);
	struct grants grants = {};
	unsigned int i;

	for (i = 0; i < 3; i++)
		r1wb_interval_add(set, &r[i], 8, 8);
	KUNIT_EXPECT_EQ(test, 0, r1wb_interval_remove(set, &r[1], note_grant, &grants));
	KUNIT_EXPECT_EQ(test, 0, r[0].blockers);
	KUNIT_EXPECT_EQ(test, 1, r[2].blockers);
	KUNIT_EXPECT_EQ(test, 1, r1wb_interval_remove(set, &r[0], note_grant, &grants));
	KUNIT_EXPECT_PTR_EQ(test, &r[2], grants.range[0]);
}

/* An observer waits for those before it, and nobody waits for an observer. */
static void observers(struct kunit *test)
{
	struct r1wb_interval_set *set = new_set(test);
	struct r1wb_range *r = new_ranges(test, 4);
	struct grants grants = {};

	KUNIT_EXPECT_EQ(test, 0, r1wb_interval_observe(set, &r[0], 0, 10));
	KUNIT_EXPECT_FALSE(test, r1wb_interval_overlaps(set, 0, 10));
	KUNIT_EXPECT_EQ(test, 0, r1wb_interval_add(set, &r[1], 5, 10));
	KUNIT_EXPECT_EQ(test, 1, r1wb_interval_observe(set, &r[2], 0, 10));
	KUNIT_EXPECT_EQ(test, 1, r1wb_interval_add(set, &r[3], 0, 10));
	KUNIT_EXPECT_EQ(test, 0, r1wb_interval_remove(set, &r[0], note_grant, &grants));
	KUNIT_EXPECT_EQ(test, 2, r1wb_interval_remove(set, &r[1], note_grant, &grants));
	KUNIT_EXPECT_EQ(test, 0, r1wb_interval_remove(set, &r[2], note_grant, &grants));
	KUNIT_EXPECT_EQ(test, 0, r[3].blockers);
}

/* One wide range holds back many narrow ones, which then all go at once. */
static void many_at_once(struct kunit *test)
{
	struct r1wb_interval_set *set = new_set(test);
	struct r1wb_range *r = new_ranges(test, NR_RANGES);
	struct grants grants = {};
	unsigned int i;

	r1wb_interval_add(set, &r[0], 0, 8 * NR_RANGES);
	for (i = 1; i < NR_RANGES; i++)
		KUNIT_EXPECT_EQ(test, 1, r1wb_interval_add(set, &r[i], 8 * i, 8));
	KUNIT_EXPECT_EQ(test, NR_RANGES - 1,
			r1wb_interval_remove(set, &r[0], note_grant, &grants));
	KUNIT_EXPECT_EQ(test, NR_RANGES - 1, grants.nr);
}

/*
 * The random walk. The model keeps slots: which are in the set, what they
 * cover, when they were added. What blocks whom is counted anew each time.
 */
struct model {
	struct slot {
		bool	in_set, observer;
		u64	start, last, age;
	} slots[NR_RANGES];
	u64 clock;
};

struct walk {
	struct r1wb_interval_set	*set;
	struct r1wb_range		*ranges;
	struct model			model;
	struct rnd_state		random;
};

static bool slots_overlap(const struct slot *a, const struct slot *b)
{
	return a->in_set && b->in_set && a->start <= b->last && b->start <= a->last;
}

static unsigned int model_blockers(const struct model *model, unsigned int of)
{
	unsigned int i, nr = 0;

	for (i = 0; i < NR_RANGES; i++)
		nr += i != of && !model->slots[i].observer &&
		      model->slots[i].age < model->slots[of].age &&
		      slots_overlap(&model->slots[i], &model->slots[of]);
	return nr;
}

static bool model_overlaps(const struct model *model, u64 start, u64 nr)
{
	struct slot probe = { true, false, start, start + nr - 1, 0 };
	unsigned int i;

	for (i = 0; i < NR_RANGES; i++)
		if (!model->slots[i].observer && slots_overlap(&model->slots[i], &probe))
			return true;
	return false;
}

static void walk_add(struct kunit *test, struct walk *walk, unsigned int i)
{
	struct slot *slot = &walk->model.slots[i];
	u64 start = r1wb_test_below(&walk->random, 64);
	u64 nr = 1 + r1wb_test_below(&walk->random, 12);

	KUNIT_ASSERT_EQ(test, model_overlaps(&walk->model, start, nr),
			r1wb_interval_overlaps(walk->set, start, nr));
	*slot = (struct slot){ true, !r1wb_test_below(&walk->random, 4), start, start + nr - 1,
			       walk->model.clock++ };
	KUNIT_ASSERT_EQ(test, model_blockers(&walk->model, i),
			(slot->observer ? r1wb_interval_observe : r1wb_interval_add)
			(walk->set, &walk->ranges[i], start, nr));
}

static void walk_remove(struct kunit *test, struct walk *walk, unsigned int gone)
{
	unsigned int before[NR_RANGES], i, expected = 0;
	struct grants grants = {};

	for (i = 0; i < NR_RANGES; i++)
		before[i] = model_blockers(&walk->model, i);
	walk->model.slots[gone].in_set = false;
	for (i = 0; i < NR_RANGES; i++)
		expected += i != gone && before[i] && !model_blockers(&walk->model, i);

	KUNIT_ASSERT_EQ(test, expected,
			r1wb_interval_remove(walk->set, &walk->ranges[gone],
					     note_grant, &grants));
	KUNIT_ASSERT_EQ(test, expected, grants.nr);
	for (i = 0; i < grants.nr; i++) {
		unsigned int slot = grants.range[i] - walk->ranges;

		KUNIT_ASSERT_NE(test, 0, before[slot]);
		KUNIT_ASSERT_EQ(test, 0, model_blockers(&walk->model, slot));
	}
}

static void walk_compare(struct kunit *test, const struct walk *walk)
{
	unsigned int i, nr = 0;

	for (i = 0; i < NR_RANGES; i++) {
		if (!walk->model.slots[i].in_set)
			continue;
		nr++;
		KUNIT_ASSERT_EQ(test, model_blockers(&walk->model, i),
				walk->ranges[i].blockers);
	}
	KUNIT_ASSERT_EQ(test, nr, walk->set->nr);
	KUNIT_ASSERT_EQ(test, !nr, r1wb_interval_empty(walk->set));
}

/* Few sectors and many ranges: equal starts, equal ranges, nesting and chains all come up. */
static void random_walk(struct kunit *test)
{
	struct walk *walk = kunit_kzalloc(test, sizeof(*walk), GFP_KERNEL);
	unsigned int i, step;

	KUNIT_ASSERT_NOT_NULL(test, walk);
	walk->set = new_set(test);
	walk->ranges = new_ranges(test, NR_RANGES);
	r1wb_test_seed(test, &walk->random);
	for (step = 0; step < 5000; step++) {
		i = r1wb_test_below(&walk->random, NR_RANGES);
		if (walk->model.slots[i].in_set)
			walk_remove(test, walk, i);
		else
			walk_add(test, walk, i);
		walk_compare(test, walk);
	}
}

static bool ranges_overlap(const struct r1wb_range *a, const struct r1wb_range *b)
{
	return a->start <= b->last && b->start <= a->last;
}

/*
 * Whatever is allowed to run ends in any order; then overlapping ranges have
 * run in the order in which they were added, and none was forgotten.
 */
static void random_runs_in_order(struct kunit *test)
{
	struct r1wb_interval_set *set = new_set(test);
	struct r1wb_range *r = new_ranges(test, NR_RANGES);
	bool ended[NR_RANGES] = {};
	struct grants running = {};
	struct rnd_state random;
	unsigned int i, nr = 0;

	r1wb_test_seed(test, &random);
	for (i = 0; i < NR_RANGES; i++)
		if (!r1wb_interval_add(set, &r[i], r1wb_test_below(&random, 40),
				       1 + r1wb_test_below(&random, 20)))
			note_grant(&r[i], &running);

	for (; running.nr; nr++) {
		unsigned int pick = r1wb_test_below(&random, running.nr);
		struct r1wb_range *range = running.range[pick];

		running.range[pick] = running.range[--running.nr];
		KUNIT_ASSERT_FALSE(test, ended[range - r]);
		for (i = 0; i < range - r; i++)
			KUNIT_ASSERT_TRUE(test, ended[i] || !ranges_overlap(&r[i], range));
		ended[range - r] = true;
		r1wb_interval_remove(set, range, note_grant, &running);
	}
	KUNIT_EXPECT_EQ(test, NR_RANGES, nr);
	KUNIT_EXPECT_TRUE(test, r1wb_interval_empty(set));
}

static struct kunit_case interval_cases[] = {
	KUNIT_CASE(borders),
	KUNIT_CASE(end_of_the_world),
	KUNIT_CASE(first_come_first_served),
	KUNIT_CASE(chain),
	KUNIT_CASE(given_up_while_waiting),
	KUNIT_CASE(observers),
	KUNIT_CASE(many_at_once),
	KUNIT_CASE(random_walk),
	KUNIT_CASE(random_runs_in_order),
	{}
};

static struct kunit_suite interval_suite = {
	.name = "raid1wb_interval",
	.test_cases = interval_cases,
};

kunit_test_suite(interval_suite);
