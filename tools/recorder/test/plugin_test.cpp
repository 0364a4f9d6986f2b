// The plugin in nbdkit, as an NBD client sees it.
#include "lab/log_reader.h"
#include "recorder/unix_socket.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <libnbd.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

using namespace std::chrono_literals;
using lab::Kind;

namespace {

constexpr std::size_t page_bytes = 4096;

class Client {
public:
	Client(const std::filesystem::path &socket, const char *name) : handle_(nbd_create())
	{
		good_ = nbd_set_export_name(get(), name) == 0 && nbd_connect_unix(get(), socket.c_str()) == 0;
	}

	nbd_handle *get() const { return handle_.get(); }
	bool good() const { return good_; }

	bool write(std::uint64_t offset, char value, std::uint32_t flags = 0)
	{
		const std::string data(page_bytes, value);
		return nbd_pwrite(get(), data.data(), data.size(), offset, flags) == 0;
	}

	bool mark(std::string text)
	{
		text.resize(512, '\0');
		return nbd_pwrite(get(), text.data(), text.size(), 0, 0) == 0;
	}

	char read(std::uint64_t offset)
	{
		char byte = '?';
		std::string page(512, '?');
		if (nbd_pread(get(), page.data(), page.size(), offset / 512 * 512, 0) == 0)
			byte = page[offset % 512];
		return byte;
	}

private:
	struct Close {
		void operator()(nbd_handle *handle) const { nbd_close(handle); }
	};
	std::unique_ptr<nbd_handle, Close> handle_;
	bool good_ = false;
};

class PluginTest : public testing::Test {
protected:
	void SetUp() override
	{
		std::string name = "/tmp/plugin-test.XXXXXX"; // short: the path of a socket must be
		ASSERT_TRUE(mkdtemp(name.data()));
		directory = name;
		std::vector<std::string> words{"nbdkit", "-f", "--exit-with-parent", "-U", socket(), PLUGIN, "log=" + name + "/log",
					       "control=" + name + "/control", "members=3", "size=1M"};
		std::vector<char *> arguments;
		for (std::string &word : words)
			arguments.push_back(word.data());
		arguments.push_back(nullptr);
		ASSERT_EQ(posix_spawnp(&nbdkit, "nbdkit", nullptr, nullptr, arguments.data(), environ), 0);
		// nbdkit listens before it starts the plugin.
		for (int i = 0; i < 500 && !exists(directory / "control"); i++)
			std::this_thread::sleep_for(20ms);
		ASSERT_TRUE(exists(directory / "control"));
	}

	void TearDown() override
	{
		stop();
		std::filesystem::remove_all(directory);
	}

	std::string socket() const { return directory / "nbd"; }

	// Ends nbdkit, which waits for its clients to go; true if it ends well.
	bool stop()
	{
		if (nbdkit < 0)
			return true;
		int status = -1;
		kill(nbdkit, SIGTERM);
		waitpid(nbdkit, &status, 0);
		nbdkit = -1;
		return WIFEXITED(status) && WEXITSTATUS(status) == 0;
	}

	std::string control(const std::string &command)
	{
		recorder::LineStream lines(recorder::connect_to(directory / "control"));
		lines.write(command);
		return lines.read().value_or("no answer");
	}

	std::filesystem::path directory;
	pid_t nbdkit = -1;
};

} // namespace

TEST_F(PluginTest, ServesMembersAndMarks)
{
	for (const char *name : {"member0", "member2", "mark"}) {
		const Client client(socket(), name);
		ASSERT_TRUE(client.good()) << nbd_get_error();
		EXPECT_EQ(nbd_get_size(client.get()), 1 << 20);
		EXPECT_EQ(nbd_can_flush(client.get()), 1);
		EXPECT_EQ(nbd_can_fua(client.get()), 1);
		EXPECT_EQ(nbd_can_trim(client.get()), 1);
		EXPECT_EQ(nbd_can_zero(client.get()), 1);
		EXPECT_EQ(nbd_is_read_only(client.get()), 0);
	}
	EXPECT_FALSE(Client(socket(), "member3").good());
}

