// What a round is played on: the legs, the array, the workload and the books.
#pragma once

#include "soak/array.h"
#include "soak/counters.h"
#include "soak/ledger.h"
#include "soak/monitor.h"
#include "soak/superblock.h"
#include "soak/workers.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace soak {

class Stage {
public:
	Stage();

	std::vector<std::unique_ptr<Leg>> legs;
	Counters counters;
	Verdict verdict;
	Monitor monitor;
	Ledger ledger;
	Array array;
	// Held while the machine may not die; and for ever by whoever has it die.
	std::mutex may_die;

	// The workload goes there: the array, or the device above it.
	void set_round(const Round &round);
	const std::string &device() const { return device_; }
	void work();
	void halt();
	bool working() const { return workers_ && workers_->running(); }
	// Let the workload do so many requests; not forever, for it may be held up.
	void let_pass(unsigned requests);

	// Disks with superblocks of this array.
	std::vector<unsigned> disks_of(const Shape &shape) const;
	// Another size for the array, stable on all members.
	void resize(Sectors size);
	void assemble(const std::vector<unsigned> &disks);
	void stop();
	// Puts the device above the array in place if the round wants one.
	void put_above();
	void remove_above();

	void verify();
	// What is on the disks themselves, nobody writing: alike, and what it must be?
	void compare_members();
	// The same of disks that were members when the array was stopped.
	void compare_disks(const std::vector<unsigned> &disks, Sectors size);
	// In the array, spares included; those that are in sync.
	std::vector<unsigned> member_disks() const;
	std::vector<unsigned> active_disks() const;

private:
	void report(const std::exception &error);
	void note_offsets();
	std::map<unsigned, Superblock> superblocks_of(const Shape &shape) const;

	const Round *round_ = nullptr;
	std::string device_;
	std::unique_ptr<Workers> workers_;
	std::vector<Sectors> offsets_;
};

} // namespace soak
