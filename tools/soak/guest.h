// In the virtual machine: round after round, until one ends the machine or the time is up.
#pragma once

#include "soak/stage.h"
#include "soak/steps.h"

#include <chrono>
#include <thread>

namespace soak {

struct GuestOptions {
	std::uint64_t seed = 0;
	std::uint64_t first_round = 0;
	std::uint64_t seconds = 0; // begin no round after that
};

class Guest {
public:
	explicit Guest(const GuestOptions &options) : options_(options) {}

	// Its last line says how it ended; if by a crash, it does not return.
	void play();
	// No more rounds: is all well?
	void inspect();

private:
	void play(const Round &round);
	void begin(const Round &round);
	void create(const Round &round);
	void take_up(const Round &round);
	void use_bitmap(const Round &round);
	void play_steps(const Round &round, Steps &steps);
	void end(const Round &round);
	void end_whole();
	void load(bool kernel);
	void unload();
	void arm_crash(const Round &round, int step);
	void keep_in_mind(const Round &round, bool clean);
	[[noreturn]] void wait_for_death();

	const GuestOptions options_;
	Stage stage_;
	std::string loaded_;
	bool crashed_ = false;
	std::jthread crash_;
};

} // namespace soak
