// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a read.
 *
 * Does not choose the member (read_choice.c) and does not repair one that
 * failed to read: it goes on with another.  Starts in process context, ends in
 * irq, goes on in r1wb_turn_wq.  Takes no lock.
 *
 * Keeps I6: a lagging member is read only when nobody else can serve, and then
 * after the writes behind to it that the read overlaps.
 */
#include "member.h"
#include "read.h"

static bool can_serve(const struct md_rdev *rdev, sector_t end)
{
	if (!rdev || test_bit(Faulty, &rdev->flags))
		return false;
	return test_bit(In_sync, &rdev->flags) ||
	       READ_ONCE(rdev->recovery_offset) >= end;
}

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

		c->usable = c->usable && can_serve(rdev, sector + sectors);
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

static void read_ended(struct bio *bio)
{
	struct r1wb_read *read = container_of(bio, struct r1wb_read, bio);
	blk_status_t status = bio->bi_status;

	if (status) {
		pr_err_ratelimited("md/raid1wb:%s: read error on %pg at sector %llu of the array; trying another member\n",
				   mdname(read->conf->mddev), read->rdev->bdev,
				   (u64)read->parent->bi_iter.bi_sector +
				   read->done);
		read->candidates[read->slot].usable = false;
	} else {
		read->done += read->sectors;
	}
	release_member(read);

	if (!status && read->done == bio_sectors(read->parent)) {
		end_read(read, BLK_STS_OK);
		return;
	}
	if (!status)
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

/* False, with @nowait only: what is behind to the chosen member is in the way. */
static bool wait_for_behind(struct r1wb_read *read, bool nowait)
{
	struct r1wb_conf *conf = read->conf;
	struct r1wb_member *member = conf->members[read->slot];

	if (likely(!atomic_read(&member->behind)))
		return true;
	return r1wb_order_observe(&conf->order, &member->line,
				  read->parent->bi_iter.bi_sector + read->done,
				  read->sectors, nowait);
}

static void go_on(struct work_struct *work)
{
	struct r1wb_read *read = container_of(work, struct r1wb_read, work);

	if (!choose_member(read)) {
		pr_err_ratelimited("md/raid1wb:%s: no member can read sector %llu of the array\n",
				   mdname(read->conf->mddev),
				   (u64)read->parent->bi_iter.bi_sector +
				   read->done);
		end_read(read, BLK_STS_IOERR);
		return;
	}
	wait_for_behind(read, false);
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

	read->conf = conf;
	read->parent = bio;
	read->done = 0;
	INIT_WORK(&read->work, go_on);
	try_every_member(read);

	if (!choose_member(read)) {
		mempool_free(read, &r1wb_pools(conf)->read);
		bio_io_error(bio);
		return;
	}
	if (!wait_for_behind(read, bio->bi_opf & REQ_NOWAIT)) {
		rdev_dec_pending(read->rdev, conf->mddev);
		mempool_free(read, &r1wb_pools(conf)->read);
		bio_wouldblock_error(bio);
		return;
	}
	md_account_bio(conf->mddev, &bio);
	read->parent = bio;
	send(read);
}
