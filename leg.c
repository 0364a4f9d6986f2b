// SPDX-License-Identifier: GPL-2.0
/*
 * Legs of writes: when they are sent, and what their end means.
 *
 * Does not decide who gets a leg, nor who is waited for (write.c).  Legs are
 * made and sent in process context: what has to wait for its turn goes on the
 * member's lane, and so does what goes behind.  They end in irq.
 *
 * Keeps I4 through order.c: a leg is sent when its place is granted.  All legs
 * of a write that has no copy to feed them are sent together (I5).
 */
#include "bad_blocks.h"
#include "leg.h"
#include "member.h"
#include "narrow.h"
#include "trace.h"
#include "write.h"

static struct r1wb_leg *leg_of(const struct r1wb_place *place)
{
	return container_of(place, struct r1wb_leg, place);
}

/* ---- making ---- */

static blk_opf_t leg_opf(const struct r1wb_leg *leg)
{
	const struct r1wb_write *write = leg->write;
	const struct mddev *mddev = write->conf->mddev;
	blk_opf_t opf = write->parent->bi_opf & ~REQ_NOWAIT;

	/* of a behind member the bit is the promise, not its cache (I8) */
	if (leg->promise)
		opf &= ~(REQ_PREFLUSH | REQ_FUA);
	if (leg->behind)
		opf &= ~(REQ_SYNC | REQ_IDLE);
	if (test_bit(FailFast, &leg->rdev->flags) &&
	    !test_bit(WriteMostly, &leg->rdev->flags) &&
	    mddev->raid_disks - READ_ONCE(mddev->degraded) > 1)
		opf |= MD_FAILFAST;
	return opf;
}

static void leg_ended(struct bio *bio);

static void init_bio(struct r1wb_leg *leg)
{
	struct r1wb_write *write = leg->write;
	struct bio *bio = &leg->bio;

	if (bio_init_clone(NULL, bio, write->copy ?: write->parent, GFP_NOIO)) {
		bio_init(bio, NULL, NULL, 0, REQ_OP_WRITE);
		write->status = BLK_STS_RESOURCE;
	}
	/* with a device from the start it would get the submitter's cgroup first */
	bio->bi_bdev = leg->rdev->bdev;
	bio_clone_blkg_association(bio, write->parent);
	bio->bi_opf = leg_opf(leg);
	bio->bi_end_io = leg_ended;
	bio->bi_iter.bi_sector = write->sector + leg->rdev->data_offset;
}

/**
 * r1wb_leg_add - give a write one more leg
 * @write:	not accepted yet; with its copy, if it gets one
 * @member:	where the leg goes
 * @behind:	the parent does not wait for it
 * @promise:	the bitmap is what makes it durable, not the member's cache
 *
 * Context: process, may block for memory.
 */
void r1wb_leg_add(struct r1wb_write *write, struct r1wb_member *member,
		  bool behind, bool promise)
{
	struct r1wb_leg *leg = &write->legs[write->nr_legs++];

	atomic_inc(&member->rdev->nr_pending);
	leg->write = write;
	leg->member = member;
	leg->rdev = member->rdev;
	leg->behind = behind;
	leg->promise = promise;
	leg->counted = false;
	leg->recorded = false;
	init_bio(leg);
	r1wb_turn_add(&write->turn, &leg->place, &member->line);
	leg->place.due.owed = behind;
	leg->place.due.bytes = write->copy ? write->sectors << SECTOR_SHIFT : 0;
}

/* It was not accepted. */
void r1wb_legs_undo(struct r1wb_write *write)
{
	int i;

	for (i = 0; i < write->nr_legs; i++) {
		bio_uninit(&write->legs[i].bio);
		rdev_dec_pending(write->legs[i].rdev, write->conf->mddev);
	}
}

/* ---- sending ---- */

/*
 * Before any of them can end, and before whoever was in their way is no longer
 * counted: who is read, or made a source, is known to lag.  One that is waited
 * for counts as well: it may be all that is in the way of others, which are
 * acknowledged already.
 */
static void count(struct r1wb_leg *leg)
{
	leg->counted = leg->promise || READ_ONCE(leg->behind);
	if (leg->counted)
		r1wb_lag_begins(leg->member);
}

static void end_leg(struct r1wb_leg *leg);

static void go_round(struct work_struct *work)
{
	struct r1wb_leg *leg = container_of(work, struct r1wb_leg, work);

	r1wb_go_round(leg);
	end_leg(leg);
}

/* False: it does not go, and its end is up to the caller. */
static bool send(struct r1wb_leg *leg, bool late)
{
	struct r1wb_write *write = leg->write;

	if (write->status || test_bit(Faulty, &leg->rdev->flags)) {
		leg->bio.bi_status = BLK_STS_IOERR;
		return false;
	}
	if (unlikely(r1wb_must_go_round(leg))) {
		INIT_WORK(&leg->work, go_round);
		queue_work(r1wb_wq, &leg->work);
		return true;
	}
	mddev_trace_remap(write->conf->mddev, &leg->bio, write->sector);
	if (late || leg->counted)
		r1wb_lane_send(&leg->member->lane, &leg->bio);
	else
		submit_bio_noacct(&leg->bio);
	return true;
}

