// SPDX-License-Identifier: GPL-2.0
/* How far behind a member is said to be, on real arrays. */
#include "io.h"
#include "leg.h"

static const struct test_shape behind = { .slots = 2, .write_mostly = BIT(SLOW) };
static const struct test_shape one_at_a_time = {
	.slots = 2, .write_mostly = BIT(SLOW), .write_behind = 1 };

static struct r1wb_member *member_of(struct test_array *array, int slot)
{
	return test_conf(array)->members[slot];
}

static unsigned long age(struct test_array *array)
{
	return r1wb_member_age(member_of(array, SLOW));
}

static struct r1wb_debt debt_of(struct test_array *array, int slot)
{
	struct r1wb_debt debt;

	r1wb_line_look(&test_conf(array)->order, &member_of(array, slot)->line, &debt);
	return debt;
}

static bool owes_nothing(struct test_array *array)
{
	return !debt_of(array, SLOW).writes;
}

/* For a write of so many jiffies ago. */
static void grow_old(unsigned long ticks)
{
	unsigned long end = jiffies + ticks;

	while (time_before(jiffies, end))
		schedule_timeout_uninterruptible(end - jiffies);
}

static void age_is_that_of_the_oldest(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	unsigned long begin, young;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	KUNIT_EXPECT_EQ(test, 0, age(array));
	begin = jiffies;
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	grow_old(20);
	young = jiffies;
	EXPECT_ENDS(test_write(array, 64, 16, 2));
	KUNIT_EXPECT_GE(test, age(array), 20);
	KUNIT_EXPECT_LE(test, age(array), jiffies - begin);
	KUNIT_EXPECT_EQ(test, 2, debt_of(array, SLOW).writes);
	KUNIT_EXPECT_EQ(test, 24 << SECTOR_SHIFT, debt_of(array, SLOW).bytes);
	KUNIT_EXPECT_EQ(test, 0, debt_of(array, FAST).all_writes);
	fake_disk_release_one(slow, 0);
	KUNIT_EXPECT_TRUE(test, test_wait(debt_of(array, SLOW).writes == 1));
	KUNIT_EXPECT_LE(test, age(array), jiffies - young);
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(owes_nothing(array)));
	KUNIT_EXPECT_EQ(test, 0, age(array));
	KUNIT_EXPECT_GE(test, debt_of(array, SLOW).latest, 20);
	KUNIT_EXPECT_EQ(test, 2, debt_of(array, SLOW).most_writes);
	KUNIT_EXPECT_EQ(test, 0, debt_of(array, SLOW).bytes);
}

/* Nobody has been told that it is done, so nobody would miss it. */
static void unacknowledged_writes_are_no_lag(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW), *fast = test_disk(array, FAST);
	struct test_io *write;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	fake_disk_hold(fast, TEST_ALL_DATA(FAKE_WRITE));
	write = test_write(array, 0, 8, 1);
	EXPECT_OPEN(write);
	grow_old(5);
	KUNIT_EXPECT_EQ(test, 1, debt_of(array, SLOW).writes);
	KUNIT_EXPECT_EQ(test, 0, age(array));
	fake_disk_release(fast);
	EXPECT_ENDS(write);
	KUNIT_EXPECT_GE(test, age(array), 5);
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(owes_nothing(array)));
}

/* The slow leg was there first. */
static void what_never_lagged_was_not_late(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *fast = test_disk(array, FAST);
	struct test_io *write;

	fake_disk_hold(test_disk(array, SLOW), TEST_ALL_DATA(FAKE_WRITE));
	fake_disk_hold(fast, TEST_ALL_DATA(FAKE_WRITE));
	write = test_write(array, 0, 8, 1);
	EXPECT_OPEN(write);
	grow_old(5);
	fake_disk_release(test_disk(array, SLOW));
	KUNIT_EXPECT_TRUE(test, test_wait(owes_nothing(array)));
	KUNIT_EXPECT_EQ(test, 0, debt_of(array, SLOW).latest);
	fake_disk_release(fast);
	EXPECT_ENDS(write);
}

