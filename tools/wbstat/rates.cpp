// SPDX-License-Identifier: GPL-2.0
#include "rates.h"

#include <algorithm>

namespace wbstat {
namespace {

// Read one after the other, the numbers need not match: what was dropped may be counted already, but not as accepted.
std::uint64_t less(std::uint64_t from, std::uint64_t what)
{
	return from - std::min(from, what);
}

std::uint64_t arrived_writes(const Member &member)
{
	return less(less(member.behind_writes, member.backlog_writes), member.dropped_writes);
}

std::uint64_t arrived_bytes(const Member &member)
{
	return less(member.behind_bytes, member.backlog_bytes);
}

} // namespace

std::optional<MemberRates> rates(const Member &before, const Member &now, Seconds elapsed)
{
	if (elapsed <= Seconds{0} || now.device != before.device || now.behind_writes < before.behind_writes ||
	    now.dropped_writes < before.dropped_writes)
		return std::nullopt;
	const auto rate = [&](std::uint64_t from, std::uint64_t to) { return less(to, from) / elapsed.count(); };
	MemberRates result{
		.behind_writes = rate(before.behind_writes, now.behind_writes),
		.behind_bytes = rate(before.behind_bytes, now.behind_bytes),
		.arrived_writes = rate(arrived_writes(before), arrived_writes(now)),
		.arrived_bytes = rate(arrived_bytes(before), arrived_bytes(now)),
		.dropped_writes = rate(before.dropped_writes, now.dropped_writes),
		.drained = std::nullopt,
	};
	if (now.backlog_writes < before.backlog_writes)
		result.drained = elapsed * (static_cast<double>(now.backlog_writes) /
					    (before.backlog_writes - now.backlog_writes));
	return result;
}

const Member *find_member(const Sample *sample, const Array &array, const Member &member)
{
	const auto earlier = sample ? sample->find(array.name) : nullptr;
	if (!earlier)
		return nullptr;
	const auto same = std::ranges::find(earlier->members, member.slot, &Member::slot);
	return same == earlier->members.end() ? nullptr : &*same;
}

} // namespace wbstat
