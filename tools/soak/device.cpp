#include "soak/device.h"

#include "soak/failure.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace soak {

namespace {

constexpr std::size_t page = 4096;

off_t offset_of(Sectors sector)
{
	return static_cast<off_t>(sector.bytes().count);
}

Range range_of(Sectors begin, std::span<const std::byte> data)
{
	return {begin, {data.size() / sector_bytes}};
}

} // namespace

Buffer::Buffer(Bytes size)
{
	const std::size_t length = (size.count + page - 1) / page * page;
	memory_.reset(static_cast<std::byte *>(std::aligned_alloc(page, length)));
	if (!memory_)
		throw std::bad_alloc();
	whole_ = {memory_.get(), length};
}

void Buffer::Free::operator()(std::byte *memory) const
{
	std::free(memory);
}

Device::Device(std::string path, Mode mode)
	: path_(std::move(path)),
	  fd_(open(path_.c_str(), (mode == Mode::read_only ? O_RDONLY : O_RDWR) | O_DIRECT | O_CLOEXEC))
{
	if (fd_ < 0)
		throw Failure(fmt::format("{}: cannot be opened: {}", path_, std::strerror(errno)));
}

Device::Device(Device &&other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

Device::~Device()
{
	if (fd_ >= 0)
		close(fd_);
}

Sectors Device::size() const
{
	struct stat status;
	if (fstat(fd_, &status) == 0 && S_ISREG(status.st_mode))
		return {static_cast<std::uint64_t>(status.st_size) / sector_bytes};
	std::uint64_t bytes;
	if (ioctl(fd_, BLKGETSIZE64, &bytes) != 0)
		fail("asking its size", {});
	return {bytes / sector_bytes};
}

void Device::fail(const char *what, Range range) const
{
	throw Failure(fmt::format("{}: {} at sector {}, {} sectors: {}", path_, what, range.begin.count, range.length.count,
				  std::strerror(errno)));
}

void Device::read(Sectors begin, std::span<std::byte> data) const
{
	for (std::size_t done = 0; done < data.size();) {
		const ssize_t n = pread(fd_, data.data() + done, data.size() - done,
					offset_of(begin) + static_cast<off_t>(done));
		if (n == 0)
			errno = ENODATA;
		if (n <= 0)
			fail("reading", range_of(begin, data));
		done += static_cast<std::size_t>(n);
	}
}

void Device::write(Sectors begin, std::span<const std::byte> data, int flags, const char *what) const
{
	for (std::size_t done = 0; done < data.size();) {
		const iovec vector{const_cast<std::byte *>(data.data()) + done, data.size() - done};
		const ssize_t n = pwritev2(fd_, &vector, 1, offset_of(begin) + static_cast<off_t>(done), flags);
		if (n == 0)
			errno = ENOSPC;
		if (n <= 0)
			fail(what, range_of(begin, data));
		done += static_cast<std::size_t>(n);
	}
}

void Device::write(Sectors begin, std::span<const std::byte> data) const
{
	write(begin, data, 0, "writing");
}

void Device::write_through(Sectors begin, std::span<const std::byte> data) const
{
	write(begin, data, RWF_DSYNC, "writing through");
}

Reply Device::write_nowait(Sectors begin, std::span<const std::byte> data) const
{
	const iovec vector{const_cast<std::byte *>(data.data()), data.size()};
	const ssize_t n = pwritev2(fd_, &vector, 1, offset_of(begin), RWF_NOWAIT);
	if (n == static_cast<ssize_t>(data.size()))
		return Reply::done;
	if (n >= 0 || errno == EAGAIN || errno == EOPNOTSUPP)
		return Reply::refused;
	fail("writing without waiting", range_of(begin, data));
}

void Device::flush() const
{
	if (fdatasync(fd_) != 0)
		fail("flushing", {});
}

Reply Device::range_request(unsigned long request, Range range, const char *what) const
{
	const std::array<std::uint64_t, 2> bytes{range.begin.bytes().count, range.length.bytes().count};
	if (ioctl(fd_, request, bytes.data()) == 0)
		return Reply::done;
	if (errno == EOPNOTSUPP)
		return Reply::refused;
	fail(what, range);
}

Reply Device::discard(Range range) const
{
	return range_request(BLKDISCARD, range, "discarding");
}

Reply Device::zero(Range range) const
{
	return range_request(BLKZEROOUT, range, "writing zeroes");
}

} // namespace soak
