// SPDX-License-Identifier: GPL-2.0
#include "prometheus.h"

#include <functional>
#include <iterator>

#include <fmt/format.h>

namespace wbstat {
namespace {

using Out = std::back_insert_iterator<std::string>;

std::string escape(std::string_view value)
{
	std::string escaped;
	for (const char c : value) {
		if (c == '\\' || c == '"')
			escaped += '\\';
		escaped += c == '\n' ? ' ' : c;
	}
	return escaped;
}

void put_head(Out out, std::string_view name, std::string_view help)
{
	fmt::format_to(out, "# HELP raid1wb_{0} {1}\n# TYPE raid1wb_{0} {2}\n", name, help,
		       name.ends_with("_total") ? "counter" : "gauge");
}

std::string label(const Array &array)
{
	return fmt::format("array=\"{}\"", escape(array.name));
}

std::string label(const Array &array, const Member &member)
{
	return fmt::format("{},slot=\"{}\",device=\"{}\"", label(array), member.slot, escape(member.device));
}

template<typename Of> struct Metric {
	std::string_view name;
	std::string_view help;
	std::function<double(const Of &)> value;
};

double seconds(Milliseconds time)
{
	return time.count() / 1000.0;
}

const Metric<Array> array_metrics[] = {
	{"slots", "Members that the array should have", [](auto &a) { return a.slots; }},
	{"members", "Members that are in sync, be they behind or not", [](auto &a) { return a.working(); }},
	{"lag_seconds", "Age of the oldest acknowledged write that a member lacks", [](auto &a) { return seconds(a.lag); }},
	{"backlog_writes", "Writes that have gone behind and that a member lacks", [](auto &a) { return a.backlog_writes; }},
	{"backlog_bytes", "Memory of their copies", [](auto &a) { return a.backlog_bytes; }},
	{"limit_writes", "How many writes may be in the backlog", [](auto &a) { return a.limit_writes; }},
	{"limit_bytes", "How much memory their copies may take", [](auto &a) { return a.limit_bytes; }},
	{"behind_writes_total", "Writes that went behind", [](auto &a) { return a.behind_writes; }},
	{"dropped_writes_total", "Writes that a member was spared, as newer ones covered them",
	 [](auto &a) { return a.dropped_writes; }},
};

const Metric<Member> member_metrics[] = {
	{"member_lag_seconds", "Age of the oldest acknowledged write that the member lacks",
	 [](auto &m) { return seconds(m.lag); }},
	{"member_max_lag_seconds", "High-water mark of that", [](auto &m) { return seconds(m.max_lag); }},
	{"member_backlog_writes", "Writes that have gone behind and that the member lacks",
	 [](auto &m) { return m.backlog_writes; }},
	{"member_backlog_bytes", "Their data", [](auto &m) { return m.backlog_bytes; }},
	{"member_behind_writes_total", "Writes that went behind to the member", [](auto &m) { return m.behind_writes; }},
	{"member_behind_bytes_total", "Their data", [](auto &m) { return m.behind_bytes; }},
	{"member_dropped_writes_total", "Of these, how many the member was spared",
	 [](auto &m) { return m.dropped_writes; }},
};

void put_arrays(Out out, const Sample &sample)
{
	for (const auto &metric : array_metrics) {
		put_head(out, metric.name, metric.help);
		for (const auto &array : sample.arrays)
			fmt::format_to(out, "raid1wb_{}{{{}}} {}\n", metric.name, label(array), metric.value(array));
	}
	put_head(out, "waited_writes_total", "Writes that waited for all members, by reason");
	for (const auto &array : sample.arrays)
		for (const auto &[reason, writes] : array.waited)
			fmt::format_to(out, "raid1wb_waited_writes_total{{{},reason=\"{}\"}} {}\n", label(array),
				       escape(reason), writes);
	put_head(out, "catch_up_ratio", "How much of a resync, recovery or check is done, while there is one");
	for (const auto &array : sample.arrays)
		if (array.catch_up)
			fmt::format_to(out, "raid1wb_catch_up_ratio{{{},action=\"{}\"}} {}\n", label(array),
				       escape(array.catch_up->action), array.catch_up->done());
}

void put_members(Out out, const Sample &sample)
{
	for (const auto &metric : member_metrics) {
		put_head(out, metric.name, metric.help);
		for (const auto &array : sample.arrays)
			for (const auto &member : array.members)
				fmt::format_to(out, "raid1wb_{}{{{}}} {}\n", metric.name, label(array, member),
					       metric.value(member));
	}
	put_head(out, "member_state", "1 for the state that the member is in");
	for (const auto &array : sample.arrays)
		for (const auto &member : array.members)
			fmt::format_to(out, "raid1wb_member_state{{{},state=\"{}\"}} 1\n", label(array, member),
				       escape(member.state));
}

} // namespace

std::string make_prometheus(const Sample &sample)
{
	std::string text;
	Out out{text};
	put_head(out, "loaded", "Is raid1wb there?");
	fmt::format_to(out, "raid1wb_loaded {}\n", sample.loaded ? 1 : 0);
	if (sample.arrays.empty())
		return text;
	put_arrays(out, sample);
	put_members(out, sample);
	return text;
}

} // namespace wbstat
