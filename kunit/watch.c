// SPDX-License-Identifier: GPL-2.0
/* What must never happen, see watch.h. */
#include <linux/bvec.h>
#include <linux/raid/md_p.h>
#include <linux/vmalloc.h>

#include "array.h"
#include "format.h"
#include "io.h"
#include "member.h"

static const char * const fault_names[FAULT_NR] = {
	[FAULT_WRITE_AHEAD]	= "I1: data was sent before its bit was stable",
	[FAULT_HOLD]		= "I2: a bit was cleared under a write",
	[FAULT_UNFLUSHED]	= "I2: a bit was cleared before a flush",
	[FAULT_DEGRADED]	= "I2: a bit was cleared while degraded",
	[FAULT_ACK]		= "I3: acknowledged without a sync member",
	[FAULT_ORDER]		= "I4: overlapping writes under way",
	[FAULT_CLEAN]		= "I9: called clean before the last flush",
	[FAULT_FORGETFUL]	= "I11: bits were cleared on a copy whose page 0 sleeps",
};

static void fault(struct test_array *array, enum test_fault fault, sector_t sector)
{
	struct test_watch *watch = &array->watch;

	if (test_bit(fault, &watch->mask))
		return;
	if (!watch->seen[fault]++)
		watch->first[fault] = sector;
}

static bool is_data(const struct fake_bio *io)
{
	return (io->what & FAKE_CHANGE) && io->sector >= DATA_SECTOR;
}

static bool is_bitmap(const struct fake_bio *io)
{
	return io->what == FAKE_WRITE && io->sector >= BITMAP_SECTOR &&
	       io->sector < BITMAP_SECTOR + BITMAP_SECTORS;
}

static unsigned long chunk_of(struct test_array *array, sector_t disk_sector)
{
	return (disk_sector - DATA_SECTOR) / array->shape.chunk_sectors;
}

/* ---- data ---- */

/* What is written again where it could not be read is what the others hold. */
static bool was_unreadable(struct test_array *array, const struct fake_bio *io)
{
	const struct fake_range range = { FAKE_READ, io->sector, io->sectors };
	struct fake_bio *other;

	for (other = array->bench.bios; other < io; other++)
		if (other->disk == io->disk && other->status && fake_bio_in(other, &range))
			return true;
	return false;
}

static void check_bits(struct test_array *array, const struct fake_bio *io)
{
	unsigned long chunk = chunk_of(array, io->sector);
	unsigned long last = chunk_of(array, io->sector + io->sectors - 1);
	int disk;

	/*
	 * What makes a member equal to the others needs no bit.  And what is
	 * behind since before a member joined may go out before that has all
	 * bits: nobody believes it before (legs.h).
	 */
	if (array->shape.no_bitmap || !test_is_in_sync(array, io->disk->index) ||
	    test_bit(MD_RECOVERY_REQUESTED, &array->mddev->recovery))
		return;
	for (; chunk <= last; chunk++)
		for (disk = 0; disk < FAKE_DISKS; disk++)
			if (test_is_in_sync(array, disk) &&
			    !test_bit_on_disk(array, disk, chunk) &&
			    !was_unreadable(array, io))
				fault(array, FAULT_WRITE_AHEAD, io->sector);
}

static void check_order(struct test_array *array, const struct fake_bio *io)
{
	const struct fake_range range = { FAKE_CHANGE, io->sector, io->sectors };
	struct fake_bio *other;

	list_for_each_entry(other, &io->disk->open, open)
		if (other != io && fake_bio_in(other, &range))
			fault(array, FAULT_ORDER, io->sector);
}

static void data_ended(struct test_array *array, const struct fake_bio *io)
{
	unsigned long chunk = chunk_of(array, io->sector);
	unsigned long last = chunk_of(array, io->sector + io->sectors - 1);

	for (; chunk <= last; chunk++)
		array->watch.last_write[io->disk->index][chunk] = array->bench.now;
}

/* ---- bits ---- */

