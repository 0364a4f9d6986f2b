// SPDX-License-Identifier: GPL-2.0
#include "presentation.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace bench {

namespace {

struct Target {
	std::string_view name;
	std::string_view label;
	std::string_view colour;
};

constexpr std::array targets{
	Target{limit_target, "fast device alone", "#6e6e6e"},
	Target{our_target, "raid1wb", "#0072b2"},
	Target{"raid1", "kernel's raid1", "#d55e00"},
	Target{"raid1-nobitmap", "kernel's raid1, no bitmap", "#e69f00"},
	Target{"dm-raid", "dm-raid raid1", "#cc79a7"},
	Target{"drbd", "DRBD, protocol A", "#009e73"},
};

struct Scenario {
	std::string_view name;
	std::string_view title;
};

constexpr std::array scenarios{
	Scenario{"s01", "4 KiB random writes, each to another chunk"},
	Scenario{"s02", "4 KiB random writes, an fsync after each, members with a volatile cache"},
	Scenario{"s03", "4 KiB overwrites within 64 KiB"},
	Scenario{"s04", "one 4 KiB write every 400 ms"},
	Scenario{"s05", "1 MiB sequential writes, 8 at a time"},
	Scenario{"s06", "4 KiB random writes while the slow leg is recovered"},
	Scenario{"s07", "instructions per 4 KiB write to a dirty chunk, fast legs only"},
	Scenario{"s08", "4 KiB random reads"},
	Scenario{"s09", "start-up with 8 TiB members"},
	Scenario{"s10", "resync"},
	Scenario{"s11", "throughput of 4 KiB writes to dirty chunks, 4 jobs, fast legs only, real time"},
	Scenario{"s12", "a database: SQLite on ext4, a row a transaction, members with a volatile cache"},
};

enum Plots { none = 0, latency = 1, delay = 2 };

struct Measurement {
	std::string_view scenario, variant;
	std::string_view label;
	int plots;
};

constexpr std::array measurements{
	Measurement{"s01", "clean", "write to a clean chunk", latency | delay},
	Measurement{"s01", "dirty", "write to a dirty chunk", latency},
	Measurement{"s02", "clean write", "write, clean chunk", none},
	Measurement{"s02", "clean fsync", "fsync, clean chunk", none},
	Measurement{"s02", "dirty write", "write, dirty chunk", none},
	Measurement{"s02", "dirty fsync", "fsync after a write", latency | delay},
	Measurement{"s02", "backlog", "writes with fsync", none},
	Measurement{"s03", "qd1", "overwrite, depth 1", latency | delay},
	Measurement{"s03", "qd4", "overwrite, depth 4", latency},
	Measurement{"s03", "backlog", "overwrites, depth 4", none},
	Measurement{"s04", "clean", "write every 400 ms", latency | delay},
	Measurement{"s04", "same", "same block every 400 ms", none},
	Measurement{"s05", "clean", "1 MiB, depth 8", latency | delay},
	Measurement{"s05", "clean 400 MiB/s", "1 MiB, depth 8, 400 MiB/s", latency},
	Measurement{"s05", "backlog", "1 MiB, depth 8", none},
	Measurement{"s06", "recovery", "write during recovery", latency | delay},
	Measurement{"s08", "behind", "read, writes are behind", none},
	Measurement{"s08", "left", "read, slow leg only", none},
};

// What fio says of everything: too much for a table.
constexpr std::array<std::string_view, 10> details{
	"p50_us", "p99_us", "lat_p50_us", "lat_p99_us", "mean_us", "max_us", "mean_lat_us", "iops", "ios", "pairs"
};

template <typename Table>
const typename Table::value_type *look_up(const Table &table, std::string_view name)
{
	const auto found = std::find_if(table.begin(), table.end(), [&](const auto &e) { return e.name == name; });
	return found == table.end() ? nullptr : &*found;
}

// s03 is S3 in texts.
std::string number_of(std::string_view scenario)
{
	if (scenario.size() > 2 && scenario.starts_with("s0"))
		return fmt::format("S{}", scenario.substr(2));
	return scenario.starts_with('s') ? fmt::format("S{}", scenario.substr(1)) : std::string{scenario};
}

const Measurement *find_measurement(std::string_view scenario, std::string_view variant)
{
	const auto found = std::find_if(measurements.begin(), measurements.end(), [&](const auto &m) {
		return m.scenario == scenario && m.variant == variant;
	});
	return found == measurements.end() ? nullptr : &*found;
}

} // namespace

int target_order(std::string_view target)
{
	const auto *found = look_up(targets, target);
	return static_cast<int>(found ? found - targets.data() : targets.size());
}

std::string target_label(std::string_view target)
{
	const auto *found = look_up(targets, target);
	return std::string{found ? found->label : target};
}

std::string target_colour(std::string_view target)
{
	const auto *found = look_up(targets, target);
	return std::string{found ? found->colour : "#56b4e9"};
}

std::string scenario_title(std::string_view scenario)
{
	const auto *found = look_up(scenarios, scenario);
	return found ? fmt::format("{}: {}", number_of(scenario), found->title) : std::string{scenario};
}

std::string measurement_label(std::string_view scenario, std::string_view variant)
{
	const auto *found = find_measurement(scenario, variant);
	return fmt::format("{} {}", number_of(scenario), found ? found->label : variant);
}

bool is_in_latency_plot(std::string_view scenario, std::string_view variant)
{
	const auto *found = find_measurement(scenario, variant);
	return found && found->plots & latency;
}

bool is_in_delay_plot(std::string_view scenario, std::string_view variant)
{
	const auto *found = find_measurement(scenario, variant);
	return found && found->plots & delay;
}

bool is_headline(std::string_view scenario, std::string_view metric)
{
	// Throughput where that is what it is about: large writes, resync.
	if (metric == "mib_s")
		return scenario == "s05" || scenario == "s10";
	return std::find(details.begin(), details.end(), metric) == details.end();
}

} // namespace bench
