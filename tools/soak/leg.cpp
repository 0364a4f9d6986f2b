#include "soak/leg.h"

#include "soak/device.h"
#include "soak/failure.h"
#include "soak/process.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace soak {

namespace {

// Longer than any run.
constexpr unsigned forever_ms = 100'000'000;

unsigned minor_of(const std::string &path)
{
	struct stat status;
	if (stat(path.c_str(), &status) != 0)
		throw Failure(path + " is not there");
	return minor(status.st_rdev);
}

} // namespace

Leg::Leg(unsigned number)
	: name_(fmt::format("leg{}", number)), disk_(fmt::format("/dev/vd{:c}", 'a' + static_cast<int>(number))),
	  path_("/dev/mapper/" + name_), size_(Device(disk_, Mode::read_only).size())
{
	must_run({"dmsetup", "create", name_, "--table", on_disk("linear", {}, size_)});
	kernel_name_ = fmt::format("dm-{}", minor_of(path_));
}

std::string Leg::on_disk(const std::string &target, Sectors begin, Sectors length, const std::string &rest) const
{
	return fmt::format("{} {} {} {} {}{}", begin.count, length.count, target, disk_, begin.count, rest);
}

// What is under way goes through before.
void Leg::load(const std::string &table)
{
	must_run({"dmsetup", "suspend", "--nolockfs", name_});
	must_run({"bash", "-c", fmt::format("dmsetup load {} <<<'{}'", name_, table)});
	must_run({"dmsetup", "resume", name_});
}

void Leg::load_delay()
{
	if (delay_ == Milliseconds{})
		return load(on_disk("linear", {}, size_));
	const std::string slow = fmt::format(" {0} {1} {2} {3} {1} {2} {3}", delay_.count() / 2, disk_, delay_from_.count,
					     delay_.count());
	std::string table = on_disk("delay", delay_from_, size_ - delay_from_, slow);
	if (delay_from_ > Sectors{})
		table = on_disk("linear", {}, delay_from_) + '\n' + table;
	load(table);
}

void Leg::delay(Milliseconds time, Sectors from)
{
	const std::scoped_lock lock(mutex_);
	delay_ = time;
	delay_from_ = from;
	load_delay();
}

void Leg::hang(Milliseconds time, Sectors from)
{
	release();
	const std::scoped_lock lock(mutex_);
	const std::string forever = fmt::format(" 0 {0} {1} {2} {0} {1} 0", disk_, from.count, forever_ms);
	std::string table = on_disk("delay", from, size_ - from, forever);
	if (from > Sectors{})
		table = on_disk("linear", {}, from) + '\n' + table;
	load(table);
	releaser_ = std::jthread([this, time](std::stop_token stop) {
		std::unique_lock waiting(mutex_);
		let_go_.wait_for(waiting, stop, time, [] { return false; });
		load_delay();
	});
}

void Leg::release()
{
	// Its end lets go.
	releaser_ = {};
}

void Leg::fail_everything()
{
	release();
	const std::scoped_lock lock(mutex_);
	load(fmt::format("0 {} error", size_.count));
}

void Leg::fail_reads()
{
	release();
	const std::scoped_lock lock(mutex_);
	load(on_disk("flakey", {}, size_, " 0 100000 1 error_reads"));
}

void Leg::mend()
{
	release();
	const std::scoped_lock lock(mutex_);
	load_delay();
}

} // namespace soak
