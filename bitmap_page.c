// SPDX-License-Identifier: GPL-2.0
/*
 * Bitmap pages: getting their bits onto the disks, in groups.
 *
 * A write of a page to all active members, but for those whose copy sleeps, is a
 * flight.  Each page has at most one in the air; whoever needs a bit that is not
 * in it rides on the next.
 *
 * Does not decide which bits are set or cleared, nor when a lazy write is due.
 * Flights are launched by the rider that finds none in the air, or by the page's
 * work, which lands them; their bios end in irq.  Takes the page's lock only, and calls nobody
 * with it held.
 *
 * Keeps I1: a chunk's word becomes STABLE when a flight that had its bit has
 * ended on every active member that is not asleep, and a rider goes no earlier.
 */
#include <linux/sizes.h>
#include <linux/slab.h>
#include "bitmap_impl.h"
#include "trace.h"

#define PAGE_WORDS	(R1WB_PAGE_BYTES / sizeof(__le64))
#define SUPER_WORDS	(R1WB_SUPER_BYTES / sizeof(__le64))
#define NO_ROSTER	(-1)

/* How far ahead of a stream: chunks, and what they cover at most. */
#define AHEAD_CHUNKS	64
#define AHEAD_SECTORS	(SZ_4M >> SECTOR_SHIFT)

static struct r1wb_bitmap *bitmap_of(const struct r1wb_bitmap_page *page)
{
	return page->store->bitmap;
}

static void wake_page(struct r1wb_bitmap_page *page)
{
	queue_work(bitmap_of(page)->commit_wq, &page->work);
}

/* ---- which words ---- */

static const struct r1wb_words no_words = { .first = PAGE_WORDS };
static const struct r1wb_words all_words = { .end = PAGE_WORDS };

static void include_word(struct r1wb_words *words, unsigned int bit)
{
	unsigned short word = bit / 64;

	words->first = min(words->first, word);
	words->end = max_t(unsigned short, words->end, word + 1);
}

static void include_words(struct r1wb_words *words, struct r1wb_words more)
{
	words->first = min(words->first, more.first);
	words->end = max(words->end, more.end);
}

/* In these two, what has changed in the image is not yet. */
static void image_changed(struct r1wb_bitmap_page *page, unsigned int bit)
{
	include_word(&page->stable_lags, bit);
	include_word(&page->flight_lags, bit);
}

/* ---- bits ---- */

/* Will the bit be on disk without another flight? */
static bool is_coming(const struct r1wb_bitmap_page *page, unsigned int bit)
{
	return test_bit(R1WB_PAGE_FLYING, &page->flags) ?
	       test_bit_le(bit, page->flight) : test_bit_le(bit, page->stable);
}

/**
 * r1wb_page_set_bit - a chunk's bit must be on disk
 * @page:	its page, locked
 * @chunk:	the chunk; its word is not 0
 *
 * If the bit never left the disks, as after a clearing that was not written
 * yet, the chunk is STABLE on return.  Otherwise somebody has to kick the
 * page, sooner or later.
 */
void r1wb_page_set_bit(struct r1wb_bitmap_page *page, unsigned long chunk)
{
	unsigned int bit = r1wb_bit_in_page(chunk);

	lockdep_assert_held(&page->lock);
	if (!__test_and_set_bit_le(bit, page->image)) {
		WRITE_ONCE(page->bits, page->bits + 1);
		image_changed(page, bit);
		trace_r1wb_bit_set(page, chunk);
	}
	include_word(&page->fresh, bit);
	if (!is_coming(page, bit))
		__set_bit(R1WB_PAGE_WANTED, &page->flags);
	else if (test_bit_le(bit, page->stable))
		r1wb_chunk_apply(&page->store->chunks[chunk],
				 R1WB_CHUNK_COMMITTED, false, NULL);
}

/**
 * r1wb_page_clear_bit - a chunk has become clean
 * @page:	its page, locked since before its word became 0
 * @chunk:	the chunk
 */
void r1wb_page_clear_bit(struct r1wb_bitmap_page *page, unsigned long chunk)
{
	unsigned int bit = r1wb_bit_in_page(chunk);

	lockdep_assert_held(&page->lock);
	if (__test_and_clear_bit_le(bit, page->image)) {
		WRITE_ONCE(page->bits, page->bits - 1);
		image_changed(page, bit);
		trace_r1wb_bit_cleared(page, chunk);
	}
	__set_bit(R1WB_PAGE_WANTED, &page->flags);
	if (!test_bit(R1WB_BITMAP_CLEARED, &bitmap_of(page)->flags))
		set_bit(R1WB_BITMAP_CLEARED, &bitmap_of(page)->flags);
}

