// Walks through a recording: all members at one cut point, forwards only. Whoever follows what is stable is told.
#pragma once

#include "crashcheck/medium.h"

#include <memory>
#include <string_view>
#include <vector>

namespace crashcheck {

class Follower {
public:
	virtual ~Follower() = default;
	// A write is unstable from now on.
	virtual void started(WriteIndex) {}
	// The stable contents of the range may have changed.
	virtual void settled(std::size_t member, Range range) = 0;
	virtual void marked(std::string_view) {}
};

class Walker {
public:
	explicit Walker(const History &history);

	// `follower` must outlive the walker, or at least its walking.
	void add(Follower &follower) { followers_.push_back(&follower); }

	const History &history() const { return *history_; }
	std::size_t members() const { return media_.size(); }
	const Medium &medium(std::size_t member) const { return media_[member]; }

	// The cut point: that record was the last. -1 at the beginning, as `never`.
	Moment cut() const { return cut_; }
	// To a cut point that is not before this one.
	void walk_to(Moment cut);
	const Write &write(WriteIndex index) const { return history_->writes()[index]; }

	template <typename Use> void for_unstable(Use use) const
	{
		for (const Medium &medium : media_)
			for (const WriteIndex index : medium.unstable())
				use(index);
	}

private:
	void step();

	const History *history_;
	std::vector<Medium> media_;
	std::vector<Follower *> followers_;
	Moment cut_ = never;
	Moment next_ = 0;
	WriteIndex next_write_ = 0;
};

} // namespace crashcheck
