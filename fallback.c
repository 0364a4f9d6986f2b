// SPDX-License-Identifier: GPL-2.0
/*
 * The decision whether a write goes behind.
 *
 * Allocates, counts and orders nothing: the caller does.  Any context; no
 * locks.  What the caller read may be old by the time it acts on it, so a
 * limit is kept by the caller's own counting, not by this.
 */
#include "fallback.h"

const char *const r1wb_write_mode_names[R1WB_WRITE_NR] = {
	[R1WB_WRITE_BEHIND]		= "behind",
	[R1WB_WRITE_NO_BEHIND_MEMBER]	= "no_behind_member",
	[R1WB_WRITE_NO_SYNC_MEMBER]	= "no_sync_member",
	[R1WB_WRITE_LIMIT_COUNT]	= "limit_count",
	[R1WB_WRITE_LIMIT_BYTES]	= "limit_bytes",
	[R1WB_WRITE_NO_MEMORY]		= "no_memory",
	[R1WB_WRITE_TOO_BIG]		= "too_big",
};

enum r1wb_write_mode r1wb_fallback_decide(const struct r1wb_fallback_state *state)
{
	if (!state->behind_members)
		return R1WB_WRITE_NO_BEHIND_MEMBER;
	if (!state->sync_members)
		return R1WB_WRITE_NO_SYNC_MEMBER;
	if (state->from_reserve)
		return R1WB_WRITE_NO_MEMORY;
	if (state->segments_needed > state->segments_max)
		return R1WB_WRITE_TOO_BIG;
	if (state->outstanding >= state->limit)
		return R1WB_WRITE_LIMIT_COUNT;
	if (state->bytes_outstanding + state->bytes_needed > state->bytes_limit)
		return R1WB_WRITE_LIMIT_BYTES;
	return R1WB_WRITE_BEHIND;
}
