// SPDX-License-Identifier: GPL-2.0
#include "units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

namespace wbstat {

std::string format_lag(Milliseconds lag)
{
	const double seconds = lag.count() / 1000.0;
	if (seconds < 1)
		return fmt::format("{} ms", lag.count());
	if (seconds < 100)
		return fmt::format("{:.3g} s", seconds);
	if (seconds < 6000)
		return fmt::format("{:.3g} min", seconds / 60);
	return fmt::format("{:.1f} h", seconds / 3600);
}

std::string format_time(std::chrono::seconds time)
{
	const auto seconds = time.count();
	if (seconds < 60)
		return fmt::format("{} s", seconds);
	if (seconds < 3600)
		return fmt::format("{} min {} s", seconds / 60, seconds % 60);
	return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
}

std::string format_bytes(double bytes)
{
	constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
	std::size_t unit = 0;
	for (; bytes >= 1000 && unit + 1 < units.size(); unit++)
		bytes /= 1024;
	return fmt::format("{:.3g} {}", bytes, units[unit]);
}

Milliseconds parse_lag(std::string_view text)
{
	double value = 0;
	const auto end = text.data() + text.size();
	const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
	const std::string_view unit{stop, static_cast<std::size_t>(end - stop)};
	const double factor = unit == "ms" ? 1 :
			      unit.empty() || unit == "s" ? 1000 :
			      unit == "min" ? 60e3 :
			      unit == "h" ? 3600e3 : 0;
	if (error != std::errc{} || !factor || !(value >= 0 && value * factor < 1e15))
		throw std::invalid_argument{fmt::format("{}: not a time like 500ms, 30s, 5min or 1h", text)};
	return Milliseconds{static_cast<std::uint64_t>(std::llround(value * factor))};
}

} // namespace wbstat