/* ---- landing ---- */

/*
 * The holders of this chunk gave up before its bit was on disk.  A bit without
 * a word would be cleared by nobody, nor become NEEDED; so the daemon gets it.
 */
static void adopt(struct r1wb_bitmap *bitmap, atomic_t *chunk)
{
	bool lacking = r1wb_bitmap_lacking(bitmap);

	r1wb_chunk_apply(chunk, R1WB_CHUNK_HOLD, lacking, NULL);
	r1wb_chunk_apply(chunk, R1WB_CHUNK_COMMITTED, lacking, NULL);
	r1wb_chunk_apply(chunk, R1WB_CHUNK_RELEASE, lacking, NULL);
	r1wb_daemon_kick(bitmap);
}

static void bit_landed(struct r1wb_bitmap_page *page, unsigned long bit)
{
	unsigned long chunk = page->index * R1WB_PAGE_BITS + bit - R1WB_SUPER_BITS;
	struct r1wb_store *store = page->store;

	if (chunk >= store->geometry.chunks)
		return;
	if (!r1wb_chunk_apply(&store->chunks[chunk], R1WB_CHUNK_COMMITTED,
			      false, NULL))
		adopt(store->bitmap, &store->chunks[chunk]);
}

/* Bits that were cleared while in the air are on disk, but nobody's promise. */
static void landed_well(struct r1wb_bitmap_page *page)
{
	unsigned int i = page->flight_fresh.first;
	const __le64 *before;

	swap(page->stable, page->flight);
	swap(page->stable_lags, page->flight_lags);
	before = page->flight;
	for (; i < page->flight_fresh.end; i++) {
		u64 fresh = le64_to_cpu(page->stable[i] & ~before[i] &
					page->image[i]);

		for (; fresh; fresh &= fresh - 1)
			bit_landed(page, i * 64 + __ffs64(fresh));
	}
	WRITE_ONCE(page->good, page->launched);
	WRITE_ONCE(page->roster, page->flight_roster);
}

/*
 * Each sector is as before or as in the flight: certain is what both have.  If
 * everybody whom the flight was for has failed, md is going to record that, and
 * to wake those that sleep.
 */
static void landed_badly(struct r1wb_bitmap_page *page)
{
	bool again = !page->missed && r1wb_members_left(bitmap_of(page));
	struct r1wb_rider *rider;
	unsigned int i;

	for (i = 0; i < PAGE_WORDS; i++)
		page->stable[i] &= page->flight[i];
	include_words(&page->stable_lags, page->flight_lags);
	include_words(&page->fresh, page->flight_fresh);
	list_for_each_entry(rider, &page->aboard, link)
		rider->status = again ? BLK_STS_AGAIN : BLK_STS_IOERR;
	__set_bit(R1WB_PAGE_WANTED, &page->flags);
	r1wb_daemon_kick(bitmap_of(page));
}

static void land(struct r1wb_bitmap_page *page, struct list_head *landed)
{
	bool good = page->reached && !page->missed;

	trace_r1wb_commit_ended(page, good);
	spin_lock_irq(&page->lock);
	if (good)
		landed_well(page);
	else
		landed_badly(page);
	list_splice_init(&page->aboard, landed);
	__clear_bit(R1WB_PAGE_FLYING, &page->flags);
	/* pairs with has_landed(): who sees this sees @good */
	smp_store_release(&page->landed, page->launched);
	spin_unlock_irq(&page->lock);
	wake_up_all(&bitmap_of(page)->landing);
}

/* ---- launching ---- */

static void touch_down(struct r1wb_bitmap_page *page)
{
	if (!atomic_dec_and_test(&page->writes))
		return;
	set_bit(0, &page->touched_down);
	wake_page(page);
}

/* A page with all bits set has those of the flight, but no superblock. */
static bool carries_flight(const struct r1wb_bitmap_page *page,
			   struct bio *bio)
{
	return page->index ||
	       bio_first_page_all(bio) == virt_to_page(page->flight);
}

