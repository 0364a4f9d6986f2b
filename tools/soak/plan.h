// What a seed stands for: rounds, and in each of them what is done to the array. Pure: the same seed and number always
// give the same round, whatever happened before; a round begins by making the array whole.
#pragma once

#include "soak/range.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace soak {

// Disks of an array: its members, and one more to be a spare.
inline constexpr unsigned most_members = 3;

struct Shape {
	std::uint64_t epoch; // the round that creates it
	std::vector<bool> slow; // one for each member: is it write-mostly from the start?
	std::string metadata;
	bool bitmap;
	Bytes chunk;
	bool assume_clean;
	Sectors size; // of each member
	std::string uuid() const;

	std::uint64_t seed;

	unsigned members() const { return static_cast<unsigned>(slow.size()); }
	unsigned disks() const { return members() + 1; }
};

enum class Action {
	wait_in_sync,
	fail, // by mdadm
	fail_by_error, // the disk returns errors
	remove,
	re_add,
	add_blank, // without a superblock; write-mostly if `value`
	write_mostly,
	not_write_mostly,
	delay, // by `value` ms
	hang, // for `value` ms
	hang_whole, // its superblock and bitmap, too
	read_errors,
	no_bitmap,
	bitmap, // with chunks of `value` bytes
	backlog,
	time_base,
	safe_mode_delay,
	check,
	repair,
	abort_check,
	freeze,
	check_range,
	sync_speed,
	read_only,
	suspend_range,
	suspend_above,
	resize, // to `value` sectors
	memory_pressure, // for `value` ms
	restart, // stop and assemble
	restart_without, // one member, which comes back later
	verify,
	compare, // the members, read-only
};

std::string_view name_of(Action action);

struct Step {
	Action action;
	unsigned disk = 0;
	std::uint64_t value = 0;
	unsigned requests_after = 0; // let the workload go on for so many

	bool operator==(const Step &) const = default;
};

enum class Ending {
	stop,
	reload, // stop, unload and load the module
	crash, // QEMU is killed
	reboot, // reboot -f
	reset, // without a word to anybody
};

std::string_view name_of(Ending ending);
constexpr bool ends_the_machine(Ending ending)
{
	return ending != Ending::stop && ending != Ending::reload;
}

struct Round {
	std::uint64_t number;
	Shape shape;
	bool kernel; // assembled by the kernel's raid1
	bool above; // the workload goes through a dm device on the array
	bool work_first; // before anything has been verified
	bool bitmap;
	Bytes chunk;
	unsigned workers;
	std::uint64_t backlog;
	std::vector<std::uint64_t> delays; // ms, for each member
	std::vector<Step> steps;
	Ending ending;
	bool abrupt; // a stop comes at once, whatever goes on
	// A crash comes so many ms after the begin of step `crash_at`, or of the round for -1.
	int crash_at;
	std::uint64_t crash_after;

	bool creates() const { return number == shape.epoch; }
};

Round plan(std::uint64_t seed, std::uint64_t number);

std::string describe(const Step &step);
// For people: one line for the round and one for each step.
std::string describe(const Round &round);

} // namespace soak
