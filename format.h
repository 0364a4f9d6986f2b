/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bitmap on disk: its superblock, version 4, and where its bits are.
 *
 * Pure logic: bytes in, numbers out, and back.  Any context, no locks.
 * Nothing that was read from a disk is trusted.
 *
 * The bitmap is a row of 4 KiB pages.  Page 0 begins with the superblock; the
 * bits, one per chunk in little-endian order, follow it without a gap.
 */
#ifndef R1WB_FORMAT_H
#define R1WB_FORMAT_H

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

#define R1WB_SUPER_MAGIC	0x6d746962
#define R1WB_SUPER_VERSION	4
#define R1WB_SUPER_BYTES	256
#define R1WB_SUPER_BITS		(R1WB_SUPER_BYTES * 8)
#define R1WB_STATE_STALE	BIT(1)		/* mdadm -X: "Out of date" */

#define R1WB_PAGE_SHIFT		12
#define R1WB_PAGE_BYTES		BIT(R1WB_PAGE_SHIFT)
#define R1WB_PAGE_BITS		(R1WB_PAGE_BYTES * 8)

#define R1WB_MIN_CHUNK_BYTES	512U
#define R1WB_MAX_CHUNK_BYTES	BIT(31)		/* the largest that the field holds */
#define R1WB_MAX_CHUNKS		BIT(29)		/* 2 GiB of chunk words */
#define R1WB_MAX_WRITE_BEHIND	16383U

/* The events of a copy that sleeps: never too old for anybody, and no array's. */
#define R1WB_ASLEEP_EVENTS	((u64)S64_MAX)

#define R1WB_REASON_LEN		96

struct r1wb_disk_super {
	__le32	magic;
	__le32	version;
	u8	uuid[16];
	__le64	events;
	__le64	events_cleared;
	__le64	sync_size;		/* sectors */
	__le32	state;
	__le32	chunk_bytes;
	__le32	daemon_sleep;		/* seconds */
	__le32	write_behind;
	__le32	sectors_reserved;	/* for superblock and bits; 0 = unknown */
	__le32	nodes;			/* clusters only */
	u8	cluster_name[64];
	u8	pad[120];
};

static_assert(sizeof(struct r1wb_disk_super) == R1WB_SUPER_BYTES);
static_assert(offsetof(struct r1wb_disk_super, uuid) == 8);
static_assert(offsetof(struct r1wb_disk_super, events) == 24);
static_assert(offsetof(struct r1wb_disk_super, events_cleared) == 32);
static_assert(offsetof(struct r1wb_disk_super, sync_size) == 40);
static_assert(offsetof(struct r1wb_disk_super, state) == 48);
static_assert(offsetof(struct r1wb_disk_super, chunk_bytes) == 52);
static_assert(offsetof(struct r1wb_disk_super, daemon_sleep) == 56);
static_assert(offsetof(struct r1wb_disk_super, write_behind) == 60);
static_assert(offsetof(struct r1wb_disk_super, sectors_reserved) == 64);
static_assert(offsetof(struct r1wb_disk_super, nodes) == 68);
static_assert(offsetof(struct r1wb_disk_super, cluster_name) == 72);
static_assert(offsetof(struct r1wb_disk_super, pad) == 136);

/**
 * struct r1wb_geometry - how an array is cut into chunks, and these into pages
 * @sectors:	sectors that the bitmap covers
 * @bytes:	superblock and bits, without what pads the last page
 * @chunks:	number of chunks, and of bits; at most R1WB_MAX_CHUNKS
 * @pages:	number of 4 KiB pages; at least 1
 * @chunk_shift: log2 of the sectors in a chunk
 */
struct r1wb_geometry {
	sector_t	sectors;
	u64		bytes;
	unsigned long	chunks;
	unsigned long	pages;
	unsigned int	chunk_shift;
};

/**
 * struct r1wb_super - a superblock in CPU order
 * @uuid:	of the array
 * @events:	the array's event count when this was written
 * @events_cleared: the last event count at which the array was whole
 * @sync_size:	sectors that the bitmap covers, as the superblock says
 * @state:	R1WB_STATE_*
 * @chunk_bytes: bytes per bit
 * @daemon_sleep: seconds between the daemon's passes
 * @write_behind: limit of outstanding behind writes, 0 = no write-behind
 * @sectors_reserved: room for the bitmap, 0 = unknown
 */
struct r1wb_super {
	u8	uuid[16];
	u64	events;
	u64	events_cleared;
	u64	sync_size;
	u32	state;
	u32	chunk_bytes;
	u32	daemon_sleep;
	u32	write_behind;
	u32	sectors_reserved;
};

/**
 * struct r1wb_super_context - what the array says, to compare with
 * @uuid:	of the array
 * @events:	the array's event count
 * @sync_size:	sectors that the bitmap must cover
 * @space:	sectors that the bitmap may use, 0 = unknown
 * @persistent:	@uuid and @events are known; false for dm-raid
 */
