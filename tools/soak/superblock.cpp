#include "soak/superblock.h"

#include <algorithm>
#include <regex>

namespace soak {

namespace {

std::optional<std::string> value_of(const std::string &name, const std::string &examined)
{
	std::smatch found;
	if (!std::regex_search(examined, found, std::regex("(?:^|\n) *" + name + " : ([^ \n]+)")))
		return std::nullopt;
	return found[1];
}

} // namespace

std::optional<Superblock> superblock_in(const std::string &examined)
{
	const auto array = value_of("Array UUID", examined), kib = value_of("Array Size", examined),
		   events = value_of("Events", examined);
	if (!array || !kib || !events)
		return std::nullopt;
	return Superblock{*array, {std::stoull(*kib) * 2}, std::stoull(*events)};
}

std::vector<unsigned> that_fit(const std::map<unsigned, Superblock> &disks)
{
	const auto latest = std::ranges::max_element(disks, {}, [](const auto &disk) { return disk.second.events; });
	std::vector<unsigned> fit;
	for (const auto &[number, superblock] : disks)
		if (superblock.size == latest->second.size)
			fit.push_back(number);
	return fit;
}

} // namespace soak
