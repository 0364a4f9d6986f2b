// SPDX-License-Identifier: GPL-2.0
#include "request.h"

#include <gtest/gtest.h>

#include "failure.h"

namespace remote_leg {
namespace {

template<typename T>
T parse_as(std::vector<std::string> arguments)
{
	return std::get<T>(parse(std::move(arguments)));
}

TEST(CommandLine, ExportHasDefaults)
{
	const auto leg = parse_as<Export>({"export", "nvme", "/dev/sdb", "backup"});
	EXPECT_EQ(leg.protocol, Protocol::nvme);
	EXPECT_EQ(leg.device, "/dev/sdb");
	EXPECT_EQ(leg.name, "backup");
	EXPECT_EQ(leg.listen, "0.0.0.0");
	EXPECT_EQ(leg.port, 4420u);
	EXPECT_EQ(leg.allow, "");
}

TEST(CommandLine, ExportHasOptions)
{
	const auto leg = parse_as<Export>({"export", "iscsi", "/dev/sdb", "backup", "--listen", "::1", "--port=99", "--allow", "iqn.x:y"});
	EXPECT_EQ(leg.listen, "::1");
	EXPECT_EQ(leg.port, 99u);
	EXPECT_EQ(leg.allow, "iqn.x:y");
}

TEST(CommandLine, AttachHasDefaults)
{
	const auto leg = parse_as<Attach>({"attach", "iscsi", "10.0.0.2", "backup"});
	EXPECT_EQ(leg.address, "10.0.0.2");
	EXPECT_EQ(leg.port, 3260u);
	EXPECT_EQ(leg.timeouts.hold, Seconds{600});
	EXPECT_EQ(leg.timeouts.silence, Seconds{15});
	EXPECT_EQ(leg.timeouts.answer, Seconds{600});
	EXPECT_EQ(leg.depth, 128u);
	EXPECT_FALSE(leg.readd);
}

TEST(CommandLine, RequestsOfNbdAreSentAgainSooner)
{
	EXPECT_EQ(parse_as<Attach>({"attach", "nbd", "10.0.0.2", "backup"}).timeouts.answer, Seconds{60});
	EXPECT_EQ(parse_as<Attach>({"attach", "nbd", "10.0.0.2", "backup", "--answer", "5"}).timeouts.answer, Seconds{5});
}

TEST(CommandLine, OptionsMayComeFirst)
{
	const auto leg = parse_as<Attach>({"attach", "--hold", "10", "--readd", "nvme", "--silence", "5", "10.0.0.2", "backup", "--depth", "7"});
	EXPECT_EQ(leg.timeouts.hold, Seconds{10});
	EXPECT_EQ(leg.timeouts.silence, Seconds{5});
	EXPECT_EQ(leg.depth, 7u);
	EXPECT_TRUE(leg.readd);
}

TEST(Leg, IsAttachedAgainFromTheSamePlaceOnly)
{
	const auto leg = parse_as<Attach>({"attach", "nvme", "10.0.0.2", "backup"});
	EXPECT_TRUE(is_same_place(leg, parse_as<Attach>({"attach", "nvme", "10.0.0.2", "backup", "--hold", "1"})));
	EXPECT_FALSE(is_same_place(leg, parse_as<Attach>({"attach", "nvme", "10.0.0.3", "backup"})));
	EXPECT_FALSE(is_same_place(leg, parse_as<Attach>({"attach", "nvme", "10.0.0.2", "backup", "--port", "1"})));
	EXPECT_FALSE(is_same_place(leg, parse_as<Attach>({"attach", "nvme", "10.0.0.2", "other"})));
	EXPECT_FALSE(is_same_place(leg, parse_as<Attach>({"attach", "iscsi", "10.0.0.2", "backup", "--port", "4420"})));
}

TEST(CommandLine, OtherCommands)
{
	EXPECT_EQ(parse_as<Unexport>({"unexport", "nbd", "backup"}).protocol, Protocol::nbd);
	EXPECT_EQ(parse_as<Detach>({"detach", "iscsi", "backup"}).name, "backup");
	EXPECT_EQ(parse_as<Keep>({"keep", "iscsi", "backup"}).name, "backup");
	EXPECT_NO_THROW(parse_as<Readd>({"readd"}));
}

TEST(CommandLine, HelpIsNoFailure)
{
	const auto text = parse_as<Help>({"--help"}).text;
	for (const auto word : {"export", "unexport", "attach", "detach", "readd"})
		EXPECT_NE(text.find(word), text.npos) << word;
	EXPECT_EQ(text.find("keep"), text.npos);
	EXPECT_EQ(text.find("serve"), text.npos);
	EXPECT_NE(parse_as<Help>({"attach", "--help"}).text.find("Usage: remote-leg attach "), std::string::npos);
	EXPECT_NE(parse_as<Help>({"attach", "--help"}).text.find("--silence"), std::string::npos);
}

TEST(CommandLine, NonsenseIsAFailure)
{
	const std::vector<std::vector<std::string>> lines{
		{},
		{"explode"},
		{"export", "nvme", "/dev/sdb"},
		{"export", "drbd", "/dev/sdb", "backup"},
		{"export", "nvme", "/dev/sdb", "a/b"},
		{"export", "nvme", "/dev/sdb", "backup", "more"},
		{"export", "nvme", "/dev/sdb", "backup", "--listen", "here"},
		{"export", "nvme", "/dev/sdb", "backup", "--port", "70000"},
		{"export", "nvme", "/dev/sdb", "backup", "--port", "0"},
		{"export", "nvme", "/dev/sdb", "backup", "--hold", "1"},
		{"export", "nbd", "/dev/sdb", "backup", "--allow", "host"},
		{"attach", "nvme", "host.example", "backup"},
		{"attach", "nvme", "10.0.0.2", "backup", "--hold", "0"},
		{"attach", "nvme", "10.0.0.2", "backup", "--hold", "ten"},
		{"attach", "nvme", "10.0.0.2", "backup", "--silence"},
		{"readd", "nvme"},
	};
	for (const auto &line : lines)
		EXPECT_THROW(parse(line), Failure) << ::testing::PrintToString(line);
}

} // namespace
} // namespace remote_leg
