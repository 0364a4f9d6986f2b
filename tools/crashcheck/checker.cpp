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

bool Checker::is_array(const Choices &choices)
{
	const Demands &all = demands(choices);
	return all.no_array.empty() && all.whole_members > 0;
}

bool Checker::is_whole(const Choices &choices)
{
	return is_array(choices) && demands(choices).is_whole;
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
		if (const auto broken = promises_.broken(member, contents_[member.member], choices, bad_blocks(member.member)))
			violations_.push_back({Check::promise, fmt::format("member {}", member.member), broken->text(), {},
					       {broken->sector.count, broken->sector.count + 1}});
	if (const auto sector = lost(all))
		violations_.push_back({Check::kept, "",
				       fmt::format("array sector {} was flushed, but is bad on all members that have to hold it, "
						   "and on no other one",
						   *sector),
				       {},
				       {*sector, *sector + 1}});
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

bool Checker::is_bad(const SyncMember &member, std::uint64_t sector) const
{
	return is_among(bad_blocks(member.member), member.data_offset + lab::Sectors{sector});
}

// Does some member hold what was promised of a sector?
bool Checker::is_kept(std::uint64_t sector, const Demands &all)
{
	return std::any_of(all.members.begin(), all.members.end(), [&](const SyncMember &member) {
		return sector < member.size.count && !is_bad(member, sector) &&
		       !promises_.look(member, sector, contents_[member.member]);
	});
}

// A sector that was promised, and that no member has any more: it is bad on all that have to have it. (If it is on
// one of them, is looked at elsewhere.)
std::optional<std::uint64_t> Checker::lost(const Demands &all)
{
	if (all.sync_members.empty())
		return std::nullopt;
	const SyncMember &first = all.sync_members.front();
	const auto &promised = promises_.promises().sectors();
	const auto is_bad_here = [&](std::uint64_t sector) {
		return std::all_of(all.sync_members.begin(), all.sync_members.end(),
				   [&](const SyncMember &member) { return is_bad(member, sector); });
	};
	for (const BadBlocks &blocks : bad_blocks(first.member)) {
		const std::uint64_t begin = std::max(blocks.begin, first.data_offset).count - first.data_offset.count;
		const std::uint64_t end = std::max(blocks.end, first.data_offset).count - first.data_offset.count;
		for (auto at = promised.lower_bound(begin); at != promised.end() && at->first < end; ++at)
			if (is_bad_here(at->first) && !is_kept(at->first, all))
				return at->first;
	}
	return std::nullopt;
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
		return hashes_a_[i] != hashes_b_[i] &&
		       !is_among(bad_blocks(pair.a), pair.offset_a + lab::Sectors{sector}) &&
		       !is_among(bad_blocks(pair.b), pair.offset_b + lab::Sectors{sector});
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
		if (checker.is_whole(nothing))
			return moment;
		if (checker.is_array(nothing))
			first = std::min(first, moment);
	}
	return first;
}

} // namespace crashcheck
