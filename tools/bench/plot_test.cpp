// SPDX-License-Identifier: GPL-2.0
// Plots: what is drawn for which run, labels that stay apart, and gnuplot's word that it understands.
#include "plot.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

#include "fixture.h"
#include "presentation.h"

namespace bench {
namespace {

using testing::AllOf;
using testing::DoubleEq;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using testing::ThrowsMessage;

Run full_run()
{
	std::vector<Record> records;
	for (const auto *target : {"fast", "raid1wb", "raid1", "unknown"})
		for (const auto delay : {1.0, 20.0}) {
			records.push_back(make_record(target, "s01", delay, 74, 80, "clean"));
			records.push_back(make_record(target, "s03", delay, 100 * delay, 200 * delay, "qd1"));
			records.back().series["backlog"] = {{0, 0}, {10, 4}, {20, 0}};
		}
	return make_run(records);
}

std::vector<std::string> names(const std::vector<Plot> &plots)
{
	std::vector<std::string> names;
	std::transform(plots.begin(), plots.end(), std::back_inserter(names), [](const auto &plot) { return plot.name; });
	return names;
}

std::string contents(const std::filesystem::path &path)
{
	std::ifstream file{path};
	return {std::istreambuf_iterator{file}, {}};
}

TEST(Plots, AreMadeOfWhatTheRunHas)
{
	const auto run = full_run();
	EXPECT_THAT(names(make_plots(Results{run}, 20)), ElementsAre("latency", "delay", "backlog"));
	EXPECT_THAT(names(make_plots(Results{run}, 5)), ElementsAre("delay"));

	const auto one = make_run({make_record("raid1wb", "s01", 20, 74, 80, "clean")});
	EXPECT_THAT(names(make_plots(Results{one}, 20)), ElementsAre("latency"));
	const auto none = make_run({});
	EXPECT_THAT(names(make_plots(Results{none}, 20)), ElementsAre());
}

TEST(Plots, ShowEveryTargetInItsColour)
{
	const auto run = full_run();
	for (const auto &plot : make_plots(Results{run}, 20))
		EXPECT_THAT(plot.commands, AllOf(HasSubstr(target_colour("raid1wb")), HasSubstr(target_colour("raid1")),
						 HasSubstr("'unknown'"))) << plot.name;
}

TEST(Plots, FiguresAreInTheirPlace)
{
	const auto run = make_run({make_record("raid1wb", "s01", 20, 74, 80, "clean"), make_record("raid1", "s01", 20, 20054, 33817, "clean")});
	const auto plot = plot_latencies(Results{run}, 20);

	ASSERT_TRUE(plot);
	EXPECT_THAT(plot->commands, HasSubstr("\n74 1.05 10 80 88 \"74 µs  (80 µs)\"\n"));
	EXPECT_THAT(plot->commands, HasSubstr("\"20 ms  (34 ms)\"\n"));
}

// On a log scale there is no place for 0, nor for what is not there.
TEST(Plots, NothingIsShownAsNothing)
{
	auto none = make_record("raid1", "s01", 20, 0, 0, "clean");
	none.metrics.clear();
	const auto run = make_run({make_record("raid1wb", "s01", 20, 74, 80, "clean"), none, make_record("drbd", "s01", 20, 0, 0, "clean")});
	const auto plot = plot_latencies(Results{run}, 20);

	ASSERT_TRUE(plot);
	EXPECT_THAT(plot->commands, HasSubstr("\"n/a\""));
	EXPECT_THAT(plot->commands, Not(HasSubstr("\n0 ")));
}

TEST(Plots, GnuplotDrawsThemWithoutAWord)
{
	const auto run = full_run();
	const auto directory = std::filesystem::path{testing::TempDir()} / "plots";
	std::filesystem::remove_all(directory);

	testing::internal::CaptureStderr();
	for (const auto &plot : make_plots(Results{run}, 20))
		draw(plot, directory);
	EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
	for (const auto *name : {"latency", "delay", "backlog"}) {
		const auto svg = contents(directory / (std::string{name} + ".svg"));
		EXPECT_THAT(svg, AllOf(HasSubstr("<svg"), HasSubstr("</svg>"), HasSubstr("raid1wb"))) << name;
		EXPECT_THAT(contents(directory / (std::string{name} + ".png")), testing::StartsWith("\x89PNG")) << name;
	}
}

TEST(Plots, GnuplotsFailureIsOurs)
{
	testing::internal::CaptureStderr();
	EXPECT_THAT([] { draw({"bad", 100, 100, "no such command\n"}, testing::TempDir()); },
		    ThrowsMessage<Error>(HasSubstr("gnuplot failed")));
	testing::internal::GetCapturedStderr();
}

TEST(Plots, WithoutGnuplotThereIsAMessage)
{
	const std::string path = std::getenv("PATH");
	setenv("PATH", "/nowhere", 1);
	testing::internal::CaptureStderr();
	EXPECT_THAT([] { draw({"none", 100, 100, ""}, testing::TempDir()); },
		    ThrowsMessage<Error>("no gnuplot: install gnuplot-nox"));
	testing::internal::GetCapturedStderr();
	setenv("PATH", path.c_str(), 1);
}

TEST(Quote, HidesEverythingFromGnuplot)
{
	EXPECT_EQ(quote("it's `x` \"$y\""), "'it''s `x` \"$y\"'");
	EXPECT_EQ(quote("a\nb"), "'a b'");
}

TEST(Decades, EncloseTheirValue)
{
	EXPECT_THAT(decade_below(10), DoubleEq(10));
	EXPECT_THAT(decade_below(99), DoubleEq(10));
	EXPECT_THAT(decade_above(100), DoubleEq(100));
	EXPECT_THAT(decade_above(101), DoubleEq(1000));
}

TEST(Spread, LeavesAloneWhatIsApart)
{
	EXPECT_THAT(spread({0.9, 0.1, 0.5}, 0.1, 0, 1), ElementsAre(0.9, 0.1, 0.5));
	EXPECT_THAT(spread({}, 0.1, 0, 1), ElementsAre());
}

TEST(Spread, MovesApartAroundTheMiddle)
{
	EXPECT_THAT(spread({0.5, 0.5, 0.5}, 0.1, 0, 1), ElementsAre(DoubleEq(0.4), DoubleEq(0.5), DoubleEq(0.6)));
}

TEST(Spread, StaysWithinItsBounds)
{
	EXPECT_THAT(spread({0, 0, 0.05}, 0.1, 0, 1), ElementsAre(DoubleEq(0), DoubleEq(0.1), DoubleEq(0.2)));
	EXPECT_THAT(spread({1, 1, 0.95}, 0.1, 0, 1), ElementsAre(DoubleEq(0.9), DoubleEq(1), DoubleEq(0.8)));
}

TEST(Spread, KeepsOrderAndDistance)
{
	std::vector<double> positions;
	for (int i = 0; i < 9; i++)
		positions.push_back((i * 37 % 100) / 100.0);
	auto result = spread(positions, 0.12, 0, 1);

	EXPECT_THAT(result, Each(AllOf(Ge(-1e-9), Le(1 + 1e-9))));
	for (std::size_t i = 0; i < result.size(); i++)
		for (std::size_t j = 0; j < result.size(); j++)
			if (positions[i] < positions[j]) {
				EXPECT_GE(result[j] - result[i], 0.12 - 1e-9);
			}
}

} // namespace
} // namespace bench
