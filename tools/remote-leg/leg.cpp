// SPDX-License-Identifier: GPL-2.0
#include "leg.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <uuid/uuid.h>

#include "failure.h"

namespace remote_leg {

std::string_view to_string(Protocol protocol)
{
	switch (protocol) {
	case Protocol::nvme: return "nvme";
	case Protocol::nbd: return "nbd";
	case Protocol::iscsi: return "iscsi";
	}
	return {};
}

Protocol to_protocol(std::string_view word)
{
	const auto found = std::ranges::find(protocols, word, to_string);
	if (found == protocols.end())
		throw Failure{fmt::format("no protocol {}: there are nvme, nbd and iscsi", word)};
	return *found;
}

unsigned usual_port(Protocol protocol)
{
	switch (protocol) {
	case Protocol::nvme: return 4420;
	case Protocol::nbd: return 10809;
	case Protocol::iscsi: return 3260;
	}
	return 0;
}

void check_name(std::string_view name)
{
	constexpr std::string_view letters{"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"};
	const auto is_good = [&](char c) { return letters.find(c) != letters.npos || c == '-' || c == '.'; };
	if (name.empty() || name.size() > 64 || letters.find(name[0]) == letters.npos || !std::ranges::all_of(name, is_good))
		throw Failure{fmt::format("{} cannot be a leg's name: up to 64 letters, digits, dots and dashes, a letter or digit first",
					  name)};
}

void check_address(std::string_view address)
{
	const std::string text{address};
	in6_addr binary;
	if (inet_pton(AF_INET, text.c_str(), &binary) != 1 && inet_pton(AF_INET6, text.c_str(), &binary) != 1)
		throw Failure{fmt::format("{} is not an IPv4 or IPv6 address", address)};
}

std::string before_port(std::string_view address)
{
	return address.find(':') == address.npos ? std::string{address} : fmt::format("[{}]", address);
}

std::string nvme_name(std::string_view name)
{
	return fmt::format("nqn.2026-01.raid1wb:{}", name);
}

std::string iscsi_name(std::string_view name)
{
	return fmt::format("iqn.2026-01.raid1wb:{}", name);
}

std::string uuid(std::string_view name)
{
	// Of version 5: the name's hash, within a space of our own.
	constexpr uuid_t space{0x4d, 0x1c, 0x8f, 0x6e, 0x02, 0xb7, 0x4e, 0x9a, 0x9d, 0x35, 0x5a, 0x70, 0xe1, 0x44, 0xc3, 0x28};
	uuid_t binary;
	std::array<char, UUID_STR_LEN> text;
	uuid_generate_sha1(binary, space, name.data(), name.size());
	uuid_unparse_lower(binary, text.data());
	return text.data();
}

std::string serial_number(std::string_view name)
{
	auto text = uuid(name);
	std::erase(text, '-');
	return text.substr(0, 20);
}

} // namespace remote_leg
