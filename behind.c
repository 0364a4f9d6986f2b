// SPDX-License-Identifier: GPL-2.0
/*
 * Bounce copies, the backlog counter, and lanes.
 *
 * Does not decide whether a write goes behind (fallback.c), nor in which order
 * writes go (order.c).  Copies are made in the submitter's context; the rest
 * is called from anywhere.
 *
 * Keeps I5: one copy feeds all members.  Its memory may fail (I7).
 */
#include <linux/mm.h>
#include <linux/pagevec.h>
#include <linux/slab.h>
#include <kunit/static_stub.h>
#include "behind.h"
#include "raid1wb.h"

static struct bio *next_bio(struct r1wb_lane *lane)
{
	struct bio *bio;

	spin_lock_irq(&lane->lock);
	bio = bio_list_pop(&lane->bios);
	spin_unlock_irq(&lane->lock);
	return bio;
}

static void submit_lane(struct work_struct *work)
{
	struct r1wb_lane *lane = container_of(work, struct r1wb_lane, work);
	struct bio *bio;

	while ((bio = next_bio(lane)))
		submit_bio_noacct(bio);
}

void r1wb_lane_init(struct r1wb_lane *lane)
{
	spin_lock_init(&lane->lock);
	bio_list_init(&lane->bios);
	INIT_WORK(&lane->work, submit_lane);
}

/* Context: any; does not wait for the member. */
void r1wb_lane_send(struct r1wb_lane *lane, struct bio *bio)
{
	unsigned long irq;
	bool failed;

	spin_lock_irqsave(&lane->lock, irq);
	failed = lane->failed;
	if (!failed)
		bio_list_add(&lane->bios, bio);
	spin_unlock_irqrestore(&lane->lock, irq);
	if (failed)
		bio_io_error(bio);
	else
		queue_work(r1wb_wq, &lane->work);
}

/* What is on the lane fails, and all that comes.  Context: process. */
void r1wb_lane_fail(struct r1wb_lane *lane)
{
	struct bio_list bios;
	struct bio *bio;

	spin_lock_irq(&lane->lock);
	lane->failed = true;
	bios = lane->bios;
	bio_list_init(&lane->bios);
	spin_unlock_irq(&lane->lock);
	while ((bio = bio_list_pop(&bios)))
		bio_io_error(bio);
}

void r1wb_lane_mend(struct r1wb_lane *lane)
{
	spin_lock_irq(&lane->lock);
	lane->failed = false;
	spin_unlock_irq(&lane->lock);
}

/* Every bio has ended.  Context: process, sleeps. */
void r1wb_lane_stop(struct r1wb_lane *lane)
{
	cancel_work_sync(&lane->work);
}

/* Of the machine's memory, for one array, as long as its user says nothing else. */
#define SHARE_OF_MEMORY	16

void r1wb_backlog_init(struct r1wb_backlog *backlog)
{
	init_waitqueue_head(&backlog->drained);
	backlog->max_bytes = (totalram_pages() / SHARE_OF_MEMORY) << PAGE_SHIFT;
}

static void note_most(atomic_long_t *mark, long now)
{
	long most = atomic_long_read(mark);

	while (now > most &&
	       !atomic_long_try_cmpxchg_relaxed(mark, &most, now))
		;
}

/* @bytes of memory for the copy. */
void r1wb_backlog_add(struct r1wb_backlog *backlog, u32 bytes)
{
	note_most(&backlog->most_bytes,
		  atomic_long_add_return(bytes, &backlog->bytes));
	note_most(&backlog->most, atomic_inc_return(&backlog->writes));
}

/* The array may not be torn down before its order has been left as well. */
void r1wb_backlog_done(struct r1wb_backlog *backlog, u32 bytes)
{
	atomic_long_sub(bytes, &backlog->bytes);
	if (atomic_dec_and_test(&backlog->writes))
		wake_up_all(&backlog->drained);
}

/* Context: process, sleeps until every behind write has ended, or for so many jiffies. */
bool r1wb_backlog_is_empty(struct r1wb_backlog *backlog, unsigned long patience)
{
	return wait_event_timeout(backlog->drained,
				  !atomic_read(&backlog->writes), patience);
}

