// What labwriter writes: every sector of 512 bytes says by itself where it belongs and which write it is of.
#pragma once

#include "lab/units.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace lab {

// Writes are numbered in the order in which they are submitted, from 1.
enum class Sequence : std::uint64_t {};

struct SectorStamp {
	Sectors sector; // of the array
	Sequence sequence{};

	bool operator==(const SectorStamp &) const = default;
};

using SectorSpan = std::span<std::byte, sector_bytes>;
using ConstSectorSpan = std::span<const std::byte, sector_bytes>;

void stamp(SectorSpan sector, SectorStamp stamp);

// Nothing if this is not a whole sector of labwriter.
std::optional<SectorStamp> read_stamp(ConstSectorSpan sector);

} // namespace lab
