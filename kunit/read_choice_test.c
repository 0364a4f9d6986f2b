// SPDX-License-Identifier: GPL-2.0
/* The choice of the member to read from: a table of situations, and what holds in all of them. */
#include <kunit/test.h>
#include <linux/limits.h>

#include "random.h"
#include "read_choice.h"

#define NR_MEMBERS	3
#define SECTOR		1000
#define SECTORS		64

/* A read of SECTORS at SECTOR, unless the situation says otherwise. */
struct situation {
	const char			*name;
	struct r1wb_read_candidate	members[NR_MEMBERS];
	bool				first_only;
	int				choice;
	sector_t			readable;
};

#define BAD_AFTER(n, ...) { .usable = true, .in_sync = true, .good_sectors = (n), __VA_ARGS__ }
#define SSD(...)	BAD_AFTER(S64_MAX, __VA_ARGS__)
#define HDD(...)	SSD(.rotational = true, __VA_ARGS__)
#define WM(...)		SSD(.write_mostly = true, __VA_ARGS__)
#define REBUILT(...)	{ .usable = true, .good_sectors = S64_MAX, __VA_ARGS__ }
#define GONE		{ .good_sectors = S64_MAX, .in_sync = true }

static const struct situation situations[] = {
	{ "equal: lowest slot", { SSD(), SSD(), SSD() }, false, 0, SECTORS },
	{ "first slot empty", { GONE, SSD(), SSD() }, false, 1, SECTORS },
	{ "nobody there", { GONE, GONE, GONE }, false, -1, 0 },
	{ "not recovered so far", { REBUILT(), GONE, SSD() }, false, 2, SECTORS },
	{ "nobody recovered", { REBUILT(), GONE, REBUILT(.write_mostly = true) }, false, -1, 0 },

	{ "write-mostly is last", { WM(), WM(), SSD(.pending = 999) }, false, 2, SECTORS },
	{ "write-mostly that streams", { WM(.next_read = SECTOR), SSD(), GONE },
	  false, 1, SECTORS },
	{ "some sectors beat write-mostly", { WM(), BAD_AFTER(1), GONE }, false, 1, 1 },
	{ "no sector does not", { WM(), BAD_AFTER(0), GONE }, false, 0, SECTORS },
	{ "only write-mostly is left", { GONE, WM(.pending = 2), WM(.pending = 1) },
	  false, 2, SECTORS },

	{ "bad block in the middle", { BAD_AFTER(63), SSD(.pending = 9), GONE },
	  false, 1, SECTORS },
	{ "bad block right behind", { BAD_AFTER(64), SSD(), GONE }, false, 0, SECTORS },
	{ "bad blocks everywhere", { BAD_AFTER(8), BAD_AFTER(16, .pending = 9),
	  BAD_AFTER(4) }, false, 1, 16 },
	{ "bad block at once", { BAD_AFTER(0), GONE, GONE }, false, -1, 0 },
	{ "bad block in a stream", { BAD_AFTER(8, .next_read = SECTOR), SSD(), GONE },
	  false, 1, SECTORS },

	{ "least pending", { SSD(.pending = 3), SSD(.pending = 1), SSD(.pending = 2) },
	  false, 1, SECTORS },
	{ "stream stays", { SSD(), SSD(.next_read = SECTOR, .pending = 100), SSD() },
	  false, 1, SECTORS },
	{ "two in the stream", { SSD(), SSD(.next_read = SECTOR, .pending = 3),
	  SSD(.next_read = SECTOR, .pending = 2) }, false, 2, SECTORS },
	{ "heads do not matter",
	  { SSD(.next_read = 0, .pending = 1), SSD(.next_read = 5000), GONE },
	  false, 1, SECTORS },

	{ "nearest head above",
	  { HDD(.next_read = 0), HDD(.next_read = 1999), HDD(.next_read = 2001) },
	  false, 1, SECTORS },
	{ "nearest head below",
	  { HDD(.next_read = 2000), HDD(.next_read = 1), HDD(.next_read = 0) },
	  false, 1, SECTORS },
	{ "heads at equal distance", { HDD(.next_read = 1010), HDD(.next_read = 990), GONE },
	  false, 0, SECTORS },
	{ "pending does not move heads", { HDD(.next_read = 990, .pending = 50), HDD(), GONE },
	  false, 0, SECTORS },
	{ "head at the far end", { HDD(.next_read = U64_MAX), HDD(.next_read = 0), GONE },
	  false, 1, SECTORS },
	{ "no seek at all", { HDD(.next_read = 999), SSD(.pending = 50), GONE },
	  false, 1, SECTORS },
	{ "stream on a disk that seeks", { SSD(), HDD(.next_read = SECTOR), GONE },
	  false, 1, SECTORS },

	{ "first only", { SSD(.pending = 9), SSD(.next_read = SECTOR), SSD() }, true, 0, SECTORS },
	{ "first only, first gone", { GONE, SSD(.pending = 9), SSD() }, true, 1, SECTORS },
	{ "first only, part of it", { BAD_AFTER(8), SSD(), SSD() }, true, 0, 8 },
	{ "first only, not a sector", { BAD_AFTER(0), SSD(), SSD() }, true, 1, SECTORS },
	{ "first only, write-mostly", { WM(), SSD(.pending = 9), SSD() }, true, 1, SECTORS },
	{ "first only, all write-mostly", { WM(.pending = 9), WM(), GONE }, true, 0, SECTORS },
};

