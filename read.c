// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a read.
 *
 * Does not choose the member (read_choice.c) and does not wait until one that
 * failed to read is repaired (repair.c): it goes on with another.  Starts in
 * process context, ends in irq, goes on in r1wb_turn_wq.  Takes no lock.
 *
 * Keeps I6: a lagging member is read only when nobody else can serve, and then
 * after the writes behind to it that the read overlaps.
 */
#include "member.h"
#include "read.h"
#include "repair.h"

static sector_t good_sectors(struct md_rdev *rdev, sector_t sector,
			     sector_t sectors)
{
	sector_t first_bad;
	int bad_sectors;

	if (!is_badblock(rdev, sector, sectors, &first_bad, &bad_sectors))
		return sectors;
	return first_bad > sector ? first_bad - sector : 0;
}

/* Once unusable for this read, a candidate stays so. */
static void look_at_members(struct r1wb_read *read, sector_t sector,
			    sector_t sectors)
{
	struct r1wb_conf *conf = read->conf;
	int i;

	for (i = 0; i < conf->nr_members; i++) {
		struct r1wb_read_candidate *c = &read->candidates[i];
		struct r1wb_member *member = conf->members[i];
		struct md_rdev *rdev = member->rdev;

		c->usable = c->usable &&
			    r1wb_can_serve(rdev, sector + sectors);
		if (!c->usable)
			continue;
		c->in_sync = true;
		c->write_mostly = test_bit(WriteMostly, &rdev->flags) ||
				  atomic_read(&member->behind);
		c->rotational = !test_bit(Nonrot, &rdev->flags);
		c->pending = atomic_read(&rdev->nr_pending);
		c->next_read = READ_ONCE(member->next_read);
		c->good_sectors = good_sectors(rdev, sector, sectors);
	}
}

/* Members that were never synced with each other must all look like one. */
static bool members_may_differ(const struct mddev *mddev, sector_t end)
{
	return READ_ONCE(mddev->resync_offset) < end;
}

/* Takes nr_pending of the member chosen.  False: nobody can serve. */
static bool choose_member(struct r1wb_read *read)
{
	struct r1wb_conf *conf = read->conf;
	sector_t sector = read->parent->bi_iter.bi_sector + read->done;
	sector_t sectors = bio_sectors(read->parent) - read->done;

	look_at_members(read, sector, sectors);
	read->slot = r1wb_choose_read(read->candidates, conf->nr_members,
				      sector, sectors,
				      members_may_differ(conf->mddev,
							 sector + sectors),
				      &read->sectors);
	if (read->slot < 0)
		return false;
	read->rdev = conf->members[read->slot]->rdev;
	atomic_inc(&read->rdev->nr_pending);
	WRITE_ONCE(conf->members[read->slot]->next_read, sector + read->sectors);
	return true;
}

static void try_every_member(struct r1wb_read *read)
{
	int i;

	for (i = 0; i < r1wb_pools(read->conf)->room; i++)
		read->candidates[i].usable = true;
}

/* The array may go once the parent has ended, and its pools be replaced. */
static void end_read(struct r1wb_read *read, blk_status_t status)
{
	struct bio *parent = read->parent;

	mempool_free(read, &r1wb_pools(read->conf)->read);
	parent->bi_status = status;
	bio_endio(parent);
}

static void release_member(struct r1wb_read *read)
{
	bio_uninit(&read->bio);
	rdev_dec_pending(read->rdev, read->conf->mddev);
}

static sector_t at(const struct r1wb_read *read)
{
	return read->parent->bi_iter.bi_sector + read->done;
}

static void read_failed(struct r1wb_read *read, blk_status_t status)
{
	/* that it may fail for any reason is what the caller has said */
	if (read->bio.bi_opf & REQ_RAHEAD) {
		release_member(read);
		end_read(read, status);
		return;
	}
	pr_err_ratelimited("md/raid1wb:%s: read error on %pg at sector %llu of the array; trying another member\n",
			   mdname(read->conf->mddev), read->rdev->bdev,
			   (u64)at(read));
	read->failed = true;
	queue_work(r1wb_turn_wq, &read->work);
}

static void read_ended(struct bio *bio)
{
	struct r1wb_read *read = container_of(bio, struct r1wb_read, bio);

	if (unlikely(bio->bi_status)) {
		read_failed(read, bio->bi_status);
		return;
	}
	read->done += read->sectors;
	release_member(read);
	if (read->done == bio_sectors(read->parent)) {
		end_read(read, BLK_STS_OK);
		return;
	}
	try_every_member(read);
	queue_work(r1wb_turn_wq, &read->work);
}

