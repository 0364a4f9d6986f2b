// A crash state in words.
#pragma once

#include "crashcheck/checker.h"
#include "crashcheck/layout.h"

#include <string>
#include <vector>

namespace crashcheck {

class Explainer {
public:
	Explainer(const Walker &walker, const Layout &layout, const Choices &choices)
		: walker_(walker), layout_(layout), choices_(choices)
	{
	}

	// What happened before, as far as it matters to the violation: the latest writes to its sectors, superblocks
	// and bitmaps, the latest flushes, the latest mark. One line each.
	std::vector<std::string> events(const Violation &violation) const;

	// What a member's metadata say: one line each.
	std::vector<std::string> metadata() const;

private:
	void find_writes(const Violation &violation, std::vector<Moment> &moments) const;
	void find_flushes(std::vector<Moment> &moments) const;
	void find_mark(std::vector<Moment> &moments) const;
	std::string line(Moment moment) const;
	std::string fate(const Write &write) const;

	const Walker &walker_;
	const Layout &layout_;
	const Choices &choices_;
};

} // namespace crashcheck
