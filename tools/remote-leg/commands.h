// SPDX-License-Identifier: GPL-2.0
// What is asked for is done.
#pragma once

#include "request.h"

namespace remote_leg {

// Throws Failure.
void do_it(const Request &request);

} // namespace remote_leg
