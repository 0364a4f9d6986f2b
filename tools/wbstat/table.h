// SPDX-License-Identifier: GPL-2.0
// For people.
#pragma once

#include "rates.h"

namespace wbstat {

// With rates if there is an earlier sample.
std::string make_table(const Sample &sample, const Sample *earlier = nullptr, Seconds elapsed = {});

// Why there is nothing to be seen: one line, or nothing if there is something.
std::string why_nothing(const Sample &sample, const std::vector<std::string> &names);

} // namespace wbstat
