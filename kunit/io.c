// SPDX-License-Identifier: GPL-2.0
/* Reads and writes of a test array, see io.h. */
#include <linux/mm.h>
#include <linux/slab.h>

#include "io.h"

#define PIECE_BYTES	SZ_1M	/* memory of a bio, contiguous */

/* ---- patterns ---- */

static u64 word_of(sector_t sector, u32 mark)
{
	return mark ? (u64)mark << 32 | (u32)sector : 0;
}

static void fill_sector(u64 *words, sector_t sector, u32 mark)
{
	memset64(words, word_of(sector, mark), SECTOR_SIZE / sizeof(u64));
}

static bool sector_holds(const u64 *words, sector_t sector, u32 mark)
{
	int i;

	for (i = 0; i < SECTOR_SIZE / sizeof(u64); i++)
		if (words[i] != word_of(sector, mark))
			return false;
	return true;
}

static u64 *buffer_sector(const struct test_io *io, sector_t i)
{
	u64 at = i << SECTOR_SHIFT;

	return (u64 *)(io->pieces[at / PIECE_BYTES] + at % PIECE_BYTES);
}

void test_io_fill(struct test_io *io, u32 mark)
{
	sector_t i;

	for (i = 0; io->nr_pieces && i < io->sectors; i++)
		fill_sector(buffer_sector(io, i), io->sector + i, mark);
}

bool test_io_holds(const struct test_io *io, u32 mark)
{
	sector_t i;

	for (i = 0; i < io->sectors; i++)
		if (!sector_holds(buffer_sector(io, i), io->sector + i, mark))
			return false;
	return true;
}

static u64 *disk_sector(struct test_array *array, int disk, sector_t sector)
{
	return (u64 *)(test_disk(array, disk)->data +
		       ((DATA_SECTOR + sector) << SECTOR_SHIFT));
}

bool test_disk_holds(struct test_array *array, int disk, sector_t sector,
		     sector_t sectors, u32 mark)
{
	for (; sectors--; sector++)
		if (!sector_holds(disk_sector(array, disk, sector), sector, mark))
			return false;
	return true;
}

void test_disk_fill(struct test_array *array, int disk, sector_t sector,
		    sector_t sectors, u32 mark)
{
	for (; sectors--; sector++)
		fill_sector(disk_sector(array, disk, sector), sector, mark);
}

void test_disk_spoil(struct test_array *array, int disk, sector_t sector,
		     sector_t sectors)
{
	test_disk_fill(array, disk, sector, sectors, 9);
	fake_disk_spoil(test_disk(array, disk), TEST_DATA(FAKE_READ, sector, sectors));
}

/* ---- one bio ---- */

static void io_ended(struct bio *bio)
{
	struct test_io *io = bio->bi_private;

	io->status = bio->bi_status;
	test_watch_ack(io);
	/* pairs with test_io_ended() */
	smp_store_release(&io->ended, fake_bench_event(&io->array->bench));
}

static void submit_work(struct work_struct *work)
{
	struct test_io *io = container_of(work, struct test_io, work);

	/* stubs are those of the thread's test */
	current->kunit_test = io->array->test;
	io->came = fake_bench_event(&io->array->bench);
	if (io->whole)
		md_handle_request(io->array->mddev, io->bio);
	else
		submit_bio(io->bio);
	current->kunit_test = NULL;
	WRITE_ONCE(io->returned, true);
}

static bool has_data(blk_opf_t opf)
{
	return (opf & REQ_OP_MASK) == REQ_OP_READ ||
	       (opf & REQ_OP_MASK) == REQ_OP_WRITE;
}

/* A large bio gets few and large segments, a small one a page each. */
static void add_memory(struct test_io *io)
{
	size_t bytes = io->sectors << SECTOR_SHIFT;
	size_t step = bytes > PIECE_BYTES ? PIECE_BYTES : PAGE_SIZE;
	size_t at, len;

	for (at = 0; at < bytes; at += len) {
		u8 *data = io->pieces[at / PIECE_BYTES] + at % PIECE_BYTES;

		len = min(step, bytes - at);
		__bio_add_page(io->bio, virt_to_page(data), len, offset_in_page(data));
	}
}

