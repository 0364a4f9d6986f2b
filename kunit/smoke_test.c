// SPDX-License-Identifier: GPL-2.0
/* Shows that the graft builds and that its suites are found; goes when there are real ones. */
#include <kunit/test.h>

#include "md.h"

static void knows_md(struct kunit *test)
{
	struct mddev *mddev = kunit_kzalloc(test, sizeof(*mddev), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mddev);
	KUNIT_EXPECT_PTR_EQ(test, mddev->pers, NULL);
}

static struct kunit_case smoke_cases[] = {
	KUNIT_CASE(knows_md),
	{}
};

static struct kunit_suite smoke_suite = {
	.name = "raid1wb_smoke",
	.test_cases = smoke_cases,
};
kunit_test_suite(smoke_suite);
