// SPDX-License-Identifier: GPL-2.0
// A sysfs of our own.
#pragma once

#include <filesystem>
#include <string>

#include "sample.h"

namespace wbstat {

class FakeTree {
public:
	FakeTree();
	~FakeTree();
	FakeTree(const FakeTree &) = delete;
	FakeTree &operator=(const FakeTree &) = delete;

	void set(const std::string &file, const std::string &value);
	void remove(const std::string &name);
	// As raid1wb and md show it: a fast member in slot 0, one that is behind in slot 1.
	void add_array(const std::string &name);
	void load();

	Tree tree() const { return Tree{root_}; }

private:
	std::filesystem::path root_;
};

// The same, in memory.
Sample two_members();

} // namespace wbstat
