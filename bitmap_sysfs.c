// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes in md/bitmap/, in place of the core's: same names, same
 * meanings, but through our operations.
 *
 * Called in process context by md's sysfs code, which holds a reference on the
 * array.  Stores take what lock they need themselves; an array may have lost
 * our operations by then, as the attributes go a moment later.
 */
#include <linux/ctype.h>
#include <linux/sched/mm.h>
#include <linux/sysfs.h>
#include "bitmap_impl.h"
#include "raid1wb.h"

#define MSEC_PLACES	3

static bool is_ours(const struct mddev *mddev)
{
	return mddev->bitmap_ops == &r1wb_bitmap_ops;
}

static int lock_ours(struct mddev *mddev)
{
	int err = mddev_lock(mddev);

	if (err || is_ours(mddev))
		return err;
	mddev_unlock(mddev);
	return -EBUSY;
}

static int suspend_and_lock_ours(struct mddev *mddev, unsigned int *noio)
{
	int err = mddev_suspend_and_lock(mddev);

	if (err)
		return err;
	if (!is_ours(mddev)) {
		mddev_unlock_and_resume(mddev);
		return -EBUSY;
	}
	*noio = memalloc_noio_save();
	return 0;
}

static void unlock_and_resume(struct mddev *mddev, unsigned int noio)
{
	memalloc_noio_restore(noio);
	mddev_unlock_and_resume(mddev);
}

/* ---- location ---- */

static ssize_t location_show(struct mddev *mddev, char *page)
{
	if (mddev->bitmap_info.offset)
		return sysfs_emit(page, "%+lld\n",
				  (long long)mddev->bitmap_info.offset);
	return sysfs_emit(page, "none\n");
}

static int remove_bitmap(struct mddev *mddev)
{
	r1wb_bitmap_destroy(mddev);
	mddev->bitmap_info.offset = 0;
	return 0;
}

static int add_bitmap(struct mddev *mddev, const char *buf)
{
	long long offset;
	int err;

	err = kstrtoll(buf, 10, &offset);
	if (err)
		return err;
	if (!offset)
		return -EINVAL;
	if (!mddev->bitmap_info.external && !mddev->major_version &&
	    offset != mddev->bitmap_info.default_offset)
		return -EINVAL;

	mddev->bitmap_info.offset = offset;
	err = r1wb_bitmap_create(mddev, -1);
	if (!err)
		err = r1wb_bitmap_load(mddev);
	if (err)
		remove_bitmap(mddev);
	return err;
}

static int change_location(struct mddev *mddev, const char *buf)
{
	bool none = !strncmp(buf, "none", 4);
	bool present = mddev->bitmap || mddev->bitmap_info.offset;

	if (mddev->pers && (mddev->recovery || mddev->sync_thread))
		return -EBUSY;
	if (present)
		return none ? remove_bitmap(mddev) : -EBUSY;
	return none ? 0 : add_bitmap(mddev, buf);
}

static int with_array_suspended(struct mddev *mddev,
				int (*change)(struct mddev *mddev, const char *buf),
				const char *buf)
{
	unsigned int noio;
	int err;

	err = suspend_and_lock_ours(mddev, &noio);
	if (err)
		return err;
	err = change(mddev, buf);
	if (!err && !mddev->external)
		r1wb_record_bitmap(mddev);
	unlock_and_resume(mddev, noio);
	return err;
}

static ssize_t location_store(struct mddev *mddev, const char *buf, size_t len)
{
	return with_array_suspended(mddev, change_location, buf) ?: len;
}

/* ---- consistency_policy, which is not in our group ---- */

/*
 * The others need what a mirror has not: a journal, or parity.  And where a new
 * bitmap is, and how large its chunks are, mdadm writes on the members first.
 */
static int change_policy(struct mddev *mddev, const char *buf)
{
	bool present = mddev->bitmap || mddev->bitmap_info.offset;

	if (sysfs_streq(buf, "resync"))
		return present ? change_location(mddev, "none") : 0;
	if (!sysfs_streq(buf, "bitmap"))
		pr_err("md/raid1wb:%s: a mirror's consistency policy is \"bitmap\" or \"resync\"\n",
		       mdname(mddev));
	else if (!present)
		pr_err("md/raid1wb:%s: add the bitmap by mdadm --grow --bitmap=internal\n",
		       mdname(mddev));
	else
		return 0;
	return -EINVAL;
}

/**
 * r1wb_change_consistency_policy - md_personality.change_consistency_policy
 * @mddev:	the array
 * @buf:	what was written to the attribute
 *
 * Context: process, without any lock.
 */
int r1wb_change_consistency_policy(struct mddev *mddev, const char *buf)
{
	return with_array_suspended(mddev, change_policy, buf);
}

/* ---- space ---- */

static ssize_t space_show(struct mddev *mddev, char *page)
{
	return sysfs_emit(page, "%lu\n", mddev->bitmap_info.space);
}

