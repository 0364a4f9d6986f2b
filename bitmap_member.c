// SPDX-License-Identifier: GPL-2.0
/*
 * The bitmap's view of the members: who is active, where the bitmap is on
 * each and how much room it has there, reading pages, flushing caches.
 *
 * Does not write pages (bitmap_page.c), and keeps no list of members of its
 * own: md's list is walked under RCU, with nr_pending held on the member at
 * hand.  Process context, but for the bio completion.
 */
#include <linux/completion.h>
#include "bitmap_impl.h"

static bool is_active(const struct md_rdev *rdev)
{
	return READ_ONCE(rdev->raid_disk) >= 0 && !test_bit(Faulty, &rdev->flags) &&
	       !test_bit(Journal, &rdev->flags);
}

/**
 * r1wb_next_active - walk the active members, those being rebuilt included
 * @bitmap:	the bitmap
 * @rdev:	what the previous call returned, NULL to begin
 *
 * A walk that ends early gives back nr_pending of the member at hand.  md
 * takes nobody with nr_pending off the list, so the walk can go on from it.
 *
 * Context: process.
 * Return: the next member, with nr_pending held until the next call; NULL at
 *	   the end.
 */
struct md_rdev *r1wb_next_active(struct r1wb_bitmap *bitmap,
				 struct md_rdev *rdev)
{
	struct mddev *mddev = bitmap->mddev;
	struct md_rdev *last = rdev;

	rcu_read_lock();
	if (!rdev)
		rdev = list_entry(&mddev->disks, struct md_rdev, same_set);
	list_for_each_entry_continue_rcu(rdev, &mddev->disks, same_set) {
		if (!is_active(rdev) || rdev == READ_ONCE(bitmap->leaving))
			continue;
		atomic_inc(&rdev->nr_pending);
		goto out;
	}
	rdev = NULL;
out:
	if (last)
		rdev_dec_pending(last, mddev);
	rcu_read_unlock();
	return rdev;
}

/**
 * r1wb_members_left - is there any active member?
 * @bitmap:	the bitmap
 *
 * Context: any.
 */
bool r1wb_members_left(struct r1wb_bitmap *bitmap)
{
	struct md_rdev *rdev;
	bool left = false;

	rcu_read_lock();
	rdev_for_each_rcu(rdev, bitmap->mddev)
		left |= is_active(rdev);
	rcu_read_unlock();
	return left;
}

/**
 * r1wb_members_missing - does a slot of the array get no writes?
 * @mddev:	the array
 *
 * A member that is being rebuilt gets them, and what it lacked before is known.
 *
 * Context: any.
 */
bool r1wb_members_missing(struct mddev *mddev)
{
	struct md_rdev *rdev;
	int present = 0;

	rcu_read_lock();
	rdev_for_each_rcu(rdev, mddev)
		present += is_active(rdev) && !test_bit(Replacement, &rdev->flags);
	rcu_read_unlock();
	return present < mddev->raid_disks;
}

/**
 * r1wb_members_mirrored - is there more than one member in sync?
 * @mddev:	the array
 *
 * Context: any.
 */
bool r1wb_members_mirrored(struct mddev *mddev)
{
	struct md_rdev *rdev;
	int in_sync = 0;

	rcu_read_lock();
	rdev_for_each_rcu(rdev, mddev)
		in_sync += is_active(rdev) && test_bit(In_sync, &rdev->flags);
	rcu_read_unlock();
	return in_sync > 1;
}

static struct block_device *bitmap_bdev(const struct md_rdev *rdev)
{
	return rdev->meta_bdev ?: rdev->bdev;
}

static loff_t room_at_end(const struct md_rdev *rdev, loff_t start)
{
	return (loff_t)bdev_nr_sectors(bitmap_bdev(rdev)) - start;
}

/* Metadata that mdadm manages: the bitmap may be anywhere but in the data. */
static loff_t room_beside_data(const struct md_rdev *rdev, loff_t start)
{
	loff_t data = rdev->data_offset;

	if (start < data)
		return data - start;
	if (start >= data + (loff_t)rdev->mddev->dev_sectors)
		return room_at_end(rdev, start);
	return 0;
}

/* Sectors from the bitmap's first one to whatever comes next on the member. */
static loff_t member_room(const struct md_rdev *rdev)
{
	const struct mddev *mddev = rdev->mddev;
	loff_t offset = mddev->bitmap_info.offset;
	loff_t start = (loff_t)rdev->sb_start + offset;
	loff_t data = rdev->data_offset;

	if (start < 0)
		return 0;
	if (rdev->meta_bdev)
		return room_at_end(rdev, start);
	if (mddev->external)
		return room_beside_data(rdev, start);
	if (offset < 0)
		return data + (loff_t)mddev->dev_sectors > start ? 0 : -offset;
	if (rdev->sb_start < rdev->data_offset)
		return data - start;
	return room_at_end(rdev, start);
}

