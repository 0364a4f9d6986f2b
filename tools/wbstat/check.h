// SPDX-License-Identifier: GPL-2.0
// For monitoring: a plugin as Nagios, Icinga and others know it.
#pragma once

#include "sample.h"

namespace wbstat {

enum class Status { ok, warning, critical, unknown };	// the exit status

struct Limits {
	std::optional<Milliseconds> warn_lag, max_lag;
	std::optional<std::uint64_t> warn_backlog, max_backlog;	// writes, of a member
};

struct Verdict {
	Status status = Status::ok;
	std::string line;
};

// A member that is missing or has failed is critical, one that is being synced a warning.
Verdict check(const Sample &sample, const std::vector<std::string> &names, const Limits &limits);

} // namespace wbstat
