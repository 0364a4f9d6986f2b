// SPDX-License-Identifier: GPL-2.0
#include "iscsi_host.h"

#include <algorithm>
#include <iterator>
#include <thread>

#include <fmt/format.h>

#include "failure.h"
#include "patience.h"
#include "readd.h"
#include "undo.h"

namespace remote_leg {
namespace {

// iscsiadm, on the record of the leg.
Command node(const Attach &leg, Command more)
{
	Command command{"iscsiadm", "--mode=node", "--targetname=" + iscsi_name(leg.name),
			fmt::format("--portal={}:{}", before_port(leg.address), leg.port)};
	std::ranges::move(more, std::back_inserter(command));
	return command;
}

} // namespace

std::vector<std::pair<std::string, std::string>> IscsiHost::settings(const Attach &leg)
{
	const auto silence = leg.timeouts.silence.count();
	// A question is asked after one half of the time, and its answer waited for in the other.
	const auto asked = std::max<Seconds::rep>(1, (silence + 1) / 2), answered = std::max<Seconds::rep>(1, silence / 2);
	return {
		{"node.startup", "manual"},
		{"node.session.timeo.replacement_timeout", fmt::format("{}", leg.timeouts.hold.count())},
		{"node.session.cmds_max", fmt::format("{}", std::max(64U, leg.depth))},
		{"node.session.queue_depth", fmt::format("{}", leg.depth)},
		{"node.conn[0].timeo.noop_out_interval", fmt::format("{}", asked)},
		{"node.conn[0].timeo.noop_out_timeout", fmt::format("{}", answered)},
	};
}

std::optional<std::string> IscsiHost::disk(const std::string &name) const
{
	for (const auto &session : entries(sysfs_ / "class/iscsi_session")) {
		if (read_line(session / "targetname") != iscsi_name(name))
			continue;
		for (const auto &target : entries(session / "device"))
			for (const auto &unit : entries(target))
				for (const auto &disk : entries(unit / "block"))
					if (is_there(disk / "dev"))
						return disk.filename();
	}
	return std::nullopt;
}

void IscsiHost::attach(Attachment &attachment)
{
	const auto &leg = attachment.leg;
	if (const auto there = disk(leg.name))
		throw Failure{fmt::format("{} is connected already, as {}, not by remote-leg: iscsiadm --mode=node --targetname={} --logout",
					  leg.name, *there, iscsi_name(leg.name))};
	must_run(node(leg, {"--op=new"}), "open-iscsi");
	Undo forget{[&] { run(node(leg, {"--op=delete"})); }};
	for (const auto &[setting, value] : settings(leg))
		must_run(node(leg, {"--op=update", "--name=" + setting, "--value=" + value}), "open-iscsi");
	must_run(node(leg, {"--login"}), "open-iscsi");
	Undo leave{[&] { run(node(leg, {"--logout"})); }};
	if (!patiently(std::chrono::seconds{30}, [&] { return disk(leg.name).has_value(); }))
		throw Failure{fmt::format("connected to {}, but no disk came: is {} exported there?", leg.address, leg.name)};
	attachment.disk = disk(leg.name).value();
	write_value(sysfs_ / "block" / attachment.disk / "device/timeout", fmt::format("{}", leg.timeouts.answer.count()));
	leave.all_went_well();
	forget.all_went_well();
}

void IscsiHost::detach(const Attachment &attachment)
{
	must_run(node(attachment.leg, {"--logout"}), "open-iscsi");
	must_run(node(attachment.leg, {"--op=delete"}), "open-iscsi");
}

void IscsiHost::keep(const Attachment &attachment) const
{
	for (;;) {
		std::this_thread::sleep_for(look_again);
		readd(attachment);
	}
}

} // namespace remote_leg
