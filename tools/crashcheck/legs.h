// Where the stable contents of two legs differ, kept up to date while a recording is walked through.
#pragma once

#include "crashcheck/bitmap_copy.h"
#include "crashcheck/walker.h"

#include <memory>
#include <optional>
#include <vector>

namespace crashcheck {

// Two members, and where the array's data lie on them.
struct LegPair {
	std::size_t a = 0;
	std::size_t b = 0;
	lab::Sectors offset_a;
	lab::Sectors offset_b;
	lab::Sectors size;

	bool operator==(const LegPair &) const = default;
};

class LegDifferences {
public:
	LegDifferences(const Walker &walker, const LegPair &pair);

	const LegPair &pair() const { return pair_; }
	void settled(std::size_t member, Range range);
	// In ascending order.
	template <typename Use> void for_differing(Use use) const
	{
		for (std::size_t word = 0; word < words_.size(); word++)
			for (std::uint64_t bits = words_[word]; bits; bits &= bits - 1)
				use(word * 64 + static_cast<std::uint64_t>(std::countr_zero(bits)));
	}

private:
	void compare(Range array);

	const Walker &walker_;
	LegPair pair_;
	std::vector<std::uint64_t> words_; // a bit a sector of the array
};

// All pairs that somebody has asked for lately.
class Legs : public Follower {
public:
	explicit Legs(Walker &walker) : walker_(walker) { walker.add(*this); }

	void settled(std::size_t member, Range range) override;

	// The chunks in which the legs may differ in any crash state of this cut point, ascending. Valid until the
	// next call after the walker went on.
	const std::vector<Chunk> &suspects(const LegPair &pair, const Grid &grid);

private:
	struct Suspects {
		LegPair pair;
		Grid grid;
		std::vector<Chunk> chunks;
	};

	LegDifferences &differences(const LegPair &pair);
	std::vector<Chunk> find(const LegPair &pair, const Grid &grid);

	Walker &walker_;
	std::vector<std::unique_ptr<LegDifferences>> pairs_; // the latest used first
	std::vector<std::unique_ptr<Suspects>> suspects_;
	Moment cut_ = never; // of `suspects_`
};

} // namespace crashcheck
