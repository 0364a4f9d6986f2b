// SPDX-License-Identifier: GPL-2.0
// One run against another: what became slower, and whether two are the same.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "run.h"

namespace bench {

// What is remembered of a run as accepted: our own figures, and nothing that takes much room.
Run accepted(const Run &run);

struct Comparison {
	std::string text;	// for people
	std::size_t compared = 0;
	std::size_t worse = 0;
	std::size_t better = 0;
};

// Our figures in a run against those that were accepted; what differs by more than the tolerance (0.05: 5 %).
Comparison compare(const Run &expected, const Run &run, double tolerance);

struct Sameness {
	std::vector<std::string> differences;
	std::size_t compared = 0;
};

// Do two runs have exactly the same figures, for all targets? What only one of them has is a difference.
Sameness same(const Run &a, const Run &b, const std::set<std::string> &scenarios,
	      const std::set<std::string> &metrics);

} // namespace bench
