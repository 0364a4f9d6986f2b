// SPDX-License-Identifier: GPL-2.0
#include "prometheus.h"

#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

#include "fake_tree.h"

namespace wbstat {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Prometheus, HasValuesWithLabels)
{
	const auto text = make_prometheus(two_members());
	EXPECT_THAT(text, HasSubstr("\nraid1wb_loaded 1\n"));
	EXPECT_THAT(text, HasSubstr("\nraid1wb_lag_seconds{array=\"md0\"} 1.25\n"));
	EXPECT_THAT(text, HasSubstr("\nraid1wb_backlog_writes{array=\"md0\"} 12\n"));
	EXPECT_THAT(text, HasSubstr("\nraid1wb_members{array=\"md0\"} 2\n"));
	EXPECT_THAT(text, HasSubstr("\nraid1wb_waited_writes_total{array=\"md0\",reason=\"limit_count\"} 5\n"));
	EXPECT_THAT(text, HasSubstr("\nraid1wb_member_lag_seconds{array=\"md0\",slot=\"1\",device=\"sdb\"} 1.25\n"));
	EXPECT_THAT(text, HasSubstr("\nraid1wb_member_behind_bytes_total{array=\"md0\",slot=\"1\",device=\"sdb\"} 4096000\n"));
	EXPECT_THAT(text, HasSubstr("\nraid1wb_member_state{array=\"md0\",slot=\"1\",device=\"sdb\",state=\"behind\"} 1\n"));
	EXPECT_THAT(text, Not(HasSubstr("raid1wb_catch_up_ratio{")));
}

TEST(Prometheus, ShowsCatchUp)
{
	auto sample = two_members();
	sample.arrays[0].catch_up = CatchUp{.action = "recover", .done_sectors = 1, .all_sectors = 4, .kib_per_second = 0};
	EXPECT_THAT(make_prometheus(sample), HasSubstr("\nraid1wb_catch_up_ratio{array=\"md0\",action=\"recover\"} 0.25\n"));
}

// As the collector reads it: each name has one HELP and one TYPE, in front, and its samples stand together.
TEST(Prometheus, IsWellFormed)
{
	const std::regex head{"# (HELP|TYPE) (raid1wb_[a-z0-9_]+) .+"};
	const std::regex value{"(raid1wb_[a-z0-9_]+)(\\{([a-z]+=\"[^\"]*\",?)+\\})? [0-9.e+-]+"};
	auto sample = two_members();
	sample.arrays.push_back(sample.arrays[0]);
	sample.arrays[1].name = "md1";
	std::istringstream text{make_prometheus(sample)};
	std::set<std::string> helped, typed;
	std::string line, current;
	std::smatch match;
	while (std::getline(text, line)) {
		if (std::regex_match(line, match, head)) {
			auto &seen = match[1] == "HELP" ? helped : typed;
			EXPECT_TRUE(seen.insert(match[2]).second) << line;
			current = match[2];
		} else {
			ASSERT_TRUE(std::regex_match(line, match, value)) << line;
			EXPECT_EQ(match[1], current) << line;
		}
	}
	EXPECT_EQ(helped, typed);
	EXPECT_GT(helped.size(), 15);
}

TEST(Prometheus, SaysThatNothingIsLoaded)
{
	EXPECT_EQ(make_prometheus(Sample{}), "# HELP raid1wb_loaded Is raid1wb there?\n"
					     "# TYPE raid1wb_loaded gauge\nraid1wb_loaded 0\n");
}

TEST(Prometheus, EscapesWhatIsNoName)
{
	auto sample = two_members();
	sample.arrays[0].members[1].device = "a\"b\\c";
	EXPECT_THAT(make_prometheus(sample), HasSubstr("device=\"a\\\"b\\\\c\""));
}

} // namespace
} // namespace wbstat
