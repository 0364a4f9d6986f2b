// SPDX-License-Identifier: GPL-2.0
// NVMe/TCP: the kernel's nvmet.
#pragma once

#include <vector>

#include "plan.h"
#include "target.h"

namespace remote_leg {

class NvmeTarget : public Target {
public:
	explicit NvmeTarget(Path configfs = "/sys/kernel/config/nvmet") : root_{std::move(configfs)} {}

	void add(const Export &leg) override;
	void remove(const std::string &name) override;

	// A leg per subsystem, which has the address's port, which others may use as well.
	Plan plan(const Export &leg) const;

private:
	Path subsystem(const std::string &name) const;
	Path find_port(const Export &leg, Plan &plan) const;

	Path root_;
};

} // namespace remote_leg
