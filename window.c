// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a window: it takes its range in the array's order, reads its
 * source, or every member when md wants them compared, and writes whoever lacks
 * the data.
 *
 * Near members come first: all but those that are behind.  Then the window
 * gives back its places there, so that no write waits for it any longer than
 * for them, and does the same with the far ones when its turn has come there.
 * A write that comes meanwhile goes to the near members at once, and to the far
 * ones after the window: that the window knows nothing of it does no harm.
 *
 * It starts in md's sync thread, which may wait for its turn; the rest is bio
 * completions and r1wb_wq; r1wb_turn_wq only where it starts over, which may
 * find the array quiesced.  While it waits for the far members it has no worker.
 * Takes no lock.
 *
 * Keeps I4 through order.c.  A window that md has counted is copied, or its
 * member fails, or it becomes a bad block, or recovery is disabled.
 */
#include "bad_blocks.h"
#include "leg.h"
#include "member.h"
#include "narrow.h"
#include "window.h"

/* ---- who takes part ---- */

static void join(struct r1wb_window *window, int slot, bool sync)
{
	struct r1wb_window_leg *leg = &window->legs[slot];
	struct md_rdev *rdev = window->conf->members[slot]->rdev;

	leg->rdev = NULL;
	leg->far = false;
	leg->idle = false;
	leg->read = false;
	leg->written = false;
	leg->rest = REST_NONE;
	if (!rdev || test_bit(Faulty, &rdev->flags))
		return;
	atomic_inc(&rdev->nr_pending);
	leg->rdev = rdev;
	leg->far = sync && r1wb_is_behind(window->conf, rdev);
	leg->role = test_bit(In_sync, &rdev->flags) ? LEG_SOURCE : LEG_TARGET;
	leg->idle = leg->far && leg->role == LEG_SOURCE && !window->sync;
	leg->partial = rdev_has_badblock(rdev, window->sector,
					 window->sectors);
}

static bool better_primary(const struct r1wb_window_leg *leg,
			   const struct r1wb_window_leg *than)
{
	if (!leg->rdev || leg->far || leg->role != LEG_SOURCE || leg->partial)
		return false;
	return !than || (test_bit(WriteMostly, &than->rdev->flags) &&
			 !test_bit(WriteMostly, &leg->rdev->flags));
}

/**
 * r1wb_window_join - let the members take part
 * @window:	with its sectors, and what it is for; md's sync thread has it
 *
 * Their nr_pending is held until r1wb_window_leave().
 *
 * Return: false if nobody lacks anything here, or beyond.
 */
bool r1wb_window_join(struct r1wb_window *window)
{
	bool sync = r1wb_count_roles(window->conf).sync;
	int i, sources = 0, targets = 0;

	window->primary = NULL;
	for (i = 0; i < window->nr_legs; i++) {
		struct r1wb_window_leg *leg = &window->legs[i];

		join(window, i, sync);
		if (better_primary(leg, window->primary))
			window->primary = leg;
		if (leg->rdev && leg->role == LEG_SOURCE)
			sources++;
		else if (leg->rdev)
			targets++;
	}
	return sources && (targets || (window->sync && sources > 1));
}

/* Context: any. */
void r1wb_window_leave(struct r1wb_window *window)
{
	struct r1wb_conf *conf = window->conf;
	int i;

	for (i = 0; i < window->nr_legs; i++) {
		struct r1wb_window_leg *leg = &window->legs[i];

		if (!leg->rdev)
			continue;
		rdev_dec_pending(leg->rdev, conf->mddev);
		leg->rdev = NULL;
	}
}

/* ---- the end of a window ---- */

static bool is_waited_for(const struct r1wb_window_leg *leg)
{
	return leg->rdev && leg->far && !leg->idle;
}

/*
 * From here on writes are acknowledged that wait for this window on the far
 * members.  While it is all that is in their way there, it stands for them: the
 * member is not read past it, nor recorded as a source.  It does not wait for
 * that record itself: what it waits for has passed the primary, so it was sent.
 */
static void count_far(struct r1wb_window *window)
{
	struct r1wb_conf *conf = window->conf;
	int i;

	for (i = 0; i < window->nr_legs; i++)
		if (is_waited_for(&window->legs[i]))
			r1wb_lag_begins(conf->members[i]);
}

/*
 * Those that come next are counted by now.  One that has started over, without
 * a primary, was not.
 */
static void uncount_far(struct r1wb_window *window)
{
	struct r1wb_conf *conf = window->conf;
	int i;

	for (i = 0; window->primary && i < window->nr_legs; i++)
		if (is_waited_for(&window->legs[i]))
			r1wb_lag_ended(conf->members[i]);
}

