// md's superblock, versions 1.0, 1.1 and 1.2, as md 6.12 reads it (super_1_load), and its bad block log.
//
// Nothing that was read from a disk is trusted. Whatever md would refuse is refused.
#pragma once

#include "lab/units.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace crashcheck {

inline constexpr lab::Sectors max_sector{UINT64_MAX}; // md's MaxSector: all of it
inline constexpr lab::Sectors super_sectors{8};       // that are read

using Uuid = std::array<std::byte, 16>;

// What the array does with a device.
enum class Role : std::uint16_t {
	// below: the slot that it is the member of
	last_slot = 0xfeff,
	journal = 0xfffd,
	faulty = 0xfffe,
	spare = 0xffff,
};

constexpr bool is_slot(Role role)
{
	return role <= Role::last_slot;
}

// A range of the device that cannot be read.
struct BadBlocks {
	lab::Sectors begin; // on the device
	lab::Sectors end;
};

// Is it in one of them?
bool is_among(const std::vector<BadBlocks> &ranges, lab::Sectors sector);

struct MdSuper {
	lab::Sectors start; // of the superblock, on the device
	Uuid set_uuid{};
	std::int32_t level = 0;
	lab::Sectors size; // of the data that are mirrored
	std::uint32_t raid_disks = 0;
	std::optional<std::int32_t> bitmap_offset; // sectors from `start`
	lab::Sectors data_offset;
	lab::Sectors data_size;
	std::optional<lab::Sectors> recovery_offset; // being rebuilt: the data before are in sync
	bool recovery_by_bitmap = false;             // being rebuilt: only where bits are set
	bool replacement = false;
	bool reshaping = false;
	bool write_mostly = false;
	std::uint32_t device_number = 0;
	std::uint64_t events = 0;
	lab::Sectors resync_offset; // the data before are in sync on all members; max_sector: clean
	std::vector<Role> roles;    // by device number

	// The bad block log, if there is anything in it.
	bool has_bad_blocks = false;
	std::int32_t bad_blocks_offset = 0; // sectors from `start`
	lab::Sectors bad_blocks_sectors;
	unsigned bad_blocks_shift = 0;

	bool is_clean() const { return resync_offset == max_sector; }
	Role role_of(std::uint32_t device) const { return device < roles.size() ? roles[device] : Role::spare; }
	Role own_role() const { return role_of(device_number); }
};

// Where a superblock may be on a device of that size: minor version 0, 1, 2.
std::array<lab::Sectors, 3> super_places(lab::Sectors device);

// `bytes`: 4096 from `start` on. Nothing if md would not take it; then `why` says so, if it is given.
std::optional<MdSuper> read_md_super(std::span<const std::byte> bytes, lab::Sectors start, lab::Sectors device,
				     std::string *why = nullptr);

// The sum that has to be in the superblock.
std::uint32_t md_super_checksum(std::span<const std::byte> bytes);

// `bytes`: the log. Nothing if md would not take it.
std::optional<std::vector<BadBlocks>> read_bad_blocks(std::span<const std::byte> bytes, unsigned shift);

} // namespace crashcheck
