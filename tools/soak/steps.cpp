#include "soak/steps.h"

#include "soak/failure.h"
#include "soak/pressure.h"
#include "soak/process.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

namespace soak {

namespace {

// Superblock and bitmap lie before, but for metadata 1.0.
constexpr Sectors metadata{2048};
// What bounds of a check are multiples of.
constexpr std::uint64_t check_unit = 128;

void pause(std::uint64_t ms)
{
	std::this_thread::sleep_for(Milliseconds(ms));
}

} // namespace

Steps::Steps(Stage &stage, const Round &round) : stage_(stage), array_(stage.array), round_(round) {}

void Steps::play(const Step &step)
{
	Leg &leg = *stage_.legs[step.disk];
	switch (step.action) {
	case Action::wait_in_sync:
		tidy();
		array_.wait_settled();
		break;
	case Action::fail:
		array_.fail(step.disk);
		break;
	case Action::fail_by_error:
		fail_by_error(step);
		break;
	case Action::remove:
		let_leave(step.disk);
		break;
	case Action::re_add:
		array_.re_add(step.disk, step.value);
		break;
	case Action::add_blank:
		array_.add_blank(step.disk, step.value);
		break;
	case Action::write_mostly:
	case Action::not_write_mostly:
		set_write_mostly(step.disk, step.action == Action::write_mostly);
		break;
	case Action::delay:
		leg.delay(Milliseconds(step.value));
		break;
	case Action::hang:
		leg.hang(Milliseconds(step.value), metadata);
		break;
	case Action::hang_whole:
		leg.hang(Milliseconds(step.value), {});
		break;
	case Action::read_errors:
		read_errors(step);
		break;
	case Action::no_bitmap:
		array_.remove_bitmap();
		break;
	case Action::bitmap:
		array_.set_bitmap({step.value}, round_.backlog);
		break;
	case Action::backlog:
		array_.try_set("bitmap/backlog", std::to_string(step.value));
		break;
	case Action::time_base:
		array_.set("bitmap/time_base", std::to_string(step.value));
		break;
	case Action::safe_mode_delay:
		array_.set("safe_mode_delay", fmt::format("{}.{:03}", step.value / 1000, step.value % 1000));
		break;
	case Action::check:
		array_.scrub("check");
		break;
	case Action::repair:
		array_.scrub("repair");
		break;
	case Action::abort_check:
		abort_check();
		break;
	case Action::freeze:
		freeze(step);
		break;
	case Action::check_range:
		check_range(step);
		break;
	case Action::sync_speed:
		array_.set("sync_speed_min", std::to_string(step.value));
		array_.set("sync_speed_max", std::to_string(step.value));
		break;
	case Action::read_only:
		read_only();
		break;
	case Action::suspend_range:
		suspend_range(step);
		break;
	case Action::suspend_above:
		suspend_above();
		break;
	case Action::resize:
		resize(step);
		break;
	case Action::memory_pressure:
		squeeze_memory(Milliseconds(step.value));
		break;
	case Action::restart:
		restart(stage_.member_disks());
		break;
	case Action::restart_without:
		restart_without(step);
		break;
	case Action::verify:
		stage_.verify();
		break;
	case Action::compare:
		compare();
		break;
	}
}

void Steps::tidy()
{
	array_.set("sync_speed_min", "1000000");
	array_.set("sync_speed_max", "1000000");
}

// md notices when it next writes there.
void Steps::fail_by_error(const Step &step)
{
	stage_.legs[step.disk]->fail_everything();
	const auto end = std::chrono::steady_clock::now() + Patience{5};
	while (!array_.has_failed(step.disk) && std::chrono::steady_clock::now() < end)
		pause(50);
	if (!array_.has_failed(step.disk))
		array_.fail(step.disk);
}

void Steps::let_leave(unsigned disk)
{
	stage_.legs[disk]->release();
	array_.remove(disk);
	stage_.legs[disk]->mend();
}

void Steps::set_write_mostly(unsigned disk, bool flag)
{
	array_.set_member(disk, "state", flag ? "writemostly" : "-writemostly");
}

// Reads go to another member; this one may be mended by writing, be failed, or be marked with bad blocks.
void Steps::read_errors(const Step &step)
{
	array_.wait_in_sync();
	stage_.legs[step.disk]->fail_reads();
	stage_.verify();
	stage_.let_pass(step.requests_after);
	stage_.legs[step.disk]->mend();
	replace_damaged(step.disk);
}

void Steps::replace_damaged(unsigned disk)
{
	wait_until("bad blocks to be recorded", [&] { return !array_.is(disk, "blocked"); });
	const bool faulty = array_.has_failed(disk);
	if (!faulty && array_.member(disk, "bad_blocks").empty())
		return;
	stage_.counters.add(faulty ? "failed for read errors" : "bad blocks for read errors");
	if (!faulty)
		array_.fail(disk);
	let_leave(disk);
	array_.add_blank(disk, round_.shape.slow.size() > disk && round_.shape.slow[disk]);
	array_.wait_in_sync();
}

void Steps::abort_check()
{
	array_.wait_idle();
	array_.set("sync_action", "check");
	pause(30);
	array_.set("sync_action", "idle");
	array_.wait_idle();
}

void Steps::freeze(const Step &step)
{
	array_.set("sync_action", "frozen");
	stage_.let_pass(step.requests_after);
	array_.set("sync_action", "idle");
}

// md stops at sync_max, and stays there until told what next.
void Steps::check_range(const Step &step)
{
	const std::uint64_t units = array_.size().count / check_unit;
	const std::uint64_t first = step.value % units, last = first + (step.value >> 32) % (units - first);
	array_.wait_idle();
	array_.set("sync_min", std::to_string(first * check_unit));
	array_.set("sync_max", std::to_string(last * check_unit));
	array_.set("sync_action", "check");
	stage_.let_pass(50);
	array_.set("sync_action", "idle");
	array_.wait_idle();
	array_.set("sync_min", "0");
	array_.set("sync_max", "max");
	if (const std::string differ = array_.get("mismatch_cnt"); differ != "0")
		throw Failure(fmt::format("check of a range: {} sectors differ between members", differ));
}

void Steps::suspend_range(const Step &step)
{
	const std::uint64_t size = stage_.ledger.size().count;
	const std::uint64_t first = step.value % size, last = first + (step.value >> 32) % (size - first);
	array_.set("suspend_lo", std::to_string(first));
	array_.set("suspend_hi", std::to_string(last));
	pause(step.value % 400);
	array_.set("suspend_hi", "0");
	array_.set("suspend_lo", "0");
}

void Steps::suspend_above()
{
	must_run({"dmsetup", "suspend", "--nolockfs", "above"});
	pause(200);
	must_run({"dmsetup", "resume", "above"});
}

void Steps::read_only()
{
	array_.wait_idle();
	stage_.halt();
	array_.read_only(true);
	stage_.verify();
	array_.read_only(false);
	stage_.work();
}

// What is new may hold anything; what is given up is forgotten before it is.
void Steps::resize(const Step &step)
{
	const Sectors size{step.value};
	array_.wait_in_sync();
	const bool shrinks = size < stage_.ledger.size();
	if (shrinks) {
		stage_.halt();
		stage_.ledger.resize_to(size);
	}
	stage_.resize(size);
	stage_.halt();
	stage_.ledger.resize_to(array_.size());
	stage_.work();
}

void Steps::restart(const std::vector<unsigned> &disks)
{
	stage_.halt();
	stage_.stop();
	stage_.assemble(disks);
	stage_.work();
}

// All are alike then, so any of them will do.
void Steps::restart_without(const Step &step)
{
	tidy();
	array_.wait_in_sync();
	std::vector<unsigned> disks = stage_.member_disks();
	std::erase(disks, step.disk);
	restart(disks);
}

void Steps::compare()
{
	tidy();
	array_.wait_in_sync();
	stage_.halt();
	array_.read_only(true);
	stage_.compare_members();
	array_.read_only(false);
	stage_.work();
}

void Steps::make_whole()
{
	const Shape &shape = round_.shape;
	const unsigned extra = shape.members();
	const bool bring_blank = round_.kernel;
	for (unsigned disk = 0; disk < shape.disks(); disk++)
		if (array_.has_failed(disk))
			let_leave(disk);
	for (unsigned disk = 0; disk < shape.members(); disk++) {
		if (array_.is_member(disk))
			continue;
		if (bring_blank)
			array_.add_blank(disk, shape.slow[disk]);
		else
			array_.re_add(disk, shape.slow[disk]);
	}
	array_.wait_in_sync();
	if (array_.is_member(extra)) {
		array_.fail(extra);
		let_leave(extra);
		array_.wait_in_sync();
	}
	for (unsigned disk = 0; disk < shape.members(); disk++)
		if (array_.is(disk, "write_mostly") != shape.slow[disk])
			set_write_mostly(disk, shape.slow[disk]);
}

} // namespace soak
