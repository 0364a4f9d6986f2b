// SPDX-License-Identifier: GPL-2.0
// Any events in any order on a chunk word: it does what a model without a table does, and it becomes clean only when
// nobody can need its bit.
//
// Input: whether to begin with any word instead of a clean chunk, that word; then a byte an event: which, and degraded.
#include <cstdint>

#include "input.h"
#include "property.h"

extern "C" {
#include "chunk.h"
}

namespace {

constexpr std::uint32_t stable_flag = 1U << 28, needed_flag = 1U << 29, resync_flag = 1U << 30, aged_flag = 1U << 31;
constexpr std::uint32_t holds_max = (1U << 26) - 1, holds_mask = (1U << 28) - 1;

// The word, as somebody would write it who had never seen the table.
struct Model {
	std::uint32_t holds = 0;
	bool stable = false, needed = false, resync = false, aged = false;
	bool impossible = false;	// of the last event

	explicit Model(std::uint32_t word)
		: holds{word & holds_mask}, stable{(word & stable_flag) != 0}, needed{(word & needed_flag) != 0},
		  resync{(word & resync_flag) != 0}, aged{(word & aged_flag) != 0}
	{
	}

	std::uint32_t word() const
	{
		return holds | (stable ? stable_flag : 0) | (needed ? needed_flag : 0) | (resync ? resync_flag : 0) |
		       (aged ? aged_flag : 0);
	}

	void apply(unsigned int event, bool degraded)
	{
		impossible = false;
		repair();
		switch (event) {
		case R1WB_CHUNK_HOLD: return use(1, degraded);
		case R1WB_CHUNK_RELEASE: return use(-1, degraded);
		case R1WB_CHUNK_COMMITTED: stable = stable || word(); return;
		case R1WB_CHUNK_NEED: return need();
		case R1WB_CHUNK_MEMBER_LOST: return word() ? need() : void();
		case R1WB_CHUNK_SYNC_START: return sync_start(degraded);
		case R1WB_CHUNK_SYNC_DONE: return sync_end(stable);
		case R1WB_CHUNK_SYNC_ABORT: return sync_end(false);
		case R1WB_CHUNK_AGE: aged = aged || is_idle(degraded); return;
		case R1WB_CHUNK_CLEAR:
			if (aged && is_idle(degraded))
				*this = Model{0};
			return;
		}
	}

private:
	bool is_idle(bool degraded) const { return stable && !holds && !needed && !resync && !degraded; }

	// AGED promises a stable bit and no work.
	void repair()
	{
		if (!aged || (stable && !needed && !resync))
			return;
		impossible = true;
		needed = needed || !stable;
		aged = false;
	}

	void use(int change, bool degraded)
	{
		aged = false;
		if (holds >= holds_max) {
			impossible = true;
		} else if (change < 0 && !holds) {
			impossible = true;
			needed = true;
		} else {
			holds += static_cast<std::uint32_t>(change);
			needed = needed || degraded;
		}
	}

	void need()
	{
		needed = true;
		aged = false;
	}

	void sync_start(bool degraded)
	{
		if (!needed || resync || degraded)
			return;
		needed = false;
		resync = true;
	}

	void sync_end(bool success)
	{
		needed = needed || (resync && !success);
		resync = false;
	}
};

// What happened to the data of one chunk, and so whether its bit is needed. Knows nothing of words.
class Ledger {
public:
	// @clean: of the word before the event
	void note(unsigned int event, bool degraded, bool clean)
	{
		switch (event) {
		case R1WB_CHUNK_HOLD: writes_++; missed(degraded); break;
		case R1WB_CHUNK_RELEASE: writes_--; unflushed_ = true; missed(degraded); break;
		case R1WB_CHUNK_COMMITTED: on_disk_ = on_disk_ || !clean; break;
		case R1WB_CHUNK_NEED: differs_ = true; break;
		case R1WB_CHUNK_MEMBER_LOST: differs_ = differs_ || !clean; break;
		case R1WB_CHUNK_SYNC_START: sync_start(degraded); break;
		case R1WB_CHUNK_SYNC_DONE: sync_end(on_disk_); break;
		case R1WB_CHUNK_SYNC_ABORT: sync_end(false); break;
		case R1WB_CHUNK_AGE: aged_ = true; unflushed_ = false; break;
		}
	}

	void note_quick_hold() { writes_++; }

	bool has_writes() const { return writes_ > 0; }
	bool on_disk() const { return on_disk_; }

