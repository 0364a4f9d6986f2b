#include "soak/plan.h"

#include <set>

#include <gtest/gtest.h>

namespace soak {
namespace {

constexpr std::uint64_t seeds = 20, rounds = 100;

TEST(Plan, ASeedAlwaysMeansTheSame)
{
	for (std::uint64_t number = 0; number < rounds; number++)
		EXPECT_EQ(describe(plan(42, number)), describe(plan(42, number)));
	EXPECT_NE(describe(plan(42, 1)), describe(plan(43, 1)));
}

TEST(Plan, EverythingComesUp)
{
	std::set<Action> actions;
	std::set<Ending> endings;
	bool kernel = false, above = false;
	for (std::uint64_t number = 0; number < 300; number++) {
		const Round round = plan(1, number);
		for (const Step &step : round.steps)
			actions.insert(step.action);
		endings.insert(round.ending);
		kernel |= round.kernel;
		above |= round.above;
	}
	for (int action = 0; action <= static_cast<int>(Action::compare); action++)
		EXPECT_TRUE(actions.contains(static_cast<Action>(action))) << name_of(static_cast<Action>(action));
	EXPECT_EQ(endings.size(), 5U);
	EXPECT_TRUE(kernel);
	EXPECT_TRUE(above);
}

TEST(Plan, TheFirstRoundMakesAnArray)
{
	for (std::uint64_t seed = 0; seed < seeds; seed++)
		EXPECT_TRUE(plan(seed, 0).creates());
}

TEST(Plan, ACrashComesWithinItsRound)
{
	for (std::uint64_t seed = 0; seed < seeds; seed++)
		for (std::uint64_t number = 0; number < rounds; number++) {
			const Round round = plan(seed, number);
			EXPECT_GE(round.crash_at, -1);
			EXPECT_LE(round.crash_at, static_cast<int>(round.steps.size()));
		}
}

// Who holds the data? A failed or removed disk does not, and one that joins does not until it was waited for.
TEST(Plan, SomebodyAlwaysHoldsTheData)
{
	for (std::uint64_t seed = 0; seed < seeds; seed++)
		for (std::uint64_t number = 0; number < rounds; number++) {
			const Round round = plan(seed, number);
			std::set<unsigned> holders;
			for (unsigned disk = 0; disk < round.shape.members(); disk++)
				holders.insert(disk);
			std::set<unsigned> joining;
			for (const Step &step : round.steps) {
				if (step.action == Action::fail || step.action == Action::fail_by_error ||
				    step.action == Action::restart_without)
					holders.erase(step.disk);
				if (step.action == Action::wait_in_sync)
					holders.merge(std::exchange(joining, {}));
				if (step.action == Action::re_add || step.action == Action::add_blank)
					joining.insert(step.disk);
				ASSERT_FALSE(holders.empty()) << describe(round);
			}
		}
}

} // namespace
} // namespace soak
