// SPDX-License-Identifier: GPL-2.0
#include "leg.h"

#include <gtest/gtest.h>

#include "failure.h"

namespace remote_leg {
namespace {

TEST(Uuid, IsAlwaysTheSame)
{
	// Not to be changed: it is what the disk is known by at the other end.
	EXPECT_EQ(uuid("backup"), "182b5979-5a8c-58a7-b0c8-957ecdb443e5");
	EXPECT_EQ(uuid("backup"), uuid("backup"));
}

TEST(Uuid, IsOfVersion5)
{
	const auto text = uuid("leg");
	ASSERT_EQ(text.size(), 36u);
	EXPECT_EQ(text[14], '5');
	EXPECT_NE(std::string{"89ab"}.find(text[19]), std::string::npos);
}

TEST(Uuid, DiffersFromNameToName)
{
	EXPECT_NE(uuid("a"), uuid("b"));
	EXPECT_NE(serial_number("a"), serial_number("b"));
}

TEST(SerialNumber, FitsNvme)
{
	EXPECT_EQ(serial_number("backup").size(), 20u);
	EXPECT_EQ(serial_number("backup").find('-'), std::string::npos);
}

TEST(Name, IsChecked)
{
	for (const auto name : {"a", "backup", "leg-2", "a.b", "9"})
		EXPECT_NO_THROW(check_name(name)) << name;
	for (const auto name : {"", ".", "..", "-x", "a/b", "a b", "a:b", "a\n", "ä"})
		EXPECT_THROW(check_name(name), Failure) << name;
	EXPECT_NO_THROW(check_name(std::string(64, 'x')));
	EXPECT_THROW(check_name(std::string(65, 'x')), Failure);
}

TEST(Address, IsANumber)
{
	for (const auto address : {"10.0.0.2", "::1", "fd00::2"})
		EXPECT_NO_THROW(check_address(address)) << address;
	for (const auto address : {"", "host.example", "10.0.0", "10.0.0.2:80", "[::1]"})
		EXPECT_THROW(check_address(address), Failure) << address;
}

TEST(Address, IsFollowedByAPort)
{
	EXPECT_EQ(before_port("10.0.0.2"), "10.0.0.2");
	EXPECT_EQ(before_port("fd00::2"), "[fd00::2]");
}

TEST(Protocol, HasAWord)
{
	for (const auto protocol : protocols)
		EXPECT_EQ(to_protocol(to_string(protocol)), protocol);
	EXPECT_THROW(to_protocol("drbd"), Failure);
}

} // namespace
} // namespace remote_leg
