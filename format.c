// SPDX-License-Identifier: GPL-2.0
/*
 * The bitmap's superblock and geometry.
 *
 * Reads and writes no disk, and logs nothing: the caller gets a reason to
 * log.  Any context; no locks.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/string.h>
#include "format.h"

#define SECTOR_BYTES_SHIFT	9

/* The daemon's period must fit a timeout in jiffies. */
#define MAX_DAEMON_SLEEP	min_t(u64, INT_MAX, LONG_MAX / HZ)

/* What judge() and its parts work on. */
struct reading {
	const struct r1wb_super_context	*context;
	const struct r1wb_super		*super;
	struct r1wb_geometry		*geometry;
	u32				magic;
	u32				version;
	char				*reason;
};

#define refuse(reading, ...) \
	(snprintf((reading)->reason, R1WB_REASON_LEN, __VA_ARGS__), R1WB_SUPER_REFUSED)
#define out_of_date(reading, ...) \
	(snprintf((reading)->reason, R1WB_REASON_LEN, __VA_ARGS__), R1WB_SUPER_OUT_OF_DATE)

static bool is_chunk_size(u32 chunk_bytes)
{
	return is_power_of_2(chunk_bytes) && chunk_bytes >= R1WB_MIN_CHUNK_BYTES;
}

/* Not DIV_ROUND_UP: that overflows for the sizes that a hostile disk may claim. */
static u64 count_chunks(sector_t sectors, unsigned int chunk_shift)
{
	return sectors ? ((sectors - 1) >> chunk_shift) + 1 : 0;
}

bool r1wb_geometry_set(struct r1wb_geometry *geometry, sector_t sectors,
		       u32 chunk_bytes)
{
	unsigned int shift;
	u64 chunks;

	if (!is_chunk_size(chunk_bytes))
		return false;
	shift = ilog2(chunk_bytes) - SECTOR_BYTES_SHIFT;
	chunks = count_chunks(sectors, shift);
	if (chunks > R1WB_MAX_CHUNKS)
		return false;

	geometry->sectors = sectors;
	geometry->chunks = chunks;
	geometry->bytes = R1WB_SUPER_BYTES + DIV_ROUND_UP(geometry->chunks, 8);
	geometry->pages = DIV_ROUND_UP(R1WB_SUPER_BITS + geometry->chunks, R1WB_PAGE_BITS);
	geometry->chunk_shift = shift;
	return true;
}

bool r1wb_geometry_fit(struct r1wb_geometry *geometry, sector_t sectors,
		       u32 chunk_bytes, u64 space)
{
	struct r1wb_geometry try;

	if (!is_chunk_size(chunk_bytes))
		return false;
	/* Doubling the largest chunk size gives 0. */
	for (; chunk_bytes; chunk_bytes <<= 1) {
		if (!r1wb_geometry_set(&try, sectors, chunk_bytes))
			continue;
		if (space && r1wb_geometry_sectors(&try) > space)
			continue;
		*geometry = try;
		return true;
	}
	return false;
}

u64 r1wb_geometry_sectors(const struct r1wb_geometry *geometry)
{
	return DIV_ROUND_UP_ULL(geometry->bytes, 1 << SECTOR_BYTES_SHIFT);
}

u64 r1wb_super_room(const struct r1wb_super *super, u64 space)
{
	return min_not_zero(space, (u64)super->sectors_reserved);
}

unsigned long r1wb_page_chunks(const struct r1wb_geometry *geometry,
			       unsigned long page)
{
	unsigned long first = r1wb_page_first_chunk(page);
	unsigned long next = min(r1wb_page_first_chunk(page + 1), geometry->chunks);

	return next > first ? next - first : 0;
}

void r1wb_super_write(struct r1wb_disk_super *disk, const struct r1wb_super *super)
{
	memset(disk, 0, sizeof(*disk));
	disk->magic = cpu_to_le32(R1WB_SUPER_MAGIC);
	disk->version = cpu_to_le32(R1WB_SUPER_VERSION);
	memcpy(disk->uuid, super->uuid, sizeof(disk->uuid));
	disk->events = cpu_to_le64(super->events);
	disk->events_cleared = cpu_to_le64(super->events_cleared);
	disk->sync_size = cpu_to_le64(super->sync_size);
	disk->state = cpu_to_le32(super->state);
	disk->chunk_bytes = cpu_to_le32(super->chunk_bytes);
	disk->daemon_sleep = cpu_to_le32(super->daemon_sleep);
	disk->write_behind = cpu_to_le32(super->write_behind);
	disk->sectors_reserved = cpu_to_le32(super->sectors_reserved);
}

bool r1wb_super_asleep(const void *bytes)
{
	struct r1wb_disk_super disk;

	memcpy(&disk, bytes, sizeof(disk));
	return disk.magic == cpu_to_le32(R1WB_SUPER_MAGIC) &&
	       disk.events == cpu_to_le64(R1WB_ASLEEP_EVENTS);
}

