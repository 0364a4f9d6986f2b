#include "crashcheck/medium.h"

#include <algorithm>
#include <array>

namespace crashcheck {
namespace {

constexpr WriteIndex no_source = UINT32_MAX;
constexpr std::array<std::byte, lab::sector_bytes> zeros{};

} // namespace

Medium::Medium(const History &history, std::size_t member)
	: history_(&history), member_(member), zero_(hash_of_zeros()), stable_(history.size_of(member).count, zero_),
	  source_(stable_.size(), no_source)
{
}

Range Medium::range_of(WriteIndex index) const
{
	const Write &write = history_->writes()[index];
	return {write.begin, write.end};
}

template <typename Use> void Medium::for_regions(Range range, Use use)
{
	if (range.empty())
		return;
	for (std::uint64_t region = range.begin / region_sectors; region <= (range.end - 1) / region_sectors; region++)
		use(region);
}

void Medium::start(WriteIndex index)
{
	unstable_.push_back(index);
	for_regions(range_of(index), [&](std::uint64_t region) { regions_[region].push_back(index); });
}

bool Medium::is_unstable(WriteIndex index) const
{
	return std::binary_search(unstable_.begin(), unstable_.end(), index);
}

void Medium::forget(WriteIndex index)
{
	unstable_.erase(std::lower_bound(unstable_.begin(), unstable_.end(), index));
	clipped_.erase(index);
	for_regions(range_of(index), [&](std::uint64_t region) {
		const auto found = regions_.find(region);
		std::erase(found->second, index);
		if (found->second.empty())
			regions_.erase(found);
	});
}

void Medium::settle(WriteIndex index)
{
	const Write &write = history_->writes()[index];

	if (!is_unstable(index)) // all of it was overwritten by what became stable earlier
		return;
	for_live(index, [&](Range range) {
		for (std::uint64_t sector = range.begin; sector < range.end; sector++) {
			stable_[sector] = history_->hash_in(write, sector - write.begin);
			source_[sector] = index;
		}
	});
	forget(index);
	clip_older(write);
}

// A write that is still under way may land later all the same.
void Medium::clip_older(const Write &write)
{
	std::vector<WriteIndex> older;
	for_overlapping({write.begin, write.end}, [&](WriteIndex index) {
		if (history_->writes()[index].completed < write.completed)
			older.push_back(index);
	});
	std::sort(older.begin(), older.end());
	older.erase(std::unique(older.begin(), older.end()), older.end());
	for (const WriteIndex index : older)
		clip(index, {write.begin, write.end});
}

void Medium::clip(WriteIndex index, Range gone)
{
	std::vector<Range> left;
	for_live(index, [&](Range range) {
		const Range before{range.begin, std::min(range.end, gone.begin)};
		const Range after{std::max(range.begin, gone.end), range.end};
		if (!before.empty())
			left.push_back(before);
		if (!after.empty())
			left.push_back(after);
	});
	if (left.empty())
		forget(index);
	else
		clipped_[index] = std::move(left);
}

std::span<const std::byte, lab::sector_bytes> Medium::stable_data(std::uint64_t sector) const
{
	const WriteIndex source = source_[sector];
	if (source == no_source)
		return zeros;
	const Write &write = history_->writes()[source];
	return history_->data_in(write, sector - write.begin);
}

} // namespace crashcheck