/* Those that do not go are added to @ended. */
static void send_ready(struct list_head *ready, bool late,
		       struct list_head *ended)
{
	struct r1wb_place *place;

	list_for_each_entry(place, ready, range.link)
		count(leg_of(place));
	while ((place = r1wb_next_place(ready)))
		if (!send(leg_of(place), late))
			list_add_tail(&place->range.link, ended);
}

static void end_legs(struct r1wb_conf *conf, struct list_head *ended);

static void leave_write(struct r1wb_leg *leg);

/*
 * @older was acknowledged, so that nobody asks any more what became of it, and
 * @newer, in whose place it would be overwritten, is certain to be sent: it has
 * all that it needs.  A discard may do nothing, or less than it says.
 */
static bool may_drop(const struct r1wb_place *older,
		     const struct r1wb_place *newer)
{
	const struct r1wb_leg *leg = leg_of(older), *by = leg_of(newer);

	return !older->turn->sleeps && leg->behind && by->behind &&
	       by->write->copy && !by->write->status && older->turn->released &&
	       test_bit(R1WB_WRITE_ACKED, &leg->write->flags);
}

/* Asked last: if it may be dropped, it is. */
static bool is_dropped(const struct r1wb_place *older,
		       const struct r1wb_place *newer)
{
	if (!may_drop(older, newer))
		return false;
	trace_r1wb_write_dropped(leg_of(older), leg_of(newer));
	return true;
}

static void end_dropped(struct r1wb_conf *conf, struct list_head *dropped)
{
	struct r1wb_place *place;

	while ((place = r1wb_next_place(dropped))) {
		struct r1wb_leg *leg = leg_of(place);

		atomic_long_inc(&conf->backlog.dropped);
		bio_uninit(&leg->bio);
		leave_write(leg);
	}
}

static void trace_queued(const struct r1wb_write *write)
{
	int i;

	if (!trace_r1wb_write_queued_enabled())
		return;
	for (i = 0; i < write->nr_legs; i++)
		/* others may be about to make way: nobody but people minds */
		if (data_race(write->legs[i].place.range.blockers))
			trace_r1wb_write_queued(&write->legs[i]);
}

static void send_contended(struct r1wb_write *write)
{
	struct r1wb_conf *conf = write->conf;
	LIST_HEAD(dropped);
	LIST_HEAD(ready);
	LIST_HEAD(ended);

	trace_queued(write);
	/* the write may be over at any time from here */
	r1wb_order_release(&conf->order, &write->turn, is_dropped, &ready,
			   &dropped);
	send_ready(&ready, false, &ended);
	end_legs(conf, &ended);
	end_dropped(conf, &dropped);
}

/**
 * r1wb_legs_send - a write may go
 * @write:	accepted, with one leg at least; its bits are stable.  It is not the
 *		caller's any more
 *
 * Legs that have to wait for their turn follow by themselves.
 * Context: process.
 */
void r1wb_legs_send(struct r1wb_write *write)
{
	struct r1wb_conf *conf = write->conf;
	int i, n = write->nr_legs;
	LIST_HEAD(ended);

	if (unlikely(write->turn.contended)) {
		send_contended(write);
		return;
	}
	for (i = 0; i < n; i++)
		count(&write->legs[i]);
	for (i = 0; i < n; i++)
		if (!send(&write->legs[i], false))
			list_add_tail(&write->legs[i].place.range.link, &ended);
	end_legs(conf, &ended);
}

/* Legs whose turn has come. */
static void send_late(struct r1wb_conf *conf, struct list_head *ready)
{
	LIST_HEAD(ended);

	if (list_empty(ready))
		return;
	send_ready(ready, true, &ended);
	end_legs(conf, &ended);
}

/* Of who is not a write; the array may go then.  Context: any. */
void r1wb_leave_lines(struct r1wb_conf *conf, struct r1wb_turn *turn)
{
	LIST_HEAD(ready);

	r1wb_order_leave_all(&conf->order, turn, &ready);
	send_late(conf, &ready);
	rcu_read_lock();
	r1wb_order_exit(&conf->order);
	rcu_read_unlock();
}

/* ---- ending ---- */

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

/* It has left the line. */
static void leave_write(struct r1wb_leg *leg)
{
	struct r1wb_write *write = leg->write;
	struct r1wb_conf *conf = write->conf;

	if (leg->counted)
		r1wb_lag_ended(leg->member);
	rdev_dec_pending(leg->rdev, conf->mddev);
	/* fully ordered: whoever sees the last leg gone sees HELD */
	r1wb_write_judge(write, atomic_sub_return(r1wb_legs_one(leg->behind),
						  &write->left));
}

static bool is_told(const struct r1wb_due *due)
{
	const struct r1wb_place *place = container_of(due, struct r1wb_place,
						      due);

	return test_bit(R1WB_WRITE_ACKED, &leg_of(place)->write->flags);
}

