// On the host: one virtual machine after the other on the same disks, until the time is up or something is wrong.
#pragma once

#include "soak/counters.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace soak {

struct HostOptions {
	std::string vm;
	std::filesystem::path directory;
	std::uint64_t seconds = 600;
	std::uint64_t seed = 0;
	std::uint64_t first_round = 0;
	std::uint64_t boots = 1'000'000'000;
	std::vector<std::string> vm_options;
};

// What a machine has said.
class Transcript {
public:
	enum class End { none, crash, reboot, time, failure };

	void take(const std::string &line);

	End end() const { return end_; }
	const std::string &failure() const { return failure_; }
	const nlohmann::json &counts() const { return counts_; }
	// Has it said anything, begun a round?
	bool alive() const { return alive_; }
	bool begun() const { return begun_; }
	// The round and step that it was at.
	std::uint64_t round() const { return round_; }
	const std::string &step() const { return step_; }

private:
	End end_ = End::none;
	bool alive_ = false;
	bool begun_ = false;
	std::string failure_;
	nlohmann::json counts_ = nlohmann::json::object();
	std::uint64_t round_ = 0;
	std::string step_ = "booting";
};

class Host {
public:
	explicit Host(HostOptions options);

	// Exit status of the program.
	int run();

private:
	enum class Outcome { good, bad, lost };

	void listen(const std::string &command, Transcript &transcript);
	Outcome boot(const std::string &command);
	std::vector<std::string> command_line(const std::string &command) const;
	void keep_images();
	void show_progress(const Transcript &transcript, bool now);
	void complain(const std::string &what) const;
	void summarise() const;
	std::chrono::seconds elapsed() const;
	std::uint64_t seconds_left() const;

	const HostOptions options_;
	const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
	std::chrono::steady_clock::time_point shown_{};
	Counters totals_;
	std::uint64_t boot_round_; // the first of this boot
	std::uint64_t round_; // the last that was begun
	unsigned lost_boots_ = 0; // in a row
};

} // namespace soak
