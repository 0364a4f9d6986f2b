// What ends a run: something that must not happen has happened.
#pragma once

#include <stdexcept>

namespace soak {

class Failure : public std::runtime_error {
	using std::runtime_error::runtime_error;
};

} // namespace soak
