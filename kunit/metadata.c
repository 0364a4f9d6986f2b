// SPDX-License-Identifier: GPL-2.0
/* What mdadm --create and --add leave on the members. */
#include <linux/raid/md_p.h>

#include "format.h"
#include "metadata.h"

#define MAX_DEVICES	16	/* device numbers; a multiple of 2 keeps the sum simple */

static struct mdp_superblock_1 *super_of(struct test_array *array, int disk)
{
	return (void *)(test_disk(array, disk)->data + (SUPER_SECTOR << SECTOR_SHIFT));
}

static __le32 checksum(const struct mdp_superblock_1 *super)
{
	const __le32 *words = (const void *)super;
	u64 sum = 0;
	int i;

	for (i = 0; i < (sizeof(*super) + MAX_DEVICES * 2) / 4; i++)
		sum += le32_to_cpu(words[i]);
	return cpu_to_le32((u32)sum + (u32)(sum >> 32));
}

static void describe_array(struct test_array *array, struct mdp_superblock_1 *super)
{
	const struct test_shape *shape = &array->shape;
	int slot;

	super->magic = cpu_to_le32(MD_SB_MAGIC);
	super->major_version = cpu_to_le32(1);
	memcpy(super->set_uuid, array->uuid, sizeof(super->set_uuid));
	super->level = cpu_to_le32(1);
	super->size = cpu_to_le64(shape->sectors);
	super->raid_disks = cpu_to_le32(shape->slots);
	super->events = cpu_to_le64(TEST_EVENTS);
	super->resync_offset = cpu_to_le64(shape->dirty ? 0 : MaxSector);
	if (!shape->no_bitmap) {
		super->feature_map = cpu_to_le32(MD_FEATURE_BITMAP_OFFSET);
		super->bitmap_offset = cpu_to_le32(BITMAP_SECTOR - SUPER_SECTOR);
	}
	super->max_dev = cpu_to_le32(MAX_DEVICES);
	for (slot = 0; slot < MAX_DEVICES; slot++)
		super->dev_roles[slot] = cpu_to_le16(slot < shape->slots ?
						     slot : MD_DISK_ROLE_SPARE);
}

static void describe_device(struct test_array *array, int disk, int number,
			    struct mdp_superblock_1 *super)
{
	super->data_offset = cpu_to_le64(DATA_SECTOR);
	super->data_size = cpu_to_le64(array->shape.sectors);
	super->super_offset = cpu_to_le64(SUPER_SECTOR);
	super->dev_number = cpu_to_le32(number);
	super->device_uuid[0] = disk + 1;
	if (array->shape.bad_blocks) {
		super->bblog_offset = cpu_to_le32(BADBLOCKS_SECTOR - SUPER_SECTOR);
		super->bblog_size = cpu_to_le16(BADBLOCKS_SECTORS);
	}
	if (test_bit(disk, &array->shape.write_mostly))
		super->devflags = WriteMostly1;
}

static void write_super(struct test_array *array, int disk, int number)
{
	struct mdp_superblock_1 *super = super_of(array, disk);

	memset(super, 0, SUPER_SECTORS << SECTOR_SHIFT);
	describe_array(array, super);
	describe_device(array, disk, number, super);
	super->sb_csum = checksum(super);
}

static void write_bitmap(struct test_array *array, int disk)
{
	const struct test_shape *shape = &array->shape;
	struct r1wb_super super = {
		.events		= TEST_EVENTS,
		.events_cleared	= TEST_EVENTS,
		.sync_size	= shape->sectors,
		.chunk_bytes	= shape->chunk_sectors << SECTOR_SHIFT,
		.daemon_sleep	= 1,
		.write_behind	= shape->no_behind ? 0 : shape->write_behind,
		.sectors_reserved = BITMAP_SECTORS,
	};
	u8 *bitmap = test_disk(array, disk)->data + (BITMAP_SECTOR << SECTOR_SHIFT);

	memcpy(super.uuid, array->uuid, sizeof(super.uuid));
	memset(bitmap, 0, BITMAP_SECTORS << SECTOR_SHIFT);
	r1wb_super_write((struct r1wb_disk_super *)bitmap, &super);
}

void test_format_member(struct test_array *array, int slot)
{
	write_super(array, slot, slot);
	if (!array->shape.no_bitmap)
		write_bitmap(array, slot);
}

void test_format_spare(struct test_array *array, int disk)
{
	write_super(array, disk, disk + FAKE_DISKS);
}

void test_format_joining(struct test_array *array, int disk)
{
	struct mdp_superblock_1 *super = super_of(array, disk);

	super->dev_roles[le32_to_cpu(super->dev_number)] = cpu_to_le16(MD_DISK_ROLE_SPARE);
	super->events = cpu_to_le64(TEST_EVENTS - 1);
	super->sb_csum = 0;
	super->sb_csum = checksum(super);
}

void test_format_replacement(struct test_array *array, int disk, int slot, sector_t offset)
{
	struct mdp_superblock_1 *super = super_of(array, disk);

	super->dev_roles[le32_to_cpu(super->dev_number)] = cpu_to_le16(slot);
	super->feature_map |= cpu_to_le32(MD_FEATURE_REPLACEMENT);
	if (offset != MaxSector) {
		super->feature_map |= cpu_to_le32(MD_FEATURE_RECOVERY_OFFSET);
		super->recovery_offset = cpu_to_le64(offset);
	}
	super->sb_csum = 0;
	super->sb_csum = checksum(super);
}

u32 test_features(struct test_array *array, int disk)
{
	return le32_to_cpu(super_of(array, disk)->feature_map);
}

int test_slots_on_disk(struct test_array *array, int disk)
{
	return le32_to_cpu(super_of(array, disk)->raid_disks);
}

sector_t test_recovered_on_disk(struct test_array *array, int disk)
{
	return le64_to_cpu(super_of(array, disk)->recovery_offset);
}

u64 test_events(struct test_array *array, int disk)
{
	return le64_to_cpu(super_of(array, disk)->events);
}
