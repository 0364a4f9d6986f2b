// SPDX-License-Identifier: GPL-2.0
// A disk as a member of md's arrays; how it gets out and in again.
#pragma once

#include <string>
#include <vector>

#include "files.h"

namespace remote_leg {

class Member {
public:
	// directory: the member's, /sys/block/md0/md/dev-sdb
	explicit Member(Path directory) : directory_{std::move(directory)} {}

	// /dev/md0
	Path array() const;
	// /dev/sdb
	Path device() const;
	bool has_failed() const;
	// As long as requests are on their way there, md cannot let go of it: up to a minute. Did it?
	bool take_out() const;
	// What it was once; what it lacks is copied. Throws Failure.
	void put_back() const;

private:
	Path directory_;
};

// Of all arrays: those on that disk, or on one of its partitions.
std::vector<Member> members_on(const std::string &disk, const Path &sysfs = "/sys");
// Why it, or a partition of it, must not go; empty if nobody has it.
std::string who_uses(const std::string &disk, const Path &sysfs = "/sys", const Path &mounts = "/proc/self/mountinfo");
// Not from what is cached.
bool is_readable(const Path &device);
// Throws Failure if that is not a block device that nobody has.
void check_free(const Path &device);

} // namespace remote_leg
