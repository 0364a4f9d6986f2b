// SPDX-License-Identifier: GPL-2.0
// The beginning of NBD: with a server that has said all it will say before, and with ours.
#include "nbd_handshake.h"

#include <array>
#include <csignal>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/nbd.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "failure.h"
#include "fake_tree.h"
#include "nbd_server.h"

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

unsigned port_of(const Descriptor &listener)
{
	sockaddr_in address{};
	socklen_t size = sizeof(address);
	getsockname(listener.get(), reinterpret_cast<sockaddr *>(&address), &size);
	return ntohs(address.sin_port);
}

// Processes that serve a file: a group, as start_again makes it.
class OurServer {
public:
	OurServer()
	{
		tree_.set("disk", "");
		std::filesystem::resize_file(tree_ / "disk", 1 << 20);
		process_ = fork();
		setpgid(process_, process_);
		if (process_ == 0) {
			setpgid(0, 0);
			// As start_again gives it.
			fcntl(listener_.get(), F_SETFD, 0);
			nbd_serve(tree_ / "disk", "backup", listener_.get());
		}
	}
	OurServer(const OurServer &) = delete;
	OurServer &operator=(const OurServer &) = delete;
	~OurServer() { stop(); }

	unsigned port() const { return port_; }
	// The process that listens dies, its nbdkit does not.
	void lose_listener()
	{
		kill(process_, SIGKILL);
		waitpid(process_, nullptr, 0);
		listener_ = Descriptor{};
	}
	void stop()
	{
		if (process_ > 0) {
			kill(-process_, SIGKILL);
			waitpid(process_, nullptr, 0);
		}
		process_ = 0;
	}

private:
	FakeTree tree_;
	Descriptor listener_ = nbd_listen("127.0.0.1", 0);
	unsigned port_ = port_of(listener_);
	pid_t process_ = 0;
};

// Within a time that is never needed.
bool is_closed(const Descriptor &connection)
{
	pollfd events{connection.get(), POLLIN, 0};
	char c;
	return poll(&events, 1, 20000) == 1 && recv(connection.get(), &c, 1, 0) <= 0;
}

bool is_open(const Descriptor &connection)
{
	pollfd events{connection.get(), POLLIN, 0};
	return poll(&events, 1, 0) == 0;
}

TEST(NbdServer, HasTheDisk)
{
	const OurServer server;
	const auto connection = nbd_connect("127.0.0.1", server.port());
	const auto disk = nbd_negotiate(connection.get(), "backup");
	EXPECT_EQ(disk.bytes, 1u << 20);
	EXPECT_TRUE(disk.flags & NBD_FLAG_SEND_FLUSH);
}

TEST(NbdServer, EndsAConnectionBeforeTheNextOne)
{
	const OurServer server;
	const auto first = nbd_connect("127.0.0.1", server.port());
	nbd_negotiate(first.get(), "backup");
	EXPECT_TRUE(is_open(first));
	const auto second = nbd_connect("127.0.0.1", server.port());
	nbd_negotiate(second.get(), "backup");
	EXPECT_TRUE(is_closed(first));
	EXPECT_TRUE(is_open(second));
}

TEST(NbdServer, EndsItsConnectionWithItsGroup)
{
	OurServer server;
	const auto connection = nbd_connect("127.0.0.1", server.port());
	nbd_negotiate(connection.get(), "backup");
	server.stop();
	EXPECT_TRUE(is_closed(connection));
}

TEST(NbdServer, LeavesThePortWhenItDies)
{
	OurServer server;
	const auto connection = nbd_connect("127.0.0.1", server.port());
	nbd_negotiate(connection.get(), "backup");
	server.lose_listener();
	EXPECT_NO_THROW(nbd_listen("127.0.0.1", server.port()));
}

TEST(NbdServer, SaysThatThePortIsTaken)
{
	const auto listener = nbd_listen("127.0.0.1", 0);
	try {
		nbd_listen("127.0.0.1", port_of(listener));
		FAIL();
	} catch (const Failure &failure) {
		EXPECT_THAT(failure.what(), HasSubstr("each leg needs another --port"));
	}
}

TEST(NbdConnection, SaysThatNobodyIsThere)
{
	auto listener = nbd_listen("127.0.0.1", 0);
	const auto port = port_of(listener);
	listener = Descriptor{};
	try {
		nbd_connect("127.0.0.1", port);
		FAIL();
	} catch (const Failure &failure) {
		EXPECT_THAT(failure.what(), HasSubstr("Connection refused: is the leg exported there?"));
	}
}

} // namespace
} // namespace remote_leg
