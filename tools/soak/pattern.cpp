#include "soak/pattern.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstring>

#include <fmt/format.h>

namespace soak {

namespace {

constexpr std::uint32_t magic = 0x6b616f73; // "soak"
constexpr std::size_t words = sector_bytes / sizeof(std::uint64_t);
using Words = std::array<std::uint64_t, words>;

// The first two words name the sector, the rest follows from them: the whole sector is its own checksum.
Words words_of(Sectors number, Content write)
{
	Words sector;
	sector[0] = std::uint64_t{magic} << 32 | static_cast<std::uint32_t>(write);
	sector[1] = number.count;
	std::uint64_t state = (sector[0] ^ (number.count << 17)) * 0xbf58476d1ce4e5b9;
	for (std::size_t i = 2; i < words; i++) {
		state = state * 6364136223846793005 + 1442695040888963407;
		sector[i] = state;
	}
	return sector;
}

bool is_zero(ConstSectorData data)
{
	return data[0] == std::byte{} && std::memcmp(data.data(), data.data() + 1, data.size() - 1) == 0;
}

} // namespace

void fill(std::span<std::byte> data, Sectors begin, Content write)
{
	for (std::size_t i = 0; i < data.size() / sector_bytes; i++) {
		const Words sector = words_of({begin.count + i}, write);
		std::memcpy(data.data() + i * sector_bytes, sector.data(), sector_bytes);
	}
}

bool holds(ConstSectorData data, Sectors number, Content content)
{
	if (content == Content::anything)
		return true;
	if (content == Content::zeroes)
		return is_zero(data);
	const Words sector = words_of(number, content);
	return std::memcmp(data.data(), sector.data(), sector_bytes) == 0;
}

bool is_mix(ConstSectorData data, Sectors number, std::span<const Content> contents)
{
	std::bitset<sector_bytes> explained;
	for (Content content : contents) {
		if (content == Content::anything)
			return true;
		const Words words = content == Content::zeroes ? Words{} : words_of(number, content);
		const auto bytes = std::as_bytes(std::span(words));
		for (std::size_t i = 0; i < sector_bytes; i++)
			if (data[i] == bytes[i])
				explained.set(i);
	}
	return explained.all();
}

std::optional<Content> identify(ConstSectorData data, Sectors number)
{
	std::uint64_t first;
	std::memcpy(&first, data.data(), sizeof(first));
	const auto content = static_cast<Content>(static_cast<std::uint32_t>(first));
	if (first >> 32 == magic && holds(data, number, content))
		return content;
	if (is_zero(data))
		return Content::zeroes;
	return std::nullopt;
}

std::string describe(Content content)
{
	if (content == Content::anything)
		return "anything";
	if (content == Content::zeroes)
		return "zeroes";
	return fmt::format("write {}", static_cast<std::uint32_t>(content));
}

std::string describe(ConstSectorData data, Sectors number)
{
	if (const auto content = identify(data, number))
		return describe(*content);
	std::array<std::uint64_t, 2> head;
	std::memcpy(head.data(), data.data(), sizeof(head));
	const auto content = static_cast<Content>(static_cast<std::uint32_t>(head[0]));
	if (head[0] >> 32 != magic)
		return fmt::format("nothing of ours, it begins with {:016x} {:016x}", head[0], head[1]);
	if (holds(data, {head[1]}, content))
		return fmt::format("{} of sector {}", describe(content), head[1]);
	return fmt::format("a torn sector that begins like {} of sector {}", describe(content), head[1]);
}

} // namespace soak
