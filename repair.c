// SPDX-License-Identifier: GPL-2.0
/*
 * What a member could not read is written there again, with what another one
 * holds, and read back; the member that does this too often fails.
 *
 * Does not serve the reader: he goes on with another member meanwhile (read.c).
 * Starts in process context, goes on in r1wb_turn_wq.  conf->lock covers the
 * list of repairs and the members' counts of errors.
 *
 * Keeps I4: a piece takes its places on the member that gives and on the one
 * that gets it at once, and gives the first one back as soon as it has been
 * read.  So nothing newer is overwritten, and only who writes to the broken
 * member waits until that is mended.
 *
 * Members are equal here, or their chunk's bit is set already: what is written
 * again needs no bit.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include "bad_blocks.h"
#include "leg.h"
#include "member.h"
#include "narrow.h"
#include "repair.h"

/* Its rdev is NULL where nobody sits. */
struct repair_side {
	struct r1wb_member	*member;
	struct md_rdev		*rdev;
};

/**
 * struct r1wb_repair - a range that a member could not read
 * @conf:	the array
 * @link:	on conf->repairs
 * @work:	does it
 * @slot:	which of @sides cannot read
 * @start:	first sector
 * @end:	behind the last one
 * @sector:	the piece that is being repaired
 * @sectors:	its length
 * @page:	its data
 * @wrote:	something is in the member's cache
 * @give:	turn and place on the member that is read
 * @get:	the same on the one that is written
 * @nr_sides:	members there are
 * @sides:	those members, with nr_pending held: the array's table may change
 */
struct r1wb_repair {
	struct r1wb_conf	*conf;
	struct list_head	link;
	struct work_struct	work;
	int			slot;
	sector_t		start;
	sector_t		end;
	sector_t		sector;
	sector_t		sectors;
	struct page		*page;
	bool			wrote;
	struct {
		struct r1wb_turn	turn;
		struct r1wb_place	place;
	} give, get;
	int			nr_sides;
	struct repair_side	sides[];
};

static struct md_rdev *broken(const struct r1wb_repair *repair)
{
	return repair->sides[repair->slot].rdev;
}

/* ---- one piece ---- */

static bool piece_io(struct r1wb_repair *repair, struct md_rdev *rdev,
		     blk_opf_t op)
{
	return sync_page_io(rdev, repair->sector,
			    repair->sectors << SECTOR_SHIFT, repair->page,
			    op | REQ_SYNC, false);
}

static bool is_known_bad(const struct r1wb_repair *repair, struct md_rdev *rdev)
{
	return rdev_has_badblock(rdev, repair->sector, repair->sectors);
}

/* Returns whether it has been written, and can be read back. */
static bool put_piece(struct r1wb_repair *repair, struct md_rdev *rdev)
{
	bool recorded = false;

	if (r1wb_write_page(repair->conf, rdev, repair->sector,
			    repair->sectors, repair->page, &recorded)) {
		repair->wrote = true;
		if (recorded ||
		    r1wb_read_back(rdev, repair->sector, repair->sectors,
				   repair->page, &recorded))
			return !recorded;
	}
	if (r1wb_fail_unless_last(repair->conf, rdev))
		pr_err("md/raid1wb:%s: %pg cannot be made to hold sector %llu of the array, and has no room to record it as bad; replace it\n",
		       mdname(repair->conf->mddev), rdev->bdev,
		       (u64)repair->sector);
	return false;
}

static void write_back(struct r1wb_repair *repair)
{
	struct md_rdev *rdev = broken(repair);

	/* a write that failed meanwhile has recorded that */
	if (test_bit(Faulty, &rdev->flags) || is_known_bad(repair, rdev))
		return;
	if (put_piece(repair, rdev))
		pr_info_ratelimited("md/raid1wb:%s: read error corrected on %pg, %llu sectors at %llu of the array\n",
				    mdname(repair->conf->mddev), rdev->bdev,
				    (u64)repair->sectors, (u64)repair->sector);
}

