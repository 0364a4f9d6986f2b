/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints raid1wb:*, where something is decided.  Sectors are the array's.
 *
 * dev is the array's, member a member's device, as in the block layer's events.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM raid1wb

#if !defined(R1WB_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define R1WB_TRACE_H

#include <linux/kdev_t.h>
#include <linux/tracepoint.h>

/* Looked into by trace.c alone. */
struct r1wb_bitmap;
struct r1wb_bitmap_page;
struct r1wb_leg;
struct r1wb_member;
struct r1wb_write;

TRACE_DEFINE_ENUM(R1WB_WRITE_NO_BEHIND_MEMBER);
TRACE_DEFINE_ENUM(R1WB_WRITE_NO_SYNC_MEMBER);
TRACE_DEFINE_ENUM(R1WB_WRITE_LIMIT_COUNT);
TRACE_DEFINE_ENUM(R1WB_WRITE_LIMIT_BYTES);
TRACE_DEFINE_ENUM(R1WB_WRITE_NO_MEMORY);
TRACE_DEFINE_ENUM(R1WB_WRITE_TOO_BIG);
TRACE_DEFINE_ENUM(R1WB_AWAKE);
TRACE_DEFINE_ENUM(R1WB_DROWSY);
TRACE_DEFINE_ENUM(R1WB_NODDING);
TRACE_DEFINE_ENUM(R1WB_ASLEEP);

#define R1WB_SHOW_MODE(mode)						\
	__print_symbolic(mode,						\
		{ R1WB_WRITE_NO_BEHIND_MEMBER,	"no_behind_member" },	\
		{ R1WB_WRITE_NO_SYNC_MEMBER,	"no_sync_member" },	\
		{ R1WB_WRITE_LIMIT_COUNT,	"limit_count" },	\
		{ R1WB_WRITE_LIMIT_BYTES,	"limit_bytes" },	\
		{ R1WB_WRITE_NO_MEMORY,		"no_memory" },		\
		{ R1WB_WRITE_TOO_BIG,		"too_big" })

#define R1WB_SHOW_SLEEP(state)						\
	__print_symbolic(state,						\
		{ R1WB_AWAKE,			"awake" },		\
		{ R1WB_DROWSY,			"drowsy" },		\
		{ R1WB_NODDING,			"nodding" },		\
		{ R1WB_ASLEEP,			"asleep" })

/* ---- writes ---- */

/* It goes behind; backlog is what has gone before. */
TRACE_EVENT(r1wb_write_behind,
	TP_PROTO(const struct r1wb_write *write),
	TP_ARGS(write),

	TP_STRUCT__entry(
		__field(dev_t,		dev)
		__field(sector_t,	sector)
		__field(sector_t,	sectors)
		__field(int,		writes)
		__field(long,		bytes)
	),

	TP_fast_assign(
		__entry->dev = write->conf->mddev->unit;
		__entry->sector = write->sector;
		__entry->sectors = write->sectors;
		__entry->writes = atomic_read(&write->conf->backlog.writes);
		__entry->bytes = atomic_long_read(&write->conf->backlog.bytes);
	),

	TP_printk("dev=%u,%u sector=%llu+%llu backlog=%d bytes=%ld",
		  MAJOR(__entry->dev), MINOR(__entry->dev),
		  (u64)__entry->sector, (u64)__entry->sectors,
		  __entry->writes, __entry->bytes)
);

/* Its submitter has to wait for all members. */
TRACE_EVENT(r1wb_write_waits,
	TP_PROTO(const struct r1wb_write *write, int mode),
	TP_ARGS(write, mode),

	TP_STRUCT__entry(
		__field(dev_t,		dev)
		__field(sector_t,	sector)
		__field(sector_t,	sectors)
		__field(int,		mode)
	),

	TP_fast_assign(
		__entry->dev = write->conf->mddev->unit;
		__entry->sector = write->sector;
		__entry->sectors = write->sectors;
		__entry->mode = mode;
	),

	TP_printk("dev=%u,%u sector=%llu+%llu reason=%s",
		  MAJOR(__entry->dev), MINOR(__entry->dev),
		  (u64)__entry->sector, (u64)__entry->sectors,
		  R1WB_SHOW_MODE(__entry->mode))
);

