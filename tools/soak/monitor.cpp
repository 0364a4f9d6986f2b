#include "soak/monitor.h"

#include "soak/failure.h"

#include <cstdio>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

namespace soak {

namespace {

constexpr std::chrono::seconds stuck{400};
constexpr std::chrono::seconds between_counts{5};

} // namespace

void print(const std::string &line)
{
	static std::mutex mutex;
	const std::scoped_lock lock(mutex);
	std::fwrite(line.data(), 1, line.size(), stdout);
	std::fputc('\n', stdout);
	std::fflush(stdout);
}

Monitor::Monitor(Counters &counters, Verdict &verdict, std::function<void(const std::exception &)> report)
	: counters_(counters), verdict_(verdict), report_(std::move(report))
{
	now("starting");
	thread_ = std::jthread([this](std::stop_token stop) { watch(stop); });
}

void Monitor::now(std::string what)
{
	const std::scoped_lock lock(mutex_);
	what_ = std::move(what);
	since_ = std::chrono::steady_clock::now();
}

void Monitor::print_counts()
{
	print("count " + counters_.json().dump());
}

void Monitor::look()
{
	try {
		verdict_.check();
		const std::scoped_lock lock(mutex_);
		if (std::chrono::steady_clock::now() - since_ > stuck)
			throw Failure(fmt::format("{}: stuck for {} s", what_, stuck.count()));
	} catch (const std::exception &error) {
		fail(error);
	}
}

void Monitor::watch(std::stop_token stop)
{
	auto next = std::chrono::steady_clock::now();
	while (!stop.stop_requested()) {
		look();
		if (std::chrono::steady_clock::now() >= next) {
			print_counts();
			next += between_counts;
		}
		std::this_thread::sleep_for(std::chrono::milliseconds(200));
	}
}

// Threads may be hanging in the kernel: nobody is waited for.
void Monitor::fail(const std::exception &error)
{
	failing_.lock();
	print_counts();
	print(fmt::format("failed: {}", error.what()));
	std::ofstream("/proc/sysrq-trigger") << 'w';
	report_(error);
	_exit(1);
}

} // namespace soak
