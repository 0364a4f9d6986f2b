// Little-endian numbers out of what was read from a disk, and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace crashcheck {

// The caller has made sure that they are there.
template <typename Number> Number little_endian(std::span<const std::byte> bytes, std::size_t offset)
{
	std::make_unsigned_t<Number> value = 0;
	for (std::size_t i = 0; i < sizeof(Number); i++)
		value |= static_cast<std::make_unsigned_t<Number>>(static_cast<std::make_unsigned_t<Number>>(bytes[offset + i])
								    << (8 * i));
	return static_cast<Number>(value);
}

template <typename Number> void put_little_endian(std::span<std::byte> bytes, std::size_t offset, Number number)
{
	auto value = static_cast<std::make_unsigned_t<Number>>(number);
	for (std::size_t i = 0; i < sizeof(Number); i++)
		bytes[offset + i] = static_cast<std::byte>(value >> (8 * i));
}

} // namespace crashcheck
