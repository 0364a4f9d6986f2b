#include "crashcheck/layout.h"

#include "crashcheck/md_super.h"

#include <algorithm>
#include <array>

namespace crashcheck {
namespace {

// The superblock that a write holds, if it does. One of 512 bytes is followed by zeros.
std::optional<MdSuper> super_in(const History &history, const Write &write, lab::Sectors place)
{
	std::array<std::byte, super_sectors.bytes().count> bytes{};
	if (!write.has_data || !write.overlaps(place.count, place.count + 1))
		return std::nullopt;
	for (std::uint64_t i = 0; i < super_sectors.count && place.count + i < write.end; i++)
		std::ranges::copy(history.data_in(write, place.count + i - write.begin), bytes.begin() + i * lab::sector_bytes);
	return read_md_super(bytes, place, history.size_of(write.member));
}

} // namespace

std::string_view name_of(Area area)
{
	constexpr std::array<std::string_view, 3> names{"superblock", "bitmap", "data"};
	return names[static_cast<std::size_t>(area)];
}

Layout::Layout(const History &history) : members_(history.members())
{
	for (std::size_t member = 0; member < members_.size(); member++)
		members_[member].data.end = history.size_of(member).count;
	for (const Write &write : history.writes())
		for (const lab::Sectors place : super_places(history.size_of(write.member)))
			if (const auto super = super_in(history, write, place)) {
				Member &member = members_[write.member];
				const Range range{place.count, place.count + super_sectors.count};
				member.data = {super->data_offset.count, super->data_offset.count + super->data_size.count};
				if (std::find(member.superblocks.begin(), member.superblocks.end(), range) ==
				    member.superblocks.end())
					member.superblocks.push_back(range);
			}
}

Area Layout::area_of(const Write &write) const
{
	const Member &member = members_[write.member];
	if (std::any_of(member.superblocks.begin(), member.superblocks.end(),
			[&](Range range) { return write.overlaps(range.begin, range.end); }))
		return Area::superblock;
	return write.overlaps(member.data.begin, member.data.end) ? Area::data : Area::bitmap;
}

} // namespace crashcheck
