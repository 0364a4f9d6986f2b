/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The members: who is sync, who is behind, who comes and goes.
 */
#ifndef R1WB_MEMBER_H
#define R1WB_MEMBER_H

#include "raid1wb.h"

/**
 * struct r1wb_roles - how many members play which part in a write
 * @sync:	In_sync and not behind: the parent waits for them
 * @behind:	WriteMostly in an array whose bitmap allows write-behind
 * @rebuilding:	neither
 */
struct r1wb_roles {
	unsigned int	sync;
	unsigned int	behind;
	unsigned int	rebuilding;
};

struct r1wb_roles r1wb_count_roles(const struct r1wb_conf *conf);
bool r1wb_is_behind(const struct r1wb_conf *conf, const struct md_rdev *rdev);
bool r1wb_has_behind(const struct r1wb_conf *conf);
void r1wb_lag_begins(struct r1wb_member *member);
void r1wb_lag_ended(struct r1wb_member *member);

/*
 * For who looks from outside: in an RCU read section, and good for as long.  The
 * member of slot N is number 2N, its replacement 2N + 1.
 */
#define R1WB_SLOT_MEMBERS	2
struct r1wb_member *r1wb_find_member(struct r1wb_conf *conf, int nr);
const char *r1wb_member_state(struct r1wb_conf *conf, const struct md_rdev *rdev);

bool r1wb_blocked_member(struct r1wb_conf *conf);
void r1wb_wait_unblocked(struct r1wb_conf *conf);

bool r1wb_can_serve(const struct md_rdev *rdev, sector_t end);
bool r1wb_is_last(struct r1wb_conf *conf, const struct md_rdev *rdev);
bool r1wb_fail_unless_last(struct r1wb_conf *conf, struct md_rdev *rdev);
void r1wb_want_record(struct mddev *mddev);
void r1wb_note_write_error(struct mddev *mddev, struct md_rdev *rdev);

struct r1wb_member *r1wb_member_of(const struct r1wb_conf *conf,
				   const struct md_rdev *rdev);
bool r1wb_slot_works(const struct r1wb_conf *conf, int slot);
void r1wb_forget_full_sync(struct r1wb_conf *conf);
unsigned int r1wb_count_missing(const struct r1wb_conf *conf);

/* md_personality */
void r1wb_error(struct mddev *mddev, struct md_rdev *rdev);
int r1wb_hot_add(struct mddev *mddev, struct md_rdev *rdev);
int r1wb_hot_remove(struct mddev *mddev, struct md_rdev *rdev);
int r1wb_spare_active(struct mddev *mddev);

#endif /* R1WB_MEMBER_H */
