// SPDX-License-Identifier: GPL-2.0
/* What a crash would leave on the disks, see legs.h. */
#include <linux/bvec.h>
#include <linux/raid/md_p.h>
#include <linux/vmalloc.h>

#include "format.h"
#include "legs.h"
#include "random.h"

#define MD_MAX_ROLE	0xff00	/* from here on: spare, faulty, journal */

static bool is_data(const struct fake_bio *io)
{
	return io->what == FAKE_WRITE && io->sector >= DATA_SECTOR;
}

/* ---- what may be on a medium ---- */

static u64 word_of(struct fake_bio *io, sector_t sector)
{
	struct bvec_iter iter = io->bio->bi_iter;
	struct bio_vec bv;
	u64 word;

	bio_advance_iter(io->bio, &iter, (sector - io->sector) << SECTOR_SHIFT);
	bv = bio_iter_iovec(io->bio, iter);
	memcpy_from_page((char *)&word, bv.bv_page, bv.bv_offset, sizeof(word));
	return word;
}

static void forget_from(struct leg_sector *sector, unsigned int nr)
{
	sector->nr = min(sector->nr, nr);
}

static void add_content(struct leg_sector *sector, u64 word, unsigned int now)
{
	unsigned int i = min(sector->nr, LEG_CONTENTS - 1U);

	sector->nr = i + 1;
	for (; i; i--) {
		sector->words[i] = sector->words[i - 1];
		sector->ended[i] = sector->ended[i - 1];
	}
	sector->words[0] = word;
	sector->ended[0] = now;
}

static void data_ended(struct test_legs *legs, struct fake_bio *io)
{
	struct leg_sector *sectors = legs->sectors[io->disk->index] - DATA_SECTOR;
	sector_t sector;

	for (sector = io->sector; sector < io->sector + io->sectors; sector++) {
		add_content(&sectors[sector], word_of(io, sector), legs->array->bench.now);
		if (io->opf & REQ_FUA)
			forget_from(&sectors[sector], 1);
	}
}

/* What had ended when the flush came is on the medium; what it replaced is not. */
static void flush_ended(struct test_legs *legs, const struct fake_bio *io)
{
	struct leg_sector *sectors = legs->sectors[io->disk->index];
	unsigned int i, j;

	for (i = 0; i < legs->array->shape.sectors; i++)
		for (j = 0; j < sectors[i].nr; j++)
			if (sectors[i].ended[j] < io->came)
				forget_from(&sectors[i], j + 1);
}

/* ---- superblocks ---- */

static const struct mdp_superblock_1 *super_on(const u8 *disk)
{
	return (const void *)(disk + (SUPER_SECTOR << SECTOR_SHIFT));
}

static const struct r1wb_disk_super *bitmap_on(const u8 *disk)
{
	return (const void *)(disk + (BITMAP_SECTOR << SECTOR_SHIFT));
}

static u64 events_of(const u8 *disk)
{
	return le64_to_cpu(super_on(disk)->events);
}

/* A leg that holds everything, as far as its own superblock knows. */
static bool is_leg(const u8 *disk)
{
	const struct mdp_superblock_1 *super = super_on(disk);
	unsigned int number = le32_to_cpu(super->dev_number);

	return super->magic == cpu_to_le32(MD_SB_MAGIC) &&
	       le16_to_cpu(super->dev_roles[number]) < MD_MAX_ROLE &&
	       !(super->feature_map & cpu_to_le32(MD_FEATURE_RECOVERY_OFFSET));
}

/* Does the other one know better? */
static bool is_overruled(const u8 *disk, const u8 *other)
{
	const struct mdp_superblock_1 *super = super_on(other);
	unsigned int number = le32_to_cpu(super_on(disk)->dev_number);

	if (super->magic != cpu_to_le32(MD_SB_MAGIC) || events_of(other) <= events_of(disk))
		return false;
	return events_of(other) > events_of(disk) + 1 ||
	       le16_to_cpu(super->dev_roles[number]) >= MD_MAX_ROLE;
}

static bool is_trusted(u8 * const *disks, int disk)
{
	int other;

	if (!is_leg(disks[disk]))
		return false;
	for (other = 0; other < FAKE_DISKS; other++)
		if (other != disk && is_overruled(disks[disk], disks[other]))
			return false;
	return true;
}

