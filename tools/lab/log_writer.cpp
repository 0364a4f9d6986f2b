#include "lab/log_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace lab {
namespace {

std::uint64_t hash(std::span<const std::byte> data)
{
	return std::hash<std::string_view>{}({reinterpret_cast<const char *>(data.data()), data.size()});
}

bool all_zero(std::span<const std::byte> data)
{
	return std::all_of(data.begin(), data.end(), [](std::byte byte) { return byte == std::byte{}; });
}

// The whole of data, however many calls that takes.
void write_all(int fd, std::uint64_t offset, std::span<const std::byte> data, const std::filesystem::path &path)
{
	while (!data.empty()) {
		const ssize_t written = pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
		if (written < 0 && errno != EINTR)
			throw std::system_error(errno, std::generic_category(), path.string());
		if (written > 0) {
			data = data.subspan(written);
			offset += written;
		}
	}
}

template <typename T> std::span<const std::byte> bytes_of(const T &value)
{
	return std::as_bytes(std::span{&value, 1});
}

} // namespace

LogWriter::LogWriter(const std::filesystem::path &path, std::span<const MemberInfo> members)
	: path_(path), fd_(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666)),
	  began_(std::chrono::steady_clock::now())
{
	if (fd_ < 0)
		throw std::system_error(errno, std::generic_category(), path.string());
	if (members.empty() || members.size() > max_members)
		throw std::invalid_argument(fmt::format("{}: {} members", path.string(), members.size()));
	disk::Header header{};
	header.magic = disk::magic;
	header.version = disk::version;
	header.bytes = sizeof(header) + members.size() * sizeof(disk::Member);
	header.members = members.size();
	header.began_ns = std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
	write_all(fd_, 0, bytes_of(header), path_);
	end_ = sizeof(header);
	for (const MemberInfo &member : members) {
		disk::Member entry{member.size.count, {}};
		if (member.name.size() > entry.name.size())
			throw std::invalid_argument(fmt::format("{}: name {} is too long", path.string(), member.name));
		std::copy(member.name.begin(), member.name.end(), entry.name.begin());
		write_all(fd_, end_, bytes_of(entry), path_);
		end_ += sizeof(entry);
	}
	control(no_member, "begin");
}

LogWriter::~LogWriter()
{
	close(fd_);
}

void LogWriter::append(disk::Record record, std::span<const std::byte> payload)
{
	const auto age = std::chrono::steady_clock::now() - began_;
	record.time_ns = std::chrono::nanoseconds(age).count();
	record.bytes = disk::padded(sizeof(record) + payload.size());
	// A record that cannot be written as a whole is cut off by the end of the file, or overwritten by the next.
	buffer_.assign(record.bytes, std::byte{});
	std::memcpy(buffer_.data(), &record, sizeof(record));
	std::copy(payload.begin(), payload.end(), buffer_.begin() + sizeof(record));
	write_all(fd_, end_, buffer_, path_);
	end_ += record.bytes;
}

bool LogWriter::is_at(const Place &place, std::span<const std::byte> data)
{
	if (place.length != data.size())
		return false;
	std::vector<std::byte> there(data.size());
	const ssize_t got = pread(fd_, there.data(), there.size(), static_cast<off_t>(place.offset));
	return got == static_cast<ssize_t>(there.size()) && std::equal(data.begin(), data.end(), there.begin());
}

RequestId LogWriter::write(std::uint8_t member, Bytes offset, std::span<const std::byte> data, bool fua)
{
	disk::Record record{};
	record.kind = static_cast<std::uint8_t>(Kind::write);
	record.member = member;
	record.flags = fua ? disk::flag_fua : 0;
	record.request = ++last_request_;
	record.offset = offset.count;
	record.length = data.size();
	const auto encode = [&](disk::Encoding encoding, std::span<const std::byte> payload) {
		record.encoding = static_cast<std::uint8_t>(encoding);
		append(record, payload);
		return RequestId{record.request};
	};

	if (all_zero(data))
		return encode(disk::Encoding::zeros, {});
	// The legs of a mirror are sent the same data.
	const std::uint64_t key = hash(data);
	const auto [first, last] = known_.equal_range(key);
	for (auto known = first; known != last; ++known)
		if (is_at(known->second, data))
			return encode(disk::Encoding::reference, bytes_of(known->second.offset));
	known_.emplace(key, Place{end_ + sizeof(record), data.size()});
	return encode(disk::Encoding::inline_data, data);
}

RequestId LogWriter::start(Kind kind, std::uint8_t member, Bytes offset, Bytes length, bool fua)
{
	disk::Record record{};
	record.kind = static_cast<std::uint8_t>(kind);
	record.member = member;
	record.flags = fua ? disk::flag_fua : 0;
	record.request = ++last_request_;
	record.offset = offset.count;
	record.length = length.count;
	append(record, {});
	return RequestId{record.request};
}

RequestId LogWriter::flush(std::uint8_t member)
{
	return start(Kind::flush, member, {}, {}, false);
}

RequestId LogWriter::trim(std::uint8_t member, Bytes offset, Bytes length, bool fua)
{
	return start(Kind::trim, member, offset, length, fua);
}

RequestId LogWriter::write_zeroes(std::uint8_t member, Bytes offset, Bytes length, bool fua)
{
	return start(Kind::write_zeroes, member, offset, length, fua);
}

void LogWriter::completed(std::uint8_t member, RequestId request, int error)
{
	disk::Record record{};
	record.kind = static_cast<std::uint8_t>(Kind::completed);
	record.member = member;
	record.request = static_cast<std::uint64_t>(request);
	record.offset = error;
	append(record, {});
}

void LogWriter::text(Kind kind, std::uint8_t member, std::string_view text)
{
	disk::Record record{};
	record.kind = static_cast<std::uint8_t>(kind);
	record.member = member;
	record.length = text.size();
	append(record, std::as_bytes(std::span{text}));
}

void LogWriter::mark(std::string_view mark)
{
	text(Kind::mark, no_member, mark);
}

void LogWriter::control(std::uint8_t member, std::string_view command)
{
	text(Kind::control, member, command);
}

void LogWriter::end()
{
	control(no_member, "end");
}

} // namespace lab
