// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes in md/write_behind/slotN/, and slotN-replacement/: how far behind
 * one member is.
 *
 * Does not decide when a directory comes and goes (behind_sysfs.c).  Called in
 * process context by sysfs.  The directory may be there a moment longer than the
 * member, or what is ours of the array: these are looked at in an RCU read
 * section.  Takes no lock of md's, so that people can look while md waits with
 * one; and for the order's a moment at a time.
 */
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "leg.h"
#include "member.h"
#include "slot_sysfs.h"

/* What is shown is one of these, by the first that is there. */
struct entry {
	struct attribute	attr;
	unsigned long		(*number)(struct r1wb_member *member);
	const char		*(*text)(struct r1wb_conf *conf,
					 const struct md_rdev *rdev);
	void			(*forget)(struct r1wb_debt *debt);
};

static struct r1wb_slot_dir *dir_of(struct kobject *kobj)
{
	return container_of(kobj, struct r1wb_slot_dir, kobj);
}

static const struct entry *entry_of(struct attribute *attr)
{
	return container_of(attr, struct entry, attr);
}

/* ---- looking ---- */

static struct r1wb_debt look(struct r1wb_member *member)
{
	struct r1wb_debt debt;

	r1wb_line_look(&member->conf->order, &member->line, &debt);
	return debt;
}

static unsigned long get_age_ms(struct r1wb_member *member)
{
	return jiffies_to_msecs(r1wb_member_age(member));
}

/* What is on its way now counts as well. */
static unsigned long get_latest_ms(struct r1wb_member *member)
{
	return max(jiffies_to_msecs(look(member).latest), get_age_ms(member));
}

#define NUMBER(_name)						\
	static unsigned long get_##_name(struct r1wb_member *member)	\
	{								\
		return look(member)._name;				\
	}

NUMBER(writes)
NUMBER(bytes)
NUMBER(most_writes)
NUMBER(most_bytes)
NUMBER(all_writes)
NUMBER(all_bytes)
NUMBER(covered)

static ssize_t show_entry(const struct entry *entry, struct r1wb_conf *conf,
			  int nr, char *page)
{
	struct r1wb_member *member = r1wb_find_member(conf, nr);
	struct md_rdev *rdev = member ? READ_ONCE(member->rdev) : NULL;

	if (!rdev)
		return -ENODEV;
	if (entry->number)
		return sysfs_emit(page, "%lu\n", entry->number(member));
	if (entry->text)
		return sysfs_emit(page, "%s\n", entry->text(conf, rdev));
	return sysfs_emit(page, "%pg\n", rdev->bdev);
}

static ssize_t show(struct kobject *kobj, struct attribute *attr, char *page)
{
	struct r1wb_slot_dir *dir = dir_of(kobj);
	ssize_t len = -ENODEV;
	struct r1wb_conf *conf;

	rcu_read_lock();
	conf = r1wb_conf_of(dir->mddev);
	if (conf)
		len = show_entry(entry_of(attr), conf, dir->nr, page);
	rcu_read_unlock();
	return len;
}

/* ---- resetting ---- */

static void forget_writes(struct r1wb_debt *debt)
{
	debt->most_writes = debt->writes;
}

static void forget_bytes(struct r1wb_debt *debt)
{
	debt->most_bytes = debt->bytes;
}

static void forget_latest(struct r1wb_debt *debt)
{
	debt->latest = 0;
}

/* What resets a high-water mark: 0, and nothing else. */
static int parse_reset(const char *buf)
{
	unsigned long value;

	return kstrtoul(buf, 10, &value) ?: value ? -EINVAL : 0;
}

static ssize_t store(struct kobject *kobj, struct attribute *attr,
		     const char *buf, size_t len)
{
	struct r1wb_slot_dir *dir = dir_of(kobj);
	struct r1wb_member *member = NULL;
	struct r1wb_conf *conf;
	int err;

	err = parse_reset(buf);
	if (err)
		return err;
	rcu_read_lock();
	conf = r1wb_conf_of(dir->mddev);
	if (conf)
		member = r1wb_find_member(conf, dir->nr);
	if (member)
		r1wb_line_forget(&conf->order, &member->line,
				 entry_of(attr)->forget);
	rcu_read_unlock();
	return member ? len : -ENODEV;
}

/* ---- the attributes ---- */

#define ENTRY(_name, _mode, ...)					\
	static struct entry _name##_entry = {				\
		.attr = { .name = #_name, .mode = _mode },		\
		__VA_ARGS__						\
	}

ENTRY(device, 0444);
ENTRY(state, 0444, .text = r1wb_member_state);
ENTRY(lag_ms, 0444, .number = get_age_ms);
ENTRY(backlog_writes, 0444, .number = get_writes);
ENTRY(backlog_bytes, 0444, .number = get_bytes);
ENTRY(behind_writes, 0444, .number = get_all_writes);
ENTRY(behind_bytes, 0444, .number = get_all_bytes);
ENTRY(dropped_writes, 0444, .number = get_covered);
ENTRY(max_lag_ms, 0644, .number = get_latest_ms, .forget = forget_latest);
ENTRY(max_backlog_writes, 0644, .number = get_most_writes, .forget = forget_writes);
ENTRY(max_backlog_bytes, 0644, .number = get_most_bytes, .forget = forget_bytes);

static struct attribute *slot_attrs[] = {
	&device_entry.attr,
	&state_entry.attr,
	&lag_ms_entry.attr,
	&backlog_writes_entry.attr,
	&backlog_bytes_entry.attr,
	&behind_writes_entry.attr,
	&behind_bytes_entry.attr,
	&dropped_writes_entry.attr,
	&max_lag_ms_entry.attr,
	&max_backlog_writes_entry.attr,
	&max_backlog_bytes_entry.attr,
	NULL
};
ATTRIBUTE_GROUPS(slot);

static const struct sysfs_ops slot_ops = {
	.show	= show,
	.store	= store,
};

static void release(struct kobject *kobj)
{
	complete(&dir_of(kobj)->released);
}

static const struct kobj_type slot_type = {
	.sysfs_ops	= &slot_ops,
	.default_groups	= slot_groups,
	.release	= release,
};

static void free_dir(struct r1wb_slot_dir *dir)
{
	kobject_put(&dir->kobj);
	wait_for_completion(&dir->released);
	kfree(dir);
}

struct r1wb_slot_dir *r1wb_slot_dir_add(struct kobject *parent,
					struct mddev *mddev, int nr)
{
	struct r1wb_slot_dir *dir = kzalloc(sizeof(*dir), GFP_KERNEL);
	int err, slot = nr / R1WB_SLOT_MEMBERS;

	if (!dir)
		return NULL;
	dir->mddev = mddev;
	dir->nr = nr;
	init_completion(&dir->released);
	err = kobject_init_and_add(&dir->kobj, &slot_type, parent, "slot%d%s",
				   slot, nr % R1WB_SLOT_MEMBERS ?
					 "-replacement" : "");
	if (!err)
		return dir;
	pr_warn("md/raid1wb:%s: no attributes of slot %d in md/write_behind, error %d; stop the array and start it again to have them\n",
		mdname(mddev), slot, err);
	free_dir(dir);
	return NULL;
}

void r1wb_slot_dir_remove(struct r1wb_slot_dir *dir)
{
	kobject_del(&dir->kobj);
	free_dir(dir);
}
