// The log: what was written is read again, and what is no log is refused.
#include "lab/log_reader.h"
#include "lab/log_writer.h"

#include <cstring>
#include <fstream>

#include <cerrno>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace lab;
using testing::HasSubstr;
using testing::ThrowsMessage;

namespace {

std::vector<std::byte> filled(std::size_t bytes, int value)
{
	return std::vector<std::byte>(bytes, std::byte(value));
}

class LogTest : public testing::Test {
protected:
	void SetUp() override
	{
		std::string name = testing::TempDir() + "/lab.XXXXXX";
		ASSERT_TRUE(mkdtemp(name.data()));
		directory = name;
		path = directory / "log";
	}

	void TearDown() override { std::filesystem::remove_all(directory); }

	void patch(std::streamoff offset, std::string_view bytes)
	{
		std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
		file.seekp(offset);
		file.write(bytes.data(), bytes.size());
	}

	const std::vector<MemberInfo> members{{"member0", {1 << 20}}, {"member1", {2 << 20}}};
	std::filesystem::path directory, path;
};

constexpr std::streamoff first_record = sizeof(disk::Header) + 2 * sizeof(disk::Member);
constexpr std::streamoff second_record = first_record + sizeof(disk::Record) + 8; // after "begin"

} // namespace

TEST_F(LogTest, ReturnsWhatWasWritten)
{
	const auto data = filled(4096, 7);
	{
		LogWriter log(path, members);
		const RequestId write = log.write(1, {8192}, data, true);
		const RequestId flush = log.flush(0);
		const RequestId trim = log.trim(0, {512}, {1024}, false);
		const RequestId zeroes = log.write_zeroes(1, {0}, {2 << 20}, true);
		EXPECT_NE(write, flush);
		EXPECT_NE(trim, zeroes);
		log.completed(1, write, 0);
		log.completed(0, flush, EIO);
		log.mark("durable flush 1\n8+8=1");
		log.control(1, "delay 20ms");
		log.end();
	}
	const LogReader log(directory);
	ASSERT_EQ(log.size(), 10U);
	EXPECT_TRUE(log.complete());
	EXPECT_EQ(log.members()[1].name, "member1");
	EXPECT_EQ(log.members()[1].size, Bytes{2 << 20});
	EXPECT_EQ(log[0].text, "begin");

	EXPECT_EQ(log[1].kind, Kind::write);
	EXPECT_EQ(log[1].member, 1);
	EXPECT_TRUE(log[1].fua);
	EXPECT_EQ(log[1].offset, Bytes{8192});
	EXPECT_EQ(log[1].length, Bytes{4096});
	EXPECT_TRUE(std::equal(data.begin(), data.end(), log[1].data.begin(), log[1].data.end()));
	EXPECT_EQ(log[2].kind, Kind::flush);
	EXPECT_EQ(log[3].kind, Kind::trim);
	EXPECT_EQ(log[3].length, Bytes{1024});
	EXPECT_FALSE(log[3].fua);
	EXPECT_EQ(log[4].kind, Kind::write_zeroes);
	EXPECT_TRUE(log[4].fua);
	EXPECT_EQ(log[5].kind, Kind::completed);
	EXPECT_EQ(log[5].request, log[1].request);
	EXPECT_EQ(log[5].error, 0);
	EXPECT_EQ(log[6].request, log[2].request);
	EXPECT_EQ(log[6].error, EIO);
	EXPECT_EQ(log[7].text, "durable flush 1\n8+8=1");
	EXPECT_EQ(log[8].text, "delay 20ms");
	EXPECT_EQ(log[8].member, 1);
	for (std::size_t i = 1; i < log.size(); i++)
		EXPECT_GE(log[i].time_ns, log[i - 1].time_ns);
}

TEST_F(LogTest, KeepsEqualDataOnce)
{
	const auto data = filled(65536, 1);
	{
		LogWriter log(path, members);
		log.write(0, {0}, data, false);
		log.write(1, {4096}, data, false);
		log.write(1, {0}, filled(65536, 0), false);
		log.write(1, {0}, filled(65536, 2), false);
	}
	EXPECT_LT(std::filesystem::file_size(path), 2U * 65536 + 1024);
	const LogReader log(path);
	EXPECT_EQ(log[1].data.data(), log[2].data.data());
	EXPECT_EQ(log[3].data.size(), 65536U);
	EXPECT_EQ(log[3].data[65535], std::byte{0});
	EXPECT_EQ(log[4].data[0], std::byte{2});
	EXPECT_FALSE(log.complete());
}

TEST_F(LogTest, EndsBeforeARecordThatIsCutOff)
{
	{
		LogWriter log(path, members);
		log.mark("one");
		log.write(0, {0}, filled(4096, 9), false);
	}
	std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
	const LogReader log(path);
	ASSERT_EQ(log.size(), 2U);
	EXPECT_EQ(log[1].text, "one");
	EXPECT_FALSE(log.complete());
}

TEST_F(LogTest, RefusesWhatIsNoLog)
{
	EXPECT_THROW(LogReader{path}, std::system_error);
	std::ofstream(path) << "something else, and long enough to hold a header of the log, and its members";
	EXPECT_THAT([&] { LogReader{path}; }, ThrowsMessage<std::runtime_error>(HasSubstr("no recording")));
}

TEST_F(LogTest, RefusesDamagedRecords)
{
	const auto refused = [&](std::streamoff offset, std::string_view bytes, const char *why) {
		std::filesystem::remove(path);
		{
			LogWriter log(path, members);
			log.write(0, {4096}, filled(4096, 9), false);
			log.write(1, {4096}, filled(4096, 9), false);
		}
		EXPECT_NO_THROW(LogReader{path});
		patch(offset, bytes);
		EXPECT_THAT([&] { LogReader{path}; }, ThrowsMessage<std::runtime_error>(HasSubstr(why)));
	};
	constexpr std::streamoff third_record = second_record + sizeof(disk::Record) + 4096;

	refused(8, "\x02", "version 2");
	refused(16, "\x7f", "members");
	refused(second_record, std::string_view("\0\0\0\0", 4), "impossible length");
	refused(second_record + offsetof(disk::Record, kind), "\x63", "unknown kind");
	refused(second_record + offsetof(disk::Record, member), "\x02", "unknown member");
	refused(second_record + offsetof(disk::Record, encoding), "\x05", "unknown encoding");
	refused(second_record + offsetof(disk::Record, offset) + 2, "\x10", "beyond the end of member0");
	refused(second_record + offsetof(disk::Record, length) + 1, "\x11", "longer than their record");
	refused(third_record + sizeof(disk::Record) + 1, "\x7f", "no earlier record");
}

TEST_F(LogTest, IsMadeOnce)
{
	LogWriter log(path, members);
	EXPECT_THROW((LogWriter{path, members}), std::system_error);
}
