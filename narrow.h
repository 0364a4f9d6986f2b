/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a member cannot write, block by block.
 */
#ifndef R1WB_NARROW_H
#define R1WB_NARROW_H

#include <linux/types.h>

struct r1wb_leg;

bool r1wb_may_narrow(const struct r1wb_leg *leg);
void r1wb_narrow(struct r1wb_leg *leg);

bool r1wb_must_go_round(const struct r1wb_leg *leg);
void r1wb_go_round(struct r1wb_leg *leg);

#endif /* R1WB_NARROW_H */
