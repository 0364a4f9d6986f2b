// SPDX-License-Identifier: GPL-2.0
/*
 * Legs of writes that a member takes only in part: where a write fails, and
 * where blocks are known to be bad.
 *
 * Does not end the leg (leg.c), whose place it relies on: nothing overtakes it.
 * Called in process context, sleeps for the member's disk.  Takes no lock.
 *
 * Keeps I3: a block that could not be written is recorded as bad, or else the
 * leg fails, and the member with it.  Both set MD_SB_CHANGE_PENDING before the
 * leg ends.
 */
#include "leg.h"
#include "member.h"
#include "narrow.h"
#include "write.h"

/* What feeds the leg is still there: whoever has no copy is waited for. */
static bool write_span(const struct r1wb_leg *leg, sector_t sector,
		       sector_t sectors)
{
	const struct r1wb_write *write = leg->write;
	struct md_rdev *rdev = leg->rdev;
	struct bio bio;
	int err;

	err = bio_init_clone(rdev->bdev, &bio, write->copy ?: write->parent,
			     GFP_NOIO);
	if (err)
		return false;
	bio.bi_opf = leg->bio.bi_opf & ~(MD_FAILFAST | REQ_PREFLUSH);
	bio.bi_iter.bi_sector = write->sector + rdev->data_offset;
	bio_trim(&bio, sector - write->sector, sectors);
	err = submit_bio_wait(&bio);
	bio_uninit(&bio);
	return !err;
}

static bool write_block(struct r1wb_leg *leg, sector_t sector, sector_t sectors)
{
	struct md_rdev *rdev = leg->rdev;

	if (test_bit(Faulty, &rdev->flags))
		return false;
	if (write_span(leg, sector, sectors)) {
		if (rdev_has_badblock(rdev, sector, sectors))
			rdev_clear_badblocks(rdev, sector, sectors, 0);
		return true;
	}
	pr_err_ratelimited("md/raid1wb:%s: %pg cannot write sector %llu of the array; recording it as bad\n",
			   mdname(leg->write->conf->mddev), rdev->bdev,
			   (u64)sector);
	leg->recorded = true;
	return r1wb_record_bad(rdev, sector, sectors);
}

static sector_t block_sectors(const struct md_rdev *rdev)
{
	return max(1U << rdev->badblocks.shift,
		   bdev_logical_block_size(rdev->bdev) >> SECTOR_SHIFT);
}

/* False: what cannot be written there could not be recorded either. */
static bool write_blocks(struct r1wb_leg *leg, sector_t sector, sector_t end)
{
	sector_t size = block_sectors(leg->rdev);

	while (sector < end) {
		sector_t next = min(round_down(sector, size) + size, end);

		if (!write_block(leg, sector, next - sector))
			return false;
		sector = next;
	}
	return true;
}

/*
 * Is it certain that a write failed, and no flush?  What a cache has dropped,
 * no second flush brings back.
 */
static bool is_no_flush(const struct r1wb_leg *leg, blk_opf_t opf)
{
	return !(opf & REQ_PREFLUSH) &&
	       (!(opf & REQ_FUA) || bdev_fua(leg->rdev->bdev));
}

static bool has_list(const struct md_rdev *rdev)
{
	return rdev->badblocks.shift >= 0;
}

/* Context: any. */
bool r1wb_may_narrow(const struct r1wb_leg *leg)
{
	return bio_op(&leg->bio) == REQ_OP_WRITE && leg->write->sectors &&
	       has_list(leg->rdev) && is_no_flush(leg, leg->bio.bi_opf) &&
	       !test_bit(Faulty, &leg->rdev->flags);
}

/**
 * r1wb_narrow - find out which blocks of a failed leg cannot be written
 * @leg:	ended with an error, and r1wb_may_narrow(); its status is cleared if
 *		what is missing has been recorded
 */
void r1wb_narrow(struct r1wb_leg *leg)
{
	sector_t sector = leg->write->sector;

	if (write_blocks(leg, sector, sector + leg->write->sectors))
		leg->bio.bi_status = BLK_STS_OK;
	else
		leg->recorded = false;
}

/* Is the member known to be unable to write some of it?  Context: any. */
bool r1wb_must_go_round(const struct r1wb_leg *leg)
{
	return test_bit(WriteErrorSeen, &leg->rdev->flags) &&
	       bio_op(&leg->bio) == REQ_OP_WRITE && leg->write->sectors &&
	       rdev_has_badblock(leg->rdev, leg->write->sector,
				 leg->write->sectors);
}

/* How far from @sector on all is good, or all is bad. */
static sector_t span_end(struct md_rdev *rdev, sector_t sector, sector_t end,
			 bool *bad)
{
	sector_t first_bad;
	int bad_sectors;

	*bad = false;
	if (!is_badblock(rdev, sector, end - sector, &first_bad, &bad_sectors))
		return end;
	*bad = first_bad <= sector;
	return min(*bad ? first_bad + bad_sectors : first_bad, end);
}

static bool write_good_span(struct r1wb_leg *leg, sector_t sector, sector_t end)
{
	if (write_span(leg, sector, end - sector))
		return true;
	r1wb_note_write_error(leg->write->conf->mddev, leg->rdev);
	return is_no_flush(leg, leg->bio.bi_opf & ~REQ_PREFLUSH) &&
	       write_blocks(leg, sector, end);
}

/**
 * r1wb_go_round - write what is not known as bad
 * @leg:	not sent, and r1wb_must_go_round(); its status is set if it fails
 *
 * It need not wait until a bad block is recorded on disk: the write is not
 * acknowledged, nor its bit cleared, before that.
 */
void r1wb_go_round(struct r1wb_leg *leg)
{
	sector_t sector = leg->write->sector;
	sector_t end = sector + leg->write->sectors, next;
	bool ok = true, bad;

	if (leg->bio.bi_opf & REQ_PREFLUSH)
		ok = !blkdev_issue_flush(leg->rdev->bdev);
	for (; ok && sector < end; sector = next) {
		next = span_end(leg->rdev, sector, end, &bad);
		if (bad)
			leg->recorded = true;
		else
			ok = write_good_span(leg, sector, next);
	}
	leg->bio.bi_status = ok ? BLK_STS_OK : BLK_STS_IOERR;
	leg->recorded &= ok;
}
