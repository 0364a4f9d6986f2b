// SPDX-License-Identifier: GPL-2.0
// NBD: nbdkit, a process per leg.
#pragma once

#include "process.h"
#include "target.h"

namespace remote_leg {

class NbdTarget : public Target {
public:
	explicit NbdTarget(Path state = "/run/remote-leg") : state_{std::move(state)} {}

	void add(const Export &leg) override;
	void remove(const std::string &name) override;

	Command command(const Export &leg) const;

private:
	Path process_file(const std::string &name) const;
	// Nothing if there is none.
	std::optional<pid_t> process(const std::string &name) const;

	Path state_;
};

} // namespace remote_leg
