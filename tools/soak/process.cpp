#include "soak/process.h"

#include "soak/failure.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace soak {

namespace {

class FileActions {
public:
	FileActions() { posix_spawn_file_actions_init(&actions_); }
	FileActions(const FileActions &) = delete;
	~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

	posix_spawn_file_actions_t *get() { return &actions_; }

private:
	posix_spawn_file_actions_t actions_;
};

std::string read_all(int fd)
{
	std::string text;
	std::array<char, 4096> piece;
	for (ssize_t n; (n = read(fd, piece.data(), piece.size())) != 0;) {
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			text.append(piece.data(), static_cast<std::size_t>(n));
	}
	return text;
}

} // namespace

Outcome run(const std::vector<std::string> &command)
{
	std::array<int, 2> ends;
	if (pipe2(ends.data(), O_CLOEXEC) != 0)
		throw Failure(fmt::format("pipe: {}", std::strerror(errno)));
	FileActions actions;
	posix_spawn_file_actions_addopen(actions.get(), 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(actions.get(), ends[1], 1);
	posix_spawn_file_actions_adddup2(actions.get(), ends[1], 2);
	std::vector<char *> arguments;
	for (const std::string &word : command)
		arguments.push_back(const_cast<char *>(word.c_str()));
	arguments.push_back(nullptr);
	pid_t child;
	const int error = posix_spawnp(&child, arguments[0], actions.get(), nullptr, arguments.data(), environ);
	close(ends[1]);
	Outcome outcome{127, {}};
	if (error == 0) {
		outcome.output = read_all(ends[0]);
		int status = 0;
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	} else {
		outcome.output = std::strerror(error);
	}
	close(ends[0]);
	return outcome;
}

std::string must_run(const std::vector<std::string> &command)
{
	Outcome outcome = run(command);
	if (!outcome.good())
		throw Failure(fmt::format("{}: status {}: {}", fmt::join(command, " "), outcome.status, outcome.output));
	return std::move(outcome.output);
}

} // namespace soak