/* Would the other one be taken in, beside that one, on the strength of its bits? */
static bool goes_by_bits(const u8 *disk, const u8 *other)
{
	return is_leg(other) &&
	       (events_of(other) + 1 >= events_of(disk) ||
		events_of(other) >= le64_to_cpu(bitmap_on(disk)->events_cleared));
}

/* ---- bits ---- */

static sector_t bit_sector(unsigned long chunk)
{
	return BITMAP_SECTOR + (r1wb_bit_page(chunk) << (R1WB_PAGE_SHIFT - SECTOR_SHIFT)) +
	       r1wb_bit_in_page(chunk) / BITS_PER_BYTE / SECTOR_SIZE;
}

static bool bit_in_bio(struct fake_bio *io, unsigned long chunk)
{
	struct bio_vec bv = bio_iovec(io->bio);
	unsigned long first = (io->sector - BITMAP_SECTOR) * SECTOR_SIZE * BITS_PER_BYTE;
	void *bits = bvec_kmap_local(&bv);
	bool is_set = test_bit_le(chunk + R1WB_SUPER_BITS - first, bits);

	kunmap_local(bits);
	return is_set;
}

/* Whether writes of the page that are on their way get there or not. */
static bool bit_for_sure(struct test_array *array, int disk, unsigned long chunk)
{
	const struct fake_range range = { FAKE_WRITE, bit_sector(chunk), 1 };
	struct fake_bio *io;

	if (!test_bit_on_disk(array, disk, chunk))
		return false;
	list_for_each_entry(io, &test_disk(array, disk)->open, open)
		if (fake_bio_in(io, &range) && !bit_in_bio(io, chunk))
			return false;
	return true;
}

/* Whatever becomes of what has not been flushed, and of what is on its way. */
static bool holds_for_sure(struct test_legs *legs, int disk, sector_t sector, u64 word)
{
	const struct leg_sector *holds = &legs->sectors[disk][sector];
	const struct fake_range range = TEST_DATA(FAKE_CHANGE, sector, 1);
	struct fake_bio *io;
	unsigned int i;

	for (i = 0; i < holds->nr; i++)
		if (holds->words[i] != word)
			return false;
	list_for_each_entry(io, &test_disk(legs->array, disk)->open, open)
		if (fake_bio_in(io, &range) &&
		    (!is_data(io) || word_of(io, range.sector) != word))
			return false;
	return true;
}

static bool may_differ(struct test_legs *legs, int a, int b, unsigned long chunk)
{
	sector_t size = legs->array->shape.chunk_sectors, i = chunk * size;
	sector_t end = min(i + size, legs->array->shape.sectors);

	for (; i < end; i++) {
		u64 word = legs->sectors[a][i].words[0];

		if (!holds_for_sure(legs, a, i, word) || !holds_for_sure(legs, b, i, word))
			return true;
	}
	return false;
}

/* ---- always ---- */

static void report(struct test_legs *legs, int disk, int other, unsigned long chunk)
{
	const u8 *data = test_disk(legs->array, disk)->data;

	if (!legs->faults++)
		snprintf(legs->first, sizeof(legs->first),
			 "bit %lu of disk %d, events %llu, cleared %llu: disk %d, events %llu, may differ",
			 chunk, disk, events_of(data), le64_to_cpu(bitmap_on(data)->events_cleared),
			 other, events_of(test_disk(legs->array, other)->data));
}

static void check_pair(struct test_legs *legs, int disk, int other)
{
	struct test_array *array = legs->array;
	unsigned long chunk;

	legs->looks++;
	for (chunk = 0; chunk < array->watch.chunks; chunk++)
		if (!bit_for_sure(array, disk, chunk) && may_differ(legs, disk, other, chunk)) {
			report(legs, disk, other, chunk);
			return;
		}
}

static void check_all(struct test_legs *legs)
{
	struct fake_disk *disks = legs->array->bench.disks;
	u8 *data[FAKE_DISKS];
	int disk, other;

	for (disk = 0; disk < FAKE_DISKS; disk++)
		data[disk] = disks[disk].data;
	for (disk = 0; disk < FAKE_DISKS; disk++)
		for (other = 0; other < FAKE_DISKS && is_trusted(data, disk); other++)
			if (other != disk && goes_by_bits(data[disk], data[other]))
				check_pair(legs, disk, other);
}

