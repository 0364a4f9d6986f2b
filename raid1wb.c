// SPDX-License-Identifier: GPL-2.0
/*
 * The personality: how md starts, runs and stops an array, and the module.
 *
 * Does no I/O of its own: see write.c and read.c for where a request goes,
 * resync.c for catch-up, member.c for who takes part, bitmap.c for what is
 * remembered.  Called by md with reconfig_mutex held, but for make_request.
 */
#include <linux/module.h>
#include <linux/raid/md_p.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "member.h"
#include "park.h"
#include "raid1wb.h"
#include "md-bitmap.h"
#include "read.h"
#include "resync.h"
#include "slots.h"
#include "write.h"

struct workqueue_struct *r1wb_wq;
struct workqueue_struct *r1wb_turn_wq;

/*
 * False: md's attributes are still being replaced, and until they are md does
 * not know our bitmap.  md lets go of the array before it tries again, so a
 * handler that wants it suspended gets it.
 */
static bool bitmap_known(struct r1wb_conf *conf)
{
	return likely(r1wb_seat_ready(&conf->seat)) ||
	       wait_event_timeout(conf->seat.swapped,
				  r1wb_seat_ready(&conf->seat), HZ / 10);
}

static bool make_request(struct mddev *mddev, struct bio *bio)
{
	struct r1wb_conf *conf = mddev->private;

	switch (bio_op(bio)) {
	case REQ_OP_READ:
		r1wb_read(conf, bio);
		return true;
	case REQ_OP_WRITE:
	case REQ_OP_DISCARD:
	case REQ_OP_SECURE_ERASE:
		if (!bitmap_known(conf))
			return false;
		r1wb_write(conf, bio);
		return true;
	default:
		/* not announced: the block layer writes zeroes in its place */
		bio->bi_status = BLK_STS_NOTSUPP;
		bio_endio(bio);
		return true;
	}
}

/* md's thread for this array: superblocks and the start of syncs, then ours. */
static void array_thread(struct md_thread *thread)
{
	struct mddev *mddev = thread->mddev;
	struct r1wb_conf *conf = mddev->private;

	rcu_read_lock();
	r1wb_bitmap_nap(READ_ONCE(conf->seat.bitmap));
	rcu_read_unlock();
	md_check_recovery(mddev);
	r1wb_resume_parked(conf);
}

/* After so long, people who wait with us are told what for. */
#define PATIENCE	(5 * HZ)

static void drain_backlog(struct r1wb_conf *conf)
{
	while (!r1wb_backlog_is_empty(&conf->backlog, PATIENCE))
		pr_info("md/raid1wb:%s: waiting for %d writes (%ld KiB) to reach slow members; mdadm waits as well, so to give them up, make the device fail\n",
			mdname(conf->mddev), atomic_read(&conf->backlog.writes),
			atomic_long_read(&conf->backlog.bytes) >> 10);
}

void r1wb_drain_behind(struct mddev *mddev)
{
	struct r1wb_conf *conf = mddev->private;

	if (conf)
		drain_backlog(conf);
}

/*
 * With behind members the array stays active until it is stopped: the way
 * back from clean would make the next write wait for a superblock on all.  Not
 * against the user's will: only when the first of them appears.
 */
static void keep_active(struct r1wb_conf *conf)
{
	if (!r1wb_has_behind(conf))
		clear_bit(R1WB_KEPT_ACTIVE, &conf->flags);
	else if (!test_and_set_bit(R1WB_KEPT_ACTIVE, &conf->flags))
		conf->mddev->safemode_delay = 0;
}

/* One that has failed is no source, and may never answer. */
static bool is_settled(const struct r1wb_member *member)
{
	return !atomic_read(&member->behind) ||
	       test_bit(Faulty, &member->rdev->flags);
}

