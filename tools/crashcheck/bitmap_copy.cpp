#include "crashcheck/bitmap_copy.h"

#include "crashcheck/bytes.h"

#include <algorithm>
#include <bit>

namespace crashcheck {
namespace {

// Places of the fields.
enum Field : std::size_t {
	f_magic = 0,
	f_version = 4,
	f_uuid = 8,
	f_events = 24,
	f_events_cleared = 32,
	f_sync_size = 40,
	f_state = 48,
	f_chunk_bytes = 52,
	f_daemon_sleep = 56,
	f_write_behind = 60,
	f_reserved = 64,
};

} // namespace

BitmapSuper read_bitmap_super(std::span<const std::byte, bitmap_super_bytes.count> bytes)
{
	BitmapSuper super;
	super.magic = little_endian<std::uint32_t>(bytes, f_magic);
	super.version = little_endian<std::uint32_t>(bytes, f_version);
	std::copy_n(bytes.begin() + f_uuid, super.uuid.size(), super.uuid.begin());
	super.events = little_endian<std::uint64_t>(bytes, f_events);
	super.events_cleared = little_endian<std::uint64_t>(bytes, f_events_cleared);
	super.sync_size = {little_endian<std::uint64_t>(bytes, f_sync_size)};
	super.state = little_endian<std::uint32_t>(bytes, f_state);
	super.chunk_bytes = little_endian<std::uint32_t>(bytes, f_chunk_bytes);
	super.daemon_sleep = little_endian<std::uint32_t>(bytes, f_daemon_sleep);
	super.write_behind = little_endian<std::uint32_t>(bytes, f_write_behind);
	super.reserved = {little_endian<std::uint32_t>(bytes, f_reserved)};
	return super;
}

void write_bitmap_super(std::span<std::byte, bitmap_super_bytes.count> bytes, const BitmapSuper &super)
{
	std::fill(bytes.begin(), bytes.end(), std::byte{});
	put_little_endian(bytes, f_magic, super.magic);
	put_little_endian(bytes, f_version, super.version);
	std::copy(super.uuid.begin(), super.uuid.end(), bytes.begin() + f_uuid);
	put_little_endian(bytes, f_events, super.events);
	put_little_endian(bytes, f_events_cleared, super.events_cleared);
	put_little_endian(bytes, f_sync_size, super.sync_size.count);
	put_little_endian(bytes, f_state, super.state);
	put_little_endian(bytes, f_chunk_bytes, super.chunk_bytes);
	put_little_endian(bytes, f_daemon_sleep, super.daemon_sleep);
	put_little_endian(bytes, f_write_behind, super.write_behind);
	put_little_endian(bytes, f_reserved, static_cast<std::uint32_t>(super.reserved.count));
}

Grid::Grid(lab::Sectors array, std::uint32_t chunk_bytes)
	: array_(array), shift_(std::countr_zero(chunk_bytes / static_cast<std::uint32_t>(lab::sector_bytes)))
{
}

bool Grid::is_chunk_size(std::uint32_t chunk_bytes)
{
	return std::has_single_bit(chunk_bytes) && chunk_bytes >= lab::sector_bytes;
}

std::uint64_t Grid::chunks() const
{
	return array_.count ? ((array_.count - 1) >> shift_) + 1 : 0;
}

lab::Sectors Grid::end_of(Chunk chunk) const
{
	return std::min(begin_of(chunk) + chunk_sectors(), array_);
}

BitmapCopy::BitmapCopy(std::span<const std::byte> bytes)
	: super_(read_bitmap_super(bytes.first<bitmap_super_bytes.count>())),
	  bits_(bytes.begin() + bitmap_super_bytes.count, bytes.end())
{
}

} // namespace crashcheck
