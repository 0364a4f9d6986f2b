// SPDX-License-Identifier: GPL-2.0
/* The decision whether a write goes behind: each reason at its border, and which reason wins. */
#include <kunit/test.h>
#include <linux/limits.h>

#include "fallback.h"

struct decision {
	const char			*name;
	struct r1wb_fallback_state	state;
	enum r1wb_write_mode		mode;
};

/*
 * In the order of the struct: behind and sync members, outstanding and limit, bytes outstanding,
 * needed and limit, segments needed and limit, reserve.
 */
static const struct decision decisions[] = {
	{ "goes behind",
	  { 1, 1, 0, 256, 0, 4096, 8192, 16, 256, false }, R1WB_WRITE_BEHIND },
	{ "several of each",
	  { 3, 2, 0, 256, 0, 4096, 8192, 16, 256, false }, R1WB_WRITE_BEHIND },
	{ "nobody behind",
	  { 0, 1, 0, 256, 0, 4096, 8192, 16, 256, false }, R1WB_WRITE_NO_BEHIND_MEMBER },
	{ "nobody in sync",
	  { 1, 0, 0, 256, 0, 4096, 8192, 16, 256, false }, R1WB_WRITE_NO_SYNC_MEMBER },
	{ "nobody at all",
	  { 0, 0, 0, 256, 0, 4096, 8192, 16, 256, false }, R1WB_WRITE_NO_BEHIND_MEMBER },
	{ "last below the limit",
	  { 1, 1, 255, 256, 0, 4096, 8192, 16, 256, false }, R1WB_WRITE_BEHIND },
	{ "at the limit",
	  { 1, 1, 256, 256, 0, 4096, 8192, 16, 256, false }, R1WB_WRITE_LIMIT_COUNT },
	{ "limit was lowered",
	  { 1, 1, U32_MAX, 256, 0, 4096, 8192, 16, 256, false }, R1WB_WRITE_LIMIT_COUNT },
	{ "limit 0",
	  { 1, 1, 0, 0, 0, 4096, 8192, 16, 256, false }, R1WB_WRITE_LIMIT_COUNT },
	{ "limit 1",
	  { 1, 1, 0, 1, 0, 4096, 8192, 16, 256, false }, R1WB_WRITE_BEHIND },
	{ "just enough bytes",
	  { 1, 1, 1, 256, 4096, 4096, 8192, 16, 256, false }, R1WB_WRITE_BEHIND },
	{ "a byte too many",
	  { 1, 1, 1, 256, 4097, 4096, 8192, 16, 256, false }, R1WB_WRITE_LIMIT_BYTES },
	{ "no bytes allowed",
	  { 1, 1, 0, 256, 0, 4096, 0, 16, 256, false }, R1WB_WRITE_LIMIT_BYTES },
	{ "no bytes needed",
	  { 1, 1, 0, 256, 0, 0, 0, 0, 0, false }, R1WB_WRITE_BEHIND },
	{ "count before bytes",
	  { 1, 1, 256, 256, 8192, 4096, 8192, 16, 256, false }, R1WB_WRITE_LIMIT_COUNT },
	{ "emergency pool",
	  { 1, 1, 0, 256, 0, 4096, 8192, 16, 256, true }, R1WB_WRITE_NO_MEMORY },
	{ "just small enough",
	  { 1, 1, 0, 256, 0, 4096, 8192, 256, 256, false }, R1WB_WRITE_BEHIND },
	{ "too big",
	  { 1, 1, 0, 256, 0, 4096, 8192, 257, 256, false }, R1WB_WRITE_TOO_BIG },
	{ "no data to copy",
	  { 1, 1, 0, 256, 0, 4096, 8192, 0, 0, false }, R1WB_WRITE_BEHIND },
	{ "memory before size",
	  { 1, 1, 0, 256, 0, 4096, 8192, 257, 256, true }, R1WB_WRITE_NO_MEMORY },
	{ "size before limit",
	  { 1, 1, 0, 0, 0, 4096, 8192, 257, 256, false }, R1WB_WRITE_TOO_BIG },
	{ "sync before memory",
	  { 1, 0, 0, 0, 0, 4096, 8192, 257, 256, true }, R1WB_WRITE_NO_SYNC_MEMBER },
	{ "behind before all",
	  { 0, 0, 0, 0, 0, 4096, 8192, 257, 256, true }, R1WB_WRITE_NO_BEHIND_MEMBER },
};

static void describe_decision(const struct decision *decision, char *name)
{
	strscpy(name, decision->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(decision, decisions, describe_decision);

static void decide(struct kunit *test)
{
	const struct decision *decision = test->param_value;

	KUNIT_EXPECT_EQ(test, decision->mode, r1wb_fallback_decide(&decision->state));
}

/* Statistics and traces name every mode, and no two the same. */
static void names(struct kunit *test)
{
	int i, j;

	for (i = 0; i < R1WB_WRITE_NR; i++) {
		KUNIT_ASSERT_NOT_NULL(test, r1wb_write_mode_names[i]);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, r1wb_write_mode_names[i],
					    r1wb_write_mode_names[j]);
	}
}

static struct kunit_case fallback_cases[] = {
	KUNIT_CASE_PARAM(decide, decision_gen_params),
	KUNIT_CASE(names),
	{}
};

static struct kunit_suite fallback_suite = {
	.name = "raid1wb_fallback",
	.test_cases = fallback_cases,
};

kunit_test_suite(fallback_suite);
