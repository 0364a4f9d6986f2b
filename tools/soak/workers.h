// The workload: threads that write, read and check what they read, until they are told to stop.
#pragma once

#include "soak/counters.h"
#include "soak/device.h"
#include "soak/ledger.h"
#include "soak/random.h"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace soak {

// The first thing that went wrong in any thread.
class Verdict {
public:
	void record(std::exception_ptr error);
	// Throws it.
	void check();

private:
	std::mutex mutex_;
	std::exception_ptr error_;
};

struct Workload {
	std::uint64_t seed;
	std::uint64_t round;
	unsigned workers;
	// Requests overlap, are discards, refuse to wait...; else plain writes and reads.
	bool wild;
};

class Workers {
public:
	Workers(const Workload &workload, Ledger &ledger, Counters &counters, Verdict &verdict);
	Workers(const Workers &) = delete;
	~Workers();

	// Work on this device, all of it; until halt() returns.
	void run(const std::string &path);
	// Nothing is under way, and the device is closed.
	void halt();
	bool running() const { return running_; }
	// Requests that have ended.
	std::uint64_t ended() const { return ended_; }

private:
	class Worker;

	void work(unsigned number);
	bool wait_for_work(std::unique_lock<std::mutex> &lock);

	const Workload workload_;
	Ledger &ledger_;
	Counters &counters_;
	Verdict &verdict_;
	std::mutex mutex_;
	std::condition_variable changed_;
	std::string path_;
	std::atomic<bool> running_ = false;
	bool quitting_ = false;
	unsigned busy_ = 0;
	std::atomic<std::uint64_t> ended_ = 0;
	std::vector<std::thread> threads_;
};

// Reads all of a device and checks it.
void verify_all(const Device &device, Ledger &ledger, Counters &counters);

} // namespace soak
