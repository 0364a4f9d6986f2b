// SPDX-License-Identifier: GPL-2.0
#include "json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "fake_tree.h"

namespace wbstat {
namespace {

using nlohmann::json;

TEST(Json, IsOneLine)
{
	const auto text = make_json(two_members());
	EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(Json, HasAllValues)
{
	const auto all = json::parse(make_json(two_members()));
	const auto &array = all["arrays"][0];
	const auto &member = array["members"][1];

	EXPECT_EQ(all["loaded"], true);
	EXPECT_EQ(array["name"], "md0");
	EXPECT_EQ(array["state"], "active");
	EXPECT_EQ(array["slots"], 2);
	EXPECT_EQ(array["missing_slots"], json::array());
	EXPECT_EQ(array["lag_ms"], 1250);
	EXPECT_EQ(array["backlog_writes"], 12);
	EXPECT_EQ(array["backlog_bytes"], 49152);
	EXPECT_EQ(array["limit_writes"], 4096);
	EXPECT_EQ(array["limit_bytes"], 67108864);
	EXPECT_EQ(array["behind_writes"], 1000);
	EXPECT_EQ(array["dropped_writes"], 30);
	EXPECT_EQ(array["waited"], (json{{"limit_count", 5}, {"no_memory", 0}}));
	EXPECT_EQ(array["max_backlog_writes"], 400);
	EXPECT_EQ(array["max_backlog_bytes"], 1638400);
	EXPECT_FALSE(array.contains("catch_up"));
	EXPECT_EQ(member, (json{{"slot", 1}, {"device", "sdb"}, {"state", "behind"}, {"lag_ms", 1250},
				{"backlog_writes", 12}, {"backlog_bytes", 49152}, {"behind_writes", 1000},
				{"behind_bytes", 4096000}, {"dropped_writes", 30}, {"max_lag_ms", 2000},
				{"max_backlog_writes", 400}, {"max_backlog_bytes", 1638400}}));
}

TEST(Json, HasRatesAndTimeLeft)
{
	const auto before = two_members();
	auto now = before;
	now.arrays[0].members[1].behind_writes += 100;
	now.arrays[0].members[1].backlog_writes -= 6;
	now.arrays[0].catch_up = CatchUp{.action = "recover", .done_sectors = 0, .all_sectors = 4000, .kib_per_second = 20};
	const auto array = json::parse(make_json(now, &before, Seconds{2}))["arrays"][0];

	EXPECT_EQ(array["members"][1]["per_second"]["behind_writes"], 50);
	EXPECT_EQ(array["members"][1]["per_second"]["arrived_writes"], 53);
	EXPECT_EQ(array["members"][1]["per_second"]["drained_s"], 2);
	EXPECT_FALSE(array["members"][0]["per_second"].contains("drained_s"));
	EXPECT_EQ(array["catch_up"]["action"], "recover");
	EXPECT_EQ(array["catch_up"]["left_s"], 100);
}

TEST(Json, SaysThatNothingIsLoaded)
{
	EXPECT_EQ(make_json(Sample{}), "{\"loaded\":false,\"arrays\":[]}\n");
}

} // namespace
} // namespace wbstat
