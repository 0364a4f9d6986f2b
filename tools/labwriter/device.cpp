#include "labwriter/device.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace labwriter {
namespace {

// The longest mark; it must stay one request on its way.
constexpr lab::Sectors longest_mark{128};

} // namespace

void Buffer::Free::operator()(std::byte *memory) const
{
	std::free(memory);
}

Buffer::Buffer(lab::Sectors size)
	: memory_(static_cast<std::byte *>(std::aligned_alloc(4096, (size.bytes().count + 4095) / 4096 * 4096)))
{
	if (!memory_)
		throw std::bad_alloc();
	std::memset(memory_.get(), 0, size.bytes().count);
}

Device::Device(const std::string &path) : path_(path), fd_(open(path.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC))
{
	if (fd_ < 0)
		throw std::system_error(errno, std::generic_category(), path);
}

Device::~Device()
{
	close(fd_);
}

void Device::fail(const char *what, lab::Sectors from) const
{
	throw std::system_error(errno, std::generic_category(), fmt::format("{}: {} at sector {}", path_, what, from.count));
}

lab::Sectors Device::size() const
{
	std::uint64_t bytes = 0;
	if (ioctl(fd_, BLKGETSIZE64, &bytes) < 0)
		fail("no size", {});
	return lab::sector_of({bytes});
}

void Device::write(lab::Sectors from, std::span<const std::byte> data, bool fua)
{
	// Part of a request is no request: what is not written in one go has failed.
	const iovec vector{const_cast<std::byte *>(data.data()), data.size()};
	const auto offset = static_cast<off_t>(from.bytes().count);
	const ssize_t written = pwritev2(fd_, &vector, 1, offset, fua ? RWF_DSYNC : 0);
	if (written >= 0)
		errno = EIO;
	if (written != static_cast<ssize_t>(data.size()))
		fail("write", from);
}

void Device::read(lab::Sectors from, std::span<std::byte> data)
{
	const ssize_t got = pread(fd_, data.data(), data.size(), static_cast<off_t>(from.bytes().count));
	if (got >= 0)
		errno = EIO;
	if (got != static_cast<ssize_t>(data.size()))
		fail("read", from);
}

void Device::flush()
{
	if (fsync(fd_) < 0)
		fail("flush", {});
}

void Device::discard(Range range)
{
	const std::uint64_t bytes[]{range.from.bytes().count, range.count.bytes().count};
	if (ioctl(fd_, BLKDISCARD, bytes) < 0)
		fail("discard", range.from);
}

void Marker::text(const std::string &text)
{
	const lab::Sectors count = lab::sector_of({text.size() + lab::sector_bytes});
	Buffer buffer(count);
	const auto block = buffer.first(count);
	std::memcpy(block.data(), text.data(), text.size());
	device_.write({}, block);
}

void Marker::lines(const std::string &first, const std::vector<std::string> &lines)
{
	std::string mark = first;
	for (const std::string &line : lines) {
		if (mark.size() + line.size() + 2 > longest_mark.bytes().count) {
			text(mark);
			mark = first;
		}
		mark += '\n' + line;
	}
	if (mark.size() > first.size())
		text(mark);
}

} // namespace labwriter
