// Shows on standard error how far a survey is: often on a terminal, now and then elsewhere.
#pragma once

#include "crashcheck/survey.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace crashcheck {

std::string_view name_of(RuleSet set);

class ProgressShower {
public:
	explicit ProgressShower(const Progress &progress);
	ProgressShower(const ProgressShower &) = delete;
	ProgressShower &operator=(const ProgressShower &) = delete;
	~ProgressShower();

private:
	void run();
	void show() const;

	const Progress &progress_;
	const bool terminal_;
	const std::chrono::steady_clock::time_point began_;
	std::mutex mutex_;
	std::condition_variable ended_;
	bool end_ = false;
	std::thread thread_;
};

} // namespace crashcheck
