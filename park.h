/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work that waits for md, see park.c.
 */
#ifndef R1WB_PARK_H
#define R1WB_PARK_H

#include <linux/list.h>

struct r1wb_conf;
struct r1wb_turn;

/**
 * struct r1wb_parked - embedded in what is parked
 * @link:	on conf->parked
 * @resume:	called by the md thread when no failure is left to be recorded
 * @turn:	its places in the members' lines, for which quiescing must not wait
 *		meanwhile; NULL if it has left them
 */
struct r1wb_parked {
	struct list_head	link;
	void			(*resume)(struct r1wb_parked *parked);
	struct r1wb_turn	*turn;
};

bool r1wb_record_pending(struct r1wb_conf *conf);
void r1wb_park(struct r1wb_conf *conf, struct r1wb_parked *parked);
void r1wb_resume_parked(struct r1wb_conf *conf);

#endif /* R1WB_PARK_H */
