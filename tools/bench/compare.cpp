// SPDX-License-Identifier: GPL-2.0
#include "compare.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "presentation.h"
#include "results.h"

namespace bench {

namespace {

std::string figure(double value, const Metric &metric)
{
	return format_value(value) + (metric.unit.empty() ? "" : " " + metric.unit);
}

std::string change_text(const Place &place, const Metric &metric, double was, double is)
{
	const auto percent = was > 0 ? fmt::format("  {:+.1f} %", (is - was) / was * 100) : "";
	return fmt::format("  {:<24} {:<12} {:>14} -> {:>14}{}\n", place.text(), metric.label,
			   figure(was, metric), figure(is, metric), percent);
}

// Ratios mean nothing where a figure is 0: there any change counts.
bool is_worse(const Metric &metric, double was, double is, double tolerance)
{
	const auto ratio = times_better(metric, was, is);
	if (ratio)
		return *ratio > 1 + tolerance;
	return metric.better == Better::less ? is > was : is < was;
}

// Was the scenario measured with that delay at all?
bool is_measured(const Run &run, const Place &place)
{
	return std::any_of(run.records.begin(), run.records.end(), [&](const auto &record) {
		return record.target == our_target && record.scenario == place.scenario && record.slow_ms == place.slow_ms;
	});
}

// Every figure by what it is: boot, target, place, metric.
using Figures = std::map<std::string, double>;

Figures figures(const Run &run, const std::set<std::string> &scenarios, const std::set<std::string> &metrics)
{
	Figures figures;

	for (const auto &record : run.records) {
		if (!scenarios.contains(record.scenario))
			continue;
		const Place place{record.scenario, record.variant, record.slow_ms};
		for (const auto &[name, value] : record.metrics)
			if (metrics.contains(name) &&
			    !figures.emplace(fmt::format("{}, {} in boot {}: {}", place.text(), record.target,
							 record.boot, name), value).second)
				throw Error(fmt::format("{}: {} was measured twice: {} in boot {}", run.name,
							record.target, place.text(), record.boot));
	}
	return figures;
}

} // namespace

Run accepted(const Run &run)
{
	auto ours = run;
	ours.records.clear();
	for (const auto &record : run.records)
		if (record.target == our_target && !record.metrics.empty())
			ours.records.push_back(record);
	if (ours.records.empty())
		throw Error(fmt::format("{}: has no figures of {}: nothing to accept", run.name, our_target));
	return ours;
}

Comparison compare(const Run &expected, const Run &run, double tolerance)
{
	const Results before{expected}, after{run};
	const std::string target{our_target};
	std::string worse, better, gone;
	std::set<std::string> not_measured;
	Comparison result;

	for (const auto &place : before.places()) {
		const auto *record = before.find(place, target);
		if (!record)
			continue;
		if (!is_measured(run, place)) {
			not_measured.insert(Place{place.scenario, "", place.slow_ms}.text());
			continue;
		}
		for (const auto &[name, was] : record->metrics) {
			const Metric metric{name};
			if (metric.better == Better::neither)
				continue;
			const auto is = after.value(place, target, metric);
			if (!is) {
				gone += fmt::format("  {} {}\n", place.text(), name);
				continue;
			}
			result.compared++;
			if (is_worse(metric, was, *is, tolerance)) {
				result.worse++;
				worse += change_text(place, metric, was, *is);
			} else if (is_worse(metric, *is, was, tolerance)) {
				result.better++;
				better += change_text(place, metric, was, *is);
			}
		}
	}

	if (!worse.empty())
		result.text += fmt::format("Worse than in {} by more than {:g} %:\n{}", expected.name, tolerance * 100, worse);
	if (!better.empty())
		result.text += fmt::format("Better than in {} by more than {:g} %:\n{}", expected.name, tolerance * 100, better);
	if (!gone.empty())
		result.text += fmt::format("In {}, but not measured this time:\n{}", expected.name, gone);
	if (!not_measured.empty())
		result.text += fmt::format("Not measured this time: {}.\n", fmt::join(not_measured, "; "));
	result.text += fmt::format("{} figures compared, {} worse, {} better.\n", result.compared, result.worse, result.better);
	return result;
}

Sameness same(const Run &a, const Run &b, const std::set<std::string> &scenarios, const std::set<std::string> &metrics)
{
	const auto in_a = figures(a, scenarios, metrics);
	auto in_b = figures(b, scenarios, metrics);
	Sameness result;

	for (const auto &[what, value] : in_a) {
		const auto other = in_b.extract(what);
		result.compared += !other.empty();
		if (other.empty())
			result.differences.push_back(fmt::format("{}: {}, only in {}", what, value, a.name));
		else if (other.mapped() != value)
			result.differences.push_back(fmt::format("{}: {} and {}", what, value, other.mapped()));
	}
	for (const auto &[what, value] : in_b)
		result.differences.push_back(fmt::format("{}: {}, only in {}", what, value, b.name));
	return result;
}

} // namespace bench
