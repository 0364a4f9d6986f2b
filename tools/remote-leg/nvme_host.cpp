// SPDX-License-Identifier: GPL-2.0
#include "nvme_host.h"

#include <fmt/format.h>

#include "failure.h"
#include "patience.h"
#include "undo.h"

namespace remote_leg {
namespace {

// nvme0n1, and nvme0c0n1, a path of it
bool is_disk(const Path &path)
{
	const auto name = path.filename().string();
	return name.starts_with("nvme") && name.find('n', 1) != name.npos && is_there(path / "queue");
}

// Those of a controller, or of the subsystem itself.
std::vector<Path> disks_in(const Path &directory)
{
	auto paths = entries(directory);
	std::erase_if(paths, [](const Path &path) { return !is_disk(path); });
	return paths;
}

std::vector<Path> controllers(const Path &subsystem)
{
	auto paths = entries(subsystem);
	std::erase_if(paths, [](const Path &path) { return !is_there(path / "transport"); });
	return paths;
}

} // namespace

std::optional<Path> NvmeHost::subsystem(const std::string &name) const
{
	for (const auto &path : entries(sysfs_ / "class/nvme-subsystem"))
		if (read_line(path / "subsysnqn") == nvme_name(name))
			return path;
	return std::nullopt;
}

std::optional<std::string> NvmeHost::disk(const std::string &name) const
{
	const auto subsystem = this->subsystem(name);
	if (!subsystem)
		return std::nullopt;
	auto paths = disks_in(*subsystem);
	for (const auto &controller : controllers(*subsystem))
		for (const auto &path : disks_in(controller))
			paths.push_back(path);
	for (const auto &path : paths)
		if (is_there(path / "dev"))
			return path.filename();
	return std::nullopt;
}

Command NvmeHost::connect_command(const Attach &leg)
{
	return {"nvme", "connect", "--transport=tcp", "--traddr=" + leg.address, fmt::format("--trsvcid={}", leg.port),
		"--nqn=" + nvme_name(leg.name), fmt::format("--keep-alive-tmo={}", leg.timeouts.silence.count()), "--reconnect-delay=2",
		"--ctrl-loss-tmo=-1", fmt::format("--queue-size={}", leg.depth)};
}

// What nvme of Debian 12 has no option for. Keep-alive finds out whether the connection is alive; a request may take long.
void NvmeHost::set_timeouts(const Attach &leg) const
{
	const auto subsystem = this->subsystem(leg.name);
	if (!subsystem)
		throw Failure{fmt::format("the other machine took {} away again", leg.name)};
	for (const auto &controller : controllers(*subsystem)) {
		write_value(controller / "fast_io_fail_tmo", fmt::format("{}", leg.timeouts.hold.count()));
		for (const auto &path : disks_in(controller))
			write_value(path / "queue/io_timeout", fmt::format("{}", leg.timeouts.answer.count() * 1000));
	}
}

void NvmeHost::attach(Attachment &attachment)
{
	const auto &leg = attachment.leg;
	if (subsystem(leg.name))
		throw Failure{fmt::format("{} is connected already, not by remote-leg: nvme disconnect --nqn={}", leg.name, nvme_name(leg.name))};
	load_modules({"nvme-tcp"});
	must_run(connect_command(leg), "nvme-cli");
	Undo undo{[&] { run({"nvme", "disconnect", "--nqn=" + nvme_name(leg.name)}); }};
	if (!patiently(std::chrono::seconds{30}, [&] { return disk(leg.name).has_value(); }))
		throw Failure{fmt::format("connected to {}, but no disk came: is {} exported there?", leg.address, leg.name)};
	set_timeouts(leg);
	attachment.disk = disk(leg.name).value();
	undo.all_went_well();
}

void NvmeHost::detach(const Attachment &attachment)
{
	must_run({"nvme", "disconnect", "--nqn=" + nvme_name(attachment.leg.name)}, "nvme-cli");
}

} // namespace remote_leg
