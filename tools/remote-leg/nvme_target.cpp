// SPDX-License-Identifier: GPL-2.0
#include "nvme_target.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <unistd.h>

#include "failure.h"
#include "process.h"

namespace remote_leg {
namespace {

unsigned to_number(const std::string &text)
{
	unsigned number = 0;
	std::from_chars(text.data(), text.data() + text.size(), number);
	return number;
}

} // namespace

Path NvmeTarget::subsystem(const std::string &name) const
{
	return root_ / "subsystems" / nvme_name(name);
}

// The port at the address. If there is none, it is made by the plan.
Path NvmeTarget::find_port(const Export &leg, Plan &plan) const
{
	const auto service = fmt::format("{}", leg.port);
	unsigned free = 1;
	for (const auto &port : entries(root_ / "ports")) {
		if (read_line(port / "addr_traddr") == leg.listen && read_line(port / "addr_trsvcid") == service)
			return port;
		free = std::max(free, to_number(port.filename()) + 1);
	}
	const auto port = root_ / "ports" / fmt::format("{}", free);
	plan.push_back(MakeDirectory{port});
	plan.push_back(WriteValue{port / "addr_trtype", "tcp"});
	plan.push_back(WriteValue{port / "addr_adrfam", leg.listen.find(':') == leg.listen.npos ? "ipv4" : "ipv6"});
	plan.push_back(WriteValue{port / "addr_traddr", leg.listen});
	plan.push_back(WriteValue{port / "addr_trsvcid", service});
	return port;
}

Plan NvmeTarget::plan(const Export &leg) const
{
	const auto subsystem = this->subsystem(leg.name);
	const auto space = subsystem / "namespaces/1";
	Plan plan{MakeDirectory{subsystem}};
	if (leg.allow.empty()) {
		plan.push_back(WriteValue{subsystem / "attr_allow_any_host", "1"});
	} else {
		const auto host = root_ / "hosts" / leg.allow;
		plan.push_back(ShareDirectory{host});
		plan.push_back(MakeLink{host, subsystem / "allowed_hosts" / leg.allow});
	}
	plan.push_back(WriteValue{subsystem / "attr_serial", serial_number(leg.name)});
	plan.push_back(MakeDirectory{space});
	plan.push_back(WriteValue{space / "device_uuid", uuid(leg.name)});
	plan.push_back(WriteValue{space / "device_path", leg.device});
	plan.push_back(WriteValue{space / "enable", "1"});
	const auto port = find_port(leg, plan);
	plan.push_back(MakeLink{subsystem, port / "subsystems" / nvme_name(leg.name)});
	return plan;
}

void NvmeTarget::add(const Export &leg)
{
	load_modules({"nvmet-tcp"});
	if (!is_there(root_))
		throw Failure{fmt::format("no {}: mount -t configfs none /sys/kernel/config", root_.string())};
	if (is_there(subsystem(leg.name)))
		throw Failure{fmt::format("{} is exported already: choose another name, or remote-leg unexport nvme {}", leg.name, leg.name)};
	carry_out(plan(leg));
}

void NvmeTarget::remove(const std::string &name)
{
	const auto subsystem = this->subsystem(name);
	if (!is_there(subsystem))
		throw Failure{fmt::format("{} is not exported over nvme", name)};
	for (const auto &port : entries(root_ / "ports")) {
		const auto link = port / "subsystems" / nvme_name(name);
		if (!is_there(link))
			continue;
		remove_link(link);
		// Unless another leg is there, too.
		rmdir(port.c_str());
	}
	for (const auto &link : entries(subsystem / "allowed_hosts"))
		remove_link(link);
	remove_directory(subsystem / "namespaces/1");
	remove_directory(subsystem);
}

} // namespace remote_leg
