// SPDX-License-Identifier: GPL-2.0
// bench-report: tables, comparisons and plots of what scripts/bench measured.
#include <cstdio>
#include <exception>
#include <fstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "compare.h"
#include "plot.h"
#include "table.h"

namespace {

struct Options {
	std::string run, other;
	bench::TableOptions table;
	double tolerance = 5;
	double slow_ms = 20;
	std::string directory;
	std::vector<std::string> scenarios{"s01", "s02", "s03", "s04", "s05"};
	std::vector<std::string> metrics{"p50_us", "p99_us"};
};

int table(const Options &options)
{
	fmt::print("{}", bench::make_table(bench::Run::load(options.run), options.table));
	return 0;
}

// Information, not a test: people and the log of CI read it.
int compare(const Options &options)
{
	const auto expected = bench::Run::load(options.other), run = bench::Run::load(options.run);
	fmt::print("{}", bench::compare(expected, run, options.tolerance / 100).text);
	return 0;
}

int accept(const Options &options)
{
	const auto text = bench::accepted(bench::Run::load(options.run)).to_text();
	std::ofstream file{options.other};
	if (!(file << text) || !file.flush())
		throw bench::Error(fmt::format("{}: cannot write", options.other));
	return 0;
}

int same(const Options &options)
{
	const auto result = bench::same(bench::Run::load(options.run), bench::Run::load(options.other),
					{options.scenarios.begin(), options.scenarios.end()},
					{options.metrics.begin(), options.metrics.end()});
	for (const auto &difference : result.differences)
		fmt::print("{}\n", difference);
	fmt::print("{} figures compared, {} differences.\n", result.compared, result.differences.size());
	return !result.differences.empty() || !result.compared;
}

int plot(const Options &options)
{
	const auto run = bench::Run::load(options.run);
	const auto plots = bench::make_plots(bench::Results{run}, options.slow_ms);
	if (plots.empty())
		throw bench::Error(fmt::format("{}: has nothing to plot at {:g} ms", options.run, options.slow_ms));
	for (const auto &plot : plots) {
		bench::draw(plot, options.directory);
		fmt::print("{0}/{1}.svg {0}/{1}.png\n", options.directory, plot.name);
	}
	return 0;
}

int run(int argc, char **argv)
{
	CLI::App app{"Tables, comparisons and plots of what scripts/bench measured; bench/README.md describes the files."};
	Options options;
	int (*command)(const Options &) = nullptr;
	app.require_subcommand(1);

	const auto add = [&](const char *name, const char *what, int (*function)(const Options &)) {
		auto *sub = app.add_subcommand(name, what);
		sub->callback([&command, function] { command = function; });
		return sub;
	};
	auto *sub = add("table", "Print what every target did, against the limit and against ours.", table);
	sub->add_option("RUN", options.run)->required();
	sub->add_flag("--markdown", options.table.markdown, "As Markdown");
	sub->add_flag("--all", options.table.all_metrics, "All metrics, not only those that matter most");
	sub->add_option("--width", options.table.width, "Columns of the terminal")->capture_default_str();

	sub = add("compare", "Print which of our figures became worse than in EXPECTED; exit status 0.", compare);
	sub->add_option("EXPECTED", options.other)->required();
	sub->add_option("RUN", options.run)->required();
	sub->add_option("--tolerance", options.tolerance, "Percent")->capture_default_str()->check(CLI::NonNegativeNumber);

	sub = add("accept", "Write our figures of RUN to EXPECTED.", accept);
	sub->add_option("RUN", options.run)->required();
	sub->add_option("EXPECTED", options.other)->required();

	sub = add("same", "Have two runs the very same figures? Exit status 1, and what differs, if not.", same);
	sub->add_option("A", options.run)->required();
	sub->add_option("B", options.other)->required();
	sub->add_option("--scenarios", options.scenarios)->delimiter(',')->capture_default_str();
	sub->add_option("--metrics", options.metrics)->delimiter(',')->capture_default_str();

	sub = add("plot", "Draw plots of RUN into DIRECTORY, as SVG and PNG.", plot);
	sub->add_option("RUN", options.run)->required();
	sub->add_option("DIRECTORY", options.directory)->required();
	sub->add_option("--slow-ms", options.slow_ms, "Delay of the slow leg, where a plot shows only one")->capture_default_str();

	CLI11_PARSE(app, argc, argv);
	return command(options);
}

} // namespace

int main(int argc, char **argv)
{
	try {
		return run(argc, argv);
	} catch (const std::exception &e) {
		fmt::print(stderr, "bench-report: {}\n", e.what());
		return 2;
	}
}
