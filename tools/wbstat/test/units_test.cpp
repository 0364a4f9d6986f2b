// SPDX-License-Identifier: GPL-2.0
#include "units.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace wbstat {
namespace {

TEST(Lag, IsWrittenInTheUnitThatReadsBest)
{
	EXPECT_EQ(format_lag(Milliseconds{0}), "0 ms");
	EXPECT_EQ(format_lag(Milliseconds{999}), "999 ms");
	EXPECT_EQ(format_lag(Milliseconds{1250}), "1.25 s");
	EXPECT_EQ(format_lag(Milliseconds{99000}), "99 s");
	EXPECT_EQ(format_lag(Milliseconds{150000}), "2.5 min");
	EXPECT_EQ(format_lag(Milliseconds{5 * 3600 * 1000}), "5.0 h");
}

TEST(Lag, IsReadWithItsUnit)
{
	EXPECT_EQ(parse_lag("500ms"), Milliseconds{500});
	EXPECT_EQ(parse_lag("30"), Milliseconds{30000});
	EXPECT_EQ(parse_lag("1.5s"), Milliseconds{1500});
	EXPECT_EQ(parse_lag("5min"), Milliseconds{300000});
	EXPECT_EQ(parse_lag("1h"), Milliseconds{3600000});
	EXPECT_EQ(parse_lag("0"), Milliseconds{0});
}

TEST(Lag, IsNotReadFromNonsense)
{
	for (const auto text : {"", "s", "-1", "1d", "1 s", "1e3", "nan", "inf", "1s ", "99999999999999999h"})
		EXPECT_THROW(parse_lag(text), std::invalid_argument) << text;
}

TEST(Time, HasTwoUnits)
{
	EXPECT_EQ(format_time(std::chrono::seconds{59}), "59 s");
	EXPECT_EQ(format_time(std::chrono::seconds{192}), "3 min 12 s");
	EXPECT_EQ(format_time(std::chrono::seconds{7500}), "2 h 5 min");
}

TEST(Bytes, AreBinary)
{
	EXPECT_EQ(format_bytes(0), "0 B");
	EXPECT_EQ(format_bytes(512), "512 B");
	EXPECT_EQ(format_bytes(4096), "4 KiB");
	EXPECT_EQ(format_bytes(1572864), "1.5 MiB");
	EXPECT_EQ(format_bytes(1ULL << 62), "4.1e+03 PiB");
}

} // namespace
} // namespace wbstat