/* Its submitter is told; so many legs have not ended. */
TRACE_EVENT(r1wb_write_acked,
	TP_PROTO(const struct r1wb_write *write, u32 left),
	TP_ARGS(write, left),

	TP_STRUCT__entry(
		__field(dev_t,		dev)
		__field(sector_t,	sector)
		__field(sector_t,	sectors)
		__field(unsigned int,	behind)
	),

	TP_fast_assign(
		__entry->dev = write->conf->mddev->unit;
		__entry->sector = write->sector;
		__entry->sectors = write->sectors;
		__entry->behind = r1wb_legs_behind(left);
	),

	TP_printk("dev=%u,%u sector=%llu+%llu behind=%u",
		  MAJOR(__entry->dev), MINOR(__entry->dev),
		  (u64)__entry->sector, (u64)__entry->sectors,
		  __entry->behind)
);

/* On this member it waits for others that it overlaps. */
TRACE_EVENT(r1wb_write_queued,
	TP_PROTO(const struct r1wb_leg *leg),
	TP_ARGS(leg),

	TP_STRUCT__entry(
		__field(dev_t,		dev)
		__field(dev_t,		member)
		__field(sector_t,	sector)
		__field(sector_t,	sectors)
	),

	TP_fast_assign(
		__entry->dev = leg->write->conf->mddev->unit;
		__entry->member = leg->rdev->bdev->bd_dev;
		__entry->sector = leg->write->sector;
		__entry->sectors = leg->write->sectors;
	),

	TP_printk("dev=%u,%u member=%u,%u sector=%llu+%llu",
		  MAJOR(__entry->dev), MINOR(__entry->dev),
		  MAJOR(__entry->member), MINOR(__entry->member),
		  (u64)__entry->sector, (u64)__entry->sectors)
);

/* It does not go to this member, as a newer one covers it. */
TRACE_EVENT(r1wb_write_dropped,
	TP_PROTO(const struct r1wb_leg *leg, const struct r1wb_leg *by),
	TP_ARGS(leg, by),

	TP_STRUCT__entry(
		__field(dev_t,		dev)
		__field(dev_t,		member)
		__field(sector_t,	sector)
		__field(sector_t,	sectors)
		__field(sector_t,	by_sector)
		__field(sector_t,	by_sectors)
	),

	TP_fast_assign(
		__entry->dev = leg->write->conf->mddev->unit;
		__entry->member = leg->rdev->bdev->bd_dev;
		__entry->sector = leg->write->sector;
		__entry->sectors = leg->write->sectors;
		__entry->by_sector = by->write->sector;
		__entry->by_sectors = by->write->sectors;
	),

	TP_printk("dev=%u,%u member=%u,%u sector=%llu+%llu covered_by=%llu+%llu",
		  MAJOR(__entry->dev), MINOR(__entry->dev),
		  MAJOR(__entry->member), MINOR(__entry->member),
		  (u64)__entry->sector, (u64)__entry->sectors,
		  (u64)__entry->by_sector, (u64)__entry->by_sectors)
);

/* ---- members ---- */

DECLARE_EVENT_CLASS(r1wb_member,
	TP_PROTO(const struct r1wb_member *member),
	TP_ARGS(member),

	TP_STRUCT__entry(
		__field(dev_t,		dev)
		__field(dev_t,		member)
	),

	TP_fast_assign(
		__entry->dev = member->conf->mddev->unit;
		__entry->member = member->rdev->bdev->bd_dev;
	),

	TP_printk("dev=%u,%u member=%u,%u",
		  MAJOR(__entry->dev), MINOR(__entry->dev),
		  MAJOR(__entry->member), MINOR(__entry->member))
);

/* From here on it must not be read past what is on its way to it. */
DEFINE_EVENT(r1wb_member, r1wb_member_lags,
	TP_PROTO(const struct r1wb_member *member),
	TP_ARGS(member)
);