/* md flushes its cache for its own superblock alone, and others' may be there earlier. */
static void settle(struct r1wb_member *member)
{
	struct r1wb_conf *conf = member->conf;

	/* Before the look at the count, which r1wb_lag_begins() raises first. */
	smp_store_mb(member->has_lagged, false);
	wait_event(conf->backlog.drained, is_settled(member));
	if (!test_bit(Faulty, &member->rdev->flags) &&
	    blkdev_issue_flush(member->rdev->bdev))
		r1wb_fail_unless_last(conf, member->rdev);
}

/*
 * A superblock that records the loss of the last sync member, or that says a
 * member is not WriteMostly any more, makes it a source after a crash.  Until
 * then what it lacks is with somebody else; so it must lack nothing.
 */
void r1wb_settle_sources(struct mddev *mddev)
{
	struct r1wb_conf *conf = mddev->private;
	bool sync = r1wb_count_roles(conf).sync;
	int i;

	for (i = 0; i < conf->nr_members; i++) {
		struct r1wb_member *member = conf->members[i];

		if (!member->rdev ||
		    (sync && r1wb_is_behind(conf, member->rdev)))
			continue;
		if (READ_ONCE(member->has_lagged))
			settle(member);
	}
}

/* Is a sync member about to be recorded as the wrong place for some blocks? */
static bool sync_member_has_news(struct r1wb_conf *conf)
{
	int i;

	for (i = 0; i < conf->nr_members; i++) {
		const struct md_rdev *rdev = conf->members[i]->rdev;

		if (rdev && !test_bit(Faulty, &rdev->flags) &&
		    !r1wb_is_behind(conf, rdev) &&
		    READ_ONCE(rdev->badblocks.unacked_exist))
			return true;
	}
	return false;
}

/*
 * For these blocks those that are behind become the source, with what they have
 * on their disks.  Nothing goes there meanwhile: a record is pending.
 */
static void settle_behind(struct r1wb_conf *conf)
{
	int i;

	for (i = 0; i < conf->nr_members; i++) {
		struct r1wb_member *member = conf->members[i];

		if (member->rdev && r1wb_is_behind(conf, member->rdev))
			settle(member);
	}
}

void r1wb_before_super(struct mddev *mddev)
{
	struct r1wb_conf *conf = mddev->private;

	keep_active(conf);
	r1wb_settle_sources(mddev);
	if (unlikely(sync_member_has_news(conf)))
		settle_behind(conf);
}

static void quiesce(struct mddev *mddev, int quiesce)
{
	struct r1wb_conf *conf = mddev->private;

	if (quiesce) {
		r1wb_order_quiesce(&conf->order);
		while (!r1wb_order_is_idle(&conf->order, PATIENCE))
			pr_info("md/raid1wb:%s: waiting for %u requests to members, %d writes behind among them, before the array is quiet; if a device hangs, make it fail\n",
				mdname(mddev),
				/* only people look at it */
				data_race(conf->order.running),
				atomic_read(&conf->backlog.writes));
	} else {
		r1wb_order_unquiesce(&conf->order);
		md_wakeup_thread(mddev->thread);
	}
}

static sector_t size(struct mddev *mddev, sector_t sectors, int raid_disks)
{
	return sectors ?: mddev->dev_sectors;
}

static int resize(struct mddev *mddev, sector_t sectors)
{
	sector_t new_size = size(mddev, sectors, 0);
	int err;

	if (mddev->external_size && mddev->array_sectors > new_size)
		return -EINVAL;
	err = mddev->bitmap_ops->resize(mddev, new_size, 0, false);
	if (err)
		return err;

	md_set_array_sectors(mddev, new_size);
	if (sectors > mddev->dev_sectors &&
	    mddev->resync_offset > mddev->dev_sectors) {
		mddev->resync_offset = mddev->dev_sectors;
		set_bit(MD_RECOVERY_NEEDED, &mddev->recovery);
	}
	mddev->dev_sectors = sectors;
	mddev->resync_max_sectors = sectors;
	return 0;
}