static void write_ended(struct bio *bio)
{
	struct r1wb_member_bio *io = container_of(bio, struct r1wb_member_bio, bio);
	struct r1wb_bitmap_page *page = io->owner;

	if (!bio->bi_status && carries_flight(page, bio))
		WRITE_ONCE(page->reached, true);
	if (!r1wb_member_bio_end(io))
		WRITE_ONCE(page->missed, true);
	touch_down(page);
}

/* Such a member joined later: create() has seen to the others. */
static void no_room(struct r1wb_bitmap_page *page, struct md_rdev *rdev)
{
	struct mddev *mddev = rdev->mddev;

	pr_err("md/raid1wb:%s: no room for the bitmap on %pg, so it cannot be a member; use a bitmap with larger chunks\n",
	       mdname(mddev), rdev->bdev);
	md_error(mddev, rdev);
	if (!test_bit(Faulty, &rdev->flags))
		WRITE_ONCE(page->missed, true);
}

static void write_to(struct r1wb_bitmap_page *page, struct md_rdev *rdev,
		     void *content)
{
	struct r1wb_store *store = page->store;
	sector_t sector = (sector_t)page->index << (R1WB_PAGE_SHIFT - SECTOR_SHIFT);
	unsigned int bytes = r1wb_member_page_bytes(&store->geometry, rdev,
						    page->index);
	struct bio *bio;

	if (!bytes) {
		no_room(page, rdev);
		return;
	}
	bio = r1wb_member_bio_alloc(store->bitmap, rdev,
				    rdev->meta_bdev ?: rdev->bdev,
				    REQ_OP_WRITE | REQ_SYNC | REQ_META | REQ_FUA,
				    page);
	bio->bi_iter.bi_sector = rdev->sb_start +
				 rdev->mddev->bitmap_info.offset + sector;
	__bio_add_page(bio, virt_to_page(content), bytes, offset_in_page(content));
	bio->bi_end_io = write_ended;
	atomic_inc(&page->writes);
	submit_bio(bio);
}

/* What a member gets; NULL for nothing. */
static void *cargo(struct r1wb_bitmap_page *page, const struct md_rdev *rdev)
{
	struct r1wb_bitmap *bitmap = bitmap_of(page);

	switch (r1wb_sleep_state(bitmap, rdev)) {
	case R1WB_AWAKE:
		return page->flight;
	case R1WB_DROWSY:
		return page->index ? r1wb_superset_page(bitmap, page->index) :
				     page->flight;
	case R1WB_NODDING:
		return r1wb_superset_page(bitmap, page->index);
	case R1WB_ASLEEP:
		break;
	}
	return NULL;
}

static void bring(struct r1wb_bitmap_page *page, struct md_rdev *rdev)
{
	void *content = cargo(page, rdev);

	if (content)
		write_to(page, rdev, content);
}

/* What is there already is not copied again: it would delay whoever waits. */
static void load_flight(struct r1wb_bitmap_page *page)
{
	struct r1wb_words lags = page->flight_lags;

	if (!page->index)
		memcpy(page->flight, page->image, R1WB_SUPER_BYTES);
	if (lags.first < lags.end)
		memcpy(page->flight + lags.first, page->image + lags.first,
		       (lags.end - lags.first) * sizeof(__le64));
	page->flight_lags = no_words;
}

/* True: the caller has to launch it. */
static bool prepare(struct r1wb_bitmap_page *page)
{
	struct r1wb_bitmap *bitmap = bitmap_of(page);

	lockdep_assert_held(&page->lock);
	if (!test_bit(R1WB_PAGE_WANTED, &page->flags) ||
	    !test_bit(R1WB_PAGE_KICKED, &page->flags) ||
	    test_bit(R1WB_PAGE_FLYING, &page->flags) ||
	    test_bit(R1WB_BITMAP_DYING, &bitmap->flags))
		return false;
	__set_bit(R1WB_PAGE_FLYING, &page->flags);
	__clear_bit(R1WB_PAGE_WANTED, &page->flags);
	__clear_bit(R1WB_PAGE_KICKED, &page->flags);
	load_flight(page);
	page->flight_fresh = page->fresh;
	page->fresh = no_words;
	list_splice_init(&page->waiting, &page->aboard);
	page->launched++;
	/* pairs with r1wb_bitmap_member_joined(): who is counted is seen */
	page->flight_roster = atomic_read_acquire(&bitmap->roster);
	page->reached = false;
	page->missed = false;
	return true;
}