	// The word says that nobody needs the bit any more. Is that so?
	void check_clean(unsigned int event, bool degraded)
	{
		PROPERTY(!writes_ && !differs_ && !syncing_, "event {}: {} writes, differs {}, syncing {}", event, writes_,
			 differs_, syncing_);
		// Before the bit is on disk nothing is sent, so there is nothing to flush.
		PROPERTY(!on_disk_ || (event == R1WB_CHUNK_CLEAR && aged_ && !unflushed_ && !degraded),
			 "event {}: aged {}, unflushed {}, degraded {}", event, aged_, unflushed_, degraded);
		*this = Ledger{};
	}

private:
	void missed(bool degraded) { differs_ = differs_ || degraded; }

	void sync_start(bool degraded)
	{
		if (!differs_ || syncing_ || degraded)
			return;
		syncing_ = true;
		differs_ = false;
	}

	void sync_end(bool success)
	{
		if (!syncing_)
			return;
		syncing_ = false;
		unflushed_ = true;
		differs_ = differs_ || !success;
	}

	unsigned int writes_ = 0;	// outstanding
	bool differs_ = false;		// members may, and no sync that would mend it has begun
	bool syncing_ = false;
	bool on_disk_ = false;		// the bit
	bool aged_ = false;		// the daemon has been here, and flushes before it comes again
	bool unflushed_ = false;	// since then
};

class Walk {
public:
	Walk(std::uint32_t word, bool legal) : chunk_{static_cast<int>(word)}, model_{word}, legal_{legal} {}

	void step(std::uint8_t byte)
	{
		const auto what = byte % 16U;
		const bool degraded = byte & 16;

		if (what == 10 || what == 11)
			quick_hold();
		else if (what == 12)
			unknown(R1WB_CHUNK_NR_EVENTS + byte / 16U);
		else
			event(what < R1WB_CHUNK_NR_EVENTS ? what : 0U + R1WB_CHUNK_RELEASE, degraded);
	}

private:
	std::uint32_t word() const { return static_cast<std::uint32_t>(chunk_.counter); }

	void event(unsigned int what, bool degraded)
	{
		if (legal_ && what == R1WB_CHUNK_RELEASE && !ledger_.has_writes())
			return;
		const auto before = word();
		const auto warnings = shim_warnings;
		std::uint32_t old = 0;
		model_.apply(what, degraded);
		const auto after = r1wb_chunk_apply(&chunk_, static_cast<r1wb_chunk_event>(what), degraded, &old);

		// First what it is about, then how it is done.
		if (legal_) {
			ledger_.note(what, degraded, !before);
			if (!after)
				ledger_.check_clean(what, degraded);
		}
		PROPERTY(after == model_.word(), "event {}{} of {:#x}: {:#x} instead of {:#x}", what,
			 degraded ? " degraded" : "", before, after, model_.word());
		PROPERTY(old == before, "{:#x} instead of {:#x}", old, before);
		PROPERTY(after == word(), "{:#x} instead of {:#x}", after, word());
		PROPERTY(shim_warnings - warnings == model_.impossible, "event {} of {:#x}: {} warnings", what, before,
			 shim_warnings - warnings);
		PROPERTY(!legal_ || !model_.impossible, "event {} of {:#x}", what, before);
	}

	void quick_hold()
	{
		// What lies beyond belongs to the flags; no caller gets there.
		if (r1wb_chunk_holds(word()) == holds_mask)
			return;
		const auto before = word();
		const auto may_send = r1wb_chunk_hold_stable(&chunk_);

		model_ = Model{before + 1};
		if (legal_) {
			PROPERTY(!may_send || ledger_.on_disk(), "{:#x}: may be sent, and the bit is not on disk", word());
			ledger_.note_quick_hold();
		}
		PROPERTY(word() == before + 1, "{:#x} instead of {:#x}", word(), before + 1);
		PROPERTY(may_send == model_.stable, "{:#x}", word());
	}

	void unknown(unsigned int what)
	{
		bool impossible = false;
		const auto after = r1wb_chunk_next(word(), static_cast<r1wb_chunk_event>(what), false, &impossible);

		PROPERTY(impossible && after == word(), "event {} of {:#x}: {:#x}", what, word(), after);
	}

	atomic_t chunk_;
	Model model_;
	Ledger ledger_;
	bool legal_;	// from a clean chunk on, only what can happen
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	Input input{data, size};
	const bool any_word = input.byte() & 1;
	Walk walk{any_word ? input.number<std::uint32_t>() : 0, !any_word};

	while (!input.empty())
		walk.step(input.byte());
	return 0;
}
