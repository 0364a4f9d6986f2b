// SPDX-License-Identifier: GPL-2.0
/* The bitmap format: round trips, every field wrong in turn, hostile numbers, borders of pages. */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/sizes.h>

#include "format.h"
#include "random.h"

#define GIB_SECTORS	((u64)SZ_1G >> 9)

/* A superblock and an array that belong together: 10 GiB, 64 KiB chunks. */
struct pair {
	struct r1wb_disk_super		disk;
	struct r1wb_super_context	context;
};

static const struct r1wb_super good_super = {
	.uuid		= { 0xf0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff },
	.events		= 77,
	.events_cleared	= 70,
	.sync_size	= 10 * GIB_SECTORS,
	.state		= 0,
	.chunk_bytes	= SZ_64K,
	.daemon_sleep	= 5,
	.write_behind	= 4096,
	.sectors_reserved = 256,
};

static struct pair good_pair(void)
{
	struct pair pair = {
		.context = {
			.events		= 77,
			.sync_size	= 10 * GIB_SECTORS,
			.space		= 256,
			.persistent	= true,
		},
	};

	memcpy(pair.context.uuid, good_super.uuid, sizeof(pair.context.uuid));
	r1wb_super_write(&pair.disk, &good_super);
	return pair;
}

struct reading {
	struct r1wb_super		super;
	struct r1wb_geometry		geometry;
	enum r1wb_super_verdict		verdict;
	char				reason[R1WB_REASON_LEN];
};

static struct reading read_pair(const struct pair *pair)
{
	struct reading r = {};

	r.verdict = r1wb_super_read(&pair->disk, sizeof(pair->disk), &pair->context,
				    &r.super, &r.geometry, r.reason);
	return r;
}

/* Byte by byte, as mdadm and other kernels read it. */
static void layout(struct kunit *test)
{
	static const u8 start[] = {
		'b', 'i', 't', 'm', 4, 0, 0, 0,
		0xf0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff,
		77, 0, 0, 0, 0, 0, 0, 0,
		70, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0x40, 1, 0, 0, 0, 0,
		2, 0, 0, 0,
		0, 0, 1, 0,
		5, 0, 0, 0,
		0, 0x10, 0, 0,
		0, 1, 0, 0,
	};
	struct r1wb_super super = good_super;
	struct r1wb_disk_super disk;

	memset(&disk, 0xa5, sizeof(disk));
	super.state = R1WB_STATE_STALE;
	r1wb_super_write(&disk, &super);
	KUNIT_EXPECT_MEMEQ(test, &disk, start, sizeof(start));
	KUNIT_EXPECT_NULL(test, memchr_inv((u8 *)&disk + sizeof(start), 0,
					   sizeof(disk) - sizeof(start)));
}

static void good_superblock(struct kunit *test)
{
	struct pair pair = good_pair();
	struct reading r = read_pair(&pair);

	KUNIT_EXPECT_EQ(test, R1WB_SUPER_OK, r.verdict);
	KUNIT_EXPECT_STREQ(test, "", r.reason);
	KUNIT_EXPECT_EQ(test, 7, r.geometry.chunk_shift);
	KUNIT_EXPECT_EQ(test, 10 * GIB_SECTORS, r.geometry.sectors);
	KUNIT_EXPECT_EQ(test, 163840, r.geometry.chunks);
	KUNIT_EXPECT_EQ(test, 256 + 163840 / 8, r.geometry.bytes);
	KUNIT_EXPECT_EQ(test, 6, r.geometry.pages);
}

static void random_super(struct rnd_state *random, struct r1wb_super *super)
{
	prandom_bytes_state(random, super, sizeof(*super));
	super->chunk_bytes = R1WB_MIN_CHUNK_BYTES << r1wb_test_below(random, 23);
	super->daemon_sleep = 1 + r1wb_test_below(random, 1000);
	super->write_behind = r1wb_test_below(random, R1WB_MAX_WRITE_BEHIND + 1);
}

