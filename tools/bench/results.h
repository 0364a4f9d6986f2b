// SPDX-License-Identifier: GPL-2.0
// The records of a run by what was measured: which target did how well in the same place.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metric.h"
#include "run.h"

namespace bench {

// What targets are compared in.
struct Place {
	std::string scenario;
	std::string variant;
	double slow_ms;

	auto operator<=>(const Place &) const = default;
	std::string text() const;	// s03 qd4, 20 ms
};

class Results {
public:
	// The run must outlive this. Throws Error if something was measured twice.
	explicit Results(const Run &run);

	const std::vector<Place> &places() const { return places_; }
	// The limit, ours, the peers.
	const std::vector<std::string> &targets() const { return targets_; }

	// Null if the target was not measured there.
	const Record *find(const Place &place, const std::string &target) const;
	std::optional<double> value(const Place &place, const std::string &target, const Metric &metric) const;
	// What the limit reached beside this target, in the same boot if it was measured there.
	std::optional<double> limit(const Place &place, const std::string &target, const Metric &metric) const;
	// All metrics that some target has in this place, in a fixed order.
	std::vector<Metric> metrics(const Place &place) const;
	// The latencies that an application sees there. Where it keeps several requests in flight, it may have to wait
	// before the next is even taken: that belongs to them.
	std::vector<Metric> latencies(const Place &place) const;

private:
	std::vector<Place> places_;
	std::vector<std::string> targets_;
	std::map<std::pair<Place, std::string>, const Record *> records_;
	std::map<std::pair<Place, std::string>, const Record *> limits_;	// by boot
};

} // namespace bench
