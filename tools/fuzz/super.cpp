// SPDX-License-Identifier: GPL-2.0
// Any bytes as a bitmap's superblock, beside any array: nothing outside of them is read, the verdict is the one that the
// rules in format.h ask for, and what is accepted describes bits that are all within the bitmap's area.
//
// Input: options, the array's sync_size, space and events, a probe; then the superblock.
#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "geometry_check.h"
#include "input.h"
#include "property.h"

namespace {

enum Option {
	persistent = 1,
	same_uuid = 2,
	same_sync_size = 4,
	same_events = 8,
	unaligned = 16,
};

// Where the fields are; taken from the format's description, not from format.h.
class DiskSuper {
public:
	explicit DiskSuper(std::span<const std::uint8_t> bytes) : size_{bytes.size()}
	{
		std::copy_n(bytes.begin(), std::min(bytes.size(), bytes_.size()), bytes_.begin());
	}

	std::size_t size() const { return size_; }
	std::uint32_t magic() const { return number<std::uint32_t>(0); }
	std::uint32_t version() const { return number<std::uint32_t>(4); }
	const std::uint8_t *uuid() const { return bytes_.data() + 8; }
	std::uint64_t events() const { return number<std::uint64_t>(24); }
	std::uint64_t events_cleared() const { return number<std::uint64_t>(32); }
	std::uint64_t sync_size() const { return number<std::uint64_t>(40); }
	std::uint32_t state() const { return number<std::uint32_t>(48); }
	std::uint32_t chunk_bytes() const { return number<std::uint32_t>(52); }
	std::uint32_t daemon_sleep() const { return number<std::uint32_t>(56); }
	std::uint32_t write_behind() const { return number<std::uint32_t>(60); }
	std::uint32_t sectors_reserved() const { return number<std::uint32_t>(64); }

	// As it would be written: what is for clusters, and the rest, are zero.
	std::array<std::uint8_t, 256> canonical() const
	{
		auto bytes = bytes_;
		std::fill(bytes.begin() + 68, bytes.end(), 0);
		return bytes;
	}

private:
	template <typename Number>
	Number number(std::size_t at) const
	{
		Input input{bytes_.data() + at, sizeof(Number)};
		return input.number<Number>();
	}

	std::array<std::uint8_t, 256> bytes_{};
	std::size_t size_;
};

std::uint64_t room_of(const DiskSuper &disk, const r1wb_super_context &context)
{
	const std::uint64_t reserved = disk.sectors_reserved(), space = context.space;
	return !reserved ? space : !space ? reserved : std::min(space, reserved);
}

bool is_refused(const DiskSuper &disk, const r1wb_super_context &context)
{
	if (disk.size() < 256 || disk.magic() != 0x6d746962 || disk.version() != 4)
		return true;
	if (!is_chunk_size(disk.chunk_bytes()) || disk.daemon_sleep() < 1 || disk.daemon_sleep() > INT_MAX ||
	    disk.write_behind() > 16383)
		return true;
	if (context.persistent && std::memcmp(disk.uuid(), context.uuid, 16) != 0)
		return true;
	const Room need{context.sync_size, disk.chunk_bytes()};
	const auto room = room_of(disk, context);
	return need.chunks > 1U << 29 || (room && need.sectors > room);
}

r1wb_super_verdict expected_verdict(const DiskSuper &disk, const r1wb_super_context &context)
{
	if (is_refused(disk, context))
		return R1WB_SUPER_REFUSED;
	if (!disk.events() && !disk.events_cleared() && !disk.state())
		return R1WB_SUPER_NEVER_USED;
	if (disk.state() || (context.persistent && disk.events() < context.events) || disk.sync_size() < context.sync_size)
		return R1WB_SUPER_OUT_OF_DATE;
	return R1WB_SUPER_OK;
}

// What r1wb_super_read() has to say; its buffers hold rubbish before.
struct Reading {
	r1wb_super super;
	r1wb_geometry geometry;
	std::array<char, R1WB_REASON_LEN> reason;
	r1wb_super_verdict verdict;

	Reading(const void *bytes, std::size_t size, const r1wb_super_context &context, int rubbish)
	{
		std::memset(&super, rubbish, sizeof(super));
		std::memset(&geometry, rubbish, sizeof(geometry));
		reason.fill(static_cast<char>(rubbish));
		verdict = r1wb_super_read(bytes, size, &context, &super, &geometry, reason.data());
	}

