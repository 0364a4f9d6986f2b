#include "soak/journal.h"
#include "soak/ledger.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace soak {
namespace {

class JournalTest : public testing::Test {
protected:
	JournalTest()
	{
		std::string pattern = std::filesystem::current_path() / "journal-XXXXXX";
		path_ = mkdtemp(pattern.data());
		std::ofstream create{file()};
		std::filesystem::resize_file(file(), 24 << 20);
	}

	~JournalTest() override { std::filesystem::remove_all(path_); }

	std::string file() const { return path_ / "disk"; }

	void damage(Sectors sector)
	{
		std::fstream disk(file(), std::ios::in | std::ios::out | std::ios::binary);
		disk.seekp(static_cast<std::streamoff>(sector.bytes().count + 40));
		disk.put('!');
	}

	std::filesystem::path path_;
};

constexpr Range range{{8}, {8}};
constexpr Sectors log_begin{16 * sectors_per_mib};

std::vector<Record> records(std::uint32_t n)
{
	std::vector<Record> list;
	for (std::uint32_t i = 0; i < n; i++)
		list.push_back({Record::Type::write, i, 8, 8});
	return list;
}

TEST_F(JournalTest, AnEmptyDiskHasNoHistory)
{
	EXPECT_FALSE(Journal(Device(file())).read());
}

TEST_F(JournalTest, WhatWasWrittenIsRead)
{
	{
		Journal journal{Device(file())};
		journal.checkpoint("one");
		journal.append(records(100));
		journal.append(records(1));
	}
	const auto history = Journal(Device(file())).read();
	ASSERT_TRUE(history);
	EXPECT_EQ(history->checkpoint, "one");
	EXPECT_EQ(history->records.size(), 101U);
	EXPECT_EQ(history->records[99].id, 99U);
}

TEST_F(JournalTest, ACheckpointBeginsANewLog)
{
	{
		Journal journal{Device(file())};
		journal.checkpoint("one");
		journal.append(records(100));
		journal.checkpoint(std::string(3'000'000, 'x'));
		journal.append(records(5));
	}
	const auto history = Journal(Device(file())).read();
	ASSERT_TRUE(history);
	EXPECT_EQ(history->checkpoint.size(), 3'000'000U);
	EXPECT_EQ(history->records.size(), 5U);
}

TEST_F(JournalTest, ATornBlockEndsTheLog)
{
	{
		Journal journal{Device(file())};
		journal.checkpoint("one");
		journal.append(records(90));
	}
	damage(log_begin + Sectors{1});
	EXPECT_EQ(Journal(Device(file())).read()->records.size(), 30U);
}

TEST_F(JournalTest, ATornCheckpointLeavesTheOneBefore)
{
	{
		Journal journal{Device(file())};
		journal.checkpoint("one");
		journal.checkpoint("two");
	}
	// The second goes to the first slot.
	std::fstream disk(file(), std::ios::in | std::ios::out | std::ios::binary);
	disk.seekp(sector_bytes);
	disk.put('!');
	disk.close();
	EXPECT_EQ(Journal(Device(file())).read()->checkpoint, "one");
}

std::vector<std::byte> data_of(std::uint32_t write)
{
	std::vector<std::byte> data(range.length.bytes().count);
	fill(data, range.begin, static_cast<Content>(write));
	return data;
}

TEST_F(JournalTest, ALedgerRemembersWhatWasAcknowledged)
{
	std::uint32_t acked, lost;
	{
		Ledger ledger{Device(file())};
		ledger.set_all({1000}, Content::zeroes);
		ledger.remember({{"epoch", 3}});
		acked = ledger.begin(Kind::write, range);
		ledger.end(acked, End::certain);
		lost = ledger.begin(Kind::write, range);
	}
	Ledger ledger{Device(file())};
	EXPECT_EQ(ledger.size(), Sectors{1000});
	EXPECT_EQ(ledger.recall()["epoch"], 3);
	ledger.let_pin(false);
	EXPECT_NO_THROW(ledger.judge(ledger.look(range), data_of(acked), "disk"));
	EXPECT_NO_THROW(ledger.judge(ledger.look(range), data_of(lost), "disk"));
	EXPECT_THROW(ledger.judge(ledger.look(range), std::vector<std::byte>(4096), "disk"), Damage);
	EXPECT_EQ(ledger.begin(Kind::write, range), lost + 1);
}

TEST_F(JournalTest, ALedgerGoesOnWhenTheLogIsFull)
{
	// 8 MiB of log; each write takes a block at least, for it is waited for.
	std::uint32_t last = 0;
	{
		Ledger ledger{Device(file())};
		ledger.set_all({1000}, Content::zeroes);
		for (int i = 0; i < 20000; i++) {
			last = ledger.begin(Kind::write, range);
			ledger.end(last, End::certain);
		}
		ledger.begin(Kind::write, {{500}, {1}});
	}
	Ledger ledger{Device(file())};
	EXPECT_NO_THROW(ledger.judge(ledger.look(range), data_of(last), "disk"));
	EXPECT_THROW(ledger.judge(ledger.look(range), data_of(last - 1), "disk"), Damage);
}

} // namespace
} // namespace soak