static void launch(struct r1wb_bitmap_page *page)
{
	struct r1wb_bitmap *bitmap = bitmap_of(page);
	struct md_rdev *rdev;

	trace_r1wb_commit(page);
	atomic_set(&page->writes, 1);
	for (rdev = r1wb_next_active(bitmap, NULL); rdev;
	     rdev = r1wb_next_active(bitmap, rdev))
		bring(page, rdev);
	touch_down(page);
}

static bool ride_on(struct r1wb_store *store, struct r1wb_rider *rider);

/* The next flight goes first: a rider may take its time. */
static void page_work(struct work_struct *work)
{
	struct r1wb_bitmap_page *page =
		container_of(work, struct r1wb_bitmap_page, work);
	struct r1wb_rider *rider, *next;
	LIST_HEAD(landed);
	bool go;

	if (test_and_clear_bit(0, &page->touched_down))
		land(page, &landed);
	spin_lock_irq(&page->lock);
	go = prepare(page);
	spin_unlock_irq(&page->lock);
	if (go)
		launch(page);
	list_for_each_entry_safe(rider, next, &landed, link) {
		list_del(&rider->link);
		if (rider->status || ride_on(page->store, rider))
			rider->go(rider);
	}
}

/* ---- streams ---- */

/* Where a rider goes on that began where another one ended; NULL if none did. */
static unsigned long *find_stream(struct r1wb_bitmap_page *page,
				  unsigned long first, unsigned long last)
{
	unsigned long *end = page->streams;
	unsigned long *stop = end + R1WB_STREAMS;

	while (end < stop && !(*end >= first && *end <= last))
		end++;
	if (end == stop) {
		page->streams[page->next_stream++ % R1WB_STREAMS] = last + 1;
		return NULL;
	}
	*end = last + 1;
	return end;
}

/* As many chunks as the stream has behind it, up to a limit. */
static unsigned long run_length(const struct r1wb_bitmap_page *page,
				unsigned long last)
{
	unsigned long first = r1wb_page_first_chunk(page->index), run = 0;
	unsigned long limit = min_t(unsigned long, AHEAD_CHUNKS, AHEAD_SECTORS >>
				    page->store->geometry.chunk_shift);

	while (run < limit && last >= first + run &&
	       test_bit_le(r1wb_bit_in_page(last - run), page->image))
		run++;
	return run;
}

/* Nobody holds it when we are done: the daemon gets it, or the landing first. */
static void mark(struct r1wb_bitmap_page *page, unsigned long chunk)
{
	atomic_t *word = &page->store->chunks[chunk];

	if (test_bit_le(r1wb_bit_in_page(chunk), page->image))
		return;
	r1wb_chunk_apply(word, R1WB_CHUNK_HOLD, false, NULL);
	r1wb_page_set_bit(page, chunk);
	r1wb_chunk_apply(word, R1WB_CHUNK_RELEASE, false, NULL);
}

/*
 * A sequential writer would wait for a flight at every chunk; so the flight that
 * it waits for takes the bits of those to come as well.  Not while a member is
 * missing: bits that are set then are work for whoever replaces it.
 */
static void mark_ahead(struct r1wb_bitmap_page *page, unsigned long first,
		       unsigned long last)
{
	unsigned long *stream = find_stream(page, first, last);
	unsigned long end, chunk;

	lockdep_assert_held(&page->lock);
	if (!stream || r1wb_bitmap_degraded(bitmap_of(page)))
		return;
	end = min3(last + 1 + run_length(page, last), page->store->geometry.chunks,
		   r1wb_page_first_chunk(page->index + 1));
	for (chunk = last + 1; chunk < end; chunk++)
		mark(page, chunk);
	*stream = end;
}

/* ---- riders ---- */

/* Are these chunks' bits on every active member?  They are held, so they stay. */
static bool is_settled(const struct r1wb_bitmap_page *page,
		       unsigned long first, unsigned long last)
{
	unsigned long chunk;

	if (READ_ONCE(page->roster) != atomic_read(&bitmap_of(page)->roster))
		return false;
	for (chunk = first; chunk <= last; chunk++)
		if (!(atomic_read_acquire(&page->store->chunks[chunk]) &
		      R1WB_CHUNK_STABLE))
			return false;
	return true;
}

