// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a write from the block layer to the members and back.
 *
 * Does not decide: who is behind and who is waited for comes from member.c
 * and fallback.c, when to acknowledge from ack.h.  Starts in process context,
 * goes on in the bitmap's workqueue or the md thread, ends in irq.  Sleeps
 * only before anything of the write has been sent.
 *
 * Keeps I1, I3, I5, I7 and I8; I4 through order.c.
 */
#include <linux/slab.h>
#include "write.h"

static void put_write(struct r1wb_write *write)
{
	struct r1wb_conf *conf = write->conf;

	if (!refcount_dec_and_test(&write->refs))
		return;
	if (test_bit(R1WB_WRITE_COUNTED, &write->flags))
		md_write_end(conf->mddev);
	/* pairs with synchronize_rcu() in r1wb_conf_free(): it drains the order */
	rcu_read_lock();
	r1wb_order_leave(&conf->order, &write->range);
	mempool_free(write, &conf->write_pool);
	rcu_read_unlock();
}

static blk_status_t parent_status(const struct r1wb_write *write)
{
	if (write->status)
		return write->status;
	if (test_bit(R1WB_WRITE_NOTSUPP, &write->flags))
		return BLK_STS_NOTSUPP;
	if (test_bit(R1WB_WRITE_LOST, &write->flags) ||
	    !test_bit(R1WB_WRITE_HELD, &write->flags))
		return BLK_STS_IOERR;
	return BLK_STS_OK;
}

static void acknowledge(struct r1wb_write *write);

static void resume_acknowledge(struct r1wb_parked *parked)
{
	acknowledge(container_of(parked, struct r1wb_write, parked));
}

/* The parent waits for it, so members stay where they are. */
static void flush_member(struct r1wb_write *write, struct md_rdev *rdev)
{
	if (!rdev || test_bit(Faulty, &rdev->flags))
		return;
	if (!blkdev_issue_flush(rdev->bdev)) {
		if (test_bit(In_sync, &rdev->flags))
			set_bit(R1WB_WRITE_HELD, &write->flags);
		return;
	}
	md_error(write->conf->mddev, rdev);
	if (!test_bit(Faulty, &rdev->flags))	/* kept, as the last one */
		set_bit(R1WB_WRITE_LOST, &write->flags);
}

static void flush_holders(struct work_struct *work)
{
	struct r1wb_write *write = container_of(work, struct r1wb_write, flush);
	struct r1wb_conf *conf = write->conf;
	int i;

	/* what was acknowledged before has to be there to be flushed */
	r1wb_settle_sources(conf->mddev);
	for (i = 0; i < conf->nr_members; i++)
		flush_member(write, conf->members[i].rdev);
	set_bit(R1WB_WRITE_DURABLE, &write->flags);
	acknowledge(write);
}

/*
 * FUA or PREFLUSH, and everybody who was asked for it has failed.  If the data,
 * or for an empty flush anything at all, is with the others, they do it.
 */
static bool must_flush(const struct r1wb_write *write)
{
	return op_is_flush(write->parent->bi_opf) && !write->status &&
	       !test_bit(R1WB_WRITE_LOST, &write->flags) &&
	       !test_bit(R1WB_WRITE_DURABLE, &write->flags) &&
	       (test_bit(R1WB_WRITE_HELD, &write->flags) || !write->sectors);
}

static void acknowledge(struct r1wb_write *write)
{
	struct r1wb_conf *conf = write->conf;

	if (unlikely(r1wb_record_pending(conf))) {
		write->parked.ordered = false;
		write->parked.resume = resume_acknowledge;
		r1wb_park(conf, &write->parked);
		return;
	}
	if (unlikely(must_flush(write))) {
		INIT_WORK(&write->flush, flush_holders);
		queue_work(r1wb_turn_wq, &write->flush);
		return;
	}
	write->parent->bi_status = parent_status(write);
	bio_endio(write->parent);
	put_write(write);
}

static void legs_ended(struct r1wb_write *write)
{
	struct r1wb_conf *conf = write->conf;

	if (write->held) {
		r1wb_bitmap_release(write->held, write->sector, write->sectors);
		r1wb_backlog_done(&conf->backlog);
	}
	if (write->copy)
		r1wb_copy_free(write->copy);
	r1wb_order_idle(&conf->order);
	put_write(write);
}

