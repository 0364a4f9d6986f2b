// SPDX-License-Identifier: GPL-2.0
// Who serves a disk over NBD: nbdkit, one for each connection, and a process that listens.
//
// There is one connection at a time: whoever connects has it, and the nbdkit of the one before has ended then. A host that makes a
// connection anew sends its requests again; those that it sent before must not be done after these.
#pragma once

#include <string>

#include "files.h"
#include "process.h"

namespace remote_leg {

// Throws Failure.
Descriptor nbd_listen(const std::string &address, unsigned port);
Command nbdkit_command(const Path &device, const std::string &name);
// On the socket that this process was given. Does not return.
[[noreturn]] void nbd_serve(const Path &device, const std::string &name, int listener = given_descriptor);

} // namespace remote_leg
