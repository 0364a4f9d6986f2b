#include "recorder/conduct.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

#include <fmt/format.h>

namespace recorder {
namespace {

std::string_view take_word(std::string_view &rest)
{
	const std::size_t end = std::min(rest.find(' '), rest.size());
	const std::string_view word = rest.substr(0, end);
	rest.remove_prefix(std::min(rest.find_first_not_of(' ', end), rest.size()));
	return word;
}

// A number, and the text after it.
std::uint64_t take_number(std::string_view &rest, std::string_view whole)
{
	std::uint64_t number = 0;
	const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
	if (error != std::errc{})
		throw CommandError(fmt::format("no number: {}", whole));
	rest.remove_prefix(end - rest.data());
	return number;
}

std::chrono::nanoseconds parse_time(std::string_view text)
{
	std::string_view unit = text;
	const std::uint64_t number = take_number(unit, text);
	std::uint64_t scale = 0;
	if (unit == "us")
		scale = 1'000;
	else if (unit == "ms")
		scale = 1'000'000;
	else if (unit == "s")
		scale = 1'000'000'000;
	else if (!unit.empty() || number != 0)
		throw CommandError(fmt::format("no time like 500us, 20ms, 1s or 0: {}", text));
	constexpr std::uint64_t longest = std::numeric_limits<std::int64_t>::max() / 1'000'000'000;
	if (number > longest)
		throw CommandError(fmt::format("too long a time: {}", text));
	return std::chrono::nanoseconds(number * scale);
}

void expect_end(std::string_view rest)
{
	if (!rest.empty())
		throw CommandError(fmt::format("too much: {}", rest));
}

} // namespace

bool Conduct::Rule::meets(Operation operation, lab::Bytes offset, lab::Bytes length) const
{
	if (!(operations & static_cast<unsigned>(operation)))
		return false;
	// A flush is about everything.
	return operation == Operation::flush || (offset < from + count && from < offset + length);
}

Conduct::DelayRange Conduct::parse_delay(std::string_view text)
{
	const std::size_t dots = text.find("..");
	if (dots == text.npos) {
		const auto time = parse_time(text);
		return {time, time};
	}
	const DelayRange range{parse_time(text.substr(0, dots)), parse_time(text.substr(dots + 2))};
	if (range.most < range.least)
		throw CommandError(fmt::format("ends before it begins: {}", text));
	return range;
}

Conduct::Rule Conduct::parse_rule(std::string_view text)
{
	constexpr auto all = unsigned(Operation::read) | unsigned(Operation::write) | unsigned(Operation::flush);
	Rule rule{all, {}, {std::numeric_limits<std::uint64_t>::max() / 2}};
	std::string_view word = take_word(text);
	if (word == "all" || word == "read" || word == "write" || word == "flush") {
		if (word != "all")
			rule.operations = unsigned(word == "read"    ? Operation::read
						   : word == "write" ? Operation::write
								     : Operation::flush);
		word = take_word(text);
	}
	expect_end(text);
	if (word.empty())
		return rule;
	std::string_view rest = word;
	rule.from = {take_number(rest, word)};
	if (!rest.starts_with('+'))
		throw CommandError(fmt::format("no range FROM+COUNT: {}", word));
	rest.remove_prefix(1);
	rule.count = {take_number(rest, word)};
	expect_end(rest);
	return rule;
}

void Conduct::apply(std::string_view command)
{
	std::string_view rest = command;
	const std::string_view verb = take_word(rest);
	const auto alone = [&] { expect_end(rest); };

	if (verb == "read-delay") {
		read_ = parse_delay(rest);
	} else if (verb == "write-delay") {
		write_ = parse_delay(rest);
	} else if (verb == "flush-delay") {
		flush_ = parse_delay(rest);
	} else if (verb == "hang") {
		hanging_.push_back(parse_rule(rest));
	} else if (verb == "resume") {
		alone();
		hanging_.clear();
	} else if (verb == "error" && rest == "off") {
		failing_.clear();
	} else if (verb == "error") {
		failing_.push_back(parse_rule(rest));
	} else if (verb == "cut" || verb == "restore") {
		alone();
		cut_ = verb == "cut";
	} else {
		throw CommandError(fmt::format("no command: {}", command));
	}
}

std::chrono::nanoseconds Conduct::delay(Operation operation)
{
	const DelayRange &range = operation == Operation::read    ? read_
				  : operation == Operation::write ? write_
								  : flush_;
	std::uniform_int_distribution<std::int64_t> pick(range.least.count(), range.most.count());
	return std::chrono::nanoseconds(pick(random_));
}

bool Conduct::hangs(Operation operation, lab::Bytes offset, lab::Bytes length) const
{
	const auto meets = [&](const Rule &rule) { return rule.meets(operation, offset, length); };
	return std::any_of(hanging_.begin(), hanging_.end(), meets);
}

bool Conduct::fails(Operation operation, lab::Bytes offset, lab::Bytes length) const
{
	const auto meets = [&](const Rule &rule) { return rule.meets(operation, offset, length); };
	return cut_ || std::any_of(failing_.begin(), failing_.end(), meets);
}

} // namespace recorder
