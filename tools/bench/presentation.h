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

// One line: "S3: overwrites within 64 KiB"; the scenario's name if there is none.
std::string scenario_title(std::string_view scenario);
// A few words: "S3 overwrites (qd4)".
std::string measurement_label(std::string_view scenario, std::string_view variant);

// Does the application wait for writes in it, so that their latency belongs into a plot?
bool is_latency_scenario(std::string_view scenario);

// Is this metric worth a row in the table, beside all that fio says?
bool is_headline(std::string_view scenario, std::string_view metric);

} // namespace bench
