// SPDX-License-Identifier: GPL-2.0
// What the kernel's nbd is told by netlink: unlike with its older ioctls, a disk outlives its connection.
#pragma once

#include <memory>
#include <string>

#include "nbd_handshake.h"
#include "request.h"

struct nl_sock;

namespace remote_leg {

class NbdNetlink {
public:
	// Throws Failure, as all here, if the kernel has no nbd.
	NbdNetlink();

	// A disk of that connection; its number. Who takes it over later has to know its mark.
	unsigned connect(int connection, const NbdDisk &disk, const Timeouts &timeouts, const std::string &mark);
	// Instead of the one that is lost. Did it take it? It does not as long as it does not know of the loss.
	bool reconnect(unsigned number, int connection, const std::string &mark);
	void disconnect(unsigned number);

private:
	struct Closer {
		void operator()(nl_sock *socket) const;
	};
	std::unique_ptr<nl_sock, Closer> socket_;
	int family_;
};

} // namespace remote_leg
