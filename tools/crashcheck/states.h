// Which crash states of a cut point are looked at.
//
// Only what the latest record brings is new: after the start of a write, the states that have that write; all others were
// possible a record earlier. Completions and flushes make states impossible, and none possible. After a mark, which asks
// for more than before, all states count.
#pragma once

#include "crashcheck/crash_state.h"
#include "crashcheck/layout.h"

#include <array>
#include <functional>
#include <random>
#include <string_view>

namespace crashcheck {

// How a state was come by.
enum class Kind {
	exhaustive,    // one of all there are
	all_or_none,   // all unstable writes are there, or none
	one_member,    // all on one member, none on the others; and the reverse
	metadata_only, // all metadata, no data; and the reverse
	groups,        // all or none of each of: superblock, bitmap and data of each member
	one_missing,
	one_there,
	in_order,  // each member has what started before some moment of its own
	completed, // the power stayed on: what completed is there, what was under way or not
	random,
	torn, // one of these, but some writes are there in part
};
inline constexpr std::size_t kinds = 11;
std::string_view name_of(Kind kind);

struct Plan {
	std::uint64_t states = 64; // at a cut point, about
	std::uint64_t seed = 1;
	bool torn = true;
};

class StateMaker {
public:
	// `choices` has room for all writes; the state is left there for `use`.
	using Use = std::function<void(Kind)>;

	StateMaker(const Walker &walker, const Layout &layout, const Plan &plan, Choices &choices);

	// States that have `news`, or any if it is null.
	void make(const Write *news, const Use &use);

	// Any one state, of any kind.
	void pick();

private:
	// An unstable write, with what is asked of it again and again.
	struct Item {
		WriteIndex index;
		std::uint8_t member;
		Area area;
		bool is_news;
	};

	void find_unstable();
	bool may_be_early(WriteIndex index) const;
	void exhaust(const Use &use);
	void sample(const Use &use);
	Kind sample_one();
	void patterns(const Use &use);
	void choose(Kind kind);
	void tear();
	void show(Kind kind, const Use &use);
	template <typename There> void set(There there);
	bool coin(double probability) { return std::bernoulli_distribution(probability)(random_); }
	std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }

	void choose_groups();
	void choose_one(bool there);
	void choose_in_order();
	void choose_completed();
	void choose_random();
	void choose_early();

	const Walker &walker_;
	const Layout &layout_;
	const Plan plan_;
	Choices &choices_;
	std::mt19937_64 random_;
	const Write *news_ = nullptr;
	std::vector<Item> unstable_;
	std::vector<WriteIndex> overtaken_; // those that may be early
	std::uint64_t left_ = 0; // states to make yet
};

} // namespace crashcheck
