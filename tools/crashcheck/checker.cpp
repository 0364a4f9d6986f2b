#include "crashcheck/checker.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "crashcheck/layout.h"

namespace crashcheck {
namespace {

std::string name_of_copy(const Demand &demand, const Scenario &scenario)
{
	if (!demand.copy)
		return scenario.trust.copy ? fmt::format("no bit of member {} believed", scenario.trust.member) : "no bitmap";
	return fmt::format("the bitmap of member {} believed", scenario.trust.member);
}

std::string names_of(const std::vector<const TrustRule *> &rules)
{
	std::string names;
	for (const TrustRule *rule : rules)
		names += (names.empty() ? "" : " and ") + std::string(rule->name());
	return names + (rules.size() > 1 ? " rules" : " rule");
}

Rules any_rule()
{
	Rules rules;
	rules.push_back(std::make_unique<KernelRule>());
	return rules;
}

} // namespace

Checker::Checker(Walker &walker, Rules rules, Moment established)
	: walker_(walker), legs_(walker), promises_(walker), reader_(walker.history()), maker_(std::move(rules)),
	  established_(established)
{
}

Contents Checker::contents(std::size_t member, const Choices &choices) const
{
	return {walker_.history(), walker_.medium(member), choices, walker_.cut()};
}

const Demands &Checker::demands(const Choices &choices)
{
	if (reader_.forget())
		maker_.forget();
	contents_.clear();
	for (std::size_t member = 0; member < walker_.members(); member++)
		contents_.push_back(contents(member, choices));
	reader_.read(contents_, metadata_);
	return maker_.demands(metadata_);
}

std::size_t Checker::legs(const Choices &choices)
{
	const Demands &all = demands(choices);
	return all.no_array.empty() ? all.whole_members : 0;
}

const std::vector<Violation> &Checker::check(const Choices &choices)
{
	const Demands &all = demands(choices);
	violations_.clear();
	if (!all.no_array.empty() && walker_.cut() >= established_)
		violations_.push_back({Check::array, "", "there is no array any more: " + all.no_array, {}, {}});
	for (const Demand &demand : all.demands)
		look(demand, all);
	for (const SyncMember &member : all.sync_members)
		if (const auto broken = promises_.broken(member, contents_[member.member], choices);
		    broken && !is_bad(member.member, member.data_offset.count + broken->sector.count))
			violations_.push_back({Check::promise, fmt::format("member {}", member.member), broken->text(), {},
					       {broken->sector.count, broken->sector.count + 1}});
	return violations_;
}

void Checker::look(const Demand &demand, const Demands &all)
{
	for (const Chunk chunk : legs_.suspects(demand.pair, demand.grid)) {
		if (demand.covers(chunk))
			continue;
		const Range sectors = difference(demand.pair, {demand.grid.begin_of(chunk).count,
							       std::min(demand.grid.end_of(chunk), demand.copied_from).count});
		if (sectors.empty())
			continue;
		const Scenario &scenario = all.scenarios[demand.scenario];
		violations_.push_back(
			{demand.check, who(demand, scenario), what(demand, scenario, sectors), demand.pair, sectors});
		return;
	}
}

bool Checker::is_bad(std::size_t member, std::uint64_t sector) const
{
	const auto &bad = *metadata_.members[member].bad_blocks;
	return std::any_of(bad.begin(), bad.end(), [&](const BadBlocks &blocks) {
		return blocks.begin.count <= sector && sector < blocks.end.count;
	});
}

// The first sectors in the range that differ. What a member cannot read makes no difference.
Range Checker::difference(const LegPair &pair, Range sectors)
{
	hashes_a_.resize(sectors.sectors());
	hashes_b_.resize(sectors.sectors());
	contents_[pair.a].hashes(pair.offset_a.count + sectors.begin, hashes_a_);
	contents_[pair.b].hashes(pair.offset_b.count + sectors.begin, hashes_b_);
	const auto differs = [&](std::uint64_t i) {
		const std::uint64_t sector = sectors.begin + i;
		return hashes_a_[i] != hashes_b_[i] && !is_bad(pair.a, pair.offset_a.count + sector) &&
		       !is_bad(pair.b, pair.offset_b.count + sector);
	};
	std::uint64_t first = 0;
	while (first < sectors.sectors() && !differs(first))
		first++;
	std::uint64_t last = first;
	while (last < sectors.sectors() && differs(last))
		last++;
	return {sectors.begin + first, sectors.begin + last};
}

std::string Checker::who(const Demand &demand, const Scenario &scenario) const
{
	if (demand.check == Check::clean)
		return fmt::format("members {} and {}", demand.pair.a, demand.pair.b);
	return fmt::format("{}, members {}, {}", names_of(demand.rules), fmt::join(scenario.list, ","),
			   name_of_copy(demand, scenario));
}

std::string Checker::what(const Demand &demand, const Scenario &scenario, Range sectors) const
{
	const Chunk chunk = demand.grid.chunk_of({sectors.begin});
	std::string text = fmt::format("members {} and {} differ in array sectors {}..{}", demand.pair.a, demand.pair.b,
				       sectors.begin, sectors.end - 1);
	if (demand.check == Check::clean)
		return text + ", but the superblock says that they are in sync there";
	text += fmt::format(", chunk {} of {} KiB, ", static_cast<std::uint64_t>(chunk),
			    demand.grid.chunk_sectors().bytes().count / 1024);
	if (demand.copy)
		text += fmt::format("but its bit is not set on the copy of member {}", scenario.trust.member);
	else if (scenario.trust.verdict == Trust::Verdict::bits || scenario.trust.verdict == Trust::Verdict::all)
		text += fmt::format("but the bits on the copy of member {} count for nothing", scenario.trust.member);
	else
		text += "and no bitmap tells of it";
	text += fmt::format(", which is believed by {} with members {}", names_of(demand.rules),
			    fmt::join(scenario.list, ","));
	if (demand.check == Check::recovery)
		return text + "; the member that is being rebuilt would keep that";
	if (demand.check == Check::readd || demand.check == Check::drop)
		return text + fmt::format("; member {}, added again, would keep that", demand.pair.b);
	return text;
}

std::optional<Violation> Checker::check_order(Choices &choices)
{
	const auto landed = [&](const Write &write) { return write.completed <= walker_.cut() && !write.error; };
	walker_.for_unstable(
		[&](WriteIndex index) { choices[index] = landed(walker_.write(index)) ? present : absent; });
	const Demands &all = demands(choices);
	for (const LegPair &pair : all.whole)
		for (const Chunk chunk : legs_.suspects(pair, Grid(pair.size, 65536))) {
			const Grid grid(pair.size, 65536);
			const Range sectors = difference(pair, {grid.begin_of(chunk).count, grid.end_of(chunk).count});
			if (!sectors.empty())
				return Violation{Check::order, fmt::format("members {} and {}", pair.a, pair.b),
						 fmt::format("members {} and {} differ in array sectors {}..{}, though all has landed",
							     pair.a, pair.b, sectors.begin, sectors.end - 1),
						 pair, sectors};
		}
	return std::nullopt;
}

Moment find_array(const History &history)
{
	const Layout layout(history);
	Walker walker(history);
	Checker checker(walker, any_rule(), never);
	const Choices nothing(history.writes().size());
	Moment first = never;
	for (Moment moment = 0; moment < history.end(); moment++) {
		const auto stable = history.stable_at(moment);
		if (std::none_of(stable.begin(), stable.end(),
				 [&](WriteIndex index) { return layout.area_of(history.writes()[index]) != Area::data; }))
			continue;
		walker.walk_to(moment);
		const std::size_t legs = checker.legs(nothing);
		if (legs == walker.members())
			return moment;
		if (legs > 0)
			first = std::min(first, moment);
	}
	return first;
}

} // namespace crashcheck
