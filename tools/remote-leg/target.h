// SPDX-License-Identifier: GPL-2.0
// The end that has the disk.
#pragma once

#include <memory>
#include <string>

#include "request.h"

namespace remote_leg {

class Target {
public:
	virtual ~Target() = default;

	// Both throw Failure. What add did half is undone.
	virtual void add(const Export &leg) = 0;
	virtual void remove(const std::string &name) = 0;
};

std::unique_ptr<Target> make_target(Protocol protocol);

} // namespace remote_leg
