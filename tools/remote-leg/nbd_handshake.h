// SPDX-License-Identifier: GPL-2.0
// How a client of NBD begins: finds out what the server has, up to where the kernel takes over.
#pragma once

#include <cstdint>
#include <string>

#include "files.h"

namespace remote_leg {

struct NbdDisk {
	std::uint64_t bytes = 0;
	std::uint16_t flags = 0; // as in <linux/nbd.h>
	std::uint32_t block_bytes = 512;
};

// A connection. Nothing that is done on it until the kernel has it takes longer than ten seconds. Throws Failure.
Descriptor nbd_connect(const std::string &address, unsigned port);
// The disk of that name. Afterwards the connection waits as long as it takes. Throws Failure.
NbdDisk nbd_negotiate(int connection, const std::string &name);

} // namespace remote_leg