static void describe_situation(const struct situation *situation, char *name)
{
	strscpy(name, situation->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(situation, situations, describe_situation);

static void choice(struct kunit *test)
{
	const struct situation *s = test->param_value;
	sector_t readable = 4711;

	KUNIT_EXPECT_EQ(test, s->choice,
			r1wb_choose_read(s->members, NR_MEMBERS, SECTOR, SECTORS,
					 s->first_only, &readable));
	KUNIT_EXPECT_EQ(test, s->readable, readable);
}

/* An array without slots can serve nothing. */
static void no_members(struct kunit *test)
{
	sector_t readable = 4711;

	KUNIT_EXPECT_EQ(test, -1, r1wb_choose_read(NULL, 0, SECTOR, SECTORS, false, &readable));
	KUNIT_EXPECT_EQ(test, 0, readable);
}

static struct r1wb_read_candidate random_candidate(struct rnd_state *random)
{
	return (struct r1wb_read_candidate) {
		.next_read	= SECTOR - 4 + r1wb_test_below(random, 8),
		.good_sectors	= r1wb_test_below(random, SECTORS * 2),
		.pending	= r1wb_test_below(random, 4),
		.usable		= r1wb_test_below(random, 4),
		.in_sync	= r1wb_test_below(random, 4),
		.write_mostly	= r1wb_test_below(random, 2),
		.rotational	= r1wb_test_below(random, 2),
	};
}

static sector_t can_serve(const struct r1wb_read_candidate *c)
{
	return c->usable && c->in_sync ? min_t(sector_t, c->good_sectors, SECTORS) : 0;
}

static void check_choice(struct kunit *test, const struct r1wb_read_candidate *members,
			 bool first_only)
{
	sector_t readable;
	int i, chosen;

	chosen = r1wb_choose_read(members, NR_MEMBERS, SECTOR, SECTORS, first_only, &readable);
	KUNIT_ASSERT_LT(test, chosen, NR_MEMBERS);
	KUNIT_ASSERT_EQ(test, readable, chosen < 0 ? 0 : can_serve(&members[chosen]));
	for (i = 0; i < NR_MEMBERS; i++) {
		bool same_class = chosen >= 0 &&
				  members[i].write_mostly == members[chosen].write_mostly;

		if (!can_serve(&members[i]))
			KUNIT_ASSERT_NE(test, chosen, i);
		else if (chosen < 0 || !same_class)
			KUNIT_ASSERT_TRUE(test, chosen >= 0 && members[i].write_mostly);
		else if (first_only)
			KUNIT_ASSERT_LE(test, chosen, i);
		else
			KUNIT_ASSERT_LE(test, can_serve(&members[i]), readable);
	}
}

/* The rules that have no exception, in any situation. */
static void random_situations(struct kunit *test)
{
	struct r1wb_read_candidate members[NR_MEMBERS];
	struct rnd_state random;
	int i, member;

	r1wb_test_seed(test, &random);
	for (i = 0; i < 20000; i++) {
		for (member = 0; member < NR_MEMBERS; member++)
			members[member] = random_candidate(&random);
		check_choice(test, members, i % 2);
	}
}

static struct kunit_case read_choice_cases[] = {
	KUNIT_CASE_PARAM(choice, situation_gen_params),
	KUNIT_CASE(no_members),
	KUNIT_CASE(random_situations),
	{}
};

static struct kunit_suite read_choice_suite = {
	.name = "raid1wb_read_choice",
	.test_cases = read_choice_cases,
};

kunit_test_suite(read_choice_suite);