/* @left legs have not ended: is it time to acknowledge, or to clean up? */
static void judge(struct r1wb_write *write, u32 left)
{
	bool held = test_bit(R1WB_WRITE_HELD, &write->flags);
	bool ended = r1wb_all_ended(left);

	if (r1wb_may_ack(left, held) &&
	    !test_and_set_bit(R1WB_WRITE_ACKED, &write->flags))
		acknowledge(write);
	if (ended)
		legs_ended(write);
}

static void leg_failed(struct r1wb_leg *leg, blk_status_t status)
{
	struct r1wb_write *write = leg->write;

	if (write->status)	/* it was never sent */
		return;
	if (status == BLK_STS_NOTSUPP && !op_is_flush(leg->bio.bi_opf) &&
	    bio_op(&leg->bio) != REQ_OP_WRITE) {
		set_bit(R1WB_WRITE_NOTSUPP, &write->flags);
		return;
	}
	md_error(write->conf->mddev, leg->rdev);
	/* what its cache has dropped, no second flush brings back */
	if (op_is_flush(leg->bio.bi_opf) &&
	    !test_bit(Faulty, &leg->rdev->flags))
		set_bit(R1WB_WRITE_LOST, &write->flags);
}

static void leg_succeeded(struct r1wb_leg *leg)
{
	struct r1wb_write *write = leg->write;

	if (!test_bit(In_sync, &leg->rdev->flags))
		return;
	if (!leg->promise)
		set_bit(R1WB_WRITE_DURABLE, &write->flags);
	set_bit(R1WB_WRITE_HELD, &write->flags);
}

/* A discard is a hint: a member that cannot follow it has not failed. */
static bool is_good(const struct bio *bio)
{
	return !bio->bi_status || bio_op(bio) == REQ_OP_DISCARD;
}

static void end_leg(struct r1wb_leg *leg)
{
	struct r1wb_write *write = leg->write;
	struct md_rdev *rdev = leg->rdev;

	if (is_good(&leg->bio))
		leg_succeeded(leg);
	else
		leg_failed(leg, leg->bio.bi_status);
	bio_uninit(&leg->bio);
	if (leg->behind && atomic_dec_and_test(&leg->member->behind))
		wake_up_all(&write->conf->backlog.drained);
	rdev_dec_pending(rdev, write->conf->mddev);
	/* fully ordered: whoever sees the last leg gone sees HELD */
	judge(write, atomic_sub_return(r1wb_legs_one(leg->behind),
				       &write->left));
}

static void heal(struct work_struct *work)
{
	struct r1wb_leg *leg = container_of(work, struct r1wb_leg, work);

	rdev_clear_badblocks(leg->rdev, leg->write->sector,
			     leg->write->sectors, 0);
	end_leg(leg);
}

/* What was known as bad can be read again once it has been written. */
static bool has_healed(const struct r1wb_leg *leg)
{
	return leg->rdev->badblocks.count && !leg->bio.bi_status &&
	       bio_op(&leg->bio) == REQ_OP_WRITE && leg->write->sectors &&
	       rdev_has_badblock(leg->rdev, leg->write->sector,
				 leg->write->sectors);
}

static void leg_ended(struct bio *bio)
{
	struct r1wb_leg *leg = container_of(bio, struct r1wb_leg, bio);

	if (unlikely(has_healed(leg))) {
		INIT_WORK(&leg->work, heal);
		queue_work(r1wb_wq, &leg->work);
	} else {
		end_leg(leg);
	}
}

/* Before any leg can end: whoever is read is known to lag by then. */
static void count_behind(struct r1wb_write *write)
{
	int i;

	for (i = 0; write->held && i < write->nr_legs; i++)
		if (write->legs[i].behind)
			atomic_inc(&write->legs[i].member->behind);
}

static void send(struct r1wb_write *write)
{
	struct mddev *mddev = write->conf->mddev;
	int i, n = write->nr_legs;

	if (!n) {
		judge(write, 0);
		return;
	}
	count_behind(write);
	for (i = 0; i < n; i++) {
		struct r1wb_leg *leg = &write->legs[i];

		if (write->status ||
		    test_bit(Faulty, &leg->rdev->flags)) {
			bio_io_error(&leg->bio);
			continue;
		}
		mddev_trace_remap(mddev, &leg->bio, write->sector);
		if (leg->behind)
			r1wb_lane_send(&leg->member->lane, &leg->bio);
		else
			submit_bio_noacct(&leg->bio);
	}
}

