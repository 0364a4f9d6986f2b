// SPDX-License-Identifier: GPL-2.0
// Any ranges added, removed and asked for in any order: the set counts and grants as a list does that is searched anew
// each time. The tree below it is the kernel's.
//
// Input: where the ranges are; then four bytes a step: what and which range, start, length.
#include <array>
#include <cstdint>
#include <vector>

#include "input.h"
#include "property.h"

extern "C" {
#include "interval.h"
}

namespace {

constexpr std::size_t nr_ranges = 16;

// A range in the model.
struct Slot {
	bool in_set = false, observer = false;
	std::uint64_t start = 0, last = 0, age = 0;

	bool overlaps(std::uint64_t other_start, std::uint64_t other_last) const
	{
		return in_set && start <= other_last && other_start <= last;
	}
};

class Walk {
public:
	explicit Walk(std::uint64_t base) : base_{base}
	{
		r1wb_interval_init(&set_);
		for (auto &range : ranges_)
			range.link = {&links_[0], &links_[1]};
	}

	void step(unsigned int what, std::uint64_t offset, std::uint64_t sectors)
	{
		const auto i = what % nr_ranges;
		const auto start = base_ + offset;
		const auto last = sectors ? start + sectors - 1 : start;
		const bool overflow = last < start;
		const auto nonsense = 0UL + (sectors == 0) + overflow;

		warnings_ = shim_warnings;
		if (what & 128)
			ask(start, sectors, overflow ? ~0ULL : last);
		else if (slots_[i].in_set)
			return remove(i);
		else
			add(i, what & 64, start, sectors, overflow ? ~0ULL : last);
		// Lengths that make no sense are reported, once for each thing that is wrong with them.
		PROPERTY(shim_warnings - warnings_ == nonsense, "{} + {}: {} warnings", start, sectors,
			 shim_warnings - warnings_);
		compare();
	}

private:
	unsigned int blockers(std::size_t of) const
	{
		unsigned int nr = 0;
		for (const auto &slot : slots_)
			nr += !slot.observer && slot.age < slots_[of].age && slot.overlaps(slots_[of].start, slots_[of].last);
		return nr;
	}

	void ask(std::uint64_t start, std::uint64_t sectors, std::uint64_t last)
	{
		bool expected = false;
		for (const auto &slot : slots_)
			expected = expected || (!slot.observer && slot.overlaps(start, last));
		const auto answer = r1wb_interval_overlaps(&set_, start, sectors);
		PROPERTY(answer == expected, "{} to {}: {}", start, last, answer);
	}

	void add(std::size_t i, bool observer, std::uint64_t start, std::uint64_t sectors, std::uint64_t last)
	{
		slots_[i] = {true, observer, start, last, ++clock_};
		const auto answer = (observer ? r1wb_interval_observe : r1wb_interval_add)(&set_, &ranges_[i], start, sectors);
		PROPERTY(answer == blockers(i), "{} to {}: waits for {}, not {}", start, last, answer, blockers(i));
		PROPERTY(ranges_[i].start == start && ranges_[i].last == last, "{} to {}, not {} to {}", ranges_[i].start,
			 ranges_[i].last, start, last);
	}

	struct Grants {
		Walk &walk;
		std::vector<std::size_t> ranges;
	};

	static void granted(r1wb_range *range, void *arg)
	{
		auto &grants = *static_cast<Grants *>(arg);
		grants.ranges.push_back(static_cast<std::size_t>(range - grants.walk.ranges_.data()));
	}

	void remove(std::size_t gone)
	{
		std::array<unsigned int, nr_ranges> before{};
		for (std::size_t i = 0; i < nr_ranges; i++)
			before[i] = blockers(i);
		slots_[gone].in_set = false;
		unsigned int expected = 0;
		for (std::size_t i = 0; i < nr_ranges; i++)
			expected += is_freed(i, before[i]);

		Grants grants{*this, {}};
		const auto answer = r1wb_interval_remove(&set_, &ranges_[gone], granted, &grants);
		PROPERTY(answer == expected, "{} ranges granted instead of {}", answer, expected);
		PROPERTY(grants.ranges.size() == expected, "{} calls for {} ranges", grants.ranges.size(), expected);
		for (std::size_t i = 0; i < grants.ranges.size(); i++) {
			const auto range = grants.ranges[i];
			PROPERTY(is_freed(range, before[range]), "range {} was granted", range);
			PROPERTY(i == 0 || ranges_[grants.ranges[i - 1]].start <= ranges_[range].start,
				 "range {} before {}", grants.ranges[i - 1], range);
			// Twice would be twice in the list.
			for (std::size_t j = 0; j < i; j++)
				PROPERTY(grants.ranges[j] != range, "range {} was granted twice", range);
		}
		PROPERTY(shim_warnings == warnings_, "{} warnings", shim_warnings - warnings_);
		compare();
	}

	bool is_freed(std::size_t i, unsigned int blockers_before) const
	{
		return slots_[i].in_set && blockers_before && !blockers(i);
	}

	void compare() const
	{
		unsigned int nr = 0;
		for (std::size_t i = 0; i < nr_ranges; i++) {
			PROPERTY(ranges_[i].link.next == &links_[0] && ranges_[i].link.prev == &links_[1], "link of {}", i);
			if (!slots_[i].in_set)
				continue;
			nr++;
			PROPERTY(ranges_[i].blockers == blockers(i), "range {} waits for {}, not {}", i,
				 ranges_[i].blockers, blockers(i));
		}
		PROPERTY(set_.nr == nr, "{} ranges, not {}", set_.nr, nr);
		PROPERTY(r1wb_interval_empty(&set_) == !nr, "{} ranges", nr);
	}

	r1wb_interval_set set_{};
	std::array<r1wb_range, nr_ranges> ranges_{};
	std::array<Slot, nr_ranges> slots_{};
	std::array<list_head, 2> links_{};
	std::uint64_t base_, clock_ = 0;
	unsigned long warnings_ = 0;
};

std::uint64_t read_base(Input &input)
{
	switch (input.byte() % 4) {
	case 0: return 0;
	case 1: return (1ULL << 32) - 128;
	case 2: return ~0ULL - 256;
	default: return input.number<std::uint64_t>();
	}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	Input input{data, size};
	Walk walk{read_base(input)};

	while (!input.empty()) {
		const auto what = input.byte(), start = input.byte();
		walk.step(what, start, input.number<std::uint16_t>() % 300U);
	}
	return 0;
}
