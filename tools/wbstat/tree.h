// SPDX-License-Identifier: GPL-2.0
// Reading sysfs, where anything may be gone from one moment to the next.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wbstat {

// A directory of sysfs. What cannot be read is not there.
class Tree {
public:
	explicit Tree(std::filesystem::path root) : root_{std::move(root)} {}

	Tree at(std::string_view name) const { return Tree{root_ / name}; }
	bool exists() const;

	// The first line of a file, without its end.
	std::optional<std::string> text(std::string_view name) const;
	std::optional<std::uint64_t> number(std::string_view name) const;
	// The names in it, sorted.
	std::vector<std::string> names() const;

private:
	std::filesystem::path root_;
};

} // namespace wbstat