static ssize_t space_store(struct mddev *mddev, const char *buf, size_t len)
{
	struct r1wb_bitmap *bitmap;
	unsigned long sectors;
	int err;

	err = kstrtoul(buf, 10, &sectors);
	if (err)
		return err;
	if (!sectors)
		return -EINVAL;
	err = lock_ours(mddev);
	if (err)
		return err;
	bitmap = r1wb_bitmap_find(mddev);
	if (bitmap && sectors < r1wb_geometry_sectors(&bitmap->store->geometry))
		err = -EFBIG;
	else
		mddev->bitmap_info.space = sectors;
	mddev_unlock(mddev);
	return err ?: len;
}

/* ---- time_base ---- */

static ssize_t time_base_show(struct mddev *mddev, char *page)
{
	unsigned long period = READ_ONCE(mddev->bitmap_info.daemon_sleep);
	unsigned long secs = period / HZ, rest = period % HZ;

	if (rest)
		return sysfs_emit(page, "%lu.%03u\n", secs, jiffies_to_msecs(rest));
	return sysfs_emit(page, "%lu\n", secs);
}

/* Seconds, of which three digits behind the point count. */
static int parse_msecs(const char *buf, unsigned int *msecs)
{
	const char *p = buf;
	int places = -1, digits = 0;
	u64 value = 0;

	for (; isdigit(*p) || (*p == '.' && places < 0); p++) {
		digits += *p != '.';
		if (*p == '.') {
			places = 0;
		} else if (places < MSEC_PLACES) {
			value = value * 10 + *p - '0';
			if (places >= 0)
				places++;
		}
		if (value > INT_MAX)
			return -EINVAL;
	}
	if (!digits || *skip_spaces(p))
		return -EINVAL;
	for (places = max(places, 0); places < MSEC_PLACES; places++)
		value *= 10;
	if (value > INT_MAX)
		return -EINVAL;
	*msecs = value;
	return 0;
}

static ssize_t time_base_store(struct mddev *mddev, const char *buf, size_t len)
{
	struct r1wb_bitmap *bitmap;
	unsigned int msecs;
	int err;

	err = parse_msecs(buf, &msecs);
	if (err)
		return err;
	err = lock_ours(mddev);
	if (err)
		return err;
	WRITE_ONCE(mddev->bitmap_info.daemon_sleep,
		   max(msecs_to_jiffies(msecs), 1UL));
	bitmap = r1wb_bitmap_find(mddev);
	if (bitmap)
		r1wb_daemon_retime(bitmap);
	mddev_unlock(mddev);
	return len;
}

/* ---- backlog ---- */

ssize_t r1wb_backlog_show(struct mddev *mddev, char *page)
{
	return sysfs_emit(page, "%lu\n", mddev->bitmap_info.max_write_behind);
}

static bool has_write_mostly(struct mddev *mddev)
{
	struct md_rdev *rdev;

	rdev_for_each(rdev, mddev)
		if (test_bit(WriteMostly, &rdev->flags))
			return true;
	return false;
}

/*
 * The superblock can hold no more than R1WB_MAX_WRITE_BEHIND, lest the kernel's
 * raid1 refuse it; a higher limit is forgotten when the array is stopped.
 */
static int change_backlog(struct mddev *mddev, unsigned long backlog)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_find(mddev);

	if (!has_write_mostly(mddev)) {
		pr_warn_ratelimited("md/raid1wb:%s: no write-behind without a write-mostly member; flag one first: echo writemostly to its md/dev-.../state\n",
				    mdname(mddev));
		return -EINVAL;
	}
	if (mddev->bitmap_info.max_write_behind == backlog)
		return 0;
	mddev->bitmap_info.max_write_behind = backlog;
	if (bitmap && md_is_rdwr(mddev))
		r1wb_bitmap_write_super(bitmap);
	return 0;
}

ssize_t r1wb_backlog_store(struct mddev *mddev, const char *buf, size_t len)
{
	unsigned long backlog;
	unsigned int noio;
	int err;

	err = kstrtoul(buf, 10, &backlog);
	if (err)
		return err;
	if (backlog > INT_MAX)
		return -EINVAL;
	err = suspend_and_lock_ours(mddev, &noio);
	if (err)
		return err;
	err = change_backlog(mddev, backlog);
	unlock_and_resume(mddev, noio);
	return err ?: len;
}

/* ---- chunksize and metadata: settings for a bitmap to come ---- */

static ssize_t chunksize_show(struct mddev *mddev, char *page)
{
	return sysfs_emit(page, "%lu\n", mddev->bitmap_info.chunksize);
}

static ssize_t chunksize_store(struct mddev *mddev, const char *buf, size_t len)
{
	u32 bytes;
	int err;

	err = kstrtou32(buf, 10, &bytes);
	if (err)
		return err == -ERANGE ? -EOVERFLOW : err;
	if (bytes < R1WB_MIN_CHUNK_BYTES || !is_power_of_2(bytes))
		return -EINVAL;
	err = lock_ours(mddev);
	if (err)
		return err;
	if (mddev->bitmap || r1wb_bitmap_find(mddev))
		err = -EBUSY;
	else
		mddev->bitmap_info.chunksize = bytes;
	mddev_unlock(mddev);
	return err ?: len;
}

