// SPDX-License-Identifier: GPL-2.0
#pragma once

#include "rates.h"

namespace wbstat {

// One object, in one line; wbstat(8) describes it.
std::string make_json(const Sample &sample, const Sample *earlier = nullptr, Seconds elapsed = {});

} // namespace wbstat
