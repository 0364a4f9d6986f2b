/* SPDX-License-Identifier: GPL-2.0 */
/* Random numbers that a failing test can be repeated with. */
#ifndef R1WB_KUNIT_RANDOM_H
#define R1WB_KUNIT_RANDOM_H

#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/random.h>

/* To repeat a run, write here the seed that it printed. */
#define R1WB_TEST_SEED	get_random_u64()

static inline void r1wb_test_seed(struct kunit *test, struct rnd_state *random)
{
	u64 seed = R1WB_TEST_SEED;

	kunit_info(test, "seed %#llx\n", seed);
	prandom_seed_state(random, seed);
}

/* Not quite even, but even enough: 0 to @below - 1. */
static inline u32 r1wb_test_below(struct rnd_state *random, u32 below)
{
	return prandom_u32_state(random) % below;
}

#endif /* R1WB_KUNIT_RANDOM_H */
