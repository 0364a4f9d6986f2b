/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside the counting bitmap.  For bitmap*.c only.
 *
 * Who calls whom: bitmap_sysfs, bitmap_seat -> bitmap_load, bitmap_resize,
 * bitmap_sync, bitmap_clean -> bitmap -> bitmap_sleep -> bitmap_store ->
 * bitmap_page -> bitmap_member.
 *
 * Lock order:
 *   mddev->reconfig_mutex
 *     bitmap->pass_mutex		one pass over all chunks at a time
 *       bitmap->sweep_mutex	turning every bit into NEEDED
 *         page->lock (irq)	image, and which chunks' bits are in it
 *       mddev->lock		reading md's event count
 * A page's work takes none of the mutexes, so they may be held while waiting
 * for a flight.
 */
#ifndef R1WB_BITMAP_IMPL_H
#define R1WB_BITMAP_IMPL_H

#include <linux/bio.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "md.h"
#include "md-bitmap.h"
#include "bitmap.h"
#include "chunk.h"
#include "format.h"

struct r1wb_store;

enum r1wb_page_flag {
	R1WB_PAGE_WANTED,	/* image must be written */
	R1WB_PAGE_KICKED,	/* ... now, not at the daemon's leisure */
	R1WB_PAGE_FLYING,	/* from launch until its landing is worked out */
};

#define R1WB_STREAMS	4	/* of sequential writes that one page knows */

/* A range of 64-bit words of a page; empty if @first is not below @end. */
struct r1wb_words {
	unsigned short	first;
	unsigned short	end;
};

/**
 * struct r1wb_bitmap_page - 4 KiB of the bitmap, as a whole the unit of I/O
 * @store:	immutable, as @index
 * @index:	which page of the bitmap
 * @lock:	protects what follows, down to @landed
 * @image:	what should be on disk
 * @stable:	what is, after the last good flight
 * @flight:	what is being written, while FLYING; scratch otherwise
 * @bits:	how many bits are set in @image
 * @fresh:	words of @image in which bits were set since the last launch
 * @flight_fresh: the same of the current flight
 * @stable_lags: words in which @stable may differ from @image; of page 0, beside
 *		those of the superblock
 * @flight_lags: the same of @flight
 * @flags:	enum r1wb_page_flag
 * @streams:	chunks at which recent riders, or the marks ahead of them, ended
 * @next_stream: which of these is the oldest, modulo R1WB_STREAMS
 * @waiting:	riders that wait for the next flight
 * @aboard:	riders whose bits are in the current flight
 * @launched:	number of the last flight launched
 * @landed:	number of the last flight that is over
 * @good:	number of the last flight that reached everybody whom it was for
 * @flight_roster: bitmap->roster when the flight was launched
 * @roster:	of the last good flight: the page is on every member that is
 *		active if this is bitmap->roster
 * @writes:	bios of the flight that are out, plus one while launching
 * @reached:	a copy has the flight's bits, and of page 0 the superblock; set in irq
 * @missed:	a member that stays in the array has not; set in irq
 * @touched_down: the last bio has ended, @work has to act on it
 * @work:	lands, and launches if nobody else has
 *
 * For every chunk whose word is STABLE, its bit is in @image, in @stable and,
 * while FLYING, in @flight.  A chunk with a bit in @image has a word that is
 * not 0, or else the page is FLYING or WANTED, and landing will see to it.
 */
struct r1wb_bitmap_page {
	struct r1wb_store	*store;
	unsigned long		index;

	spinlock_t		lock;		/* @image to @landed */
	__le64			*image;
	__le64			*stable;
	__le64			*flight;
	unsigned int		bits;
	struct r1wb_words	fresh;
	struct r1wb_words	flight_fresh;
	struct r1wb_words	stable_lags;
	struct r1wb_words	flight_lags;
	unsigned long		flags;
	unsigned long		streams[R1WB_STREAMS];
	unsigned int		next_stream;
	struct list_head	waiting;
	struct list_head	aboard;
	u32			launched;
	u32			landed;
	u32			good;

	int			flight_roster;
	int			roster;
	atomic_t		writes;
	bool			reached;
	bool			missed;
	unsigned long		touched_down;
	struct work_struct	work;
};