static ssize_t metadata_show(struct mddev *mddev, char *page)
{
	return sysfs_emit(page, "%s\n", mddev->bitmap_info.external ?
					"external" : "internal");
}

static int change_metadata(struct mddev *mddev, const char *buf)
{
	if (mddev->bitmap || mddev->bitmap_info.file || mddev->bitmap_info.offset)
		return -EBUSY;
	if (!strncmp(buf, "external", 8))
		mddev->bitmap_info.external = 1;
	else if (!strncmp(buf, "internal", 8) || !strncmp(buf, "clustered", 9))
		mddev->bitmap_info.external = 0;
	else
		return -EINVAL;
	return 0;
}

static ssize_t metadata_store(struct mddev *mddev, const char *buf, size_t len)
{
	int err = lock_ours(mddev);

	if (err)
		return err;
	err = change_metadata(mddev, buf);
	mddev_unlock(mddev);
	return err ?: len;
}

/* ---- can_clear ---- */

/* Nothing is cleared while a member is missing, whatever the user has said. */
static bool can_clear(const struct r1wb_bitmap *bitmap)
{
	return !test_bit(R1WB_BITMAP_KEEP, &bitmap->flags) &&
	       READ_ONCE(bitmap->mddev->degraded) <= 0;
}

static ssize_t can_clear_show(struct mddev *mddev, char *page)
{
	struct r1wb_bitmap *bitmap;
	ssize_t len;

	spin_lock(&mddev->lock);
	bitmap = r1wb_bitmap_cast(mddev->bitmap);
	if (bitmap)
		len = sysfs_emit(page, "%s\n", can_clear(bitmap) ? "true" : "false");
	else
		len = sysfs_emit(page, "\n");
	spin_unlock(&mddev->lock);
	return len;
}

static int change_can_clear(struct mddev *mddev, const char *buf)
{
	struct r1wb_bitmap *bitmap = r1wb_bitmap_find(mddev);

	if (!bitmap)
		return -ENOENT;
	if (!strncmp(buf, "false", 5)) {
		set_bit(R1WB_BITMAP_KEEP, &bitmap->flags);
		return 0;
	}
	if (strncmp(buf, "true", 4))
		return -EINVAL;
	if (mddev->degraded)
		return -EBUSY;
	clear_bit(R1WB_BITMAP_KEEP, &bitmap->flags);
	r1wb_daemon_kick(bitmap);
	return 0;
}

static ssize_t can_clear_store(struct mddev *mddev, const char *buf, size_t len)
{
	int err = lock_ours(mddev);

	if (err)
		return err;
	err = change_can_clear(mddev, buf);
	mddev_unlock(mddev);
	return err ?: len;
}

/* ---- max_backlog_used ---- */

static ssize_t max_backlog_used_show(struct mddev *mddev, char *page)
{
	struct r1wb_conf *conf;
	long most = 0;
	int err;

	err = lock_ours(mddev);
	if (err)
		return err == -EBUSY ? sysfs_emit(page, "0\n") : err;
	conf = mddev->private;
	if (conf)
		most = atomic_long_read(&conf->backlog.most);
	mddev_unlock(mddev);
	return sysfs_emit(page, "%ld\n", most);
}

static ssize_t max_backlog_used_store(struct mddev *mddev, const char *buf,
				      size_t len)
{
	struct r1wb_conf *conf;
	int err;

	err = lock_ours(mddev);
	if (err)
		return err;
	conf = mddev->private;
	if (conf)
		atomic_long_set(&conf->backlog.most, 0);
	mddev_unlock(mddev);
	return len;
}

/* ---- the group ---- */

/* md's sysfs code knows the array and the entry by these types. */
#define BITMAP_ATTR(_name)						\
	static struct md_sysfs_entry _name##_entry =			\
		__ATTR(_name, 0644, _name##_show, _name##_store)

BITMAP_ATTR(location);
BITMAP_ATTR(space);
BITMAP_ATTR(time_base);
BITMAP_ATTR(chunksize);
BITMAP_ATTR(metadata);
BITMAP_ATTR(can_clear);
BITMAP_ATTR(max_backlog_used);
static struct md_sysfs_entry backlog_entry =
	__ATTR(backlog, 0644, r1wb_backlog_show, r1wb_backlog_store);

static struct attribute *bitmap_attrs[] = {
	&location_entry.attr,
	&space_entry.attr,
	&time_base_entry.attr,
	&backlog_entry.attr,
	&chunksize_entry.attr,
	&metadata_entry.attr,
	&can_clear_entry.attr,
	&max_backlog_used_entry.attr,
	NULL
};

const struct attribute_group r1wb_bitmap_group = {
	.name	= "bitmap",
	.attrs	= bitmap_attrs,
};
