#include "crashcheck/assembly.h"

#include <algorithm>
#include <set>

namespace crashcheck {

bool denies(const MdSuper &one, const MdSuper &other)
{
	return !is_slot(one.role_of(other.device_number));
}

// mdadm leaves out who takes the freshest for failed: who has no member in its slot. One that does not know a replacement
// yet has the member that is being replaced.
static bool leaves_empty(const MdSuper &super, Role slot)
{
	return std::find(super.roles.begin(), super.roles.end(), slot) == super.roles.end();
}

Assembly::Assembly(const Metadata &metadata, const std::vector<std::size_t> &list)
{
	for (const std::size_t member : list)
		if (const MdSuper *super = metadata.members[member].super; super && metadata.members[member].bad_blocks)
			members_.push_back({member, super, Standing::left_out});
	find_freshest();
	if (!array_) {
		failure_ = Failure::no_superblock;
		return;
	}
	for (AssembledMember &member : members_)
		member.standing = standing_of(*member.super);
	if (array_->reshaping)
		failure_ = Failure::reshape;
	else if (in_sync() == 0)
		failure_ = Failure::no_leg;
}

// The first in the list that has most events. A spare does not count.
void Assembly::find_freshest()
{
	for (const AssembledMember &member : members_)
		if (is_slot(member.super->own_role()) && (!array_ || member.super->events > array_->events))
			array_ = member.super;
}

Role Assembly::role_of(const MdSuper &super) const
{
	return super.events < array_->events ? array_->role_of(super.device_number) : super.own_role();
}

Standing Assembly::standing_of(const MdSuper &super) const
{
	if (super.set_uuid != array_->set_uuid || super.level != array_->level)
		return Standing::left_out;
	if (!is_slot(super.own_role()))
		return Standing::left_out;
	// Both mdadm and md let one event pass.
	if (super.events + 1 < array_->events)
		return Standing::left_out;
	if (&super != array_ && leaves_empty(super, array_->own_role()))
		return Standing::left_out;
	const Role role = role_of(super);
	if (!is_slot(role) || static_cast<std::uint16_t>(role) >= array_->raid_disks)
		return Standing::left_out;
	return super.recovery_offset ? Standing::recovering : Standing::in_sync;
}

std::size_t Assembly::in_sync() const
{
	return std::count_if(members_.begin(), members_.end(),
			     [](const AssembledMember &member) { return member.standing == Standing::in_sync; });
}

std::size_t Assembly::slots_in_sync() const
{
	std::set<Role> slots;
	for (const AssembledMember &member : members_)
		if (member.standing == Standing::in_sync)
			slots.insert(role_of(*member.super));
	return slots.size();
}

std::optional<BitmapPlace> Assembly::bitmap() const
{
	if (!array_->bitmap_offset)
		return std::nullopt;
	return BitmapPlace{*array_->bitmap_offset, array_->size};
}

const AssembledMember *Assembly::leg(std::size_t member) const
{
	const auto found = std::find_if(members_.begin(), members_.end(),
					[&](const AssembledMember &other) { return other.member == member; });
	return found == members_.end() || found->standing == Standing::left_out ? nullptr : &*found;
}

} // namespace crashcheck
