// SPDX-License-Identifier: GPL-2.0
#include "nbd_target.h"

#include <charconv>
#include <csignal>

#include <fmt/format.h>

#include "failure.h"
#include "patience.h"

namespace remote_leg {

Path NbdTarget::process_file(const std::string &name) const
{
	return state_ / fmt::format("nbdkit-{}.pid", name);
}

std::optional<pid_t> NbdTarget::process(const std::string &name) const
{
	const auto line = read_line(process_file(name)).value_or("");
	pid_t number = 0;
	std::from_chars(line.data(), line.data() + line.size(), number);
	return is_running(number, "nbdkit") ? std::optional{number} : std::nullopt;
}

Command NbdTarget::command(const Export &leg) const
{
	return {"nbdkit", "--ipaddr=" + leg.listen, fmt::format("--port={}", leg.port), "--exportname=" + leg.name,
		"--pidfile=" + process_file(leg.name).string(), "--threads=32", "file", leg.device.string()};
}

void NbdTarget::add(const Export &leg)
{
	if (process(leg.name))
		throw Failure{fmt::format("{} is exported already: choose another name, or remote-leg unexport nbd {}", leg.name, leg.name)};
	std::filesystem::create_directories(state_);
	// It goes to the background once it listens.
	must_run(command(leg), "nbdkit");
}

void NbdTarget::remove(const std::string &name)
{
	const auto number = process(name);
	if (!number)
		throw Failure{fmt::format("{} is not exported over nbd", name)};
	kill(*number, SIGTERM);
	if (!patiently(std::chrono::seconds{30}, [&] { return !is_running(*number, "nbdkit"); }))
		throw Failure{fmt::format("nbdkit, process {}, does not end: its disk may hang", *number)};
	std::filesystem::remove(process_file(name));
}

} // namespace remote_leg
