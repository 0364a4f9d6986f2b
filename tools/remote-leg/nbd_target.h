// SPDX-License-Identifier: GPL-2.0
// NBD: a process per leg.
#pragma once

#include "process.h"
#include "target.h"

namespace remote_leg {

class NbdTarget : public Target {
public:
	explicit NbdTarget(Path state = "/run/remote-leg") : state_{std::move(state)} {}

	void add(const Export &leg) override;
	void remove(const std::string &name) override;

private:
	// Its number, and, on a line of its own, what it serves.
	Path process_file(const std::string &name) const;
	struct Process {
		pid_t number;
		Command arguments;
	};
	// Nothing if there is none.
	std::optional<Process> process(const std::string &name) const;

	Path state_;
};

} // namespace remote_leg
