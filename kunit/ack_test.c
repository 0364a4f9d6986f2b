// SPDX-License-Identifier: GPL-2.0
/* The ack decision: its truth table, and whole writes leg by leg. */
#include <kunit/test.h>
#include <linux/atomic.h>

#include "ack.h"
#include "random.h"

static void packing(struct kunit *test)
{
	u32 left = r1wb_legs_new(3, 2);

	KUNIT_EXPECT_EQ(test, 3, r1wb_legs_waited(left));
	KUNIT_EXPECT_EQ(test, 2, r1wb_legs_behind(left));
	left -= r1wb_legs_one(true);
	KUNIT_EXPECT_EQ(test, 3, r1wb_legs_waited(left));
	KUNIT_EXPECT_EQ(test, 1, r1wb_legs_behind(left));
	left -= r1wb_legs_one(false);
	KUNIT_EXPECT_EQ(test, 2, r1wb_legs_waited(left));
	KUNIT_EXPECT_EQ(test, 1, r1wb_legs_behind(left));
	KUNIT_EXPECT_EQ(test, 0, r1wb_legs_new(0, 0));
	KUNIT_EXPECT_EQ(test, 0xffff, r1wb_legs_waited(r1wb_legs_new(0xffff, 0xffff)));
	KUNIT_EXPECT_EQ(test, 0xffff, r1wb_legs_behind(r1wb_legs_new(0xffff, 0xffff)));
}

/* Also for counts that a careless mask would overlook. */
static void truth_table(struct kunit *test)
{
	static const unsigned int counts[] = { 0, 1, 2, 0x100, 0x8000, 0xffff };
	int i, j;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		for (j = 0; j < ARRAY_SIZE(counts); j++) {
			u32 left = r1wb_legs_new(counts[i], counts[j]);
			bool waited = counts[i], behind = counts[j];

			KUNIT_EXPECT_EQ(test, !waited, r1wb_may_ack(left, true));
			KUNIT_EXPECT_EQ(test, !waited && !behind, r1wb_may_ack(left, false));
			KUNIT_EXPECT_EQ(test, !waited && !behind, r1wb_all_ended(left));
		}
	}
}

/* The parent does not wait for the slow leg. */
static void fast_leg_first(struct kunit *test)
{
	atomic_t legs = ATOMIC_INIT(r1wb_legs_new(1, 1));
	u32 left = atomic_sub_return(r1wb_legs_one(false), &legs);

	KUNIT_EXPECT_TRUE(test, r1wb_may_ack(left, true));
	KUNIT_EXPECT_FALSE(test, r1wb_all_ended(left));
	left = atomic_sub_return(r1wb_legs_one(true), &legs);
	KUNIT_EXPECT_TRUE(test, r1wb_all_ended(left));
}

/* A slow leg that happens to be first acknowledges nothing. */
static void slow_leg_first(struct kunit *test)
{
	atomic_t legs = ATOMIC_INIT(r1wb_legs_new(1, 1));
	u32 left = atomic_sub_return(r1wb_legs_one(true), &legs);

	KUNIT_EXPECT_FALSE(test, r1wb_may_ack(left, true));
	left = atomic_sub_return(r1wb_legs_one(false), &legs);
	KUNIT_EXPECT_TRUE(test, r1wb_may_ack(left, true));
}

/* If the fast leg fails, the write is not lost before the slow one has had its say. */
static void fast_leg_fails(struct kunit *test)
{
	atomic_t legs = ATOMIC_INIT(r1wb_legs_new(1, 1));
	u32 left = atomic_sub_return(r1wb_legs_one(false), &legs);

	KUNIT_EXPECT_FALSE(test, r1wb_may_ack(left, false));
	left = atomic_sub_return(r1wb_legs_one(true), &legs);
	KUNIT_EXPECT_TRUE(test, r1wb_may_ack(left, true));
	KUNIT_EXPECT_TRUE(test, r1wb_may_ack(left, false));
}

/* Legs end in any order and with any result: the parent completes at the first moment it may. */
static void random_write(struct kunit *test, struct rnd_state *random)
{
	unsigned int waited = r1wb_test_below(random, 4);
	unsigned int behind = r1wb_test_below(random, 4);
	atomic_t legs = ATOMIC_INIT(r1wb_legs_new(waited, behind));
	bool held = false, acked = false;
	u32 left;

	while (waited + behind) {
		bool is_behind = r1wb_test_below(random, waited + behind) < behind;

		held |= r1wb_test_below(random, 2);
		left = atomic_sub_return(r1wb_legs_one(is_behind), &legs);
		waited -= !is_behind;
		behind -= is_behind;
		acked |= r1wb_may_ack(left, held);
		KUNIT_ASSERT_EQ(test, acked, !waited && (held || !behind));
		KUNIT_ASSERT_EQ(test, r1wb_all_ended(left), !waited && !behind);
	}
	KUNIT_ASSERT_EQ(test, 0, atomic_read(&legs));
}

static void random_writes(struct kunit *test)
{
	struct rnd_state random;
	int i;

	r1wb_test_seed(test, &random);
	for (i = 0; i < 10000; i++)
		random_write(test, &random);
}

static struct kunit_case ack_cases[] = {
	KUNIT_CASE(packing),
	KUNIT_CASE(truth_table),
	KUNIT_CASE(fast_leg_first),
	KUNIT_CASE(slow_leg_first),
	KUNIT_CASE(fast_leg_fails),
	KUNIT_CASE(random_writes),
	{}
};

static struct kunit_suite ack_suite = {
	.name = "raid1wb_ack",
	.test_cases = ack_cases,
};

kunit_test_suite(ack_suite);
