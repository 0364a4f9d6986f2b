// The recorder without NBD: what members do, and what is in the log afterwards.
#include "lab/log_reader.h"
#include "recorder/recorder.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <future>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>

using namespace recorder;
using namespace std::chrono_literals;
using lab::Kind;

namespace {

constexpr lab::Bytes member_size{1 << 20};

std::vector<std::byte> page(int value)
{
	return std::vector<std::byte>(4096, std::byte(value));
}

bool never()
{
	return false;
}

class RecorderTest : public testing::Test {
protected:
	void SetUp() override
	{
		std::string name = testing::TempDir() + "/recorder.XXXXXX";
		ASSERT_TRUE(mkdtemp(name.data()));
		directory = name;
		recorder = std::make_unique<Recorder>(
			Options{directory / "log", {{"member0", member_size}, {"member1", member_size}}, 1});
	}

	void TearDown() override
	{
		recorder.reset();
		std::filesystem::remove_all(directory);
	}

	std::future<int> write_later(std::size_t member, std::uint64_t offset, int value)
	{
		const auto before = status(member, "writes");
		auto result = std::async(std::launch::async, [this, member, offset, value] {
			return recorder->write(member, {offset}, page(value), false, [this] { return gone.load(); });
		});
		while (status(member, "writes") == before)
			std::this_thread::yield();
		return result;
	}

	std::uint64_t status(std::size_t member, const char *what)
	{
		return nlohmann::json::parse(recorder->command("status"))["member" + std::to_string(member)][what];
	}

	std::byte byte_at(std::size_t member, std::uint64_t offset)
	{
		std::array<std::byte, lab::sector_bytes> sector{};
		EXPECT_EQ(recorder->read(member, {offset / sector.size() * sector.size()}, sector, never), 0);
		return sector[offset % sector.size()];
	}

	// Kinds and requests of the log, as text, without "begin" and "end".
	std::string logged()
	{
		recorder->end();
		std::string all;
		for (const lab::Record &record : lab::LogReader(directory)) {
			if (record.text == "begin" || record.text == "end")
				continue;
			all += all.empty() ? "" : ", ";
			all += lab::name_of(record.kind);
			if (record.kind == Kind::mark || record.kind == Kind::control)
				all += " " + std::string(record.text);
			else
				all += " " + std::to_string(static_cast<std::uint64_t>(record.request));
			if (record.error)
				all += " failed";
		}
		return all;
	}

	std::filesystem::path directory;
	std::unique_ptr<Recorder> recorder;
	std::atomic<bool> gone = false;
};

} // namespace

TEST_F(RecorderTest, KeepsAndLogsData)
{
	EXPECT_EQ(recorder->write(0, {4096}, page(1), true, never), 0);
	EXPECT_EQ(byte_at(0, 4096), std::byte{1});
	EXPECT_EQ(byte_at(0, 8191), std::byte{1});
	EXPECT_EQ(byte_at(0, 8192), std::byte{0});
	EXPECT_EQ(byte_at(1, 4096), std::byte{0});
	EXPECT_EQ(recorder->trim(0, {4096}, {512}, false, never), 0);
	EXPECT_EQ(byte_at(0, 4096), std::byte{0});
	EXPECT_EQ(byte_at(0, 4608), std::byte{1});
	EXPECT_EQ(recorder->write_zeroes(0, {4608}, {512}, false, never), 0);
	EXPECT_EQ(byte_at(0, 4608), std::byte{0});
	EXPECT_EQ(recorder->flush(0, never), 0);
	recorder->mark("hello");
	recorder->end();

	const lab::LogReader log(directory);
	EXPECT_TRUE(log.complete());
	ASSERT_EQ(log.size(), 11U);
	EXPECT_EQ(log[1].kind, Kind::write);
	EXPECT_EQ(log[1].offset, lab::Bytes{4096});
	EXPECT_TRUE(log[1].fua);
	EXPECT_EQ(log[1].data[4095], std::byte{1});
	EXPECT_EQ(log[3].kind, Kind::trim);
	EXPECT_EQ(log[3].length, lab::Bytes{512});
	EXPECT_EQ(log[5].kind, Kind::write_zeroes);
	EXPECT_EQ(log[7].kind, Kind::flush);
	EXPECT_EQ(log[8].request, log[7].request);
	EXPECT_EQ(log[9].text, "hello");
}

TEST_F(RecorderTest, CompletesWhenTheDelayIsOver)
{
	recorder->command("member1 write-delay 200ms");
	const auto begin = std::chrono::steady_clock::now();
	EXPECT_EQ(recorder->write(0, {0}, page(1), false, never), 0);
	EXPECT_LT(std::chrono::steady_clock::now() - begin, 200ms);
	auto slow = write_later(1, 0, 1);
	EXPECT_EQ(byte_at(1, 0), std::byte{0});
	EXPECT_EQ(recorder->flush(1, never), 0);
	EXPECT_EQ(slow.get(), 0);
	EXPECT_GE(std::chrono::steady_clock::now() - begin, 200ms);
	EXPECT_EQ(byte_at(1, 0), std::byte{1});
	EXPECT_EQ(logged(), "control write-delay 200ms, write 1, completed 1, write 2, flush 3, completed 3, completed 2");
}

TEST_F(RecorderTest, LaterRequestsOvertakeDelayedOnes)
{
	recorder->command("member0 write-delay 300ms");
	auto first = write_later(0, 0, 1);
	recorder->command("member0 write-delay 0");
	EXPECT_EQ(recorder->write(0, {0}, page(2), false, never), 0);
	EXPECT_EQ(byte_at(0, 0), std::byte{2});
	EXPECT_EQ(first.get(), 0);
	EXPECT_EQ(byte_at(0, 0), std::byte{1});
	EXPECT_EQ(logged(), "control write-delay 300ms, write 1, control write-delay 0, write 2, completed 2, completed 1");
}

