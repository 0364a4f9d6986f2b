// /dev/md0, by mdadm and sysfs.
#pragma once

#include "soak/leg.h"
#include "soak/plan.h"
#include "soak/process.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace soak {

using Patience = std::chrono::seconds;
inline constexpr Patience patience{120};

// Throws a Failure that says what, if it does not come true.
void wait_until(const std::string &what, const std::function<bool()> &condition, Patience limit = patience);

class Array {
public:
	explicit Array(std::vector<std::unique_ptr<Leg>> &legs) : legs_(legs) {}

	static inline const std::string path = "/dev/md0";

	void create(const Shape &shape, std::uint64_t backlog);
	// Of the disks named; those that mdadm does not want are left out.
	void assemble(const std::vector<unsigned> &disks);
	void stop();
	bool exists() const;

	std::string get(const std::string &attribute) const;
	void set(const std::string &attribute, const std::string &value) const;
	bool try_set(const std::string &attribute, const std::string &value) const;

	Sectors size() const;
	bool idle() const;
	// No slot lacks a member, nothing is out of sync, nothing goes on.
	bool in_sync() const;
	void wait_in_sync() const;
	// Whoever can be in sync is.
	bool settled() const;
	void wait_settled() const;
	void wait_idle() const;
	bool has_bitmap() const;

	bool is_member(unsigned disk) const;
	// Is this word in its state?
	bool is(unsigned disk, const std::string &word) const;
	bool has_failed(unsigned disk) const;
	bool is_active(unsigned disk) const;
	Sectors data_offset(unsigned disk) const;
	std::string member(unsigned disk, const std::string &attribute) const;
	void set_member(unsigned disk, const std::string &attribute, const std::string &value) const;

	void fail(unsigned disk) const;
	void remove(unsigned disk) const;
	// Whatever brings it in: re-add, or add if md thinks that it cannot be re-added.
	void re_add(unsigned disk, bool write_mostly) const;
	void add_blank(unsigned disk, bool write_mostly) const;
	void set_bitmap(Bytes chunk, std::uint64_t backlog) const;
	void remove_bitmap() const;
	void resize(Sectors size) const;
	// Runs it to its end; throws if the members differ.
	void scrub(const std::string &action) const;
	void read_only(bool on) const;

private:
	void add_write_mostly(unsigned disk) const;
	Outcome mdadm(std::vector<std::string> arguments) const;
	void insist(std::vector<std::string> arguments) const;

	std::vector<std::unique_ptr<Leg>> &legs_;
};

} // namespace soak