static void to_cpu(struct r1wb_super *super, const struct r1wb_disk_super *disk)
{
	memcpy(super->uuid, disk->uuid, sizeof(super->uuid));
	super->events = le64_to_cpu(disk->events);
	super->events_cleared = le64_to_cpu(disk->events_cleared);
	super->sync_size = le64_to_cpu(disk->sync_size);
	super->state = le32_to_cpu(disk->state);
	super->chunk_bytes = le32_to_cpu(disk->chunk_bytes);
	super->daemon_sleep = le32_to_cpu(disk->daemon_sleep);
	super->write_behind = le32_to_cpu(disk->write_behind);
	super->sectors_reserved = le32_to_cpu(disk->sectors_reserved);
}

static enum r1wb_super_verdict judge_version(struct reading *r)
{
	if (r->magic != R1WB_SUPER_MAGIC)
		return refuse(r, "bad magic 0x%08x", r->magic);

	switch (r->version) {
	case R1WB_SUPER_VERSION:
		return R1WB_SUPER_OK;
	case 3:
		return refuse(r, "version 3 (host byte order) is not supported");
	case 5:
		return refuse(r, "version 5 (clustered) is not supported");
	case 6:
		return refuse(r, "version 6 (lockless) is not supported");
	default:
		return refuse(r, "unknown version %u", r->version);
	}
}

static enum r1wb_super_verdict judge_settings(struct reading *r)
{
	const struct r1wb_super *super = r->super;

	if (!is_chunk_size(super->chunk_bytes))
		return refuse(r, "chunk size %u is not a power of two of at least %u",
			      super->chunk_bytes, R1WB_MIN_CHUNK_BYTES);
	if (!super->daemon_sleep || super->daemon_sleep > MAX_DAEMON_SLEEP)
		return refuse(r, "daemon sleep of %u seconds is not between 1 and %llu",
			      super->daemon_sleep, MAX_DAEMON_SLEEP);
	if (super->write_behind > R1WB_MAX_WRITE_BEHIND)
		return refuse(r, "write-behind limit %u is above %u",
			      super->write_behind, R1WB_MAX_WRITE_BEHIND);
	return R1WB_SUPER_OK;
}

static enum r1wb_super_verdict judge_size(struct reading *r)
{
	u64 room = r1wb_super_room(r->super, r->context->space);
	u64 sectors;

	if (!r1wb_geometry_set(r->geometry, r->context->sync_size, r->super->chunk_bytes))
		return refuse(r, "chunk size %u is too small: more than %lu chunks",
			      r->super->chunk_bytes, R1WB_MAX_CHUNKS);
	sectors = r1wb_geometry_sectors(r->geometry);
	if (room && sectors > room)
		return refuse(r, "needs %llu sectors, only %llu there", sectors, room);
	return R1WB_SUPER_OK;
}

/* Has what the bits say been overtaken by what happened to the array? */
static enum r1wb_super_verdict judge_age(struct reading *r)
{
	const struct r1wb_super_context *context = r->context;
	const struct r1wb_super *super = r->super;

	if (!super->events && !super->events_cleared && !super->state) {
		snprintf(r->reason, R1WB_REASON_LEN, "never used");
		return R1WB_SUPER_NEVER_USED;
	}
	/* Other bits than STALE tell of write errors, or of what we do not know. */
	if (super->state)
		return out_of_date(r, "state %#x says that it is out of date", super->state);
	if (context->persistent && super->events < context->events)
		return out_of_date(r, "its event count %llu is older than the array's %llu",
				   super->events, context->events);
	if (super->sync_size < context->sync_size)
		return out_of_date(r, "it was made for %llu sectors, the array has %llu",
				   super->sync_size, (u64)context->sync_size);
	return R1WB_SUPER_OK;
}

static enum r1wb_super_verdict judge(struct reading *r)
{
	enum r1wb_super_verdict verdict = judge_version(r);

	if (verdict == R1WB_SUPER_OK)
		verdict = judge_settings(r);
	if (verdict != R1WB_SUPER_OK)
		return verdict;
	if (r->context->persistent &&
	    memcmp(r->super->uuid, r->context->uuid, sizeof(r->super->uuid)))
		return refuse(r, "belongs to another array");
	verdict = judge_size(r);
	return verdict == R1WB_SUPER_OK ? judge_age(r) : verdict;
}

enum r1wb_super_verdict
r1wb_super_read(const void *bytes, size_t len,
		const struct r1wb_super_context *context,
		struct r1wb_super *super, struct r1wb_geometry *geometry,
		char reason[R1WB_REASON_LEN])
{
	struct reading r = {
		.context = context,
		.super = super,
		.geometry = geometry,
		.reason = reason,
	};
	struct r1wb_disk_super disk = {};

	reason[0] = '\0';
	memcpy(&disk, bytes, min(len, sizeof(disk)));
	to_cpu(super, &disk);
	if (len < sizeof(disk))
		return refuse(&r, "superblock of %zu bytes is too short", len);
	r.magic = le32_to_cpu(disk.magic);
	r.version = le32_to_cpu(disk.version);
	return judge(&r);
}
