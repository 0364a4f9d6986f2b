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
	std::string_view label;
	bool plotted;
	// What the table shows of it, beside the metrics that are not fio's; latencies if empty.
	std::string_view metrics;
};

constexpr std::array scenarios{
	Scenario{"s01", "4 KiB random writes to clean chunks", "clean chunks", true, ""},
	Scenario{"s02", "4 KiB random writes, fsync after each, members with a volatile cache", "with fsync", true, ""},
	Scenario{"s03", "4 KiB overwrites within 64 KiB", "overwrites", true, ""},
	Scenario{"s04", "one 4 KiB write every 400 ms", "every 400 ms", true, ""},
	Scenario{"s05", "1 MiB sequential writes at depth 8", "1 MiB sequential", true, "mib_s p50_us p99_us"},
	Scenario{"s06", "4 KiB writes while the slow leg is recovered", "during recovery", true, ""},
	Scenario{"s07", "CPU cost of 4 KiB writes to dirty chunks, fast members only", "CPU cost", false, "p50_us iops"},
	Scenario{"s08", "random reads while writes are behind", "reads", false, ""},
	Scenario{"s09", "start-up with 8 TiB members", "start-up", false, ""},
	Scenario{"s10", "resync", "resync", false, "mib_s"},
};

// What fio says of everything: too much for a table.
constexpr std::array<std::string_view, 12> details{
	"p50_us", "p99_us", "mean_us", "max_us", "min_us", "lat_p50_us", "mean_lat_us", "iops", "mib_s", "writes", "reads", "ios"
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

bool has_word(std::string_view words, std::string_view word)
{
	return fmt::format(" {} ", words).find(fmt::format(" {} ", word)) != std::string::npos;
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
	const auto *found = look_up(scenarios, scenario);
	auto label = found ? fmt::format("{} {}", number_of(scenario), found->label) : std::string{scenario};
	return variant.empty() || has_word(label, variant) ? label : fmt::format("{} ({})", label, variant);
}

bool is_latency_scenario(std::string_view scenario)
{
	const auto *found = look_up(scenarios, scenario);
	return found && found->plotted;
}

bool is_headline(std::string_view scenario, std::string_view metric)
{
	if (std::find(details.begin(), details.end(), metric) == details.end())
		return true;
	const auto *found = look_up(scenarios, scenario);
	return has_word(found && !found->metrics.empty() ? found->metrics : "p50_us p99_us", metric);
}

} // namespace bench
