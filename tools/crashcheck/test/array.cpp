#include "array.h"

#include "crashcheck/bytes.h"
#include "crashcheck/survey.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>

namespace crashcheck::test {
namespace {

constexpr std::uint32_t md_magic = 0xa92b4efc;
constexpr Uuid some_uuid{std::byte{0x5e}, std::byte{0xed}};

std::filesystem::path make_directory()
{
	std::string name = (std::filesystem::temp_directory_path() / "crashcheck-XXXXXX").string();
	if (!mkdtemp(name.data()))
		throw std::system_error(errno, std::generic_category(), name);
	return name;
}

std::uint32_t features_of(const MdSuper &super)
{
	return (super.bitmap_offset ? 1 : 0) | (super.recovery_offset ? 2 : 0) | (super.reshaping ? 4 : 0) |
	       (super.has_bad_blocks ? 8 : 0) | (super.replacement ? 16 : 0) | (super.recovery_by_bitmap ? 128 : 0);
}

} // namespace

Bytes md_super_bytes(const MdSuper &super)
{
	Bytes bytes(super_sectors.bytes().count);
	put_little_endian(std::span(bytes), 0, md_magic);
	put_little_endian(std::span(bytes), 4, std::uint32_t{1});
	put_little_endian(std::span(bytes), 8, features_of(super));
	std::ranges::copy(super.set_uuid, bytes.begin() + 16);
	put_little_endian(std::span(bytes), 72, super.level);
	put_little_endian(std::span(bytes), 80, super.size.count);
	put_little_endian(std::span(bytes), 92, super.raid_disks);
	put_little_endian(std::span(bytes), 96, super.bitmap_offset.value_or(0));
	put_little_endian(std::span(bytes), 128, super.data_offset.count);
	put_little_endian(std::span(bytes), 136, super.data_size.count);
	put_little_endian(std::span(bytes), 144, super.start.count);
	put_little_endian(std::span(bytes), 152, super.recovery_offset.value_or(lab::Sectors{}).count);
	put_little_endian(std::span(bytes), 160, super.device_number);
	put_little_endian(std::span(bytes), 184, std::uint8_t{super.write_mostly});
	put_little_endian(std::span(bytes), 185, static_cast<std::uint8_t>(super.bad_blocks_shift));
	put_little_endian(std::span(bytes), 186, static_cast<std::uint16_t>(super.bad_blocks_sectors.count));
	put_little_endian(std::span(bytes), 188, super.bad_blocks_offset);
	put_little_endian(std::span(bytes), 200, super.events);
	put_little_endian(std::span(bytes), 208, super.resync_offset.count);
	put_little_endian(std::span(bytes), 220, static_cast<std::uint32_t>(super.roles.size()));
	for (std::size_t i = 0; i < super.roles.size(); i++)
		put_little_endian(std::span(bytes), 256 + 2 * i, static_cast<std::uint16_t>(super.roles[i]));
	put_little_endian(std::span(bytes), 216, md_super_checksum(bytes));
	return bytes;
}

Bytes bitmap_bytes(const BitmapSuper &super, const std::vector<std::uint64_t> &bits)
{
	Bytes bytes(lab::sector_bytes);
	write_bitmap_super(std::span(bytes).first<bitmap_super_bytes.count>(), super);
	for (const std::uint64_t bit : bits)
		bytes[bitmap_super_bytes.count + bit / 8] |= std::byte{1} << (bit % 8);
	return bytes;
}

Bytes letters(char letter, std::size_t sectors)
{
	return Bytes(sectors * lab::sector_bytes, static_cast<std::byte>(letter));
}

MdSuper some_super(std::uint32_t device, std::uint64_t events)
{
	MdSuper super;
	super.start = super_place;
	super.set_uuid = some_uuid;
	super.level = 1;
	super.size = array_size;
	super.raid_disks = 2;
	super.bitmap_offset = bitmap_offset;
	super.data_offset = data_place;
	super.data_size = device_size - data_place;
	super.device_number = device;
	super.events = events;
	super.resync_offset = {};
	super.roles = {Role{0}, Role{1}};
	return super;
}

BitmapSuper some_bitmap(std::uint64_t events)
{
	BitmapSuper super;
	super.magic = bitmap_magic;
	super.version = 4;
	super.uuid = some_uuid;
	super.events = events;
	super.events_cleared = events - 1;
	super.sync_size = array_size;
	super.chunk_bytes = chunk_bytes;
	super.daemon_sleep = 5;
	super.write_behind = 256;
	return super;
}

// ---- recording ----

Recording::Recording(std::size_t members) : directory_(make_directory()), members_(members)
{
	std::vector<lab::MemberInfo> infos;
	for (std::size_t i = 0; i < members; i++)
		infos.push_back({"leg" + std::to_string(i), device_size.bytes()});
	writer_ = std::make_unique<lab::LogWriter>(directory_ / "log", infos);
}

Recording::~Recording()
{
	writer_.reset();
	std::error_code ignored;
	std::filesystem::remove_all(directory_, ignored);
}

lab::RequestId Recording::write(std::uint8_t member, lab::Sectors at, const Bytes &data, bool fua)
{
	return writer_->write(member, at.bytes(), data, fua);
}

void Recording::complete(std::uint8_t member, lab::RequestId request, int error)
{
	writer_->completed(member, request, error);
}

lab::RequestId Recording::done(std::uint8_t member, lab::Sectors at, const Bytes &data)
{
	const lab::RequestId request = write(member, at, data);
	complete(member, request);
	return request;
}

void Recording::flush(std::uint8_t member)
{
	complete(member, writer_->flush(member));
}

void Recording::flushed(std::uint8_t member, lab::Sectors at, const Bytes &data)
{
	done(member, at, data);
	flush(member);
}

void Recording::super(std::uint8_t member, const MdSuper &super)
{
	flushed(member, super.start, md_super_bytes(super));
}

void Recording::bitmap(std::uint8_t member, const BitmapSuper &super, const std::vector<std::uint64_t> &bits)
{
	flushed(member, super_place + lab::Sectors{bitmap_offset}, bitmap_bytes(super, bits));
}

void Recording::array(std::uint64_t events)
{
	for (std::uint8_t member = 0; member < members_; member++) {
		MdSuper super = some_super(member, events);
		super.raid_disks = static_cast<std::uint32_t>(members_);
		super.roles.clear();
		for (std::uint16_t slot = 0; slot < members_; slot++)
			super.roles.push_back(Role{slot});
		super.write_mostly = member == slow;
		bitmap(member, some_bitmap(events), {});
		this->super(member, super);
	}
}

const lab::LogReader &Recording::read()
{
	if (!reader_) {
		writer_->end();
		reader_ = std::make_unique<lab::LogReader>(directory_);
	}
	return *reader_;
}

// ---- judge ----

Judge::Judge(Recording &recording, RuleSet rules)
	: history_(recording.read()), walker_(history_), checker_(walker_, rules_of(rules), find_array(history_))
{
	walker_.walk_to(history_.end() - 1);
}

std::vector<Violation> Judge::state(const std::string &writes)
{
	return checker_.check(choices_of(std::to_string(walker_.cut()) + writes, walker_));
}

std::vector<Violation> Judge::all()
{
	return checker_.check(Choices(history_.writes().size(), present));
}

std::vector<Violation> Judge::none()
{
	return checker_.check(Choices(history_.writes().size(), absent));
}

bool has(const std::vector<Violation> &violations, Check check, const std::string &rule, const std::string &members)
{
	return std::any_of(violations.begin(), violations.end(), [&](const Violation &violation) {
		return violation.check == check && violation.who.find(rule) != std::string::npos &&
		       violation.who.find(members) != std::string::npos;
	});
}

std::string text_of(const std::vector<Violation> &violations)
{
	std::string text;
	for (const Violation &violation : violations)
		text += std::string(name_of(violation.check)) + " [" + violation.who + "]: " + violation.what + "\n";
	return text;
}

} // namespace crashcheck::test
