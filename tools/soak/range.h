// A range of sectors.
#pragma once

#include "lab/units.h"

namespace soak {

using lab::Bytes;
using lab::sector_bytes;
using lab::Sectors;

inline constexpr std::uint64_t sectors_per_mib = 2048;

struct Range {
	Sectors begin;
	Sectors length;

	constexpr bool operator==(const Range &) const = default;
	constexpr Sectors end() const { return begin + length; }
};

} // namespace soak
