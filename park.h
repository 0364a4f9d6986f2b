/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work that waits for md, see park.c.
 */
#ifndef R1WB_PARK_H
#define R1WB_PARK_H

#include <linux/list.h>

struct r1wb_conf;

/**
 * struct r1wb_parked - embedded in what is parked
 * @link:	on conf->parked
 * @resume:	called by the md thread when no failure is left to be recorded
 * @ordered:	running in conf->order; quiescing must not wait for it meanwhile
 */
struct r1wb_parked {
	struct list_head	link;
	void			(*resume)(struct r1wb_parked *parked);
	bool			ordered;
};

bool r1wb_record_pending(struct r1wb_conf *conf);
void r1wb_park(struct r1wb_conf *conf, struct r1wb_parked *parked);
void r1wb_resume_parked(struct r1wb_conf *conf);

#endif /* R1WB_PARK_H */
