// Other programs.
#pragma once

#include <string>
#include <vector>

namespace soak {

struct Outcome {
	int status; // as the shell has it
	std::string output; // both streams

	bool good() const { return status == 0; }
};

Outcome run(const std::vector<std::string> &command);
// Throws if it fails.
std::string must_run(const std::vector<std::string> &command);

} // namespace soak
