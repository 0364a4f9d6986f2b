// SPDX-License-Identifier: GPL-2.0
// The plots of a run.
#pragma once

#include <optional>
#include <vector>

#include "gnuplot.h"
#include "results.h"

namespace bench {

// Latency by scenario and target, at one delay of the slow leg.
std::optional<Plot> plot_latencies(const Results &results, double slow_ms);
// Latency against the slow leg's delay, a panel a scenario.
std::optional<Plot> plot_delays(const Results &results);
// Backlog over time at one delay, a panel a scenario.
std::optional<Plot> plot_backlogs(const Results &results, double slow_ms);

// All that the run has figures for.
std::vector<Plot> make_plots(const Results &results, double slow_ms);

} // namespace bench
