// SPDX-License-Identifier: GPL-2.0
#include "readd.h"

#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "failure.h"
#include "member.h"

namespace remote_leg {

void readd(const Attachment &attachment)
{
	// Its own word on it may have changed since.
	const auto now = Attachments{}.find(attachment.leg.protocol, attachment.leg.name);
	if (!now || !now->leg.readd)
		return;
	// Udev may call for several at once.
	const auto lock = remote_leg::lock("/run/remote-leg/readd.lock");
	for (const auto &member : members_on(attachment.disk)) {
		if (!member.has_failed() || !is_readable(Path{"/dev"} / attachment.disk))
			continue;
		try {
			if (!member.take_out())
				throw Failure{fmt::format("{} does not let go of {} yet", member.array().string(), member.device().string())};
			member.put_back();
			fmt::print(stderr, "remote-leg: {} is in {} again\n", member.device().string(), member.array().string());
		} catch (const Failure &failure) {
			fmt::print(stderr, "remote-leg: {}: {}\n", attachment.leg.name, failure.what());
		}
	}
}

void readd_all(const Attachments &attachments)
{
	for (const auto &attachment : attachments.all())
		readd(attachment);
}

} // namespace remote_leg
