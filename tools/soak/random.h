// Random numbers that are the same everywhere for the same seeds, whatever the standard library.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace soak {

class Random {
public:
	explicit Random(std::initializer_list<std::uint64_t> seeds)
	{
		for (std::uint64_t seed : seeds)
			state_ = mix(state_ + seed + step);
	}

	std::uint64_t next()
	{
		state_ += step;
		return mix(state_);
	}

	// From 0 to limit - 1.
	std::uint64_t below(std::uint64_t limit) { return next() % limit; }
	// From first to last.
	std::uint64_t between(std::uint64_t first, std::uint64_t last) { return first + below(last - first + 1); }
	bool percent(unsigned chance) { return below(100) < chance; }

	template <typename T> const T &pick(std::span<const T> choices) { return choices[below(choices.size())]; }
	template <typename T> T pick(std::initializer_list<T> choices) { return choices.begin()[below(choices.size())]; }

private:
	// splitmix64
	static constexpr std::uint64_t step = 0x9e3779b97f4a7c15;

	static constexpr std::uint64_t mix(std::uint64_t word)
	{
		word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
		word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
		return word ^ (word >> 31);
	}

	std::uint64_t state_ = 0;
};

} // namespace soak
