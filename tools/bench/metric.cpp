// SPDX-License-Identifier: GPL-2.0
#include "metric.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace bench {

namespace {

struct Unit {
	std::string_view suffix;
	std::string_view text;
	Better better;
};

// The longest suffix first where one ends like another.
constexpr std::array units{
	Unit{"_mib_s", "MiB/s", Better::more},
	Unit{"_gib_s", "GiB/s", Better::more},
	Unit{"_ns", "ns", Better::less},
	Unit{"_us", "us", Better::less},
	Unit{"_ms", "ms", Better::less},
	Unit{"_s", "s", Better::less},
	Unit{"_bytes", "B", Better::less},
	Unit{"_kib", "KiB", Better::less},
	Unit{"_mib", "MiB", Better::less},
	Unit{"_instructions", "insns", Better::less},
	Unit{"_percent", "%", Better::less},
	Unit{"_ratio", "ratio", Better::more},
};

const Unit *unit_of(std::string_view name)
{
	// A metric may be nothing but its unit.
	for (const auto &unit : units)
		if (name.ends_with(unit.suffix) || name == unit.suffix.substr(1))
			return &unit;
	return nullptr;
}

std::string with_spaces(std::string_view name)
{
	std::string label{name};
	for (auto &c : label)
		if (c == '_')
			c = ' ';
	return label;
}

// Digits after the point that leave @digits that count.
int decimals(double value, int digits)
{
	if (value == 0)
		return 0;
	const auto before = static_cast<int>(std::floor(std::log10(std::fabs(value)))) + 1;
	return std::max(0, digits - before);
}

} // namespace

Metric::Metric(std::string_view full_name)
	: name{full_name}, better{Better::neither}
{
	const auto per = full_name.find("_per_");
	const auto base = full_name.substr(0, per);
	const auto *found = unit_of(base);

	if (found) {
		const auto rest = base.size() - std::min(base.size(), found->suffix.size());
		// Its unit alone tells what it is, if it has no other name.
		label = rest ? with_spaces(base.substr(0, rest)) : std::string{found->text};
		unit = found->text;
		better = found->better;
	} else {
		label = with_spaces(base);
		if (base == "iops" || base.ends_with("_iops"))
			better = Better::more;
	}
	if (per != std::string_view::npos) {
		label += "/" + with_spaces(full_name.substr(per + 5));
		if (!found)
			better = Better::less;
	}
}

std::optional<double> times_better(const Metric &metric, double value, double other)
{
	if (metric.better == Better::neither || value <= 0 || other <= 0)
		return std::nullopt;
	return metric.better == Better::less ? other / value : value / other;
}

std::string format_value(double value)
{
	const auto text = fmt::format("{:.{}f}", value, std::min(decimals(value, 4), 6));
	if (text.find('.') == std::string::npos)
		return text;
	const auto last = text.find_last_not_of('0');
	return text.substr(0, text[last] == '.' ? last : last + 1);
}

std::string format_ratio(std::optional<double> ratio)
{
	if (!ratio || !std::isfinite(*ratio))
		return "-";
	if (*ratio < 0.1)
		return fmt::format("{:.{}f}x", *ratio, std::min(decimals(*ratio, 2), 6));
	return fmt::format("{:.{}f}x", *ratio, *ratio < 9.995 ? 2 : *ratio < 99.95 ? 1 : 0);
}

std::string format_latency(double us)
{
	const auto in = [](double value, std::string_view unit) {
		return fmt::format("{:.{}f} {}", value, value < 9.95 && unit != "us" ? 1 : 0, unit);
	};
	if (us < 999.5)
		return in(us, "us");
	return us < 999500 ? in(us / 1000, "ms") : in(us / 1e6, "s");
}

std::string format_delay(double ms)
{
	return ms > 0 ? fmt::format("{:g} ms", ms) : "none";
}

} // namespace bench
