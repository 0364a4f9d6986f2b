// SPDX-License-Identifier: GPL-2.0
/* Disks in memory, see fake_disk.h. */
#include <linux/bitmap.h>
#include <linux/hardirq.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "fake_disk.h"

/* ---- what a bio is ---- */

static unsigned int what_is(const struct bio *bio)
{
	switch (bio_op(bio)) {
	case REQ_OP_READ:
		return FAKE_READ;
	case REQ_OP_WRITE:
		return bio_sectors(bio) ? FAKE_WRITE : FAKE_FLUSH;
	case REQ_OP_DISCARD:
		return FAKE_DISCARD;
	default:
		return 0;
	}
}

bool fake_bio_in(const struct fake_bio *io, const struct fake_range *range)
{
	if (!(io->what & range->what))
		return false;
	if (io->what == FAKE_FLUSH || !range->sectors)
		return true;
	return io->sector < range->sector + range->sectors &&
	       range->sector < io->sector + io->sectors;
}

static struct fake_rule *find_rule(const struct fake_bio *io, bool hold)
{
	int i;

	for (i = 0; i < FAKE_RULES; i++) {
		struct fake_rule *rule = &io->disk->rules[i];

		if (rule->left && rule->hold == hold && fake_bio_in(io, &rule->range))
			return rule;
	}
	return NULL;
}

/* ---- the end of a bio ---- */

static void move_data(struct fake_bio *io)
{
	struct bio *bio = io->bio;
	u8 *data = io->disk->data + (io->sector << SECTOR_SHIFT);
	struct bvec_iter iter;
	struct bio_vec bv;

	if (io->what == FAKE_DISCARD)
		memset(data, 0, io->sectors << SECTOR_SHIFT);
	if (io->what != FAKE_READ && io->what != FAKE_WRITE)
		return;
	bio_for_each_segment(bv, bio, iter) {
		if (io->what == FAKE_READ)
			memcpy_to_bvec(&bv, data);
		else
			memcpy_from_bvec(data, &bv);
		data += bv.bv_len;
	}
}

static bool is_spoilt(struct fake_disk *disk, sector_t sector, sector_t sectors)
{
	return find_next_bit(disk->spoilt, sector + sectors, sector) < sector + sectors;
}

static struct bio *record_end(struct fake_bench *bench, struct fake_bio *io)
{
	struct bio *bio = io->bio;
	struct fake_rule *rule;

	spin_lock_irq(&bench->lock);
	rule = find_rule(io, false);
	if (rule) {
		rule->left--;
		io->status = rule->status;
	} else if (io->what == FAKE_READ && is_spoilt(io->disk, io->sector, io->sectors)) {
		io->status = BLK_STS_MEDIUM;
	}
	if (bench->ends)
		bench->ends(bench, io);
	if (!io->status)
		move_data(io);
	if (!io->status && io->what == FAKE_WRITE)
		bitmap_clear(io->disk->spoilt, io->sector, io->sectors);
	list_del(&io->open);
	io->bio = NULL;
	io->ended = ++bench->now;
	spin_unlock_irq(&bench->lock);
	return bio;
}

/* Whoever owns the bio must cope with hard interrupt context. */
static void end_bio(struct fake_bench *bench, struct fake_bio *io)
{
	struct bio *bio = record_end(bench, io);

	bio->bi_status = io->status;
	local_irq_disable();
	__irq_enter_raw();
	bio_endio(bio);
	__irq_exit_raw();
	local_irq_enable();
	wake_up_all(&bench->changed);
}

static struct fake_bio *next_ending(struct fake_bench *bench)
{
	struct fake_bio *io;

	spin_lock_irq(&bench->lock);
	io = list_first_entry_or_null(&bench->ending, struct fake_bio, link);
	if (io)
		list_del_init(&io->link);
	spin_unlock_irq(&bench->lock);
	return io;
}

static void end_bios(struct work_struct *work)
{
	struct fake_bench *bench = container_of(work, struct fake_bench, work);
	struct fake_bio *io;

	while ((io = next_ending(bench))) {
		end_bio(bench, io);
		cond_resched();
	}
}

/* ---- the coming of a bio ---- */

static struct fake_bio *record_bio(struct fake_disk *disk, struct bio *bio)
{
	struct fake_bench *bench = disk->bench;
	struct fake_bio *io;

	lockdep_assert_held(&bench->lock);
	if (bench->nr_bios == FAKE_BIOS)
		return NULL;
	io = &bench->bios[bench->nr_bios++];
	io->bio = bio;
	io->disk = disk;
	io->what = what_is(bio);
	io->opf = bio->bi_opf;
	io->sector = bio->bi_iter.bi_sector;
	io->sectors = bio_sectors(bio);
	io->came = ++bench->now;
	list_add_tail(&io->open, &disk->open);
	return io;
}