/**
 * struct r1wb_store - chunk words and pages that belong to one geometry
 * @bitmap:	owner; which of its stores is in use is up to the bitmap
 * @geometry:	immutable
 * @chunks:	one word per chunk
 * @pages:	@geometry.pages of them
 */
struct r1wb_store {
	struct r1wb_bitmap		*bitmap;
	struct r1wb_geometry		geometry;
	atomic_t			*chunks;
	struct r1wb_bitmap_page		*pages;
};

enum r1wb_bitmap_flag {
	R1WB_BITMAP_LOADED,	/* sticky: words and images say what the disks say */
	R1WB_BITMAP_FRESH,	/* until the first load: nothing on disk to be read */
	R1WB_BITMAP_UNFLUSHED,	/* a write has ended since the last flush; holds
				 * one of md's writes_pending (I9)
				 */
	R1WB_BITMAP_ARMED,	/* the daemon is going to run */
	R1WB_BITMAP_KEEP,	/* sysfs: clear nothing */
	R1WB_BITMAP_CLEARED,	/* bits have gone since superblocks were written */
	R1WB_BITMAP_ROUSED,	/* no copy may sleep */
	R1WB_BITMAP_KEPT_UP,	/* a copy may have to sleep once the array is active */
	R1WB_BITMAP_DYING,	/* sticky: launch nothing any more */
};

/**
 * enum r1wb_sleep - what a member's copy of the bitmap does
 * @R1WB_AWAKE:	it gets every page that is written
 * @R1WB_DROWSY:	it falls asleep or wakes up: of pages that are written, it
 *			gets page 0, and instead of the others ones with all
 *			bits set
 * @R1WB_NODDING:	all pages but page 0 have all bits set, on disk; so has what
 *			it gets, page 0 as well
 * @R1WB_ASLEEP:	all its bits are set, on disk, and its superblock tells;
 *			it gets nothing
 */
enum r1wb_sleep {
	R1WB_AWAKE,
	R1WB_DROWSY,
	R1WB_NODDING,
	R1WB_ASLEEP,
};

/**
 * struct r1wb_copy - a member's copy of the bitmap
 * @state:	enum r1wb_sleep; may be read by anybody
 * @sleepy:	where it goes: to sleep, or awake
 * @events_cleared: what was found there before the first load; U64_MAX if nothing
 */
struct r1wb_copy {
	u8	state;
	bool	sleepy;
	u64	events_cleared;
};

/**
 * struct r1wb_bitmap - the bitmap of an array, what mddev->bitmap points to
 * @ops:	== &r1wb_bitmap_ops.  First, so that what md hands to us as void *
 *		can be told from a bitmap of md's own
 * @mddev:	the array
 * @store:	changes only while the array is quiesced, nothing is held, and
 *		reconfig_mutex, @pass_mutex and bitmap_info.mutex are taken
 * @flags:	enum r1wb_bitmap_flag
 * @events:	md's event count when create() looked at the disks
 * @super:	what the superblock in page 0's image says; under that page's lock
 * @losses:	members lost; changed in any context
 * @swept:	of these, how many have turned all bits into NEEDED
 * @roster:	counts members that joined, and copies that were woken
 * @copies:	by slot, and then those of replacements; before the first load,
 *		what was found on the disks.  Change under reconfig_mutex; replaced
 *		only while no page is being written
 * @nr_copies:	twice as many as there are slots
 * @new_copies:	what is to replace them
 * @nr_new_copies: as many
 * @superset:	what a copy that falls asleep gets for page 0, and for all others
 * @leaving:	a member that is not to be used any more; md takes it off its
 *		list in a moment
 * @aged:	chunks that the last pass left AGED; under @pass_mutex
 * @last_end_sync: jiffies when resync progress was last recorded
 * @landing:	woken whenever a flight is over
 * @bios:	page writes and flushes
 * @commit_wq:	the pages' work; never waits for a flight
 * @daemon:	ages and clears
 */
struct r1wb_bitmap {
	const struct bitmap_operations	*ops;
	struct mddev			*mddev;
	struct r1wb_store		*store;
	unsigned long			flags;
	u64				events;
	struct r1wb_super		super;
	enum r1wb_super_verdict		verdict;	/* on what was found */
	char				reason[R1WB_REASON_LEN];

