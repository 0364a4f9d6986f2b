// SPDX-License-Identifier: GPL-2.0
// NVMe/TCP: the kernel's, told by nvme-cli.
#pragma once

#include "host.h"
#include "process.h"

namespace remote_leg {

class NvmeHost : public Host {
public:
	explicit NvmeHost(Path sysfs = "/sys") : sysfs_{std::move(sysfs)} {}

	void attach(Attachment &attachment) override;
	void detach(const Attachment &attachment) override;

	static Command connect_command(const Attach &leg);
	// The leg's, if it is there.
	std::optional<Path> subsystem(const std::string &name) const;
	// With native multipath it is the subsystem's, without the controller's.
	std::optional<std::string> disk(const std::string &name) const;

private:
	void set_timeouts(const Attach &leg) const;

	Path sysfs_;
};

} // namespace remote_leg