struct r1wb_super_context {
	u8		uuid[16];
	u64		events;
	sector_t	sync_size;
	u64		space;
	bool		persistent;
};

/**
 * enum r1wb_super_verdict - what a superblock found on a disk is good for
 * @R1WB_SUPER_OK:	its bits may be believed
 * @R1WB_SUPER_OUT_OF_DATE: its settings may be used, but its bits say nothing:
 *			every chunk counts as NEEDED
 * @R1WB_SUPER_NEVER_USED: as mdadm made it; all its bits are set, and no array
 *			has run with it
 * @R1WB_SUPER_REFUSED:	not to be used or overwritten
 */
enum r1wb_super_verdict {
	R1WB_SUPER_OK,
	R1WB_SUPER_OUT_OF_DATE,
	R1WB_SUPER_NEVER_USED,
	R1WB_SUPER_REFUSED,
};

/**
 * r1wb_geometry_set - cut an array into chunks
 * @geometry:	where the answer goes
 * @sectors:	sectors to cover
 * @chunk_bytes: a power of two from R1WB_MIN_CHUNK_BYTES up
 *
 * Return: false, and @geometry unchanged, if @chunk_bytes is no such number
 * or there would be more than R1WB_MAX_CHUNKS chunks.
 */
bool r1wb_geometry_set(struct r1wb_geometry *geometry, sector_t sectors,
		       u32 chunk_bytes);

/**
 * r1wb_geometry_fit - cut an array into chunks whose bits have room
 * @geometry:	where the answer goes
 * @sectors:	sectors to cover
 * @chunk_bytes: chunk size to begin with; doubled until the bitmap fits
 * @space:	sectors that the bitmap may use, 0 = no limit
 *
 * Return: false, and @geometry unchanged, if no chunk size will do.
 */
bool r1wb_geometry_fit(struct r1wb_geometry *geometry, sector_t sectors,
		       u32 chunk_bytes, u64 space);

/**
 * r1wb_super_asleep - is this the superblock of a copy that sleeps?
 * @bytes:	R1WB_SUPER_BYTES that were read from a disk
 *
 * All bits of such a copy are set, so it misleads nobody; but an awake copy
 * tells more.
 */
bool r1wb_super_asleep(const void *bytes);

/* Sectors that superblock and bits take on disk. */
u64 r1wb_geometry_sectors(const struct r1wb_geometry *geometry);

/**
 * r1wb_super_room - sectors that a bitmap may use
 * @super:	its superblock
 * @space:	what md knows, 0 = nothing
 *
 * Return: the smaller of what the two know, 0 if neither knows anything.
 */
u64 r1wb_super_room(const struct r1wb_super *super, u64 space);

/**
 * r1wb_super_write - make the 256 bytes of a superblock
 * @disk:	where they go; overwritten as a whole
 * @super:	what they say
 */
void r1wb_super_write(struct r1wb_disk_super *disk, const struct r1wb_super *super);

/**
 * r1wb_super_read - parse and judge a superblock found on a disk
 * @bytes:	what was read; needs no alignment
 * @len:	how much of it
 * @context:	the array's side
 * @super:	set to what it says, as far as @len goes; believe nothing of it
 *		if REFUSED
 * @geometry:	set to the cut of the array's @sync_size, unless REFUSED
 * @reason:	for one line of the log: why not OK.  Empty if OK
 *
 * A difference in sync_size is no reason to refuse: the array's size counts.
 * But the bits do not cover an array larger than they were made for.
 *
 * Version 3 is refused, since its bits are in the byte order of the machine
 * that made them, and nothing tells which that was.
 */
enum r1wb_super_verdict
r1wb_super_read(const void *bytes, size_t len,
		const struct r1wb_super_context *context,
		struct r1wb_super *super, struct r1wb_geometry *geometry,
		char reason[R1WB_REASON_LEN]);

static inline unsigned long r1wb_chunk_of(const struct r1wb_geometry *geometry,
					  sector_t sector)
{
	return sector >> geometry->chunk_shift;
}

/* The page that holds a chunk's bit. */
static inline unsigned long r1wb_bit_page(unsigned long chunk)
{
	return (chunk + R1WB_SUPER_BITS) / R1WB_PAGE_BITS;
}

/* The bit's number within its page, for test_bit_le() and its kin. */
static inline unsigned int r1wb_bit_in_page(unsigned long chunk)
{
	return (chunk + R1WB_SUPER_BITS) % R1WB_PAGE_BITS;
}

/* The first chunk whose bit is in a page. */
static inline unsigned long r1wb_page_first_chunk(unsigned long page)
{
	return page ? page * R1WB_PAGE_BITS - R1WB_SUPER_BITS : 0;
}

/* How many chunks have their bits in a page. */
unsigned long r1wb_page_chunks(const struct r1wb_geometry *geometry,
			       unsigned long page);

#endif /* R1WB_FORMAT_H */
