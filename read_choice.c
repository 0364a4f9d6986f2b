// SPDX-License-Identifier: GPL-2.0
/*
 * The choice of the member to read from.
 *
 * Does not look at members itself, pin them, or remember streams: the caller
 * does.  Any context; no locks.
 */
#include <linux/minmax.h>
#include "read_choice.h"

struct read {
	sector_t	sector;
	sector_t	sectors;
	bool		first_only;
};

static sector_t serves(const struct r1wb_read_candidate *c, const struct read *read)
{
	if (!c->usable || !c->in_sync)
		return 0;
	return min(c->good_sectors, read->sectors);
}

static sector_t head_distance(const struct r1wb_read_candidate *c, sector_t sector)
{
	return c->next_read > sector ? c->next_read - sector : sector - c->next_read;
}

/* Both can serve, and equally much. */
static bool is_quicker(const struct r1wb_read_candidate *c,
		       const struct r1wb_read_candidate *best, sector_t sector)
{
	bool c_streams = c->next_read == sector;
	bool best_streams = best->next_read == sector;

	if (c_streams != best_streams)
		return c_streams;
	if (c->rotational != best->rotational)
		return best->rotational;
	if (!c->rotational || c_streams)
		return c->pending < best->pending;
	return head_distance(c, sector) < head_distance(best, sector);
}

/* Is @c, from a higher slot than @best, the better choice? */
static bool is_better(const struct r1wb_read_candidate *c,
		      const struct r1wb_read_candidate *best,
		      const struct read *read)
{
	if (c->write_mostly != best->write_mostly)
		return best->write_mostly;
	if (read->first_only)
		return false;
	if (serves(c, read) != serves(best, read))
		return serves(c, read) > serves(best, read);
	return is_quicker(c, best, read->sector);
}

int r1wb_choose_read(const struct r1wb_read_candidate *candidates, int nr,
		     sector_t sector, sector_t sectors, bool first_only,
		     sector_t *readable)
{
	const struct read read = { sector, sectors, first_only };
	int best = -1;
	int i;

	for (i = 0; i < nr; i++) {
		if (!serves(&candidates[i], &read))
			continue;
		if (best < 0 || is_better(&candidates[i], &candidates[best], &read))
			best = i;
	}
	*readable = best < 0 ? 0 : serves(&candidates[best], &read);
	return best;
}
