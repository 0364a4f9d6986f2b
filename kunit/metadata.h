/* SPDX-License-Identifier: GPL-2.0 */
/* The metadata that mdadm writes, version 1.2, onto fake disks. */
#ifndef R1WB_KUNIT_METADATA_H
#define R1WB_KUNIT_METADATA_H

#include "array.h"

#define TEST_EVENTS	1000

/* A member of a new array, with an empty bitmap. */
void test_format_member(struct test_array *array, int slot);
/* A disk that was never in the array. */
void test_format_spare(struct test_array *array, int disk);
/* A formatted member was a spare one event ago; it is the others who say what it is now. */
void test_format_joining(struct test_array *array, int disk);
/* A formatted member becomes one that replaces @slot's, and has got up to @offset. */
void test_format_replacement(struct test_array *array, int disk, int slot, sector_t offset);
/* MD_FEATURE_*, as the disk's superblock has them. */
u32 test_features(struct test_array *array, int disk);
/* How far it has been rebuilt, as its superblock has it. */
sector_t test_recovered_on_disk(struct test_array *array, int disk);
/* How many slots the array has, as the disk's superblock has it. */
int test_slots_on_disk(struct test_array *array, int disk);
/* Its count of events. */
u64 test_events(struct test_array *array, int disk);

#endif /* R1WB_KUNIT_METADATA_H */