	std::string_view text() const { return {reason.data(), strnlen(reason.data(), reason.size())}; }
};

void check_reason(const Reading &reading)
{
	const auto text = reading.text();

	PROPERTY(text.size() < reading.reason.size(), "no end");
	PROPERTY(text.empty() == (reading.verdict == R1WB_SUPER_OK), "\"{}\" for verdict {}", text,
		 static_cast<int>(reading.verdict));
	// One that fills the buffer was cut off.
	PROPERTY(text.size() < reading.reason.size() - 1, "\"{}\" is as long as can be", text);
	for (const auto c : text)
		PROPERTY(c >= ' ' && c <= '~', "\"{}\"", text);
}

void check_fields(const r1wb_super &super, const DiskSuper &disk)
{
	PROPERTY(std::memcmp(super.uuid, disk.uuid(), 16) == 0, "another uuid");
	PROPERTY(super.events == disk.events(), "{}", super.events);
	PROPERTY(super.events_cleared == disk.events_cleared(), "{}", super.events_cleared);
	PROPERTY(super.sync_size == disk.sync_size(), "{}", super.sync_size);
	PROPERTY(super.state == disk.state(), "{}", super.state);
	PROPERTY(super.chunk_bytes == disk.chunk_bytes(), "{}", super.chunk_bytes);
	PROPERTY(super.daemon_sleep == disk.daemon_sleep(), "{}", super.daemon_sleep);
	PROPERTY(super.write_behind == disk.write_behind(), "{}", super.write_behind);
	PROPERTY(super.sectors_reserved == disk.sectors_reserved(), "{}", super.sectors_reserved);
}

// What was read is written as it was, but for what means nothing to us.
void check_round_trip(const Reading &reading, const DiskSuper &disk)
{
	r1wb_disk_super written;

	std::memset(&written, 0xa5, sizeof(written));
	r1wb_super_write(&written, &reading.super);
	if (disk.magic() == 0x6d746962 && disk.version() == 4)
		PROPERTY(std::memcmp(&written, disk.canonical().data(), sizeof(written)) == 0, "written otherwise than read");
}

r1wb_super_context read_context(Input &input, unsigned int options)
{
	r1wb_super_context context{};

	context.persistent = options & persistent;
	context.sync_size = input.number<std::uint64_t>();
	context.space = input.number<std::uint64_t>();
	context.events = input.number<std::uint64_t>();
	return context;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	Input input{data, size};
	const auto options = input.byte();
	auto context = read_context(input, options);
	const auto probe = input.number<std::uint64_t>();
	const DiskSuper disk{input.rest()};

	if (options & same_uuid)
		std::memcpy(context.uuid, disk.uuid(), sizeof(context.uuid));
	if (options & same_sync_size)
		context.sync_size = disk.sync_size();
	if (options & same_events)
		context.events = disk.events();

	// In a buffer of its own, so that not a byte more than there is can be read unnoticed.
	const std::size_t offset = options & unaligned ? 1 : 0;
	const auto bytes = std::make_unique<std::uint8_t[]>(disk.size() + offset);
	std::copy(input.rest().begin(), input.rest().end(), bytes.get() + offset);
	const Reading reading{bytes.get() + offset, disk.size(), context, 0xa5};

	PROPERTY(reading.verdict == expected_verdict(disk, context), "{} instead of {}: {}",
		 static_cast<int>(reading.verdict), static_cast<int>(expected_verdict(disk, context)), reading.text());
	PROPERTY(std::equal(input.rest().begin(), input.rest().end(), bytes.get() + offset), "input was changed");
	check_reason(reading);
	check_fields(reading.super, disk);
	if (reading.verdict != R1WB_SUPER_REFUSED)
		check_geometry(reading.geometry, context.sync_size, disk.chunk_bytes(), room_of(disk, context), {&probe, 1});
	check_round_trip(reading, disk);
	if (disk.size() >= 256) {
		const bool asleep = disk.magic() == 0x6d746962 && disk.events() == (1ULL << 63) - 1;
		PROPERTY(r1wb_super_asleep(bytes.get() + offset) == asleep, "{}", asleep);
	}
	return 0;
}
