// SPDX-License-Identifier: GPL-2.0
// Quantities as people read and write them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "sample.h"

namespace wbstat {

// 0 ms, 350 ms, 1.25 s, 12.5 min, 3.2 h
std::string format_lag(Milliseconds lag);
// 35 s, 3 min 12 s, 2 h 5 min
std::string format_time(std::chrono::seconds time);
// 512 B, 4 KiB, 1.5 MiB
std::string format_bytes(double bytes);
// 500ms, 30s, 30, 5min, 1h; throws std::invalid_argument. A number alone is seconds.
Milliseconds parse_lag(std::string_view text);

} // namespace wbstat
