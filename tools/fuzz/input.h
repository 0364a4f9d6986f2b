// SPDX-License-Identifier: GPL-2.0
// What a fuzzer was given, taken piece by piece. Past the end there are zeros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

class Input {
public:
	Input(const std::uint8_t *data, std::size_t size) : left_{data, size} {}

	bool empty() const { return left_.empty(); }
	std::span<const std::uint8_t> rest() const { return left_; }

	std::uint8_t byte()
	{
		if (left_.empty())
			return 0;
		const auto value = left_.front();
		left_ = left_.subspan(1);
		return value;
	}

	// Little-endian.
	template <typename Number>
	Number number()
	{
		Number value = 0;
		for (std::size_t i = 0; i < sizeof(Number); i++)
			value |= static_cast<Number>(byte()) << (8 * i);
		return value;
	}

private:
	std::span<const std::uint8_t> left_;
};
