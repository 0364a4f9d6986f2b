// SPDX-License-Identifier: GPL-2.0
#include "json.h"

#include <nlohmann/json.hpp>

namespace wbstat {
namespace {

using Json = nlohmann::ordered_json;

Json of(const MemberRates &rates)
{
	Json json{
		{"behind_writes", rates.behind_writes},
		{"behind_bytes", rates.behind_bytes},
		{"arrived_writes", rates.arrived_writes},
		{"arrived_bytes", rates.arrived_bytes},
		{"dropped_writes", rates.dropped_writes},
	};
	if (rates.drained)
		json["drained_s"] = rates.drained->count();
	return json;
}

Json of(const Member &member)
{
	return {
		{"slot", member.slot},
		{"device", member.device},
		{"state", member.state},
		{"lag_ms", member.lag.count()},
		{"backlog_writes", member.backlog_writes},
		{"backlog_bytes", member.backlog_bytes},
		{"behind_writes", member.behind_writes},
		{"behind_bytes", member.behind_bytes},
		{"dropped_writes", member.dropped_writes},
		{"max_lag_ms", member.max_lag.count()},
		{"max_backlog_writes", member.max_backlog_writes},
		{"max_backlog_bytes", member.max_backlog_bytes},
	};
}

Json of(const CatchUp &catch_up)
{
	Json json{
		{"action", catch_up.action},
		{"done_sectors", catch_up.done_sectors},
		{"all_sectors", catch_up.all_sectors},
		{"kib_per_second", catch_up.kib_per_second},
	};
	if (const auto left = catch_up.left())
		json["left_s"] = left->count();
	return json;
}

Json of(const Array &array)
{
	Json json{
		{"name", array.name},
		{"state", array.state},
		{"slots", array.slots},
		{"missing_slots", array.missing_slots()},
		{"lag_ms", array.lag.count()},
		{"backlog_writes", array.backlog_writes},
		{"backlog_bytes", array.backlog_bytes},
		{"limit_writes", array.limit_writes},
		{"limit_bytes", array.limit_bytes},
		{"behind_writes", array.behind_writes},
		{"dropped_writes", array.dropped_writes},
		{"waited", array.waited},
		{"max_backlog_writes", array.max_backlog_writes},
		{"max_backlog_bytes", array.max_backlog_bytes},
		{"members", Json::array()},
	};
	if (array.catch_up)
		json["catch_up"] = of(*array.catch_up);
	return json;
}

} // namespace

std::string make_json(const Sample &sample, const Sample *earlier, Seconds elapsed)
{
	Json json{{"loaded", sample.loaded}, {"arrays", Json::array()}};
	for (const auto &array : sample.arrays) {
		auto entry = of(array);
		for (const auto &member : array.members) {
			const auto before = find_member(earlier, array, member);
			const auto change = before ? rates(*before, member, elapsed) : std::nullopt;
			entry["members"].push_back(of(member));
			if (change)
				entry["members"].back()["per_second"] = of(*change);
		}
		json["arrays"].push_back(entry);
	}
	return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace wbstat