static void init_turn(struct r1wb_turn *turn, struct r1wb_place *place,
		      struct r1wb_line *line)
{
	r1wb_turn_init(turn);
	turn->together = true;
	turn->sleeps = true;
	r1wb_turn_add(turn, place, line);
}

/*
 * That on the broken member is parked until it is granted: who quiesces the
 * array must not wait for what waits for somebody else.
 */
static void make_turn(struct r1wb_repair *repair)
{
	init_turn(&repair->get.turn, &repair->get.place,
		  &repair->sides[repair->slot].member->line);
	repair->get.turn.parked = true;
}

static void make_turns(struct r1wb_repair *repair, int source)
{
	init_turn(&repair->give.turn, &repair->give.place,
		  &repair->sides[source].member->line);
	make_turn(repair);
}

static void await_turn(struct r1wb_repair *repair)
{
	r1wb_order_wait(&repair->conf->order, &repair->get.turn);
	r1wb_order_unpark(&repair->conf->order, &repair->get.turn);
}

static bool lags(const struct r1wb_repair *repair, int slot)
{
	return test_bit(WriteMostly, &repair->sides[slot].rdev->flags) ||
	       atomic_read(&repair->sides[slot].member->behind);
}

/* Nobody waits on the broken member because another one takes its time. */
static void take_places(struct r1wb_repair *repair, int source)
{
	struct r1wb_order *order = &repair->conf->order;
	struct r1wb_line *line = &repair->sides[source].member->line;

	make_turns(repair, source);
	if (!lags(repair, source)) {
		r1wb_order_enter_both(order, &repair->give.turn,
				      &repair->get.turn, repair->sector,
				      repair->sectors);
		return;
	}
	while (!r1wb_order_try_both(order, &repair->give.turn,
				    &repair->get.turn, repair->sector,
				    repair->sectors))
		r1wb_order_observe(order, line, repair->sector,
				   repair->sectors, false);
}

static bool can_give(struct r1wb_repair *repair, int slot)
{
	struct md_rdev *rdev = repair->sides[slot].rdev;

	return r1wb_can_serve(rdev, repair->sector + repair->sectors) &&
	       !is_known_bad(repair, rdev);
}

/* One that fails while we wait, or read, may lack what was written last. */
static bool read_from(struct r1wb_repair *repair, int source)
{
	return can_give(repair, source) &&
	       piece_io(repair, repair->sides[source].rdev, REQ_OP_READ) &&
	       can_give(repair, source);
}

static bool copy_from(struct r1wb_repair *repair, int source)
{
	struct r1wb_conf *conf = repair->conf;
	bool good;

	take_places(repair, source);
	r1wb_order_wait(&conf->order, &repair->give.turn);
	good = read_from(repair, source);
	r1wb_leave_lines(repair->conf, &repair->give.turn);

	await_turn(repair);
	if (good)
		write_back(repair);
	r1wb_leave_lines(repair->conf, &repair->get.turn);
	return good;
}

static bool copy_from_anyone(struct r1wb_repair *repair, bool lagging)
{
	int slot;

	for (slot = 0; slot < repair->nr_sides; slot++)
		if (slot != repair->slot && can_give(repair, slot) &&
		    lags(repair, slot) == lagging && copy_from(repair, slot))
			return true;
	return false;
}

/*
 * Without room to record it, the member stays: it is no worse than the others.
 * What has been written since we looked can be read.
 */
static void nobody_can_give(struct r1wb_repair *repair)
{
	struct r1wb_conf *conf = repair->conf;
	struct md_rdev *rdev = broken(repair);

	/* for one that is pinned, whoever has come since */
	make_turn(repair);
	r1wb_order_enter(&conf->order, &repair->get.turn, repair->sector,
			 repair->sectors, false);
	await_turn(repair);
	if (!test_bit(Faulty, &rdev->flags) && !is_known_bad(repair, rdev) &&
	    !piece_io(repair, rdev, REQ_OP_READ)) {
		pr_err_ratelimited("md/raid1wb:%s: no member can read sector %llu of the array; whoever reads it gets an error until it is written\n",
				   mdname(conf->mddev), (u64)repair->sector);
		r1wb_record_bad(rdev, repair->sector, repair->sectors);
	}
	r1wb_leave_lines(repair->conf, &repair->get.turn);
}

