#include "crashcheck/walker.h"

#include <stdexcept>

#include <fmt/format.h>

namespace crashcheck {

Walker::Walker(const History &history) : history_(&history)
{
	for (std::size_t member = 0; member < history.members(); member++)
		media_.emplace_back(history, member);
}

void Walker::walk_to(Moment cut)
{
	if (cut >= history_->end())
		throw std::invalid_argument(fmt::format("no record {}: there are {}", cut, history_->end()));
	if (cut + 1 < next_)
		throw std::logic_error("a walker walks forwards only");
	while (next_ <= cut)
		step();
	cut_ = cut;
}

void Walker::step()
{
	const std::vector<Write> &writes = history_->writes();
	if (next_write_ < writes.size() && writes[next_write_].started == next_) {
		media_[writes[next_write_].member].start(next_write_);
		for (Follower *follower : followers_)
			follower->started(next_write_);
		next_write_++;
	}
	for (const WriteIndex index : history_->stable_at(next_)) {
		const Write &write = writes[index];
		media_[write.member].settle(index);
		for (Follower *follower : followers_)
			follower->settled(write.member, {write.begin, write.end});
	}
	if (!followers_.empty())
		if (const lab::Record record = history_->log()[next_]; record.kind == lab::Kind::mark)
			for (Follower *follower : followers_)
				follower->marked(record.text);
	next_++;
}

} // namespace crashcheck
