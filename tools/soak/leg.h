// A disk as the array gets it: a device-mapper device on it, which can be made slow, hang or fail.
#pragma once

#include "soak/range.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace soak {

using Milliseconds = std::chrono::milliseconds;

class Leg {
public:
	explicit Leg(unsigned number);

	// The disk beneath.
	const std::string &disk() const { return disk_; }
	// What the array gets.
	const std::string &path() const { return path_; }
	// dm-N
	const std::string &kernel_name() const { return kernel_name_; }

	// Each request takes so long, from sector `from` on; a write twice as long as a read.
	void delay(Milliseconds time, Sectors from = {});
	// Writes get nowhere for a while; the time begins now.
	void hang(Milliseconds time, Sectors from);
	// No-one hangs any more.
	void release();
	void fail_everything();
	void fail_reads();
	void mend();

private:
	void load(const std::string &table);
	void load_delay();
	std::string on_disk(const std::string &target, Sectors begin, Sectors length, const std::string &rest = {}) const;

	std::string name_;
	std::string disk_;
	std::string path_;
	std::string kernel_name_;
	Sectors size_;
	std::mutex mutex_;
	std::condition_variable_any let_go_;
	Milliseconds delay_{};
	Sectors delay_from_{};
	std::jthread releaser_;
};

} // namespace soak
