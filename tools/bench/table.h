// SPDX-License-Identifier: GPL-2.0
// A run as tables of what every target did, as ratio to the limit, and how much better ours was.
#pragma once

#include <cstddef>
#include <string>

#include "results.h"

namespace bench {

struct TableOptions {
	bool markdown = false;
	bool all_metrics = false;
	std::size_t width = 120;	// of plain text; what does not fit goes into further blocks
};

std::string make_table(const Run &run, const TableOptions &options);

} // namespace bench
