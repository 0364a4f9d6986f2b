// SPDX-License-Identifier: GPL-2.0
// The end that has the array.
#pragma once

#include <memory>
#include <optional>

#include "attachment.h"

namespace remote_leg {

class Host {
public:
	virtual ~Host() = default;

	// Throws Failure; then nothing is left of it. Says what disk has come.
	virtual void attach(Attachment &attachment) = 0;
	virtual void detach(const Attachment &attachment) = 0;
	// Does the leg need a process while it is attached? It may be given a descriptor.
	virtual bool needs_keeper(const Attachment &) const { return false; }
	virtual std::optional<int> descriptor_for_keeper() const { return std::nullopt; }
	// That process. Does not return.
	virtual void keep(const Attachment &) const {}
};

std::unique_ptr<Host> make_host(Protocol protocol);

} // namespace remote_leg
