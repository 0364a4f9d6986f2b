// SPDX-License-Identifier: GPL-2.0
#include "fake_tree.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace remote_leg {

FakeTree::FakeTree()
{
	auto name = (std::filesystem::temp_directory_path() / "remote-leg-XXXXXX").string();
	if (!mkdtemp(name.data()))
		throw std::runtime_error("no directory for a test");
	root_ = name;
}

FakeTree::~FakeTree()
{
	std::error_code error;
	std::filesystem::remove_all(root_, error);
}

void FakeTree::set(const std::string &file, const std::string &value) const
{
	std::filesystem::create_directories((root_ / file).parent_path());
	std::ofstream{root_ / file} << value << '\n';
}

void FakeTree::make(const std::string &directory) const
{
	std::filesystem::create_directories(root_ / directory);
}

void FakeTree::link(const std::string &name, const std::string &target) const
{
	std::filesystem::create_directories((root_ / name).parent_path());
	std::filesystem::create_symlink(root_ / target, root_ / name);
}

} // namespace remote_leg
