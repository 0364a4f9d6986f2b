// SPDX-License-Identifier: GPL-2.0
/*
 * A member's list of bad blocks: what is put there, and what is taken off it.
 *
 * md keeps it, and writes it with the superblocks.  Nobody relies on what it
 * says, or says no more, before that is on disk: whoever changes it sets
 * MD_SB_CHANGE_PENDING before the place in the member's line is given back.
 * Sectors are the array's.
 *
 * Keeps that part of I10 which is about lists.
 */
#include <linux/raid/md_p.h>

#include "bad_blocks.h"

/* Can it have any?  Context: any. */
bool r1wb_has_bad_blocks(const struct md_rdev *rdev)
{
	return rdev->badblocks.shift >= 0;
}

sector_t r1wb_block_sectors(const struct md_rdev *rdev)
{
	return max(1U << max(rdev->badblocks.shift, 0),
		   bdev_logical_block_size(rdev->bdev) >> SECTOR_SHIFT);
}

/* ---- on disk ---- */

/* NULL if it is not with a superblock of md's. */
static const struct mdp_superblock_1 *super_with_list(const struct md_rdev *rdev)
{
	const struct mdp_superblock_1 *super;

	if (rdev->mddev->external || rdev->mddev->major_version != 1 ||
	    !rdev->sb_page)
		return NULL;
	super = page_address(rdev->sb_page);
	return super->bblog_offset ? super : NULL;
}

/*
 * md sends a superblock and the list that it tells of at once.  If a crash lets
 * the superblock be there alone, what is found where the list belongs counts:
 * bytes that were never a list, so that md refuses the member, or blocks that
 * have been good for long.  So there is an empty one before.  It says the truth:
 * what was on the list has been written, and is flushed here.
 */
static bool write_empty_list(struct md_rdev *rdev)
{
	const struct mdp_superblock_1 *super = super_with_list(rdev);
	struct page *page;
	bool ok;

	if (!super)
		return true;
	page = alloc_page(GFP_NOIO);
	if (!page)
		return false;
	memset(page_address(page), 0xff, PAGE_SIZE);	/* no entry: md_p.h */
	ok = sync_page_io(rdev, (s32)le32_to_cpu(super->bblog_offset),
			  le16_to_cpu(super->bblog_size) << SECTOR_SHIFT, page,
			  REQ_OP_WRITE | REQ_SYNC | REQ_PREFLUSH | REQ_FUA, true);
	put_page(page);
	return ok;
}

/* ---- in memory ---- */

static bool is_all_bad(struct md_rdev *rdev, sector_t sector, sector_t end)
{
	sector_t first_bad;
	int bad_sectors;

	for (; sector < end; sector = first_bad + bad_sectors)
		if (!is_badblock(rdev, sector, end - sector, &first_bad,
				 &bad_sectors) || first_bad > sector)
			return false;
	return true;
}

static bool add(struct md_rdev *rdev, sector_t sector, sector_t sectors)
{
	struct r1wb_conf *conf = rdev->mddev->private;
	bool ok;

	/* so that no list is emptied on disk that somebody else has begun */
	mutex_lock(&conf->listing);
	ok = (rdev->badblocks.count || write_empty_list(rdev)) &&
	     rdev_set_badblocks(rdev, sector, sectors, 0);
	mutex_unlock(&conf->listing);
	return ok;
}

/**
 * r1wb_record_bad - put blocks on the list
 * @rdev:	nr_pending is held
 * @sector:	start
 * @sectors:	length
 *
 * Context: process, sleeps for the member's disk if the list was empty.
 *
 * Return: false if there is no room, or if the list cannot be begun.  The block
 * layer says that, too, of what is on the list already; we do not.
 */
bool r1wb_record_bad(struct md_rdev *rdev, sector_t sector, sector_t sectors)
{
	return is_all_bad(rdev, sector, sector + sectors) ||
	       add(rdev, sector, sectors);
}

/*
 * All of it has just been written, and nothing has overtaken that.  Nobody
 * relies on it before that is on disk: after a crash, what the list there calls
 * bad is taken from another member, which may lag.
 */
void r1wb_heal(struct md_rdev *rdev, sector_t sector, sector_t sectors)
{
	struct mddev *mddev = rdev->mddev;

	if (!rdev_has_badblock(rdev, sector, sectors))
		return;
	rdev_clear_badblocks(rdev, sector, sectors, 0);
	set_mask_bits(&mddev->sb_flags, 0, BIT(MD_SB_CHANGE_CLEAN) |
		      BIT(MD_SB_CHANGE_PENDING));
	md_wakeup_thread(mddev->thread);
}