/* A hot block does not make the slow leg look younger than it is. */
static void covered_writes_pass_their_age_on(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	unsigned long before, after, now;
	int i;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	before = jiffies;
	EXPECT_ENDS(test_write(array, 0, 8, 2));
	after = jiffies;
	grow_old(10);
	for (i = 3; i < 6; i++)
		EXPECT_ENDS(test_write(array, 0, 8, i));
	test_settle(array);
	KUNIT_EXPECT_EQ(test, 3, debt_of(array, SLOW).covered);
	KUNIT_EXPECT_EQ(test, 2, debt_of(array, SLOW).writes);
	fake_disk_release_one(slow, 0);
	KUNIT_EXPECT_TRUE(test, test_wait(debt_of(array, SLOW).writes == 1));
	now = jiffies;
	KUNIT_EXPECT_GE(test, age(array), now - after);
	KUNIT_EXPECT_LE(test, age(array), jiffies - before);
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(owes_nothing(array)));
	KUNIT_EXPECT_TRUE(test, test_disk_holds(array, SLOW, 0, 8, 5));
}

/* Its submitter waits for the slow leg: nothing is owed. */
static void what_falls_back_is_not_owed(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &one_at_a_time);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *waits;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 0, 8, 1));
	waits = test_write(array, 64, 8, 2);
	EXPECT_OPEN(waits);
	KUNIT_EXPECT_EQ(test, 1, debt_of(array, SLOW).writes);
	KUNIT_EXPECT_EQ(test, 1, debt_of(array, SLOW).all_writes);
	fake_disk_release(slow);
	EXPECT_ENDS(waits);
	KUNIT_EXPECT_TRUE(test, test_wait(owes_nothing(array)));
}

/* Who comes back begins anew. */
static void a_member_that_failed_is_owed_nothing(struct kunit *test)
{
	struct test_array *array = test_array_start(test, &behind);
	struct fake_disk *slow = test_disk(array, SLOW);
	int i;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	for (i = 1; i < 5; i++)
		EXPECT_ENDS(test_write(array, 0, 8 + i, i));
	test_array_fail(array, SLOW);
	fake_disk_release(slow);
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(array)));
	KUNIT_EXPECT_TRUE(test, test_wait(owes_nothing(array)));
	KUNIT_EXPECT_EQ(test, 0, debt_of(array, SLOW).bytes);
	EXPECT_ENDS(test_write(array, 64, 8, 9));
	KUNIT_EXPECT_EQ(test, 4, debt_of(array, SLOW).all_writes);
	KUNIT_ASSERT_EQ(test, 0, test_array_remove(array, SLOW));
	KUNIT_ASSERT_EQ(test, 0, test_array_readd(array, SLOW));
	KUNIT_EXPECT_TRUE(test, test_wait(!READ_ONCE(array->mddev->degraded)));
	KUNIT_EXPECT_TRUE(test, test_wait(test_array_rests(array)));
	KUNIT_EXPECT_EQ(test, 0, debt_of(array, SLOW).all_writes);
	KUNIT_EXPECT_EQ(test, 0, debt_of(array, SLOW).most_writes);
}

static struct kunit_case lag_cases[] = {
	KUNIT_CASE(age_is_that_of_the_oldest),
	KUNIT_CASE(unacknowledged_writes_are_no_lag),
	KUNIT_CASE(what_never_lagged_was_not_late),
	KUNIT_CASE(covered_writes_pass_their_age_on),
	KUNIT_CASE(what_falls_back_is_not_owed),
	KUNIT_CASE(a_member_that_failed_is_owed_nothing),
	{}
};

static struct kunit_suite lag_suite = {
	.name = "raid1wb_lag",
	.test_cases = lag_cases,
};

kunit_test_suite(lag_suite);