static void check_cleared(struct test_array *array, unsigned long chunk)
{
	const sector_t size = array->shape.chunk_sectors;
	const struct fake_range range = TEST_DATA(FAKE_CHANGE, chunk * size, size);
	struct test_watch *watch = &array->watch;
	struct fake_bio *io;
	int disk;

	for (disk = 0; disk < FAKE_DISKS; disk++) {
		if (!test_is_active(array, disk))
			continue;
		list_for_each_entry(io, &test_disk(array, disk)->open, open)
			if (fake_bio_in(io, &range))
				fault(array, FAULT_HOLD, range.sector);
		if (watch->last_write[disk][chunk] > watch->last_flush[disk])
			fault(array, FAULT_UNFLUSHED, range.sector);
	}
}

static unsigned long first_chunk(const struct fake_bio *io)
{
	return r1wb_page_first_chunk((io->sector - BITMAP_SECTOR) <<
				     SECTOR_SHIFT >> R1WB_PAGE_SHIFT);
}

/* Of a member that is being rebuilt, nobody believes the bits. */
static void check_degraded(struct test_array *array, int disk, unsigned long chunk)
{
	if (test_is_in_sync(array, disk) && READ_ONCE(array->mddev->degraded))
		fault(array, FAULT_DEGRADED, chunk * array->shape.chunk_sectors);
}

/* The bits that @io, which is one page, clears on its disk, or is about to. */
static void look_at_cleared(struct test_array *array, struct fake_bio *io, bool lands)
{
	struct bio_vec bv = bio_iovec(io->bio);
	void *page = bvec_kmap_local(&bv);
	unsigned long chunk, first = first_chunk(io);

	/* a copy that wakes up: its bits meant nothing */
	if (test_is_superset(array, io->disk->index, first)) {
		kunmap_local(page);
		return;
	}
	for (chunk = first; chunk < array->watch.chunks &&
	     r1wb_bit_page(chunk) == r1wb_bit_page(first); chunk++) {
		if (!test_bit_on_disk(array, io->disk->index, chunk) ||
		    test_bit_le(r1wb_bit_in_page(chunk), page))
			continue;
		if (lands)
			check_cleared(array, chunk);
		else
			check_degraded(array, io->disk->index, chunk);
	}
	kunmap_local(page);
}

/* Of all pages but page 0. */
static bool all_set(struct test_array *array, int disk)
{
	unsigned long page, chunk;

	for (page = 1; ; page++) {
		chunk = r1wb_page_first_chunk(page);
		if (chunk >= array->watch.chunks)
			return true;
		if (!test_is_superset(array, disk, chunk))
			return false;
	}
}

/* @io, which is one page, lands on a copy whose page 0 says that it sleeps; or is that page 0. */
static void look_at_sleep(struct test_array *array, struct fake_bio *io)
{
	int disk = io->disk->index;
	struct bio_vec bv = bio_iovec(io->bio);
	void *page = bvec_kmap_local(&bv);
	bool asleep, all;

	if (io->sector == BITMAP_SECTOR) {
		asleep = r1wb_super_asleep(page);
		all = all_set(array, disk);
	} else {
		asleep = test_is_asleep(array, disk);
		all = !memchr_inv(page, 0xff, R1WB_PAGE_BYTES);
	}
	kunmap_local(page);
	/* what is on a member that is being rebuilt is trusted by nobody */
	if (asleep && !all && test_is_in_sync(array, disk))
		fault(array, FAULT_FORGETFUL, io->sector);
}

/* ---- superblocks ---- */

static bool says_clean(const struct fake_bio *io)
{
	struct bio_vec bv = bio_iovec(io->bio);
	struct mdp_superblock_1 *super = bvec_kmap_local(&bv);
	bool clean = super->resync_offset == cpu_to_le64(MaxSector);

	kunmap_local(super);
	return clean;
}

static bool is_super(const struct fake_bio *io)
{
	return io->what == FAKE_WRITE && io->sector == SUPER_SECTOR;
}

static void check_clean(struct test_array *array)
{
	const struct fake_range range = TEST_ALL_DATA(FAKE_CHANGE);
	struct test_watch *watch = &array->watch;
	struct fake_bio *io;
	unsigned long chunk;
	int disk;

	for (disk = 0; disk < FAKE_DISKS; disk++) {
		if (!test_is_in_sync(array, disk))
			continue;
		list_for_each_entry(io, &test_disk(array, disk)->open, open)
			if (fake_bio_in(io, &range))
				fault(array, FAULT_CLEAN, io->sector);
		for (chunk = 0; chunk < watch->chunks; chunk++)
			if (watch->last_write[disk][chunk] > watch->last_flush[disk])
				fault(array, FAULT_CLEAN, chunk);
	}
}

