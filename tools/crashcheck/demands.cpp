#include "crashcheck/demands.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crashcheck {
namespace {

constexpr std::uint32_t grid_without_bitmap = 65536;
constexpr std::size_t most_permuted = 4; // members, all of whose orders are looked at

std::size_t mixed(std::size_t seed, const void *pointer)
{
	return (seed ^ reinterpret_cast<std::uintptr_t>(pointer)) * 0x9fb21c651e98df25;
}

std::size_t key_of(const Metadata &metadata)
{
	std::size_t key = metadata.places.size();
	for (const MemberMetadata &member : metadata.members) {
		key = mixed(mixed(key, member.super), member.bad_blocks);
		for (const BitmapCopy *copy : member.copies)
			key = mixed(key, copy);
	}
	return key;
}

// All that may be there, in all orders.
std::vector<std::vector<std::size_t>> lists_of(std::size_t members)
{
	std::vector<std::vector<std::size_t>> lists;
	for (std::uint32_t set = 1; set < 1U << members; set++) {
		std::vector<std::size_t> list;
		for (std::size_t member = 0; member < members; member++)
			if (set >> member & 1)
				list.push_back(member);
		if (list.size() > most_permuted) {
			for (std::size_t i = 0; i < list.size(); i++, std::rotate(list.begin(), list.begin() + 1, list.end()))
				lists.push_back(list);
			continue;
		}
		do
			lists.push_back(list);
		while (std::next_permutation(list.begin(), list.end()));
	}
	return lists;
}

std::string_view word_for(Failure failure)
{
	switch (failure) {
	case Failure::no_superblock:
		return "no member has a superblock";
	case Failure::no_leg:
		return "no member is in sync";
	case Failure::reshape:
	case Failure::none:
		break;
	}
	return "";
}

} // namespace

std::string_view name_of(Check check)
{
	constexpr std::array<std::string_view, checks> names{"bit",   "clean",   "recovery", "re-add",
							     "array", "promise", "order",    "kept", "drop"};
	return names[static_cast<std::size_t>(check)];
}

std::string_view invariants_of(Check check)
{
	constexpr std::array<std::string_view, checks> names{"I1 I2 I10", "I9", "I11", "I10 I11", "",
								    "I8",	 "I4", "I3",  "I10 F11"};
	return names[static_cast<std::size_t>(check)];
}

bool Demand::is_same(const Demand &other) const
{
	return check == other.check && pair == other.pair && copy == other.copy && grid == other.grid &&
	       copied_from == other.copied_from;
}

// The demands of one set of metadata.
class DemandMaker::Maker {
public:
	Maker(const Metadata &metadata, const Rules &rules) : metadata_(metadata), rules_(rules) {}

	Demands make()
	{
		for (const std::vector<std::size_t> &list : lists_of(metadata_.members.size())) {
			const Assembly assembly(metadata_, list);
			if (!assembly.runs())
				no_assembly(assembly, list);
			else
				for (const auto &rule : rules_)
					scenario(assembly, list, *rule);
		}
		if (!no_leg_.empty())
			no_whole();
		return std::move(out_);
	}

private:
	bool is_whole(const std::vector<std::size_t> &list) const { return list.size() == metadata_.members.size(); }

	void no_assembly(const Assembly &assembly, const std::vector<std::size_t> &list)
	{
		if (is_whole(list) && no_leg_.empty())
			no_leg_ = word_for(assembly.failure());
	}

	// md writes all superblocks at once. When a member is taken back, it may be the first to say so: then mdadm believes
	// it that the others are older, and there is no array until it is left out. Those who run then must hold everything.
	void no_whole()
	{
		std::size_t most = 0;
		for (const Scenario &scenario : out_.scenarios)
			most = std::max(most, scenario.list.size());
		if (most == 0 && out_.no_array.empty())
			out_.no_array = no_leg_;
		for (const Scenario &scenario : out_.scenarios)
			if (scenario.list.size() == most)
				sync_members(Assembly(metadata_, scenario.list), scenario.trust);
	}

	void scenario(const Assembly &assembly, const std::vector<std::size_t> &list, const TrustRule &rule)
	{
		const Trust trust = rule.trust(assembly, metadata_);
		if (trust.verdict == Trust::Verdict::refused) {
			out_.no_array = fmt::format("the bitmap of member {} is refused by {} rule", trust.member, rule.name());
			return;
		}
		out_.scenarios.push_back({&rule, list, trust});
		resyncs(assembly, trust);
		recoveries(assembly, trust);
		readds(assembly, trust, rule);
		if (is_whole(list)) {
			sync_members(assembly, trust);
			note_whole(assembly);
		}
	}

	LegPair pair_of(const Assembly &assembly, std::size_t a, std::size_t b) const
	{
		const MdSuper &super_a = *metadata_.members[a].super;
		const MdSuper &super_b = *metadata_.members[b].super;
		return {a, b, super_a.data_offset, super_b.data_offset,
			std::min({assembly.array().size, super_a.data_size, super_b.data_size})};
	}

	void add(Check check, const LegPair &pair, const Trust &trust, bool use_bits, lab::Sectors copied_from)
	{
		if (copied_from.count == 0)
			return;
		const bool bits = use_bits && trust.verdict == Trust::Verdict::bits;
		Demand demand{check, pair, bits ? trust.copy : nullptr,
			      trust.grid.value_or(Grid(pair.size, grid_without_bitmap)), copied_from,
			      out_.scenarios.size() - 1};
		auto known = std::find_if(out_.demands.begin(), out_.demands.end(),
					  [&](const Demand &other) { return other.is_same(demand); });
		if (known == out_.demands.end())
			known = out_.demands.insert(known, demand);
		const TrustRule *rule = out_.scenarios.back().rule;
		if (std::find(known->rules.begin(), known->rules.end(), rule) == known->rules.end())
			known->rules.push_back(rule);
	}

