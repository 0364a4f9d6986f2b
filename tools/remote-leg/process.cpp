// SPDX-License-Identifier: GPL-2.0
#include "process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "failure.h"
#include "files.h"
#include "patience.h"

namespace remote_leg {
namespace {

class FileActions {
public:
	FileActions() { posix_spawn_file_actions_init(&actions_); }
	FileActions(const FileActions &) = delete;
	FileActions &operator=(const FileActions &) = delete;
	~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

	void open(int number, const char *file, int flags) { posix_spawn_file_actions_addopen(&actions_, number, file, flags, 0); }
	void copy(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
	const posix_spawn_file_actions_t *get() const { return &actions_; }

private:
	posix_spawn_file_actions_t actions_;
};

std::vector<char *> pointers(const Command &command)
{
	std::vector<char *> words;
	for (const auto &word : command)
		words.push_back(const_cast<char *>(word.c_str()));
	words.push_back(nullptr);
	return words;
}

std::string read_all(int descriptor)
{
	std::string text;
	std::array<char, 4096> piece;
	for (ssize_t n; (n = read(descriptor, piece.data(), piece.size())) != 0;) {
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			text.append(piece.data(), static_cast<std::size_t>(n));
	}
	return text;
}

int wait_for(pid_t child)
{
	int status = 0;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// The last line that says something: programs that fail say why there.
std::string last_line(std::string_view text)
{
	const auto end = text.find_last_not_of(" \t\r\n");
	if (end == text.npos)
		return "it does not say why";
	const auto begin = text.find_last_of('\n', end);
	text = text.substr(begin == text.npos ? 0 : begin + 1, end - (begin == text.npos ? 0 : begin + 1) + 1);
	return std::string{text};
}

Command with_name(const Command &arguments)
{
	Command command{"remote-leg"};
	command.insert(command.end(), arguments.begin(), arguments.end());
	return command;
}

// Of the process, as it was started.
Command command_line(pid_t process)
{
	std::ifstream file{fmt::format("/proc/{}/cmdline", process)};
	Command words;
	for (std::string word; std::getline(file, word, '\0');)
		words.push_back(word);
	return words;
}

} // namespace

std::optional<Outcome> run(const Command &command)
{
	std::array<int, 2> ends;
	if (pipe2(ends.data(), O_CLOEXEC) != 0)
		throw Failure{fmt::format("no pipe: {}", std::strerror(errno))};
	const Descriptor output{ends[0]};
	Descriptor input{ends[1]};
	FileActions actions;
	actions.open(0, "/dev/null", O_RDONLY);
	actions.copy(input.get(), 1);
	actions.copy(input.get(), 2);
	const auto words = pointers(command);
	pid_t child;
	const int error = posix_spawnp(&child, words[0], actions.get(), nullptr, words.data(), environ);
	if (error == ENOENT)
		return std::nullopt;
	if (error)
		throw Failure{fmt::format("cannot start {}: {}", command[0], std::strerror(error))};
	input = Descriptor{};
	auto text = read_all(output.get());
	return Outcome{wait_for(child), std::move(text)};
}

std::string must_run(const Command &command, std::string_view package)
{
	auto outcome = run(command);
	if (!outcome)
		throw Failure{fmt::format("no {}: install {}", command[0], package)};
	if (!outcome->good())
		throw Failure{fmt::format("{} failed: {}", fmt::join(command, " "), last_line(outcome->output))};
	return std::move(outcome->output);
}

void load_modules(const Command &modules)
{
	for (const auto &module : modules) {
		const auto outcome = run({"modprobe", "--quiet", module});
		if (!outcome)
			throw Failure{"no modprobe: install kmod"};
		if (outcome->good())
			continue;
		utsname system{};
		uname(&system);
		throw Failure{fmt::format("the kernel's module {} cannot be loaded: {}: is linux-image-{} complete?", module,
					  outcome->output.empty() ? "it is not there" : last_line(outcome->output), system.release)};
	}
}

pid_t start_again(const Command &arguments, std::optional<int> descriptor)
{
	FileActions actions;
	actions.open(0, "/dev/null", O_RDONLY);
	const char *log = access("/dev/kmsg", W_OK) == 0 ? "/dev/kmsg" : "/dev/null";
	actions.open(1, log, O_WRONLY);
	actions.open(2, log, O_WRONLY);
	if (descriptor)
		actions.copy(*descriptor, given_descriptor);
	posix_spawnattr_t attributes;
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
	const auto command = with_name(arguments);
	const auto words = pointers(command);
	pid_t child;
	const int error = posix_spawn(&child, "/proc/self/exe", actions.get(), &attributes, words.data(), environ);
	posix_spawnattr_destroy(&attributes);
	if (error)
		throw Failure{fmt::format("cannot start remote-leg {}: {}", fmt::join(arguments, " "), std::strerror(error))};
	return child;
}

bool goes_on(pid_t process, const Command &arguments)
{
	return process > 0 && command_line(process) == with_name(arguments);
}

void end_again(pid_t process, const Command &arguments)
{
	// It leads a group: start_again has made a session for it.
	if (!goes_on(process, arguments))
		return;
	kill(-process, SIGKILL);
	if (!patiently(std::chrono::seconds{30}, [&] { return kill(-process, 0) != 0; }))
		throw Failure{fmt::format("process {} does not end: the disk may hang", process)};
}

} // namespace remote_leg
