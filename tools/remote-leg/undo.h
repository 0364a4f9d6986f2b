// SPDX-License-Identifier: GPL-2.0
// What was done half is undone.
#pragma once

#include <exception>
#include <functional>
#include <utility>

namespace remote_leg {

// Calls a function when it goes, unless all went well. What that throws is lost: the first failure is what is told.
class Undo {
public:
	explicit Undo(std::function<void()> function) : function_{std::move(function)} {}
	Undo(const Undo &) = delete;
	Undo &operator=(const Undo &) = delete;
	~Undo()
	{
		try {
			if (function_)
				function_();
		} catch (const std::exception &) {
		}
	}

	void all_went_well() { function_ = nullptr; }

private:
	std::function<void()> function_;
};

} // namespace remote_leg
