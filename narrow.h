/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes that a member takes only in part.
 */
#ifndef R1WB_NARROW_H
#define R1WB_NARROW_H

#include <linux/blk_types.h>
#include "raid1wb.h"

struct r1wb_leg;

/**
 * struct r1wb_span - a write to a member, without flush
 * @rdev:	nr_pending is held, and the place in its line
 * @data:	what is written: a bio that is itself never sent
 * @opf:	how
 * @sector:	start, in the array
 * @sectors:	length
 * @recorded:	some of it has not been written, but is on the list of bad blocks
 */
struct r1wb_span {
	struct r1wb_conf	*conf;
	struct md_rdev		*rdev;
	struct bio		*data;
	blk_opf_t		opf;
	sector_t		sector;
	sector_t		sectors;
	bool			recorded;
};

bool r1wb_span_write(struct r1wb_span *span);
bool r1wb_span_narrow(struct r1wb_span *span);
bool r1wb_write_page(struct r1wb_conf *conf, struct md_rdev *rdev,
		     sector_t sector, sector_t sectors, struct page *page,
		     bool *recorded);
bool r1wb_read_back(struct md_rdev *rdev, sector_t sector, sector_t sectors,
		    struct page *page, bool *recorded);

bool r1wb_goes_round(struct md_rdev *rdev, sector_t sector, sector_t sectors);

/* for legs */
bool r1wb_may_narrow(const struct r1wb_leg *leg);
void r1wb_narrow(struct r1wb_leg *leg);
bool r1wb_must_go_round(const struct r1wb_leg *leg);
void r1wb_go_round(struct r1wb_leg *leg);

#endif /* R1WB_NARROW_H */
