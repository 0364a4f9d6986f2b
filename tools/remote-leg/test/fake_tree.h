// SPDX-License-Identifier: GPL-2.0
// Directories that look like sysfs or configfs.
#pragma once

#include <string>

#include "files.h"

namespace remote_leg {

class FakeTree {
public:
	FakeTree();
	FakeTree(const FakeTree &) = delete;
	FakeTree &operator=(const FakeTree &) = delete;
	~FakeTree();

	const Path &root() const { return root_; }
	Path operator/(const std::string &name) const { return root_ / name; }
	void set(const std::string &file, const std::string &value) const;
	void make(const std::string &directory) const;
	void link(const std::string &name, const std::string &target) const;

private:
	Path root_;
};

} // namespace remote_leg