static void ride(struct r1wb_write *write);

static void resume_ride(struct r1wb_parked *parked)
{
	ride(container_of(parked, struct r1wb_write, parked));
}

static void park_ride(struct r1wb_write *write)
{
	write->parked.ordered = true;
	write->parked.resume = resume_ride;
	r1wb_park(write->conf, &write->parked);
}

/*
 * The bits are stable on every member that md regards as active.  One that
 * just failed may lack them, and must be known as failed before the others
 * get data; it may also be the only one that has them.
 */
static void go(struct r1wb_write *write)
{
	if (unlikely(r1wb_record_pending(write->conf)))
		park_ride(write);
	else
		send(write);
}

static void rider_go(struct r1wb_rider *rider)
{
	struct r1wb_write *write = container_of(rider, struct r1wb_write,
						rider);

	if (unlikely(rider->status == BLK_STS_AGAIN)) {
		park_ride(write);
		return;
	}
	if (rider->status)
		write->status = rider->status;
	go(write);
}

/* On until the bits are stable. */
static void ride(struct r1wb_write *write)
{
	struct r1wb_conf *conf = write->conf;

	if (!write->sectors || write->status || !conf->mddev->bitmap ||
	    r1wb_bitmap_ride(conf->seat.bitmap, &write->rider, write->sector,
			     write->sectors))
		go(write);
}

static blk_opf_t leg_opf(const struct r1wb_write *write,
			 const struct md_rdev *rdev, bool behind, bool promise)
{
	struct r1wb_conf *conf = write->conf;
	blk_opf_t opf = write->parent->bi_opf & ~REQ_NOWAIT;

	/* of a behind member the bit is the promise, not its cache (I8) */
	if (promise)
		opf &= ~(REQ_PREFLUSH | REQ_FUA);
	if (behind)
		opf &= ~(REQ_SYNC | REQ_IDLE);
	if (test_bit(FailFast, &rdev->flags) &&
	    !test_bit(WriteMostly, &rdev->flags) &&
	    conf->mddev->raid_disks - conf->mddev->degraded > 1)
		opf |= MD_FAILFAST;
	return opf;
}

static void add_leg(struct r1wb_write *write, struct r1wb_member *member,
		    bool behind, bool promise)
{
	struct r1wb_leg *leg = &write->legs[write->nr_legs++];
	struct bio *source = write->copy ?: write->parent;
	struct md_rdev *rdev = member->rdev;

	atomic_inc(&rdev->nr_pending);
	leg->write = write;
	leg->member = member;
	leg->rdev = rdev;
	leg->behind = behind;
	leg->promise = promise;
	if (bio_init_clone(NULL, &leg->bio, source, GFP_NOIO)) {
		bio_init(&leg->bio, NULL, NULL, 0, REQ_OP_WRITE);
		write->status = BLK_STS_RESOURCE;
	}
	/* with a device from the start it would get the submitter's cgroup first */
	leg->bio.bi_bdev = rdev->bdev;
	bio_clone_blkg_association(&leg->bio, write->parent);
	leg->bio.bi_opf = leg_opf(write, rdev, behind, promise);
	leg->bio.bi_end_io = leg_ended;
	leg->bio.bi_iter.bi_sector = write->sector + rdev->data_offset;
}

static enum r1wb_write_mode choose_mode(struct r1wb_write *write,
					const struct r1wb_roles *roles)
{
	struct r1wb_conf *conf = write->conf;
	const struct r1wb_fallback_state state = {
		.behind_members	= roles->behind,
		.sync_members	= roles->sync,
		.outstanding	= atomic_read(&conf->backlog.writes),
		.limit		= conf->mddev->bitmap_info.max_write_behind,
		.from_reserve	= test_bit(R1WB_WRITE_RESERVE, &write->flags),
		.segments_needed = r1wb_copy_segments(write->parent),
		.segments_max	= BIO_MAX_VECS,
	};
	enum r1wb_write_mode mode = r1wb_fallback_decide(&state);

	if (mode == R1WB_WRITE_BEHIND && bio_has_data(write->parent)) {
		write->copy = r1wb_copy_alloc(write->parent);
		if (!write->copy)
			mode = R1WB_WRITE_NO_MEMORY;
	}
	return mode;
}