/* ---- events ---- */

static void came(struct fake_bench *bench, struct fake_bio *io)
{
	struct test_array *array = bench->watch;

	if (is_data(io)) {
		check_bits(array, io);
		check_order(array, io);
	} else if (is_bitmap(io) && io->sectors == R1WB_PAGE_BYTES >> SECTOR_SHIFT) {
		look_at_cleared(array, io, false);
	} else if (is_super(io) && says_clean(io) && !array->shape.no_bitmap) {
		check_clean(array);
	}
}

static void ends(struct fake_bench *bench, struct fake_bio *io)
{
	struct test_array *array = bench->watch;
	unsigned int *last_flush = &array->watch.last_flush[io->disk->index];

	if (is_data(io))
		data_ended(array, io);
	if (io->status)
		return;
	if (io->opf & REQ_PREFLUSH)
		*last_flush = max(*last_flush, io->came);
	if (is_bitmap(io) && io->sectors == R1WB_PAGE_BYTES >> SECTOR_SHIFT) {
		look_at_cleared(array, io, true);
		look_at_sleep(array, io);
	}
}

/* Was @other under way together with @io, and has it changed the sector as well? */
static bool is_rival(const struct test_io *other, const struct test_io *io, sector_t sector)
{
	return other != io && other->gone && op_is_write(bio_op(other->bio)) &&
	       sector >= other->sector && sector < other->sector + other->sectors &&
	       (!other->ended || other->ended > io->came);
}

/* Of writes that overlap, the later one may have come there already. */
static bool holds_it_or_a_rival(struct test_array *array, int disk, const struct test_io *io,
				sector_t sector)
{
	struct test_io *other;

	if (test_disk_holds(array, disk, sector, 1, io->mark) ||
	    rdev_has_badblock(test_member(array, disk), sector, 1))
		return true;
	list_for_each_entry(other, &array->ios, link)
		if (is_rival(other, io, sector) &&
		    test_disk_holds(array, disk, sector, 1, other->mark))
			return true;
	return false;
}

static bool has_been_written(struct test_array *array, int disk, const struct test_io *io)
{
	sector_t i;

	for (i = 0; i < io->sectors; i++)
		if (!holds_it_or_a_rival(array, disk, io, io->sector + i))
			return false;
	return true;
}

/* Called when the parent ends, before anybody knows. */
void test_watch_ack(struct test_io *io)
{
	struct test_array *array = io->array;
	int disk;

	if (bio_op(io->bio) != REQ_OP_WRITE || !io->sectors || io->status)
		return;
	for (disk = 0; disk < array->shape.slots; disk++)
		if (test_is_in_sync(array, disk) &&
		    !test_bit(WriteMostly, &test_member(array, disk)->flags) &&
		    !has_been_written(array, disk, io))
			fault(array, FAULT_ACK, io->sector);
}

void test_watch_report(struct test_array *array)
{
	struct test_watch *watch = &array->watch;
	int i;

	for (i = 0; i < FAULT_NR; i++)
		KUNIT_EXPECT_EQ_MSG(array->test, 0, watch->seen[i],
				    "%s, first at sector %llu", fault_names[i],
				    (u64)watch->first[i]);
}

void test_watch_init(struct test_array *array)
{
	struct test_watch *watch = &array->watch;
	int disk;

	watch->chunks = DIV_ROUND_UP(array->shape.sectors, array->shape.chunk_sectors);
	for (disk = 0; disk < FAKE_DISKS; disk++) {
		watch->last_write[disk] = vcalloc(watch->chunks, sizeof(unsigned int));
		KUNIT_ASSERT_NOT_NULL(array->test, watch->last_write[disk]);
	}
	array->bench.watch = array;
	array->bench.came = came;
	array->bench.ends = ends;
}

void test_watch_exit(struct test_array *array)
{
	int disk;

	for (disk = 0; disk < FAKE_DISKS; disk++)
		vfree(array->watch.last_write[disk]);
}
