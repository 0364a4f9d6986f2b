// SPDX-License-Identifier: GPL-2.0
#include "sample.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace wbstat {
namespace {

constexpr std::string_view waited = "waited_";

std::optional<unsigned> slot_of(std::string_view name)
{
	constexpr std::string_view prefix = "slot";
	unsigned slot = 0;
	if (!name.starts_with(prefix))
		return std::nullopt;
	name.remove_prefix(prefix.size());
	const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), slot);
	if (error != std::errc{} || stop != name.data() + name.size())
		return std::nullopt;
	return slot;
}

std::optional<Member> read_member(const Tree &tree, unsigned slot)
{
	const auto device = tree.text("device"), state = tree.text("state");
	if (!device || !state)
		return std::nullopt;
	const auto number = [&](std::string_view name) { return tree.number(name).value_or(0); };
	return Member{
		.slot = slot,
		.device = *device,
		.state = *state,
		.lag = Milliseconds{number("lag_ms")},
		.max_lag = Milliseconds{number("max_lag_ms")},
		.backlog_writes = number("backlog_writes"),
		.backlog_bytes = number("backlog_bytes"),
		.behind_writes = number("behind_writes"),
		.behind_bytes = number("behind_bytes"),
		.dropped_writes = number("dropped_writes"),
		.max_backlog_writes = number("max_backlog_writes"),
		.max_backlog_bytes = number("max_backlog_bytes"),
	};
}

std::optional<CatchUp> read_catch_up(const Tree &md)
{
	const auto action = md.text("sync_action").value_or("idle");
	if (action == "idle" || action == "frozen")
		return std::nullopt;
	CatchUp catch_up{.action = action};
	unsigned long long done = 0, all = 0;
	// "none" and "delayed" before it begins
	if (std::sscanf(md.text("sync_completed").value_or("").c_str(), "%llu / %llu", &done, &all) == 2) {
		catch_up.done_sectors = done;
		catch_up.all_sectors = all;
	}
	catch_up.kib_per_second = md.number("sync_speed").value_or(0);
	return catch_up;
}

std::optional<Array> read_array(const Tree &md, const std::string &name)
{
	const auto tree = md.at("write_behind");
	if (!tree.number("backlog_writes"))
		return std::nullopt;
	const auto number = [&](std::string_view attribute) { return tree.number(attribute).value_or(0); };
	Array array{
		.name = name,
		.state = md.text("array_state").value_or("unknown"),
		.slots = static_cast<unsigned>(md.number("raid_disks").value_or(0)),
		.backlog_writes = number("backlog_writes"),
		.backlog_bytes = number("backlog_bytes"),
		.limit_writes = number("limit_writes"),
		.limit_bytes = number("limit_bytes"),
		.behind_writes = number("behind_writes"),
		.dropped_writes = number("dropped_writes"),
		.max_backlog_writes = number("max_backlog_writes"),
		.max_backlog_bytes = number("max_backlog_bytes"),
		.lag = Milliseconds{number("lag_ms")},
		.waited = {},
		.catch_up = read_catch_up(md),
		.members = {},
	};
	for (const auto &entry : tree.names()) {
		if (entry.starts_with(waited))
			array.waited[entry.substr(waited.size())] = number(entry);
		if (const auto slot = slot_of(entry))
			if (const auto member = read_member(tree.at(entry), *slot))
				array.members.push_back(*member);
	}
	std::ranges::sort(array.members, {}, &Member::slot);
	return array;
}

} // namespace

std::optional<std::chrono::seconds> CatchUp::left() const
{
	if (!kib_per_second || !all_sectors)
		return std::nullopt;
	return std::chrono::seconds{(all_sectors - std::min(done_sectors, all_sectors)) / 2 / kib_per_second};
}

std::uint64_t Array::all_waited() const
{
	std::uint64_t sum = 0;
	for (const auto &[reason, writes] : waited)
		sum += writes;
	return sum;
}

unsigned Array::working() const
{
	return std::ranges::count_if(members, [](const auto &member) {
		return member.state == "sync" || member.state == "behind";
	});
}

std::vector<unsigned> Array::missing_slots() const
{
	std::vector<unsigned> missing;
	for (unsigned slot = 0; slot < slots; slot++)
		if (std::ranges::find(members, slot, &Member::slot) == members.end())
			missing.push_back(slot);
	return missing;
}

const Array *Sample::find(std::string_view name) const
{
	const auto array = std::ranges::find(arrays, name, &Array::name);
	return array == arrays.end() ? nullptr : &*array;
}

Sample take_sample(const Tree &sysfs, const std::vector<std::string> &names)
{
	Sample sample{.loaded = sysfs.at("module/md_raid1wb").exists(), .arrays = {}};
	const auto block = sysfs.at("block");
	for (const auto &name : block.names()) {
		const auto array = read_array(block.at(name).at("md"), name);
		if (!array)
			continue;
		// built into the kernel, it has no directory of a module
		sample.loaded = true;
		if (names.empty() || std::ranges::find(names, name) != names.end())
			sample.arrays.push_back(*array);
	}
	return sample;
}

} // namespace wbstat
