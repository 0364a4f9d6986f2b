// SPDX-License-Identifier: GPL-2.0
#include "geometry_check.h"

#include <bit>
#include <vector>

#include "property.h"

namespace {

u128 divide_up(u128 number, u128 by)
{
	return (number + by - 1) / by;
}

std::uint64_t byte_of(std::uint64_t chunk)
{
	return r1wb_bit_page(chunk) * R1WB_PAGE_BYTES + r1wb_bit_in_page(chunk) / 8;
}

// Nothing that is asked for a sector of the array leads out of the bitmap.
void check_within(const r1wb_geometry &geometry, std::uint64_t sector)
{
	const auto chunk = r1wb_chunk_of(&geometry, sector);
	const auto page = r1wb_bit_page(chunk);
	const auto bit = r1wb_bit_in_page(chunk);

	PROPERTY(chunk < geometry.chunks, "sector {}: chunk {} of {}", sector, chunk, geometry.chunks);
	PROPERTY(page < geometry.pages, "chunk {}: page {} of {}", chunk, page, geometry.pages);
	PROPERTY(bit < R1WB_PAGE_BITS, "chunk {}: bit {}", chunk, bit);
	PROPERTY(byte_of(chunk) < geometry.bytes, "chunk {}: byte {} of {}", chunk, byte_of(chunk), geometry.bytes);
}

// A chunk's bit is bit `chunk % 8` of byte `256 + chunk / 8`, whatever pages there are.
void check_place(const r1wb_geometry &geometry, std::uint64_t sector, std::uint64_t chunk_bytes)
{
	const auto chunk = r1wb_chunk_of(&geometry, sector);
	const auto bit = r1wb_bit_in_page(chunk);

	PROPERTY(chunk == sector / (chunk_bytes / 512), "sector {}: chunk {}", sector, chunk);
	PROPERTY(byte_of(chunk) == R1WB_SUPER_BYTES + chunk / 8, "chunk {}: byte {}", chunk, byte_of(chunk));
	PROPERTY(bit % 8 == chunk % 8, "chunk {}: bit {}", chunk, bit);
}

// The first and the last chunk of a page are in it, their neighbours are not.
void check_page(const r1wb_geometry &geometry, std::uint64_t page)
{
	const auto first = r1wb_page_first_chunk(page);
	const auto chunks = r1wb_page_chunks(&geometry, page);

	if (page >= geometry.pages) {
		PROPERTY(chunks == 0, "page {} of {}: {} chunks", page, geometry.pages, chunks);
		return;
	}
	PROPERTY(first + chunks <= geometry.chunks, "page {}: {} + {} chunks of {}", page, first, chunks, geometry.chunks);
	PROPERTY(first == 0 || r1wb_bit_page(first - 1) == page - 1, "page {}: first chunk {}", page, first);
	PROPERTY(first + chunks == geometry.chunks || r1wb_bit_page(first + chunks) == page + 1,
		 "page {}: {} + {} chunks of {}", page, first, chunks, geometry.chunks);
	if (!chunks)
		return;
	PROPERTY(r1wb_bit_page(first) == page, "page {}: first chunk {}", page, first);
	PROPERTY(r1wb_bit_page(first + chunks - 1) == page, "page {}: {} + {} chunks", page, first, chunks);
}

void check_size(const r1wb_geometry &geometry, const Room &room, std::uint64_t space)
{
	const auto sectors = r1wb_geometry_sectors(&geometry);

	PROPERTY(space == 0 || sectors <= space, "{} sectors where there are {}", sectors, space);
	PROPERTY(geometry.chunks <= R1WB_MAX_CHUNKS, "{} chunks", geometry.chunks);
	PROPERTY(geometry.chunks == room.chunks, "{} chunks", geometry.chunks);
	PROPERTY(geometry.bytes == room.bytes, "{} bytes", geometry.bytes);
	PROPERTY(geometry.pages == divide_up(room.bytes, 4096), "{} bytes in {} pages", geometry.bytes, geometry.pages);
	PROPERTY(sectors == room.sectors, "{} bytes in {} sectors", geometry.bytes, sectors);
}

} // namespace

Room::Room(std::uint64_t array_sectors, std::uint64_t chunk_bytes)
	: chunks{divide_up(array_sectors, chunk_bytes / 512)}, bytes{256 + divide_up(chunks, 8)},
	  sectors{divide_up(bytes, 512)}
{
}

bool is_chunk_size(std::uint64_t bytes)
{
	return bytes >= 512 && std::has_single_bit(bytes);
}

void check_geometry(const r1wb_geometry &geometry, std::uint64_t array_sectors, std::uint32_t chunk_bytes,
		    std::uint64_t space, std::span<const std::uint64_t> probes)
{
	check_size(geometry, {array_sectors, chunk_bytes}, space);
	PROPERTY(geometry.sectors == array_sectors, "{} sectors of {}", geometry.sectors, array_sectors);
	PROPERTY(512ULL << geometry.chunk_shift == chunk_bytes, "shift {} for {} bytes", geometry.chunk_shift, chunk_bytes);

	// Around the ends as well as anywhere.
	std::vector<std::uint64_t> sectors, pages;
	for (const auto &list : {std::vector<std::uint64_t>{0, 1, ~0ULL}, {probes.begin(), probes.end()}})
		for (const auto point : list) {
			if (array_sectors) {
				sectors.push_back(point % array_sectors);
				sectors.push_back(array_sectors - 1 - point % array_sectors);
			}
			pages.push_back(geometry.pages - 1 - point % geometry.pages);
			pages.push_back(point % geometry.pages);
			pages.push_back(geometry.pages + point % 1000);
		}
	for (const auto sector : sectors)
		check_within(geometry, sector);
	for (const auto sector : sectors)
		check_place(geometry, sector, chunk_bytes);
	for (const auto page : pages)
		check_page(geometry, page);

	std::uint64_t sum = 0;
	for (std::uint64_t page = 0; page < geometry.pages && geometry.pages <= 64; page++)
		sum += r1wb_page_chunks(&geometry, page);
	PROPERTY(geometry.pages > 64 || sum == geometry.chunks, "{} of {} chunks in pages", sum, geometry.chunks);
}
