// SPDX-License-Identifier: GPL-2.0
#include "nbd_server.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "failure.h"
#include "socket_address.h"

namespace remote_leg {
namespace {

// It has the connection as its standard input and output.
pid_t start_nbdkit(int connection, const Command &command)
{
	std::vector<char *> words;
	for (const auto &word : command)
		words.push_back(const_cast<char *>(word.c_str()));
	words.push_back(nullptr);
	const pid_t child = fork();
	if (child != 0)
		return child;
	if (dup2(connection, 0) == 0 && dup2(connection, 1) == 1)
		execvp(words[0], words.data());
	_exit(127);
}

void end(pid_t child)
{
	if (child <= 0)
		return;
	// What it has acknowledged is in the kernel's hands. What is on its way to the disk is waited for.
	kill(child, SIGKILL);
	while (waitpid(child, nullptr, 0) < 0 && errno == EINTR)
		;
}

} // namespace

Descriptor nbd_listen(const std::string &address, unsigned port)
{
	const SocketAddress place{address, port};
	Descriptor listener{socket(place.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)};
	if (!listener)
		throw Failure{fmt::format("no socket: {}", std::strerror(errno))};
	const int yes = 1;
	setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(listener.get(), place.get(), place.size()) != 0 || listen(listener.get(), 8) != 0)
		throw Failure{fmt::format("cannot listen on {}, port {}: {}{}", address, port, std::strerror(errno),
					  errno == EADDRINUSE ? ": each leg needs another --port" : "")};
	return listener;
}

Command nbdkit_command(const Path &device, const std::string &name)
{
	return {"nbdkit", "--single", "--exportname=" + name, "--threads=32", "file", device.string()};
}

void nbd_serve(const Path &device, const std::string &name, int listener)
{
	const auto command = nbdkit_command(device, name);
	// Nobody else is to listen when this process has gone.
	fcntl(listener, F_SETFD, FD_CLOEXEC);
	pid_t child = 0;
	for (;;) {
		const Descriptor connection{accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)};
		if (!connection && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (!connection)
			throw Failure{fmt::format("nobody can connect any more: {}", std::strerror(errno))};
		const int yes = 1;
		setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		end(child);
		child = start_nbdkit(connection.get(), command);
		if (child < 0)
			fmt::print(stderr, "remote-leg: {}: nbdkit cannot be started: {}\n", name, std::strerror(errno));
	}
}

} // namespace remote_leg
