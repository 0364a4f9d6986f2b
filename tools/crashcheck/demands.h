// What has to hold in a crash state whose metadata are these, whoever runs the array afterwards, with whichever members.
#pragma once

#include "crashcheck/legs.h"
#include "crashcheck/trust.h"

#include <memory>
#include <string>
#include <vector>

namespace crashcheck {

enum class Check {
	bit,       // I1, I2, I10: where legs differ, the bit is set on the copy that is believed
	clean,     // I9: a superblock that says clean means equal legs
	recovery,  // I11: a member that was being rebuilt is copied to where it differs
	readd,     // I10, I11: a member that is added again by the bitmap, too
	array,     // the array can be run
	promise,   // I8: what was flushed is there
	order,     // I4: when all has landed, legs are equal
	kept,      // I3: what was flushed, and is bad where it has to be, is on another member
	drop,      // I10: no bits that matter, and that the kernel's raid1 drops when it finds a leg alone (facts F11)
};
inline constexpr std::size_t checks = 9;

std::string_view name_of(Check check);
// The invariants of the design that it proves.
std::string_view invariants_of(Check check);

// Who runs the array, and what he believes.
struct Scenario {
	const TrustRule *rule = nullptr; // null: whoever it is
	std::vector<std::size_t> list;   // the members that are there, as md lists them
	Trust trust;
};

// Legs may differ only where the copy's bit is set, or behind where all is copied anyway.
struct Demand {
	Check check;
	LegPair pair;
	const BitmapCopy *copy = nullptr; // null: no bit counts
	Grid grid;
	lab::Sectors copied_from = max_sector; // sectors of the array from here on are copied
	std::size_t scenario = 0;              // in Demands, the first that asks for it
	std::vector<const TrustRule *> rules{}; // all that do

	// Is it for the same legs, believing the same?
	bool is_same(const Demand &other) const;
	bool covers(Chunk chunk) const { return (copy && copy->test(chunk)) || grid.begin_of(chunk) >= copied_from; }
};

// A member that has to have all that was promised.
struct SyncMember {
	std::size_t member = 0;
	lab::Sectors data_offset;
	lab::Sectors size;

	bool operator==(const SyncMember &) const = default;
};

struct Demands {
	std::vector<Scenario> scenarios;
	std::vector<Demand> demands;
	std::vector<SyncMember> sync_members;
	std::vector<SyncMember> members; // these, and those that may lag
	std::string no_array;          // why some scenario has no array that runs; else empty
	std::size_t whole_members = 0; // in sync, if all members are there
	bool is_whole = false;         // they have all slots
	std::vector<LegPair> whole;    // these, if nobody is missing and no catch-up is to come
};

using Rules = std::vector<std::unique_ptr<const TrustRule>>;

class DemandMaker {
public:
	explicit DemandMaker(Rules rules) : rules_(std::move(rules)) {}

	// Valid until forget(), as the pointers in `metadata`.
	const Demands &demands(const Metadata &metadata);
	void forget() { known_.clear(); }

private:
	class Maker;
	struct Known {
		Metadata metadata;
		Demands demands;
	};

	const Rules rules_;
	std::unordered_multimap<std::size_t, std::unique_ptr<const Known>> known_;
};

} // namespace crashcheck
