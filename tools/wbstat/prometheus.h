// SPDX-License-Identifier: GPL-2.0
#pragma once

#include "sample.h"

namespace wbstat {

// Prometheus' text format, for the textfile collector of its node exporter.
std::string make_prometheus(const Sample &sample);

} // namespace wbstat
