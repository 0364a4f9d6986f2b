#include "soak/journal.h"

#include "soak/failure.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

namespace soak {

namespace {

constexpr Sectors slot_length{8 * sectors_per_mib};
constexpr Sectors log_begin{2 * slot_length.count};
constexpr Bytes buffer_size{512 * 1024};
constexpr std::uint32_t header_magic = 0x6b736f6a;
constexpr std::uint32_t block_magic = 0x6c736f6a;
constexpr std::size_t records_per_block = 30;

std::uint64_t checksum(std::span<const std::byte> data)
{
	std::uint64_t sum = 0xcbf29ce484222325;
	for (std::byte byte : data)
		sum = (sum ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3;
	return sum;
}

template <typename T> std::span<const std::byte, sizeof(T)> bytes_of(const T &value)
{
	return std::as_bytes(std::span<const T, 1>(&value, 1));
}

} // namespace

struct Journal::Header {
	std::uint32_t magic;
	std::uint32_t generation;
	std::uint64_t length;
	std::uint64_t sum;
	std::array<std::byte, sector_bytes - 24> unused;
};

struct Journal::Block {
	std::uint32_t magic;
	std::uint32_t generation;
	std::uint64_t number;
	std::uint32_t count;
	std::uint32_t unused;
	std::uint64_t sum; // with this 0
	std::array<Record, records_per_block> records;

	std::uint64_t sum_up() const
	{
		Block copy = *this;
		copy.sum = 0;
		return checksum(bytes_of(copy));
	}
};

Journal::Journal(Device disk) : disk_(std::move(disk)), buffer_(buffer_size)
{
	static_assert(sizeof(Header) == sector_bytes && sizeof(Block) == sector_bytes);
	const Sectors size = disk_.size();
	if (size < log_begin + Sectors{sectors_per_mib})
		throw Failure(fmt::format("{}: too small for a journal: {} sectors", disk_.path(), size.count));
	blocks_ = (size - log_begin).count;
}

std::optional<std::string> Journal::read_checkpoint(std::uint32_t slot, std::uint32_t &generation)
{
	const Sectors begin{slot * slot_length.count};
	Header header;
	disk_.read(begin, buffer_.first({sector_bytes}));
	std::memcpy(&header, buffer_.whole().data(), sizeof(header));
	if (header.magic != header_magic || header.length > (slot_length - Sectors{1}).bytes().count)
		return std::nullopt;
	std::string content;
	for (Sectors at = begin + Sectors{1}; content.size() < header.length;
	     at = at + lab::sector_of(buffer_size)) {
		disk_.read(at, buffer_.whole());
		const std::size_t n = std::min<std::size_t>(header.length - content.size(), buffer_.whole().size());
		content.append(reinterpret_cast<const char *>(buffer_.whole().data()), n);
	}
	if (checksum(std::as_bytes(std::span(content))) != header.sum)
		return std::nullopt;
	generation = header.generation;
	return content;
}

std::optional<History> Journal::read()
{
	std::optional<History> history;
	for (std::uint32_t slot = 0; slot < 2; slot++) {
		std::uint32_t generation = 0;
		auto content = read_checkpoint(slot, generation);
		if (!content || (history && generation < generation_))
			continue;
		history = History{std::move(*content), {}};
		generation_ = generation;
	}
	if (history)
		history->records = read_log();
	return history;
}

std::vector<Record> Journal::read_log()
{
	std::vector<Record> records;
	const std::uint64_t at_once = lab::sector_of(buffer_size).count;
	for (next_block_ = 0; next_block_ < blocks_; next_block_++) {
		const std::uint64_t in_buffer = next_block_ % at_once;
		if (in_buffer == 0)
			disk_.read(log_begin + Sectors{next_block_},
				   buffer_.first(Sectors{std::min(at_once, blocks_ - next_block_)}.bytes()));
		Block block;
		std::memcpy(&block, buffer_.whole().data() + in_buffer * sector_bytes, sizeof(block));
		if (block.magic != block_magic || block.generation != generation_ || block.number != next_block_ ||
		    block.count > records_per_block || block.sum != block.sum_up())
			break;
		records.insert(records.end(), block.records.begin(), block.records.begin() + block.count);
	}
	return records;
}

void Journal::checkpoint(const std::string &content)
{
	if (content.size() > (slot_length - Sectors{1}).bytes().count)
		throw Failure(fmt::format("{}: a checkpoint of {} bytes is too large", disk_.path(), content.size()));
	generation_++;
	next_block_ = 0;
	const Sectors begin{generation_ % 2 * slot_length.count};
	Sectors at = begin + Sectors{1};
	for (std::size_t done = 0; done < content.size(); done += buffer_size.count) {
		const std::size_t n = std::min<std::size_t>(content.size() - done, buffer_size.count);
		std::memcpy(buffer_.whole().data(), content.data() + done, n);
		const Sectors length{(n + sector_bytes - 1) / sector_bytes};
		disk_.write(at, buffer_.first(length.bytes()));
		at = at + length;
	}
	Header header{header_magic, generation_, content.size(), checksum(std::as_bytes(std::span(content))), {}};
	std::memcpy(buffer_.whole().data(), &header, sizeof(header));
	disk_.write(begin, buffer_.first({sector_bytes}));
}

bool Journal::has_room(std::size_t records) const
{
	return next_block_ + records / records_per_block + 1 <= blocks_;
}

void Journal::append(std::span<const Record> records)
{
	while (!records.empty()) {
		std::size_t blocks = 0;
		for (; !records.empty() && (blocks + 1) * sector_bytes <= buffer_size.count; blocks++) {
			const std::size_t n = std::min(records.size(), records_per_block);
			Block block{block_magic, generation_, next_block_ + blocks, static_cast<std::uint32_t>(n), 0, 0, {}};
			std::ranges::copy(records.first(n), block.records.begin());
			block.sum = block.sum_up();
			std::memcpy(buffer_.whole().data() + blocks * sector_bytes, &block, sizeof(block));
			records = records.subspan(n);
		}
		disk_.write(log_begin + Sectors{next_block_}, buffer_.first(Sectors{blocks}.bytes()));
		next_block_ += blocks;
	}
}

} // namespace soak
