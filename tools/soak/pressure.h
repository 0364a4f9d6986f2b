// Takes nearly all memory for a while.
#pragma once

#include "soak/leg.h"

namespace soak {

void squeeze_memory(Milliseconds time);

} // namespace soak