DEFINE_EVENT(r1wb_member, r1wb_member_caught_up,
	TP_PROTO(const struct r1wb_member *member),
	TP_ARGS(member)
);

/* ---- the bitmap ---- */

/* A member's copy of it falls asleep, or wakes up. */
TRACE_EVENT(r1wb_bitmap_copy,
	TP_PROTO(const struct r1wb_bitmap *bitmap, int copy, int from, int to),
	TP_ARGS(bitmap, copy, from, to),

	TP_STRUCT__entry(
		__field(dev_t,	dev)
		__field(int,	slot)
		__field(bool,	replacement)
		__field(int,	from)
		__field(int,	to)
	),

	TP_fast_assign(
		__entry->dev = bitmap->mddev->unit;
		__entry->slot = copy % (bitmap->nr_copies / 2);
		__entry->replacement = copy >= bitmap->nr_copies / 2;
		__entry->from = from;
		__entry->to = to;
	),

	TP_printk("dev=%u,%u slot=%d%s %s -> %s", MAJOR(__entry->dev),
		  MINOR(__entry->dev), __entry->slot,
		  __entry->replacement ? " replacement" : "",
		  R1WB_SHOW_SLEEP(__entry->from), R1WB_SHOW_SLEEP(__entry->to))
);

DECLARE_EVENT_CLASS(r1wb_bit,
	TP_PROTO(const struct r1wb_bitmap_page *page, unsigned long chunk),
	TP_ARGS(page, chunk),

	TP_STRUCT__entry(
		__field(dev_t,		dev)
		__field(unsigned long,	chunk)
	),

	TP_fast_assign(
		__entry->dev = page->store->bitmap->mddev->unit;
		__entry->chunk = chunk;
	),

	TP_printk("dev=%u,%u chunk=%lu", MAJOR(__entry->dev),
		  MINOR(__entry->dev), __entry->chunk)
);

/* In memory: a commit of its page brings it to the disks. */
DEFINE_EVENT(r1wb_bit, r1wb_bit_set,
	TP_PROTO(const struct r1wb_bitmap_page *page, unsigned long chunk),
	TP_ARGS(page, chunk)
);

DEFINE_EVENT(r1wb_bit, r1wb_bit_cleared,
	TP_PROTO(const struct r1wb_bitmap_page *page, unsigned long chunk),
	TP_ARGS(page, chunk)
);

/* A page of it is written on all members whose copies are not asleep. */
TRACE_EVENT(r1wb_commit,
	TP_PROTO(const struct r1wb_bitmap_page *page),
	TP_ARGS(page),

	TP_STRUCT__entry(
		__field(dev_t,		dev)
		__field(unsigned long,	page)
		__field(u32,		number)
		__field(unsigned int,	bits)
	),

	TP_fast_assign(
		__entry->dev = page->store->bitmap->mddev->unit;
		__entry->page = page->index;
		__entry->number = page->launched;
		__entry->bits = READ_ONCE(page->bits);
	),

	TP_printk("dev=%u,%u page=%lu number=%u bits=%u", MAJOR(__entry->dev),
		  MINOR(__entry->dev), __entry->page, __entry->number,
		  __entry->bits)
);

TRACE_EVENT(r1wb_commit_ended,
	TP_PROTO(const struct r1wb_bitmap_page *page, bool good),
	TP_ARGS(page, good),

	TP_STRUCT__entry(
		__field(dev_t,		dev)
		__field(unsigned long,	page)
		__field(u32,		number)
		__field(bool,		good)
	),

	TP_fast_assign(
		__entry->dev = page->store->bitmap->mddev->unit;
		__entry->page = page->index;
		__entry->number = page->launched;
		__entry->good = good;
	),

	TP_printk("dev=%u,%u page=%lu number=%u %s", MAJOR(__entry->dev),
		  MINOR(__entry->dev), __entry->page, __entry->number,
		  __entry->good ? "good" : "failed")
);

#endif /* R1WB_TRACE_H */

/* Out of tree, and in one: -I$(src) leads here. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace

#include <trace/define_trace.h>
