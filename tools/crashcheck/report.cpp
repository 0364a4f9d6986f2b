#include "crashcheck/report.h"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace crashcheck {
namespace {

constexpr std::chrono::milliseconds often{250};
constexpr std::chrono::seconds now_and_then{5};

} // namespace

std::string_view name_of(RuleSet set)
{
	constexpr std::array<std::string_view, 3> names{"ours", "kernel", "both"};
	return names[static_cast<std::size_t>(set)];
}

ProgressShower::ProgressShower(const Progress &progress)
	: progress_(progress), terminal_(isatty(STDERR_FILENO)), began_(std::chrono::steady_clock::now()),
	  thread_([this] { run(); })
{
}

ProgressShower::~ProgressShower()
{
	{
		const std::lock_guard lock(mutex_);
		end_ = true;
	}
	ended_.notify_all();
	thread_.join();
	show();
	if (terminal_)
		std::fputc('\n', stderr);
}

void ProgressShower::run()
{
	const std::chrono::milliseconds pause = terminal_ ? often : now_and_then;
	std::unique_lock lock(mutex_);
	while (!ended_.wait_for(lock, pause, [this] { return end_; }))
		show();
}

void ProgressShower::show() const
{
	const std::chrono::duration<double> time = std::chrono::steady_clock::now() - began_;
	const std::uint64_t states = progress_.states;
	fmt::print(stderr, "{}{} of {} cut points, {} states, {:.0f} a second, {} violations{}", terminal_ ? "\r" : "",
		   progress_.cut_points.load(), progress_.cut_points_to_do.load(), states,
		   static_cast<double>(states) / std::max(time.count(), 1e-3), progress_.violations.load(),
		   terminal_ ? "\x1b[K" : "\n");
	std::fflush(stderr);
}

} // namespace crashcheck
