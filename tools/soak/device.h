// A block device (or a file), read and written past the page cache. Errors are exceptions that name device and place.
#pragma once

#include "soak/range.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace soak {

// Memory that the kernel can do I/O to.
class Buffer {
public:
	explicit Buffer(Bytes size);

	std::span<std::byte> first(Bytes size, Bytes skip = {}) const { return whole_.subspan(skip.count, size.count); }
	std::span<std::byte> whole() const { return whole_; }

private:
	struct Free {
		void operator()(std::byte *memory) const;
	};
	std::unique_ptr<std::byte, Free> memory_;
	std::span<std::byte> whole_;
};

enum class Mode { read_only, read_write };
// How a request ended that may be turned down.
enum class Reply { done, refused };

class Device {
public:
	explicit Device(std::string path, Mode mode = Mode::read_write);
	Device(Device &&other) noexcept;
	Device &operator=(Device &&) = delete;
	~Device();

	const std::string &path() const { return path_; }
	Sectors size() const;

	void read(Sectors begin, std::span<std::byte> data) const;
	void write(Sectors begin, std::span<const std::byte> data) const;
	// Stable when it returns.
	void write_through(Sectors begin, std::span<const std::byte> data) const;
	// Refused if it would have to wait; part of it may have been written.
	Reply write_nowait(Sectors begin, std::span<const std::byte> data) const;
	void flush() const;
	Reply discard(Range range) const;
	Reply zero(Range range) const;

private:
	void write(Sectors begin, std::span<const std::byte> data, int flags, const char *what) const;
	Reply range_request(unsigned long request, Range range, const char *what) const;
	[[noreturn]] void fail(const char *what, Range range) const;

	std::string path_;
	int fd_;
};

} // namespace soak
