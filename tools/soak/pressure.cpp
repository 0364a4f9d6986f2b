#include "soak/pressure.h"

#include "soak/failure.h"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace soak {

namespace {

constexpr std::uint64_t leave_kib = 12 * 1024;
constexpr std::size_t piece = 1 << 20;

std::uint64_t free_kib()
{
	std::ifstream in("/proc/meminfo");
	std::string name, unit;
	std::uint64_t kib;
	while (in >> name >> kib >> unit)
		if (name == "MemAvailable:")
			return kib;
	return 0;
}

// The kernel may kill it when memory is out: that is what it is for.
[[noreturn]] void hog(Milliseconds time)
{
	std::ofstream("/proc/self/oom_score_adj") << 1000 << std::flush;
	const auto end = std::chrono::steady_clock::now() + time;
	while (std::chrono::steady_clock::now() < end) {
		if (free_kib() < leave_kib) {
			usleep(20'000);
			continue;
		}
		void *memory = mmap(nullptr, piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		if (memory == MAP_FAILED)
			usleep(20'000);
	}
	_exit(0);
}

} // namespace

void squeeze_memory(Milliseconds time)
{
	const pid_t child = fork();
	if (child < 0)
		throw Failure("memory pressure: cannot fork");
	if (child == 0)
		hog(time);
	int status;
	waitpid(child, &status, 0);
}

} // namespace soak
