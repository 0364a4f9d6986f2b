// SPDX-License-Identifier: GPL-2.0
#include "nbd_target.h"

#include <fstream>

#include <fmt/format.h>

#include "failure.h"
#include "nbd_server.h"

namespace remote_leg {

Path NbdTarget::process_file(const std::string &name) const
{
	return state_ / fmt::format("nbd-{}.export", name);
}

std::optional<NbdTarget::Process> NbdTarget::process(const std::string &name) const
{
	std::ifstream file{process_file(name)};
	Process process{};
	std::string device;
	if (!(file >> process.number >> std::ws) || !std::getline(file, device))
		return std::nullopt;
	process.arguments = {"serve", device, name};
	return goes_on(process.number, process.arguments) ? std::optional{process} : std::nullopt;
}

void NbdTarget::add(const Export &leg)
{
	if (process(leg.name))
		throw Failure{fmt::format("{} is exported already: choose another name, or remote-leg unexport nbd {}", leg.name, leg.name)};
	must_run({"nbdkit", "--version"}, "nbdkit");
	const auto listener = nbd_listen(leg.listen, leg.port);
	std::filesystem::create_directories(state_);
	const Command arguments{"serve", leg.device.string(), leg.name};
	const auto number = start_again(arguments, listener.get());
	std::ofstream file{process_file(leg.name)};
	if (!(file << number << '\n' << leg.device.string() << '\n') || !file.flush()) {
		end_again(number, arguments);
		throw Failure{fmt::format("cannot write {}", process_file(leg.name).string())};
	}
}

void NbdTarget::remove(const std::string &name)
{
	const auto process = this->process(name);
	if (!process)
		throw Failure{fmt::format("{} is not exported over nbd", name)};
	end_again(process->number, process->arguments);
	std::filesystem::remove(process_file(name));
}

} // namespace remote_leg
