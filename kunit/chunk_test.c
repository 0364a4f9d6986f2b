// SPDX-License-Identifier: GPL-2.0
/* The chunk word: every cell of its table, random walks, and the stories that the table is for. */
#include <kunit/test.h>
#include <linux/limits.h>

#include "chunk.h"
#include "random.h"

#define STABLE	R1WB_CHUNK_STABLE
#define NEEDED	R1WB_CHUNK_NEEDED
#define RESYNC	R1WB_CHUNK_RESYNC
#define AGED	R1WB_CHUNK_AGED
#define HOLDS_MAX R1WB_CHUNK_HOLDS_MAX

static const char *const event_names[R1WB_CHUNK_NR_EVENTS] = {
	[R1WB_CHUNK_HOLD]		= "HOLD",
	[R1WB_CHUNK_RELEASE]		= "RELEASE",
	[R1WB_CHUNK_COMMITTED]		= "COMMITTED",
	[R1WB_CHUNK_NEED]		= "NEED",
	[R1WB_CHUNK_MEMBER_LOST]	= "MEMBER_LOST",
	[R1WB_CHUNK_SYNC_START]		= "SYNC_START",
	[R1WB_CHUNK_SYNC_DONE]		= "SYNC_DONE",
	[R1WB_CHUNK_SYNC_ABORT]		= "SYNC_ABORT",
	[R1WB_CHUNK_AGE]		= "AGE",
	[R1WB_CHUNK_CLEAR]		= "CLEAR",
};

/* One cell of the table: what went in, what came out. */
struct cell {
	u32			old;
	u32			new;
	enum r1wb_chunk_event	event;
	bool			degraded;
	bool			impossible;
};

static void expect_cell(struct kunit *test, const struct cell *cell, bool holds,
			const char *condition)
{
	KUNIT_EXPECT_TRUE_MSG(test, holds, "%s%s: %#x -> %#x%s: %s",
			      event_names[cell->event],
			      cell->degraded ? " degraded" : "",
			      cell->old, cell->new,
			      cell->impossible ? " (impossible)" : "",
			      condition);
}