static bool alloc_memory(struct test_io *io)
{
	size_t bytes = io->sectors << SECTOR_SHIFT;
	unsigned int i;

	io->nr_pieces = DIV_ROUND_UP(bytes, PIECE_BYTES);
	io->pieces = kcalloc(io->nr_pieces, sizeof(*io->pieces), GFP_KERNEL);
	if (!io->pieces)
		return false;
	for (i = 0; i < io->nr_pieces; i++) {
		size_t len = min_t(size_t, PIECE_BYTES, bytes - i * PIECE_BYTES);

		io->pieces[i] = alloc_pages_exact(len, GFP_KERNEL | __GFP_ZERO);
		if (!io->pieces[i])
			return false;
	}
	return true;
}

void test_io_free(struct test_io *io)
{
	size_t bytes = io->sectors << SECTOR_SHIFT;
	unsigned int i;

	flush_work(&io->work);
	list_del(&io->link);
	for (i = 0; io->pieces && i < io->nr_pieces; i++)
		if (io->pieces[i])
			free_pages_exact(io->pieces[i],
					 min_t(size_t, PIECE_BYTES,
					       bytes - i * PIECE_BYTES));
	kfree(io->pieces);
	if (io->bio)
		bio_uninit(io->bio);
	kfree(io->bio);
	kfree(io);
}

struct test_io *test_io_new(struct test_array *array, blk_opf_t opf,
			    sector_t sector, sector_t sectors, u32 mark)
{
	struct test_io *io = kzalloc(sizeof(*io), GFP_KERNEL);
	unsigned short vecs = BIO_MAX_VECS;

	KUNIT_ASSERT_NOT_NULL(array->test, io);
	io->array = array;
	io->sector = sector;
	io->sectors = sectors;
	io->mark = mark;
	INIT_WORK(&io->work, submit_work);
	list_add_tail(&io->link, &array->ios);
	io->bio = bio_kmalloc(vecs, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(array->test, io->bio);
	bio_init(io->bio, file_bdev(array->file), io->bio->bi_inline_vecs, vecs, opf);
	io->bio->bi_iter.bi_sector = sector;
	io->bio->bi_private = io;
	io->bio->bi_end_io = io_ended;
	if (!has_data(opf)) {
		io->bio->bi_iter.bi_size = sectors << SECTOR_SHIFT;
	} else if (sectors) {
		KUNIT_ASSERT_TRUE(array->test, alloc_memory(io));
		add_memory(io);
		test_io_fill(io, mark);
	}
	return io;
}

void test_io_go(struct test_io *io)
{
	io->gone = true;
	queue_work(system_unbound_wq, &io->work);
}

struct test_io *test_io_start(struct test_array *array, blk_opf_t opf,
			      sector_t sector, sector_t sectors, u32 mark)
{
	struct test_io *io = test_io_new(array, opf, sector, sectors, mark);

	test_io_go(io);
	test_settle(array);
	return io;
}

bool test_io_ends(struct test_io *io, blk_status_t status)
{
	return test_wait(test_io_ended(io)) && io->status == status;
}

bool test_io_is_open(const struct test_io *io)
{
	test_settle(io->array);
	return !test_io_ended(io);
}

struct test_io *test_fall_back_in_front(struct kunit *test)
{
	static const struct test_shape shape = {
		.slots = 2, .write_mostly = BIT(SLOW), .write_behind = 1 };
	struct test_array *array = test_array_start(test, &shape);
	struct fake_disk *slow = test_disk(array, SLOW);
	struct test_io *fallen_back;

	fake_disk_hold(slow, TEST_ALL_DATA(FAKE_WRITE));
	EXPECT_ENDS(test_write(array, 64, 8, 1));
	fallen_back = test_write(array, 0, 8, 2);
	EXPECT_OPEN(fallen_back);
	fake_disk_release_one(slow, 0);
	test_settle(array);
	EXPECT_ENDS(test_write(array, 0, 8, 3));
	return fallen_back;
}
