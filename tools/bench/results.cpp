// SPDX-License-Identifier: GPL-2.0
#include "results.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "presentation.h"

namespace bench {

namespace {

std::optional<double> metric_of(const Record *record, const Metric &metric)
{
	if (!record)
		return std::nullopt;
	const auto found = record->metrics.find(metric.name);
	return found == record->metrics.end() ? std::nullopt : std::optional{found->second};
}

// As people read them: latencies first, what comes first in time first.
int metric_order(const std::string &name)
{
	constexpr std::array<std::string_view, 15> first{
		"p50_us", "p99_us", "lat_p50_us", "lat_p99_us", "mean_us", "max_us", "mean_lat_us", "mib_s", "iops", "ios",
		"start_ms", "first_write_ms", "p50_ratio", "low", "high"
	};
	return static_cast<int>(std::find(first.begin(), first.end(), name) - first.begin());
}

} // namespace

std::string Place::text() const
{
	const auto what = variant.empty() ? scenario : fmt::format("{} {}", scenario, variant);
	return slow_ms > 0 ? fmt::format("{}, {}", what, format_delay(slow_ms)) : what;
}

Results::Results(const Run &run)
{
	std::set<Place> places;
	std::set<std::string> targets;

	for (const auto &record : run.records) {
		const Place place{record.scenario, record.variant, record.slow_ms};
		const auto limit = record.target == limit_target;
		const auto twice = limit ? !limits_.emplace(std::pair{place, record.boot}, &record).second
					 : records_.contains({place, record.target});
		if (twice)
			throw Error(fmt::format("{}: {} was measured twice: {}{}", run.name, record.target,
						place.text(), limit ? " in boot " + record.boot : ""));
		// The limit was measured beside every other target; its own boot is the one to show.
		auto &shown = records_[{place, record.target}];
		if (!shown || record.boot.starts_with(record.target + "/"))
			shown = &record;
		targets.insert(record.target);
		// Where nothing can be measured there is no variant, either.
		if (!record.metrics.empty() || !record.series.empty())
			places.insert(place);
	}
	places_.assign(places.begin(), places.end());
	targets_.assign(targets.begin(), targets.end());
	std::stable_sort(targets_.begin(), targets_.end(), [](const auto &a, const auto &b) {
		return target_order(a) < target_order(b);
	});
}

const Record *Results::find(const Place &place, const std::string &target) const
{
	const auto found = records_.find({place, target});
	return found == records_.end() ? nullptr : found->second;
}

std::optional<double> Results::value(const Place &place, const std::string &target, const Metric &metric) const
{
	return metric_of(find(place, target), metric);
}

std::optional<double> Results::limit(const Place &place, const std::string &target, const Metric &metric) const
{
	if (const auto *record = find(place, target)) {
		const auto beside = limits_.find({place, record->boot});
		if (beside != limits_.end())
			return metric_of(beside->second, metric);
	}
	return value(place, std::string{limit_target}, metric);
}

std::vector<Metric> Results::metrics(const Place &place) const
{
	std::set<std::pair<int, std::string>> names;
	std::vector<Metric> metrics;

	for (const auto &target : targets_)
		if (const auto *record = find(place, target))
			for (const auto &[name, value] : record->metrics)
				names.emplace(metric_order(name), name);
	for (const auto &[order, name] : names)
		metrics.emplace_back(name);
	return metrics;
}

std::vector<Metric> Results::latencies(const Place &place) const
{
	for (const auto &target : targets_) {
		const auto *record = find(place, target);
		if (record && record->queue_depth > 1 && record->metrics.contains("lat_p50_us"))
			return {Metric{"lat_p50_us"}, Metric{"lat_p99_us"}};
	}
	return {Metric{"p50_us"}, Metric{"p99_us"}};
}

} // namespace bench
