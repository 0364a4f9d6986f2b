// SPDX-License-Identifier: GPL-2.0
// What is attached, as it is noted in /run until it is detached.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "files.h"
#include "request.h"

namespace remote_leg {

struct Attachment {
	Attach leg;
	std::string disk; // as the kernel calls it
	std::uint64_t bytes = 0; // NBD: it must be the same disk when it comes back
	pid_t keeper = 0; // its process, if it has one
};

std::string to_json(const Attachment &attachment);
// Throws Failure.
Attachment from_json(const std::string &text);

class Attachments {
public:
	explicit Attachments(Path state = "/run/remote-leg") : state_{std::move(state)} {}

	// Makes the directory if need be. Others who attach or detach wait.
	Descriptor lock() const;
	// Nothing if it is not attached.
	std::optional<Attachment> find(Protocol protocol, const std::string &name) const;
	std::vector<Attachment> all() const;
	// Whoever reads it finds the old or the new one, whole.
	void note(const Attachment &attachment) const;
	void forget(Protocol protocol, const std::string &name) const;

private:
	Path file(Protocol protocol, const std::string &name) const;

	Path state_;
};

} // namespace remote_leg
