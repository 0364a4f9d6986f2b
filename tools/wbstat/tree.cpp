// SPDX-License-Identifier: GPL-2.0
#include "tree.h"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace wbstat {

bool Tree::exists() const
{
	std::error_code error;
	return std::filesystem::is_directory(root_, error);
}

std::optional<std::string> Tree::text(std::string_view name) const
{
	std::ifstream file{root_ / name};
	std::string line;
	if (!std::getline(file, line))
		return std::nullopt;
	return line;
}

std::optional<std::uint64_t> Tree::number(std::string_view name) const
{
	const auto line = text(name);
	std::uint64_t value = 0;
	if (!line)
		return std::nullopt;
	const auto end = line->data() + line->size();
	const auto [stop, error] = std::from_chars(line->data(), end, value);
	if (error != std::errc{} || stop != end)
		return std::nullopt;
	return value;
}

std::vector<std::string> Tree::names() const
{
	std::vector<std::string> names;
	std::error_code error;
	std::filesystem::directory_iterator entry{root_, error}, end;
	while (!error && entry != end) {
		names.push_back(entry->path().filename());
		entry.increment(error);
	}
	std::ranges::sort(names);
	return names;
}

} // namespace wbstat