	template <typename Use> static void for_standing(const Assembly &assembly, Standing standing, Use use)
	{
		for (const AssembledMember &member : assembly.members())
			if (member.standing == standing)
				use(member);
	}

	void resyncs(const Assembly &assembly, const Trust &trust)
	{
		const bool bitmap = trust.verdict != Trust::Verdict::no_bitmap;
		for_standing(assembly, Standing::in_sync, [&](const AssembledMember &a) {
			for_standing(assembly, Standing::in_sync, [&](const AssembledMember &b) {
				if (a.member >= b.member)
					return;
				const LegPair pair = pair_of(assembly, a.member, b.member);
				add(Check::clean, pair, trust, false, assembly.array().resync_offset);
				if (bitmap && trust.verdict != Trust::Verdict::all)
					add(Check::bit, pair, trust, true, max_sector);
			});
		});
	}

	void recoveries(const Assembly &assembly, const Trust &trust)
	{
		if (trust.verdict == Trust::Verdict::all)
			return;
		for_standing(assembly, Standing::in_sync, [&](const AssembledMember &source) {
			for_standing(assembly, Standing::recovering, [&](const AssembledMember &target) {
				const bool by_bitmap =
					target.super->recovery_by_bitmap && trust.verdict != Trust::Verdict::no_bitmap;
				add(Check::recovery, pair_of(assembly, source.member, target.member), trust, true,
				    by_bitmap ? max_sector : *target.super->recovery_offset);
			});
		});
	}

	// Those that are not there, or left out, may come (back) later.
	void readds(const Assembly &assembly, const Trust &trust, const TrustRule &rule)
	{
		if (trust.verdict == Trust::Verdict::no_bitmap)
			return;
		for (std::size_t member = 0; member < metadata_.members.size(); member++)
			if (!assembly.leg(member) && is_readded(member, assembly, trust))
				for_standing(assembly, Standing::in_sync, [&](const AssembledMember &source) {
					readd(pair_of(assembly, source.member, member), assembly, trust, rule);
				});
	}

	// Would it be added again by the bitmap alone?
	bool is_readded(std::size_t member, const Assembly &assembly, const Trust &trust) const
	{
		const MdSuper *super = metadata_.members[member].super;
		const MdSuper &array = assembly.array();
		if (!super || super->set_uuid != array.set_uuid || !is_slot(super->own_role()))
			return false;
		if (super->recovery_offset && !super->recovery_by_bitmap)
			return false;
		// It went on without those that are there: then no bitmap tells what they differ in.
		if (denies(*super, array) || super->events > array.events + 1)
			return false;
		return super->events >= trust.events_cleared;
	}

	void readd(const LegPair &pair, const Assembly &assembly, const Trust &trust, const TrustRule &rule)
	{
		// bitmap_load() and raid1_run(): bits count for nothing then.
		const bool kernel_drops = rule.drops_bits() && trust.events_cleared == assembly.array().events &&
					  (assembly.in_sync() == 1 || assembly.array().is_clean());
		if (trust.verdict == Trust::Verdict::all) {
			if (kernel_drops)
				add(Check::readd, pair, trust, false, max_sector);
			return;
		}
		add(Check::readd, pair, trust, true, max_sector);
		if (kernel_drops)
			add(Check::drop, pair, trust, false, max_sector);
	}

	void sync_members(const Assembly &assembly, const Trust &trust)
	{
		const bool write_behind = trust.copy && trust.copy->super().write_behind > 0;
		const auto is_behind = [&](const AssembledMember &member) {
			return write_behind && member.super->write_mostly;
		};
		bool all = true;
		for_standing(assembly, Standing::in_sync,
			     [&](const AssembledMember &member) { all = all && is_behind(member); });
		for_standing(assembly, Standing::in_sync, [&](const AssembledMember &member) {
			const SyncMember sync{member.member, member.super->data_offset,
					      std::min(assembly.array().size, member.super->data_size)};
			note(out_.members, sync);
			if (all || !is_behind(member))
				note(out_.sync_members, sync);
		});
	}

	static void note(std::vector<SyncMember> &members, const SyncMember &member)
	{
		if (std::find(members.begin(), members.end(), member) == members.end())
			members.push_back(member);
	}

	void note_whole(const Assembly &assembly)
	{
		out_.whole_members = assembly.in_sync();
		out_.is_whole = !assembly.is_degraded();
		out_.whole.clear();
		for_standing(assembly, Standing::in_sync, [&](const AssembledMember &a) {
			for_standing(assembly, Standing::in_sync, [&](const AssembledMember &b) {
				if (a.member < b.member)
					out_.whole.push_back(pair_of(assembly, a.member, b.member));
			});
		});
	}

	const Metadata &metadata_;
	const Rules &rules_;
	Demands out_;
	std::string no_leg_; // why all of them together are no array
};

const Demands &DemandMaker::demands(const Metadata &metadata)
{
	const std::size_t key = key_of(metadata);
	const auto [begin, end] = known_.equal_range(key);
	const auto found = std::find_if(begin, end, [&](const auto &known) { return known.second->metadata == metadata; });
	if (found != end)
		return found->second->demands;
	return known_
		.emplace(key, std::make_unique<const Known>(Known{metadata, Maker(metadata, rules_).make()}))
		->second->demands;
}

} // namespace crashcheck
