#include "crashcheck/trust.h"

#include <algorithm>

namespace crashcheck {
namespace {

constexpr std::uint32_t lowest_version = 3;
constexpr std::uint32_t our_version = 4;
constexpr std::uint32_t highest_version = 5;

bool is_for(const BitmapSuper &super, const MdSuper &array)
{
	return super.magic == bitmap_magic && super.uuid == array.set_uuid && Grid::is_chunk_size(super.chunk_bytes) &&
	       super.daemon_sleep > 0;
}

} // namespace

Trust TrustRule::trust(const Assembly &assembly, const Metadata &metadata) const
{
	Trust trust;
	const std::optional<BitmapPlace> place = assembly.bitmap();
	if (!place)
		return trust;

	std::vector<Candidate> candidates;
	for (const AssembledMember &member : assembly.members())
		if (const BitmapCopy *copy = metadata.copy(member.member, *place);
		    copy && member.standing == Standing::in_sync)
			candidates.push_back({&member, copy});
	trust.verdict = Trust::Verdict::refused;
	if (candidates.empty())
		return trust;

	const Candidate best = choose(candidates);
	const BitmapSuper &super = best.copy->super();
	trust.member = best.member->member;
	trust.copy = best.copy;
	if (!is_for(super, assembly.array()))
		return trust;
	trust.verdict = judge(super, assembly);
	if (trust.verdict == Trust::Verdict::refused)
		return trust;
	trust.grid = Grid(assembly.array().size, super.chunk_bytes);
	trust.events_cleared =
		trust.verdict == Trust::Verdict::bits ? super.events_cleared : assembly.array().events;
	return trust;
}

TrustRule::Candidate KernelRule::choose(const std::vector<Candidate> &candidates) const
{
	return candidates.front();
}

Trust::Verdict KernelRule::judge(const BitmapSuper &super, const Assembly &assembly) const
{
	if (super.version < lowest_version || super.version > highest_version)
		return Trust::Verdict::refused;
	if (super.events < assembly.array().events || (super.state & bitmap_stale))
		return Trust::Verdict::all;
	return Trust::Verdict::bits;
}

TrustRule::Candidate OurRule::choose(const std::vector<Candidate> &candidates) const
{
	const auto rank = [](const Candidate &candidate) {
		const bool asleep = candidate.copy->super().events == bitmap_asleep;
		return std::pair(asleep, candidate.member->super->write_mostly);
	};
	return *std::min_element(candidates.begin(), candidates.end(),
				 [&](const Candidate &a, const Candidate &b) { return rank(a) < rank(b); });
}

Trust::Verdict OurRule::judge(const BitmapSuper &super, const Assembly &assembly) const
{
	const MdSuper &array = assembly.array();
	if (super.version != our_version)
		return Trust::Verdict::refused;
	if (!super.events && !super.events_cleared && !super.state)
		return array.is_clean() && !assembly.is_degraded() ? Trust::Verdict::nothing : Trust::Verdict::all;
	if (super.state || super.events < array.events || super.sync_size < array.size)
		return Trust::Verdict::all;
	return Trust::Verdict::bits;
}

} // namespace crashcheck