/* False: some of it is known as bad, or cannot be read anywhere. */
static bool repair_as_one(struct r1wb_repair *repair)
{
	struct md_rdev *rdev = broken(repair);

	return !is_known_bad(repair, rdev) &&
	       (piece_io(repair, rdev, REQ_OP_READ) ||
		copy_from_anyone(repair, false) ||
		copy_from_anyone(repair, true));
}

static sector_t block_sectors(const struct r1wb_repair *repair)
{
	sector_t size = 1;
	int slot;

	for (slot = 0; slot < repair->nr_sides; slot++)
		if (repair->sides[slot].rdev)
			size = max(size, r1wb_block_sectors(repair->sides[slot].rdev));
	return size;
}

static bool goes_on(const struct r1wb_repair *repair)
{
	return !READ_ONCE(repair->conf->mddev->ro) &&
	       !test_bit(Faulty, &broken(repair)->flags);
}

static void repair_by_block(struct r1wb_repair *repair, sector_t end)
{
	sector_t size = block_sectors(repair);

	while (repair->sector < end && goes_on(repair)) {
		repair->sectors = r1wb_block_end(repair->sector, size, end) -
				  repair->sector;
		if (!repair_as_one(repair) &&
		    !is_known_bad(repair, broken(repair)))
			nobody_can_give(repair);
		repair->sector += repair->sectors;
	}
}

/* ---- a range ---- */

static void repair_range(struct r1wb_repair *repair)
{
	sector_t next;

	for (repair->sector = repair->start;
	     repair->sector < repair->end && goes_on(repair);
	     repair->sector = next) {
		next = r1wb_block_end(repair->sector, PAGE_SECTORS, repair->end);
		repair->sectors = next - repair->sector;
		if (!repair_as_one(repair))
			repair_by_block(repair, next);
	}
	/* who calls the array clean relies on what has been written being there */
	if (repair->wrote && blkdev_issue_flush(broken(repair)->bdev))
		r1wb_fail_unless_last(repair->conf, broken(repair));
}

static void free_repair(struct r1wb_repair *repair)
{
	if (!repair)
		return;
	if (repair->page)
		__free_page(repair->page);
	kfree(repair);
}

/* The array may go once its order has been left. */
static void end_repair(struct r1wb_repair *repair)
{
	struct r1wb_conf *conf = repair->conf;
	int slot;

	spin_lock_irq(&conf->lock);
	list_del(&repair->link);
	spin_unlock_irq(&conf->lock);
	for (slot = 0; slot < repair->nr_sides; slot++)
		if (repair->sides[slot].rdev)
			rdev_dec_pending(repair->sides[slot].rdev, conf->mddev);
	free_repair(repair);
	rcu_read_lock();
	r1wb_order_exit(&conf->order);
	rcu_read_unlock();
}

static void repair_work(struct work_struct *work)
{
	struct r1wb_repair *repair = container_of(work, struct r1wb_repair,
						  work);

	repair_range(repair);
	end_repair(repair);
}

/* ---- how often ---- */

#define HOUR	3600

/* Errors of long ago do not count: they are halved for every hour without one. */
static unsigned int count_error(struct r1wb_conf *conf, struct md_rdev *rdev)
{
	unsigned int errors = atomic_read(&rdev->read_errors);
	time64_t now = ktime_get_seconds();
	s64 hours = 0;

	lockdep_assert_held(&conf->lock);
	if (rdev->last_read_error)
		hours = div_s64(now - rdev->last_read_error, HOUR);
	errors = hours < BITS_PER_TYPE(errors) ? errors >> hours : 0;
	rdev->last_read_error = now;
	atomic_set(&rdev->read_errors, ++errors);
	return errors;
}

