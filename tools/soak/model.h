// What every sector of the array may hold.
//
// A write that has been acknowledged is there, unless another one was sent after that. One that has not been acknowledged
// may be there or not, sector by sector. Of several that were under way at the same time, any may have come last. A
// discard is a hint: what was there may stay. Once nothing is under way, what was read must stay. A sector that is read while
// it is written may be a mix.
//
// The same sequence of calls always gives the same model, so that it can be rebuilt from a journal. Knows nothing of
// threads.
#pragma once

#include "soak/pattern.h"

#include <istream>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace soak {

enum class Kind : std::uint32_t { write, zero, discard };

// How a write ended.
enum class End {
	certain, // acknowledged: it is there
	doubtful, // it may be there
};

// What is wrong with what was read.
struct Complaint {
	Sectors sector;
	std::string text;
};

// A look at a range of the array: what it could hold when the look began.
struct Look {
	Range range;
	std::uint64_t tick = 0;
	std::uint32_t newest = 0;
	std::vector<Content> settled;
	std::unordered_map<std::uint64_t, std::vector<Content>> open;
	std::unordered_set<std::uint64_t> being_written;
};

class Model {
public:
	explicit Model(Sectors size = {}) : settled_(size.count, Content::anything) {}

	Sectors size() const { return {settled_.size()}; }
	// New sectors may hold anything.
	void resize(Sectors size);
	void forget() { *this = Model(size(), next_); }
	void set_all(Content content);

	// A write begins; its number is larger than all before. Nobody has sent it yet.
	std::uint32_t begin(Kind kind, Range range);
	// The same, of a known number: for the journal.
	void begin(std::uint32_t write, Kind kind, Range range);
	void end(std::uint32_t write, End end);
	// The machine has died: nothing is under way any more.
	void abandon();

	Look look(Range range) const;
	std::optional<Complaint> judge(const Look &look, std::span<const std::byte> data, bool pin);
	// The same of data that nobody may be writing.
	std::optional<Complaint> judge(Range range, std::span<const std::byte> data) const;

	// Sectors of which more than one content is acceptable.
	std::size_t open() const { return open_.size(); }
	bool is_quiet() const { return flying_.empty(); }

	void save(std::ostream &out) const;
	static Model load(std::istream &in);

private:
	struct Candidate {
		std::uint32_t write; // 0: what was there before
		Content content;
		std::uint64_t done; // tick, 0 while under way
	};
	struct Open {
		std::vector<Candidate> candidates;
		std::uint64_t changed = 0;
	};
	struct Flying {
		Kind kind;
		Range range;
		std::uint64_t begun;
	};

	Model(Sectors size, std::uint32_t next) : Model(size) { next_ = next; }

	void end_sector(std::uint64_t sector, std::uint32_t write, const Flying &flying, End end);
	void settle(std::uint64_t sector, Open &open);
	bool is_acceptable(const Look &look, std::uint64_t sector, ConstSectorData data) const;
	bool may_be_torn(const Look &look, std::uint64_t sector, ConstSectorData data) const;
	bool may_pin(const Look &look, std::uint64_t sector) const;
	Complaint complaint(std::uint64_t sector, ConstSectorData data) const;
	std::vector<Content> contents(std::uint64_t sector) const;

	std::vector<Content> settled_;
	std::unordered_map<std::uint64_t, Open> open_;
	std::unordered_map<std::uint32_t, Flying> flying_;
	std::uint64_t tick_ = 1;
	std::uint32_t next_ = first_write;
	std::uint32_t last_zeroing_ = 0;
};

} // namespace soak