static void status(struct seq_file *seq, struct mddev *mddev)
{
	struct r1wb_conf *conf = mddev->private;
	int i;

	lockdep_assert_held(&mddev->lock);

	seq_printf(seq, " [%d/%d] [", conf->nr_slots,
		   conf->nr_slots - READ_ONCE(mddev->degraded));
	for (i = 0; i < conf->nr_slots; i++)
		seq_putc(seq, r1wb_slot_works(conf, i) ? 'U' : '_');
	seq_putc(seq, ']');
}

static void conf_free(struct r1wb_conf *conf)
{
	r1wb_order_drain(&conf->order);
	synchronize_rcu();	/* pairs with r1wb_write_put() */
	md_unregister_thread(conf->mddev, &conf->thread);
	r1wb_slots_exit(conf);
	kfree(conf);
}

/*
 * md gives members that are WriteMostly what the kernel's raid1 keeps their
 * writes in order with.  Nobody needs it here; and md frees it only if there is
 * a pool, which the core's own bitmap makes.
 */
static void free_serials(struct mddev *mddev)
{
	struct md_rdev *rdev;

	if (mddev->serial_info_pool)
		return;
	rdev_for_each(rdev, mddev) {
		if (!test_and_clear_bit(CollisionCheck, &rdev->flags))
			continue;
		kvfree(rdev->serial);
		rdev->serial = NULL;
	}
}

/*
 * Another level takes the array, and did not ask what becomes of the bitmap.
 * Nobody goes on with it, so no superblock may say that it is there: whoever
 * writes has to wait until they do not.
 */
static void leave_bitmap(struct r1wb_conf *conf)
{
	struct mddev *mddev = conf->mddev;

	pr_warn("md/raid1wb:%s: the new level goes on without the bitmap; add it again\n",
		mdname(mddev));
	if (!r1wb_count_missing(conf) && r1wb_bitmap_is_needed(conf->seat.bitmap))
		mddev->resync_offset = 0;
	r1wb_seat_remove(&conf->seat);
	mddev->bitmap_info.offset = 0;
	r1wb_want_record(mddev);
}

static void detach(struct mddev *mddev, void *priv)
{
	struct r1wb_conf *conf = priv;

	/* after a takeover mddev->private is the new personality's */
	drain_backlog(conf);
	r1wb_order_drain(&conf->order);
	/* the last write may have armed it after md had stopped it */
	timer_delete_sync(&mddev->safemode_timer);
	if (mddev->private != conf && conf->seat.bitmap)
		leave_bitmap(conf);
	else
		r1wb_seat_remove(&conf->seat);
	r1wb_resync_free(conf);
	conf_free(conf);
	/* start() was not reached if the bitmap could not be loaded */
	free_serials(mddev);
}

static bool has_slot(const struct r1wb_conf *conf, const struct md_rdev *rdev)
{
	return rdev->raid_disk >= 0 && rdev->raid_disk < conf->nr_slots;
}

/* NULL if it has none of md's, or md has not read it. */
static const struct mdp_superblock_1 *own_super(const struct md_rdev *rdev)
{
	const struct mddev *mddev = rdev->mddev;

	if (!mddev->persistent || mddev->external || mddev_is_dm(rdev->mddev) ||
	    mddev->major_version != 1 || !rdev->sb_page || rdev->desc_nr < 0)
		return NULL;
	return page_address(rdev->sb_page);
}

/*
 * md believes the freshest superblock.  If a crash came when a spare had just
 * got its slot, that may be the only one to say so, and it says no more than
 * that.  The spare's own knows that nothing was rebuilt.
 */
static void distrust_spare(struct md_rdev *rdev)
{
	const struct mdp_superblock_1 *super = own_super(rdev);

	if (!super || !test_bit(In_sync, &rdev->flags) ||
	    le16_to_cpu(super->dev_roles[rdev->desc_nr]) <= MD_DISK_ROLE_MAX)
		return;
	pr_warn("md/raid1wb:%s: %pg was a spare when the array died, and is rebuilt now\n",
		mdname(rdev->mddev), rdev->bdev);
	clear_bit(In_sync, &rdev->flags);
	rdev->saved_raid_disk = -1;
	rdev->recovery_offset = 0;
}

