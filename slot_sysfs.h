/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The directory of one member in md/write_behind/.
 */
#ifndef R1WB_SLOT_SYSFS_H
#define R1WB_SLOT_SYSFS_H

#include <linux/completion.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include "raid1wb.h"

/**
 * struct r1wb_slot_dir - slotN/, or slotN-replacement/
 * @kobj:	its own
 * @link:	the owner's
 * @mddev:	the array, whose kobject is there as long as this one
 * @nr:		whose, see r1wb_find_member()
 * @released:	nobody refers to @kobj any more
 */
struct r1wb_slot_dir {
	struct kobject		kobj;
	struct list_head	link;
	struct mddev		*mddev;
	int			nr;
	struct completion	released;
};

/* NULL after a message.  Context: process, without a lock of md's. */
struct r1wb_slot_dir *r1wb_slot_dir_add(struct kobject *parent,
					struct mddev *mddev, int nr);
/* Waits for who reads there. */
void r1wb_slot_dir_remove(struct r1wb_slot_dir *dir);

#endif /* R1WB_SLOT_SYSFS_H */
