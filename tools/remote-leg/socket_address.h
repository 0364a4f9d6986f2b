// SPDX-License-Identifier: GPL-2.0
// An address and a port, as the kernel has them.
#pragma once

#include <string>

#include <netinet/in.h>
#include <sys/socket.h>

namespace remote_leg {

class SocketAddress {
public:
	// Throws Failure if that is not an address: no resolver is asked.
	SocketAddress(const std::string &address, unsigned port);

	int family() const { return storage_.ss_family; }
	const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&storage_); }
	socklen_t size() const { return family() == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6); }

private:
	sockaddr_storage storage_{};
};

} // namespace remote_leg