/* There is somebody else to ask.  A slow one may take its time. */
static bool may_fail_fast(const struct r1wb_read *read)
{
	int i;

	if (!test_bit(FailFast, &read->rdev->flags) ||
	    test_bit(WriteMostly, &read->rdev->flags))
		return false;
	for (i = 0; i < read->conf->nr_members; i++)
		if (i != read->slot && read->candidates[i].usable)
			return true;
	return false;
}

static void send(struct r1wb_read *read)
{
	struct r1wb_conf *conf = read->conf;
	struct md_rdev *rdev = read->rdev;
	struct bio *bio = &read->bio;

	if (bio_init_clone(rdev->bdev, bio, read->parent, GFP_NOIO)) {
		bio_init(bio, rdev->bdev, NULL, 0, REQ_OP_READ);
		release_member(read);
		end_read(read, BLK_STS_RESOURCE);
		return;
	}
	bio_trim(bio, read->done, read->sectors);
	bio->bi_opf &= ~REQ_NOWAIT;
	if (may_fail_fast(read))
		bio->bi_opf |= MD_FAILFAST;
	bio->bi_end_io = read_ended;
	bio->bi_iter.bi_sector += rdev->data_offset;
	mddev_trace_remap(conf->mddev, bio, read->parent->bi_iter.bi_sector +
			  read->done);
	submit_bio_noacct(bio);
}

/* What has been waited for may have failed, and the member with it. */
static bool still_serves(const struct r1wb_read *read)
{
	return r1wb_can_serve(read->rdev, at(read) + read->sectors) &&
	       !rdev_has_badblock(read->rdev, at(read), read->sectors);
}

/* After all that is behind to the member.  False: it would block, or cannot serve. */
static bool catch_up(struct r1wb_read *read, bool nowait)
{
	struct r1wb_conf *conf = read->conf;
	struct r1wb_member *member = conf->members[read->slot];

	/* pairs with the end of a leg, which has recorded before what it could not write */
	if (unlikely(atomic_read_acquire(&member->behind)) &&
	    !r1wb_order_observe(&conf->order, &member->line, at(read),
				read->sectors, nowait))
		return false;
	return still_serves(read);
}

/* nr_pending of the member chosen is held, and it can be read now. */
static blk_status_t find_member(struct r1wb_read *read, bool nowait)
{
	while (choose_member(read)) {
		if (catch_up(read, nowait))
			return BLK_STS_OK;
		rdev_dec_pending(read->rdev, read->conf->mddev);
		if (nowait)
			return BLK_STS_AGAIN;
	}
	return BLK_STS_IOERR;
}

/* It was to fail fast, as it was not the last one then. */
static bool deserves_another_try(const struct r1wb_read *read)
{
	return read->bio.bi_opf & ~read->parent->bi_opf & MD_FAILFAST &&
	       r1wb_is_last(read->conf, read->rdev);
}

static void give_up_member(struct r1wb_read *read)
{
	r1wb_repair(read->conf, read->slot, at(read), read->sectors);
	read->candidates[read->slot].usable = deserves_another_try(read);
	read->failed = false;
	release_member(read);
}

static void go_on(struct work_struct *work)
{
	struct r1wb_read *read = container_of(work, struct r1wb_read, work);

	if (read->failed)
		give_up_member(read);
	if (find_member(read, false)) {
		pr_err_ratelimited("md/raid1wb:%s: no member can read sector %llu of the array\n",
				   mdname(read->conf->mddev), (u64)at(read));
		end_read(read, BLK_STS_IOERR);
		return;
	}
	send(read);
}

/**
 * r1wb_read - serve a read
 * @conf:	the array
 * @bio:	from the block layer
 *
 * Context: process; sleeps only if it has to read a member that lags, and not
 * with REQ_NOWAIT.
 */
void r1wb_read(struct r1wb_conf *conf, struct bio *bio)
{
	struct r1wb_read *read = mempool_alloc(&r1wb_pools(conf)->read,
					       GFP_NOIO);
	blk_status_t status;

	read->conf = conf;
	read->parent = bio;
	read->done = 0;
	read->failed = false;
	INIT_WORK(&read->work, go_on);
	try_every_member(read);

	status = find_member(read, bio->bi_opf & REQ_NOWAIT);
	if (status) {
		mempool_free(read, &r1wb_pools(conf)->read);
		if (status == BLK_STS_AGAIN)
			bio_wouldblock_error(bio);
		else
			bio_io_error(bio);
		return;
	}
	md_account_bio(conf->mddev, &bio);
	read->parent = bio;
	send(read);
}
