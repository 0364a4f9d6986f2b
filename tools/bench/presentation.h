// SPDX-License-Identifier: GPL-2.0
// How targets and scenarios are called and coloured, in tables and plots. Those that are not known here appear under
// the names that the run gives them.
#pragma once

#include <string>
#include <string_view>

namespace bench {

inline constexpr std::string_view limit_target = "fast";
inline constexpr std::string_view our_target = "raid1wb";

// Position among the targets: the limit, ours, then the peers; those unknown come last.
int target_order(std::string_view target);
// For legends: "kernel's raid1, no bitmap".
std::string target_label(std::string_view target);
// One that people with any kind of colour vision can tell from the others (after Okabe and Ito).
std::string target_colour(std::string_view target);

// One line: "S3: 4 KiB overwrites within 64 KiB"; the scenario's name if there is none.
std::string scenario_title(std::string_view scenario);
// A few words: "S3 overwrites, depth 4".
std::string measurement_label(std::string_view scenario, std::string_view variant);

// Does it belong into the plot of latencies, into that of latencies by delay?
bool is_in_latency_plot(std::string_view scenario, std::string_view variant);
bool is_in_delay_plot(std::string_view scenario, std::string_view variant);

// Is this metric a row of the table, beside latencies and what is no metric of fio's?
bool is_headline(std::string_view scenario, std::string_view metric);

} // namespace bench
