// SPDX-License-Identifier: GPL-2.0
#include "fake_tree.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace wbstat {

FakeTree::FakeTree()
{
	auto name = (std::filesystem::temp_directory_path() / "wbstat-XXXXXX").string();
	if (!mkdtemp(name.data()))
		throw std::runtime_error("no directory for a test");
	root_ = name;
}

FakeTree::~FakeTree()
{
	std::error_code error;
	std::filesystem::remove_all(root_, error);
}

void FakeTree::set(const std::string &file, const std::string &value)
{
	std::filesystem::create_directories((root_ / file).parent_path());
	std::ofstream{root_ / file} << value << '\n';
}

void FakeTree::remove(const std::string &name)
{
	if (!std::filesystem::remove_all(root_ / name))
		throw std::runtime_error("no " + name);
}

void FakeTree::load()
{
	set("module/md_raid1wb/refcnt", "1");
}

void FakeTree::add_array(const std::string &name)
{
	const auto md = "block/" + name + "/md/";
	const std::pair<const char *, const char *> values[] = {
		{"array_state", "active"}, {"raid_disks", "2"}, {"sync_action", "idle"}, {"sync_completed", "none"},
		{"sync_speed", "none"}, {"write_behind/backlog_writes", "12"}, {"write_behind/backlog_bytes", "49152"},
		{"write_behind/limit_writes", "4096"}, {"write_behind/limit_bytes", "67108864"},
		{"write_behind/behind_writes", "1000"}, {"write_behind/dropped_writes", "30"},
		{"write_behind/max_backlog_writes", "400"}, {"write_behind/max_backlog_bytes", "1638400"},
		{"write_behind/lag_ms", "1250"}, {"write_behind/waited_limit_count", "5"},
		{"write_behind/waited_no_memory", "0"}, {"write_behind/slot0/device", "nvme0n1"},
		{"write_behind/slot0/state", "sync"}, {"write_behind/slot0/lag_ms", "0"},
		{"write_behind/slot0/max_lag_ms", "0"}, {"write_behind/slot0/backlog_writes", "0"},
		{"write_behind/slot0/backlog_bytes", "0"}, {"write_behind/slot0/behind_writes", "0"},
		{"write_behind/slot0/behind_bytes", "0"}, {"write_behind/slot0/dropped_writes", "0"},
		{"write_behind/slot0/max_backlog_writes", "0"}, {"write_behind/slot0/max_backlog_bytes", "0"},
		{"write_behind/slot1/device", "sdb"}, {"write_behind/slot1/state", "behind"},
		{"write_behind/slot1/lag_ms", "1250"}, {"write_behind/slot1/max_lag_ms", "2000"},
		{"write_behind/slot1/backlog_writes", "12"}, {"write_behind/slot1/backlog_bytes", "49152"},
		{"write_behind/slot1/behind_writes", "1000"}, {"write_behind/slot1/behind_bytes", "4096000"},
		{"write_behind/slot1/dropped_writes", "30"}, {"write_behind/slot1/max_backlog_writes", "400"},
		{"write_behind/slot1/max_backlog_bytes", "1638400"},
	};
	for (const auto &[file, value] : values)
		set(md + file, value);
}

Sample two_members()
{
	FakeTree fake;
	fake.load();
	fake.add_array("md0");
	return take_sample(fake.tree());
}

} // namespace wbstat
