// Takes commands for the recorder from a socket: a line each, answered by a line. One client at a time.
#pragma once

#include "recorder/recorder.h"
#include "recorder/unix_socket.h"

#include <thread>

namespace recorder {

class ControlServer {
public:
	// Throws std::system_error if the socket cannot be made.
	ControlServer(const std::filesystem::path &path, Recorder &recorder);
	ControlServer(const ControlServer &) = delete;
	ControlServer &operator=(const ControlServer &) = delete;
	~ControlServer();

private:
	void serve();
	void serve_client(Descriptor client);

	std::filesystem::path path_;
	Recorder &recorder_;
	Descriptor socket_;
	std::thread thread_;
};

} // namespace recorder
