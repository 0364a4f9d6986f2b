/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The slots of an array: memory for as many members as it has, and another
 * number of them at run time.
 */
#ifndef R1WB_SLOTS_H
#define R1WB_SLOTS_H

#include "raid1wb.h"

/* One slot at least, and no more than a write can count legs. */
bool r1wb_slots_possible(const struct mddev *mddev, int nr);
/* @conf->mddev is set; -ENOMEM, and then there is nothing to be freed. */
int r1wb_slots_init(struct r1wb_conf *conf, int nr);
/* No request is left.  Without r1wb_slots_init() before, does nothing. */
void r1wb_slots_exit(struct r1wb_conf *conf);

/* Somebody has come or gone: conf->nr_members. */
void r1wb_slots_recount(struct r1wb_conf *conf);
int r1wb_slots_promote(struct r1wb_conf *conf, int slot);

/* md_personality */
int r1wb_check_reshape(struct mddev *mddev);

/* Zeroed, under a name for tests. */
void *r1wb_slots_memory(size_t bytes);

#endif /* R1WB_SLOTS_H */
