// What the array has promised to keep: the marks of labwriter, gathered. FORMAT.md says what they mean.
#pragma once

#include "lab/sector.h"

#include <map>
#include <string_view>
#include <vector>

namespace lab {

// What a sector may hold: the write `floor`, any later one, or one of `also`, which were under way when `floor` was
// submitted. Everything if floor is 0.
struct Promise {
	Sequence floor{};
	std::vector<Sequence> also;

	bool allows(Sequence sequence) const;
	bool operator==(const Promise &) const = default;
};

class Promises {
public:
	// A mark of the recording; those that are not labwriter's change nothing. Throws std::runtime_error if it is one,
	// but cannot be understood.
	void apply(std::string_view mark);

	// What `sector` of the array may hold. A pointer that is valid until the next apply(); null if all is allowed.
	const Promise *of(Sectors sector) const;

	// All sectors of which something is promised.
	const std::map<std::uint64_t, Promise> &sectors() const { return sectors_; }

private:
	void durable_line(std::string_view line);
	void discard(std::string_view range);

	std::map<std::uint64_t, Promise> sectors_;
};

} // namespace lab
