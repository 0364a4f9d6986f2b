#include "crashcheck/minimise.h"

#include <algorithm>
#include <utility>

namespace crashcheck {
namespace {

class Minimiser {
public:
	Minimiser(const Walker &walker, Choices &choices, const std::function<bool(const Choices &)> &fails)
		: choices_(choices), fails_(fails)
	{
		walker.for_unstable([&](WriteIndex index) {
			if (choices[index].part != Choice::Part::none)
				there_.push_back(index);
		});
	}

	void minimise()
	{
		for (std::size_t length = there_.size(); length > 0; length /= 2)
			drop_runs(length);
		while (drop_runs(1))
			;
		for (const WriteIndex index : there_)
			mend(index);
	}

private:
	// Drops what is not needed of each run of so many writes. Says whether anything was dropped.
	bool drop_runs(std::size_t length)
	{
		bool dropped = false;
		for (std::size_t begin = 0; begin < there_.size();) {
			const std::size_t end = std::min(begin + length, there_.size());
			if (drop(begin, end))
				dropped = true;
			else
				begin = end;
		}
		return dropped;
	}

	bool drop(std::size_t begin, std::size_t end)
	{
		std::vector<Choice> before;
		for (std::size_t i = begin; i < end; i++)
			before.push_back(std::exchange(choices_[there_[i]], absent));
		if (!fails_(choices_)) {
			for (std::size_t i = begin; i < end; i++)
				choices_[there_[i]] = before[i - begin];
			return false;
		}
		there_.erase(there_.begin() + static_cast<std::ptrdiff_t>(begin), there_.begin() + static_cast<std::ptrdiff_t>(end));
		return true;
	}

	// A whole write is simpler than a part of it.
	void mend(WriteIndex index)
	{
		const Choice before = choices_[index];
		if (before == present)
			return;
		choices_[index] = present;
		if (!fails_(choices_))
			choices_[index] = before;
	}

	Choices &choices_;
	const std::function<bool(const Choices &)> &fails_;
	std::vector<WriteIndex> there_;
};

} // namespace

void minimise(const Walker &walker, Choices &choices, const std::function<bool(const Choices &)> &fails)
{
	Minimiser(walker, choices, fails).minimise();
}

} // namespace crashcheck