/* What is written is read again, field by field. */
static void round_trip(struct kunit *test)
{
	struct pair pair = {};
	struct rnd_state random;
	struct r1wb_super super;
	int i;

	r1wb_test_seed(test, &random);
	for (i = 0; i < 1000; i++) {
		struct reading r;

		random_super(&random, &super);
		r1wb_super_write(&pair.disk, &super);
		r = read_pair(&pair);
		KUNIT_EXPECT_NE(test, R1WB_SUPER_REFUSED, r.verdict);
		KUNIT_EXPECT_MEMEQ(test, super.uuid, r.super.uuid, sizeof(super.uuid));
		KUNIT_EXPECT_EQ(test, super.events, r.super.events);
		KUNIT_EXPECT_EQ(test, super.events_cleared, r.super.events_cleared);
		KUNIT_EXPECT_EQ(test, super.sync_size, r.super.sync_size);
		KUNIT_EXPECT_EQ(test, super.state, r.super.state);
		KUNIT_EXPECT_EQ(test, super.chunk_bytes, r.super.chunk_bytes);
		KUNIT_EXPECT_EQ(test, super.daemon_sleep, r.super.daemon_sleep);
		KUNIT_EXPECT_EQ(test, super.write_behind, r.super.write_behind);
		KUNIT_EXPECT_EQ(test, super.sectors_reserved, r.super.sectors_reserved);
	}
}

/* One number somewhere in a good pair is changed; what becomes of it? */
struct change {
	const char			*name;
	enum r1wb_super_verdict		verdict;
	const char			*reason;	/* NULL: any, but one */
	size_t				at;
	unsigned int			bytes;
	u64				value;
};

#define U8(field, to)		.at = offsetof(struct pair, disk.field), .bytes = 1, .value = (to)
#define LE32(field, to)		.at = offsetof(struct pair, disk.field), .bytes = 4, .value = (to)
#define LE64(field, to)		.at = offsetof(struct pair, disk.field), .bytes = 8, .value = (to)
#define REFUSED(why)		.verdict = R1WB_SUPER_REFUSED, .reason = why
#define OUT_OF_DATE(why)	.verdict = R1WB_SUPER_OUT_OF_DATE, .reason = why
#define FINE			.verdict = R1WB_SUPER_OK, .reason = ""

