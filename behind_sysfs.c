// SPDX-License-Identifier: GPL-2.0
/*
 * The directory md/write_behind/: how far behind slow members are, and why
 * writes waited for them; with a directory for each member (slot_sysfs.c).
 *
 * Planted, updated and felled on a work queue of the seat's, without a lock, so
 * that it can wait for who reads there.  Attributes are called in process
 * context by sysfs; what is ours of the array may be gone by then, and is looked
 * at in an RCU read section.  Takes no lock of md's, so that people can look while
 * md waits with one; but for limit_writes, which md has to know about.
 */
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "leg.h"
#include "member.h"
#include "slot_sysfs.h"

/**
 * struct r1wb_tree - write_behind/
 * @kobj:	its own
 * @mddev:	the array, whose kobject is there as long as this one
 * @slots:	directories of members
 * @released:	nobody refers to @kobj any more
 */
struct r1wb_tree {
	struct kobject		kobj;
	struct mddev		*mddev;
	struct list_head	slots;
	struct completion	released;
};

struct entry {
	struct attribute	attr;
	long			(*get)(struct r1wb_conf *conf);
	int			(*set)(struct r1wb_conf *conf, unsigned long value);
};

static struct r1wb_tree *tree_of(struct kobject *kobj)
{
	return container_of(kobj, struct r1wb_tree, kobj);
}

/* ---- numbers ---- */

#define NUMBER(_name, _expression)					\
	static long get_##_name(struct r1wb_conf *conf)			\
	{								\
		return _expression;					\
	}

#define MODE(_name, _mode)						\
	NUMBER(_name, atomic_long_read(&conf->backlog.modes[_mode]))

NUMBER(backlog_writes, atomic_read(&conf->backlog.writes))
NUMBER(backlog_bytes, atomic_long_read(&conf->backlog.bytes))
NUMBER(max_backlog_writes, atomic_long_read(&conf->backlog.most))
NUMBER(max_backlog_bytes, atomic_long_read(&conf->backlog.most_bytes))
NUMBER(limit_writes, READ_ONCE(conf->mddev->bitmap_info.max_write_behind))
NUMBER(limit_bytes, READ_ONCE(conf->backlog.max_bytes))
NUMBER(dropped_writes, atomic_long_read(&conf->backlog.dropped))
MODE(behind_writes, R1WB_WRITE_BEHIND)
MODE(waited_limit_count, R1WB_WRITE_LIMIT_COUNT)
MODE(waited_limit_bytes, R1WB_WRITE_LIMIT_BYTES)
MODE(waited_no_memory, R1WB_WRITE_NO_MEMORY)
MODE(waited_too_big, R1WB_WRITE_TOO_BIG)
MODE(waited_no_sync_member, R1WB_WRITE_NO_SYNC_MEMBER)

static long member_lag_ms(struct r1wb_member *member)
{
	const struct md_rdev *rdev = READ_ONCE(member->rdev);

	if (!rdev || test_bit(Faulty, &rdev->flags))
		return 0;
	return jiffies_to_msecs(r1wb_member_age(member));
}

static long get_lag_ms(struct r1wb_conf *conf)
{
	struct r1wb_member *member;
	long lag = 0;
	int nr;

	for (nr = 0; (member = r1wb_find_member(conf, nr)); nr++)
		lag = max(lag, member_lag_ms(member));
	return lag;
}

/* ---- what can be set ---- */

static int set_limit_bytes(struct r1wb_conf *conf, unsigned long value)
{
	if (value > LONG_MAX)
		return -EINVAL;
	WRITE_ONCE(conf->backlog.max_bytes, value);
	return 0;
}

static int reset_writes(struct r1wb_conf *conf, unsigned long value)
{
	if (value)
		return -EINVAL;
	atomic_long_set(&conf->backlog.most, get_backlog_writes(conf));
	return 0;
}

static int reset_bytes(struct r1wb_conf *conf, unsigned long value)
{
	if (value)
		return -EINVAL;
	atomic_long_set(&conf->backlog.most_bytes, get_backlog_bytes(conf));
	return 0;
}

/* ---- the attributes ---- */

#define ENTRY(_name)							\
	static struct entry _name##_entry = {				\
		.attr	= { .name = #_name, .mode = 0444 },		\
		.get	= get_##_name,					\
	}

#define ENTRY_SET(_name, _set)						\
	static struct entry _name##_entry = {				\
		.attr	= { .name = #_name, .mode = 0644 },		\
		.get	= get_##_name,					\
		.set	= _set,						\
	}

ENTRY(lag_ms);
ENTRY(backlog_writes);
ENTRY(backlog_bytes);
ENTRY(behind_writes);
ENTRY(dropped_writes);
ENTRY(waited_limit_count);
ENTRY(waited_limit_bytes);
ENTRY(waited_no_memory);
ENTRY(waited_too_big);
ENTRY(waited_no_sync_member);
ENTRY_SET(max_backlog_writes, reset_writes);
ENTRY_SET(max_backlog_bytes, reset_bytes);
ENTRY_SET(limit_bytes, set_limit_bytes);
ENTRY_SET(limit_writes, NULL);