static bool is_in_flight(const struct r1wb_bitmap_page *page,
			 unsigned long first, unsigned long last)
{
	unsigned long chunk;

	if (!test_bit(R1WB_PAGE_FLYING, &page->flags) ||
	    page->flight_roster != atomic_read(&bitmap_of(page)->roster))
		return false;
	for (chunk = first; chunk <= last; chunk++)
		if (!test_bit_le(r1wb_bit_in_page(chunk), page->flight))
			return false;
	return true;
}

/* True: there is a flight for the caller to launch. */
static bool board(struct r1wb_bitmap_page *page, struct r1wb_rider *rider,
		  unsigned long last)
{
	lockdep_assert_held(&page->lock);
	if (is_in_flight(page, rider->first, last)) {
		list_add_tail(&rider->link, &page->aboard);
		return false;
	}
	mark_ahead(page, rider->first, last);
	list_add_tail(&rider->link, &page->waiting);
	__set_bit(R1WB_PAGE_WANTED, &page->flags);
	__set_bit(R1WB_PAGE_KICKED, &page->flags);
	return prepare(page);
}

/* False: the rider waits for this page, and may be gone already. */
static bool pass(struct r1wb_bitmap_page *page, struct r1wb_rider *rider,
		 unsigned long last)
{
	bool settled, go;

	if (is_settled(page, rider->first, last))
		return true;
	spin_lock_irq(&page->lock);
	settled = is_settled(page, rider->first, last);
	go = !settled && board(page, rider, last);
	spin_unlock_irq(&page->lock);
	if (go)
		launch(page);
	return settled;
}

static bool ride_on(struct r1wb_store *store, struct r1wb_rider *rider)
{
	while (rider->first <= rider->last) {
		struct r1wb_bitmap_page *page = r1wb_page_of(store, rider->first);
		unsigned long next = r1wb_page_first_chunk(page->index + 1);

		if (!pass(page, rider, min(rider->last, next - 1)))
			return false;
		rider->first = next;
	}
	return true;
}

/**
 * r1wb_bitmap_ride - make sure that the bits of a held range are stable
 * @bitmap:	the bitmap; NULL is fine and needs no bits
 * @rider:	with @go set; the bitmap's until @go is called, if false is returned
 * @sector:	start of the range
 * @sectors:	its length
 *
 * The caller holds the range, see r1wb_bitmap_hold().
 *
 * Context: process; does not wait for the disks, but submits to them.
 * Return: true if all bits are stable on every active member.  If not, they
 *	   are being written, and @go will be called from the bitmap's
 *	   workqueue, maybe before this has returned.
 */
bool r1wb_bitmap_ride(struct r1wb_bitmap *bitmap, struct r1wb_rider *rider,
		      sector_t sector, sector_t sectors)
{
	rider->status = BLK_STS_OK;
	if (!bitmap || !r1wb_chunk_range(bitmap->store, sector, sectors,
					 &rider->first, &rider->last))
		return true;
	return ride_on(bitmap->store, rider);
}

/* ---- whole pages ---- */

static void kick(struct r1wb_bitmap_page *page)
{
	lockdep_assert_held(&page->lock);
	if (!test_bit(R1WB_PAGE_WANTED, &page->flags))
		return;
	__set_bit(R1WB_PAGE_KICKED, &page->flags);
	if (!test_bit(R1WB_PAGE_FLYING, &page->flags))
		wake_page(page);
}

/**
 * r1wb_page_kick - write a page now, if it is to be written
 * @page:	the page
 *
 * Context: any, does not sleep.
 */
void r1wb_page_kick(struct r1wb_bitmap_page *page)
{
	unsigned long irq;

	spin_lock_irqsave(&page->lock, irq);
	kick(page);
	spin_unlock_irqrestore(&page->lock, irq);
}

/**
 * r1wb_page_want - a page is to be written, sooner or later
 * @page:	the page
 *
 * Context: any.
 */
void r1wb_page_want(struct r1wb_bitmap_page *page)
{
	unsigned long irq;

	spin_lock_irqsave(&page->lock, irq);
	__set_bit(R1WB_PAGE_WANTED, &page->flags);
	spin_unlock_irqrestore(&page->lock, irq);
}

