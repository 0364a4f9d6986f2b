// SPDX-License-Identifier: GPL-2.0
#include "nbd_handshake.h"

#include <algorithm>
#include <iterator>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "failure.h"
#include "socket_address.h"

namespace remote_leg {
namespace {

// From https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md
constexpr std::uint64_t greeting = 0x4e42444d41474943, option_magic = 0x49484156454f5054, reply_magic = 0x3e889045565a9;
constexpr std::uint16_t fixed_newstyle = 1, no_zeroes = 2;
constexpr std::uint32_t option_go = 7, reply_ack = 1, reply_info = 3, reply_error = 1U << 31;
constexpr std::uint16_t info_export = 0, info_block_size = 3;
constexpr std::size_t longest_reply = 4096;

using Bytes = std::vector<std::uint8_t>;

template<typename T>
void put(Bytes &bytes, T number)
{
	for (int shift = 8 * (sizeof(T) - 1); shift >= 0; shift -= 8)
		bytes.push_back(static_cast<std::uint8_t>(number >> shift));
}

template<typename T>
T take(std::span<const std::uint8_t> &bytes)
{
	if (bytes.size() < sizeof(T))
		throw Failure{"the NBD server's answer is too short"};
	T number = 0;
	for (const auto byte : bytes.first(sizeof(T)))
		number = static_cast<T>(number << 8 | byte);
	bytes = bytes.subspan(sizeof(T));
	return number;
}

void send_all(int connection, const Bytes &bytes)
{
	for (std::size_t sent = 0; sent < bytes.size();) {
		const auto n = send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			throw Failure{fmt::format("the NBD server cannot be written to: {}", std::strerror(errno))};
		sent += n > 0 ? static_cast<std::size_t>(n) : 0;
	}
}

Bytes receive(int connection, std::size_t size)
{
	Bytes bytes(size);
	for (std::size_t received = 0; received < size;) {
		const auto n = recv(connection, bytes.data() + received, size - received, 0);
		if (n == 0)
			throw Failure{"the NBD server closes the connection: does it serve that leg, to this host?"};
		if (n < 0 && errno != EINTR)
			throw Failure{fmt::format("the NBD server does not answer: {}", std::strerror(errno))};
		received += n > 0 ? static_cast<std::size_t>(n) : 0;
	}
	return bytes;
}

template<typename T>
T receive_number(int connection)
{
	const auto bytes = receive(connection, sizeof(T));
	std::span<const std::uint8_t> view{bytes};
	return take<T>(view);
}

void greet(int connection)
{
	if (receive_number<std::uint64_t>(connection) != greeting || receive_number<std::uint64_t>(connection) != option_magic)
		throw Failure{"what answers there is no NBD server: is the port right?"};
	const auto flags = receive_number<std::uint16_t>(connection);
	if (!(flags & fixed_newstyle))
		throw Failure{"the NBD server is too old"};
	Bytes answer;
	put<std::uint32_t>(answer, flags & (fixed_newstyle | no_zeroes));
	send_all(connection, answer);
}

void ask_for(int connection, const std::string &name)
{
	Bytes question;
	put(question, option_magic);
	put(question, option_go);
	put(question, static_cast<std::uint32_t>(4 + name.size() + 4));
	put(question, static_cast<std::uint32_t>(name.size()));
	std::ranges::copy(name, std::back_inserter(question));
	put<std::uint16_t>(question, 1);
	put(question, info_block_size);
	send_all(connection, question);
}

void learn(NbdDisk &disk, std::span<const std::uint8_t> info)
{
	const auto type = take<std::uint16_t>(info);
	if (type == info_export) {
		disk.bytes = take<std::uint64_t>(info);
		disk.flags = take<std::uint16_t>(info);
	} else if (type == info_block_size) {
		disk.block_bytes = std::max(take<std::uint32_t>(info), 512U);
	}
}

void set_patience(int connection, long seconds)
{
	const timeval time{seconds, 0};
	setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
	setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
}

} // namespace

Descriptor nbd_connect(const std::string &address, unsigned port)
{
	const SocketAddress place{address, port};
	Descriptor connection{socket(place.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)};
	if (!connection)
		throw Failure{fmt::format("no socket: {}", std::strerror(errno))};
	set_patience(connection.get(), 10);
	if (connect(connection.get(), place.get(), place.size()) != 0)
		throw Failure{fmt::format("no connection to {}, port {}: {}: is the leg exported there?", address, port,
					  errno == EINPROGRESS ? "no answer" : std::strerror(errno))};
	const int yes = 1;
	setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return connection;
}

NbdDisk nbd_negotiate(int connection, const std::string &name)
{
	NbdDisk disk;
	greet(connection);
	ask_for(connection, name);
	for (;;) {
		const auto magic = receive_number<std::uint64_t>(connection);
		receive_number<std::uint32_t>(connection);
		const auto type = receive_number<std::uint32_t>(connection);
		const auto size = receive_number<std::uint32_t>(connection);
		if (magic != reply_magic || size > longest_reply)
			throw Failure{"the NBD server's answer makes no sense"};
		const auto data = receive(connection, size);
		if (type & reply_error)
			throw Failure{fmt::format("the NBD server does not give {}: {}", name,
						  data.empty() ? fmt::format("error {}", type & ~reply_error) : std::string(data.begin(), data.end()))};
		if (type == reply_ack)
			break;
		if (type == reply_info)
			learn(disk, data);
	}
	if (!disk.bytes)
		throw Failure{fmt::format("the NBD server's disk {} is empty", name)};
	set_patience(connection, 0);
	return disk;
}

} // namespace remote_leg
