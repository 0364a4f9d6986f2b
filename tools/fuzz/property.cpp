// SPDX-License-Identifier: GPL-2.0
#include "property.h"

#include <cstdio>
#include <cstdlib>

// The module's warnings; see shim.h.
extern "C" unsigned long shim_warnings;
unsigned long shim_warnings;

void broken(const char *file, int line, const char *property, const std::string &details)
{
	fmt::print(stderr, "{}:{}: broken: {}: {}\n", file, line, property, details);
	std::abort();
}
