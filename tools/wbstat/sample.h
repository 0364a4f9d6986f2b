// SPDX-License-Identifier: GPL-2.0
// The state of all arrays at one moment.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tree.h"

namespace wbstat {

using Milliseconds = std::chrono::duration<std::uint64_t, std::milli>;

// As in docs/ABI: what has these names in md/write_behind/slotN/.
struct Member {
	unsigned slot = 0;
	std::string device;
	std::string state;
	Milliseconds lag{};
	Milliseconds max_lag{};
	std::uint64_t backlog_writes = 0;
	std::uint64_t backlog_bytes = 0;
	std::uint64_t behind_writes = 0;
	std::uint64_t behind_bytes = 0;
	std::uint64_t dropped_writes = 0;
	std::uint64_t max_backlog_writes = 0;
	std::uint64_t max_backlog_bytes = 0;

	bool has_failed() const { return state == "faulty"; }
	// Is it, or may it be, written later than is told?
	bool is_behind() const { return state == "behind" || backlog_writes; }
};

// What md does to make members equal.
struct CatchUp {
	std::string action;			// resync, recover, check, repair, reshape
	std::uint64_t done_sectors = 0;
	std::uint64_t all_sectors = 0;		// 0: it has not begun
	std::uint64_t kib_per_second = 0;

	double done() const { return all_sectors ? static_cast<double>(done_sectors) / all_sectors : 0; }
	// Nothing if it does not move.
	std::optional<std::chrono::seconds> left() const;
	// Do members lack data until it has ended?
	bool is_needed() const { return action == "resync" || action == "recover"; }
};

struct Array {
	std::string name;
	std::string state;
	unsigned slots = 0;
	std::uint64_t backlog_writes = 0;
	std::uint64_t backlog_bytes = 0;
	std::uint64_t limit_writes = 0;
	std::uint64_t limit_bytes = 0;
	std::uint64_t behind_writes = 0;
	std::uint64_t dropped_writes = 0;
	std::uint64_t max_backlog_writes = 0;
	std::uint64_t max_backlog_bytes = 0;
	Milliseconds lag{};
	std::map<std::string, std::uint64_t> waited;	// by reason
	std::optional<CatchUp> catch_up;
	std::vector<Member> members;			// by slot

	std::uint64_t all_waited() const;
	unsigned working() const;
	std::vector<unsigned> missing_slots() const;
};

struct Sample {
	bool loaded = false;
	std::vector<Array> arrays;	// by name

	const Array *find(std::string_view name) const;
};

// Looks at the arrays that raid1wb runs: at those named, or all. What goes away meanwhile is left out.
Sample take_sample(const Tree &sysfs, const std::vector<std::string> &names = {});

} // namespace wbstat
