/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one member is owed: writes that it gets later than their submitters are
 * told that they are done.
 *
 * Pure logic: time is what the caller says, in any unit.  No locks inside: the
 * caller serialises all calls on a debt.  Nothing here sleeps or allocates; any
 * context that may take the caller's lock.
 */
#ifndef R1WB_DEBT_H
#define R1WB_DEBT_H

#include <linux/list.h>
#include <linux/types.h>

/**
 * struct r1wb_due - one write that is owed, if it is
 * @link:	the debt's, while @owed
 * @since:	when it was accepted; or when one was that would have come first
 *		but for this one
 * @bytes:	of data
 * @owed:	says the owner before it is accepted; the debt's from then on
 * @told:	its submitter has been told, or that of one it has replaced
 */
struct r1wb_due {
	struct list_head	link;
	unsigned long		since;
	u32			bytes;
	bool			owed;
	bool			told;
};

/**
 * struct r1wb_debt - all that a member is owed, and ever was
 * @dues:	by their @since
 * @writes:	how many these are
 * @bytes:	their data
 * @most_writes: high-water mark of @writes
 * @most_bytes:	the same of @bytes
 * @latest:	the longest time that something that was told took to arrive
 * @all_writes:	how many there ever were
 * @all_bytes:	their data
 * @covered:	how many of these were replaced
 */
struct r1wb_debt {
	struct list_head	dues;
	unsigned long		writes;
	unsigned long		bytes;
	unsigned long		most_writes;
	unsigned long		most_bytes;
	unsigned long		latest;
	unsigned long		all_writes;
	unsigned long		all_bytes;
	unsigned long		covered;
};

void r1wb_debt_init(struct r1wb_debt *debt);

static inline void r1wb_due_init(struct r1wb_due *due)
{
	due->owed = false;
	due->told = false;
}

/* It has been accepted, after all others. */
void r1wb_debt_add(struct r1wb_debt *debt, struct r1wb_due *due,
		   unsigned long now);
/* It is there, or will never be; it may be one that is not owed. */
void r1wb_debt_settle(struct r1wb_debt *debt, struct r1wb_due *due,
		      unsigned long now);
/*
 * @older is not going to arrive, as @newer would overwrite all of it; it has
 * been told.  Its data is lacking until @newer is there.
 */
void r1wb_debt_replace(struct r1wb_debt *debt, struct r1wb_due *older,
		       struct r1wb_due *newer, unsigned long now);
/*
 * For how long has the member lacked something that was told?  0 if it lacks
 * nothing.  @told is asked of those who do not know by themselves.
 */
unsigned long r1wb_debt_age(const struct r1wb_debt *debt,
			    bool (*told)(const struct r1wb_due *due),
			    unsigned long now);

#endif /* R1WB_DEBT_H */
