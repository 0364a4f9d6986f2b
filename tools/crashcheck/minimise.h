// Makes a failing state as simple as it can be, so that people understand it.
#pragma once

#include "crashcheck/crash_state.h"

#include <functional>

namespace crashcheck {

// Takes writes away from `choices` as long as the state `fails`: afterwards it still does, and without any single one
// of those that are left it would not. May take a good thousand calls.
void minimise(const Walker &walker, Choices &choices, const std::function<bool(const Choices &)> &fails);

} // namespace crashcheck
