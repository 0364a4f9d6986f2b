#include "crashcheck/legs.h"

#include <algorithm>
#include <bit>

namespace crashcheck {
namespace {

constexpr std::size_t most_pairs = 16; // that are followed

// The part of a member's range that is the array's, in sectors of the array.
Range on_array(Range range, lab::Sectors offset, lab::Sectors size)
{
	const Range data{offset.count, offset.count + size.count};
	const Range part = range.overlap(data);
	return part.empty() ? Range{} : Range{part.begin - offset.count, part.end - offset.count};
}

} // namespace

LegDifferences::LegDifferences(const Walker &walker, const LegPair &pair)
	: walker_(walker), pair_(pair), words_((pair.size.count + 63) / 64)
{
	compare({0, pair.size.count});
}

void LegDifferences::settled(std::size_t member, Range range)
{
	if (member == pair_.a)
		compare(on_array(range, pair_.offset_a, pair_.size));
	if (member == pair_.b)
		compare(on_array(range, pair_.offset_b, pair_.size));
}

void LegDifferences::compare(Range array)
{
	const Medium &a = walker_.medium(pair_.a);
	const Medium &b = walker_.medium(pair_.b);
	for (std::uint64_t sector = array.begin; sector < array.end; sector++) {
		const std::uint64_t bit = std::uint64_t{1} << (sector % 64);
		if (a.stable_hash(pair_.offset_a.count + sector) != b.stable_hash(pair_.offset_b.count + sector))
			words_[sector / 64] |= bit;
		else
			words_[sector / 64] &= ~bit;
	}
}

void Legs::settled(std::size_t member, Range range)
{
	for (const auto &pair : pairs_)
		pair->settled(member, range);
}

LegDifferences &Legs::differences(const LegPair &pair)
{
	const auto found = std::find_if(pairs_.begin(), pairs_.end(), [&](const auto &known) { return known->pair() == pair; });
	if (found != pairs_.end()) {
		std::rotate(pairs_.begin(), found, found + 1);
	} else {
		if (pairs_.size() == most_pairs)
			pairs_.pop_back();
		pairs_.insert(pairs_.begin(), std::make_unique<LegDifferences>(walker_, pair));
	}
	return *pairs_.front();
}

std::vector<Chunk> Legs::find(const LegPair &pair, const Grid &grid)
{
	std::vector<Chunk> chunks;
	const auto add = [&](Chunk chunk) {
		if (chunks.empty() || chunks.back() != chunk)
			chunks.push_back(chunk);
	};
	differences(pair).for_differing([&](std::uint64_t sector) { add(grid.chunk_of({sector})); });
	const auto add_unstable = [&](std::size_t member, lab::Sectors offset) {
		for (const WriteIndex index : walker_.medium(member).unstable())
			walker_.medium(member).for_live(index, [&](Range live) {
				const Range range = on_array(live, offset, pair.size);
				for (std::uint64_t at = range.begin; at < range.end; at = grid.end_of(grid.chunk_of({at})).count)
					add(grid.chunk_of({at}));
			});
	};
	add_unstable(pair.a, pair.offset_a);
	add_unstable(pair.b, pair.offset_b);
	std::sort(chunks.begin(), chunks.end());
	chunks.erase(std::unique(chunks.begin(), chunks.end()), chunks.end());
	return chunks;
}

const std::vector<Chunk> &Legs::suspects(const LegPair &pair, const Grid &grid)
{
	if (cut_ != walker_.cut()) {
		suspects_.clear();
		cut_ = walker_.cut();
	}
	const auto found = std::find_if(suspects_.begin(), suspects_.end(),
					[&](const auto &known) { return known->pair == pair && known->grid == grid; });
	if (found != suspects_.end())
		return (*found)->chunks;
	suspects_.push_back(std::make_unique<Suspects>(Suspects{pair, grid, find(pair, grid)}));
	return suspects_.back()->chunks;
}

} // namespace crashcheck