static void wait_for_room(struct fake_disk *disk)
{
	if (likely(!READ_ONCE(disk->full)))
		return;
	atomic_inc(&disk->waiting);
	wait_event(disk->bench->changed, !READ_ONCE(disk->full));
	atomic_dec(&disk->waiting);
}

static void submit(struct bio *bio)
{
	struct fake_disk *disk = bio->bi_bdev->bd_disk->private_data;
	struct fake_bench *bench = disk->bench;
	struct fake_bio *io;

	wait_for_room(disk);
	spin_lock_irq(&bench->lock);
	io = record_bio(disk, bio);
	if (!io) {
		spin_unlock_irq(&bench->lock);
		WARN_ONCE(1, "a test's log of bios is full\n");
		bio_io_error(bio);
		return;
	}
	if (bench->came)
		bench->came(bench, io);
	if (find_rule(io, true)) {
		list_add_tail(&io->link, &disk->held);
		disk->nr_held++;
	} else {
		list_add_tail(&io->link, &bench->ending);
		queue_work(bench->wq, &bench->work);
	}
	spin_unlock_irq(&bench->lock);
	wake_up_all(&bench->changed);
}

static const struct block_device_operations fake_disk_ops = {
	.owner		= THIS_MODULE,
	.submit_bio	= submit,
};

/* ---- what a test says ---- */

static void add_rule(struct fake_disk *disk, const struct fake_rule *rule)
{
	struct fake_bench *bench = disk->bench;
	int i;

	spin_lock_irq(&bench->lock);
	for (i = 0; i < FAKE_RULES && disk->rules[i].left; i++)
		;
	if (!WARN_ON_ONCE(i == FAKE_RULES))
		disk->rules[i] = *rule;
	spin_unlock_irq(&bench->lock);
}

void fake_disk_hold(struct fake_disk *disk, struct fake_range range)
{
	add_rule(disk, &(struct fake_rule){
		.range = range, .hold = true, .left = UINT_MAX });
}

void fake_disk_fail(struct fake_disk *disk, struct fake_range range,
		    blk_status_t status, unsigned int times)
{
	add_rule(disk, &(struct fake_rule){
		.range = range, .status = status, .left = times });
}

void fake_disk_spoil(struct fake_disk *disk, struct fake_range range)
{
	spin_lock_irq(&disk->bench->lock);
	bitmap_set(disk->spoilt, range.sector, range.sectors);
	spin_unlock_irq(&disk->bench->lock);
}

bool fake_disk_is_spoilt(struct fake_disk *disk, struct fake_range range)
{
	bool spoilt;

	spin_lock_irq(&disk->bench->lock);
	spoilt = is_spoilt(disk, range.sector, range.sectors);
	spin_unlock_irq(&disk->bench->lock);
	return spoilt;
}

static void let_go(struct fake_disk *disk, struct fake_bio *io)
{
	struct fake_bench *bench = disk->bench;

	lockdep_assert_held(&bench->lock);
	list_move_tail(&io->link, &bench->ending);
	disk->nr_held--;
	queue_work(bench->wq, &bench->work);
}

void fake_disk_fill(struct fake_disk *disk)
{
	WRITE_ONCE(disk->full, true);
}

static void release(struct fake_disk *disk, bool reversed)
{
	WRITE_ONCE(disk->full, false);
	wake_up_all(&disk->bench->changed);
	spin_lock_irq(&disk->bench->lock);
	memset(disk->rules, 0, sizeof(disk->rules));
	while (!list_empty(&disk->held))
		let_go(disk, reversed ?
			     list_last_entry(&disk->held, struct fake_bio, link) :
			     list_first_entry(&disk->held, struct fake_bio, link));
	spin_unlock_irq(&disk->bench->lock);
}

void fake_disk_release(struct fake_disk *disk)
{
	release(disk, false);
}

void fake_disk_release_reversed(struct fake_disk *disk)
{
	release(disk, true);
}

void fake_disk_release_one(struct fake_disk *disk, unsigned int nth)
{
	struct fake_bio *io;

	spin_lock_irq(&disk->bench->lock);
	list_for_each_entry(io, &disk->held, link)
		if (!nth--) {
			let_go(disk, io);
			break;
		}
	spin_unlock_irq(&disk->bench->lock);
}

unsigned int fake_disk_nr_held(struct fake_disk *disk)
{
	return READ_ONCE(disk->nr_held);
}

