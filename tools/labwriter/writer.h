// Writes to the array with several threads, checks what it reads, and marks what has become durable.
#pragma once

#include "labwriter/device.h"
#include "labwriter/pattern.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>

namespace labwriter {

struct Options {
	Range range;
	unsigned threads = 8;
	std::uint64_t seed = 1;
	Mix mix;
	std::optional<std::chrono::milliseconds> duration; // whatever of these ends it first
	std::optional<std::uint64_t> requests;             // of each thread
	std::string until;                                 // a file is there
	std::chrono::microseconds pause{};                 // after each request
	bool errors_expected = false;                      // requests may fail: count them and go on
};

struct Counts {
	std::atomic<std::uint64_t> writes = 0, fua = 0, flushes = 0, discards = 0, reads = 0, checked_sectors = 0, errors = 0;
};

class Writer {
public:
	Writer(Device &array, Marker &marker, const Options &options, lab::Sequence first);

	// To the end. Throws the first error of a thread: what could not be done, or a read of what cannot be.
	void run();

	const Counts &counts() const { return counts_; }
	lab::Sequence next() const { return ledger_.next(); }

private:
	void work(unsigned thread);
	bool finished(std::uint64_t requests) const;
	void act(Action action, Range range, Buffer &buffer);
	void write(Range range, bool fua, Buffer &buffer);
	void flush();
	void discard(Range range);
	void read(Range range, Buffer &buffer);
	void announce(const std::string &why, const Knowledge &knowledge);
	bool attempt(const std::function<void()> &request);

	Device &array_;
	Marker &marker_;
	Options options_;
	Counts counts_;

	std::mutex flush_mutex_; // one flush at a time; then the others
	std::mutex mark_mutex_;  // the order of marks is that of what they say; then the next
	std::mutex mutex_;       // of what follows
	Ledger ledger_;
	std::exception_ptr failure_;

	std::chrono::steady_clock::time_point began_;
	std::atomic<bool> stopping_ = false;
};

} // namespace labwriter
