// Does what a round's steps say.
#pragma once

#include "soak/stage.h"

namespace soak {

class Steps {
public:
	Steps(Stage &stage, const Round &round);

	void play(const Step &step);
	// Undo what a step may have left behind that would be in the way.
	void tidy();

	// The array whole again, with the members that it had at first.
	void make_whole();

private:
	void fail_by_error(const Step &step);
	void bring_in(const Step &step);
	void read_errors(const Step &step);
	void abort_check();
	void freeze(const Step &step);
	void check_range(const Step &step);
	void suspend_range(const Step &step);
	void suspend_above();
	void read_only();
	void resize(const Step &step);
	void restart(const std::vector<unsigned> &disks);
	void restart_without(const Step &step);
	void compare();
	void set_write_mostly(unsigned disk, bool flag);
	void replace_damaged(unsigned disk);
	void let_leave(unsigned disk);

	Stage &stage_;
	Array &array_;
	const Round &round_;
};

} // namespace soak
