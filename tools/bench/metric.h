// SPDX-License-Identifier: GPL-2.0
// What a metric's name says of it: its unit, and which way is better.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bench {

enum class Better { less, more, neither };

struct Metric {
	std::string name;	// as in the record: p99_us, cpu_us_per_write
	std::string label;	// p99, cpu/write
	std::string unit;	// us, MiB/s; empty for a count
	Better better;

	explicit Metric(std::string_view name);
};

// How many times better the first value is than the second; nothing if that has no meaning.
std::optional<double> times_better(const Metric &metric, double value, double other);

// Four digits that count, no exponent: 20054, 73.98, 0.0012.
std::string format_value(double value);
// 1.03x, 27.1x, 271x; "-" for nothing.
std::string format_ratio(std::optional<double> ratio);
// Microseconds in the unit that reads best: 74 us, 2.1 ms, 1.5 s.
std::string format_latency(double us);
// A slow leg's delay, as short as it is exact: 20 ms, 0.5 ms; none where there is no slow leg.
std::string format_delay(double ms);

} // namespace bench
