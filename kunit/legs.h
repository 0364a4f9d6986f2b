/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a crash at any moment would leave on the disks, the naive way.
 *
 * Remembers for each sector which contents it may have: the last one that was
 * flushed, those written since, and those on their way.  Between any two bios,
 * wherever two legs may differ, the bit has to be set on every copy of the
 * bitmap that somebody who assembles the array would go by (I10).
 */
#ifndef R1WB_KUNIT_LEGS_H
#define R1WB_KUNIT_LEGS_H

#include <linux/prandom.h>
#include "array.h"

#define LEG_CONTENTS	4	/* where there are more, some are forgotten */

/**
 * struct leg_sector - what a sector of data may hold on its medium
 * @words:	content, which is the same word all over, the last written first
 * @ended:	when its write ended
 * @nr:		how many
 */
struct leg_sector {
	u64		words[LEG_CONTENTS];
	unsigned int	ended[LEG_CONTENTS];
	unsigned int	nr;
};

/**
 * struct test_legs - the reference of an array on a fake bench
 * @sectors:	per disk and sector of data
 * @looks:	how often pairs of legs were compared
 * @faults:	how often a bit was missing
 * @first:	the first of these
 */
struct test_legs {
	struct test_array	*array;
	struct leg_sector	*sectors[FAKE_DISKS];
	void			(*came)(struct fake_bench *bench, struct fake_bio *io);
	void			(*ends)(struct fake_bench *bench, struct fake_bio *io);
	unsigned long		looks;
	unsigned int		faults;
	char			first[160];
};

/* The disks as they may be after a crash. */
struct test_image {
	u8	*disks[FAKE_DISKS];
};

/* Looks at all that happens to the array from now on; its legs are equal. */
struct test_legs *test_legs_watch(struct test_array *array);

/* Freed with the test; NULL without memory. */
struct test_image *test_image_alloc(struct test_array *array);
/* A crash now: what was not flushed may be there or not, sector by sector. */
void test_image_take(struct test_legs *legs, struct test_image *image,
		     struct rnd_state *random);
void test_image_put(const struct test_image *image, struct test_array *array);
/* Would a disk be taken for a good leg of the array, with all others beside it? */
bool test_image_trusts(const struct test_image *image, int disk);

#endif /* R1WB_KUNIT_LEGS_H */
