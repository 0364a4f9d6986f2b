// A crash state: a cut point, and which of the writes that were unstable then are on the media. As text it is the ID that
// repeats it:
//
//	CUT:WRITES[:WRITES]...		WRITES of each member in turn
//	WRITES = all|none[+R[.firstN|.restN][.early]|-R]...
//
// CUT is the number of the last record before the crash, R the number of a request. `-R` is not there, `+R` is, `.first3`:
// only its first 3 sectors, `.rest3`: all but them. `.early`: still under way at the cut, but what completed
// later has overwritten it.
#pragma once

#include "crashcheck/walker.h"

#include <string>
#include <string_view>
#include <vector>

namespace crashcheck {

// What of a write is on the medium.
struct Choice {
	enum class Part : std::uint8_t { none, whole, first, rest };

	Part part = Part::none;
	bool early = false;
	std::uint16_t sectors = 0; // first and rest: how many

	bool operator==(const Choice &) const = default;
	Range of(const Write &write) const;
};

inline constexpr Choice absent{};
inline constexpr Choice present{Choice::Part::whole, false, 0};

// By WriteIndex; those of writes that are not unstable count for nothing.
using Choices = std::vector<Choice>;

// A member's contents in a crash state.
class Contents {
public:
	Contents(const History &history, const Medium &medium, const Choices &choices, Moment cut)
		: history_(history), medium_(medium), choices_(choices), cut_(cut)
	{
	}

	// The hashes of the sectors from `begin` on, as many as there is room for.
	void hashes(std::uint64_t begin, std::span<Hash> out) const;
	std::span<const std::byte, lab::sector_bytes> data(std::uint64_t sector) const;
	// The bytes of the sectors from `begin` on, as many as there is room for, whole ones.
	void bytes(std::uint64_t begin, std::span<std::byte> out) const;

private:
	// The chosen writes that overlap, in the order in which they take effect.
	const std::vector<WriteIndex> &chosen(Range range) const;
	std::uint64_t effect(WriteIndex index) const;

	const History &history_;
	const Medium &medium_;
	const Choices &choices_;
	Moment cut_;
	mutable std::vector<WriteIndex> found_; // spares an allocation
};

std::string id_of(const Walker &walker, const Choices &choices);

// Where `walker` has to be for an ID. Throws std::invalid_argument.
Moment cut_of(std::string_view id);
// Makes the choices that the ID tells. Throws std::invalid_argument if they are not of this cut point.
Choices choices_of(std::string_view id, const Walker &walker);

} // namespace crashcheck