static bool has_landed(const struct r1wb_bitmap_page *page, u32 number)
{
	/* pairs with the release in land() */
	return (s32)(smp_load_acquire(&page->landed) - number) >= 0;
}

/**
 * r1wb_page_commit - write a page if it needs to be, and wait
 * @page:	the page
 *
 * Does not wait for what is set or cleared meanwhile.
 *
 * Context: process, sleeps; not on the commit workqueue.
 * Return: true if what the page's image was is on every active member.
 */
bool r1wb_page_commit(struct r1wb_bitmap_page *page)
{
	u32 number;

	spin_lock_irq(&page->lock);
	number = page->launched;
	if (test_bit(R1WB_PAGE_WANTED, &page->flags)) {
		number++;
		kick(page);
	}
	spin_unlock_irq(&page->lock);

	wait_event(bitmap_of(page)->landing, has_landed(page, number));
	return (s32)(READ_ONCE(page->good) - number) >= 0;
}

/* The image has been written as a whole.  Context: nobody else looks at the page. */
void r1wb_page_replaced(struct r1wb_bitmap_page *page)
{
	page->stable_lags = all_words;
	page->flight_lags = all_words;
}

/**
 * r1wb_page_await - wait until what is being written now has landed
 * @page:	the page
 *
 * Not for the flights that follow it, of which there may be no end.
 *
 * Context: process, sleeps; not on the commit workqueue.
 */
void r1wb_page_await(struct r1wb_bitmap_page *page)
{
	u32 number;

	spin_lock_irq(&page->lock);
	number = page->launched;
	spin_unlock_irq(&page->lock);
	wait_event(bitmap_of(page)->landing, has_landed(page, number));
}

/**
 * r1wb_page_begin - a new image is in place
 * @page:	the page, known to nobody but the caller
 *
 * Whatever may be on the members is not counted on: all of it is to be written.
 *
 * Context: process.
 */
void r1wb_page_begin(struct r1wb_bitmap_page *page)
{
	unsigned long first = r1wb_page_first_chunk(page->index);
	unsigned long start = r1wb_bit_in_page(first);
	unsigned long end = start + r1wb_page_chunks(&page->store->geometry,
						     page->index);
	unsigned long bit;

	for (bit = 0; bit < R1WB_PAGE_BITS; bit++)
		if (bit < start || bit >= end)
			__clear_bit_le(bit, page->image);
	page->bits = 0;
	for (bit = start; bit < end; bit++)
		page->bits += test_bit_le(bit, page->image);
	memset(page->stable, 0, R1WB_PAGE_BYTES);
	r1wb_page_replaced(page);
	page->fresh.first = page->index ? 0 : SUPER_WORDS;
	page->fresh.end = PAGE_WORDS;
	page->roster = NO_ROSTER;
	__set_bit(R1WB_PAGE_WANTED, &page->flags);
}

/**
 * r1wb_page_init - a page without a bit
 * @store:	the store, with pages that are zero
 * @index:	which of them
 *
 * Context: process, sleeps.
 * Return: false without memory.
 */
bool r1wb_page_init(struct r1wb_store *store, unsigned long index)
{
	struct r1wb_bitmap_page *page = &store->pages[index];

	page->store = store;
	page->index = index;
	page->roster = NO_ROSTER;
	page->fresh = no_words;
	page->stable_lags = no_words;
	page->flight_lags = no_words;
	memset(page->streams, 0xff, sizeof(page->streams));
	spin_lock_init(&page->lock);
	INIT_LIST_HEAD(&page->waiting);
	INIT_LIST_HEAD(&page->aboard);
	INIT_WORK(&page->work, page_work);
	page->image = kzalloc(R1WB_PAGE_BYTES, GFP_KERNEL);
	page->stable = kzalloc(R1WB_PAGE_BYTES, GFP_KERNEL);
	page->flight = kzalloc(R1WB_PAGE_BYTES, GFP_KERNEL);
	return page->image && page->stable && page->flight;
}

/* The end of a page that may be half made. */
void r1wb_page_exit(struct r1wb_bitmap_page *page)
{
	if (!page->store)
		return;
	WARN_ON_ONCE(test_bit(R1WB_PAGE_FLYING, &page->flags) ||
		     !list_empty(&page->waiting));
	kfree(page->image);
	kfree(page->stable);
	kfree(page->flight);
}
