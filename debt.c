// SPDX-License-Identifier: GPL-2.0
/*
 * Counting what a member is owed.
 *
 * Does not know what the writes are, nor send them.  Any context, under the lock
 * of the debt's owner.
 *
 * Kept true: @dues is sorted by @since, so the oldest is found first.
 */
#include <linux/compiler.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/typecheck.h>
#include "debt.h"

void r1wb_debt_init(struct r1wb_debt *debt)
{
	memset(debt, 0, sizeof(*debt));
	INIT_LIST_HEAD(&debt->dues);
}

void r1wb_debt_add(struct r1wb_debt *debt, struct r1wb_due *due,
		   unsigned long now)
{
	due->since = now;
	list_add_tail(&due->link, &debt->dues);
	debt->writes++;
	debt->bytes += due->bytes;
	debt->all_writes++;
	debt->all_bytes += due->bytes;
	debt->most_writes = max(debt->most_writes, debt->writes);
	debt->most_bytes = max(debt->most_bytes, debt->bytes);
}

static void take_out(struct r1wb_debt *debt, struct r1wb_due *due)
{
	due->owed = false;
	list_del(&due->link);
	debt->writes--;
	debt->bytes -= due->bytes;
}

void r1wb_debt_settle(struct r1wb_debt *debt, struct r1wb_due *due,
		      unsigned long now)
{
	if (!due->owed)
		return;
	take_out(debt, due);
	if (due->told)
		debt->latest = max(debt->latest, now - due->since);
}

void r1wb_debt_replace(struct r1wb_debt *debt, struct r1wb_due *older,
		       struct r1wb_due *newer, unsigned long now)
{
	if (!older->owed)
		return;
	if (!newer->owed) {
		r1wb_debt_settle(debt, older, now);
		return;
	}
	newer->told = true;
	if (time_before(older->since, newer->since)) {
		newer->since = older->since;
		list_move(&newer->link, &older->link);
	}
	take_out(debt, older);
	debt->covered++;
}

unsigned long r1wb_debt_age(const struct r1wb_debt *debt,
			    bool (*told)(const struct r1wb_due *due),
			    unsigned long now)
{
	const struct r1wb_due *due;

	list_for_each_entry(due, &debt->dues, link)
		if (READ_ONCE(due->told) || told(due))
			return now - due->since;
	return 0;
}
