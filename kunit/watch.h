/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must never happen, whatever a case is about.
 *
 * Every bio of every member is looked at when it comes and when it ends, and
 * every write of the test's when it is acknowledged.  The end of a case reports
 * what was seen.
 */
#ifndef R1WB_KUNIT_WATCH_H
#define R1WB_KUNIT_WATCH_H

#include "fake_disk.h"

struct test_array;
struct test_io;

enum test_fault {
	FAULT_WRITE_AHEAD,	/* I1: data for a chunk without a stable bit */
	FAULT_HOLD,		/* I2: cleared, but a write is outstanding */
	FAULT_UNFLUSHED,	/* I2: cleared, but a write may be in a cache */
	FAULT_DEGRADED,		/* I2: cleared, but a member is missing */
	FAULT_ACK,		/* I3, I5: a sync member lacks what was acknowledged */
	FAULT_ORDER,		/* I4: overlapping writes on one member at a time */
	FAULT_CLEAN,		/* I9: called clean too early */
	FAULT_FORGETFUL,	/* I11: cleared where page 0 sleeps, and takes back any member */
	FAULT_NR
};

/**
 * struct test_watch - what was seen
 * @chunks:	how many
 * @last_write:	per disk and chunk, the event when a write to it last ended
 * @last_flush:	per disk, when the last flush that has ended came
 * @seen:	how often
 * @first:	sector of the first time
 * @mask:	faults that do not count in this case
 */
struct test_watch {
	unsigned long	chunks;
	unsigned int	*last_write[FAKE_DISKS];
	unsigned int	last_flush[FAKE_DISKS];
	unsigned int	seen[FAULT_NR];
	sector_t	first[FAULT_NR];
	unsigned long	mask;
};

void test_watch_init(struct test_array *array);
void test_watch_exit(struct test_array *array);
void test_watch_ack(struct test_io *io);
/* Expects that nothing was seen. */
void test_watch_report(struct test_array *array);

#endif /* R1WB_KUNIT_WATCH_H */
