// SPDX-License-Identifier: GPL-2.0
/* What a member is owed: counts, marks, and the age of the oldest that was told. */
#include <kunit/test.h>

#include "debt.h"
#include "random.h"

#define NR_DUES	64

static struct r1wb_debt *new_debt(struct kunit *test)
{
	struct r1wb_debt *debt = kunit_kzalloc(test, sizeof(*debt), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, debt);
	r1wb_debt_init(debt);
	return debt;
}

static struct r1wb_due *new_dues(struct kunit *test)
{
	struct r1wb_due *dues = kunit_kcalloc(test, NR_DUES, sizeof(*dues), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, dues);
	return dues;
}

static void owe(struct r1wb_debt *debt, struct r1wb_due *due, u32 bytes,
		unsigned long now)
{
	r1wb_due_init(due);
	due->owed = true;
	due->bytes = bytes;
	r1wb_debt_add(debt, due, now);
}

static bool never(const struct r1wb_due *due)
{
	return false;
}

static void counts(struct kunit *test)
{
	struct r1wb_debt *debt = new_debt(test);
	struct r1wb_due *dues = new_dues(test);

	owe(debt, &dues[0], 100, 10);
	owe(debt, &dues[1], 0, 11);
	owe(debt, &dues[2], 1000, 12);
	KUNIT_EXPECT_EQ(test, 3, debt->writes);
	KUNIT_EXPECT_EQ(test, 1100, debt->bytes);
	r1wb_debt_settle(debt, &dues[2], 13);
	r1wb_debt_settle(debt, &dues[0], 13);
	KUNIT_EXPECT_EQ(test, 1, debt->writes);
	KUNIT_EXPECT_EQ(test, 0, debt->bytes);
	owe(debt, &dues[0], 50, 14);
	KUNIT_EXPECT_EQ(test, 3, debt->most_writes);
	KUNIT_EXPECT_EQ(test, 1100, debt->most_bytes);
	KUNIT_EXPECT_EQ(test, 4, debt->all_writes);
	KUNIT_EXPECT_EQ(test, 1150, debt->all_bytes);
}

/* Others than behind writes take places in the same lines. */
static void what_is_not_owed_is_not_counted(struct kunit *test)
{
	struct r1wb_debt *debt = new_debt(test);
	struct r1wb_due *dues = new_dues(test);

	owe(debt, &dues[0], 1, 10);
	r1wb_due_init(&dues[1]);
	r1wb_debt_settle(debt, &dues[1], 20);
	KUNIT_EXPECT_EQ(test, 1, debt->writes);
	r1wb_debt_replace(debt, &dues[1], &dues[0], 20);
	KUNIT_EXPECT_EQ(test, 0, debt->covered);
	r1wb_debt_replace(debt, &dues[0], &dues[1], 20);
	KUNIT_EXPECT_EQ(test, 0, debt->writes);
	KUNIT_EXPECT_EQ(test, 0, debt->covered);
}

static void only_what_was_told_has_an_age(struct kunit *test)
{
	struct r1wb_debt *debt = new_debt(test);
	struct r1wb_due *dues = new_dues(test);

	owe(debt, &dues[0], 1, 10);
	owe(debt, &dues[1], 1, 20);
	KUNIT_EXPECT_EQ(test, 0, r1wb_debt_age(debt, never, 100));
	dues[1].told = true;
	KUNIT_EXPECT_EQ(test, 80, r1wb_debt_age(debt, never, 100));
	dues[0].told = true;
	KUNIT_EXPECT_EQ(test, 90, r1wb_debt_age(debt, never, 100));
	r1wb_debt_settle(debt, &dues[0], 50);
	KUNIT_EXPECT_EQ(test, 80, r1wb_debt_age(debt, never, 100));
	KUNIT_EXPECT_EQ(test, 40, debt->latest);
	r1wb_debt_settle(debt, &dues[1], 30);
	KUNIT_EXPECT_EQ(test, 0, r1wb_debt_age(debt, never, 100));
	KUNIT_EXPECT_EQ(test, 40, debt->latest);
}

