// SPDX-License-Identifier: GPL-2.0
// wbstat: how far behind the members of raid1wb's arrays are.
#include <charconv>
#include <cstdio>
#include <exception>
#include <fstream>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "check.h"
#include "json.h"
#include "prometheus.h"
#include "table.h"
#include "units.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
	std::string sysfs = "/sys";
	std::vector<std::string> names;
	double interval = 0;
	unsigned long count = 0;
	bool json = false, prometheus = false, check = false;
	std::string output;
	wbstat::Limits limits;
};

// /dev/md0 and /dev/md/name as well
std::string array_name(const std::string &argument)
{
	std::error_code error;
	const auto path = std::filesystem::canonical(argument, error);
	return std::filesystem::path{error ? argument : path.string()}.filename();
}

// Whoever reads the file finds the old or the new text, whole.
void write_file(const std::string &name, const std::string &text)
{
	const auto fresh = name + ".new";
	std::ofstream file{fresh};
	if (!(file << text) || !file.flush())
		throw std::runtime_error(fmt::format("{}: cannot write", fresh));
	file.close();
	std::filesystem::rename(fresh, name);
}

void put(const Options &options, const std::string &text)
{
	if (!options.output.empty())
		return write_file(options.output, text);
	if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout))
		throw std::runtime_error("cannot write");
}

std::string show(const Options &options, const wbstat::Sample &sample, const wbstat::Sample *earlier, wbstat::Seconds elapsed)
{
	if (options.json)
		return wbstat::make_json(sample, earlier, elapsed);
	if (options.prometheus)
		return wbstat::make_prometheus(sample);
	const auto nothing = wbstat::why_nothing(sample, options.names);
	return nothing.empty() ? wbstat::make_table(sample, earlier, elapsed) : nothing + "\n";
}

int check(const Options &options, const wbstat::Tree &sysfs)
{
	const auto verdict = wbstat::check(wbstat::take_sample(sysfs, options.names), options.names, options.limits);
	put(options, verdict.line + "\n");
	return static_cast<int>(verdict.status);
}

void watch(const Options &options, const wbstat::Tree &sysfs)
{
	std::optional<wbstat::Sample> earlier;
	auto next = Clock::now(), before = next;
	for (unsigned long i = 1;; i++) {
		const auto now = Clock::now();
		auto sample = wbstat::take_sample(sysfs, options.names);
		auto text = show(options, sample, earlier ? &*earlier : nullptr, now - before);
		if (options.interval && !options.json && !options.prometheus && i != 1)
			text.insert(0, "\n");
		put(options, text);
		if (!options.interval || i == options.count)
			return;
		earlier = std::move(sample);
		before = now;
		next += std::chrono::duration_cast<Clock::duration>(wbstat::Seconds{options.interval});
		std::this_thread::sleep_until(next);
	}
}

std::optional<double> to_number(const std::string &text)
{
	double value = 0;
	const auto end = text.data() + text.size();
	const auto [stop, error] = std::from_chars(text.data(), end, value);
	return error == std::errc{} && stop == end ? std::optional{value} : std::nullopt;
}

// As with iostat: names, then an interval, then a count.
void sort_out(const std::vector<std::string> &arguments, Options &options)
{
	std::vector<double> numbers;
	for (const auto &argument : arguments)
		if (const auto number = to_number(argument))
			numbers.push_back(*number);
		else if (numbers.empty())
			options.names.push_back(array_name(argument));
		else
			throw CLI::ValidationError("arrays come before the interval");
	if (numbers.size() > 2 || (!numbers.empty() && !(numbers[0] > 0 && numbers[0] < 1e6)))
		throw CLI::ValidationError("an interval in seconds, then a count");
	if (!numbers.empty())
		options.interval = numbers[0];
	if (numbers.size() == 2)
		options.count = static_cast<unsigned long>(numbers[1]);
}

void add_limits(CLI::App &app, CLI::Option *check, wbstat::Limits &limits)
{
	const auto lag = [&](const char *name, std::optional<wbstat::Milliseconds> &limit, const char *what) {
		app.add_option_function<std::string>(name, [&limit](const std::string &text) {
			try {
				limit = wbstat::parse_lag(text);
			} catch (const std::invalid_argument &error) {
				throw CLI::ValidationError(error.what());
			}
		}, what)->needs(check)->option_text("TIME");
	};
	lag("--warn-lag", limits.warn_lag, "a warning if a member lags more: 500ms, 30s, 5min, 1h");
	lag("--max-lag", limits.max_lag, "critical if a member lags more");
	app.add_option("--warn-backlog", limits.warn_backlog, "a warning if a member lacks more writes")->needs(check);
	app.add_option("--max-backlog", limits.max_backlog, "critical if a member lacks more writes")->needs(check);
}

int run(int argc, char **argv)
{
	CLI::App app{"How far behind the members of raid1wb's arrays are; see wbstat(8).", "wbstat"};
	Options options;
	std::vector<std::string> arguments;
	app.add_option("arguments", arguments, "arrays [all]; then an interval in seconds, and how often [for ever]")
		->option_text("[ARRAY]... [INTERVAL [COUNT]]");
	auto *json = app.add_flag("--json", options.json, "as JSON, an object a line");
	auto *prometheus = app.add_flag("--prometheus", options.prometheus,
					"for the textfile collector of Prometheus' node exporter");
	auto *check_flag = app.add_flag("--check", options.check, "one line for monitoring; exit status 0 if all is well, "
					"1 for a warning, 2 if it is critical, 3 if that is unknown");
	json->excludes(prometheus, check_flag);
	prometheus->excludes(check_flag);
	add_limits(app, check_flag, options.limits);
	app.add_option("--output", options.output, "replace that file, each time, as a whole")->option_text("FILE");
	app.add_option("--sysfs", options.sysfs, "where sysfs is [/sys]")->option_text("DIRECTORY");
	try {
		app.parse(argc, argv);
		sort_out(arguments, options);
	} catch (const CLI::ParseError &error) {
		return app.exit(error) ? 3 : 0;
	}
	const wbstat::Tree sysfs{options.sysfs};
	if (options.check)
		return check(options, sysfs);
	watch(options, sysfs);
	return 0;
}

} // namespace

int main(int argc, char **argv)
{
	try {
		return run(argc, argv);
	} catch (const std::exception &error) {
		fmt::print(stderr, "wbstat: {}\n", error.what());
		return 3;
	}
}
