// Looks at the crash states of a whole recording, with several threads, and gathers what it finds.
#pragma once

#include "crashcheck/checker.h"
#include "crashcheck/states.h"

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace crashcheck {

enum class RuleSet { ours, kernel, both };
Rules rules_of(RuleSet set);

struct SurveyOptions {
	std::uint64_t states = 500000; // in all, about
	std::uint64_t seed = 1;
	bool torn = true;
	Moment first = 0; // cut points
	Moment last = never;
	unsigned jobs = 1;
	RuleSet rules = RuleSet::both;
	std::size_t examples = 2; // of each kind of violation
};

// A state that fails.
struct Example {
	Moment cut = never;
	std::string id;
	Violation violation;
};

// All states that fail alike.
struct Finding {
	std::uint64_t states = 0;
	std::vector<Example> examples; // by cut point
};

struct Results {
	std::uint64_t cut_points = 0; // looked at
	std::uint64_t of_cut_points = 0;
	std::uint64_t states = 0;
	std::array<std::uint64_t, kinds> by_kind{};
	std::map<std::pair<Check, std::string>, Finding> findings; // by check and who

	void add(const Results &other, std::size_t examples);
	std::uint64_t violations() const;
};

// How far a survey is. For any thread.
struct Progress {
	std::atomic<std::uint64_t> cut_points_to_do = 0;
	std::atomic<std::uint64_t> cut_points = 0;
	std::atomic<std::uint64_t> states = 0;
	std::atomic<std::uint64_t> violations = 0;
};

class Survey {
public:
	Survey(const History &history, const SurveyOptions &options);

	// Throws what a thread has thrown.
	Results run(Progress &progress);

	Moment established() const { return established_; }

private:
	struct CutPoint {
		Moment moment;
		const Write *news; // null: a mark
		bool at_rest;      // nothing is under way, and all has landed
	};
	class Worker;

	void find_cut_points();
	void thin_out();

	const History &history_;
	const SurveyOptions options_;
	const Layout layout_;
	Moment established_;
	std::vector<CutPoint> cut_points_;
	std::size_t all_cut_points_ = 0; // those that were left out among them
	std::atomic<std::size_t> next_ = 0; // the first cut point that nobody has taken
};

} // namespace crashcheck
