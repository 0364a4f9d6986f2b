/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads and writes of a test array.
 *
 * Each is submitted by a thread of its own, since it may have to wait there.
 * Data is a pattern per sector that tells which write it is of, and where it
 * belongs.
 */
#ifndef R1WB_KUNIT_IO_H
#define R1WB_KUNIT_IO_H

#include "array.h"

/**
 * struct test_io - one bio to the array
 * @mark:	which data a write brings
 * @gone:	it was, or is about to be, submitted
 * @came:	the bench's event when it was
 * @returned:	submit_bio() has returned
 * @ended:	the bench's event when it ended; 0 until then
 * @status:	how it ended
 * @whole:	past the limits of the array's queue, to the personality
 */
struct test_io {
	struct test_array	*array;
	struct list_head	link;
	struct work_struct	work;
	struct bio		*bio;
	u8			**pieces;
	unsigned int		nr_pieces;
	sector_t		sector;
	sector_t		sectors;
	u32			mark;
	bool			gone;
	unsigned int		came;
	bool			returned;
	unsigned int		ended;
	blk_status_t		status;
	bool			whole;
};

struct test_io *test_io_new(struct test_array *array, blk_opf_t opf,
			    sector_t sector, sector_t sectors, u32 mark);
void test_io_go(struct test_io *io);
void test_io_free(struct test_io *io);

/* Both, and waits until submit_bio() has returned, or nothing moves. */
struct test_io *test_io_start(struct test_array *array, blk_opf_t opf,
			      sector_t sector, sector_t sectors, u32 mark);

static inline struct test_io *test_write(struct test_array *array,
					 sector_t sector, sector_t sectors,
					 u32 mark)
{
	return test_io_start(array, REQ_OP_WRITE, sector, sectors, mark);
}

static inline struct test_io *test_read(struct test_array *array,
					sector_t sector, sector_t sectors)
{
	return test_io_start(array, REQ_OP_READ, sector, sectors, 0);
}

static inline bool test_io_ended(const struct test_io *io)
{
	/* pairs with the end of the bio */
	return smp_load_acquire(&io->ended);
}

/* Waits; false if it has not ended in time, or not with @status. */
bool test_io_ends(struct test_io *io, blk_status_t status);

/* Does the buffer of @io hold the data of @mark? 0 is what a new disk holds. */
bool test_io_holds(const struct test_io *io, u32 mark);
void test_io_fill(struct test_io *io, u32 mark);
bool test_disk_holds(struct test_array *array, int disk, sector_t sector,
		     sector_t sectors, u32 mark);
void test_disk_fill(struct test_array *array, int disk, sector_t sector,
		    sector_t sectors, u32 mark);
/* Reads there fail from now on; nor is on the disk what should be. */
void test_disk_spoil(struct test_array *array, int disk, sector_t sector,
		     sector_t sectors);

/*
 * An array, and writes to its first eight sectors: one that has fallen back,
 * returned, is alone on the slow leg, held; another one, of mark 3, has been
 * acknowledged since and waits for that there.
 */
struct test_io *test_fall_back_in_front(struct kunit *test);

/* Everything is at rest, and it has not ended. */
bool test_io_is_open(const struct test_io *io);

/* fake_disk_find(); without what it looks for, the case cannot go on. */
#define MUST_FIND(...)							\
({									\
	struct fake_bio *__found = fake_disk_find(__VA_ARGS__);		\
									\
	KUNIT_ASSERT_NOT_NULL(test, __found);				\
	__found;							\
})

#define EXPECT_ENDS(io)	KUNIT_EXPECT_TRUE(test, test_io_ends(io, BLK_STS_OK))
#define EXPECT_OPEN(io)	KUNIT_EXPECT_TRUE(test, test_io_is_open(io))

#endif /* R1WB_KUNIT_IO_H */
