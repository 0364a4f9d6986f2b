// SPDX-License-Identifier: GPL-2.0
// What is to be made in configfs, step by step: thought out first, done then, and undone if it cannot be done to its end.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "files.h"

namespace remote_leg {

struct MakeDirectory {
	Path path;
};

// Others may need it, too: it may be there, and is not removed.
struct ShareDirectory {
	Path path;
};

struct WriteValue {
	Path path;
	std::string value;
};

struct MakeLink {
	Path target, path;
};

using Step = std::variant<MakeDirectory, ShareDirectory, WriteValue, MakeLink>;
using Plan = std::vector<Step>;

// As a shell would do it; for tests and for messages.
std::string describe(const Step &step);
// Throws Failure; then nothing is left of it.
void carry_out(const Plan &plan);

// What may not be there. Throws Failure if it is there, and stays.
void remove_link(const Path &path);
void remove_directory(const Path &path);

} // namespace remote_leg