static struct test_legs *legs_of(struct fake_bench *bench)
{
	return ((struct test_array *)bench->watch)->legs;
}

static void came(struct fake_bench *bench, struct fake_bio *io)
{
	check_all(legs_of(bench));
	legs_of(bench)->came(bench, io);
}

static void ends(struct fake_bench *bench, struct fake_bio *io)
{
	struct test_legs *legs = legs_of(bench);

	check_all(legs);
	if (!io->status && (io->opf & REQ_PREFLUSH))
		flush_ended(legs, io);
	if (!io->status && is_data(io))
		data_ended(legs, io);
	legs->ends(bench, io);
}

static void free_sectors(void *data)
{
	vfree(data);
}

static void *alloc_for_test(struct kunit *test, size_t bytes)
{
	void *data = vzalloc(bytes);

	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_sectors, data));
	return data;
}

struct test_legs *test_legs_watch(struct test_array *array)
{
	struct fake_bench *bench = &array->bench;
	struct test_legs *legs = alloc_for_test(array->test, sizeof(*legs));
	sector_t i;
	int disk;

	legs->array = array;
	for (disk = 0; disk < FAKE_DISKS; disk++) {
		legs->sectors[disk] = alloc_for_test(array->test, array->shape.sectors *
						     sizeof(struct leg_sector));
		for (i = 0; i < array->shape.sectors; i++)
			legs->sectors[disk][i].nr = 1;
	}
	spin_lock_irq(&bench->lock);
	array->legs = legs;
	legs->came = bench->came;
	legs->ends = bench->ends;
	bench->came = came;
	bench->ends = ends;
	spin_unlock_irq(&bench->lock);
	return legs;
}

/* ---- images ---- */

struct test_image *test_image_alloc(struct test_array *array)
{
	struct test_image *image = alloc_for_test(array->test, sizeof(*image));
	int disk;

	for (disk = 0; disk < FAKE_DISKS; disk++)
		image->disks[disk] = alloc_for_test(array->test, test_disk(array, disk)->sectors <<
						    SECTOR_SHIFT);
	return image;
}

/* Of all that a sector may hold. */
static u64 choose_content(const struct leg_sector *sector, struct rnd_state *random)
{
	return sector->words[r1wb_test_below(random, sector->nr)];
}

static void land(struct fake_bio *io, u8 *image, struct rnd_state *random)
{
	struct bvec_iter iter = io->bio->bi_iter;
	sector_t sector;

	for (sector = io->sector; sector < io->sector + io->sectors; sector++) {
		struct bio_vec bv = bio_iter_iovec(io->bio, iter);

		if (r1wb_test_below(random, 2))
			memcpy_from_page(image + (sector << SECTOR_SHIFT), bv.bv_page,
					 bv.bv_offset, SECTOR_SIZE);
		bio_advance_iter(io->bio, &iter, SECTOR_SIZE);
	}
}

static void take_disk(struct test_legs *legs, int disk, u8 *image,
		      struct rnd_state *random)
{
	struct fake_disk *fake = test_disk(legs->array, disk);
	struct fake_bio *io;
	sector_t i;

	memcpy(image, fake->data, fake->sectors << SECTOR_SHIFT);
	for (i = 0; i < legs->array->shape.sectors; i++)
		memset64((u64 *)(image + ((DATA_SECTOR + i) << SECTOR_SHIFT)),
			 choose_content(&legs->sectors[disk][i], random),
			 SECTOR_SIZE / sizeof(u64));
	list_for_each_entry(io, &fake->open, open)
		if (io->what == FAKE_WRITE)
			land(io, image, random);
}

void test_image_take(struct test_legs *legs, struct test_image *image,
		     struct rnd_state *random)
{
	struct fake_bench *bench = &legs->array->bench;
	int disk;

	spin_lock_irq(&bench->lock);
	for (disk = 0; disk < FAKE_DISKS; disk++)
		take_disk(legs, disk, image->disks[disk], random);
	spin_unlock_irq(&bench->lock);
}

void test_image_put(const struct test_image *image, struct test_array *array)
{
	int disk;

	for (disk = 0; disk < FAKE_DISKS; disk++)
		memcpy(test_disk(array, disk)->data, image->disks[disk],
		       test_disk(array, disk)->sectors << SECTOR_SHIFT);
}

bool test_image_trusts(const struct test_image *image, int disk)
{
	return is_trusted(image->disks, disk);
}
