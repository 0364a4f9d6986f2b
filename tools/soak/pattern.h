// What a sector holds: it says by itself where it belongs and which write it is of, and a torn one is no sector at all.
#pragma once

#include "soak/range.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace soak {

// Which write a sector is of. Writes are numbered from `first_write` over the life of an image.
enum class Content : std::uint32_t {
	anything = 0, // nobody knows
	zeroes = 1,
};
inline constexpr std::uint32_t first_write = 2;

using SectorData = std::span<std::byte, sector_bytes>;
using ConstSectorData = std::span<const std::byte, sector_bytes>;

inline ConstSectorData sector_at(std::span<const std::byte> data, std::size_t index)
{
	return ConstSectorData(data.subspan(index * sector_bytes, sector_bytes));
}

// Fills whole sectors, the first of which is number `begin`.
void fill(std::span<std::byte> data, Sectors begin, Content write);

bool holds(ConstSectorData data, Sectors number, Content content);

// Is every byte that of one of these? So may look what is read while it is written: disks of ours are files, and the host's
// page cache gives a sector in halves then.
bool is_mix(ConstSectorData data, Sectors number, std::span<const Content> contents);

// Nothing if it is neither zero nor one whole sector of ours, number `number`.
std::optional<Content> identify(ConstSectorData data, Sectors number);

// For people.
std::string describe(Content content);
std::string describe(ConstSectorData data, Sectors number);

} // namespace soak
