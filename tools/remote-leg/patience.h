// SPDX-License-Identifier: GPL-2.0
// Waiting for what comes by itself.
#pragma once

#include <chrono>
#include <thread>

namespace remote_leg {

// Until the condition is true, at most so long. Was it?
template<typename Condition>
bool patiently(std::chrono::seconds time, Condition condition)
{
	const auto end = std::chrono::steady_clock::now() + time;
	while (!condition()) {
		if (std::chrono::steady_clock::now() >= end)
			return false;
		std::this_thread::sleep_for(std::chrono::milliseconds{200});
	}
	return true;
}

} // namespace remote_leg
