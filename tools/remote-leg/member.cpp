// SPDX-License-Identifier: GPL-2.0
#include "member.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failure.h"
#include "patience.h"
#include "process.h"

namespace remote_leg {
namespace {

constexpr std::size_t block_size = 4096;

// What sysfs writes with an exclamation mark is a slash in /dev.
Path device_of(std::string name)
{
	std::ranges::replace(name, '!', '/');
	return Path{"/dev"} / name;
}

// The disk's directory, and its partitions'.
std::vector<Path> parts(const std::string &disk, const Path &sysfs)
{
	std::vector<Path> paths{sysfs / "block" / disk};
	for (const auto &path : entries(paths[0]))
		if (is_there(path / "partition"))
			paths.push_back(path);
	return paths;
}

// The first that is mounted of these, by major:minor.
std::string mount_point(const std::string &number, const Path &mounts)
{
	std::ifstream file{mounts};
	for (std::string line; std::getline(file, line);) {
		std::istringstream words{line};
		std::string id, parent, device, root, place;
		if (words >> id >> parent >> device >> root >> place && device == number)
			return place;
	}
	return {};
}

} // namespace

Path Member::array() const
{
	return device_of(directory_.parent_path().parent_path().filename());
}

Path Member::device() const
{
	return device_of(directory_.filename().string().substr(4));
}

bool Member::has_failed() const
{
	const auto state = "," + read_line(directory_ / "state").value_or("") + ",";
	return state.find(",faulty,") != state.npos;
}

bool Member::take_out() const
{
	const auto state = directory_ / "state";
	return try_write(state, "faulty") && patiently(std::chrono::seconds{60}, [&] { return try_write(state, "remove"); });
}

void Member::put_back() const
{
	must_run({"mdadm", "--quiet", array().string(), "--re-add", device().string()}, "mdadm");
}

std::vector<Member> members_on(const std::string &disk, const Path &sysfs)
{
	std::vector<Member> members;
	for (const auto &array : entries(sysfs / "block"))
		for (const auto &directory : entries(array / "md")) {
			std::error_code error;
			if (!directory.filename().string().starts_with("dev-"))
				continue;
			auto block = std::filesystem::canonical(directory / "block", error);
			if (error)
				continue;
			if (is_there(block / "partition"))
				block = block.parent_path();
			if (block.filename() == disk)
				members.emplace_back(directory);
		}
	return members;
}

std::string who_uses(const std::string &disk, const Path &sysfs, const Path &mounts)
{
	for (const auto &part : parts(disk, sysfs)) {
		const auto holders = entries(part / "holders");
		if (!holders.empty())
			return fmt::format("{} is in use by {}: first remove it from there, or stop that", part.filename().string(),
					   holders[0].filename().string());
		const auto place = mount_point(read_line(part / "dev").value_or("none"), mounts);
		if (!place.empty())
			return fmt::format("{} is mounted: first umount {}", part.filename().string(), place);
	}
	return {};
}

bool is_readable(const Path &device)
{
	const Descriptor descriptor{open(device.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC)};
	const std::unique_ptr<void, decltype(&std::free)> block{std::aligned_alloc(block_size, block_size), std::free};
	return descriptor && block && read(descriptor.get(), block.get(), block_size) == static_cast<ssize_t>(block_size);
}

void check_free(const Path &device)
{
	struct stat status;
	if (stat(device.c_str(), &status) != 0)
		throw Failure{fmt::format("{}: {}", device.string(), std::strerror(errno))};
	if (!S_ISBLK(status.st_mode))
		throw Failure{fmt::format("{} is not a block device", device.string())};
	const Descriptor descriptor{open(device.c_str(), O_RDWR | O_EXCL | O_CLOEXEC)};
	if (!descriptor && errno == EBUSY)
		throw Failure{fmt::format("{} is in use: is it mounted, or part of an array or a volume group?", device.string())};
	if (!descriptor)
		throw Failure{fmt::format("{} cannot be opened: {}", device.string(), std::strerror(errno))};
}

} // namespace remote_leg
