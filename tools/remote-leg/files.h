// SPDX-License-Identifier: GPL-2.0
// Small files, sysfs' and configfs' above all, where anything may be gone from one moment to the next.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace remote_leg {

using Path = std::filesystem::path;

// A file descriptor that is closed.
class Descriptor {
public:
	explicit Descriptor(int number = -1) : number_{number} {}
	Descriptor(Descriptor &&other) noexcept : number_{other.release()} {}
	Descriptor &operator=(Descriptor &&other) noexcept;
	~Descriptor();

	int get() const { return number_; }
	int release();
	explicit operator bool() const { return number_ >= 0; }

private:
	int number_;
};

bool is_there(const Path &path);
// The first line of a file, without its end; nothing if it cannot be read.
std::optional<std::string> read_line(const Path &file);
// Into a file that is there, in one piece. Throws Failure.
void write_value(const Path &file, std::string_view value);
// The same; did it work?
bool try_write(const Path &file, std::string_view value);
// What is in a directory, sorted; nothing if it is not there.
std::vector<Path> entries(const Path &directory);
// Only one process at a time has it; gone with the descriptor.
Descriptor lock(const Path &file);

} // namespace remote_leg