static bool take_member(struct r1wb_conf *conf, struct r1wb_member *member,
			struct md_rdev *rdev)
{
	if (member->rdev)
		return false;
	member->rdev = rdev;
	if (!test_bit(In_sync, &rdev->flags) && rdev->saved_raid_disk < 0)
		set_bit(R1WB_FULL_SYNC, &conf->flags);
	return true;
}

static bool goes_on(const struct md_rdev *member,
		    const struct md_rdev *replacement)
{
	return member && test_bit(In_sync, &member->flags) &&
	       !test_bit(In_sync, &replacement->flags);
}

/*
 * A member was being replaced by this one.  If that is gone, it goes on as a
 * member like any other; if it is not of use, this is a spare, and was never here.
 */
static void take_replacement(struct r1wb_conf *conf, struct md_rdev *rdev)
{
	struct r1wb_member **seat = &conf->members[rdev->raid_disk];

	rdev->saved_raid_disk = -1;
	if (goes_on((*seat)->rdev, rdev) &&
	    take_member(conf, seat[conf->nr_slots], rdev))
		return;
	clear_bit(Replacement, &rdev->flags);
	set_bit(MD_SB_CHANGE_DEVS, &conf->mddev->sb_flags);
	if (take_member(conf, *seat, rdev))
		return;
	clear_bit(In_sync, &rdev->flags);
	rdev->raid_disk = -1;
}

static void take_members(struct r1wb_conf *conf)
{
	struct md_rdev *rdev;

	rdev_for_each(rdev, conf->mddev)
		if (has_slot(conf, rdev))
			distrust_spare(rdev);
	rdev_for_each(rdev, conf->mddev)
		if (has_slot(conf, rdev) && !test_bit(Replacement, &rdev->flags))
			take_member(conf, conf->members[rdev->raid_disk], rdev);
	rdev_for_each(rdev, conf->mddev)
		if (has_slot(conf, rdev) && test_bit(Replacement, &rdev->flags))
			take_replacement(conf, rdev);
	r1wb_slots_recount(conf);
}

static struct r1wb_conf *conf_alloc(struct mddev *mddev)
{
	struct r1wb_conf *conf = kzalloc(sizeof(*conf), GFP_KERNEL);

	if (!conf)
		return ERR_PTR(-ENOMEM);
	conf->mddev = mddev;
	conf->recovery_disabled = mddev->recovery_disabled - 1;
	mutex_init(&conf->listing);
	spin_lock_init(&conf->lock);
	INIT_LIST_HEAD(&conf->parked);
	INIT_LIST_HEAD(&conf->repairs);
	r1wb_order_init(&conf->order);
	r1wb_backlog_init(&conf->backlog);
	if (r1wb_slots_init(conf, mddev->raid_disks))
		goto fail;
	rcu_assign_pointer(conf->thread,
			   md_register_thread(array_thread, mddev, "raid1"));
	if (!rcu_access_pointer(conf->thread))
		goto fail;
	take_members(conf);
	return conf;
fail:
	conf_free(conf);
	return ERR_PTR(-ENOMEM);
}

static int set_limits(struct mddev *mddev)
{
	struct queue_limits lim;
	int err;

	if (mddev_is_dm(mddev))
		return 0;
	md_init_stacking_limits(&lim);
	/* members that stop knowing it at run time must not fail for it */
	lim.max_write_zeroes_sectors = 0;
	/* members take what they write from the same pages, at different times */
	lim.features |= BLK_FEAT_STABLE_WRITES;
	err = mddev_stack_rdev_limits(mddev, &lim, MDDEV_STACK_INTEGRITY);
	err = err ?: queue_limits_set(mddev->gendisk->queue, &lim);
	/* the block layer asks when a disk is new, and this one has been there before */
	if (!err)
		mapping_set_stable_writes(mddev->gendisk->part0->bd_mapping);
	return err;
}