static void what_was_never_told_is_not_late(struct kunit *test)
{
	struct r1wb_debt *debt = new_debt(test);
	struct r1wb_due *dues = new_dues(test);

	owe(debt, &dues[0], 1, 10);
	r1wb_debt_settle(debt, &dues[0], 1000);
	KUNIT_EXPECT_EQ(test, 0, debt->latest);
}

/* Until the newer one is there, the member has neither's data. */
static void replacing_does_not_rejuvenate(struct kunit *test)
{
	struct r1wb_debt *debt = new_debt(test);
	struct r1wb_due *dues = new_dues(test);
	int i;

	for (i = 0; i < 4; i++)
		owe(debt, &dues[i], 1, 10 * (i + 1));
	dues[0].told = true;
	dues[1].told = true;
	r1wb_debt_replace(debt, &dues[0], &dues[2], 50);
	KUNIT_EXPECT_EQ(test, 90, r1wb_debt_age(debt, never, 100));
	/* the youngest of those that it covers first, as the order does */
	r1wb_debt_replace(debt, &dues[2], &dues[3], 60);
	r1wb_debt_replace(debt, &dues[1], &dues[3], 60);
	KUNIT_EXPECT_EQ(test, 90, r1wb_debt_age(debt, never, 100));
	KUNIT_EXPECT_EQ(test, 1, debt->writes);
	KUNIT_EXPECT_EQ(test, 3, debt->covered);
	KUNIT_EXPECT_EQ(test, 0, debt->latest);
	r1wb_debt_settle(debt, &dues[3], 110);
	KUNIT_EXPECT_EQ(test, 100, debt->latest);
}

static unsigned long naive_age(const struct r1wb_due *dues, unsigned long now)
{
	unsigned long age = 0;
	int i;

	for (i = 0; i < NR_DUES; i++)
		if (dues[i].owed && dues[i].told)
			age = max(age, now - dues[i].since);
	return age;
}

static struct r1wb_due *pick(struct r1wb_due *dues, bool owed,
			     struct rnd_state *random)
{
	int i, first = r1wb_test_below(random, NR_DUES);

	for (i = 0; i < NR_DUES; i++)
		if (dues[(first + i) % NR_DUES].owed == owed)
			return &dues[(first + i) % NR_DUES];
	return NULL;
}

static void random_step(struct r1wb_debt *debt, struct r1wb_due *dues,
			unsigned long now, struct rnd_state *random)
{
	struct r1wb_due *due, *newer;

	switch (r1wb_test_below(random, 5)) {
	case 0:
	case 1:
		due = pick(dues, false, random);
		if (due)
			owe(debt, due, 1, now);
		break;
	case 2:
		due = pick(dues, true, random);
		if (due)
			due->told = true;
		break;
	case 3:
		due = pick(dues, true, random);
		if (due)
			r1wb_debt_settle(debt, due, now);
		break;
	case 4:
		due = pick(dues, true, random);
		newer = pick(dues, true, random);
		if (due && due->told && due != newer)
			r1wb_debt_replace(debt, due, newer, now);
		break;
	}
}

static void random_walk_beside_a_search(struct kunit *test)
{
	struct r1wb_debt *debt = new_debt(test);
	struct r1wb_due *dues = new_dues(test);
	/* time goes round */
	unsigned long now = ULONG_MAX - 1000;
	struct rnd_state random;
	int i, aged = 0;

	r1wb_test_seed(test, &random);
	for (i = 0; i < 20000; i++) {
		unsigned long age;

		now += r1wb_test_below(&random, 3);
		random_step(debt, dues, now, &random);
		age = naive_age(dues, now);
		aged += age > 0;
		KUNIT_ASSERT_EQ(test, age, r1wb_debt_age(debt, never, now));
	}
	KUNIT_EXPECT_GT(test, aged, 10000);
}

static struct kunit_case debt_cases[] = {
	KUNIT_CASE(counts),
	KUNIT_CASE(what_is_not_owed_is_not_counted),
	KUNIT_CASE(only_what_was_told_has_an_age),
	KUNIT_CASE(what_was_never_told_is_not_late),
	KUNIT_CASE(replacing_does_not_rejuvenate),
	KUNIT_CASE(random_walk_beside_a_search),
	{}
};

static struct kunit_suite debt_suite = {
	.name		= "raid1wb_debt",
	.test_cases	= debt_cases,
};

kunit_test_suite(debt_suite);