/* For people who look at the same time, under the lock that is taken next. */
static void note_told(struct r1wb_place *place)
{
	if (place->due.owed && is_told(&place->due))
		WRITE_ONCE(place->due.told, true);
}

/* For so many jiffies the member has lacked what was acknowledged. */
unsigned long r1wb_member_age(struct r1wb_member *member)
{
	return r1wb_line_age(&member->conf->order, &member->line, is_told);
}

/*
 * Where a member has failed, each of these may be all for which another one
 * waited that ends as well; so they are added to @ended, not to the stack.
 */
static void end_legs(struct r1wb_conf *conf, struct list_head *ended)
{
	struct r1wb_place *place;

	while ((place = r1wb_next_place(ended))) {
		struct r1wb_leg *leg = leg_of(place);
		LIST_HEAD(ready);

		if (!is_good(&leg->bio))
			leg_failed(leg, leg->bio.bi_status);
		else if (!leg->recorded)
			leg_succeeded(leg);
		bio_uninit(&leg->bio);
		note_told(place);
		r1wb_order_leave(&conf->order, place, &ready);
		send_ready(&ready, true, ended);
		leave_write(leg);
	}
}

static void end_leg(struct r1wb_leg *leg)
{
	struct r1wb_conf *conf = leg->write->conf;
	LIST_HEAD(ended);

	list_add(&leg->place.range.link, &ended);
	end_legs(conf, &ended);
}

static void heal(struct work_struct *work)
{
	struct r1wb_leg *leg = container_of(work, struct r1wb_leg, work);

	r1wb_heal(leg->rdev, leg->write->sector, leg->write->sectors);
	end_leg(leg);
}

/* What was known as bad can be read again once it has been written. */
static bool has_healed(const struct r1wb_leg *leg)
{
	return READ_ONCE(leg->rdev->badblocks.count) && !leg->bio.bi_status &&
	       bio_op(&leg->bio) == REQ_OP_WRITE && leg->write->sectors &&
	       rdev_has_badblock(leg->rdev, leg->write->sector,
				 leg->write->sectors);
}

static void narrow(struct work_struct *work)
{
	struct r1wb_leg *leg = container_of(work, struct r1wb_leg, work);

	r1wb_narrow(leg);
	end_leg(leg);
}

/* A member that is to fail fast does so, unless it is the last one. */
static bool wants_narrowing(struct r1wb_leg *leg)
{
	struct mddev *mddev = leg->write->conf->mddev;
	struct md_rdev *rdev = leg->rdev;

	if (bio_op(&leg->bio) != REQ_OP_WRITE || test_bit(Faulty, &rdev->flags))
		return false;
	r1wb_note_write_error(mddev, rdev);
	if (test_bit(FailFast, &rdev->flags) && leg->bio.bi_opf & MD_FAILFAST)
		r1wb_fail_unless_last(leg->write->conf, rdev);
	return r1wb_may_narrow(leg);
}

static void leg_ended(struct bio *bio)
{
	struct r1wb_leg *leg = container_of(bio, struct r1wb_leg, bio);

	if (unlikely(bio->bi_status && wants_narrowing(leg)))
		INIT_WORK(&leg->work, narrow);
	else if (unlikely(has_healed(leg)))
		INIT_WORK(&leg->work, heal);
	else
		return end_leg(leg);
	queue_work(r1wb_wq, &leg->work);
}

/* ---- a member that has failed ---- */

/*
 * Somebody waits for what is on its way there, perhaps for ever.  With a copy
 * of the data, he need not.  What is not sent yet will fail by itself.
 */
static void forsake(struct r1wb_place *place, void *arg)
{
	struct list_head *forsaken = arg;
	struct r1wb_write *write;
	struct r1wb_leg *leg;

	if (place->turn->sleeps)
		return;
	leg = leg_of(place);
	write = leg->write;
	if (leg->behind || !write->copy)
		return;
	r1wb_write_go_behind(write);
	WRITE_ONCE(leg->behind, true);
	refcount_inc(&write->refs);
	atomic_add(R1WB_LEG_BEHIND - R1WB_LEG_WAITED, &write->left);
	list_add_tail(&leg->forsaken, forsaken);
}

/**
 * r1wb_legs_forsake - release all who wait for a member that has failed
 * @work:	the member's
 *
 * Legs in its line go now, and fail at once, as do those on its lane.
 * Context: process.
 */
void r1wb_legs_forsake(struct work_struct *work)
{
	struct r1wb_member *member = container_of(work, struct r1wb_member,
						  forsake);
	struct r1wb_conf *conf = member->conf;
	struct r1wb_leg *leg, *next;
	LIST_HEAD(forsaken);
	LIST_HEAD(ready);

	r1wb_line_open(&conf->order, &member->line, forsake, &forsaken, &ready);
	send_late(conf, &ready);
	r1wb_lane_fail(&member->lane);
	/* it is no source any more, see r1wb_settle_sources() */
	wake_up_all(&conf->backlog.drained);
	list_for_each_entry_safe(leg, next, &forsaken, forsaken) {
		r1wb_write_reconsider(leg->write);
		r1wb_write_put(leg->write);
	}
}
