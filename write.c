// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a write from the block layer to the members and back.
 *
 * Does not decide: who is behind and who is waited for comes from member.c
 * and fallback.c, when to acknowledge from ack.h, in which order to send from
 * order.c.  Starts in process context, goes on in the bitmap's workqueue or the
 * md thread, ends in irq.  Sleeps only before anything of the write has been
 * sent, and not for other writes.
 *
 * Keeps I1, I3, I5, I7 and I8.
 */
#include <linux/slab.h>
#include "trace.h"
#include "write.h"

/* Not all are of the pool's size; and that may be another one than when it came. */
static void free_write(struct r1wb_write *write, struct r1wb_pools *pools)
{
	if (write->room == pools->room)
		mempool_free(write, &pools->write);
	else
		kfree(write);
}

void r1wb_write_put(struct r1wb_write *write)
{
	struct r1wb_conf *conf = write->conf;

	if (!refcount_dec_and_test(&write->refs))
		return;
	if (test_bit(R1WB_WRITE_COUNTED, &write->flags))
		md_write_end(conf->mddev);
	/* pairs with synchronize_rcu() where the conf, or its pools, are freed */
	rcu_read_lock();
	r1wb_order_exit(&conf->order);
	free_write(write, rcu_dereference(conf->pools));
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
		flush_member(write, conf->members[i]->rdev);
	set_bit(R1WB_WRITE_DURABLE, &write->flags);
	acknowledge(write);
}

/*
 * Nobody who is asked for flushes has what was written, or for an empty flush
 * anything at all: all of these have failed, or have bad blocks there.  If
 * others have it they flush it now, as later flushes are not for them.
 */
static bool must_flush(const struct r1wb_write *write)
{
	if (write->status || test_bit(R1WB_WRITE_LOST, &write->flags) ||
	    test_bit(R1WB_WRITE_DURABLE, &write->flags))
		return false;
	return write->sectors ? test_bit(R1WB_WRITE_HELD, &write->flags) :
				op_is_flush(write->parent->bi_opf);
}

