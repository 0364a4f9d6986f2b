// How a member behaves: how long its requests take, which of them hang or fail, whether it is there at all.
#pragma once

#include "lab/units.h"

#include <chrono>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace recorder {

enum class Operation : unsigned { read = 1, write = 2, flush = 4 }; // trim and write-zeroes count as writes

// A command that makes no sense; what() says why.
class CommandError : public std::runtime_error {
public:
	using std::runtime_error::runtime_error;
};

// Not for several threads at a time.
class Conduct {
public:
	explicit Conduct(std::uint64_t seed) : random_(seed) {}

	// Changes it: "write-delay 20ms..50ms", "hang write", "resume", "error all 0+4096", "cut"... (see usage).
	void apply(std::string_view command);

	// How long the next such request takes.
	std::chrono::nanoseconds delay(Operation operation);

	bool hangs(Operation operation, lab::Bytes offset, lab::Bytes length) const;
	bool fails(Operation operation, lab::Bytes offset, lab::Bytes length) const;
	bool cut() const { return cut_; }

	static constexpr std::string_view usage = R"(read-delay TIME[..TIME]     how long requests take; a range: at random, so that
write-delay TIME[..TIME]    they may overtake each other. TIME is like 500us, 20ms, 1s, 0
flush-delay TIME[..TIME]
hang [WHICH] [FROM+COUNT]   requests do not complete until `resume`. WHICH is read, write
                            (also trim and write-zeroes), flush or all; FROM and COUNT are
                            bytes, of requests that touch them
resume                      ends all `hang`
error [WHICH] [FROM+COUNT]  requests fail with EIO and change nothing
error off                   ends all `error`
cut                         the member is gone: all requests fail, those under way as well
restore                     ends `cut`)";

private:
	struct DelayRange {
		std::chrono::nanoseconds least{}, most{};
	};

	// Requests that are meant.
	struct Rule {
		unsigned operations;
		lab::Bytes from, count;

		bool meets(Operation operation, lab::Bytes offset, lab::Bytes length) const;
	};

	static DelayRange parse_delay(std::string_view text);
	static Rule parse_rule(std::string_view text);

	DelayRange read_, write_, flush_;
	std::vector<Rule> hanging_, failing_;
	bool cut_ = false;
	std::mt19937_64 random_;
};

} // namespace recorder
