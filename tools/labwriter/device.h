// Devices without a cache in between, and buffers that suit them.
#pragma once

#include "labwriter/ledger.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace labwriter {

// Memory at a page boundary, zeros at first.
class Buffer {
public:
	explicit Buffer(lab::Sectors size);

	std::span<std::byte> first(lab::Sectors count) { return {memory_.get(), count.bytes().count}; }
	lab::SectorSpan sector(std::size_t index) { return lab::SectorSpan{memory_.get() + index * 512, 512}; }

private:
	struct Free {
		void operator()(std::byte *memory) const;
	};
	std::unique_ptr<std::byte, Free> memory_;
};

// Throws std::system_error that names the device, the place and what was tried. All functions may be called by any thread.
class Device {
public:
	explicit Device(const std::string &path);
	Device(const Device &) = delete;
	Device &operator=(const Device &) = delete;
	~Device();

	const std::string &path() const { return path_; }
	lab::Sectors size() const;

	void write(lab::Sectors from, std::span<const std::byte> data, bool fua = false);
	void read(lab::Sectors from, std::span<std::byte> data);
	void flush();
	void discard(Range range);

private:
	[[noreturn]] void fail(const char *what, lab::Sectors from) const;

	std::string path_;
	int fd_;
};

// The device whose blocks become marks of the recording.
class Marker {
public:
	explicit Marker(const std::string &path) : device_(path) {}

	// First line, then lines: as many marks as it takes, each with the first line.
	void lines(const std::string &first, const std::vector<std::string> &lines);
	void text(const std::string &text);

private:
	Device device_;
};

} // namespace labwriter
