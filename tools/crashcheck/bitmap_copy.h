// One member's copy of the write-intent bitmap, version 4: superblock, and bits right behind it.
//
// Only what it says; whether it is believed is for trust.h.
#pragma once

#include "crashcheck/md_super.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace crashcheck {

enum class Chunk : std::uint64_t {};

inline constexpr std::uint32_t bitmap_magic = 0x6d746962;
inline constexpr std::uint32_t bitmap_stale = 2;                   // in the state: mdadm says "Out of date"
inline constexpr std::uint64_t bitmap_asleep = (1ULL << 63) - 1;   // raid1wb's event count of a copy that sleeps
inline constexpr lab::Bytes bitmap_super_bytes{256};

struct BitmapSuper {
	std::uint32_t magic = 0;
	std::uint32_t version = 0;
	Uuid uuid{};
	std::uint64_t events = 0;
	std::uint64_t events_cleared = 0;
	lab::Sectors sync_size;
	std::uint32_t state = 0;
	std::uint32_t chunk_bytes = 0;
	std::uint32_t daemon_sleep = 0; // seconds
	std::uint32_t write_behind = 0;
	lab::Sectors reserved;

	bool operator==(const BitmapSuper &) const = default;
};

BitmapSuper read_bitmap_super(std::span<const std::byte, bitmap_super_bytes.count> bytes);
void write_bitmap_super(std::span<std::byte, bitmap_super_bytes.count> bytes, const BitmapSuper &super);

// How an array is cut into chunks.
class Grid {
public:
	// chunk_bytes: a power of two from 512 up.
	Grid(lab::Sectors array, std::uint32_t chunk_bytes);
	static bool is_chunk_size(std::uint32_t chunk_bytes);

	std::uint64_t chunks() const;
	lab::Sectors chunk_sectors() const { return {1ULL << shift_}; }
	Chunk chunk_of(lab::Sectors sector) const { return Chunk{sector.count >> shift_}; }
	lab::Sectors begin_of(Chunk chunk) const { return {static_cast<std::uint64_t>(chunk) << shift_}; }
	lab::Sectors end_of(Chunk chunk) const;
	unsigned shift() const { return shift_; }

	bool operator==(const Grid &) const = default;

private:
	lab::Sectors array_;
	unsigned shift_; // log2 of the sectors in a chunk
};

class BitmapCopy {
public:
	// `bytes`: from the begin of its superblock, at least that.
	explicit BitmapCopy(std::span<const std::byte> bytes);

	const BitmapSuper &super() const { return super_; }

	// Is the bit set? Where nothing was read there is none.
	bool test(Chunk chunk) const
	{
		const auto bit = static_cast<std::uint64_t>(chunk);
		return bit / 8 < bits_.size() && (std::to_integer<unsigned>(bits_[bit / 8]) >> (bit % 8) & 1);
	}

private:
	BitmapSuper super_;
	std::vector<std::byte> bits_;
};

} // namespace crashcheck
