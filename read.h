/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The read path.
 */
#ifndef R1WB_READ_H
#define R1WB_READ_H

#include "raid1wb.h"
#include "read_choice.h"

/**
 * struct r1wb_read - a read and the member that serves it
 * @parent:	md's accounting clone of what the block layer handed to us
 * @rdev:	the member, nr_pending held
 * @work:	goes on with another member, or behind a bad block
 * @failed:	it could not read; nr_pending is held on
 * @slot:	the member's slot
 * @done:	sectors read so far
 * @sectors:	length of @bio
 * @candidates:	what the choice is made from; !usable once tried in vain
 */
struct r1wb_read {
	struct r1wb_conf		*conf;
	struct bio			*parent;
	struct md_rdev			*rdev;
	struct work_struct		work;
	bool				failed;
	int				slot;
	sector_t			done;
	sector_t			sectors;
	struct bio			bio;
	struct r1wb_read_candidate	candidates[];
};

void r1wb_read(struct r1wb_conf *conf, struct bio *bio);

#endif /* R1WB_READ_H */