TEST_F(PluginTest, LogsWhatClientsDo)
{
	{
		Client zero(socket(), "member0"), two(socket(), "member2");
		EXPECT_TRUE(zero.write(0, 'a'));
		EXPECT_TRUE(two.write(8192, 'b', LIBNBD_CMD_FLAG_FUA));
		EXPECT_EQ(nbd_flush(zero.get(), 0), 0);
		EXPECT_EQ(nbd_trim(zero.get(), 512, 512, 0), 0);
		EXPECT_EQ(nbd_zero(zero.get(), 512, 1024, 0), 0);
		EXPECT_EQ(zero.read(0), 'a');
		EXPECT_EQ(zero.read(512), '\0');
		EXPECT_EQ(zero.read(1024), '\0');
		EXPECT_EQ(zero.read(1536), 'a');
		EXPECT_EQ(two.read(8192), 'b');
	}
	EXPECT_TRUE(stop());

	const lab::LogReader log(directory);
	EXPECT_TRUE(log.complete());
	ASSERT_EQ(log.size(), 12U);
	EXPECT_EQ(log.members().size(), 3U);
	EXPECT_EQ(log[1].kind, Kind::write);
	EXPECT_EQ(log[1].member, 0);
	EXPECT_FALSE(log[1].fua);
	EXPECT_EQ(log[3].member, 2);
	EXPECT_TRUE(log[3].fua);
	EXPECT_EQ(log[3].offset, lab::Bytes{8192});
	EXPECT_EQ(log[3].data[0], std::byte{'b'});
	EXPECT_EQ(log[5].kind, Kind::flush);
	EXPECT_EQ(log[7].kind, Kind::trim);
	EXPECT_EQ(log[9].kind, Kind::write_zeroes);
	EXPECT_EQ(log[9].offset, lab::Bytes{1024});
}

TEST_F(PluginTest, TakesMarksInOrder)
{
	{
		Client member(socket(), "member0"), mark(socket(), "mark");
		EXPECT_TRUE(member.write(0, 'a'));
		EXPECT_TRUE(mark.mark("phase one\nand more\n"));
		EXPECT_TRUE(member.write(0, 'b'));
	}
	EXPECT_TRUE(stop());
	const lab::LogReader log(directory);
	ASSERT_EQ(log.size(), 7U);
	EXPECT_EQ(log[3].kind, Kind::mark);
	EXPECT_EQ(log[3].text, "phase one\nand more");
	EXPECT_EQ(log[4].kind, Kind::write);
}

TEST_F(PluginTest, TakesCommandsFromTheGuestAndFromTheSocket)
{
	Client member(socket(), "member1"), mark(socket(), "mark");
	EXPECT_TRUE(mark.mark("control member1 error write"));
	EXPECT_FALSE(member.write(0, 'a'));
	EXPECT_EQ(nbd_get_errno(), EIO);
	EXPECT_EQ(control("member1 error off"), "ok");
	EXPECT_TRUE(member.write(0, 'a'));
	EXPECT_FALSE(mark.mark("control member1 dance"));
	EXPECT_TRUE(control("member9 cut").starts_with("error: "));
}

TEST_F(PluginTest, LetsRequestsOfOneClientOvertakeEachOther)
{
	Client member(socket(), "member0");
	const std::string a(page_bytes, 'a'), b(page_bytes, 'b');
	EXPECT_EQ(control("member0 hang write 0+1"), "ok");
	ASSERT_GE(nbd_aio_pwrite(member.get(), a.data(), a.size(), 0, NBD_NULL_COMPLETION, 0), 0);
	EXPECT_EQ(nbd_pwrite(member.get(), b.data(), b.size(), page_bytes, 0), 0);
	EXPECT_EQ(nbd_flush(member.get(), 0), 0);
	EXPECT_EQ(member.read(0), '\0');
	EXPECT_EQ(control("member0 resume"), "ok");
	while (nbd_aio_in_flight(member.get()) > 0)
		ASSERT_GE(nbd_poll(member.get(), 1000), 0);
	EXPECT_EQ(member.read(0), 'a');
}

TEST_F(PluginTest, EndsThoughRequestsHangWhoseClientIsGone)
{
	const std::string data(page_bytes, 'a');
	{
		Client member(socket(), "member0");
		EXPECT_EQ(control("member0 hang"), "ok");
		ASSERT_GE(nbd_aio_pwrite(member.get(), data.data(), data.size(), 0, NBD_NULL_COMPLETION, 0), 0);
		while (control("status").find("\"under_way\":1") == std::string::npos)
			std::this_thread::sleep_for(10ms);
	}
	EXPECT_TRUE(stop());
	const lab::LogReader log(directory);
	EXPECT_TRUE(log.complete());
	ASSERT_EQ(log.size(), 5U);
	EXPECT_EQ(log[2].kind, Kind::write);
	EXPECT_EQ(log[3].kind, Kind::completed);
	EXPECT_EQ(log[3].error, ESHUTDOWN);
}
