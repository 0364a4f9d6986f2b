// SPDX-License-Identifier: GPL-2.0
#include "plan.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failure.h"

namespace remote_leg {
namespace {

template<typename... T>
struct Overloaded : T... {
	using T::operator()...;
};

[[noreturn]] void fail(const Step &step, int error)
{
	throw Failure{fmt::format("{}: {}", describe(step), std::strerror(error))};
}

void carry_out(const Step &step)
{
	std::visit(Overloaded{
		[&](const MakeDirectory &made) { if (mkdir(made.path.c_str(), 0755) != 0) fail(step, errno); },
		[&](const ShareDirectory &made) { if (mkdir(made.path.c_str(), 0755) != 0 && errno != EEXIST) fail(step, errno); },
		[](const WriteValue &written) { write_value(written.path, written.value); },
		[&](const MakeLink &made) { if (symlink(made.target.c_str(), made.path.c_str()) != 0) fail(step, errno); },
	}, step);
}

void undo(const Step &step)
{
	std::visit(Overloaded{
		[](const MakeDirectory &made) { rmdir(made.path.c_str()); },
		[](const ShareDirectory &) {},
		[](const WriteValue &) {},
		[](const MakeLink &made) { unlink(made.path.c_str()); },
	}, step);
}

} // namespace

std::string describe(const Step &step)
{
	return std::visit(Overloaded{
		[](const MakeDirectory &made) { return fmt::format("mkdir {}", made.path.string()); },
		[](const ShareDirectory &made) { return fmt::format("mkdir -p {}", made.path.string()); },
		[](const WriteValue &written) { return fmt::format("echo {} >{}", written.value, written.path.string()); },
		[](const MakeLink &made) { return fmt::format("ln -s {} {}", made.target.string(), made.path.string()); },
	}, step);
}

void carry_out(const Plan &plan)
{
	auto step = plan.begin();
	try {
		for (; step != plan.end(); ++step)
			carry_out(*step);
	} catch (const Failure &) {
		while (step != plan.begin())
			undo(*--step);
		throw;
	}
}

void remove_link(const Path &path)
{
	if (unlink(path.c_str()) != 0 && errno != ENOENT)
		throw Failure{fmt::format("cannot remove {}: {}", path.string(), std::strerror(errno))};
}

void remove_directory(const Path &path)
{
	if (rmdir(path.c_str()) != 0 && errno != ENOENT)
		throw Failure{fmt::format("cannot remove {}: {}", path.string(), std::strerror(errno))};
}

} // namespace remote_leg
