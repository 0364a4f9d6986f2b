// SPDX-License-Identifier: GPL-2.0
// What the command line asks for.
#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "files.h"
#include "leg.h"

namespace remote_leg {

using Seconds = std::chrono::seconds;

struct Export {
	Protocol protocol{};
	Path device;
	std::string name;
	std::string listen = "0.0.0.0";
	unsigned port = 0;
	std::string allow; // empty: anybody
};

struct Unexport {
	Protocol protocol{};
	std::string name;
};

// How long what may take; see the manual page.
struct Timeouts {
	Seconds hold{600}, silence{15}, answer{600};
};

struct Attach {
	Protocol protocol{};
	std::string address, name;
	unsigned port = 0;
	Timeouts timeouts;
	unsigned depth = 128;
	bool readd = false;
};

// Is it the same disk? What else they ask for may differ.
bool is_same_place(const Attach &a, const Attach &b);

struct Detach {
	Protocol protocol{};
	std::string name;
};

struct Readd {};

// The process behind a leg that needs one. Not for people.
struct Keep {
	Protocol protocol{};
	std::string name;
};

// The process that lets others have a disk over NBD. Not for people.
struct Serve {
	Path device;
	std::string name;
};

struct Help {
	std::string text;
};

using Request = std::variant<Export, Unexport, Attach, Detach, Readd, Keep, Serve, Help>;

// What the command line is made of, without the program's name. Throws Failure.
Request parse(std::vector<std::string> arguments);

} // namespace remote_leg