	atomic_t			losses;
	int				swept;
	atomic_t			roster;
	struct r1wb_copy		*copies;
	int				nr_copies;
	struct r1wb_copy		*new_copies;
	int				nr_new_copies;
	void				*superset[2];
	struct md_rdev			*leaving;

	struct mutex			pass_mutex;	/* one pass at a time, @aged */
	struct mutex			sweep_mutex;	/* one sweep at a time, @swept */
	unsigned long			aged;
	unsigned long			last_end_sync;

	wait_queue_head_t		landing;
	struct bio_set			bios;
	struct workqueue_struct		*commit_wq;
	struct delayed_work		daemon;
};

/* A bio on its way to a member; from bitmap->bios, which leave room for it. */
struct r1wb_member_bio {
	struct md_rdev	*rdev;
	void		*owner;
	struct bio	bio;
};

/* bitmap.c */
extern struct bitmap_operations r1wb_bitmap_ops;

/* A bitmap as md knows it: ours, or NULL. */
static inline struct r1wb_bitmap *r1wb_bitmap_cast(void *data)
{
	struct r1wb_bitmap *bitmap = data;

	return bitmap && bitmap->ops == &r1wb_bitmap_ops ? bitmap : NULL;
}

/*
 * For events_cleared, of an array that is whole.  Whoever is absent has missed two
 * events at least, that of being lost and that of being replaced; so one less
 * than the array's count keeps them out as well.  The count itself must not be
 * there while the array is active: finding one member alone after a crash, the
 * kernel's raid1 would take that for a reason to forget all bits.
 */
static inline u64 r1wb_whole_events(const struct mddev *mddev)
{
	u64 events = READ_ONCE(mddev->events);

	return events ? events - 1 : 0;
}

/* A member was lost, and not every word knows yet. */
static inline bool r1wb_bitmap_unswept(const struct r1wb_bitmap *bitmap)
{
	return atomic_read(&bitmap->losses) != READ_ONCE(bitmap->swept);
}

/* Nothing may be cleared. */
static inline bool r1wb_bitmap_degraded(const struct r1wb_bitmap *bitmap)
{
	return READ_ONCE(bitmap->mddev->degraded) > 0 ||
	       r1wb_bitmap_unswept(bitmap);
}

static inline struct r1wb_bitmap_page *
r1wb_page_of(const struct r1wb_store *store, unsigned long chunk)
{
	return &store->pages[r1wb_bit_page(chunk)];
}

bool r1wb_bitmap_lacking(struct r1wb_bitmap *bitmap);
void r1wb_bitmap_sweep(struct r1wb_bitmap *bitmap);
void r1wb_bitmap_hold_chunk(struct r1wb_store *store, unsigned long chunk);
void r1wb_bitmap_need(struct r1wb_store *store, unsigned long chunk);
void r1wb_bitmap_write_super(struct r1wb_bitmap *bitmap);

/* bitmap_sleep.c */
bool r1wb_sleep_init(struct r1wb_bitmap *bitmap);
void r1wb_sleep_exit(struct r1wb_bitmap *bitmap);
enum r1wb_sleep r1wb_sleep_state(const struct r1wb_bitmap *bitmap,
				 const struct md_rdev *rdev);
void r1wb_sleep_reset(struct r1wb_bitmap *bitmap, const struct md_rdev *rdev);
void r1wb_sleep_found(struct r1wb_bitmap *bitmap, const struct md_rdev *rdev,
		      const struct r1wb_disk_super *super);
void *r1wb_superset_page(struct r1wb_bitmap *bitmap, unsigned long page);
void r1wb_sleep_loaded(struct r1wb_bitmap *bitmap);
bool r1wb_sleep_is_drowsy(const struct r1wb_bitmap *bitmap);
bool r1wb_sleep_begin(struct r1wb_bitmap *bitmap);
void r1wb_sleep_wake(struct r1wb_bitmap *bitmap);
void r1wb_sleep_nod(struct r1wb_bitmap *bitmap);
void r1wb_sleep_end(struct r1wb_bitmap *bitmap);
void r1wb_bitmap_rouse(struct r1wb_bitmap *bitmap);
void r1wb_bitmap_unrouse(struct r1wb_bitmap *bitmap);

/* bitmap_store.c */
struct r1wb_store *r1wb_store_alloc(struct r1wb_bitmap *bitmap,
				    const struct r1wb_geometry *geometry);
