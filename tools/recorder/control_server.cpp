#include "recorder/control_server.h"

#include <exception>

#include <sys/socket.h>

namespace recorder {

ControlServer::ControlServer(const std::filesystem::path &path, Recorder &recorder)
	: path_(path), recorder_(recorder), socket_(listen_at(path)), thread_([this] { serve(); })
{
}

ControlServer::~ControlServer()
{
	// accept() returns.
	shutdown(socket_.get(), SHUT_RDWR);
	thread_.join();
	std::error_code ignored;
	std::filesystem::remove(path_, ignored);
}

void ControlServer::serve()
{
	for (;;) {
		Descriptor client(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
		if (client.get() >= 0)
			serve_client(std::move(client));
		else if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

void ControlServer::serve_client(Descriptor client)
{
	try {
		LineStream lines(std::move(client));
		while (const auto line = lines.read()) {
			try {
				lines.write(recorder_.command(*line));
			} catch (const std::exception &error) {
				lines.write(std::string("error: ") + error.what());
			}
		}
	} catch (const std::system_error &) {
		// It went away.
	}
}

} // namespace recorder