/**
 * r1wb_member_page_bytes - how much of a bitmap page to read or write
 * @geometry:	the bitmap's
 * @rdev:	the member
 * @page:	number of the page
 *
 * The whole page where the member has room for it.  Some old arrays have not,
 * behind the last page's bits.
 *
 * Return: bytes, a multiple of the member's block size; 0 if the page does
 *	   not fit.
 */
unsigned int r1wb_member_page_bytes(const struct r1wb_geometry *geometry,
				    struct md_rdev *rdev, unsigned long page)
{
	unsigned int block = bdev_logical_block_size(bitmap_bdev(rdev));
	u64 start = (u64)page << R1WB_PAGE_SHIFT;
	u64 space = rdev->mddev->bitmap_info.space;
	loff_t room = member_room(rdev);
	u64 used;

	if (room <= 0 || start >= geometry->bytes)
		return 0;
	if (space)
		room = min_t(u64, room, space);
	room <<= SECTOR_SHIFT;

	used = min_t(u64, geometry->bytes - start, R1WB_PAGE_BYTES);
	if (start + R1WB_PAGE_BYTES <= room && block <= R1WB_PAGE_BYTES)
		return R1WB_PAGE_BYTES;
	used = round_up(used, block);
	return start + used <= room && used <= R1WB_PAGE_BYTES ? used : 0;
}

static bool is_aligned(const struct md_rdev *rdev)
{
	unsigned int block = bdev_logical_block_size(bitmap_bdev(rdev));
	u64 start = rdev->sb_start + rdev->mddev->bitmap_info.offset;

	return IS_ALIGNED(start << SECTOR_SHIFT, block);
}

/**
 * r1wb_members_fit - is there room for a bitmap on every active member?
 * @mddev:	the array
 * @geometry:	the bitmap's
 *
 * Context: process, reconfig_mutex held.
 * Return: 0, or -ENOSPC or -EINVAL after a message that names the member.
 */
int r1wb_members_fit(struct mddev *mddev, const struct r1wb_geometry *geometry)
{
	struct md_rdev *rdev;

	rdev_for_each(rdev, mddev) {
		if (!is_active(rdev))
			continue;
		if (!is_aligned(rdev)) {
			pr_err("md/raid1wb:%s: the bitmap is not aligned to the blocks of %pg; remove it and add it again\n",
			       mdname(mddev), rdev->bdev);
			return -EINVAL;
		}
		if (!r1wb_member_page_bytes(geometry, rdev, geometry->pages - 1)) {
			pr_err("md/raid1wb:%s: no room for a bitmap of %llu sectors on %pg; use larger chunks\n",
			       mdname(mddev), r1wb_geometry_sectors(geometry),
			       rdev->bdev);
			return -ENOSPC;
		}
	}
	return 0;
}

static bool read_from(struct md_rdev *rdev, const struct r1wb_geometry *geometry,
		      unsigned long index, struct page *page)
{
	sector_t sector = rdev->mddev->bitmap_info.offset +
			  ((sector_t)index << (R1WB_PAGE_SHIFT - SECTOR_SHIFT));
	unsigned int bytes = r1wb_member_page_bytes(geometry, rdev, index);

	return bytes && sync_page_io(rdev, sector, bytes, page, REQ_OP_READ, true);
}

static bool is_readable(const struct md_rdev *rdev)
{
	return is_active(rdev) && test_bit(In_sync, &rdev->flags) &&
	       !test_bit(Bitmap_sync, &rdev->flags);
}

/* Enough of a geometry to read the superblock, which tells the real one. */
const struct r1wb_geometry r1wb_super_only = {
	.bytes = R1WB_SUPER_BYTES,
	.pages = 1,
};

/**
 * r1wb_members_look - find out whose copy of the bitmap sleeps
 * @bitmap:	the bitmap, not loaded
 *
 * A copy that sleeps must not be taken for one that is awake: it could not be
 * woken in the right order.  So want of memory is no answer.
 *
 * Context: process, sleeps, may block for memory.
 */
void r1wb_members_look(struct r1wb_bitmap *bitmap)
{
	struct page *page = alloc_page(GFP_NOIO | __GFP_NOFAIL);
	struct md_rdev *rdev;

	for (rdev = r1wb_next_active(bitmap, NULL); rdev;
	     rdev = r1wb_next_active(bitmap, rdev))
		r1wb_sleep_found(bitmap, rdev, is_readable(rdev) &&
				 read_from(rdev, &r1wb_super_only, 0, page) ?
				 page_address(page) : NULL);
	__free_page(page);
}

/* Whom to read from: awake ones first, WriteMostly ones last. */
struct preference {
	bool	asleep;
	bool	write_mostly;
};

static bool is_preferred(const struct r1wb_bitmap *bitmap,
			 const struct md_rdev *rdev,
			 const struct preference *preference)
{
	bool asleep = r1wb_sleep_state(bitmap, rdev) == R1WB_ASLEEP;

	return asleep == preference->asleep &&
	       test_bit(WriteMostly, &rdev->flags) == preference->write_mostly;
}

static bool read_any(struct r1wb_bitmap *bitmap,
		     const struct r1wb_geometry *geometry, unsigned long index,
		     struct page *page, const struct preference *preference)
{
	struct md_rdev *rdev;

