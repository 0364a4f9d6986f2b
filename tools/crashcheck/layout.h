// What a write is of, by where it is. For sampling and for words only: the checks read the superblocks of their state.
#pragma once

#include "crashcheck/history.h"
#include "crashcheck/medium.h"

#include <string_view>
#include <vector>

namespace crashcheck {

enum class Area { superblock, bitmap, data }; // bitmap: all metadata but the superblock
std::string_view name_of(Area area);

class Layout {
public:
	explicit Layout(const History &history);
	Area area_of(const Write &write) const;
	// Where the member's data begin.
	std::uint64_t data_begin(std::size_t member) const { return members_[member].data.begin; }

private:
	struct Member {
		Range data;
		std::vector<Range> superblocks;
	};
	std::vector<Member> members_;
};

} // namespace crashcheck
