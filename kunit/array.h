/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Real md arrays on fake disks.
 *
 * The disks are formatted as mdadm would, version 1.2 with an internal bitmap,
 * and assembled by md into a real /dev/mdX, so superblocks, failures and syncs
 * take md's own ways.  All waits are bounded.  Whatever a case does, its end
 * releases all bios, stops the array and looks at what is left.
 */
#ifndef R1WB_KUNIT_ARRAY_H
#define R1WB_KUNIT_ARRAY_H

#include <kunit/test.h>
#include <linux/list.h>

#include "fake_disk.h"
#include "raid1wb.h"
#include "watch.h"

/* Sectors on a disk. */
#define SUPER_SECTOR	8
#define SUPER_SECTORS	8
#define BITMAP_SECTOR	16
#define BITMAP_SECTORS	1024
#define BADBLOCKS_SECTOR 1536
#define BADBLOCKS_SECTORS 8
#define DATA_SECTOR	2048

#define FAST	0	/* usual slots: the first is never write-mostly */
#define SLOW	1	/* ... the second often is */
#define THIRD	2

/**
 * struct test_shape - what array a case wants
 * @slots:	members
 * @disks:	mask of the slots that have a disk at the start; 0 means all.
 *		Disks for the others are there, too, to be added later
 * @write_mostly: mask of slots
 * @sectors:	of data, 0 means TEST_SECTORS
 * @chunk_sectors: of the bitmap, 0 means TEST_CHUNK
 * @write_behind: limit of outstanding behind writes, 0 means TEST_BEHIND
 * @no_bitmap:	there is none
 * @no_behind:	there is one, but its limit is 0
 * @bad_blocks:	members have lists of bad blocks; without, one that cannot write fails
 * @dirty:	the array was not stopped before
 * @backwards:	assembled from the last disk to the first
 */
struct test_shape {
	unsigned int	slots;
	unsigned long	disks;
	unsigned long	write_mostly;
	sector_t	sectors;
	sector_t	chunk_sectors;
	unsigned int	write_behind;
	bool		no_bitmap;
	bool		no_behind;
	bool		bad_blocks;
	bool		dirty;
	bool		backwards;
};

#define TEST_SECTORS	8192
#define TEST_CHUNK	128
#define TEST_BEHIND	256

struct test_io;
struct test_legs;

/**
 * struct test_array - an array, its disks and its I/O
 * @since:	last event before the case itself began
 * @watch:	what must never happen
 * @legs:	what a crash may leave, or NULL
 * @ios:	all test_ios, in the order in which they were made
 * @stuck:	something did not end in time: keep all memory
 */
struct test_array {
	struct kunit		*test;
	struct test_shape	shape;
	struct fake_bench	bench;
	struct mddev		*mddev;
	struct file		*file;
	u8			uuid[16];
	unsigned int		since;
	struct test_watch	watch;
	struct test_legs	*legs;
	struct list_head	ios;
	bool			stuck;
};

/* Makes and formats the disks, and does not assemble them yet. */
struct test_array *test_array_format(struct kunit *test,
				     const struct test_shape *shape);
/* Assembles; returns md's error. */
int test_array_run(struct test_array *array);
/* Both, and waits until md is at rest.  Asserts that it worked. */
struct test_array *test_array_start(struct kunit *test,
				    const struct test_shape *shape);
/* Releases all, waits for all I/O, stops the array.  The disks remain. */
void test_array_stop(struct test_array *array);
/* Stops it, and frees it before the end of the test. */
void test_array_free(struct test_array *array);

static inline struct fake_disk *test_disk(struct test_array *array, int slot)
{
	return &array->bench.disks[slot];
}

static inline struct r1wb_conf *test_conf(struct test_array *array)
{
	return array->mddev->private;
}

/* The member made of the disk; NULL if md has let go of it. */
struct md_rdev *test_member(struct test_array *array, int disk);

/* Active and in sync as far as md knows: the superblocks may not say so yet. */
bool test_is_active(struct test_array *array, int disk);
bool test_is_in_sync(struct test_array *array, int disk);
/* Is some of it on the member's list of bad blocks? */
bool test_is_bad(struct test_array *array, int disk, sector_t sector, sector_t sectors);
/* All members in sync hold the same data. */
bool test_legs_equal(struct test_array *array);

/* A new disk is added, or one that was a member before is taken back. */
int test_array_add(struct test_array *array, int disk);
int test_array_readd(struct test_array *array, int slot);
int test_array_remove(struct test_array *array, int disk);
/* As if its user, or an I/O error, had failed it. */
void test_array_fail(struct test_array *array, int slot);
int test_array_ioctl(struct test_array *array, unsigned int cmd,
		     unsigned long arg);
/* Writes to an attribute below md/, or below md/dev-XXX if @disk >= 0. */
int test_array_store(struct test_array *array, int disk, const char *name,
		     const char *value);

/*
 * Nothing is running any more: what has not happened by now will not, unless a
 * timer goes off or a bio is released.
 */
void test_settle(struct test_array *array);

#define TEST_PATIENCE	(20 * HZ)

/* Waits until @condition holds; false if it never did. */
#define test_wait(condition)						\
({									\
	unsigned long __end = jiffies + TEST_PATIENCE;			\
	bool __late, __is;						\
									\
	for (;;) {							\
		__late = time_after(jiffies, __end);			\
		__is = (condition);					\
		if (__is || __late)					\
			break;						\
		schedule_timeout_uninterruptible(1);			\
	}								\
	__is;								\
})

/* Nothing is being recorded or synced, and no failed member is left. */
bool test_array_rests(struct test_array *array);
/* Waits for that; the case ends if it never comes. */
void test_await_rest(struct test_array *array);

/* ---- the bitmap ---- */

/* The bit of a chunk, as it is on a disk. */
bool test_bit_on_disk(struct test_array *array, int disk, unsigned long chunk);
void test_set_bit_on_disk(struct test_array *array, int disk, unsigned long chunk);
/* Is the copy on that disk one that sleeps? */
bool test_is_asleep(struct test_array *array, int disk);
/* Has the page with a chunk's bit all bits set, those beyond the end as well? */
bool test_is_superset(struct test_array *array, int disk, unsigned long chunk);
/* The bit, on any active member whose copy does not sleep. */
bool test_bit_anywhere(struct test_array *array, unsigned long chunk);
/* The daemon runs as often as it can. */
void test_hurry_daemon(struct test_array *array);
/* Hurries it, and expects that the bits of the first @chunks go. */
void test_expect_bits_go(struct test_array *array, unsigned long chunks);

/* ---- ranges, in sectors of the array's data, or of a disk's metadata ---- */

#define TEST_DATA(what, sector, sectors)	\
	((struct fake_range){ what, DATA_SECTOR + (sector), sectors })
#define TEST_ALL_DATA(what)			\
	((struct fake_range){ what, DATA_SECTOR, ~(sector_t)0 >> 1 })
#define TEST_SUPER				\
	((struct fake_range){ FAKE_WRITE, SUPER_SECTOR, SUPER_SECTORS })
#define TEST_BITMAP				\
	((struct fake_range){ FAKE_WRITE, BITMAP_SECTOR, BITMAP_SECTORS })
#define TEST_LIST				\
	((struct fake_range){ FAKE_WRITE, BADBLOCKS_SECTOR, BADBLOCKS_SECTORS })
#define TEST_FLUSH				\
	((struct fake_range){ FAKE_FLUSH, 0, 0 })

#endif /* R1WB_KUNIT_ARRAY_H */
