/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Catch-up: resync, recovery, check and repair.
 */
#ifndef R1WB_RESYNC_H
#define R1WB_RESYNC_H

#include "raid1wb.h"

sector_t r1wb_sync_request(struct mddev *mddev, sector_t sector,
			   sector_t max_sector, int *skipped);
void r1wb_resync_free(struct r1wb_conf *conf);

#endif /* R1WB_RESYNC_H */
