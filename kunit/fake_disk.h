/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Disks in memory that tell what was done to them, and do what a test says.
 *
 * All bios of all disks on a bench are written down in one order: when they
 * came in, and when they ended.  A bio may be held until the test releases it,
 * or made to fail.  Data moves when a bio ends, not before, and bios end with
 * interrupts disabled, one after the other.
 */
#ifndef R1WB_KUNIT_FAKE_DISK_H
#define R1WB_KUNIT_FAKE_DISK_H

#include <linux/blkdev.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#define FAKE_DISKS	4
#define FAKE_RULES	8
#define FAKE_BIOS	20000

/* What a bio does: bits of a mask. */
#define FAKE_READ	BIT(0)
#define FAKE_WRITE	BIT(1)	/* with data, whatever its flags */
#define FAKE_DISCARD	BIT(2)
#define FAKE_FLUSH	BIT(3)	/* an empty one; it has no range */
#define FAKE_CHANGE	(FAKE_WRITE | FAKE_DISCARD)
#define FAKE_ANY	(FAKE_READ | FAKE_CHANGE | FAKE_FLUSH)

/**
 * struct fake_range - which bios are meant
 * @what:	mask of FAKE_*
 * @sector:	first sector on the disk
 * @sectors:	any overlap counts; 0 means all of the disk
 */
struct fake_range {
	unsigned int	what;
	sector_t	sector;
	sector_t	sectors;
};

/**
 * struct fake_bio - the record of a bio, kept as long as the bench
 * @bio:	NULL once it has ended
 * @disk:	where it went
 * @what:	one of FAKE_*
 * @opf:	operation and flags as they came in
 * @sector:	where, on the disk
 * @sectors:	how much
 * @came:	when it came in: a number that grows with every event
 * @ended:	when it ended; 0 until then
 * @status:	how it ended
 * @link:	among those held, or those about to end
 * @open:	among those that have not ended
 */
struct fake_bio {
	struct bio		*bio;
	struct fake_disk	*disk;
	unsigned int		what;
	blk_opf_t		opf;
	sector_t		sector;
	sector_t		sectors;
	unsigned int		came;
	unsigned int		ended;
	blk_status_t		status;
	struct list_head	link;
	struct list_head	open;
};

struct fake_rule {
	struct fake_range	range;
	bool			hold;
	blk_status_t		status;	/* if not @hold */
	unsigned int		left;	/* bios that it is still good for */
};

/**
 * struct fake_disk - one disk
 * @data:	what is on it
 * @held:	in the order in which they came
 * @nr_held:	how many
 * @open:	all bios that have not ended
 * @spoilt:	a bit for each sector that cannot be read before it is written
 * @full:	whoever submits waits
 * @waiting:	how many do
 */
struct fake_disk {
	struct fake_bench	*bench;
	struct gendisk		*gendisk;
	int			index;
	u8			*data;
	sector_t		sectors;
	struct fake_rule	rules[FAKE_RULES];
	struct list_head	held;
	unsigned int		nr_held;
	struct list_head	open;
	unsigned long		*spoilt;
	bool			full;
	atomic_t		waiting;
};

/**
 * struct fake_bench - disks that share one order of events
 * @lock:	protects the rest, and the disks' rules and held bios
 * @now:	number of the last event
 * @bios:	all that ever came in, FAKE_BIOS at most
 * @nr_bios:	how many
 * @changed:	woken at every event
 * @ending:	released, to be ended by @work
 * @came:	called when a bio has come in, or NULL.  Under @lock
 * @ends:	called before the data of a bio moves, or NULL.  Under @lock
 * @watch:	for these two
 */
struct fake_bench {
	spinlock_t		lock;	/* see above */
	unsigned int		now;
	struct fake_bio		*bios;
	unsigned int		nr_bios;
	wait_queue_head_t	changed;
	struct list_head	ending;
	struct workqueue_struct	*wq;
	struct work_struct	work;
	void			(*came)(struct fake_bench *bench, struct fake_bio *io);
	void			(*ends)(struct fake_bench *bench, struct fake_bio *io);
	void			*watch;
	struct fake_disk	disks[FAKE_DISKS];
};

int fake_bench_init(struct fake_bench *bench);
void fake_bench_exit(struct fake_bench *bench);
int fake_disk_add(struct fake_bench *bench, int index, sector_t sectors);

/* An event of the test's own, in the order of the bench's. */
unsigned int fake_bench_event(struct fake_bench *bench);

/* Bios that come in from now on and lie in @range wait for a release. */
void fake_disk_hold(struct fake_disk *disk, struct fake_range range);
/* Bios that end from now on and lie in @range fail, @times of them. */
void fake_disk_fail(struct fake_disk *disk, struct fake_range range,
		    blk_status_t status, unsigned int times);
/* From now on that cannot be read, until it has been written. */
void fake_disk_spoil(struct fake_disk *disk, struct fake_range range);
bool fake_disk_is_spoilt(struct fake_disk *disk, struct fake_range range);
/* From now on submitters wait, as they do where a queue is full. */
void fake_disk_fill(struct fake_disk *disk);
/* No rule is left, submitters go on, and what was held ends, oldest first. */
void fake_disk_release(struct fake_disk *disk);
/* ... youngest first. */
void fake_disk_release_reversed(struct fake_disk *disk);
/* The rules stay, and the @nth of those held ends (0 is the oldest). */
void fake_disk_release_one(struct fake_disk *disk, unsigned int nth);
unsigned int fake_disk_nr_held(struct fake_disk *disk);

/* The first bio in @range that came after event @since, or NULL. */
struct fake_bio *fake_disk_find(struct fake_disk *disk, struct fake_range range,
				unsigned int since);
unsigned int fake_disk_count(struct fake_disk *disk, struct fake_range range,
			     unsigned int since);

bool fake_bio_in(const struct fake_bio *io, const struct fake_range *range);

#endif /* R1WB_KUNIT_FAKE_DISK_H */
