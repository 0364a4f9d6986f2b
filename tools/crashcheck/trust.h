// Which copy of the bitmap a driver believes when it runs an array, and what that copy then says.
//
// One class a driver; a new rule of ours is a change in OurRule alone.
#pragma once

#include "crashcheck/assembly.h"

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace crashcheck {

struct Trust {
	enum class Verdict {
		no_bitmap,
		bits,    // those that are set
		all,     // out of date: all of them
		nothing, // fresh from mdadm, for an array that is in sync: none of them
		refused, // the array does not run
	};

	Verdict verdict = Verdict::no_bitmap;
	std::size_t member = 0;           // whose copy
	const BitmapCopy *copy = nullptr; // that
	std::optional<Grid> grid;
	std::uint64_t events_cleared = 0; // a member that is older cannot be re-added by the bitmap

	bool operator==(const Trust &) const = default;
};

class TrustRule {
public:
	virtual ~TrustRule() = default;
	virtual std::string_view name() const = 0;

	// Does the driver forget the bits that it found, when a member is missing and events_cleared is the event count?
	virtual bool drops_bits() const = 0;

	// The array runs.
	Trust trust(const Assembly &assembly, const Metadata &metadata) const;

protected:
	struct Candidate {
		const AssembledMember *member;
		const BitmapCopy *copy;
	};

	// In sync members that have a copy, in the order of the list; at least one.
	virtual Candidate choose(const std::vector<Candidate> &candidates) const = 0;
	// What the superblock of the copy says, which is a bitmap's of this array with a possible chunk size.
	virtual Trust::Verdict judge(const BitmapSuper &super, const Assembly &assembly) const = 0;
};

// md-bitmap.c of 6.12: the first in the list, asleep or not (facts F9).
class KernelRule : public TrustRule {
public:
	std::string_view name() const override { return "kernel"; }
	bool drops_bits() const override { return true; }

protected:
	Candidate choose(const std::vector<Candidate> &candidates) const override;
	Trust::Verdict judge(const BitmapSuper &super, const Assembly &assembly) const override;
};

// bitmap_member.c, bitmap_load.c and format.c: those that are awake first, and among equals those that are not
// WriteMostly.
class OurRule : public TrustRule {
public:
	std::string_view name() const override { return "ours"; }
	bool drops_bits() const override { return false; }

protected:
	Candidate choose(const std::vector<Candidate> &candidates) const override;
	Trust::Verdict judge(const BitmapSuper &super, const Assembly &assembly) const override;
};

} // namespace crashcheck
