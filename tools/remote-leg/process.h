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

// This program again, in the background, on its own, with these arguments; what it says goes to the kernel's log. It has
// descriptor as its 3, if given.
pid_t start_again(const Command &arguments, std::optional<int> descriptor);
inline constexpr int given_descriptor = 3;
// Does that process still do what start_again started it for?
bool goes_on(pid_t process, const Command &arguments);
// It, and those that it has started, end. Throws Failure if they do not.
void end_again(pid_t process, const Command &arguments);

} // namespace remote_leg
