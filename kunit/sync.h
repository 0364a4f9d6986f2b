/* SPDX-License-Identifier: GPL-2.0 */
/* What tests of the sync thread share: whole chunks, and their bits on all disks. */
#ifndef R1WB_KUNIT_SYNC_H
#define R1WB_KUNIT_SYNC_H

#include "io.h"

static inline void run(struct kunit *test, struct test_array *array)
{
	KUNIT_ASSERT_EQ(test, 0, test_array_run(array));
}

static inline void set_bits(struct test_array *array, unsigned long chunk)
{
	int slot;

	for (slot = 0; slot < array->shape.slots; slot++)
		test_set_bit_on_disk(array, slot, chunk);
}

static inline sector_t first_of(unsigned long chunk)
{
	return chunk * TEST_CHUNK;
}

static inline bool chunk_holds(struct test_array *array, int disk, unsigned long chunk,
			       u32 mark)
{
	return test_disk_holds(array, disk, first_of(chunk), TEST_CHUNK, mark);
}

static inline void fill_chunk(struct test_array *array, int disk, unsigned long chunk,
			      u32 mark)
{
	test_disk_fill(array, disk, first_of(chunk), TEST_CHUNK, mark);
}

#endif /* R1WB_KUNIT_SYNC_H */