static void too_many_errors(struct r1wb_conf *conf, struct md_rdev *rdev,
			    unsigned int errors, unsigned int max)
{
	if (r1wb_fail_unless_last(conf, rdev))
		pr_err("md/raid1wb:%s: %pg failed after %u read errors, more than md/max_read_errors (%u) allows; replace it\n",
		       mdname(conf->mddev), rdev->bdev, errors, max);
}

/* ---- the start ---- */

/* Not to be repaired is no harm: whoever reads it next tries again. */
static struct r1wb_repair *alloc_repair(struct r1wb_conf *conf)
{
	const gfp_t gfp = GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN;
	int nr = READ_ONCE(conf->nr_members);
	struct r1wb_repair *repair;

	repair = kzalloc(struct_size(repair, sides, nr), gfp);
	if (!repair)
		return NULL;
	repair->conf = conf;
	repair->nr_sides = nr;
	INIT_WORK(&repair->work, repair_work);
	repair->page = alloc_page(gfp);
	if (repair->page)
		return repair;
	free_repair(repair);
	return NULL;
}

/* The caller has pinned the broken one, and keeps the others where they are. */
static void start_repair(struct r1wb_repair *repair)
{
	struct r1wb_conf *conf = repair->conf;
	int slot;

	for (slot = 0; slot < repair->nr_sides; slot++) {
		struct repair_side *side = &repair->sides[slot];

		side->member = conf->members[slot];
		side->rdev = READ_ONCE(side->member->rdev);
		if (side->rdev)
			atomic_inc(&side->rdev->nr_pending);
	}
	r1wb_order_track(&conf->order);
	queue_work(r1wb_turn_wq, &repair->work);
}

static bool is_being_repaired(struct r1wb_conf *conf, const struct md_rdev *rdev,
			      sector_t start, sector_t end)
{
	struct r1wb_repair *repair;

	lockdep_assert_held(&conf->lock);
	list_for_each_entry(repair, &conf->repairs, link)
		if (broken(repair) == rdev && repair->start < end &&
		    start < repair->end)
			return true;
	return false;
}

static void count_and_repair(struct r1wb_conf *conf, int slot, sector_t start,
			     sector_t end)
{
	unsigned int max = atomic_read(&conf->mddev->max_corr_read_errors);
	struct md_rdev *rdev = conf->members[slot]->rdev;
	struct r1wb_repair *repair = alloc_repair(conf);
	unsigned int errors = 0;
	bool starts = false;

	spin_lock_irq(&conf->lock);
	if (!is_being_repaired(conf, rdev, start, end)) {
		errors = count_error(conf, rdev);
		starts = repair && errors <= max;
	}
	if (starts) {
		repair->slot = slot;
		repair->sides[slot].rdev = rdev;
		repair->start = start;
		repair->end = end;
		list_add(&repair->link, &conf->repairs);
	}
	spin_unlock_irq(&conf->lock);

	if (errors > max)
		too_many_errors(conf, rdev, errors, max);
	if (starts)
		start_repair(repair);
	else
		free_repair(repair);
}

/**
 * r1wb_repair - a member could not read
 * @conf:	the array
 * @slot:	the member's; its nr_pending is held
 * @sector:	start of the range
 * @sectors:	its length
 *
 * The last member in sync is left alone: there is nobody to repair it from, and
 * its errors are the reader's.  A member that is to fail fast fails.
 * Context: process, on behalf of a read that has not ended; does not wait for
 * the repair.
 */
void r1wb_repair(struct r1wb_conf *conf, int slot, sector_t sector,
		 sector_t sectors)
{
	struct md_rdev *rdev = conf->members[slot]->rdev;

	if (READ_ONCE(conf->mddev->ro) || test_bit(Faulty, &rdev->flags) ||
	    r1wb_is_last(conf, rdev))
		return;
	if (test_bit(FailFast, &rdev->flags))
		r1wb_fail_unless_last(conf, rdev);
	else
		count_and_repair(conf, slot, sector, sector + sectors);
}
