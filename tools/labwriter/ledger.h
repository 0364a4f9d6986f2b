// What was written to the array, and what it may hold therefore. Pure logic; tools/lab/FORMAT.md says why the rules are
// what they are. Not for several threads at a time.
#pragma once

#include "lab/promises.h"
#include "lab/sector.h"

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace labwriter {

struct Range {
	lab::Sectors from, count;

	std::uint64_t begin() const { return from.count; }
	std::uint64_t end() const { return from.count + count.count; }
};

// A write from its submission to its completion.
struct Write {
	Range range;
	lab::Sequence sequence{};
	// The writes that each sector had under way when this one was submitted; sectors without any are missing.
	std::map<std::uint64_t, std::vector<lab::Sequence>> overlapped;
};

// What a sector may hold, as it was at some time. Nothing is known of sectors that have been discarded since.
struct Known {
	lab::Promise promise;
	std::uint64_t discards;
};
using Knowledge = std::map<std::uint64_t, Known>; // by sector

class Ledger {
public:
	// Of these sectors of the array; the first write gets this number.
	Ledger(Range range, lab::Sequence first);

	lab::Sequence next() const { return next_; }

	Write submit_write(Range range);
	void complete_write(const Write &write, bool good);
	// What is durable by the write itself, which is complete and had FUA.
	Knowledge durable_by(const Write &write) const;

	// Before the discard is announced, and when it has completed.
	void submit_discard(Range range);
	void complete_discard(Range range);

	// What a flush that is submitted now will make durable, beyond what earlier ones did. Give it back if it fails.
	Knowledge begin_flush();
	void flush_failed(const Knowledge &pending);

	// Without the sectors that have been discarded since it was so.
	Knowledge still_true(Knowledge knowledge) const;

	// What a read that is submitted now may return.
	Knowledge readable(Range range) const;

private:
	struct Sector {
		lab::Promise latest;                  // the completed write that was submitted last; floor 0: none
		std::vector<lab::Sequence> under_way; // writes
		lab::Sequence first_after_discard{};  // older writes may be what was discarded, or not
		std::uint64_t discards = 0;           // ever submitted
		std::uint64_t discarding = 0;         // under way
	};

	Sector &at(std::uint64_t sector) { return sectors_.at(sector - range_.begin()); }
	const Sector &at(std::uint64_t sector) const { return sectors_.at(sector - range_.begin()); }
	static bool counts(const Sector &sector, lab::Sequence sequence);

	Range range_;
	lab::Sequence next_;
	std::vector<Sector> sectors_;
	std::set<std::uint64_t> changed_; // latest is not known to be durable
};

// The lines of a `durable` mark.
std::vector<std::string> lines_of(const Knowledge &knowledge);

} // namespace labwriter
