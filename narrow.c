// SPDX-License-Identifier: GPL-2.0
/*
 * Writes that a member takes only in part: where they fail, and where blocks
 * are known to be bad.
 *
 * Does not end what was to be written, on whose place in the member's line it
 * relies: nothing overtakes it.  Called in process context, sleeps for the
 * member's disk.  Takes no lock.
 *
 * Keeps I3: a block that could not be written is recorded as bad, or else the
 * caller fails the member.  Both set MD_SB_CHANGE_PENDING before the place is
 * given back.
 */
#include "bad_blocks.h"
#include "leg.h"
#include "member.h"
#include "narrow.h"
#include "write.h"

/* ---- blocks ---- */

/* Is the member known to be unable to write some of it?  Context: any. */
bool r1wb_goes_round(struct md_rdev *rdev, sector_t sector, sector_t sectors)
{
	return test_bit(WriteErrorSeen, &rdev->flags) &&
	       rdev_has_badblock(rdev, sector, sectors);
}

static bool put(const struct r1wb_span *span, sector_t sector, sector_t sectors)
{
	struct md_rdev *rdev = span->rdev;
	struct bio bio;
	int err;

	if (bio_init_clone(rdev->bdev, &bio, span->data, GFP_NOIO))
		return false;
	bio.bi_opf = span->opf;
	bio.bi_iter.bi_sector = span->sector + rdev->data_offset;
	bio_trim(&bio, sector - span->sector, sectors);
	err = submit_bio_wait(&bio);
	bio_uninit(&bio);
	if (err)
		return false;
	r1wb_heal(rdev, sector, sectors);
	return true;
}

static bool write_block(struct r1wb_span *span, sector_t sector,
			sector_t sectors)
{
	struct md_rdev *rdev = span->rdev;

	if (test_bit(Faulty, &rdev->flags))
		return false;
	if (put(span, sector, sectors))
		return true;
	pr_err_ratelimited("md/raid1wb:%s: %pg cannot write sector %llu of the array; recording it as bad\n",
			   mdname(span->conf->mddev), rdev->bdev, (u64)sector);
	span->recorded = true;
	return r1wb_record_bad(rdev, sector, sectors);
}

static bool write_blocks(struct r1wb_span *span, sector_t sector, sector_t end)
{
	sector_t size = r1wb_block_sectors(span->rdev);

	while (sector < end) {
		sector_t next = r1wb_block_end(sector, size, end);

		if (!write_block(span, sector, next - sector))
			return false;
		sector = next;
	}
	return true;
}

/* ---- spans ---- */

/*
 * Is it certain that a write failed, and no flush?  What a cache has dropped,
 * no second flush brings back.
 */
static bool is_no_flush(const struct md_rdev *rdev, blk_opf_t opf)
{
	return !(opf & REQ_PREFLUSH) && (!(opf & REQ_FUA) || bdev_fua(rdev->bdev));
}

static bool may_narrow(const struct md_rdev *rdev, blk_opf_t opf)
{
	return r1wb_has_bad_blocks(rdev) && is_no_flush(rdev, opf) &&
	       !test_bit(Faulty, &rdev->flags);
}

static bool narrow(struct r1wb_span *span, sector_t sector, sector_t end)
{
	r1wb_note_write_error(span->conf->mddev, span->rdev);
	return may_narrow(span->rdev, span->opf) &&
	       write_blocks(span, sector, end);
}

/**
 * r1wb_span_narrow - find out what of a write that has failed cannot be written
 * @span:	what was to be written
 *
 * Return: false if that could not be recorded.  The member is to fail.
 */
bool r1wb_span_narrow(struct r1wb_span *span)
{
	return narrow(span, span->sector, span->sector + span->sectors);
}

/* How far from @sector on all is good, or all is bad. */
static sector_t stretch_end(struct md_rdev *rdev, sector_t sector, sector_t end,
			    bool *bad)
{
	sector_t first_bad;
	int bad_sectors;

	*bad = false;
	if (!test_bit(WriteErrorSeen, &rdev->flags) ||
	    !is_badblock(rdev, sector, end - sector, &first_bad, &bad_sectors))
		return end;
	*bad = first_bad <= sector;
	return min(*bad ? first_bad + bad_sectors : first_bad, end);
}

/**
 * r1wb_span_write - write what can be written, and record the rest
 * @span:	what is to be written
 *
 * What is known as bad is tried again only where no write error has been seen.
 * It need not wait until a bad block is recorded on disk: the write is not
 * acknowledged, nor its bit cleared, before that.
 *
 * Return: false if it could not be recorded.  The member is to fail.
 */
bool r1wb_span_write(struct r1wb_span *span)
{
	sector_t sector = span->sector, end = sector + span->sectors, next;
	bool ok = true, bad;

	for (; ok && sector < end; sector = next) {
		next = stretch_end(span->rdev, sector, end, &bad);
		if (bad)
			span->recorded = true;
		else
			ok = put(span, sector, next - sector) ||
			     narrow(span, sector, next);
	}
	return ok;
}

