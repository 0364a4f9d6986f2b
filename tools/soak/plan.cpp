#include "soak/plan.h"

#include "soak/random.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace soak {

namespace {

constexpr std::uint64_t mib = 1 << 20;

struct ActionInfo {
	Action action;
	std::string_view name;
	unsigned weight;
};

constexpr std::array actions{
	ActionInfo{Action::wait_in_sync, "wait until in sync", 10},
	ActionInfo{Action::fail, "fail", 12},
	ActionInfo{Action::fail_by_error, "fail by I/O errors", 6},
	ActionInfo{Action::remove, "remove", 20},
	ActionInfo{Action::re_add, "re-add", 20},
	ActionInfo{Action::add_blank, "add blank", 8},
	ActionInfo{Action::write_mostly, "write-mostly", 8},
	ActionInfo{Action::not_write_mostly, "not write-mostly", 4},
	ActionInfo{Action::delay, "delay", 10},
	ActionInfo{Action::hang, "hang", 10},
	ActionInfo{Action::hang_whole, "hang, metadata too", 4},
	ActionInfo{Action::read_errors, "read errors", 3},
	ActionInfo{Action::no_bitmap, "bitmap none", 3},
	ActionInfo{Action::bitmap, "bitmap internal", 25},
	ActionInfo{Action::backlog, "backlog", 5},
	ActionInfo{Action::time_base, "time_base", 5},
	ActionInfo{Action::safe_mode_delay, "safe_mode_delay", 3},
	ActionInfo{Action::check, "check", 6},
	ActionInfo{Action::repair, "repair", 4},
	ActionInfo{Action::abort_check, "abort a check", 3},
	ActionInfo{Action::freeze, "freeze", 3},
	ActionInfo{Action::check_range, "check of a range", 3},
	ActionInfo{Action::sync_speed, "sync speed", 3},
	ActionInfo{Action::read_only, "read-only and back", 5},
	ActionInfo{Action::suspend_range, "suspend_lo, suspend_hi", 4},
	ActionInfo{Action::suspend_above, "suspend the device above", 15},
	ActionInfo{Action::resize, "resize", 5},
	ActionInfo{Action::memory_pressure, "memory pressure", 4},
	ActionInfo{Action::restart, "stop and assemble", 4},
	ActionInfo{Action::restart_without, "assemble without", 4},
	ActionInfo{Action::verify, "verify", 6},
	ActionInfo{Action::compare, "compare members", 5},
};

constexpr const ActionInfo &info_of(Action action)
{
	return actions[static_cast<std::size_t>(action)];
}

static_assert([] {
	for (std::size_t i = 0; i < actions.size(); i++)
		if (static_cast<std::size_t>(actions[i].action) != i)
			return false;
	return true;
}());

enum class Disk {
	out, // not in the array
	in, // in sync
	joining, // will be, once recovery is done
	failed,
	spare,
};

// Writes down steps that make sense one after the other.
class Planner {
public:
	Planner(Round &round, Random &random)
		: round_(round), random_(random), disks_(round.shape.disks(), Disk::in), bitmap_(round.bitmap)
	{
		disks_.back() = Disk::out;
		for (bool slow : round.shape.slow)
			write_mostly_.push_back(slow);
		write_mostly_.push_back(false);
	}

	void add_steps(unsigned count);

private:
	using Choice = std::vector<unsigned>;

	unsigned count(Disk state) const { return static_cast<unsigned>(std::ranges::count(disks_, state)); }
	bool whole() const { return count(Disk::in) == round_.shape.members(); }
	// Nothing but members in sync and a disk that is out.
	bool calm() const { return whole() && count(Disk::failed) == 0; }
	bool has_room() const { return count(Disk::in) + count(Disk::joining) < round_.shape.members(); }
	Choice where(Disk state) const;
	Choice where_write_mostly(bool flag) const;
	Choice choices(Action action) const;
	std::uint64_t value_for(Action action);
	void apply(const Step &step);
	void join(unsigned disk);
	void fail(unsigned disk);

