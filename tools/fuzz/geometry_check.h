// SPDX-License-Identifier: GPL-2.0
// What must hold for a geometry that the module has accepted, worked out in numbers that cannot overflow.
#pragma once

#include <cstdint>
#include <span>

extern "C" {
#include "format.h"
}

__extension__ typedef unsigned __int128 u128;

// Chunks, bytes and sectors that a bitmap takes.
struct Room {
	u128 chunks, bytes, sectors;

	// @chunk_bytes is a power of two from 512 up.
	Room(std::uint64_t array_sectors, std::uint64_t chunk_bytes);
};

bool is_chunk_size(std::uint64_t bytes);

// @space: sectors, 0 = no limit; @probes: numbers from which sectors, chunks and pages to look at are made.
void check_geometry(const r1wb_geometry &geometry, std::uint64_t array_sectors, std::uint32_t chunk_bytes,
		    std::uint64_t space, std::span<const std::uint64_t> probes);