static int check_shape(struct mddev *mddev)
{
	if (mddev->level != 1) {
		pr_err("md/raid1wb:%s: level %d is not mirroring\n",
		       mdname(mddev), mddev->level);
		return -EIO;
	}
	if (mddev->reshape_position != MaxSector) {
		pr_err("md/raid1wb:%s: a reshape is recorded at sector %llu, but mirrors are never reshaped in place\n",
		       mdname(mddev), (u64)mddev->reshape_position);
		return -EIO;
	}
	return r1wb_slots_possible(mddev, mddev->raid_disks) ? 0 : -EINVAL;
}

/*
 * After a crash a member that was being rebuilt may lack writes behind its
 * checkpoint, too.
 */
static void distrust_checkpoints(struct r1wb_conf *conf)
{
	int i;

	for (i = 0; i < conf->nr_members; i++) {
		struct md_rdev *rdev = conf->members[i]->rdev;

		if (rdev && !test_bit(In_sync, &rdev->flags))
			rdev->recovery_offset = 0;
	}
}

static int count_members(struct r1wb_conf *conf)
{
	struct mddev *mddev = conf->mddev;

	mddev->degraded = r1wb_count_missing(conf);
	if (mddev->degraded == conf->nr_slots) {
		pr_err("md/raid1wb:%s: none of %d members is in sync; assemble with one that is\n",
		       mdname(mddev), conf->nr_slots);
		return -EINVAL;
	}
	/* dm-raid does not tell a crash from a stop */
	if (mddev->resync_offset != MaxSector || mddev_is_dm(mddev))
		distrust_checkpoints(conf);
	/* a single one is in sync with itself */
	if (conf->nr_slots - mddev->degraded == 1)
		mddev->resync_offset = MaxSector;
	if (mddev->resync_offset != MaxSector)
		pr_info("md/raid1wb:%s: not clean; members will be resynced\n",
			mdname(mddev));
	return 0;
}

/* Everything of run() that may fail after there is a conf. */
static int prepare(struct r1wb_conf *conf)
{
	struct mddev *mddev = conf->mddev;
	int err = count_members(conf) ?: set_limits(mddev);

	if (err)
		return err;
	md_set_array_sectors(mddev, size(mddev, 0, 0));
	return md_integrity_register(mddev);
}

static int run(struct mddev *mddev)
{
	struct r1wb_conf *conf = mddev->private;
	int err;

	/* after a takeover there is no way back, and md does not look */
	if (conf) {
		err = prepare(conf);
		if (err)
			pr_err("md/raid1wb:%s: taken over, but for error %d; stop the array and assemble it again\n",
			       mdname(mddev), err);
	} else {
		err = check_shape(mddev);
		if (err)
			return err;
		conf = conf_alloc(mddev);
		if (IS_ERR(conf))
			return PTR_ERR(conf);
		err = prepare(conf);
		if (err) {
			conf_free(conf);
			return err;
		}
	}
	rcu_assign_pointer(mddev->thread,
			   rcu_dereference_protected(conf->thread, true));
	rcu_assign_pointer(conf->thread, NULL);
	mddev->private = conf;
	set_bit(MD_FAILFAST_SUPPORTED, &mddev->flags);
	r1wb_seat_install(&conf->seat, mddev);
	pr_info("md/raid1wb:%s: active with %d of %d members\n", mdname(mddev),
		conf->nr_slots - mddev->degraded, conf->nr_slots);
	return 0;
}

/* After md has set its default for safemode_delay. */
static int start(struct mddev *mddev)
{
	struct r1wb_conf *conf = mddev->private;

	free_serials(mddev);
	clear_bit(R1WB_KEPT_ACTIVE, &conf->flags);
	keep_active(conf);
	return 0;
}

/*
 * md_personality.takeover: with two members, parity is a copy.  The array is
 * suspended, and still the other personality's.
 */
