// SPDX-License-Identifier: GPL-2.0
// Any array in chunks of any size and any room for their bits: r1wb_geometry_set() cuts it rightly or says no,
// r1wb_geometry_fit() finds the smallest chunks that will do.
//
// Input: sectors, space, probe, chunk size.
#include <cstring>

#include "geometry_check.h"
#include "input.h"
#include "property.h"

namespace {

// Is there a geometry like this?
bool is_possible(std::uint64_t sectors, std::uint64_t chunk_bytes, std::uint64_t space)
{
	if (!is_chunk_size(chunk_bytes) || chunk_bytes > 1ULL << 31)
		return false;
	const Room room{sectors, chunk_bytes};
	return room.chunks <= 1U << 29 && (!space || room.sectors <= space);
}

// 0 if no chunk size will do.
std::uint64_t smallest_chunk(std::uint64_t sectors, std::uint64_t chunk_bytes, std::uint64_t space)
{
	for (; chunk_bytes >= 512 && chunk_bytes <= 1ULL << 31; chunk_bytes *= 2)
		if (is_possible(sectors, chunk_bytes, space))
			return chunk_bytes;
	return 0;
}

class Answer {
public:
	Answer() { std::memset(&geometry, 0xa5, sizeof(geometry)); }

	// What must be left alone is.
	bool untouched() const
	{
		const Answer fresh;
		return std::memcmp(&geometry, &fresh.geometry, sizeof(geometry)) == 0;
	}

	r1wb_geometry geometry;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	Input input{data, size};
	const auto sectors = input.number<std::uint64_t>();
	const auto space = input.number<std::uint64_t>();
	const auto probe = input.number<std::uint64_t>();
	const auto chunk_bytes = input.number<std::uint32_t>();

	Answer set;
	const auto can = r1wb_geometry_set(&set.geometry, sectors, chunk_bytes);
	PROPERTY(can == is_possible(sectors, chunk_bytes, 0), "{} sectors, {} bytes: {}", sectors, chunk_bytes, can);
	if (can)
		check_geometry(set.geometry, sectors, chunk_bytes, 0, {&probe, 1});
	else
		PROPERTY(set.untouched(), "{} sectors, {} bytes", sectors, chunk_bytes);

	Answer fit;
	const auto smallest = is_chunk_size(chunk_bytes) ? smallest_chunk(sectors, chunk_bytes, space) : 0;
	const auto fits = r1wb_geometry_fit(&fit.geometry, sectors, chunk_bytes, space);
	PROPERTY(fits == (smallest != 0), "{} sectors, {} bytes, {} space: {}", sectors, chunk_bytes, space, fits);
	if (fits)
		check_geometry(fit.geometry, sectors, static_cast<std::uint32_t>(smallest), space, {&probe, 1});
	else
		PROPERTY(fit.untouched(), "{} sectors, {} bytes, {} space", sectors, chunk_bytes, space);
	return 0;
}
