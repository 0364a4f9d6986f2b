// SPDX-License-Identifier: GPL-2.0
// NBD: the kernel's, and a process that makes a connection anew that is lost.
#pragma once

#include "host.h"

namespace remote_leg {

class NbdHost : public Host {
public:
	void attach(Attachment &attachment) override;
	void detach(const Attachment &attachment) override;
	bool needs_keeper(const Attachment &) const override { return true; }
	std::optional<int> descriptor_for_keeper() const override { return connection_.get(); }
	void keep(const Attachment &attachment) const override;

private:
	Descriptor connection_;
};

// nbd7: 7. Throws Failure.
unsigned nbd_number(const std::string &disk);

} // namespace remote_leg
