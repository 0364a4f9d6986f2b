#include "soak/guest.h"

#include "soak/device.h"
#include "soak/failure.h"
#include "soak/process.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <sys/reboot.h>
#include <unistd.h>

namespace soak {

namespace {

constexpr std::chrono::seconds die_within{90};

// What is in a module's way when it is to be loaded by file name.
std::string module_file()
{
	for (const auto &entry : std::filesystem::directory_iterator("/modules"))
		if (entry.path().extension() == ".ko")
			return entry.path();
	throw Failure("/modules: no module there");
}

// md finds superblocks at the begin and the end.
void wipe(const std::string &path, bool whole)
{
	const Device disk(path);
	const Sectors size = disk.size(), edge{2 * sectors_per_mib};
	if (whole) {
		disk.zero({{}, size});
	} else {
		disk.zero({{}, edge});
		disk.zero({size - edge, edge});
	}
}

} // namespace

void Guest::load(bool kernel)
{
	const std::string wanted = kernel ? "raid1" : "md_raid1wb";
	if (loaded_ == wanted)
		return;
	unload();
	must_run({"modprobe", "md-mod"});
	if (kernel)
		must_run({"modprobe", "raid1"});
	else
		must_run({"insmod", module_file()});
	loaded_ = wanted;
	std::ofstream("/proc/sys/dev/raid/speed_limit_max") << 10'000'000;
	std::ofstream("/proc/sys/dev/raid/speed_limit_min") << 10'000'000;
}

void Guest::unload()
{
	if (!loaded_.empty())
		must_run({"rmmod", loaded_});
	loaded_.clear();
}

void Guest::keep_in_mind(const Round &round, bool clean)
{
	stage_.ledger.remember({{"epoch", round.shape.epoch}, {"clean", clean}});
}

// QEMU is killed when this line is seen; until then, everything goes on.
void Guest::arm_crash(const Round &round, int step)
{
	if (round.ending != Ending::crash || round.crash_at != step)
		return;
	crash_ = std::jthread([this, after = round.crash_after] {
		std::this_thread::sleep_for(Milliseconds(after));
		stage_.may_die.lock();
		stage_.monitor.print_counts();
		print("crash now");
	});
}

void Guest::wait_for_death()
{
	std::this_thread::sleep_for(die_within);
	throw Failure(fmt::format("the machine goes on {} s after it was to die", die_within.count()));
}

void Guest::create(const Round &round)
{
	const Shape &shape = round.shape;
	stage_.monitor.now("creating");
	stage_.ledger.remember({});
	for (const auto &leg : stage_.legs)
		wipe(leg->path(), shape.assume_clean);
	stage_.array.create(shape, round.backlog);
	stage_.ledger.set_all(stage_.array.size(), shape.assume_clean ? Content::zeroes : Content::anything);
	keep_in_mind(round, false);
	stage_.put_above();
	stage_.counters.add("arrays created");
}

void Guest::take_up(const Round &round)
{
	stage_.monitor.now("assembling");
	crashed_ = !stage_.ledger.recall().value("clean", false);
	keep_in_mind(round, false);
	stage_.assemble(stage_.disks_of(round.shape));
	// Until it has resynced, the kernel's raid1 reads whoever comes first, though he may be behind, or not be rebuilt yet.
	if (round.kernel)
		stage_.array.wait_settled();
	stage_.ledger.resize_to(stage_.array.size());
	stage_.counters.add(round.kernel ? "assembled by the kernel's raid1" : "assembled");
}

void Guest::begin(const Round &round)
{
	load(round.kernel);
	stage_.set_round(round);
	for (unsigned i = 0; i < stage_.legs.size(); i++)
		stage_.legs[i]->delay(Milliseconds(i < round.delays.size() ? round.delays[i] : 0));
	arm_crash(round, -1);
	const auto facts = stage_.ledger.recall();
	if (!facts.is_object() || facts.value("epoch", ~std::uint64_t{}) != round.shape.epoch)
		create(round);
	else
		take_up(round);
}

void Guest::use_bitmap(const Round &round)
{
	Array &array = stage_.array;
	if (round.kernel)
		return;
	if (round.bitmap && !array.has_bitmap())
		array.set_bitmap(round.chunk, round.backlog);
	else if (!round.bitmap && array.has_bitmap())
		array.remove_bitmap();
	else if (round.bitmap)
		array.try_set("bitmap/backlog", std::to_string(round.backlog));
}

void Guest::play_steps(const Round &round, Steps &steps)
{
	for (std::size_t i = 0; i < round.steps.size(); i++) {
		const Step &step = round.steps[i];
		arm_crash(round, static_cast<int>(i));
		print(fmt::format("step {}: {}", i, describe(step)));
		stage_.monitor.now(fmt::format("step {}, {}", i, name_of(step.action)));
		steps.play(step);
		stage_.counters.add(fmt::format("step: {}", name_of(step.action)));
		stage_.let_pass(step.requests_after);
		stage_.verdict.check();
	}
}

void Guest::play(const Round &round)
{
	print(describe(round));
	begin(round);
	Steps steps(stage_, round);
	if (round.work_first)
		stage_.work();
	stage_.monitor.now("verifying what was there");
	stage_.verify();
	if (!round.work_first)
		stage_.work();
	stage_.monitor.now("making the array whole");
	steps.tidy();
	steps.make_whole();
	stage_.monitor.now("verifying the whole array");
	stage_.verify();
	if (std::exchange(crashed_, false))
		stage_.counters.add("crashes survived");
	stage_.monitor.now("setting up the bitmap");
	use_bitmap(round);
	play_steps(round, steps);
	steps.tidy();
	end(round);
}

void Guest::end_whole()
{
	stage_.monitor.now("stopping");
	stage_.array.wait_settled();
	stage_.verify();
	stage_.halt();
	stage_.array.scrub("check");
	const Sectors size = stage_.array.size();
	const std::vector<unsigned> disks = stage_.active_disks();
	stage_.stop();
	stage_.compare_disks(disks, size);
}

void Guest::end(const Round &round)
{
	stage_.counters.add(fmt::format("ended by: {}", name_of(round.ending)));
	stage_.counters.add("rounds");
	switch (round.ending) {
	case Ending::crash:
		arm_crash(round, static_cast<int>(round.steps.size()));
		wait_for_death();
	case Ending::reboot:
		stage_.monitor.print_counts();
		print("end: reboot");
		reboot(RB_AUTOBOOT);
		wait_for_death();
	case Ending::reset:
		stage_.monitor.print_counts();
		print("end: reset");
		usleep(100'000);
		std::ofstream("/proc/sysrq-trigger") << 'b' << std::flush;
		wait_for_death();
	case Ending::stop:
	case Ending::reload:
		break;
	}
	for (auto &leg : stage_.legs)
		leg->mend();
	if (round.abrupt) {
		stage_.monitor.now("stopping at once");
		stage_.halt();
		stage_.stop();
	} else {
		end_whole();
	}
	keep_in_mind(round, true);
	if (round.ending == Ending::reload)
		unload();
}

void Guest::play()
{
	try {
		const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(options_.seconds);
		for (std::uint64_t number = options_.first_round; std::chrono::steady_clock::now() < end; number++)
			play(plan(options_.seed, number));
		stage_.monitor.print_counts();
		print("end: time");
	} catch (const std::exception &error) {
		stage_.monitor.fail(error);
	}
	_exit(0);
}

void Guest::inspect()
{
	try {
		Round round = plan(options_.seed, options_.first_round);
		round.ending = Ending::stop;
		round.abrupt = false;
		round.steps.clear();
		play(round);
		stage_.monitor.print_counts();
		print("end: time");
	} catch (const std::exception &error) {
		stage_.monitor.fail(error);
	}
	_exit(0);
}

} // namespace soak
