// SPDX-License-Identifier: GPL-2.0
#include "files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "failure.h"

namespace remote_leg {

Descriptor &Descriptor::operator=(Descriptor &&other) noexcept
{
	std::swap(number_, other.number_);
	return *this;
}

Descriptor::~Descriptor()
{
	if (number_ >= 0)
		close(number_);
}

int Descriptor::release()
{
	return std::exchange(number_, -1);
}

bool is_there(const Path &path)
{
	std::error_code error;
	return std::filesystem::exists(path, error);
}

std::optional<std::string> read_line(const Path &file)
{
	std::ifstream stream{file};
	std::string line;
	if (!std::getline(stream, line))
		return std::nullopt;
	return line;
}

// 0, or the error's number.
static int put(const Path &file, std::string_view value)
{
	const Descriptor descriptor{open(file.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC)};
	const auto line = fmt::format("{}\n", value);
	if (!descriptor || write(descriptor.get(), line.data(), line.size()) < 0)
		return errno;
	return 0;
}

void write_value(const Path &file, std::string_view value)
{
	if (const int error = put(file, value))
		throw Failure{fmt::format("cannot write {} to {}: {}", value, file.string(), std::strerror(error))};
}

bool try_write(const Path &file, std::string_view value)
{
	return put(file, value) == 0;
}

std::vector<Path> entries(const Path &directory)
{
	std::vector<Path> paths;
	std::error_code error;
	std::filesystem::directory_iterator entry{directory, error}, end;
	while (!error && entry != end) {
		paths.push_back(entry->path());
		entry.increment(error);
	}
	std::ranges::sort(paths);
	return paths;
}

Descriptor lock(const Path &file)
{
	Descriptor descriptor{open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
	if (!descriptor)
		throw Failure{fmt::format("cannot make {}: {}", file.string(), std::strerror(errno))};
	while (flock(descriptor.get(), LOCK_EX) != 0)
		if (errno != EINTR)
			throw Failure{fmt::format("cannot lock {}: {}", file.string(), std::strerror(errno))};
	return descriptor;
}

} // namespace remote_leg
