#include "recorder/unix_socket.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace recorder {
namespace {

[[noreturn]] void fail(const std::filesystem::path &path)
{
	throw std::system_error(errno, std::generic_category(), path.string());
}

sockaddr_un address_of(const std::filesystem::path &path)
{
	sockaddr_un address{};
	address.sun_family = AF_UNIX;
	if (path.native().size() >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		fail(path);
	}
	std::strcpy(address.sun_path, path.c_str());
	return address;
}

Descriptor make_socket(const std::filesystem::path &path)
{
	Descriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	if (made.get() < 0)
		fail(path);
	return made;
}

} // namespace

Descriptor::~Descriptor()
{
	if (fd_ >= 0)
		close(fd_);
}

Descriptor listen_at(const std::filesystem::path &path)
{
	Descriptor made = make_socket(path);
	const std::filesystem::path unready = path.native() + ".new";
	const sockaddr_un address = address_of(unready);
	if (bind(made.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(address)) < 0 ||
	    listen(made.get(), 8) < 0 || std::rename(unready.c_str(), path.c_str()) < 0)
		fail(path);
	return made;
}

Descriptor connect_to(const std::filesystem::path &path)
{
	Descriptor made = make_socket(path);
	const sockaddr_un address = address_of(path);
	if (connect(made.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(address)) < 0)
		fail(path);
	return made;
}

std::optional<std::string> LineStream::read()
{
	std::array<char, 4096> piece;
	std::size_t end;
	while ((end = ahead_.find('\n')) == ahead_.npos) {
		const ssize_t got = recv(socket_.get(), piece.data(), piece.size(), 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			throw std::system_error(errno, std::generic_category(), "control socket");
		if (got == 0)
			return std::nullopt;
		ahead_.append(piece.data(), got);
	}
	std::string line = ahead_.substr(0, end);
	ahead_.erase(0, end + 1);
	return line;
}

void LineStream::write(std::string line)
{
	line += '\n';
	for (std::string_view rest = line; !rest.empty();) {
		const ssize_t sent = send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
		if (sent < 0 && errno != EINTR)
			throw std::system_error(errno, std::generic_category(), "control socket");
		if (sent > 0)
			rest.remove_prefix(sent);
	}
}

} // namespace recorder