/* md may end the sync, and free the windows, after md_done_sync(). */
static void end_window(struct r1wb_window *window)
{
	struct r1wb_conf *conf = window->conf;
	struct mddev *mddev = conf->mddev;
	sector_t sectors = window->sectors;
	bool ok = !window->failed;

	if (!ok) {
		r1wb_bitmap_sync_failed(mddev, window->sector, sectors);
		WRITE_ONCE(conf->recovery_disabled,
			   READ_ONCE(mddev->recovery_disabled));
	}
	r1wb_leave_lines(conf, &window->far);
	uncount_far(window);
	r1wb_window_leave(window);
	r1wb_put_window(window);
	md_done_sync(mddev, sectors, ok);
}

/* ---- bios ---- */

/* What follows is sent; when all of it has ended, @next goes on. */
static void begin_bios(struct r1wb_window *window,
		       void (*next)(struct r1wb_window *window))
{
	window->next = next;
	atomic_set(&window->pending, 1);
}

static void end_bios(struct r1wb_window *window)
{
	if (atomic_dec_and_test(&window->pending))
		window->next(window);
}

static void window_work(struct work_struct *work)
{
	struct r1wb_window *window = container_of(work, struct r1wb_window,
						  work);

	window->next(window);
}

static void leg_bio_ended(struct bio *bio)
{
	struct r1wb_window_leg *leg = container_of(bio, struct r1wb_window_leg, bio);
	struct r1wb_window *window = leg->window;

	if (bio_op(bio) == REQ_OP_READ)
		leg->read = !bio->bi_status;
	else if (!bio->bi_status)
		leg->written = true;
	else
		leg->rest = REST_NARROW;
	if (atomic_dec_and_test(&window->pending))
		queue_work(r1wb_wq, &window->work);
}

static void send_leg(struct r1wb_window_leg *leg, blk_opf_t opf, struct page **pages)
{
	struct r1wb_window *window = leg->window;
	struct bio *bio = &leg->bio;

	bio_init(bio, leg->rdev->bdev, leg->vecs, R1WB_WINDOW_PAGES, opf);
	bio->bi_iter.bi_sector = window->sector + leg->rdev->data_offset;
	bio->bi_end_io = leg_bio_ended;
	r1wb_window_fill(bio, window->sectors << SECTOR_SHIFT, pages);
	atomic_inc(&window->pending);
	md_sync_acct_bio(bio, window->sectors);
	submit_bio_noacct(bio);
}

/* ---- reads and writes ---- */

static bool wants_data(struct r1wb_window *window, struct r1wb_window_leg *leg)
{
	if (!r1wb_takes_part(leg) || leg == window->primary)
		return false;
	if (leg->role == LEG_TARGET)
		return true;
	if (!window->compare || !leg->read)
		return window->sync;
	return r1wb_window_differs(leg) && !r1wb_window_is_check(window);
}

/*
 * Before the places are given back: what is found out about bad blocks then may
 * be news of a later write.
 */
static void finish_legs(struct r1wb_window *window, bool far)
{
	int i;

	for (i = 0; i < window->nr_legs; i++) {
		struct r1wb_window_leg *leg = &window->legs[i];

		if (leg->far != far || !r1wb_takes_part(leg))
			continue;
		if (leg->written)
			r1wb_heal(leg->rdev, window->sector, window->sectors);
		else if (leg->rest == REST_MEND)
			r1wb_window_mend(leg);
		else if (leg->rest != REST_NONE)
			r1wb_window_write_rest(leg);
		leg->rest = REST_NONE;
	}
}

/*
 * A member that failed while the window waited for its turn may lack what was
 * written last: that went to the others alone.
 */
static bool is_good(const struct r1wb_window_leg *leg)
{
	return leg && leg->read && r1wb_takes_part(leg);
}

static struct r1wb_window_leg *first_good(struct r1wb_window *window)
{
	int i;

	if (is_good(window->primary))
		return window->primary;
	for (i = 0; i < window->nr_legs; i++)
		if (is_good(&window->legs[i]))
			return &window->legs[i];
	return NULL;
}

static bool wants_read(const struct r1wb_window_leg *leg)
{
	const struct r1wb_window *window = leg->window;

	if (leg->partial)
		return false;
	return leg == window->primary ||
	       (window->compare && leg->role == LEG_SOURCE);
}

/*
 * Reads what is to be read near, or far; then @next goes on.  A write that the
 * window has waited for may have left a bad block.
 */
static void read_legs(struct r1wb_window *window, bool far,
		      void (*next)(struct r1wb_window *window))
{
	int i;

	begin_bios(window, next);
	for (i = 0; i < window->nr_legs; i++) {
		struct r1wb_window_leg *leg = &window->legs[i];

		if (leg->far != far || !r1wb_takes_part(leg))
			continue;
		leg->partial = rdev_has_badblock(leg->rdev, window->sector,
						 window->sectors);
		if (wants_read(leg))
			send_leg(leg, REQ_OP_READ | REQ_SYNC, leg->pages);
	}
	end_bios(window);
}

