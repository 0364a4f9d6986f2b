// Sockets of the local kind, and lines over them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace recorder {

// Owns a file descriptor.
class Descriptor {
public:
	explicit Descriptor(int fd = -1) : fd_(fd) {}
	Descriptor(Descriptor &&other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
	Descriptor &operator=(Descriptor &&other) noexcept
	{
		std::swap(fd_, other.fd_);
		return *this;
	}
	~Descriptor();

	int get() const { return fd_; }

private:
	int fd_;
};

// Both throw std::system_error that names the path. A socket that is there listens.
Descriptor listen_at(const std::filesystem::path &path);
Descriptor connect_to(const std::filesystem::path &path);

// Lines that end with a newline, which is not part of them.
class LineStream {
public:
	explicit LineStream(Descriptor socket) : socket_(std::move(socket)) {}

	std::optional<std::string> read(); // nothing at the end
	void write(std::string line);

private:
	Descriptor socket_;
	std::string ahead_;
};

} // namespace recorder