unsigned int fake_bench_event(struct fake_bench *bench)
{
	unsigned long irq;
	unsigned int event;

	spin_lock_irqsave(&bench->lock, irq);
	event = ++bench->now;
	spin_unlock_irqrestore(&bench->lock, irq);
	wake_up_all(&bench->changed);
	return event;
}

/* ---- what a test asks ---- */

static struct fake_bio *find_from(struct fake_disk *disk, unsigned int i,
				  const struct fake_range *range,
				  unsigned int since)
{
	struct fake_bench *bench = disk->bench;

	lockdep_assert_held(&bench->lock);
	for (; i < bench->nr_bios; i++) {
		struct fake_bio *io = &bench->bios[i];

		if (io->disk == disk && io->came > since && fake_bio_in(io, range))
			return io;
	}
	return NULL;
}

struct fake_bio *fake_disk_find(struct fake_disk *disk, struct fake_range range,
				unsigned int since)
{
	struct fake_bio *io;

	spin_lock_irq(&disk->bench->lock);
	io = find_from(disk, 0, &range, since);
	spin_unlock_irq(&disk->bench->lock);
	return io;
}

unsigned int fake_disk_count(struct fake_disk *disk, struct fake_range range,
			     unsigned int since)
{
	struct fake_bench *bench = disk->bench;
	struct fake_bio *io;
	unsigned int count = 0;

	spin_lock_irq(&bench->lock);
	for (io = find_from(disk, 0, &range, since); io;
	     io = find_from(disk, io - bench->bios + 1, &range, since))
		count++;
	spin_unlock_irq(&bench->lock);
	return count;
}

/* ---- life and death ---- */

int fake_bench_init(struct fake_bench *bench)
{
	memset(bench, 0, sizeof(*bench));
	spin_lock_init(&bench->lock);
	init_waitqueue_head(&bench->changed);
	INIT_LIST_HEAD(&bench->ending);
	INIT_WORK(&bench->work, end_bios);
	bench->bios = vcalloc(FAKE_BIOS, sizeof(*bench->bios));
	bench->wq = alloc_ordered_workqueue("fake_disks", WQ_MEM_RECLAIM);
	if (bench->bios && bench->wq)
		return 0;
	fake_bench_exit(bench);
	return -ENOMEM;
}

static void remove_disk(struct fake_disk *disk)
{
	if (disk->gendisk) {
		del_gendisk(disk->gendisk);
		put_disk(disk->gendisk);
	}
	vfree(disk->data);
	vfree(disk->spoilt);
}

/* Nobody uses the disks any more, and no bio is held. */
void fake_bench_exit(struct fake_bench *bench)
{
	int i;

	for (i = 0; i < FAKE_DISKS; i++)
		remove_disk(&bench->disks[i]);
	if (bench->wq)
		destroy_workqueue(bench->wq);
	vfree(bench->bios);
}

static struct gendisk *alloc_gendisk(int index)
{
	static atomic_t names;
	struct queue_limits limits = {
		.features = BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA | BLK_FEAT_NOWAIT,
		.max_hw_sectors = UINT_MAX,
		.max_segments = USHRT_MAX,
		.max_segment_size = UINT_MAX,
		.max_hw_discard_sectors = UINT_MAX,
		.discard_granularity = SECTOR_SIZE,
	};
	struct gendisk *gendisk = blk_alloc_disk(&limits, NUMA_NO_NODE);

	if (IS_ERR(gendisk))
		return gendisk;
	/* a name is free only some time after its disk has gone */
	snprintf(gendisk->disk_name, DISK_NAME_LEN, "fake%d_%d", index,
		 atomic_inc_return(&names));
	gendisk->fops = &fake_disk_ops;
	gendisk->flags |= GENHD_FL_NO_PART;
	return gendisk;
}

int fake_disk_add(struct fake_bench *bench, int index, sector_t sectors)
{
	struct fake_disk *disk = &bench->disks[index];
	struct gendisk *gendisk;
	int err;

	disk->bench = bench;
	disk->index = index;
	disk->sectors = sectors;
	INIT_LIST_HEAD(&disk->held);
	INIT_LIST_HEAD(&disk->open);
	disk->data = vzalloc(sectors << SECTOR_SHIFT);
	disk->spoilt = vcalloc(BITS_TO_LONGS(sectors), sizeof(long));
	if (!disk->data || !disk->spoilt)
		return -ENOMEM;
	gendisk = alloc_gendisk(index);
	if (IS_ERR(gendisk))
		return PTR_ERR(gendisk);
	gendisk->private_data = disk;
	set_capacity(gendisk, sectors);
	err = add_disk(gendisk);
	if (err)
		put_disk(gendisk);
	else
		disk->gendisk = gendisk;
	return err;
}
