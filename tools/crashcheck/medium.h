// One member at a cut point: what is stable on its medium, and which writes may be on it or not.
#pragma once

#include "crashcheck/history.h"

#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace crashcheck {

struct Range {
	std::uint64_t begin = 0; // sectors
	std::uint64_t end = 0;

	bool empty() const { return begin >= end; }
	std::uint64_t sectors() const { return end - begin; }
	Range overlap(Range other) const { return {std::max(begin, other.begin), std::min(end, other.end)}; }
	bool operator==(const Range &) const = default;
};

class Medium {
public:
	Medium(const History &history, std::size_t member);

	std::size_t member() const { return member_; }
	std::uint64_t sectors() const { return stable_.size(); }

	// A write has started: it is unstable from now on.
	void start(WriteIndex index);
	// It is stable now. What older unstable writes had there is gone.
	void settle(WriteIndex index);

	Hash stable_hash(std::uint64_t sector) const { return stable_[sector]; }
	std::span<const std::byte, lab::sector_bytes> stable_data(std::uint64_t sector) const;
	bool is_stable_zero(std::uint64_t sector) const { return stable_[sector] == zero_; }

	// In the order in which they started.
	const std::vector<WriteIndex> &unstable() const { return unstable_; }
	bool is_unstable(WriteIndex index) const;

	// What of an unstable write is not overwritten by a stable one.
	template <typename Use> void for_live(WriteIndex index, Use use) const
	{
		if (const auto clipped = clipped_.find(index); clipped != clipped_.end()) {
			for (const Range range : clipped->second)
				use(range);
		} else {
			use(range_of(index));
		}
	}

	// Unstable writes that overlap the range, each at least once, in no special order.
	template <typename Use> void for_overlapping(Range range, Use use) const
	{
		if (range.empty())
			return;
		for (std::uint64_t region = range.begin / region_sectors; region <= (range.end - 1) / region_sectors; region++)
			if (const auto found = regions_.find(region); found != regions_.end())
				for (const WriteIndex index : found->second)
					if (history_->writes()[index].overlaps(range.begin, range.end))
						use(index);
	}

private:
	static constexpr std::uint64_t region_sectors = 128;

	Range range_of(WriteIndex index) const;
	void forget(WriteIndex index);
	void clip_older(const Write &write);
	void clip(WriteIndex index, Range gone);
	template <typename Use> void for_regions(Range range, Use use);

	const History *history_;
	std::size_t member_;
	Hash zero_;
	std::vector<Hash> stable_;       // by sector
	std::vector<WriteIndex> source_; // by sector; no_source: never written
	std::vector<WriteIndex> unstable_;
	std::unordered_map<std::uint64_t, std::vector<WriteIndex>> regions_;
	std::unordered_map<WriteIndex, std::vector<Range>> clipped_;
};

} // namespace crashcheck