static const struct change disk_changes[] = {
	{ "magic 0", REFUSED("bad magic 0x00000000"), LE32(magic, 0) },
	{ "magic off by one", REFUSED("bad magic 0x6d746963"), LE32(magic, 0x6d746963) },
	{ "version 0", REFUSED("unknown version 0"), LE32(version, 0) },
	{ "version 2", REFUSED("unknown version 2"), LE32(version, 2) },
	{ "version 3", REFUSED("version 3 (host byte order) is not supported"),
	  LE32(version, 3) },
	{ "version 5", REFUSED("version 5 (clustered) is not supported"), LE32(version, 5) },
	{ "version 6", REFUSED("version 6 (lockless) is not supported"), LE32(version, 6) },
	{ "version 7", REFUSED("unknown version 7"), LE32(version, 7) },
	{ "version 2^32-1", REFUSED("unknown version 4294967295"), LE32(version, U32_MAX) },
	{ "uuid", REFUSED("belongs to another array"), U8(uuid[15], 0xfe) },
	{ "events older", OUT_OF_DATE("its event count 76 is older than the array's 77"),
	  LE64(events, 76) },
	{ "events 0", OUT_OF_DATE("its event count 0 is older than the array's 77"),
	  LE64(events, 0) },
	{ "events newer", FINE, LE64(events, 78) },
	{ "events 2^63-1", FINE, LE64(events, S64_MAX) },
	{ "events 2^64-1", FINE, LE64(events, U64_MAX) },
	{ "events_cleared 0", FINE, LE64(events_cleared, 0) },
	{ "sync_size smaller",
	  OUT_OF_DATE("it was made for 20971519 sectors, the array has 20971520"),
	  LE64(sync_size, 10 * GIB_SECTORS - 1) },
	{ "sync_size 0", OUT_OF_DATE(NULL), LE64(sync_size, 0) },
	{ "sync_size larger", FINE, LE64(sync_size, 10 * GIB_SECTORS + 1) },
	{ "sync_size 2^64-1", FINE, LE64(sync_size, U64_MAX) },
	{ "state stale", OUT_OF_DATE("state 0x2 says that it is out of date"), LE32(state, 2) },
	{ "state write error", OUT_OF_DATE(NULL), LE32(state, 4) },
	{ "state unknown bit", OUT_OF_DATE(NULL), LE32(state, BIT(31)) },
	{ "chunk 0", REFUSED("chunk size 0 is not a power of two of at least 512"),
	  LE32(chunk_bytes, 0) },
	{ "chunk 256", REFUSED("chunk size 256 is not a power of two of at least 512"),
	  LE32(chunk_bytes, 256) },
	{ "chunk 65537", REFUSED("chunk size 65537 is not a power of two of at least 512"),
	  LE32(chunk_bytes, 65537) },
	{ "chunk 2^32-1", REFUSED("chunk size 4294967295 is not a power of two of at least 512"),
	  LE32(chunk_bytes, U32_MAX) },
	{ "chunk 2^31", FINE, LE32(chunk_bytes, BIT(31)) },
	{ "chunk 4096 needs too much room", REFUSED("needs 641 sectors, only 256 there"),
	  LE32(chunk_bytes, 4096) },
	{ "sleep 0", REFUSED("daemon sleep of 0 seconds is not between 1 and 2147483647"),
	  LE32(daemon_sleep, 0) },
	{ "sleep 2^31", REFUSED(NULL), LE32(daemon_sleep, BIT(31)) },
	{ "sleep 2^31-1", FINE, LE32(daemon_sleep, S32_MAX) },
	{ "write_behind 0", FINE, LE32(write_behind, 0) },
	{ "write_behind 16383", FINE, LE32(write_behind, 16383) },
	{ "write_behind 16384", REFUSED("write-behind limit 16384 is above 16383"),
	  LE32(write_behind, 16384) },
	{ "write_behind 2^32-1", REFUSED(NULL), LE32(write_behind, U32_MAX) },
	{ "reserved 0", FINE, LE32(sectors_reserved, 0) },
	{ "reserved exact", FINE, LE32(sectors_reserved, 41) },
	{ "reserved too small", REFUSED("needs 41 sectors, only 40 there"),
	  LE32(sectors_reserved, 40) },
	{ "nodes", FINE, LE32(nodes, U32_MAX) },
	{ "cluster name", FINE, U8(cluster_name[0], 'x') },
	{ "pad", FINE, U8(pad[119], 1) },
};

