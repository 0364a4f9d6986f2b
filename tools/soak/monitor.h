// Watches the run: prints what has been done, ends the program when a thread has found something wrong or the main thread
// is stuck.
#pragma once

#include "soak/counters.h"
#include "soak/workers.h"

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace soak {

// A line on standard output, at once.
void print(const std::string &line);

class Monitor {
public:
	// `report` prints what helps to understand a failure.
	Monitor(Counters &counters, Verdict &verdict, std::function<void(const std::exception &)> report);

	// What the main thread does now.
	void now(std::string what);
	void print_counts();
	// Ends the program.
	[[noreturn]] void fail(const std::exception &error);

private:
	void watch(std::stop_token stop);
	void look();

	Counters &counters_;
	Verdict &verdict_;
	std::function<void(const std::exception &)> report_;
	std::mutex mutex_;
	std::mutex failing_;
	std::string what_;
	std::chrono::steady_clock::time_point since_;
	std::jthread thread_;
};

} // namespace soak
