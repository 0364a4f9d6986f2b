// SPDX-License-Identifier: GPL-2.0
// A run of scripts/bench: what was measured, as its file says. bench/README.md describes the file.
//
// A file is not trusted: what is not as described is an Error that names the file and the place in it.
#pragma once

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace bench {

class Error : public std::runtime_error {
	using std::runtime_error::runtime_error;
};

// One point of a series: virtual milliseconds, value.
using Series = std::vector<std::pair<double, double>>;

struct Record {
	std::string target;
	std::string scenario;
	std::string variant;
	double slow_ms;
	std::string boot;	// records of one virtual machine share it
	int queue_depth = 1;
	std::map<std::string, double> metrics;
	std::map<std::string, Series> series;
	std::string reason;	// why there are no metrics
};

struct Run {
	std::string name;	// of the file
	std::string commit, date, kernel, qemu;
	std::vector<Record> records;

	static Run load(const std::filesystem::path &path);
	static Run parse(const std::string &name, const std::string &text);
	// As a file of bench/, without the series.
	std::string to_text() const;
};

} // namespace bench