static void describe_change(const struct change *change, char *name)
{
	strscpy(name, change->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(disk_change, disk_changes, describe_change);

static void field_on_disk(struct kunit *test)
{
	const struct change *change = test->param_value;
	__le64 value = cpu_to_le64(change->value);
	struct pair pair = good_pair();
	struct reading r;

	memcpy((u8 *)&pair + change->at, &value, change->bytes);
	r = read_pair(&pair);
	KUNIT_EXPECT_EQ_MSG(test, change->verdict, r.verdict, "reason: %s", r.reason);
	if (change->reason)
		KUNIT_EXPECT_STREQ(test, change->reason, r.reason);
	else
		KUNIT_EXPECT_STRNEQ(test, "", r.reason);
}

/* An array without a superblock of its own (dm-raid) has neither UUID nor events to compare. */
static void not_persistent(struct kunit *test)
{
	struct pair pair = good_pair();

	pair.context.persistent = false;
	pair.context.events = 1000;
	memset(pair.context.uuid, 0, sizeof(pair.context.uuid));
	KUNIT_EXPECT_EQ(test, R1WB_SUPER_OK, read_pair(&pair).verdict);
}

/* mdadm leaves both event counts at 0; the array's own may be anything. */
static void never_used(struct kunit *test)
{
	struct pair pair = good_pair();
	struct reading r;

	pair.disk.events = 0;
	pair.disk.events_cleared = 0;
	r = read_pair(&pair);
	KUNIT_EXPECT_EQ(test, R1WB_SUPER_NEVER_USED, r.verdict);
	KUNIT_EXPECT_EQ(test, 163840, r.geometry.chunks);

	pair.disk.state = cpu_to_le32(R1WB_STATE_STALE);
	KUNIT_EXPECT_EQ(test, R1WB_SUPER_OUT_OF_DATE, read_pair(&pair).verdict);

	pair.disk.state = 0;
	pair.disk.chunk_bytes = 0;
	KUNIT_EXPECT_EQ(test, R1WB_SUPER_REFUSED, read_pair(&pair).verdict);
}

/* Every length short of the whole is refused, and nothing past it is read (KASAN). */
static void truncated(struct kunit *test)
{
	struct pair pair = good_pair();
	size_t len;

	for (len = 0; len < sizeof(pair.disk); len++) {
		u8 *bytes = kmemdup(&pair.disk, len, GFP_KERNEL);
		struct reading r = {};

		KUNIT_ASSERT_NOT_NULL(test, bytes);
		KUNIT_EXPECT_EQ(test, R1WB_SUPER_REFUSED,
				r1wb_super_read(bytes, len, &pair.context, &r.super,
						&r.geometry, r.reason));
		KUNIT_EXPECT_STRNEQ(test, "", r.reason);
		kfree(bytes);
	}
}

/* The room is the smaller one of what md and the superblock know. */
static void room(struct kunit *test)
{
	struct r1wb_super super = { .sectors_reserved = 100 };

	KUNIT_EXPECT_EQ(test, 100, r1wb_super_room(&super, 0));
	KUNIT_EXPECT_EQ(test, 100, r1wb_super_room(&super, 200));
	KUNIT_EXPECT_EQ(test, 100, r1wb_super_room(&super, U64_MAX));
	KUNIT_EXPECT_EQ(test, 50, r1wb_super_room(&super, 50));
	super.sectors_reserved = 0;
	KUNIT_EXPECT_EQ(test, 50, r1wb_super_room(&super, 50));
	KUNIT_EXPECT_EQ(test, 0, r1wb_super_room(&super, 0));
}

/* Arrays so large that careless arithmetic would wrap. */
static void huge_arrays(struct kunit *test)
{
	static const u64 sizes[] = { U64_MAX, U64_MAX - 1, S64_MAX, 1ULL << 60 };
	struct pair pair = good_pair();
	struct r1wb_geometry geometry;
	struct reading r;
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		pair.context.sync_size = sizes[i];
		r = read_pair(&pair);
		KUNIT_EXPECT_EQ(test, R1WB_SUPER_REFUSED, r.verdict);
		KUNIT_EXPECT_STREQ(test, r.reason,
				   "chunk size 65536 is too small: more than 536870912 chunks");
		KUNIT_EXPECT_FALSE(test, r1wb_geometry_set(&geometry, sizes[i], BIT(31)));
		KUNIT_EXPECT_FALSE(test, r1wb_geometry_fit(&geometry, sizes[i], 512, 0));
	}
}

/* Anything at all may be on a disk: what is not refused must be sane. */
static void random_bytes(struct kunit *test)
{
	struct pair pair = good_pair();
	unsigned int i, accepted = 0;
	struct rnd_state random;
	struct reading r;

	pair.context.persistent = false;
	r1wb_test_seed(test, &random);
	for (i = 0; i < 20000; i++) {
		struct r1wb_disk_super *disk = &pair.disk;

		prandom_bytes_state(&random, (u8 *)disk + 8, sizeof(*disk) - 8);
		if (i % 2)
			disk->chunk_bytes = cpu_to_le32(BIT(r1wb_test_below(&random, 32)));
		if (i % 4 == 1)
			disk->write_behind &= cpu_to_le32(R1WB_MAX_WRITE_BEHIND);
		r = read_pair(&pair);
		if (r.verdict == R1WB_SUPER_REFUSED)
			continue;
		accepted++;
		KUNIT_EXPECT_LE(test, r1wb_geometry_sectors(&r.geometry), 256);
		KUNIT_EXPECT_EQ(test, r.super.chunk_bytes, 512ULL << r.geometry.chunk_shift);
		KUNIT_EXPECT_GE(test, (u64)r.geometry.chunks << r.geometry.chunk_shift,
				10 * GIB_SECTORS);
	}
	KUNIT_EXPECT_GT(test, accepted, 0);
}

struct cut {
	sector_t	sectors;
	u32		chunk_bytes;
	unsigned long	chunks;
	unsigned long	pages;
	u64		disk_sectors;
};

/* Bits: 30720 in the first page, 32768 in each of the others. */
static void geometry(struct kunit *test)
{
	static const struct cut cuts[] = {
		{ 0, 512, 0, 1, 1 },
		{ 1, 512, 1, 1, 1 },
		{ 1, BIT(31), 1, 1, 1 },
		{ 128, SZ_64K, 1, 1, 1 },
		{ 129, SZ_64K, 2, 1, 1 },
		{ 2048, 512, 2048, 1, 1 },
		{ 2049, 512, 2049, 1, 2 },
		{ 30720, 512, 30720, 1, 8 },
		{ 30721, 512, 30721, 2, 9 },
		{ 63488, 512, 63488, 2, 16 },
		{ 63489, 512, 63489, 3, 17 },
		{ (u64)BIT(29) << 7, SZ_64K, BIT(29), 16385, 131073 },
	};
	struct r1wb_geometry g;
	int i;

	for (i = 0; i < ARRAY_SIZE(cuts); i++) {
		const struct cut *cut = &cuts[i];

		KUNIT_EXPECT_TRUE(test, r1wb_geometry_set(&g, cut->sectors, cut->chunk_bytes));
		KUNIT_EXPECT_EQ_MSG(test, cut->chunks, g.chunks, "cut %d", i);
		KUNIT_EXPECT_EQ_MSG(test, cut->pages, g.pages, "cut %d", i);
		KUNIT_EXPECT_EQ_MSG(test, cut->disk_sectors, r1wb_geometry_sectors(&g),
				    "cut %d", i);
	}
	KUNIT_EXPECT_FALSE(test, r1wb_geometry_set(&g, ((u64)BIT(29) << 7) + 1, SZ_64K));
	KUNIT_EXPECT_FALSE(test, r1wb_geometry_set(&g, 1000, 0));
	KUNIT_EXPECT_FALSE(test, r1wb_geometry_set(&g, 1000, 256));
	KUNIT_EXPECT_FALSE(test, r1wb_geometry_set(&g, 1000, 3 * 512));
	KUNIT_EXPECT_EQ(test, 536870912, g.chunks);
}

/* Chunks grow until their bits fit, and no further. */
static void fitting(struct kunit *test)
{
	struct r1wb_geometry g;

	KUNIT_EXPECT_TRUE(test, r1wb_geometry_fit(&g, 10 * GIB_SECTORS, SZ_64K, 0));
	KUNIT_EXPECT_EQ(test, 7, g.chunk_shift);
	KUNIT_EXPECT_TRUE(test, r1wb_geometry_fit(&g, 10 * GIB_SECTORS, SZ_64K, 41));
	KUNIT_EXPECT_EQ(test, 7, g.chunk_shift);
	KUNIT_EXPECT_TRUE(test, r1wb_geometry_fit(&g, 10 * GIB_SECTORS, SZ_64K, 40));
	KUNIT_EXPECT_EQ(test, 8, g.chunk_shift);
	KUNIT_EXPECT_EQ(test, 81920, g.chunks);
	KUNIT_EXPECT_TRUE(test, r1wb_geometry_fit(&g, 10 * GIB_SECTORS, SZ_64K, 1));
	KUNIT_EXPECT_EQ(test, 14, g.chunk_shift);
	/* too many chunks is no reason to give up, either */
	KUNIT_EXPECT_TRUE(test, r1wb_geometry_fit(&g, 1ULL << 36, 512, 0));
	KUNIT_EXPECT_EQ(test, 7, g.chunk_shift);
	KUNIT_EXPECT_FALSE(test, r1wb_geometry_fit(&g, 1ULL << 40, 512, 1));
	KUNIT_EXPECT_FALSE(test, r1wb_geometry_fit(&g, 1000, 1000, 0));
	KUNIT_EXPECT_EQ(test, 1ULL << 36, g.sectors);
}

/* Around each border, one chunk's bit follows the other without a gap. */
static void bits_around_page_borders(struct kunit *test)
{
	struct r1wb_geometry g = { .chunks = 30720 + 32768 + 5 };

	KUNIT_EXPECT_EQ(test, 0, r1wb_bit_page(0));
	KUNIT_EXPECT_EQ(test, 2048, r1wb_bit_in_page(0));
	KUNIT_EXPECT_EQ(test, 0, r1wb_bit_page(30719));
	KUNIT_EXPECT_EQ(test, 32767, r1wb_bit_in_page(30719));
	KUNIT_EXPECT_EQ(test, 1, r1wb_bit_page(30720));
	KUNIT_EXPECT_EQ(test, 0, r1wb_bit_in_page(30720));
	KUNIT_EXPECT_EQ(test, 1, r1wb_bit_page(63487));
	KUNIT_EXPECT_EQ(test, 32767, r1wb_bit_in_page(63487));
	KUNIT_EXPECT_EQ(test, 2, r1wb_bit_page(63488));

	KUNIT_EXPECT_EQ(test, 0, r1wb_page_first_chunk(0));
	KUNIT_EXPECT_EQ(test, 30720, r1wb_page_first_chunk(1));
	KUNIT_EXPECT_EQ(test, 63488, r1wb_page_first_chunk(2));
	KUNIT_EXPECT_EQ(test, 30720, r1wb_page_chunks(&g, 0));
	KUNIT_EXPECT_EQ(test, 32768, r1wb_page_chunks(&g, 1));
	KUNIT_EXPECT_EQ(test, 5, r1wb_page_chunks(&g, 2));
	KUNIT_EXPECT_EQ(test, 0, r1wb_page_chunks(&g, 3));
}

/* All pages together hold every chunk once, in order. */
static void pages_cover_chunks(struct kunit *test)
{
	unsigned long page, i, next = 0;
	struct r1wb_geometry g;

	KUNIT_ASSERT_TRUE(test, r1wb_geometry_set(&g, 100001, 512));
	for (page = 0; page < g.pages; page++) {
		KUNIT_EXPECT_EQ(test, next, r1wb_page_first_chunk(page));
		KUNIT_EXPECT_NE(test, 0, r1wb_page_chunks(&g, page));
		for (i = 0; i < r1wb_page_chunks(&g, page); i++, next++)
			if (r1wb_bit_page(next) != page)
				KUNIT_FAIL(test, "chunk %lu is not in page %lu", next, page);
	}
	KUNIT_EXPECT_EQ(test, g.chunks, next);
}

static void chunks_of_sectors(struct kunit *test)
{
	struct r1wb_geometry g;

	KUNIT_ASSERT_TRUE(test, r1wb_geometry_set(&g, 10 * GIB_SECTORS, SZ_64K));
	KUNIT_EXPECT_EQ(test, 0, r1wb_chunk_of(&g, 127));
	KUNIT_EXPECT_EQ(test, 1, r1wb_chunk_of(&g, 128));
	KUNIT_EXPECT_EQ(test, g.chunks - 1, r1wb_chunk_of(&g, 10 * GIB_SECTORS - 1));
}

static struct kunit_case format_cases[] = {
	KUNIT_CASE(layout),
	KUNIT_CASE(good_superblock),
	KUNIT_CASE(round_trip),
	KUNIT_CASE_PARAM(field_on_disk, disk_change_gen_params),
	KUNIT_CASE(not_persistent),
	KUNIT_CASE(never_used),
	KUNIT_CASE(truncated),
	KUNIT_CASE(room),
	KUNIT_CASE(huge_arrays),
	KUNIT_CASE(random_bytes),
	KUNIT_CASE(geometry),
	KUNIT_CASE(fitting),
	KUNIT_CASE(bits_around_page_borders),
	KUNIT_CASE(pages_cover_chunks),
	KUNIT_CASE(chunks_of_sectors),
	{}
};

static struct kunit_suite format_suite = {
	.name = "raid1wb_format",
	.test_cases = format_cases,
};

kunit_test_suite(format_suite);
