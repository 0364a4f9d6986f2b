// SPDX-License-Identifier: GPL-2.0
// What happened between two samples.
#pragma once

#include "sample.h"

namespace wbstat {

using Seconds = std::chrono::duration<double>;

// Of one member, a second.
struct MemberRates {
	double behind_writes = 0;	// accepted
	double behind_bytes = 0;
	double arrived_writes = 0;	// on the member
	double arrived_bytes = 0;	// or were dropped
	double dropped_writes = 0;
	// Until the backlog is gone if all goes on like that; nothing if it is not going.
	std::optional<Seconds> drained;
};

// Nothing if these are not the same member all the time: counters begin again for one that is added.
std::optional<MemberRates> rates(const Member &before, const Member &now, Seconds elapsed);

// What is known of the same member in an earlier sample.
const Member *find_member(const Sample *sample, const Array &array, const Member &member);

} // namespace wbstat