void r1wb_store_free(struct r1wb_store *store);
void r1wb_store_ground(struct r1wb_store *store);
void r1wb_store_want(struct r1wb_store *store);
void r1wb_store_kick(struct r1wb_store *store);
bool r1wb_store_commit(struct r1wb_store *store, unsigned long first_page);
bool r1wb_chunk_range(const struct r1wb_store *store, sector_t sector,
		      sector_t sectors, unsigned long *first, unsigned long *last);

/* bitmap_page.c */
bool r1wb_page_init(struct r1wb_store *store, unsigned long index);
void r1wb_page_exit(struct r1wb_bitmap_page *page);
void r1wb_page_begin(struct r1wb_bitmap_page *page);
void r1wb_page_replaced(struct r1wb_bitmap_page *page);
void r1wb_page_set_bit(struct r1wb_bitmap_page *page, unsigned long chunk);
void r1wb_page_clear_bit(struct r1wb_bitmap_page *page, unsigned long chunk);
void r1wb_page_want(struct r1wb_bitmap_page *page);
void r1wb_page_kick(struct r1wb_bitmap_page *page);
bool r1wb_page_commit(struct r1wb_bitmap_page *page);
void r1wb_page_await(struct r1wb_bitmap_page *page);

/* bitmap_member.c */
extern const struct r1wb_geometry r1wb_super_only;
bool r1wb_members_missing(struct mddev *mddev);
bool r1wb_members_mirrored(struct mddev *mddev);
struct md_rdev *r1wb_next_active(struct r1wb_bitmap *bitmap,
				 struct md_rdev *rdev);
unsigned int r1wb_member_page_bytes(const struct r1wb_geometry *geometry,
				    struct md_rdev *rdev, unsigned long page);
int r1wb_members_fit(struct mddev *mddev, const struct r1wb_geometry *geometry);
bool r1wb_members_left(struct r1wb_bitmap *bitmap);
void r1wb_members_look(struct r1wb_bitmap *bitmap);
bool r1wb_members_read(struct r1wb_bitmap *bitmap,
		       const struct r1wb_geometry *geometry,
		       unsigned long page, void *data);
struct bio *r1wb_member_bio_alloc(struct r1wb_bitmap *bitmap,
				  struct md_rdev *rdev,
				  struct block_device *bdev, blk_opf_t opf,
				  void *owner);
bool r1wb_member_bio_end(struct r1wb_member_bio *io);
bool r1wb_members_flush(struct r1wb_bitmap *bitmap);

/* bitmap_clean.c */
void r1wb_daemon_init(struct r1wb_bitmap *bitmap);
void r1wb_daemon_kick(struct r1wb_bitmap *bitmap);
void r1wb_daemon_retime(struct r1wb_bitmap *bitmap);
void r1wb_daemon_stop(struct r1wb_bitmap *bitmap);
void r1wb_bitmap_flush(struct mddev *mddev);

/* bitmap_load.c */
int r1wb_bitmap_create(struct mddev *mddev, int slot);
int r1wb_bitmap_load(struct mddev *mddev);
void r1wb_bitmap_free(struct r1wb_bitmap *bitmap);

/* bitmap_sync.c */
bool r1wb_bitmap_start_sync(struct mddev *mddev, sector_t sector,
			    sector_t *sectors, bool degraded);
void r1wb_bitmap_end_sync(struct mddev *mddev, sector_t sector,
			  sector_t *sectors);
void r1wb_bitmap_cond_end_sync(struct mddev *mddev, sector_t sector, bool force);
void r1wb_bitmap_close_sync(struct mddev *mddev);

/* bitmap_resize.c */
int r1wb_bitmap_resize(struct mddev *mddev, sector_t sectors, int chunk_bytes,
		       bool init);

/* bitmap_seat.c */
struct r1wb_bitmap *r1wb_bitmap_find(struct mddev *mddev);
void r1wb_record_bitmap(struct mddev *mddev);
int r1wb_seat_take(struct mddev *mddev, struct r1wb_bitmap *bitmap);
void r1wb_bitmap_destroy(struct mddev *mddev);

/* bitmap_sysfs.c */
extern const struct attribute_group r1wb_bitmap_group;

#endif /* R1WB_BITMAP_IMPL_H */