TEST_F(RecorderTest, HangsUntilItIsResumed)
{
	recorder->command("member0 hang write");
	auto hanging = write_later(0, 0, 1);
	EXPECT_EQ(hanging.wait_for(300ms), std::future_status::timeout);
	EXPECT_EQ(status(0, "under_way"), 1U);
	EXPECT_EQ(byte_at(0, 0), std::byte{0});
	recorder->command("member0 resume");
	EXPECT_EQ(hanging.get(), 0);
	EXPECT_EQ(byte_at(0, 0), std::byte{1});
	EXPECT_EQ(logged(), "control hang write, write 1, control resume, completed 1");
}

TEST_F(RecorderTest, FailsWithoutAChange)
{
	recorder->command("member0 error write 0+4096");
	EXPECT_EQ(recorder->write(0, {0}, page(1), false, never), EIO);
	EXPECT_EQ(recorder->write(0, {4096}, page(1), false, never), 0);
	EXPECT_EQ(recorder->trim(0, {0}, {512}, false, never), EIO);
	EXPECT_EQ(byte_at(0, 0), std::byte{0});
	EXPECT_EQ(logged(), "control error write 0+4096, write 1, completed 1 failed, write 2, completed 2, trim 3, "
			    "completed 3 failed");
}

TEST_F(RecorderTest, CutMembersFailAtOnce)
{
	recorder->command("member0 hang");
	auto hanging = write_later(0, 0, 1);
	recorder->command("member0 cut");
	EXPECT_EQ(hanging.get(), EIO);
	auto data = page(0);
	EXPECT_EQ(recorder->read(0, {0}, data, never), EIO);
	EXPECT_EQ(recorder->flush(0, never), EIO);
	recorder->command("all resume");
	recorder->command("member0 restore");
	EXPECT_EQ(byte_at(0, 0), std::byte{0});
}

TEST_F(RecorderTest, LogsWhatIsLeftWhenThePowerIsLost)
{
	EXPECT_EQ(recorder->write(0, {0}, page(1), false, never), 0);
	EXPECT_EQ(recorder->flush(0, never), 0);
	EXPECT_EQ(recorder->write(0, {8192}, page(1), false, never), 0);
	EXPECT_EQ(recorder->write(1, {0}, page(1), false, never), 0);
	recorder->command("member0 hang");
	auto hanging = write_later(0, 16384, 1);
	recorder->command("member0 power-cut");
	EXPECT_EQ(hanging.get(), ESHUTDOWN);
	EXPECT_EQ(recorder->write(0, {0}, page(2), false, never), EIO);
	recorder->command("member0 restore");
	recorder->command("member0 resume");

	EXPECT_EQ(byte_at(0, 0), std::byte{1});
	EXPECT_EQ(byte_at(1, 0), std::byte{1});
	const std::byte unflushed = byte_at(0, 8192), under_way = byte_at(0, 16384);
	EXPECT_EQ(logged(), "write 1, completed 1, flush 2, completed 2, write 3, completed 3, write 4, completed 4, "
			    "control hang, write 5, control power-cut, completed 5 failed, write 6, completed 6, "
			    "write 7, completed 7, write 8, completed 8 failed, control restore, control resume");
	const lab::LogReader log(directory);
	EXPECT_EQ(log[13].offset, lab::Bytes{8192});
	EXPECT_TRUE(log[13].fua);
	EXPECT_EQ(log[13].data[0], unflushed);
	EXPECT_EQ(log[15].offset, lab::Bytes{16384});
	EXPECT_EQ(log[15].data[0], under_way);
}

TEST_F(RecorderTest, RequestsThatNobodyWaitsForFail)
{
	recorder->command("member0 hang");
	auto hanging = write_later(0, 0, 1);
	gone = true;
	EXPECT_EQ(hanging.get(), ESHUTDOWN);
	recorder->command("member0 resume");
	EXPECT_EQ(byte_at(0, 0), std::byte{0});
	EXPECT_EQ(logged(), "control hang, write 1, completed 1 failed, control resume");
}

TEST_F(RecorderTest, RequestsUnderWayAtTheEndNeverComplete)
{
	recorder->command("member0 write-delay 100s");
	auto waiting = write_later(0, 0, 1);
	recorder->command("end");
	EXPECT_EQ(waiting.get(), ESHUTDOWN);
	EXPECT_EQ(recorder->write(0, {0}, page(1), false, never), ESHUTDOWN);
	EXPECT_THROW(recorder->mark("late"), CommandError);
	EXPECT_THROW(recorder->command("member0 resume"), CommandError);
	EXPECT_EQ(logged(), "control write-delay 100s, write 1");
}

TEST_F(RecorderTest, RefusesWhatIsBeyondTheEndOrHalfASector)
{
	EXPECT_EQ(recorder->write(0, {member_size.count - 512}, page(1), false, never), ENOSPC);
	EXPECT_EQ(recorder->trim(0, {0}, {member_size.count + 1}, false, never), ENOSPC);
	EXPECT_EQ(recorder->write(0, {1}, page(1), false, never), EINVAL);
	auto data = page(0);
	EXPECT_EQ(recorder->read(0, member_size, data, never), EINVAL);
	EXPECT_EQ(logged(), "");
}

TEST_F(RecorderTest, RefusesCommandsThatItDoesNotKnow)
{
	EXPECT_THROW(recorder->command("member2 cut"), CommandError);
	EXPECT_THROW(recorder->command("member0 dance"), CommandError);
	EXPECT_THROW(recorder->command("dance"), CommandError);
	EXPECT_THROW(recorder->command(""), CommandError);
	EXPECT_EQ(logged(), "");
}
