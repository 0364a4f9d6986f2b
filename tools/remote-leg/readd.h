// SPDX-License-Identifier: GPL-2.0
// A leg that has failed and is there again is put back into its array.
#pragma once

#include <chrono>

#include "attachment.h"

namespace remote_leg {

// How often a keeper looks.
inline constexpr std::chrono::seconds look_again{5};

// If it was attached so that it is to be put back. What goes wrong is said on standard error; somebody will look again.
void readd(const Attachment &attachment);
// All that are attached.
void readd_all(const Attachments &attachments);

} // namespace remote_leg