/*
 * Single pages are used again.  The page allocator would clear each one
 * (init_on_alloc is Debian's default), only for us to overwrite it.
 */
static DEFINE_PER_CPU(struct folio_batch, spare_pages);

static struct folio *take_spare(void)
{
	struct folio_batch *batch;
	struct folio *folio = NULL;
	unsigned long irq;

	local_irq_save(irq);
	batch = this_cpu_ptr(&spare_pages);
	if (batch->nr)
		folio = batch->folios[--batch->nr];
	local_irq_restore(irq);
	return folio;
}

static bool keep_as_spare(struct folio *folio)
{
	struct folio_batch *batch;
	unsigned long irq;
	bool keep;

	if (folio_order(folio) || folio_ref_count(folio) != 1)
		return false;
	local_irq_save(irq);
	batch = this_cpu_ptr(&spare_pages);
	keep = folio_batch_space(batch);
	if (keep)
		folio_batch_add(batch, folio);
	local_irq_restore(irq);
	return keep;
}

/* For the end of the module. */
void r1wb_copy_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct folio_batch *batch = per_cpu_ptr(&spare_pages, cpu);

		while (batch->nr)
			folio_put(batch->folios[--batch->nr]);
	}
}

/* Large folios only if they lie around; single pages with modest effort. */
struct folio *r1wb_copy_folio(size_t bytes)
{
	unsigned int order = min_t(unsigned int, get_order(bytes),
				   PAGE_ALLOC_COSTLY_ORDER);
	struct folio *spare;

	KUNIT_STATIC_STUB_REDIRECT(r1wb_copy_folio, bytes);

	if (!order) {
		spare = take_spare();
		if (spare)
			return spare;
	}
	if ((PAGE_SIZE << order) > bytes && order)
		order--;
	for (; order; order--) {
		struct folio *folio = folio_alloc(GFP_NOWAIT | __GFP_NOWARN,
						  order);
		if (folio)
			return folio;
	}
	return folio_alloc(GFP_NOIO | __GFP_NOWARN | __GFP_NORETRY, 0);
}

/* What the copy needs if memory comes in folios of the size asked for. */
unsigned int r1wb_copy_segments(const struct bio *parent)
{
	if (!bio_has_data((struct bio *)parent))
		return 0;
	return DIV_ROUND_UP(parent->bi_iter.bi_size,
			    PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER);
}

static bool fill_with_folios(struct bio *copy, size_t bytes)
{
	while (bytes) {
		struct folio *folio = r1wb_copy_folio(bytes);
		size_t len;

		if (!folio)
			return false;
		len = min(bytes, folio_size(folio));
		if (!bio_add_folio(copy, folio, len, 0)) {
			folio_put(folio);
			return false;
		}
		bytes -= len;
	}
	return true;
}

/**
 * r1wb_copy_alloc - copy a write's data
 * @parent:	the write, with data
 *
 * Context: process, may sleep for memory but does not try hard.
 * Return: a bio without a device that holds the data and @parent's op and
 *	   flags, owned by the caller (r1wb_copy_free()); NULL without memory.
 */
struct bio *r1wb_copy_alloc(struct bio *parent)
{
	size_t bytes = parent->bi_iter.bi_size;
	unsigned short vecs = bio_max_segs(DIV_ROUND_UP(bytes, PAGE_SIZE));
	struct bio *copy;

	copy = bio_kmalloc(vecs, GFP_NOIO | __GFP_NOWARN | __GFP_NORETRY);
	if (!copy)
		return NULL;
	bio_init(copy, NULL, copy->bi_inline_vecs, vecs, parent->bi_opf);
	if (!fill_with_folios(copy, bytes)) {
		r1wb_copy_free(copy);
		return NULL;
	}
	copy->bi_ioprio = parent->bi_ioprio;
	copy->bi_write_hint = parent->bi_write_hint;
	copy->bi_iter.bi_sector = parent->bi_iter.bi_sector;
	bio_copy_data(copy, parent);
	return copy;
}

void r1wb_copy_free(struct bio *copy)
{
	struct folio_iter fi;

	bio_for_each_folio_all(fi, copy)
		if (!keep_as_spare(fi.folio))
			folio_put(fi.folio);
	bio_uninit(copy);
	kfree(copy);
}
