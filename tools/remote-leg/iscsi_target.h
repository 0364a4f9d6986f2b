// SPDX-License-Identifier: GPL-2.0
// iSCSI: the kernel's LIO.
#pragma once

#include "plan.h"
#include "target.h"

namespace remote_leg {

class IscsiTarget : public Target {
public:
	explicit IscsiTarget(Path configfs = "/sys/kernel/config/target") : root_{std::move(configfs)} {}

	void add(const Export &leg) override;
	void remove(const std::string &name) override;

	// A target per leg, with one logical unit, on a store of its own.
	Plan plan(const Export &leg) const;

private:
	Path store(const std::string &name) const { return root_ / "core/iblock_0" / name; }
	Path target(const std::string &name) const { return root_ / "iscsi" / iscsi_name(name); }

	Path root_;
};

} // namespace remote_leg