static void acknowledge(struct r1wb_write *write)
{
	struct r1wb_conf *conf = write->conf;

	if (unlikely(r1wb_record_pending(conf))) {
		write->parked.turn = NULL;
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
	r1wb_write_put(write);
}

static u32 copied_bytes(const struct r1wb_write *write)
{
	return write->copy ? write->sectors << SECTOR_SHIFT : 0;
}

static void legs_ended(struct r1wb_write *write)
{
	struct r1wb_conf *conf = write->conf;

	if (write->held) {
		r1wb_bitmap_release(write->held, write->sector, write->sectors);
		r1wb_backlog_done(&conf->backlog, copied_bytes(write));
	}
	if (write->copy)
		r1wb_copy_free(write->copy);
	r1wb_write_put(write);
}

/* Its own hold, on top of the parent's.  Before the parent can end. */
static void hold(struct r1wb_write *write)
{
	r1wb_bitmap_hold(write->held, write->sector, write->sectors);
	r1wb_backlog_add(&write->conf->backlog, copied_bytes(write));
}

/*
 * Nobody is to wait for all of its legs any more: they are behind, from now on.
 * Called before the parent can end, under the order's lock.
 */
void r1wb_write_go_behind(struct r1wb_write *write)
{
	if (write->held)
		return;
	write->held = write->conf->seat.bitmap;
	hold(write);
}

static void acknowledge_if_due(struct r1wb_write *write, u32 left)
{
	bool held = test_bit(R1WB_WRITE_HELD, &write->flags);

	if (r1wb_may_ack(left, held) &&
	    !test_and_set_bit(R1WB_WRITE_ACKED, &write->flags)) {
		trace_r1wb_write_acked(write, left);
		acknowledge(write);
	}
}

/* Legs that were waited for are not any more.  The caller has a reference. */
void r1wb_write_reconsider(struct r1wb_write *write)
{
	/* pairs with the end of a leg: it sees what is left, or we see HELD */
	smp_mb();
	acknowledge_if_due(write, atomic_read(&write->left));
}

/**
 * r1wb_write_judge - a leg has ended: is it time to acknowledge, or to clean up?
 * @write:	the write; not the caller's any more
 * @left:	what the end of this leg has left of @write->left
 *
 * Context: any.
 */
void r1wb_write_judge(struct r1wb_write *write, u32 left)
{
	acknowledge_if_due(write, left);
	if (r1wb_all_ended(left))
		legs_ended(write);
}

static void ride(struct r1wb_write *write);

static void resume_ride(struct r1wb_parked *parked)
{
	ride(container_of(parked, struct r1wb_write, parked));
}

static void park_ride(struct r1wb_write *write)
{
	write->parked.turn = &write->turn;
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
	else if (write->nr_legs)
		r1wb_legs_send(write);
	else
		r1wb_write_judge(write, 0);
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

static enum r1wb_write_mode choose_mode(struct r1wb_write *write,
					const struct r1wb_roles *roles)
{
	struct r1wb_conf *conf = write->conf;
	const struct r1wb_fallback_state state = {
		.behind_members	= roles->behind,
		.sync_members	= roles->sync,
		.outstanding	= atomic_read(&conf->backlog.writes),
		.limit		= conf->mddev->bitmap_info.max_write_behind,
		.bytes_outstanding = atomic_long_read(&conf->backlog.bytes),
		.bytes_needed	= bio_has_data(write->parent) ?
				  write->parent->bi_iter.bi_size : 0,
		.bytes_limit	= READ_ONCE(conf->backlog.max_bytes),
		.from_reserve	= test_bit(R1WB_WRITE_RESERVE, &write->flags),
		.segments_needed = r1wb_copy_segments(write->parent),
		.segments_max	= BIO_MAX_VECS,
	};

	return r1wb_fallback_decide(&state);
}

/* Once the parent waits, the limit needs no copy; but who is waited for may fail. */
static bool wants_copy(const struct r1wb_write *write, enum r1wb_write_mode mode)
{
	return bio_has_data(write->parent) &&
	       (mode == R1WB_WRITE_BEHIND || mode == R1WB_WRITE_LIMIT_COUNT ||
		mode == R1WB_WRITE_LIMIT_BYTES);
}

/* Does it go behind, to those who lag? */
static bool choose_way(struct r1wb_write *write, const struct r1wb_roles *roles)
{
	struct r1wb_conf *conf = write->conf;
	enum r1wb_write_mode mode = choose_mode(write, roles);

	if (wants_copy(write, mode)) {
		write->copy = r1wb_copy_alloc(write->parent);
		if (!write->copy && mode == R1WB_WRITE_BEHIND)
			mode = R1WB_WRITE_NO_MEMORY;
	}
	/* what all legs are fed from is the caller's, who may change it */
	write->turn.together = bio_has_data(write->parent) && !write->copy;
	atomic_long_inc(&conf->backlog.modes[mode]);
	if (mode == R1WB_WRITE_BEHIND)
		trace_r1wb_write_behind(write);
	else if (mode != R1WB_WRITE_NO_BEHIND_MEMBER)
		trace_r1wb_write_waits(write, mode);
	return mode == R1WB_WRITE_BEHIND;
}

/*
 * @sync: there are sync members, so members that are behind may lag; @behind:
 * and this write is one in which they do.
 */
static void add_legs(struct r1wb_write *write, bool sync, bool behind)
{
	struct r1wb_conf *conf = write->conf;
	bool flush = !write->sectors;
	u32 nr_waited = 0, nr_behind = 0;
	int i;

	/* there may be more of them by now: then it is not accepted */
	for (i = 0; i < min(conf->nr_members, write->room); i++) {
		struct r1wb_member *member = conf->members[i];
		struct md_rdev *rdev = member->rdev;
		bool lags;

		if (!rdev || test_bit(Faulty, &rdev->flags))
			continue;
		lags = sync && r1wb_is_behind(conf, rdev);
		if (flush && lags)
			continue;
		r1wb_leg_add(write, member, lags && behind, lags);
		if (lags && behind)
			nr_behind++;
		else
			nr_waited++;
	}
	atomic_set(&write->left, r1wb_legs_new(nr_waited, nr_behind));
}

/* Decide who gets the write and who is waited for.  Does it go behind? */
static bool pick_members(struct r1wb_write *write)
{
	struct r1wb_roles roles = r1wb_count_roles(write->conf);
	bool behind = write->sectors && choose_way(write, &roles);

	add_legs(write, roles.sync, behind);
	/* the last sync member has just failed: flush those who are left */
	if (!write->nr_legs)
		add_legs(write, false, false);
	return behind;
}

/* What a write to so many members takes. */
size_t r1wb_write_bytes(int room)
{
	static_assert(sizeof(struct r1wb_write) % __alignof__(struct r1wb_leg) == 0);

	return sizeof(struct r1wb_write) + room * sizeof(struct r1wb_leg);
}

static struct r1wb_write *alloc_write(struct r1wb_conf *conf,
				      struct bio *parent)
{
	unsigned int roster = r1wb_order_roster(&conf->order);
	int room = READ_ONCE(conf->nr_members);
	struct r1wb_write *write;
	bool reserve = false;

	write = kmalloc(r1wb_write_bytes(room),
			GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN);
	if (!write) {
		write = mempool_alloc(&r1wb_pools(conf)->write, GFP_NOIO);
		room = r1wb_pools(conf)->room;
		reserve = true;
	}
	memset(write, 0, sizeof(*write));
	write->conf = conf;
	write->turn.roster = roster;
	write->room = room;
	write->legs = (struct r1wb_leg *)(write + 1);
	write->sector = parent->bi_iter.bi_sector;
	write->sectors = bio_sectors(parent);
	write->parent = parent;
	write->rider.go = rider_go;
	refcount_set(&write->refs, 2);
	if (reserve)
		__set_bit(R1WB_WRITE_RESERVE, &write->flags);
	return write;
}

static bool would_block(struct r1wb_conf *conf, bool data)
{
	return data && (READ_ONCE(conf->mddev->in_sync) ||
			READ_ONCE(conf->mddev->ro) ||
			test_bit(MD_SB_CHANGE_PENDING, &conf->mddev->sb_flags) ||
			r1wb_blocked_member(conf));
}

static void undo(struct r1wb_write *write)
{
	r1wb_legs_undo(write);
	if (write->copy)
		r1wb_copy_free(write->copy);
	free_write(write, r1wb_pools(write->conf));
}

/*
 * Members may come until it is in all lines, since md does not suspend the
 * array for those that are given their slot by hand.  NULL with @nowait only.
 */
static struct r1wb_write *accept(struct r1wb_conf *conf, struct bio *bio,
				 bool nowait, bool *behind)
{
	struct r1wb_write *write;
	bool quiesced;

	do {
		write = alloc_write(conf, bio);
		*behind = pick_members(write);
		/* known before a member that fails is: only one of us holds */
		if (*behind)
			write->held = conf->seat.bitmap;
		if (r1wb_order_enter(&conf->order, &write->turn, write->sector,
				     write->sectors, nowait))
			return write;
		quiesced = write->turn.roster == r1wb_order_roster(&conf->order);
		undo(write);
	} while (!nowait || !quiesced);
	return NULL;
}

/**
 * r1wb_write - mirror a write, a discard or an empty flush
 * @conf:	the array
 * @bio:	from the block layer; ends when the write is acknowledged
 *
 * Context: process; sleeps for the array to become active and for members to be
 * unblocked, but with REQ_NOWAIT.
 */
void r1wb_write(struct r1wb_conf *conf, struct bio *bio)
{
	struct mddev *mddev = conf->mddev;
	bool nowait = bio->bi_opf & REQ_NOWAIT;
	bool data = bio_sectors(bio);
	struct r1wb_write *write;
	bool behind;

	if (nowait && would_block(conf, data)) {
		bio_wouldblock_error(bio);
		return;
	}
	if (data) {
		r1wb_wait_unblocked(conf);
		md_write_start(mddev, bio);
	}
	write = accept(conf, bio, nowait, &behind);
	if (!write) {
		if (data)
			md_write_end(mddev);
		bio_wouldblock_error(bio);
		return;
	}
	if (data)
		__set_bit(R1WB_WRITE_COUNTED, &write->flags);
	if (behind)
		hold(write);
	md_account_bio(mddev, &bio);
	write->parent = bio;
	ride(write);
}
