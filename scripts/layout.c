// SPDX-License-Identifier: GPL-2.0
/*
 * The types that we share with md-mod, one per line; scripts/check-layout takes their names from
 * here and compares what the compiler made of each with the kernel's own. Never linked into the
 * module.
 */
#include "md.h"
#include "md-bitmap.h"

static __used struct {
	struct mddev mddev;
	struct md_rdev md_rdev;
	struct md_personality md_personality;
	struct bitmap_operations bitmap_operations;
	struct md_thread md_thread;
	struct md_io_clone md_io_clone;
	struct md_bitmap_stats md_bitmap_stats;
	struct bitmap_super_s bitmap_super_s;
	struct md_sysfs_entry md_sysfs_entry;
	struct serial_in_rdev serial_in_rdev;
	enum flag_bits flag_bits;
	enum mddev_flags mddev_flags;
	enum mddev_sb_flags mddev_sb_flags;
	enum recovery_flags recovery_flags;
	enum sync_action sync_action;
	enum md_ro_state md_ro_state;
	enum bitmap_state bitmap_state;
} layout;