/* ---- pages ---- */

/**
 * r1wb_write_page - the same for what is in a page
 * @conf:	the array
 * @rdev:	see struct r1wb_span, and so on
 * @sector:	start
 * @sectors:	length, a page at most
 * @page:	what is written, from its start on
 * @recorded:	set if some of it has not been written, but is on the list of bad
 *		blocks
 *
 * Return: false if it could not be recorded.  The member is to fail.
 */
bool r1wb_write_page(struct r1wb_conf *conf, struct md_rdev *rdev,
		     sector_t sector, sector_t sectors, struct page *page,
		     bool *recorded)
{
	struct bio_vec vec;
	struct bio data;
	struct r1wb_span span = {
		.conf		= conf,
		.rdev		= rdev,
		.data		= &data,
		.opf		= REQ_OP_WRITE | REQ_SYNC,
		.sector		= sector,
		.sectors	= sectors,
	};
	bool ok;

	bio_init(&data, NULL, &vec, 1, REQ_OP_WRITE);
	__bio_add_page(&data, page, sectors << SECTOR_SHIFT, 0);
	ok = r1wb_span_write(&span);
	bio_uninit(&data);
	*recorded = span.recorded;
	return ok;
}

static bool read_page(struct md_rdev *rdev, sector_t sector, sector_t sectors,
		      struct page *page)
{
	return sync_page_io(rdev, sector, sectors << SECTOR_SHIFT, page,
			    REQ_OP_READ | REQ_SYNC, false);
}

/**
 * r1wb_read_back - see if what has been written where it could not be read is there
 * @rdev:	the member
 * @sector:	start
 * @sectors:	length, a page at most
 * @page:	to read it to
 * @recorded:	set if some of it is not, and is on the list of bad blocks
 *
 * Return: false if it could not be recorded.  The member is to fail.
 */
bool r1wb_read_back(struct md_rdev *rdev, sector_t sector, sector_t sectors,
		    struct page *page, bool *recorded)
{
	sector_t size = r1wb_block_sectors(rdev), end = sector + sectors, next;

	if (read_page(rdev, sector, sectors, page)) {
		atomic_add(sectors, &rdev->corrected_errors);
		return true;
	}
	for (; sector < end; sector = next) {
		next = r1wb_block_end(sector, size, end);
		if (read_page(rdev, sector, next - sector, page))
			continue;
		*recorded = true;
		if (!r1wb_record_bad(rdev, sector, next - sector))
			return false;
	}
	return true;
}

/* ---- legs ---- */

/* What feeds the leg is still there: whoever has no copy is waited for. */
static struct r1wb_span span_of(const struct r1wb_leg *leg)
{
	const struct r1wb_write *write = leg->write;

	return (struct r1wb_span){
		.conf		= write->conf,
		.rdev		= leg->rdev,
		.data		= write->copy ?: write->parent,
		.opf		= leg->bio.bi_opf & ~(MD_FAILFAST | REQ_PREFLUSH),
		.sector		= write->sector,
		.sectors	= write->sectors,
	};
}

static bool has_data(const struct r1wb_leg *leg)
{
	return bio_op(&leg->bio) == REQ_OP_WRITE && leg->write->sectors;
}

/* Context: any. */
bool r1wb_may_narrow(const struct r1wb_leg *leg)
{
	return has_data(leg) && may_narrow(leg->rdev, leg->bio.bi_opf);
}

/**
 * r1wb_narrow - find out which blocks of a failed leg cannot be written
 * @leg:	ended with an error, and r1wb_may_narrow(); its status is cleared if
 *		what is missing has been recorded
 */
void r1wb_narrow(struct r1wb_leg *leg)
{
	struct r1wb_span span = span_of(leg);

	if (!r1wb_span_narrow(&span))
		return;
	leg->bio.bi_status = BLK_STS_OK;
	leg->recorded = span.recorded;
}

/* Context: any. */
bool r1wb_must_go_round(const struct r1wb_leg *leg)
{
	return has_data(leg) && r1wb_goes_round(leg->rdev, leg->write->sector,
						leg->write->sectors);
}

/**
 * r1wb_go_round - write what is not known as bad
 * @leg:	not sent, and r1wb_must_go_round(); its status is set if it fails
 */
void r1wb_go_round(struct r1wb_leg *leg)
{
	struct r1wb_span span = span_of(leg);
	bool ok = true;

	if (leg->bio.bi_opf & REQ_PREFLUSH)
		ok = !blkdev_issue_flush(leg->rdev->bdev);
	ok = ok && r1wb_span_write(&span);
	leg->bio.bi_status = ok ? BLK_STS_OK : BLK_STS_IOERR;
	leg->recorded = ok && span.recorded;
}
