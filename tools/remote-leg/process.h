// SPDX-License-Identifier: GPL-2.0
// Other programs, without a shell.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace remote_leg {

using Command = std::vector<std::string>;

struct Outcome {
	int status; // as the shell has it
	std::string output; // both streams

	bool good() const { return status == 0; }
};

// Nothing if there is no such program.
std::optional<Outcome> run(const Command &command);
// Of that Debian package. Throws Failure if it is not there, or fails.
std::string must_run(const Command &command, std::string_view package);
// The kernel's modules. Throws Failure.
void load_modules(const Command &modules);

// This program again, in the background, on its own; what it says goes to the kernel's log. It has descriptor as its 3, if given.
pid_t start_keeper(std::string_view protocol, std::string_view name, std::optional<int> descriptor);
inline constexpr int keeper_descriptor = 3;
// Ends it, if it still is what start_keeper started for that leg.
void end_keeper(pid_t process, std::string_view protocol, std::string_view name);
// Is that process running a program called so?
bool is_running(pid_t process, std::string_view program);

} // namespace remote_leg
