// Bytes and sectors, which nobody shall mix up.
#pragma once

#include <compare>
#include <cstdint>

namespace lab {

inline constexpr std::uint64_t sector_bytes = 512;

struct Bytes {
	std::uint64_t count = 0;

	constexpr auto operator<=>(const Bytes &) const = default;
	constexpr Bytes operator+(Bytes other) const { return {count + other.count}; }
	constexpr Bytes operator-(Bytes other) const { return {count - other.count}; }
};

struct Sectors {
	std::uint64_t count = 0;

	constexpr auto operator<=>(const Sectors &) const = default;
	constexpr Sectors operator+(Sectors other) const { return {count + other.count}; }
	constexpr Sectors operator-(Sectors other) const { return {count - other.count}; }
	constexpr Bytes bytes() const { return {count * sector_bytes}; }
};

// The sector that a byte is in.
constexpr Sectors sector_of(Bytes offset)
{
	return {offset.count / sector_bytes};
}

} // namespace lab
