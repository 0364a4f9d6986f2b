/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A member's list of bad blocks.
 */
#ifndef R1WB_BAD_BLOCKS_H
#define R1WB_BAD_BLOCKS_H

#include "raid1wb.h"

bool r1wb_has_bad_blocks(const struct md_rdev *rdev);
bool r1wb_record_bad(struct md_rdev *rdev, sector_t sector, sector_t sectors);
void r1wb_heal(struct md_rdev *rdev, sector_t sector, sector_t sectors);
sector_t r1wb_block_sectors(const struct md_rdev *rdev);

/* Where the block with @sector ends, or before that @end; @size is a power of two. */
static inline sector_t r1wb_block_end(sector_t sector, sector_t size,
				      sector_t end)
{
	return min(round_down(sector, size) + size, end);
}

#endif /* R1WB_BAD_BLOCKS_H */
