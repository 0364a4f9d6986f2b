// SPDX-License-Identifier: GPL-2.0
// What cannot be done, in one line: what is wrong, and what to do.
#pragma once

#include <stdexcept>

namespace remote_leg {

class Failure : public std::runtime_error {
	using std::runtime_error::runtime_error;
};

} // namespace remote_leg
