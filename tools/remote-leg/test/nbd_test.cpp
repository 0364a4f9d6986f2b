// SPDX-License-Identifier: GPL-2.0
// The beginning of NBD: with a server that has said all it will say before, and with nbdkit.
#include "nbd_handshake.h"

#include <array>
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/nbd.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "failure.h"
#include "fake_tree.h"
#include "patience.h"
#include "process.h"

namespace remote_leg {
namespace {

using ::testing::HasSubstr;

std::string number(std::uint64_t value, unsigned bytes)
{
	std::string text;
	while (bytes-- > 0)
		text.push_back(static_cast<char>(value >> 8 * bytes));
	return text;
}

std::string greeting(unsigned flags = 3)
{
	return "NBDMAGICIHAVEOPT" + number(flags, 2);
}

std::string reply(std::uint32_t type, const std::string &data = "")
{
	return number(0x3e889045565a9, 8) + number(7, 4) + number(type, 4) + number(data.size(), 4) + data;
}

std::string disk_info(std::uint64_t bytes, unsigned flags)
{
	return reply(3, number(0, 2) + number(bytes, 8) + number(flags, 2));
}

class Server {
public:
	explicit Server(const std::string &speech)
	{
		std::array<int, 2> ends;
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0)
			throw std::runtime_error("no socket pair");
		client_ = Descriptor{ends[0]};
		server_ = Descriptor{ends[1]};
		if (write(server_.get(), speech.data(), speech.size()) != static_cast<ssize_t>(speech.size()))
			throw std::runtime_error("socket pair");
		shutdown(server_.get(), SHUT_WR);
	}

	int client() const { return client_.get(); }
	std::string heard() const
	{
		std::array<char, 1000> text;
		const auto size = recv(server_.get(), text.data(), text.size(), MSG_DONTWAIT);
		return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "";
	}

private:
	Descriptor client_, server_;
};

std::string failure(const std::string &speech)
{
	try {
		const Server server{speech};
		nbd_negotiate(server.client(), "backup");
		return "none";
	} catch (const Failure &failure) {
		return failure.what();
	}
}

TEST(NbdHandshake, LearnsOfTheDisk)
{
	const Server server{greeting() + disk_info(1ULL << 33, 0x105) + reply(3, number(3, 2) + number(4096, 4) + number(65536, 4) +
			    number(1 << 25, 4)) + reply(1)};
	const auto disk = nbd_negotiate(server.client(), "backup");
	EXPECT_EQ(disk.bytes, 1ULL << 33);
	EXPECT_EQ(disk.flags, 0x105);
	EXPECT_EQ(disk.block_bytes, 4096u);
	EXPECT_EQ(server.heard(), number(3, 4) + "IHAVEOPT" + number(7, 4) + number(14, 4) + number(6, 4) + "backup" + number(1, 2) +
				  number(3, 2));
}

TEST(NbdHandshake, BlocksAreNoSmallerThanSectors)
{
	const Server server{greeting(1) + disk_info(512, 1) + reply(3, number(3, 2) + number(1, 4) + number(1, 4) + number(1, 4)) + reply(1)};
	EXPECT_EQ(nbd_negotiate(server.client(), "backup").block_bytes, 512u);
	EXPECT_EQ(server.heard().substr(0, 4), number(1, 4));
}

TEST(NbdHandshake, SaysWhatIsWrong)
{
	EXPECT_THAT(failure(""), HasSubstr("closes the connection"));
	EXPECT_THAT(failure("SSH-2.0-OpenSSH_9.2p1 Debian"), HasSubstr("no NBD server"));
	EXPECT_THAT(failure(greeting(0)), HasSubstr("too old"));
	EXPECT_THAT(failure(greeting() + reply(0x80000006, "no such disk")), HasSubstr("does not give backup: no such disk"));
	EXPECT_THAT(failure(greeting() + reply(0x80000006)), HasSubstr("error 6"));
	EXPECT_THAT(failure(greeting() + reply(1)), HasSubstr("is empty"));
	EXPECT_THAT(failure(greeting() + reply(3, number(0, 2) + number(7, 4)) + reply(1)), HasSubstr("too short"));
	EXPECT_THAT(failure(greeting() + std::string(20, 'x')), HasSubstr("makes no sense"));
	EXPECT_THAT(failure(greeting() + disk_info(512, 1)), HasSubstr("closes the connection"));
}

// A port that nobody has. Somebody else may take it before it is used.
unsigned free_port()
{
	const Descriptor socket{::socket(AF_INET, SOCK_STREAM, 0)};
	sockaddr_in address{};
	socklen_t size = sizeof(address);
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(socket.get(), reinterpret_cast<sockaddr *>(&address), size);
	getsockname(socket.get(), reinterpret_cast<sockaddr *>(&address), &size);
	return ntohs(address.sin_port);
}

TEST(NbdHandshake, WorksWithNbdkit)
{
	FakeTree tree;
	const auto port = free_port();
	must_run({"nbdkit", "--ipaddr=127.0.0.1", "--port=" + std::to_string(port), "--pidfile=" + (tree / "pid").string(), "memory", "1M"},
		 "nbdkit");
	const auto process = std::stoi(read_line(tree / "pid").value());
	EXPECT_TRUE(is_running(process, "nbdkit"));
	const auto connection = nbd_connect("127.0.0.1", port);
	const auto disk = nbd_negotiate(connection.get(), "backup");
	EXPECT_EQ(disk.bytes, 1u << 20);
	EXPECT_TRUE(disk.flags & NBD_FLAG_SEND_FLUSH);
	kill(process, SIGKILL);
	// It is seen that it has gone.
	pollfd events{connection.get(), POLLIN, 0};
	EXPECT_EQ(poll(&events, 1, 20000), 1);
	EXPECT_TRUE(patiently(std::chrono::seconds{20}, [&] { return !is_running(process, "nbdkit"); }));
}

TEST(NbdConnection, SaysThatNobodyIsThere)
{
	try {
		nbd_connect("127.0.0.1", free_port());
		FAIL();
	} catch (const Failure &failure) {
		EXPECT_THAT(failure.what(), HasSubstr("Connection refused: is the leg exported there?"));
	}
}

} // namespace
} // namespace remote_leg