/* A behind write's own hold comes before the parent can drop the first. */
static void choose_way(struct r1wb_write *write, const struct r1wb_roles *roles)
{
	struct r1wb_conf *conf = write->conf;
	enum r1wb_write_mode mode = choose_mode(write, roles);

	atomic_long_inc(&conf->backlog.modes[mode]);
	if (mode != R1WB_WRITE_BEHIND)
		return;
	write->held = conf->seat.bitmap;
	r1wb_bitmap_hold(write->held, write->sector, write->sectors);
	r1wb_backlog_add(&conf->backlog);
}

/* @sync: there are sync members, so members that are behind may lag. */
static void add_legs(struct r1wb_write *write, bool sync)
{
	struct r1wb_conf *conf = write->conf;
	bool flush = !write->sectors;
	u32 waited = 0, behind = 0;
	int i;

	for (i = 0; i < conf->nr_members; i++) {
		struct r1wb_member *member = &conf->members[i];
		struct md_rdev *rdev = member->rdev;
		bool lags;

		if (!rdev || test_bit(Faulty, &rdev->flags))
			continue;
		lags = sync && r1wb_is_behind(conf, rdev);
		if (flush && lags)
			continue;
		add_leg(write, member, lags && write->held, lags);
		if (lags && write->held)
			behind++;
		else
			waited++;
	}
	atomic_set(&write->left, r1wb_legs_new(waited, behind));
}

/* Decide who gets the write and who is waited for. */
static void pick_members(struct r1wb_write *write)
{
	struct r1wb_roles roles = r1wb_count_roles(write->conf);

	if (write->sectors)
		choose_way(write, &roles);
	add_legs(write, roles.sync);
	/* the last sync member has just failed: flush those who are left */
	if (!write->nr_legs)
		add_legs(write, false);
}

/* What a write takes in an array with so many slots. */
size_t r1wb_write_bytes(int nr_members)
{
	static_assert(sizeof(struct r1wb_write) % __alignof__(struct r1wb_leg) == 0);

	return sizeof(struct r1wb_write) + nr_members * sizeof(struct r1wb_leg);
}

static struct r1wb_write *alloc_write(struct r1wb_conf *conf,
				      struct bio *parent)
{
	struct r1wb_write *write;
	bool reserve = false;

	write = kmalloc(r1wb_write_bytes(conf->nr_members),
			GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN);
	if (!write) {
		write = mempool_alloc(&conf->write_pool, GFP_NOIO);
		reserve = true;
	}
	memset(write, 0, sizeof(*write));
	write->conf = conf;
	write->legs = (struct r1wb_leg *)(write + 1);
	write->sector = parent->bi_iter.bi_sector;
	write->sectors = bio_sectors(parent);
	write->rider.go = rider_go;
	refcount_set(&write->refs, 2);
	if (reserve)
		__set_bit(R1WB_WRITE_RESERVE, &write->flags);
	return write;
}

static bool would_block(struct r1wb_conf *conf, bool data)
{
	return data && (conf->mddev->in_sync || conf->mddev->ro ||
			test_bit(MD_SB_CHANGE_PENDING, &conf->mddev->sb_flags) ||
			r1wb_blocked_member(conf));
}

/**
 * r1wb_write - mirror a write, a discard or an empty flush
 * @conf:	the array
 * @bio:	from the block layer; ends when the write is acknowledged
 *
 * Context: process; sleeps for the array to become active, for members to be
 * unblocked and for earlier overlapping writes, but with REQ_NOWAIT.
 */
void r1wb_write(struct r1wb_conf *conf, struct bio *bio)
{
	struct mddev *mddev = conf->mddev;
	bool nowait = bio->bi_opf & REQ_NOWAIT;
	bool data = bio_sectors(bio);
	struct r1wb_write *write;

	if (nowait && would_block(conf, data)) {
		bio_wouldblock_error(bio);
		return;
	}
	if (data) {
		r1wb_wait_unblocked(conf);
		md_write_start(mddev, bio);
	}
	write = alloc_write(conf, bio);
	if (!r1wb_order_enter(&conf->order, &write->range, write->sector,
			      write->sectors, nowait)) {
		if (data)
			md_write_end(mddev);
		mempool_free(write, &conf->write_pool);
		bio_wouldblock_error(bio);
		return;
	}
	if (data)
		__set_bit(R1WB_WRITE_COUNTED, &write->flags);
	md_account_bio(mddev, &bio);
	write->parent = bio;
	pick_members(write);
	ride(write);
}
