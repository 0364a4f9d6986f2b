// What mdadm --examine tells of a disk.
#pragma once

#include "soak/range.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace soak {

struct Superblock {
	std::string array; // its UUID
	Sectors size; // of the array
	std::uint64_t events = 0;
};

std::optional<Superblock> superblock_in(const std::string &examined);

// Of disks by number: those that mdadm assembles together. It takes none at all if one was left behind before the array was
// given another size.
std::vector<unsigned> that_fit(const std::map<unsigned, Superblock> &disks);

} // namespace soak
