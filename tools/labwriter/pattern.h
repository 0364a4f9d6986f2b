// What to do next: a random mix of requests.
#pragma once

#include "labwriter/ledger.h"

#include <random>

namespace labwriter {

struct Mix {
	unsigned flush = 4, fua = 4, discard = 0, read = 10; // percent of requests; the rest are writes
	unsigned hot = 25;          // percent of requests that meet in the first sectors of the window, and overlap
	lab::Sectors longest{128};  // request
	lab::Sectors window{8192};  // that requests are in, for a time
	unsigned moves_after = 200; // requests of a thread; then the window is elsewhere. 0: it stays
};

enum class Action { write, write_fua, flush, discard, read };

// Each thread has one. Threads with the same seed and range move their windows the same way.
class Pattern {
public:
	Pattern(const Mix &mix, Range range, std::uint64_t seed, unsigned thread);

	Action action();
	Range range();

private:
	std::uint64_t below(std::uint64_t limit);
	void move();

	Mix mix_;
	Range all_, window_;
	std::mt19937_64 random_;  // this thread's
	std::mt19937_64 windows_; // everybody's
	unsigned until_move_ = 0;
};

} // namespace labwriter
