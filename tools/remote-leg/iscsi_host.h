// SPDX-License-Identifier: GPL-2.0
// iSCSI: the kernel's, told by open-iscsi.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "host.h"
#include "process.h"

namespace remote_leg {

class IscsiHost : public Host {
public:
	explicit IscsiHost(Path sysfs = "/sys") : sysfs_{std::move(sysfs)} {}

	void attach(Attachment &attachment) override;
	void detach(const Attachment &attachment) override;
	// Nobody is told when the other machine can be reached again: somebody looks.
	bool needs_keeper(const Attachment &attachment) const override { return attachment.leg.readd; }
	void keep(const Attachment &attachment) const override;

	static std::vector<std::pair<std::string, std::string>> settings(const Attach &leg);
	// If it is there.
	std::optional<std::string> disk(const std::string &name) const;

private:
	Path sysfs_;
};

} // namespace remote_leg
