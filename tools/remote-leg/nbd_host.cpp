// SPDX-License-Identifier: GPL-2.0
#include "nbd_host.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <thread>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "failure.h"
#include "nbd_handshake.h"
#include "nbd_netlink.h"
#include "patience.h"
#include "process.h"
#include "readd.h"
#include "undo.h"

namespace remote_leg {
namespace {

std::string mark(const Attach &leg)
{
	return "remote-leg:" + leg.name;
}

// A connection on which nothing comes back for so long ends with an error; one that has nothing to do is asked now and then.
void bound_silence(int connection, Seconds silence)
{
	const auto set = [&](int level, int option, int value) { setsockopt(connection, level, option, &value, sizeof(value)); };
	const auto seconds = static_cast<int>(silence.count());
	set(SOL_SOCKET, SO_KEEPALIVE, 1);
	set(IPPROTO_TCP, TCP_KEEPIDLE, std::max(1, seconds / 3));
	set(IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, seconds / 3));
	set(IPPROTO_TCP, TCP_USER_TIMEOUT, seconds * 1000);
}

// Is it lost, within that time? Both the kernel's nbd and TCP shut it down when it is.
bool is_lost(int connection, std::chrono::milliseconds time)
{
	pollfd events{connection, 0, 0};
	return poll(&events, 1, static_cast<int>(time.count())) > 0;
}

// Until there is one, and the kernel has taken it. What goes wrong is said once.
Descriptor connect_again(const Attachment &attachment)
{
	const auto &leg = attachment.leg;
	std::string said;
	for (;; std::this_thread::sleep_for(std::chrono::seconds{2})) {
		try {
			auto connection = nbd_connect(leg.address, leg.port);
			const auto disk = nbd_negotiate(connection.get(), leg.name);
			if (disk.bytes != attachment.bytes)
				throw Failure{fmt::format("the other machine has another disk now, of {} bytes instead of {}", disk.bytes,
							  attachment.bytes)};
			bound_silence(connection.get(), leg.timeouts.silence);
			NbdNetlink nbd;
			const auto take = [&] { return nbd.reconnect(nbd_number(attachment.disk), connection.get(), mark(leg)); };
			if (patiently(std::chrono::seconds{20}, take))
				return connection;
			throw Failure{"the kernel does not take the new connection"};
		} catch (const Failure &failure) {
			if (said != failure.what())
				fmt::print(stderr, "remote-leg: {}: {}\n", leg.name, failure.what());
			said = failure.what();
		}
	}
}

} // namespace

unsigned nbd_number(const std::string &disk)
{
	unsigned number = 0;
	const auto end = disk.data() + disk.size();
	if (!disk.starts_with("nbd") || std::from_chars(disk.data() + 3, end, number).ptr != end || disk.size() == 3)
		throw Failure{fmt::format("{} is no disk of nbd", disk)};
	return number;
}

void NbdHost::attach(Attachment &attachment)
{
	const auto &leg = attachment.leg;
	load_modules({"nbd"});
	connection_ = nbd_connect(leg.address, leg.port);
	const auto disk = nbd_negotiate(connection_.get(), leg.name);
	bound_silence(connection_.get(), leg.timeouts.silence);
	attachment.bytes = disk.bytes;
	attachment.disk = fmt::format("nbd{}", NbdNetlink{}.connect(connection_.get(), disk, leg.timeouts, mark(leg)));
}

void NbdHost::detach(const Attachment &attachment)
{
	NbdNetlink{}.disconnect(nbd_number(attachment.disk));
}

void NbdHost::keep(const Attachment &attachment) const
{
	Descriptor connection{given_descriptor};
	for (;;) {
		if (!is_lost(connection.get(), look_again)) {
			readd(attachment);
			continue;
		}
		fmt::print(stderr, "remote-leg: {}: the connection of {} is lost\n", attachment.leg.name, attachment.disk);
		connection = connect_again(attachment);
		fmt::print(stderr, "remote-leg: {}: {} is connected again\n", attachment.leg.name, attachment.disk);
	}
}

} // namespace remote_leg
