#include "crashcheck/md_super.h"

#include "crashcheck/bytes.h"

#include <algorithm>

#include <fmt/format.h>

namespace crashcheck {
namespace {

constexpr std::uint32_t magic = 0xa92b4efc;
constexpr std::uint32_t max_roles = (4096 - 256) / 2;
constexpr std::uint64_t least_data = 10;
constexpr std::uint64_t most_bad_blocks_sectors = 8;

// Places of the fields.
enum Field : std::size_t {
	f_magic = 0,
	f_major = 4,
	f_features = 8,
	f_pad0 = 12,
	f_set_uuid = 16,
	f_level = 72,
	f_size = 80,
	f_raid_disks = 92,
	f_bitmap_offset = 96,
	f_data_offset = 128,
	f_data_size = 136,
	f_super_offset = 144,
	f_recovery_offset = 152,
	f_device_number = 160,
	f_device_flags = 184,
	f_bad_shift = 185,
	f_bad_sectors = 186,
	f_bad_offset = 188,
	f_events = 200,
	f_resync_offset = 208,
	f_checksum = 216,
	f_max_roles = 220,
	f_pad3 = 224,
	f_roles = 256,
};

enum Feature : std::uint32_t {
	has_bitmap = 1,
	has_recovery_offset = 2,
	is_reshaping = 4,
	has_bad_blocks = 8,
	is_replacement = 16,
	has_recovery_bitmap = 128,
	all_features = 0x1fff,
};

constexpr std::uint8_t write_mostly_flag = 1;

class Parser {
public:
	Parser(std::span<const std::byte> bytes, lab::Sectors start, lab::Sectors device)
		: bytes_(bytes), device_(device)
	{
		super_.start = start;
	}

	// Says why md would not take it, or nothing.
	std::string parse()
	{
		if (std::string why = envelope(); !why.empty())
			return why;
		fields();
		bad_blocks();
		return layout();
	}

	MdSuper take() { return std::move(super_); }

private:
	template <typename Number> Number get(std::size_t offset) const { return little_endian<Number>(bytes_, offset); }
	lab::Sectors sectors(std::size_t offset) const { return {get<std::uint64_t>(offset)}; }
	std::uint32_t features() const { return get<std::uint32_t>(f_features); }

	bool is_padded() const
	{
		const auto pad = bytes_.subspan(f_pad3, f_roles - f_pad3);
		return get<std::uint32_t>(f_pad0) == 0 &&
		       std::all_of(pad.begin(), pad.end(), [](std::byte byte) { return byte == std::byte{}; });
	}

	std::string envelope() const
	{
		if (get<std::uint32_t>(f_magic) != magic)
			return "no magic of md";
		if (get<std::uint32_t>(f_major) != 1)
			return fmt::format("major version {}", get<std::uint32_t>(f_major));
		if (get<std::uint32_t>(f_max_roles) > max_roles)
			return fmt::format("{} roles", get<std::uint32_t>(f_max_roles));
		if (sectors(f_super_offset) != super_.start)
			return fmt::format("made for sector {}", sectors(f_super_offset).count);
		if (features() & ~all_features)
			return fmt::format("unknown features {:#x}", features() & ~all_features);
		if (md_super_checksum(bytes_) != get<std::uint32_t>(f_checksum))
			return "wrong checksum";
		return is_padded() ? "" : "padding is not zero";
	}

	void fields()
	{
		std::copy_n(bytes_.begin() + f_set_uuid, super_.set_uuid.size(), super_.set_uuid.begin());
		super_.level = get<std::int32_t>(f_level);
		super_.size = sectors(f_size);
		super_.raid_disks = get<std::uint32_t>(f_raid_disks);
		if (features() & has_bitmap)
			super_.bitmap_offset = get<std::int32_t>(f_bitmap_offset);
		super_.data_offset = sectors(f_data_offset);
		super_.data_size = sectors(f_data_size);
		if (features() & has_recovery_offset)
			super_.recovery_offset = sectors(f_recovery_offset);
		super_.recovery_by_bitmap = features() & has_recovery_bitmap;
		super_.replacement = features() & is_replacement;
		super_.reshaping = features() & is_reshaping;
		super_.write_mostly = get<std::uint8_t>(f_device_flags) & write_mostly_flag;
		super_.device_number = get<std::uint32_t>(f_device_number);
		super_.events = get<std::uint64_t>(f_events);
		super_.resync_offset = sectors(f_resync_offset);
		for (std::uint32_t i = 0; i < get<std::uint32_t>(f_max_roles); i++)
			super_.roles.push_back(Role{get<std::uint16_t>(f_roles + 2 * i)});
	}

