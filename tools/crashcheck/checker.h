// Looks at one crash state: does all hold that has to?
#pragma once

#include "crashcheck/promise_keeper.h"

#include <optional>
#include <string>
#include <vector>

namespace crashcheck {

struct Violation {
	Check check;
	std::string who;  // the same for violations of a kind: which rule, which members
	std::string what; // in words
	// Where the legs differ, if they do.
	std::optional<LegPair> pair;
	Range sectors; // of the array
};

// For one thread, along with its walker.
class Checker {
public:
	// From `established` on there is an array.
	Checker(Walker &walker, Rules rules, Moment established);

	// All violations of the state at the walker's cut point, at most one of each demand.
	const std::vector<Violation> &check(const Choices &choices);

	// Is the array, without a crash, whole, and are all its legs equal? For when nothing is under way. `choices` is
	// overwritten.
	std::optional<Violation> check_order(Choices &choices);

	// With whatever members are there: can the array be run; is one in sync in each of its slots?
	bool is_array(const Choices &choices);
	bool is_whole(const Choices &choices);
	// What a member holds of the state.
	Contents contents(std::size_t member, const Choices &choices) const;

private:
	const Demands &demands(const Choices &choices);
	void look(const Demand &demand, const Demands &all);
	Range difference(const LegPair &pair, Range sectors);
	const std::vector<BadBlocks> &bad_blocks(std::size_t member) const { return *metadata_.members[member].bad_blocks; }
	bool is_bad(const SyncMember &member, std::uint64_t sector) const;
	bool is_kept(std::uint64_t sector, const Demands &all);
	std::optional<std::uint64_t> lost(const Demands &all);
	std::string who(const Demand &demand, const Scenario &scenario) const;
	std::string what(const Demand &demand, const Scenario &scenario, Range sectors) const;

	Walker &walker_;
	Legs legs_;
	PromiseKeeper promises_;
	MetadataReader reader_;
	DemandMaker maker_;
	Moment established_;
	std::vector<Contents> contents_; // of the state at hand
	Metadata metadata_;
	std::vector<Violation> violations_;
	std::vector<Hash> hashes_a_;
	std::vector<Hash> hashes_b_;
};

// The first cut point at which what is stable makes an array that misses no member; until then it is being created. If there is
// none, the first with an array at all, or `never`.
Moment find_array(const History &history);

} // namespace crashcheck
