// SPDX-License-Identifier: GPL-2.0
#include "table.h"

#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "units.h"

namespace wbstat {
namespace {

using Out = std::back_insert_iterator<std::string>;

void put_array(Out out, const Array &array)
{
	fmt::format_to(out, "{}: {}, {} of {} members, backlog {} of {} writes, {} of {}, lag {}\n", array.name, array.state,
		       array.working(), array.slots, array.backlog_writes, array.limit_writes,
		       format_bytes(array.backlog_bytes), format_bytes(array.limit_bytes), format_lag(array.lag));
	if (!array.all_waited())
		return;
	fmt::format_to(out, "  {} writes waited for all members:", array.all_waited());
	for (const auto &[reason, writes] : array.waited)
		if (writes)
			fmt::format_to(out, " {} {}", reason, writes);
	fmt::format_to(out, "\n");
}

void put_catch_up(Out out, const CatchUp &catch_up)
{
	if (!catch_up.all_sectors) {
		fmt::format_to(out, "  {}: not begun\n", catch_up.action);
		return;
	}
	fmt::format_to(out, "  {}: {:.1f} %, {}/s", catch_up.action, catch_up.done() * 100,
		       format_bytes(catch_up.kib_per_second * 1024.0));
	if (const auto left = catch_up.left())
		fmt::format_to(out, ", {} left", format_time(*left));
	fmt::format_to(out, "\n");
}

void put_rates(Out out, const MemberRates &rates)
{
	fmt::format_to(out, "{:>9.1f}{:>9.1f}{:>11.1f}{:>14}", rates.behind_writes, rates.arrived_writes, rates.dropped_writes,
		       format_bytes(rates.arrived_bytes) + "/s");
	if (rates.drained)
		fmt::format_to(out, "{:>13}",
			       format_time(std::chrono::ceil<std::chrono::seconds>(*rates.drained)));
}

void put_member(Out out, const Member &member, const std::optional<MemberRates> &rates)
{
	fmt::format_to(out, "  {:>4}  {:<14}", member.slot, member.device);
	if (!member.is_behind()) {
		fmt::format_to(out, "{}\n", member.state);
		return;
	}
	fmt::format_to(out, "{:<12}{:>8}{:>12}{:>10}", member.state, member.backlog_writes, format_bytes(member.backlog_bytes),
		       format_lag(member.lag));
	if (rates)
		put_rates(out, *rates);
	fmt::format_to(out, "\n");
}

} // namespace

std::string make_table(const Sample &sample, const Sample *earlier, Seconds elapsed)
{
	std::string text;
	Out out{text};
	for (const auto &array : sample.arrays) {
		put_array(out, array);
		if (array.catch_up)
			put_catch_up(out, *array.catch_up);
		fmt::format_to(out, "  {:>4}  {:<14}{:<12}{:>8}{:>12}{:>10}", "slot", "device", "state", "backlog", "bytes", "lag");
		if (earlier)
			fmt::format_to(out, "{:>9}{:>9}{:>11}{:>14}{:>13}", "in/s", "out/s", "dropped/s", "data", "drained in");
		fmt::format_to(out, "\n");
		for (const auto &member : array.members) {
			const auto before = find_member(earlier, array, member);
			put_member(out, member, before ? rates(*before, member, elapsed) : std::nullopt);
		}
		for (const auto slot : array.missing_slots())
			fmt::format_to(out, "  {:>4}  {:<14}missing\n", slot, "-");
	}
	return text;
}

std::string why_nothing(const Sample &sample, const std::vector<std::string> &names)
{
	if (!sample.arrays.empty())
		return {};
	if (!sample.loaded)
		return "raid1wb is not loaded";
	if (!names.empty())
		return fmt::format("raid1wb does not run {}", fmt::join(names, ", "));
	return "raid1wb runs no array";
}

} // namespace wbstat
