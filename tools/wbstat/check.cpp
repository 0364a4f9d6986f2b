// SPDX-License-Identifier: GPL-2.0
#include "check.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "table.h"
#include "units.h"

namespace wbstat {
namespace {

// Bad news that is certain comes first.
int rank(Status status)
{
	return status == Status::critical ? 4 : static_cast<int>(status);
}

class Findings {
public:
	void add(Status status, std::string text)
	{
		findings_.push_back({status, std::move(text)});
	}

	// Against two limits; what is at one of them is not beyond it.
	template<typename T>
	void compare(const T &value, const std::optional<T> &warn, const std::optional<T> &max, const std::string &text)
	{
		if (max && value > *max)
			add(Status::critical, text);
		else if (warn && value > *warn)
			add(Status::warning, text);
	}

	void measure(const std::string &label, const std::string &value, const std::string &warn, const std::string &max)
	{
		data_.push_back(fmt::format("{}={};{};{};0", label, value, warn, max));
	}

	Verdict verdict(const std::string &otherwise)
	{
		constexpr std::array names{"OK", "WARNING", "CRITICAL", "UNKNOWN"};
		std::ranges::stable_sort(findings_, std::ranges::greater{},
					 [](const auto &finding) { return rank(finding.status); });
		std::vector<std::string> texts;
		for (const auto &finding : findings_)
			texts.push_back(finding.text);
		const auto status = findings_.empty() ? Status::ok : findings_.front().status;
		auto line = fmt::format("RAID1WB {} - {}", names[static_cast<int>(status)],
					texts.empty() ? otherwise : fmt::format("{}", fmt::join(texts, "; ")));
		if (!data_.empty())
			line += fmt::format(" | {}", fmt::join(data_, " "));
		return {status, line};
	}

private:
	struct Finding {
		Status status;
		std::string text;
	};
	std::vector<Finding> findings_;
	std::vector<std::string> data_;
};

std::string in_seconds(const std::optional<Milliseconds> &time)
{
	return time ? fmt::format("{:g}", time->count() / 1000.0) : "";
}

std::string in_writes(const std::optional<std::uint64_t> &writes)
{
	return writes ? fmt::format("{}", *writes) : "";
}

void look_at(Findings &findings, const Array &array, const Member &member, const Limits &limits)
{
	const auto who = fmt::format("{}: {}", array.name, member.device);
	if (member.has_failed()) {
		findings.add(Status::critical, who + " has failed");
		return;
	}
	if (member.state == "recovering")
		findings.add(Status::warning, who + " is recovering");
	if (!member.is_behind())
		return;
	findings.compare(member.lag, limits.warn_lag, limits.max_lag, fmt::format("{} lags {}", who, format_lag(member.lag)));
	findings.compare(member.backlog_writes, limits.warn_backlog, limits.max_backlog,
			 fmt::format("{} lacks {} writes", who, member.backlog_writes));
	const auto label = fmt::format("{}_slot{}", array.name, member.slot);
	findings.measure(label + "_lag", in_seconds(member.lag) + "s", in_seconds(limits.warn_lag),
			 in_seconds(limits.max_lag));
	findings.measure(label + "_backlog", in_writes(member.backlog_writes), in_writes(limits.warn_backlog),
			 in_writes(limits.max_backlog));
}

void look_at(Findings &findings, const Array &array, const Limits &limits)
{
	for (const auto slot : array.missing_slots())
		findings.add(Status::critical, fmt::format("{}: nobody in slot {}", array.name, slot));
	if (array.catch_up && array.catch_up->is_needed())
		findings.add(Status::warning, fmt::format("{}: {} at {:.1f} %", array.name, array.catch_up->action,
							  array.catch_up->done() * 100));
	for (const auto &member : array.members)
		look_at(findings, array, member, limits);
}

std::string summary(const Sample &sample)
{
	std::vector<std::string> texts;
	for (const auto &array : sample.arrays)
		texts.push_back(fmt::format("{}: {} members, lag {}, backlog {} writes", array.name, array.working(),
					    format_lag(array.lag), array.backlog_writes));
	return fmt::format("{}", fmt::join(texts, "; "));
}

} // namespace

Verdict check(const Sample &sample, const std::vector<std::string> &names, const Limits &limits)
{
	Findings findings;
	const auto nothing = why_nothing(sample, names);
	if (!nothing.empty())
		findings.add(Status::unknown, nothing);
	for (const auto &name : names)
		if (nothing.empty() && !sample.find(name))
			findings.add(Status::unknown, fmt::format("raid1wb does not run {}", name));
	for (const auto &array : sample.arrays)
		look_at(findings, array, limits);
	return findings.verdict(summary(sample));
}

} // namespace wbstat
