/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Repair of what a member could not read.
 */
#ifndef R1WB_REPAIR_H
#define R1WB_REPAIR_H

#include "raid1wb.h"

void r1wb_repair(struct r1wb_conf *conf, int slot, sector_t sector,
		 sector_t sectors);

#endif /* R1WB_REPAIR_H */