	for (rdev = r1wb_next_active(bitmap, NULL); rdev;
	     rdev = r1wb_next_active(bitmap, rdev)) {
		if (!is_readable(rdev) ||
		    !is_preferred(bitmap, rdev, preference) ||
		    !read_from(rdev, geometry, index, page))
			continue;
		rdev_dec_pending(rdev, bitmap->mddev);
		return true;
	}
	return false;
}

/**
 * r1wb_members_read - read a page of the bitmap from the best member
 * @bitmap:	the bitmap, maybe to be
 * @geometry:	its cut
 * @page:	number of the page
 * @data:	R1WB_PAGE_BYTES; what the member had no room for is zero
 *
 * Members in sync count; those whose copy is awake come first, and of these
 * those that are not WriteMostly.
 *
 * Context: process, sleeps, may block for memory.
 * Return: false if no member could be read.
 */
bool r1wb_members_read(struct r1wb_bitmap *bitmap,
		       const struct r1wb_geometry *geometry, unsigned long page,
		       void *data)
{
	static const struct preference preferences[] = {
		{ .asleep = false, .write_mostly = false },
		{ .asleep = false, .write_mostly = true },
		{ .asleep = true, .write_mostly = false },
		{ .asleep = true, .write_mostly = true },
	};
	struct page *bounce = alloc_page(GFP_NOIO | __GFP_ZERO | __GFP_NOFAIL);
	bool done = false;
	int i;

	for (i = 0; i < ARRAY_SIZE(preferences) && !done; i++)
		done = read_any(bitmap, geometry, page, bounce, &preferences[i]);
	if (done)
		memcpy(data, page_address(bounce), R1WB_PAGE_BYTES);
	__free_page(bounce);
	return done;
}

/**
 * r1wb_member_bio_alloc - a bio of the bitmap's for a member
 * @bitmap:	the bitmap
 * @rdev:	the member; another nr_pending is taken for the bio
 * @bdev:	its data or metadata device
 * @opf:	operation
 * @owner:	for the completion
 *
 * Context: process, also inside make_request(): may block, cannot fail.  One
 * at a time: submit it before the next is asked for.
 * Return: a bio with one vector, inside a struct r1wb_member_bio.
 */
struct bio *r1wb_member_bio_alloc(struct r1wb_bitmap *bitmap,
				  struct md_rdev *rdev,
				  struct block_device *bdev, blk_opf_t opf,
				  void *owner)
{
	struct bio *bio = bio_alloc_bioset(bdev, 1, opf, GFP_NOIO, &bitmap->bios);
	struct r1wb_member_bio *io = container_of(bio, struct r1wb_member_bio, bio);

	atomic_inc(&rdev->nr_pending);
	io->rdev = rdev;
	io->owner = owner;
	return bio;
}

/**
 * r1wb_member_bio_end - such a bio has ended
 * @io:		given back
 *
 * A member that failed it is handed to md_error().
 *
 * Context: any.
 * Return: false if it failed and the member stays in the array all the same,
 *	   as the last one does.
 */
bool r1wb_member_bio_end(struct r1wb_member_bio *io)
{
	struct md_rdev *rdev = io->rdev;
	struct mddev *mddev = rdev->mddev;
	bool accounted = true;

	if (io->bio.bi_status) {
		md_error(mddev, rdev);
		accounted = test_bit(Faulty, &rdev->flags);
	}
	bio_put(&io->bio);
	rdev_dec_pending(rdev, mddev);
	return accounted;
}

/* A flush of all members, under way. */
struct flush {
	atomic_t		left;
	bool			failed;
	struct completion	done;
};

static void flush_put(struct flush *flush)
{
	if (atomic_dec_and_test(&flush->left))
		complete(&flush->done);
}

static void flush_ended(struct bio *bio)
{
	struct r1wb_member_bio *io = container_of(bio, struct r1wb_member_bio, bio);
	struct flush *flush = io->owner;

	if (bio->bi_status)
		WRITE_ONCE(flush->failed, true);
	r1wb_member_bio_end(io);
	flush_put(flush);
}

/**
 * r1wb_members_flush - flush the caches of all active members
 * @bitmap:	the bitmap
 *
 * Context: process, sleeps until all have answered.
 * Return: false if one could not; it has been handed to md_error().
 */
bool r1wb_members_flush(struct r1wb_bitmap *bitmap)
{
	struct flush flush = { .left = ATOMIC_INIT(1) };
	struct md_rdev *rdev;
	struct bio *bio;

	init_completion(&flush.done);
	for (rdev = r1wb_next_active(bitmap, NULL); rdev;
	     rdev = r1wb_next_active(bitmap, rdev)) {
		bio = r1wb_member_bio_alloc(bitmap, rdev, rdev->bdev,
					    REQ_OP_WRITE | REQ_PREFLUSH, &flush);
		bio->bi_end_io = flush_ended;
		atomic_inc(&flush.left);
		submit_bio(bio);
	}
	flush_put(&flush);
	wait_for_completion_io(&flush.done);
	return !flush.failed;
}