	Round &round_;
	Random &random_;
	std::vector<Disk> disks_;
	std::vector<bool> write_mostly_;
	bool bitmap_;
};

Planner::Choice Planner::where(Disk state) const
{
	Choice choice;
	for (unsigned i = 0; i < disks_.size(); i++)
		if (disks_[i] == state)
			choice.push_back(i);
	return choice;
}

Planner::Choice Planner::where_write_mostly(bool flag) const
{
	Choice choice = where(Disk::in);
	std::erase_if(choice, [&](unsigned disk) { return write_mostly_[disk] != flag; });
	return choice;
}

// The disks that an action can be done to; for one that is not about a disk, any if it can be done at all.
Planner::Choice Planner::choices(Action action) const
{
	const Choice yes{0}, no;
	switch (action) {
	case Action::wait_in_sync:
		return count(Disk::joining) ? yes : no;
	case Action::fail:
		return count(Disk::in) >= 2 ? where(Disk::in) : where(Disk::joining);
	case Action::fail_by_error:
		return count(Disk::in) >= 2 && count(Disk::joining) == 0 ? where(Disk::in) : no;
	case Action::remove:
		return where(Disk::failed);
	case Action::re_add:
	case Action::add_blank:
		return where(Disk::out);
	case Action::write_mostly:
		return where_write_mostly(false);
	case Action::not_write_mostly:
		return where_write_mostly(true);
	case Action::delay:
	case Action::hang:
	case Action::hang_whole:
		return where(Disk::in);
	case Action::read_errors:
		return calm() ? where(Disk::in) : no;
	case Action::no_bitmap:
		return calm() && bitmap_ ? yes : no;
	case Action::bitmap:
		return calm() && !bitmap_ ? yes : no;
	case Action::backlog:
	case Action::time_base:
		return bitmap_ ? yes : no;
	case Action::suspend_above:
		return round_.above ? yes : no;
	case Action::read_only:
	case Action::restart:
	case Action::resize:
	case Action::compare:
		return calm() && !round_.above ? yes : no;
	case Action::restart_without:
		return calm() && !round_.above && bitmap_ ? where(Disk::in) : no;
	case Action::check:
	case Action::repair:
	case Action::abort_check:
	case Action::check_range:
		return calm() ? yes : no;
	case Action::freeze:
	case Action::safe_mode_delay:
	case Action::sync_speed:
	case Action::suspend_range:
	case Action::memory_pressure:
	case Action::verify:
		return yes;
	}
	return no;
}

std::uint64_t Planner::value_for(Action action)
{
	switch (action) {
	case Action::delay:
		return random_.pick<std::uint64_t>({0, 0, 1, 5, 20, 60, 200});
	case Action::re_add:
	case Action::add_blank:
		return random_.below(2);
	case Action::hang:
		return random_.between(500, 8000);
	case Action::hang_whole:
		return random_.between(500, 4000);
	case Action::bitmap:
		return std::uint64_t{4096} << random_.below(9);
	case Action::backlog:
		return random_.pick<std::uint64_t>({0, 1, 2, 16, 64, 256, 4096, 16383});
	case Action::time_base:
		return random_.pick<std::uint64_t>({1, 1, 2, 5});
	case Action::safe_mode_delay:
		return random_.pick<std::uint64_t>({0, 1, 20, 200});
	case Action::check_range:
		return random_.next();
	case Action::sync_speed:
		return random_.pick<std::uint64_t>({2000, 20000, 200000});
	case Action::suspend_range:
		return random_.next();
	case Action::resize:
		// Any size that mdadm can ask for, multiples of chunks and others.
		return random_.between(20 * mib, 76 * mib) / 1024 * 2;
	case Action::memory_pressure:
		return random_.between(1000, 6000);
	default:
		return 0;
	}
}

void Planner::join(unsigned disk)
{
	disks_[disk] = has_room() ? Disk::joining : Disk::spare;
}

void Planner::fail(unsigned disk)
{
	disks_[disk] = Disk::failed;
	if (const Choice spares = where(Disk::spare); !spares.empty())
		disks_[spares.front()] = Disk::joining;
}

void Planner::apply(const Step &step)
{
	switch (step.action) {
	case Action::wait_in_sync:
		std::ranges::replace(disks_, Disk::joining, Disk::in);
		break;
	case Action::fail:
	case Action::fail_by_error:
		fail(step.disk);
		break;
	case Action::remove:
		disks_[step.disk] = Disk::out;
		break;
	case Action::re_add:
	case Action::add_blank:
		join(step.disk);
		break;
	case Action::restart_without:
		fail(step.disk);
		disks_[step.disk] = Disk::out;
		break;
	case Action::write_mostly:
	case Action::not_write_mostly:
		write_mostly_[step.disk] = step.action == Action::write_mostly;
		break;
	case Action::no_bitmap:
	case Action::bitmap:
		bitmap_ = step.action == Action::bitmap;
		break;
	default:
		break;
	}
}

void Planner::add_steps(unsigned count)
{
	while (round_.steps.size() < count) {
		const unsigned total = [] {
			unsigned sum = 0;
			for (const ActionInfo &info : actions)
				sum += info.weight;
			return sum;
		}();
		std::uint64_t at = random_.below(total);
		const ActionInfo *info = actions.data();
		for (; at >= info->weight; info++)
			at -= info->weight;
		const Choice disks = choices(info->action);
		if (disks.empty())
			continue;
		const Step step{info->action, random_.pick(std::span<const unsigned>(disks)), value_for(info->action),
				static_cast<unsigned>(random_.between(0, 20) * random_.between(0, 20))};
		apply(step);
		round_.steps.push_back(step);
	}
}

// One in ten rounds makes a new array.
bool creates(std::uint64_t seed, std::uint64_t number)
{
	return number == 0 || Random({seed, number, 0x65706f63}).percent(10);
}

Shape shape_of(std::uint64_t seed, std::uint64_t epoch)
{
	Random random({seed, epoch, 0x73686170});
	Shape shape{};
	shape.seed = seed;
	shape.epoch = epoch;
	shape.slow.assign(random.percent(65) ? 2 : most_members, false);
	for (unsigned i = 1; i < shape.slow.size(); i++)
		shape.slow[i] = i == 1 ? random.percent(90) : random.percent(50);
	if (random.percent(25))
		std::reverse(shape.slow.begin(), shape.slow.end());
	shape.metadata = random.pick<std::string_view>({"1.2", "1.2", "1.2", "1.1", "1.0"});
	shape.bitmap = random.percent(95);
	shape.chunk = {std::uint64_t{4096} << random.below(9)};
	shape.assume_clean = random.percent(50);
	shape.size = {random.between(24 * mib, 64 * mib) / 1024 * 2};
	return shape;
}

Shape current_shape(std::uint64_t seed, std::uint64_t number)
{
	while (!creates(seed, number))
		number--;
	return shape_of(seed, number);
}

} // namespace

