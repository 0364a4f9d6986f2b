// SPDX-License-Identifier: GPL-2.0
// What must hold for every input. A fuzzer finds crashes; so what does not hold becomes one.
#pragma once

#include <utility>

#include <fmt/format.h>

[[noreturn]] void broken(const char *file, int line, const char *property, const std::string &details);

// PROPERTY(condition, "format", values...): says which one was broken, and with what.
#define PROPERTY(condition, ...) \
	do { \
		if (!(condition)) \
			broken(__FILE__, __LINE__, #condition, fmt::format(__VA_ARGS__)); \
	} while (false)