static struct attribute *behind_attrs[] = {
	&lag_ms_entry.attr,
	&backlog_writes_entry.attr,
	&backlog_bytes_entry.attr,
	&behind_writes_entry.attr,
	&dropped_writes_entry.attr,
	&waited_limit_count_entry.attr,
	&waited_limit_bytes_entry.attr,
	&waited_no_memory_entry.attr,
	&waited_too_big_entry.attr,
	&waited_no_sync_member_entry.attr,
	&max_backlog_writes_entry.attr,
	&max_backlog_bytes_entry.attr,
	&limit_bytes_entry.attr,
	&limit_writes_entry.attr,
	NULL
};
ATTRIBUTE_GROUPS(behind);

static ssize_t show(struct kobject *kobj, struct attribute *attr, char *page)
{
	const struct entry *entry = container_of(attr, struct entry, attr);
	ssize_t len = -ENODEV;
	struct r1wb_conf *conf;

	rcu_read_lock();
	conf = r1wb_conf_of(tree_of(kobj)->mddev);
	if (conf)
		len = sysfs_emit(page, "%ld\n", entry->get(conf));
	rcu_read_unlock();
	return len;
}

static ssize_t store(struct kobject *kobj, struct attribute *attr,
		     const char *buf, size_t len)
{
	const struct entry *entry = container_of(attr, struct entry, attr);
	struct mddev *mddev = tree_of(kobj)->mddev;
	struct r1wb_conf *conf;
	unsigned long value;
	int err;

	if (!entry->set)
		return r1wb_backlog_store(mddev, buf, len);
	err = kstrtoul(buf, 10, &value);
	if (err)
		return err;
	rcu_read_lock();
	conf = r1wb_conf_of(mddev);
	err = conf ? entry->set(conf, value) : -ENODEV;
	rcu_read_unlock();
	return err ?: len;
}

static const struct sysfs_ops behind_ops = {
	.show	= show,
	.store	= store,
};

static void release(struct kobject *kobj)
{
	complete(&tree_of(kobj)->released);
}

static const struct kobj_type behind_type = {
	.sysfs_ops	= &behind_ops,
	.default_groups	= behind_groups,
	.release	= release,
};

/* ---- members' directories ---- */

/* Negative if there is no such slot; @nr as in r1wb_find_member(). */
static int is_taken(struct mddev *mddev, int nr)
{
	struct r1wb_member *member = NULL;
	struct r1wb_conf *conf;
	int taken = -1;

	rcu_read_lock();
	conf = r1wb_conf_of(mddev);
	if (conf)
		member = r1wb_find_member(conf, nr);
	if (member)
		taken = !!READ_ONCE(member->rdev);
	rcu_read_unlock();
	return taken;
}

static void remove_dir(struct r1wb_slot_dir *dir)
{
	list_del(&dir->link);
	r1wb_slot_dir_remove(dir);
}

static bool has_dir(const struct r1wb_tree *tree, int nr)
{
	const struct r1wb_slot_dir *dir;

	list_for_each_entry(dir, &tree->slots, link)
		if (dir->nr == nr)
			return true;
	return false;
}

static void add_dir(struct r1wb_tree *tree, int nr)
{
	struct r1wb_slot_dir *dir;

	dir = r1wb_slot_dir_add(&tree->kobj, tree->mddev, nr);
	if (dir)
		list_add(&dir->link, &tree->slots);
}

/* Members may have come and gone. */
void r1wb_tree_update(struct r1wb_tree *tree)
{
	struct r1wb_slot_dir *dir, *next;
	int nr, taken;

	list_for_each_entry_safe(dir, next, &tree->slots, link)
		if (is_taken(tree->mddev, dir->nr) <= 0)
			remove_dir(dir);
	for (nr = 0; (taken = is_taken(tree->mddev, nr)) >= 0; nr++)
		if (taken && !has_dir(tree, nr))
			add_dir(tree, nr);
}

/* ---- the directory ---- */

static void free_tree(struct r1wb_tree *tree)
{
	kobject_put(&tree->kobj);
	wait_for_completion(&tree->released);
	kfree(tree);
}

void r1wb_tree_fell(struct r1wb_tree *tree)
{
	struct r1wb_slot_dir *dir, *next;

	list_for_each_entry_safe(dir, next, &tree->slots, link)
		remove_dir(dir);
	kobject_del(&tree->kobj);
	free_tree(tree);
}

struct r1wb_tree *r1wb_tree_plant(struct mddev *mddev)
{
	struct r1wb_tree *tree = kzalloc(sizeof(*tree), GFP_KERNEL);
	int err;

	if (!tree)
		return NULL;
	tree->mddev = mddev;
	INIT_LIST_HEAD(&tree->slots);
	init_completion(&tree->released);
	err = kobject_init_and_add(&tree->kobj, &behind_type, &mddev->kobj,
				   "write_behind");
	if (err) {
		pr_warn("md/raid1wb:%s: no attributes in md/write_behind, error %d; stop the array and start it again to have them\n",
			mdname(mddev), err);
		free_tree(tree);
		return NULL;
	}
	return tree;
}
