// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes in md/write_behind/: how far behind slow members are, and why
 * writes waited for them.
 *
 * Called in process context by md's sysfs code, which holds a reference on the
 * array but not on what is ours of it: that is looked at in an RCU read section.
 * Takes no lock, so that people can look while md waits with one.
 */
#include <linux/sysfs.h>
#include "raid1wb.h"

/* Returns false if the array is not ours any more. */
static bool read_number(struct mddev *mddev, long *number,
			long (*get)(struct r1wb_conf *conf))
{
	struct r1wb_conf *conf;

	rcu_read_lock();
	conf = r1wb_conf_of(mddev);
	if (conf)
		*number = get(conf);
	rcu_read_unlock();
	return conf;
}

static ssize_t show_number(struct mddev *mddev, char *page,
			   long (*get)(struct r1wb_conf *conf))
{
	long number;

	if (!read_number(mddev, &number, get))
		return -ENODEV;
	return sysfs_emit(page, "%ld\n", number);
}

#define NUMBER(_name, _expression)					\
	static long get_##_name(struct r1wb_conf *conf)			\
	{								\
		return _expression;					\
	}								\
	static ssize_t _name##_show(struct mddev *mddev, char *page)	\
	{								\
		return show_number(mddev, page, get_##_name);		\
	}

#define MODE(_name, _mode)						\
	NUMBER(_name, atomic_long_read(&conf->backlog.modes[_mode]))

NUMBER(backlog_writes, atomic_read(&conf->backlog.writes))
NUMBER(backlog_bytes, atomic_long_read(&conf->backlog.bytes))
NUMBER(limit_bytes, READ_ONCE(conf->backlog.max_bytes))
NUMBER(dropped_writes, atomic_long_read(&conf->backlog.dropped))
MODE(behind_writes, R1WB_WRITE_BEHIND)
MODE(waited_limit_count, R1WB_WRITE_LIMIT_COUNT)
MODE(waited_limit_bytes, R1WB_WRITE_LIMIT_BYTES)
MODE(waited_no_memory, R1WB_WRITE_NO_MEMORY)
MODE(waited_too_big, R1WB_WRITE_TOO_BIG)
MODE(waited_no_sync_member, R1WB_WRITE_NO_SYNC_MEMBER)

static ssize_t limit_bytes_store(struct mddev *mddev, const char *buf,
				 size_t len)
{
	struct r1wb_conf *conf;
	unsigned long bytes;
	int err;

	err = kstrtoul(buf, 10, &bytes);
	if (err)
		return err;
	if (bytes > LONG_MAX)
		return -EINVAL;
	rcu_read_lock();
	conf = r1wb_conf_of(mddev);
	if (conf)
		WRITE_ONCE(conf->backlog.max_bytes, bytes);
	rcu_read_unlock();
	return conf ? len : -ENODEV;
}

/* md's sysfs code knows the entry by this type. */
#define BEHIND_ATTR_RO(_name)						\
	static struct md_sysfs_entry _name##_entry = __ATTR_RO(_name)

BEHIND_ATTR_RO(backlog_writes);
BEHIND_ATTR_RO(backlog_bytes);
BEHIND_ATTR_RO(dropped_writes);
BEHIND_ATTR_RO(behind_writes);
BEHIND_ATTR_RO(waited_limit_count);
BEHIND_ATTR_RO(waited_limit_bytes);
BEHIND_ATTR_RO(waited_no_memory);
BEHIND_ATTR_RO(waited_too_big);
BEHIND_ATTR_RO(waited_no_sync_member);
static struct md_sysfs_entry limit_bytes_entry = __ATTR_RW(limit_bytes);

static struct attribute *behind_attrs[] = {
	&backlog_writes_entry.attr,
	&backlog_bytes_entry.attr,
	&limit_bytes_entry.attr,
	&dropped_writes_entry.attr,
	&behind_writes_entry.attr,
	&waited_limit_count_entry.attr,
	&waited_limit_bytes_entry.attr,
	&waited_no_memory_entry.attr,
	&waited_too_big_entry.attr,
	&waited_no_sync_member_entry.attr,
	NULL
};

const struct attribute_group r1wb_behind_group = {
	.name	= "write_behind",
	.attrs	= behind_attrs,
};
