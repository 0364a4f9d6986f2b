// SPDX-License-Identifier: GPL-2.0
// remote-leg: a leg of a mirror on another machine; sets up both ends.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <fmt/format.h>

#include "commands.h"

namespace {

// Where programs for root are: who calls this may not have them in its own path.
void complete_path()
{
	const char *path = std::getenv("PATH");
	setenv("PATH", fmt::format("{}{}/usr/sbin:/usr/bin:/sbin:/bin", path ? path : "", path ? ":" : "").c_str(), 1);
}

} // namespace

int main(int argc, char **argv)
{
	remote_leg::Request request;
	try {
		request = remote_leg::parse({argv + 1, argv + argc});
	} catch (const std::exception &error) {
		fmt::print(stderr, "remote-leg: {}\n", error.what());
		return 2;
	}
	try {
		complete_path();
		remote_leg::do_it(request);
		return 0;
	} catch (const std::exception &error) {
		fmt::print(stderr, "remote-leg: {}\n", error.what());
		return 1;
	}
}