	void bad_blocks()
	{
		super_.has_bad_blocks = features() & Feature::has_bad_blocks;
		super_.bad_blocks_offset = get<std::int32_t>(f_bad_offset);
		super_.bad_blocks_sectors = {get<std::uint16_t>(f_bad_sectors)};
		super_.bad_blocks_shift = get<std::uint8_t>(f_bad_shift);
	}

	std::string layout() const
	{
		const lab::Sectors room = super_.start.count <= 8 ? device_ - super_.data_offset : super_.start;

		if (super_.data_size.count < least_data)
			return fmt::format("only {} sectors of data", super_.data_size.count);
		if (super_.start.count <= 8 && super_.data_offset <= super_.start)
			return "its data begin before it ends";
		if (super_.data_offset > device_ || room < super_.data_size)
			return "data beyond the end of the device";
		if (super_.bad_blocks_offset && super_.bad_blocks_sectors.count > most_bad_blocks_sectors)
			return "a bad block log that is too long";
		if (super_.has_bad_blocks && (!super_.bad_blocks_offset || super_.bad_blocks_shift >= 64))
			return "a bad block log that is nowhere";
		return "";
	}

	std::span<const std::byte> bytes_;
	lab::Sectors device_;
	MdSuper super_;
};

} // namespace

std::array<lab::Sectors, 3> super_places(lab::Sectors device)
{
	const std::uint64_t at_end = device.count < 16 ? 0 : (device.count - 16) & ~std::uint64_t{7};
	return {lab::Sectors{at_end}, lab::Sectors{0}, lab::Sectors{8}};
}

std::uint32_t md_super_checksum(std::span<const std::byte> bytes)
{
	const std::size_t size = f_roles + 2 * std::min(little_endian<std::uint32_t>(bytes, f_max_roles), max_roles);
	std::uint64_t sum = 0;
	std::size_t at = 0;

	for (; at + 4 <= size; at += 4)
		if (at != f_checksum)
			sum += little_endian<std::uint32_t>(bytes, at);
	if (at < size)
		sum += little_endian<std::uint16_t>(bytes, at);
	return static_cast<std::uint32_t>((sum & 0xffffffff) + (sum >> 32));
}

std::optional<MdSuper> read_md_super(std::span<const std::byte> bytes, lab::Sectors start, lab::Sectors device,
				     std::string *why)
{
	if (bytes.size() < super_sectors.bytes().count) {
		if (why)
			*why = "cut off";
		return std::nullopt;
	}
	Parser parser(bytes, start, device);
	std::string reason = parser.parse();
	const bool good = reason.empty();
	if (why)
		*why = std::move(reason);
	return good ? std::optional(parser.take()) : std::nullopt;
}

std::optional<std::vector<BadBlocks>> read_bad_blocks(std::span<const std::byte> bytes, unsigned shift)
{
	std::vector<BadBlocks> ranges;
	for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
		const auto entry = little_endian<std::uint64_t>(bytes, at);
		if (entry == UINT64_MAX)
			break;
		const std::uint64_t begin = (entry >> 10) << shift;
		const std::uint64_t sectors = (entry & 0x3ff) << shift;
		if (sectors == 0)
			return std::nullopt;
		ranges.push_back({{begin}, {begin + sectors}});
	}
	return ranges;
}

bool is_among(const std::vector<BadBlocks> &ranges, lab::Sectors sector)
{
	return std::any_of(ranges.begin(), ranges.end(),
			   [&](const BadBlocks &blocks) { return blocks.begin <= sector && sector < blocks.end; });
}

} // namespace crashcheck
