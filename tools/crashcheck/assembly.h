// Which array mdadm and md make of the members that are there: mdadm 4.2's Assemble.c, md 6.12's analyze_sbs() and
// super_1_validate().
#pragma once

#include "crashcheck/metadata.h"

#include <optional>
#include <vector>

namespace crashcheck {

enum class Standing {
	in_sync,
	recovering, // all or part of it is to be copied from the others
	left_out,   // faulty, spare, too old: not a leg of the array
};

struct AssembledMember {
	std::size_t member = 0;
	const MdSuper *super = nullptr;
	Standing standing = Standing::left_out;
};

enum class Failure {
	none,
	no_superblock, // on no member
	no_leg,        // none is in sync
	reshape,       // not looked into
};

class Assembly {
public:
	// `list`: the members that are there, in the order in which md has them in its list.
	Assembly(const Metadata &metadata, const std::vector<std::size_t> &list);

	Failure failure() const { return failure_; }
	bool runs() const { return failure_ == Failure::none; }

	// The superblock that tells about the array.
	const MdSuper &array() const { return *array_; }
	const std::vector<AssembledMember> &members() const { return members_; }
	std::size_t in_sync() const;
	// A member and its replacement may both be in sync: they have one slot.
	bool is_degraded() const { return slots_in_sync() < array_->raid_disks; }
	std::optional<BitmapPlace> bitmap() const;
	// Is the member a leg of it, in sync or not?
	const AssembledMember *leg(std::size_t member) const;

private:
	void find_freshest();
	Role role_of(const MdSuper &super) const;
	Standing standing_of(const MdSuper &super) const;
	std::size_t slots_in_sync() const;

	std::vector<AssembledMember> members_;
	const MdSuper *array_ = nullptr;
	Failure failure_ = Failure::none;
};

// Does the one's superblock say that the other is no leg of the array?
bool denies(const MdSuper &one, const MdSuper &other);

} // namespace crashcheck