#define EXPECT_CELL(test, cell, condition) \
	expect_cell(test, cell, condition, #condition)

static bool has(u32 word, u32 flags)
{
	return (word & flags) == flags;
}

static bool gained(const struct cell *cell, u32 flag)
{
	return !(cell->old & flag) && (cell->new & flag);
}

static bool lost(const struct cell *cell, u32 flag)
{
	return (cell->old & flag) && !(cell->new & flag);
}

static bool is_use(const struct cell *cell)
{
	return cell->event == R1WB_CHUNK_HOLD || cell->event == R1WB_CHUNK_RELEASE;
}

/* AGED promises that nothing but a stable bit is there. */
static bool flags_agree(u32 word)
{
	return !(word & AGED) || (has(word, STABLE) && !(word & (NEEDED | RESYNC)));
}

static bool is_idle(const struct cell *cell)
{
	return !r1wb_chunk_holds(cell->old) && has(cell->old, STABLE) &&
	       !(cell->old & (NEEDED | RESYNC)) && !cell->degraded;
}

static void check_holds(struct kunit *test, const struct cell *cell)
{
	u32 old = r1wb_chunk_holds(cell->old);
	u32 new = r1wb_chunk_holds(cell->new);
	bool stuck = old >= HOLDS_MAX;

	if (cell->event == R1WB_CHUNK_HOLD && !stuck)
		EXPECT_CELL(test, cell, new == old + 1);
	else if (cell->event == R1WB_CHUNK_RELEASE && !stuck && old)
		EXPECT_CELL(test, cell, new == old - 1);
	else
		EXPECT_CELL(test, cell, new == old);
}

static void check_needed(struct kunit *test, const struct cell *cell)
{
	u32 old = cell->old;
	bool wanted = cell->event == R1WB_CHUNK_NEED ||
		      (cell->event == R1WB_CHUNK_MEMBER_LOST && old) ||
		      (cell->event == R1WB_CHUNK_SYNC_ABORT && (old & RESYNC)) ||
		      (cell->event == R1WB_CHUNK_SYNC_DONE && (old & RESYNC) &&
		       !(old & STABLE)) ||
		      (is_use(cell) && cell->degraded && r1wb_chunk_holds(old) < HOLDS_MAX) ||
		      (cell->event == R1WB_CHUNK_RELEASE && !r1wb_chunk_holds(old));
	bool taken = cell->event == R1WB_CHUNK_SYNC_START && !cell->degraded &&
		     has(old, NEEDED) && !(old & RESYNC);
	bool repaired = (old & AGED) && !(old & STABLE);

	if (wanted)
		EXPECT_CELL(test, cell, has(cell->new, NEEDED));
	if (lost(cell, NEEDED))
		EXPECT_CELL(test, cell, taken && has(cell->new, RESYNC));
	if (gained(cell, NEEDED))
		EXPECT_CELL(test, cell, wanted || repaired);
}

static void check_resync(struct kunit *test, const struct cell *cell)
{
	bool ends = cell->event == R1WB_CHUNK_SYNC_DONE ||
		    cell->event == R1WB_CHUNK_SYNC_ABORT;
	bool starts = cell->event == R1WB_CHUNK_SYNC_START &&
		      has(cell->old, NEEDED) && !cell->degraded;

	if (starts)
		EXPECT_CELL(test, cell, has(cell->new, RESYNC));
	if (ends)
		EXPECT_CELL(test, cell, !has(cell->new, RESYNC));
	if (lost(cell, RESYNC))
		EXPECT_CELL(test, cell, ends);
	/* a word whose flags exclude each other may first have been repaired to NEEDED */
	if (gained(cell, RESYNC))
		EXPECT_CELL(test, cell, starts || !flags_agree(cell->old));
}

static void check_stable(struct kunit *test, const struct cell *cell)
{
	bool committed = cell->event == R1WB_CHUNK_COMMITTED;

	if (committed && cell->old)
		EXPECT_CELL(test, cell, has(cell->new, STABLE));
	if (gained(cell, STABLE))
		EXPECT_CELL(test, cell, committed && cell->old);
	if (lost(cell, STABLE))
		EXPECT_CELL(test, cell, cell->event == R1WB_CHUNK_CLEAR && !cell->new);
}

static void check_age(struct kunit *test, const struct cell *cell)
{
	bool age = cell->event == R1WB_CHUNK_AGE;

	EXPECT_CELL(test, cell, flags_agree(cell->new));
	if (age && is_idle(cell))
		EXPECT_CELL(test, cell, has(cell->new, AGED));
	if (gained(cell, AGED))
		EXPECT_CELL(test, cell, age && is_idle(cell));
	if (is_use(cell))
		EXPECT_CELL(test, cell, !has(cell->new, AGED));
}

/* The bit may only be given up for a chunk that nobody has a use for. */
static void check_clean(struct kunit *test, const struct cell *cell)
{
	bool cleared = cell->event == R1WB_CHUNK_CLEAR && is_idle(cell) &&
		       has(cell->old, AGED);
	bool never_sent = cell->event == R1WB_CHUNK_RELEASE && cell->old == 1 &&
			  !cell->degraded;

	if (cleared || never_sent)
		EXPECT_CELL(test, cell, !cell->new);
	else if (cell->old)
		EXPECT_CELL(test, cell, cell->new);
}

static void check_impossible(struct kunit *test, const struct cell *cell)
{
	u32 holds = r1wb_chunk_holds(cell->old);
	bool expected = !flags_agree(cell->old) ||
			(is_use(cell) && holds >= HOLDS_MAX) ||
			(cell->event == R1WB_CHUNK_RELEASE && !holds);

	EXPECT_CELL(test, cell, cell->impossible == expected);
}

static void check_cell(struct kunit *test, const struct cell *cell)
{
	check_holds(test, cell);
	check_needed(test, cell);
	check_resync(test, cell);
	check_stable(test, cell);
	check_age(test, cell);
	check_clean(test, cell);
	check_impossible(test, cell);
}

static void walk_events(struct kunit *test, u32 word)
{
	struct cell cell = { .old = word };
	unsigned int i;

	for (i = 0; i < 2 * R1WB_CHUNK_NR_EVENTS; i++) {
		cell.event = i / 2;
		cell.degraded = i % 2;
		cell.impossible = false;
		cell.new = r1wb_chunk_next(word, cell.event, cell.degraded,
					   &cell.impossible);
		check_cell(test, &cell);
	}
}

/* Every flag set, every class of holds and its borders, every event, whole and degraded. */
static void every_cell(struct kunit *test)
{
	static const u32 holds[] = {
		0, 1, 2, HOLDS_MAX - 1, HOLDS_MAX, HOLDS_MAX + 1, R1WB_CHUNK_HOLDS
	};
	u32 flags, i;

	for (flags = 0; flags < 16; flags++)
		for (i = 0; i < ARRAY_SIZE(holds); i++)
			walk_events(test, flags * STABLE | holds[i]);
}

/* An event out of range changes nothing and is reported. */
static void unknown_event(struct kunit *test)
{
	bool impossible = false;

	KUNIT_EXPECT_EQ(test, STABLE | 7,
			r1wb_chunk_next(STABLE | 7, R1WB_CHUNK_NR_EVENTS, false, &impossible));
	KUNIT_EXPECT_TRUE(test, impossible);
}

/* The same word, as somebody would write it who had never seen the table. */
struct model {
	u32	holds;
	bool	stable, needed, resync, aged;
};

static u32 model_word(const struct model *m)
{
	return m->holds | (m->stable ? STABLE : 0) | (m->needed ? NEEDED : 0) |
	       (m->resync ? RESYNC : 0) | (m->aged ? AGED : 0);
}

static void model_use(struct model *m, int holds, bool degraded)
{
	m->holds += holds;
	m->aged = false;
	if (degraded)
		m->needed = true;
}

static void model_need(struct model *m)
{
	m->needed = true;
	m->aged = false;
}

static void model_sync(struct model *m, enum r1wb_chunk_event event, bool degraded)
{
	if (event == R1WB_CHUNK_SYNC_START) {
		if (m->needed && !m->resync && !degraded) {
			m->needed = false;
			m->resync = true;
		}
		return;
	}
	if (m->resync && (event == R1WB_CHUNK_SYNC_ABORT || !m->stable))
		m->needed = true;
	m->resync = false;
}

static void model_tidy(struct model *m, enum r1wb_chunk_event event, bool degraded)
{
	if (degraded || m->holds || !m->stable || m->needed || m->resync)
		return;
	if (event == R1WB_CHUNK_AGE)
		m->aged = true;
	else if (m->aged)
		*m = (struct model){};
}

static void model_apply(struct model *m, enum r1wb_chunk_event event, bool degraded)
{
	switch (event) {
	case R1WB_CHUNK_HOLD:
		return model_use(m, 1, degraded);
	case R1WB_CHUNK_RELEASE:
		return model_use(m, -1, degraded);
	case R1WB_CHUNK_COMMITTED:
		m->stable = m->stable || model_word(m);
		return;
	case R1WB_CHUNK_NEED:
		return model_need(m);
	case R1WB_CHUNK_MEMBER_LOST:
		if (model_word(m))
			model_need(m);
		return;
	case R1WB_CHUNK_AGE:
	case R1WB_CHUNK_CLEAR:
		return model_tidy(m, event, degraded);
	default:
		return model_sync(m, event, degraded);
	}
}

/* More releases than holds, or the word would hardly ever be idle. */
static enum r1wb_chunk_event random_event(struct rnd_state *random)
{
	u32 event = r1wb_test_below(random, R1WB_CHUNK_NR_EVENTS + 5);

	return event < R1WB_CHUNK_NR_EVENTS ? event : R1WB_CHUNK_RELEASE;
}

/* Events of all kinds, in any order that is possible, on a word and on the model. */
static void random_walk(struct kunit *test)
{
	atomic_t chunk = ATOMIC_INIT(0);
	struct rnd_state random;
	struct model m = {};
	u32 old, new, cleared = 0;
	int i;

	r1wb_test_seed(test, &random);
	for (i = 0; i < 200000; i++) {
		enum r1wb_chunk_event event = random_event(&random);
		bool degraded = !r1wb_test_below(&random, 16);
		u32 before = model_word(&m);

		if (event == R1WB_CHUNK_RELEASE && !m.holds)
			continue;
		if (event == R1WB_CHUNK_HOLD && r1wb_test_below(&random, 2)) {
			m.holds++;
			KUNIT_ASSERT_EQ(test, m.stable, r1wb_chunk_hold_stable(&chunk));
			continue;
		}
		model_apply(&m, event, degraded);
		new = r1wb_chunk_apply(&chunk, event, degraded, &old);
		KUNIT_ASSERT_EQ_MSG(test, model_word(&m), new,
				    "step %d: %s%s of %#x", i, event_names[event],
				    degraded ? " degraded" : "", before);
		KUNIT_ASSERT_EQ(test, before, old);
		KUNIT_ASSERT_EQ(test, model_word(&m), (u32)atomic_read(&chunk));
		cleared += event == R1WB_CHUNK_CLEAR && before && !model_word(&m);
	}
	/* else the walk has not been where it matters */
	KUNIT_EXPECT_GT(test, cleared, 10);
}

static u32 apply(atomic_t *chunk, enum r1wb_chunk_event event)
{
	return r1wb_chunk_apply(chunk, event, false, NULL);
}

/* A write to a clean chunk, from its first bit to the last. */
static void life_of_a_bit(struct kunit *test)
{
	atomic_t chunk = ATOMIC_INIT(0);

	KUNIT_EXPECT_FALSE(test, r1wb_chunk_hold_stable(&chunk));
	KUNIT_EXPECT_EQ(test, STABLE | 1, apply(&chunk, R1WB_CHUNK_COMMITTED));
	KUNIT_EXPECT_TRUE(test, r1wb_chunk_hold_stable(&chunk));
	KUNIT_EXPECT_EQ(test, STABLE | 1, apply(&chunk, R1WB_CHUNK_RELEASE));
	KUNIT_EXPECT_EQ(test, STABLE | 1, apply(&chunk, R1WB_CHUNK_AGE));
	KUNIT_EXPECT_EQ(test, STABLE, apply(&chunk, R1WB_CHUNK_RELEASE));
	KUNIT_EXPECT_EQ(test, STABLE, apply(&chunk, R1WB_CHUNK_CLEAR));
	KUNIT_EXPECT_EQ(test, STABLE | AGED, apply(&chunk, R1WB_CHUNK_AGE));
	KUNIT_EXPECT_EQ(test, 0, apply(&chunk, R1WB_CHUNK_CLEAR));
	KUNIT_EXPECT_FALSE(test, r1wb_chunk_hold_stable(&chunk));
}

/* A hold by plain increment keeps the bit, although it leaves AGED behind. */
static void hold_of_an_aged_chunk(struct kunit *test)
{
	atomic_t chunk = ATOMIC_INIT(STABLE | AGED);

	KUNIT_EXPECT_TRUE(test, r1wb_chunk_hold_stable(&chunk));
	KUNIT_EXPECT_EQ(test, STABLE | AGED | 1, apply(&chunk, R1WB_CHUNK_CLEAR));
}

/* A write between AGE and CLEAR was not in the flush between them. */
static void write_after_the_flush(struct kunit *test)
{
	atomic_t chunk = ATOMIC_INIT(STABLE | AGED);

	KUNIT_EXPECT_TRUE(test, r1wb_chunk_hold_stable(&chunk));
	apply(&chunk, R1WB_CHUNK_RELEASE);
	KUNIT_EXPECT_EQ(test, STABLE, apply(&chunk, R1WB_CHUNK_CLEAR));
}

/* A page write that ends after the chunk was cleared does not make it stable. */
static void late_commit(struct kunit *test)
{
	atomic_t chunk = ATOMIC_INIT(0);

	KUNIT_EXPECT_EQ(test, 0, apply(&chunk, R1WB_CHUNK_COMMITTED));
}

/* What goes wrong between two windows of a chunk survives the sync of the second. */
static void needed_between_windows(struct kunit *test)
{
	atomic_t chunk = ATOMIC_INIT(STABLE | NEEDED);

	KUNIT_EXPECT_EQ(test, STABLE | RESYNC, apply(&chunk, R1WB_CHUNK_SYNC_START));
	KUNIT_EXPECT_EQ(test, STABLE | RESYNC | NEEDED, apply(&chunk, R1WB_CHUNK_MEMBER_LOST));
	apply(&chunk, R1WB_CHUNK_SYNC_START);
	KUNIT_EXPECT_EQ(test, STABLE | NEEDED, apply(&chunk, R1WB_CHUNK_SYNC_DONE));
	KUNIT_EXPECT_EQ(test, STABLE | RESYNC, apply(&chunk, R1WB_CHUNK_SYNC_START));
	KUNIT_EXPECT_EQ(test, STABLE, apply(&chunk, R1WB_CHUNK_SYNC_DONE));
}

/* What was synced before its bit was stable is not flushed by anybody: sync it again. */
static void synced_before_committed(struct kunit *test)
{
	atomic_t chunk = ATOMIC_INIT(0);

	KUNIT_EXPECT_EQ(test, NEEDED, apply(&chunk, R1WB_CHUNK_NEED));
	KUNIT_EXPECT_EQ(test, RESYNC, apply(&chunk, R1WB_CHUNK_SYNC_START));
	KUNIT_EXPECT_EQ(test, NEEDED, apply(&chunk, R1WB_CHUNK_SYNC_DONE));
}

/* While a member stays away, a sync finds the work but does not call it done. */
static void degraded_sync(struct kunit *test)
{
	atomic_t chunk = ATOMIC_INIT(STABLE | NEEDED);
	u32 old;

	r1wb_chunk_apply(&chunk, R1WB_CHUNK_SYNC_START, true, &old);
	KUNIT_EXPECT_TRUE(test, r1wb_chunk_needs_work(old));
	KUNIT_EXPECT_EQ(test, STABLE | NEEDED,
			r1wb_chunk_apply(&chunk, R1WB_CHUNK_SYNC_DONE, true, &old));
}

/* A write that begins whole and ends degraded has missed a member. */
static void degraded_during_a_write(struct kunit *test)
{
	atomic_t chunk = ATOMIC_INIT(STABLE);

	KUNIT_EXPECT_TRUE(test, r1wb_chunk_hold_stable(&chunk));
	KUNIT_EXPECT_EQ(test, STABLE | NEEDED,
			r1wb_chunk_apply(&chunk, R1WB_CHUNK_RELEASE, true, NULL));
	apply(&chunk, R1WB_CHUNK_AGE);
	KUNIT_EXPECT_EQ(test, STABLE | NEEDED, apply(&chunk, R1WB_CHUNK_CLEAR));
}

/* Increments past the maximum reach no flag, and the count never comes down again. */
static void too_many_holds(struct kunit *test)
{
	atomic_t chunk = ATOMIC_INIT(STABLE | HOLDS_MAX);
	bool impossible = false;

	KUNIT_EXPECT_TRUE(test, r1wb_chunk_hold_stable(&chunk));
	KUNIT_EXPECT_EQ(test, STABLE | (HOLDS_MAX + 1), (u32)atomic_read(&chunk));
	KUNIT_EXPECT_EQ(test, STABLE | (HOLDS_MAX + 1),
			r1wb_chunk_next(STABLE | (HOLDS_MAX + 1), R1WB_CHUNK_RELEASE, false,
					&impossible));
	KUNIT_EXPECT_TRUE(test, impossible);
}

static struct kunit_case chunk_cases[] = {
	KUNIT_CASE(every_cell),
	KUNIT_CASE(unknown_event),
	KUNIT_CASE(random_walk),
	KUNIT_CASE(life_of_a_bit),
	KUNIT_CASE(hold_of_an_aged_chunk),
	KUNIT_CASE(write_after_the_flush),
	KUNIT_CASE(late_commit),
	KUNIT_CASE(needed_between_windows),
	KUNIT_CASE(synced_before_committed),
	KUNIT_CASE(degraded_sync),
	KUNIT_CASE(degraded_during_a_write),
	KUNIT_CASE(too_many_holds),
	{}
};

static struct kunit_suite chunk_suite = {
	.name = "raid1wb_chunk",
	.test_cases = chunk_cases,
};

kunit_test_suite(chunk_suite);
