#include "lab/log_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lab {
namespace {

Mapping map_file(const std::filesystem::path &path)
{
	const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		throw std::system_error(errno, std::generic_category(), path.string());
	struct stat status {};
	void *address = MAP_FAILED;
	int error = 0;
	if (fstat(fd, &status) == 0 && status.st_size > 0)
		address = mmap(nullptr, status.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (address == MAP_FAILED)
		error = status.st_size > 0 ? errno : EINVAL;
	close(fd);
	if (error)
		throw std::system_error(error, std::generic_category(), path.string());
	return {address, static_cast<std::size_t>(status.st_size)};
}

// Pages of it that are only read cost no memory.
Mapping map_zeros(std::size_t bytes)
{
	void *address = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (address == MAP_FAILED)
		throw std::system_error(errno, std::generic_category(), "zeros for the log");
	return {address, bytes};
}

} // namespace

LogReader::LogReader(const std::filesystem::path &path) 
	: path_(is_directory(path) ? path / "log" : path), file_(map_file(path_))
{
	read_header();
	index_records();
	if (longest_zeros_ > 0)
		zeros_ = map_zeros(longest_zeros_);
	if (!offsets_.empty()) {
		const Record last = (*this)[size() - 1];
		complete_ = last.kind == Kind::control && last.text == "end";
	}
}

void LogReader::fail(std::size_t offset, std::string_view what) const
{
	throw std::runtime_error(fmt::format("{}: {} at byte {}", path_.string(), what, offset));
}

template <typename T> T LogReader::at(std::size_t offset) const
{
	T value;
	if (offset > file_.bytes().size() || file_.bytes().size() - offset < sizeof(T))
		fail(offset, "the file ends too early");
	std::memcpy(&value, file_.bytes().data() + offset, sizeof(T));
	return value;
}

void LogReader::read_header()
{
	const auto header = at<disk::Header>(0);
	if (header.magic != disk::magic)
		fail(0, "no recording of the laboratory");
	if (header.version != disk::version)
		fail(8, fmt::format("version {}, this program knows {}", header.version, disk::version));
	if (header.members == 0 || header.members > max_members)
		fail(16, fmt::format("{} members", header.members));
	if (header.bytes != sizeof(header) + header.members * sizeof(disk::Member))
		fail(12, "wrong length of the header");
	began_ns_ = header.began_ns;
	for (std::size_t i = 0; i < header.members; i++) {
		const auto member = at<disk::Member>(sizeof(header) + i * sizeof(disk::Member));
		const auto end = std::find(member.name.begin(), member.name.end(), '\0');
		members_.push_back({std::string(member.name.begin(), end), Bytes{member.bytes}});
	}
	offsets_.push_back(header.bytes);
}

void LogReader::index_records()
{
	std::size_t offset = offsets_.back();
	offsets_.clear();
	const std::size_t end = file_.bytes().size();
	while (end - offset >= sizeof(disk::Record)) {
		const auto record = at<disk::Record>(offset);
		if (record.bytes < sizeof(record) || record.bytes % disk::alignment != 0)
			fail(offset, "a record of impossible length");
		if (end - offset < record.bytes)
			break;
		check(record, offset);
		offsets_.push_back(offset);
		offset += record.bytes;
	}
}

void LogReader::check(const disk::Record &record, std::size_t offset)
{
	const Kind kind{record.kind};
	const std::size_t payload = record.bytes - sizeof(record);
	const bool text = kind == Kind::mark || kind == Kind::control;

	if (kind < Kind::write || kind > Kind::control)
		fail(offset, fmt::format("a record of unknown kind {}", record.kind));
	if (record.member >= members_.size() && !(text && record.member == no_member))
		fail(offset, fmt::format("a record of unknown member {}", record.member));
	if (changes_data(kind)) {
		const std::uint64_t size = members_[record.member].size.count;
		if (record.offset > size || record.length > size - record.offset)
			fail(offset, fmt::format("a request beyond the end of {}", members_[record.member].name));
	}
	if (text && payload < record.length)
		fail(offset, "a text longer than its record");
	if (kind == Kind::write)
		check_data(record, offset, payload);
}

void LogReader::check_data(const disk::Record &record, std::size_t offset, std::size_t payload)
{
	switch (disk::Encoding{record.encoding}) {
	case disk::Encoding::inline_data:
		if (payload < record.length)
			fail(offset, "data longer than their record");
		break;
	case disk::Encoding::zeros:
		longest_zeros_ = std::max(longest_zeros_, record.length);
		break;
	case disk::Encoding::reference: {
		const auto where = at<std::uint64_t>(offset + sizeof(record));
		if (where > offset || record.length > offset - where)
			fail(offset, "data that refer to no earlier record");
		break;
	}
	default:
		fail(offset, fmt::format("data of unknown encoding {}", record.encoding));
	}
}

Record LogReader::operator[](std::size_t index) const
{
	const std::size_t offset = offsets_.at(index);
	const auto raw = at<disk::Record>(offset);
	const std::size_t payload = offset + sizeof(raw);
	Record record;

	record.index = index;
	record.kind = Kind{raw.kind};
	record.member = raw.member;
	record.fua = raw.flags & disk::flag_fua;
	record.time_ns = raw.time_ns;
	record.request = RequestId{raw.request};
	if (record.kind == Kind::completed) {
		record.error = static_cast<int>(raw.offset);
	} else if (record.kind == Kind::mark || record.kind == Kind::control) {
		record.text = {reinterpret_cast<const char *>(file_.bytes().data()) + payload, raw.length};
	} else {
		record.offset = {raw.offset};
		record.length = {raw.length};
	}
	if (record.kind != Kind::write)
		return record;
	switch (disk::Encoding{raw.encoding}) {
	case disk::Encoding::zeros:
		record.data = zeros_.bytes().first(raw.length);
		break;
	case disk::Encoding::reference:
		record.data = file_.bytes().subspan(at<std::uint64_t>(payload), raw.length);
		break;
	default:
		record.data = file_.bytes().subspan(payload, raw.length);
	}
	return record;
}

} // namespace lab
