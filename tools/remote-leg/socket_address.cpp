// SPDX-License-Identifier: GPL-2.0
#include "socket_address.h"

#include <arpa/inet.h>

#include "leg.h"

namespace remote_leg {

SocketAddress::SocketAddress(const std::string &address, unsigned port)
{
	check_address(address);
	auto *v4 = reinterpret_cast<sockaddr_in *>(&storage_);
	auto *v6 = reinterpret_cast<sockaddr_in6 *>(&storage_);
	if (inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(static_cast<std::uint16_t>(port));
		return;
	}
	storage_ = {};
	inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(static_cast<std::uint16_t>(port));
}

} // namespace remote_leg
