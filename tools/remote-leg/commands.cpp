// SPDX-License-Identifier: GPL-2.0
#include "commands.h"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "attachment.h"
#include "failure.h"
#include "host.h"
#include "member.h"
#include "nbd_server.h"
#include "process.h"
#include "readd.h"
#include "target.h"
#include "undo.h"

namespace remote_leg {
namespace {

void need_root()
{
	if (geteuid() != 0)
		throw Failure{"only root may do that"};
}

Attachment find(const Attachments &attachments, Protocol protocol, const std::string &name)
{
	if (auto attachment = attachments.find(protocol, name))
		return *attachment;
	throw Failure{fmt::format("{} is not attached over {}", name, to_string(protocol))};
}

Command keeper(Protocol protocol, const std::string &name)
{
	return {"keep", std::string{to_string(protocol)}, name};
}

void say(const std::string &disk)
{
	fmt::print("/dev/{}\n", disk);
	if (std::fflush(stdout))
		throw Failure{"cannot write to standard output"};
}

void start(const Export &leg)
{
	need_root();
	check_free(leg.device);
	make_target(leg.protocol)->add(leg);
}

void start(const Unexport &leg)
{
	need_root();
	make_target(leg.protocol)->remove(leg.name);
}

void start(const Attach &leg)
{
	need_root();
	const Attachments attachments;
	const auto lock = attachments.lock();
	if (const auto there = attachments.find(leg.protocol, leg.name)) {
		// A unit that could not be stopped, as the leg was in use, may be started again.
		if (!is_same_place(there->leg, leg))
			throw Failure{fmt::format("{} is attached already, as /dev/{}, from {}: choose another name, or remote-leg detach {} {}",
						  leg.name, there->disk, there->leg.address, to_string(leg.protocol), leg.name)};
		return say(there->disk);
	}
	const auto host = make_host(leg.protocol);
	Attachment attachment{leg, {}, 0, 0};
	host->attach(attachment);
	Undo undo{[&] {
		end_again(attachment.keeper, keeper(leg.protocol, leg.name));
		attachments.forget(leg.protocol, leg.name);
		host->detach(attachment);
	}};
	attachments.note(attachment);
	if (host->needs_keeper(attachment)) {
		attachment.keeper = start_again(keeper(leg.protocol, leg.name), host->descriptor_for_keeper());
		attachments.note(attachment);
	}
	// Its names in /dev/disk. Without udev there are none.
	run({"udevadm", "settle", "--timeout=10"});
	say(attachment.disk);
	undo.all_went_well();
}

void start(const Detach &leg)
{
	need_root();
	const Attachments attachments;
	const auto lock = attachments.lock();
	auto attachment = find(attachments, leg.protocol, leg.name);
	if (const auto use = who_uses(attachment.disk); !use.empty())
		throw Failure{use};
	end_again(attachment.keeper, keeper(leg.protocol, leg.name));
	make_host(leg.protocol)->detach(attachment);
	attachments.forget(leg.protocol, leg.name);
}

void start(const Readd &)
{
	need_root();
	readd_all(Attachments{});
}

void start(const Keep &leg)
{
	need_root();
	make_host(leg.protocol)->keep(find(Attachments{}, leg.protocol, leg.name));
}

void start(const Serve &leg)
{
	need_root();
	nbd_serve(leg.device, leg.name);
}

void start(const Help &help)
{
	fmt::print("{}", help.text);
}

} // namespace

void do_it(const Request &request)
{
	std::visit([](const auto &what) { start(what); }, request);
}

} // namespace remote_leg