static void write_leg(struct r1wb_window_leg *leg)
{
	struct r1wb_window *window = leg->window;

	if (window->compare && leg->role == LEG_SOURCE && !leg->read)
		leg->rest = REST_MEND;
	else if (r1wb_goes_round(leg->rdev, window->sector, window->sectors))
		leg->rest = REST_ROUND;
	else
		send_leg(leg, REQ_OP_WRITE | REQ_SYNC, window->primary->pages);
}

/* The same for writes.  @next begins with finish_legs(). */
static void write_legs(struct r1wb_window *window, bool far,
		       void (*next)(struct r1wb_window *window))
{
	int i;

	begin_bios(window, next);
	for (i = 0; i < window->nr_legs; i++)
		if (window->legs[i].far == far &&
		    wants_data(window, &window->legs[i]))
			write_leg(&window->legs[i]);
	end_bios(window);
}

/* ---- the way of a window, last step first ---- */

static void init_turn(struct r1wb_turn *turn)
{
	r1wb_turn_init(turn);
	turn->together = true;
	turn->sleeps = true;
}

static void take_places(struct r1wb_window *window)
{
	struct r1wb_conf *conf = window->conf;
	int i;

	init_turn(&window->near);
	init_turn(&window->far);
	for (i = 0; i < window->nr_legs; i++) {
		struct r1wb_window_leg *leg = &window->legs[i];

		if (leg->rdev && !leg->idle)
			r1wb_turn_add(leg->far ? &window->far : &window->near,
				      &leg->place, &conf->members[i]->line);
	}
	r1wb_order_enter_both(&conf->order, &window->near, &window->far,
			      window->sector, window->sectors);
}

static void finish_far(struct r1wb_window *window)
{
	finish_legs(window, true);
	end_window(window);
}

static void write_far(struct r1wb_window *window)
{
	write_legs(window, true, finish_far);
}

static void read_far(struct r1wb_window *window)
{
	read_legs(window, true, write_far);
}

static void far_granted(struct r1wb_turn *turn)
{
	struct r1wb_window *window = container_of(turn, struct r1wb_window,
						  far);

	queue_work(r1wb_wq, &window->work);
}

/* When its turn has come on the far members, @next goes on. */
static void await_far(struct r1wb_window *window,
		      void (*next)(struct r1wb_window *window))
{
	window->next = next;
	if (!r1wb_order_await(&window->conf->order, &window->far, far_granted))
		next(window);
}

static void finish_near(struct r1wb_window *window)
{
	finish_legs(window, false);
	count_far(window);
	r1wb_leave_lines(window->conf, &window->near);
	await_far(window, read_far);
}

static void copy_and_end(struct r1wb_window *window)
{
	r1wb_window_copy(window);
	end_window(window);
}

/*
 * Nobody near can give it as a whole.  Then it is for all members together, and
 * not older than what has come meanwhile: what it reads is newer.
 */
static void start_over(struct work_struct *work)
{
	struct r1wb_window *window = container_of(work, struct r1wb_window,
						  start_over);
	struct r1wb_conf *conf = window->conf;
	int i;

	for (i = 0; i < window->nr_legs; i++) {
		window->legs[i].far = true;
		window->legs[i].idle = false;
	}
	take_places(window);
	r1wb_leave_lines(conf, &window->near);
	await_far(window, copy_and_end);
}

static void write_near(struct r1wb_window *window)
{
	window->primary = first_good(window);
	if (!window->primary) {
		/* before: nobody who waits on that queue may wait for us */
		r1wb_leave_lines(window->conf, &window->near);
		r1wb_leave_lines(window->conf, &window->far);
		queue_work(r1wb_turn_wq, &window->start_over);
		return;
	}
	write_legs(window, false, finish_near);
}

static void read_near(struct r1wb_window *window)
{
	window->failed = false;
	read_legs(window, false, write_near);
}

/**
 * r1wb_window_start - send it on its way
 * @window:	joined; its end gives it back, and calls md_done_sync()
 *
 * Context: md's sync thread, sleeps for its turn.
 */
void r1wb_window_start(struct r1wb_window *window)
{
	take_places(window);
	r1wb_order_wait(&window->conf->order, &window->near);
	read_near(window);
}

void r1wb_window_init(struct r1wb_window *window, struct r1wb_conf *conf)
{
	window->conf = conf;
	INIT_WORK(&window->work, window_work);
	INIT_WORK(&window->start_over, start_over);
}