std::string_view name_of(Action action)
{
	return info_of(action).name;
}

std::string_view name_of(Ending ending)
{
	constexpr std::array<std::string_view, 5> names{"stop", "reload", "crash", "reboot", "reset"};
	return names[static_cast<std::size_t>(ending)];
}

std::string Shape::uuid() const
{
	return fmt::format("{:08x}:{:08x}:{:08x}:{:08x}", seed >> 32, seed & 0xffffffff, epoch, 0x736f616b);
}

Round plan(std::uint64_t seed, std::uint64_t number)
{
	Random random({seed, number, 0x726f756e});
	Round round{};
	round.number = number;
	round.shape = current_shape(seed, number);
	round.kernel = !round.creates() && random.percent(15);
	round.above = random.percent(20);
	round.work_first = random.percent(50);
	round.bitmap = random.percent(95);
	round.chunk = {std::uint64_t{4096} << random.below(9)};
	round.workers = round.kernel ? 1 : static_cast<unsigned>(random.between(2, 12));
	round.backlog = random.pick<std::uint64_t>({1, 32, 256, 4096, 16383});
	for (bool slow : round.shape.slow)
		round.delays.push_back(slow && !round.kernel ? random.pick<std::uint64_t>({0, 2, 10, 30, 100}) : 0);
	round.ending = random.pick({Ending::stop, Ending::reload, Ending::crash, Ending::crash, Ending::crash, Ending::reboot,
				    Ending::reset});
	if (!round.kernel)
		Planner(round, random).add_steps(static_cast<unsigned>(random.between(3, 16)));
	round.abrupt = random.percent(30);
	round.crash_at = static_cast<int>(random.below(round.steps.size() + 2)) - 1;
	round.crash_after = random.below(random.percent(50) ? 300 : 4000);
	return round;
}

std::string describe(const Step &step)
{
	return fmt::format("{}, disk {}, value {}, then {} requests", name_of(step.action), step.disk, step.value,
			   step.requests_after);
}

std::string describe(const Round &round)
{
	const Shape &shape = round.shape;
	std::vector<std::string_view> members;
	for (bool slow : shape.slow)
		members.push_back(slow ? "slow" : "fast");
	std::string text = fmt::format("round {}: {}array of round {} ({}, metadata {}, {} KiB), by {}; {} workers, backlog {}, "
				       "delays {} ms; ends by {}",
				       round.number, round.creates() ? "new " : "", shape.epoch, fmt::join(members, " "),
				       shape.metadata, shape.size.count / 2, round.kernel ? "the kernel's raid1" : "raid1wb",
				       round.workers, round.backlog, fmt::join(round.delays, " "), name_of(round.ending));
	if (round.ending == Ending::crash)
		text += fmt::format(" {} ms after step {}", round.crash_after, round.crash_at);
	for (std::size_t i = 0; i < round.steps.size(); i++)
		text += fmt::format("\n  step {}: {}", i, describe(round.steps[i]));
	return text;
}

} // namespace soak