static void *takeover(struct mddev *mddev)
{
	struct r1wb_conf *conf;

	if (mddev->level != 5 || mddev->raid_disks != 2) {
		pr_err("md/raid1wb:%s: only RAID5 with two members is a mirror\n",
		       mdname(mddev));
		return ERR_PTR(-EINVAL);
	}
	if (mddev->bitmap || test_bit(MD_HAS_JOURNAL, &mddev->flags)) {
		pr_err("md/raid1wb:%s: cannot be taken over with its %s; remove it first\n",
		       mdname(mddev), mddev->bitmap ? "bitmap" : "journal");
		return ERR_PTR(-EBUSY);
	}
	conf = conf_alloc(mddev);
	if (IS_ERR(conf))
		return conf;
	if (r1wb_count_missing(conf) == conf->nr_slots) {
		conf_free(conf);
		return ERR_PTR(-EINVAL);
	}
	mddev->new_level = 1;
	mddev->new_layout = 0;
	mddev->new_chunk_sectors = 0;
	/* the partial parity log is RAID5's */
	mddev_clear_unsupported_flags(mddev, BIT(MD_HAS_PPL) |
					     BIT(MD_HAS_MULTIPLE_PPLS));
	return conf;
}

static struct md_personality r1wb_personality = {
	.name		= "raid1",
	.level		= 1,
	.owner		= THIS_MODULE,
	.make_request	= make_request,
	.run		= run,
	.start		= start,
	.free		= detach,
	.status		= status,
	.error_handler	= r1wb_error,
	.hot_add_disk	= r1wb_hot_add,
	.hot_remove_disk = r1wb_hot_remove,
	.spare_active	= r1wb_spare_active,
	.sync_request	= r1wb_sync_request,
	.resize		= resize,
	.size		= size,
	.check_reshape	= r1wb_check_reshape,
	.takeover	= takeover,
	.change_consistency_policy = r1wb_change_consistency_policy,
	.quiesce	= quiesce,
};

/* md takes the personality away first, then calls free(), which waits for readers. */
struct r1wb_conf *r1wb_conf_of(struct mddev *mddev)
{
	struct r1wb_conf *conf = READ_ONCE(mddev->private);

	/* in this order: a conf that was there after the personality is its own */
	smp_rmb();
	return READ_ONCE(mddev->pers) == &r1wb_personality ? conf : NULL;
}

/* md would go on using whichever of the two was registered first. */
static bool raid1_is_loaded(void)
{
#ifdef MODULE
	struct kobject *kobj = kset_find_obj(THIS_MODULE->mkobj.kobj.kset,
					     "raid1");

	kobject_put(kobj);
	return kobj;
#else
	return false;
#endif
}

static int __init raid1wb_init(void)
{
	int err;

	if (raid1_is_loaded()) {
		pr_err("raid1wb: the kernel's raid1 is loaded and would keep serving RAID1 arrays; stop them, run 'rmmod raid1', then load raid1wb again\n");
		return -EBUSY;
	}
	r1wb_wq = alloc_workqueue("raid1wb", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!r1wb_wq)
		return -ENOMEM;
	r1wb_turn_wq = alloc_workqueue("raid1wb_turn",
				       WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	err = r1wb_turn_wq ? r1wb_bitmap_init() : -ENOMEM;
	if (err)
		goto fail_wq;
	err = register_md_personality(&r1wb_personality);
	if (err)
		goto fail_bitmap;
	return 0;

fail_bitmap:
	r1wb_bitmap_exit();
fail_wq:
	if (r1wb_turn_wq)
		destroy_workqueue(r1wb_turn_wq);
	destroy_workqueue(r1wb_wq);
	return err;
}

static void __exit raid1wb_exit(void)
{
	unregister_md_personality(&r1wb_personality);
	r1wb_bitmap_exit();
	r1wb_copy_exit();
	destroy_workqueue(r1wb_turn_wq);
	destroy_workqueue(r1wb_wq);
}

module_init(raid1wb_init);
module_exit(raid1wb_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("RAID1 (mirroring) personality for MD, with write-behind");
MODULE_ALIAS("md-personality-3"); /* RAID1 */
MODULE_ALIAS("md-raid1");
MODULE_ALIAS("md-level-1");
MODULE_ALIAS("raid1wb");
