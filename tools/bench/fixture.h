// SPDX-License-Identifier: GPL-2.0
// Runs for tests.
#pragma once

#include <string>
#include <vector>

#include "run.h"

namespace bench {

inline Record make_record(const std::string &target, const std::string &scenario, double slow_ms, double p50, double p99,
			  const std::string &variant = "")
{
	return {
		.target = target,
		.scenario = scenario,
		.variant = variant,
		.slow_ms = slow_ms,
		.boot = target + "/" + scenario,
		.queue_depth = 1,
		.metrics = {{"p50_us", p50}, {"p99_us", p99}},
		.series = {},
		.reason = {},
	};
}

inline Run make_run(std::vector<Record> records)
{
	return {"run.json", "abc", "today", "6.12", "7.2", std::move(records)};
}

} // namespace bench
