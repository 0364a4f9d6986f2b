// SPDX-License-Identifier: GPL-2.0
/*
 * Work that has to wait for md.
 *
 * A member that failed is out of the array only when the superblocks of the
 * others say so.  Until then nothing may be acknowledged, and no data sent,
 * that the failed member lacks: after a crash it would look fresh and might
 * become the source (I1, I3).  Such work is parked here, and so is what needs
 * a thread that may sleep.
 *
 * Parks in any context; resumes in the md thread.
 */
#include "park.h"
#include "raid1wb.h"

static bool is_blocked(const struct md_rdev *rdev)
{
	return test_bit(Blocked, &rdev->flags) ||
	       (!test_bit(Faulty, &rdev->flags) &&
		READ_ONCE(rdev->badblocks.unacked_exist));
}

static bool member_blocked(struct r1wb_conf *conf)
{
	struct md_rdev *rdev;
	bool blocked = false;

	rcu_read_lock();
	rdev_for_each_rcu(rdev, conf->mddev)
		blocked |= is_blocked(rdev);
	rcu_read_unlock();
	return blocked;
}

/*
 * Is the failure of a member, or a bad block, still to be recorded?  With
 * external metadata mdmon records, and unblocks the member when it has.
 */
bool r1wb_record_pending(struct r1wb_conf *conf)
{
	struct mddev *mddev = conf->mddev;

	if (mddev->external)
		return member_blocked(conf);
	return unlikely(test_bit(MD_SB_CHANGE_PENDING, &mddev->sb_flags));
}

bool r1wb_all_recorded(struct mddev *mddev)
{
	struct r1wb_conf *conf = mddev->private;

	return !conf || !r1wb_record_pending(conf);
}

void r1wb_park(struct r1wb_conf *conf, struct r1wb_parked *parked)
{
	unsigned long irq;

	if (parked->turn)
		r1wb_order_park(&conf->order, parked->turn);
	spin_lock_irqsave(&conf->lock, irq);
	list_add_tail(&parked->link, &conf->parked);
	/* once resumed, it may be the last thing that kept the array */
	md_wakeup_thread(conf->mddev->thread);
	spin_unlock_irqrestore(&conf->lock, irq);
}

static void put_back(struct r1wb_conf *conf, struct list_head *rest)
{
	spin_lock_irq(&conf->lock);
	list_splice(rest, &conf->parked);
	spin_unlock_irq(&conf->lock);
}

/* Called by the md thread after md_check_recovery(), which writes superblocks. */
void r1wb_resume_parked(struct r1wb_conf *conf)
{
	struct r1wb_parked *parked, *next;
	LIST_HEAD(list);

	if (r1wb_record_pending(conf))
		return;

	spin_lock_irq(&conf->lock);
	list_splice_init(&conf->parked, &list);
	spin_unlock_irq(&conf->lock);

	list_for_each_entry_safe(parked, next, &list, link) {
		if (parked->turn &&
		    !r1wb_order_resume(&conf->order, parked->turn)) {
			put_back(conf, &list);
			return;
		}
		list_del(&parked->link);
		parked->resume(parked);
	}
}
