#include "labwriter/pattern.h"

#include <algorithm>

namespace labwriter {
namespace {

constexpr std::uint64_t hot_sectors = 64;
constexpr std::uint64_t page_sectors = 8;

} // namespace

Pattern::Pattern(const Mix &mix, Range range, std::uint64_t seed, unsigned thread)
	: mix_(mix), all_(range), random_(seed * 1000003 + thread + 1), windows_(seed)
{
	mix_.window = std::min(mix_.window, range.count);
	move();
}

std::uint64_t Pattern::below(std::uint64_t limit)
{
	return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random_);
}

void Pattern::move()
{
	std::uniform_int_distribution<std::uint64_t> begin(0, all_.count.count - mix_.window.count);
	window_ = {{all_.begin() + begin(windows_)}, mix_.window};
	until_move_ = mix_.moves_after;
}

Action Pattern::action()
{
	if (mix_.moves_after > 0 && until_move_-- == 0)
		move();
	std::uint64_t percent = below(100);
	const auto chosen = [&](unsigned share) {
		const bool yes = percent < share;
		percent -= std::min<std::uint64_t>(percent, share);
		return yes;
	};
	if (chosen(mix_.flush))
		return Action::flush;
	if (chosen(mix_.fua))
		return Action::write_fua;
	if (chosen(mix_.discard))
		return Action::discard;
	if (chosen(mix_.read))
		return Action::read;
	return Action::write;
}

// A sector, a page, or any length, aligned to it or not.
Range Pattern::range()
{
	const std::uint64_t room = below(100) < mix_.hot ? std::min(hot_sectors, window_.count.count) : window_.count.count;
	const std::uint64_t longest = std::min(mix_.longest.count, room);
	const std::uint64_t kind = below(4);
	std::uint64_t count = kind == 0 ? 1 : kind == 3 ? 1 + below(longest) : std::min(page_sectors, longest);
	std::uint64_t from = below(room - count + 1);
	if (kind != 0 && kind != 2)
		from -= from % page_sectors;
	return {{window_.begin() + from}, {count}};
}

} // namespace labwriter
