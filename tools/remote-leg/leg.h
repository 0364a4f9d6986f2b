// SPDX-License-Identifier: GPL-2.0
// What a leg is called, and how it is reached.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace remote_leg {

enum class Protocol { nvme, nbd, iscsi };

inline constexpr std::array protocols{Protocol::nvme, Protocol::nbd, Protocol::iscsi};

std::string_view to_string(Protocol protocol);
// Throws Failure.
Protocol to_protocol(std::string_view word);
unsigned usual_port(Protocol protocol);

// It becomes a part of file names and of names on the wire. Throws Failure if it cannot.
void check_name(std::string_view name);
// Throws Failure if that is not an IPv4 or IPv6 address. Names are not looked up: they might not be known yet at boot.
void check_address(std::string_view address);
// With brackets if need be, so that :PORT can follow.
std::string before_port(std::string_view address);

std::string nvme_name(std::string_view name);
std::string iscsi_name(std::string_view name);
// Always the same, so that the disk is the same one when the other machine has been restarted.
std::string uuid(std::string_view name);
// As NVMe has them: at most 20 characters.
std::string serial_number(std::string_view name);

} // namespace remote_leg
