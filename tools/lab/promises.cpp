#include "lab/promises.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

namespace lab {
namespace {

[[noreturn]] void fail(std::string_view line)
{
	throw std::runtime_error(fmt::format("a mark that cannot be understood: {}", line));
}

// Takes a number, and the character after it, from the begin of `rest`. That must be one of `ends`, or the end: 0.
std::uint64_t take_number(std::string_view &rest, std::string_view ends, char &end)
{
	std::uint64_t number = 0;
	const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
	if (error != std::errc{})
		fail(rest);
	rest.remove_prefix(stop - rest.data());
	end = rest.empty() ? '\0' : rest.front();
	if (end && ends.find(end) == std::string_view::npos)
		fail(rest);
	if (end)
		rest.remove_prefix(1);
	return number;
}

std::string_view take_line(std::string_view &rest)
{
	const std::size_t end = std::min(rest.find('\n'), rest.size());
	const std::string_view line = rest.substr(0, end);
	rest.remove_prefix(std::min(end + 1, rest.size()));
	return line;
}

bool take_word(std::string_view &rest, std::string_view word)
{
	if (!rest.starts_with(word))
		return false;
	rest.remove_prefix(word.size());
	return true;
}

} // namespace

bool Promise::allows(Sequence sequence) const
{
	return sequence >= floor || std::find(also.begin(), also.end(), sequence) != also.end();
}

void Promises::apply(std::string_view mark)
{
	std::string_view rest = mark;
	std::string_view line = take_line(rest);
	if (take_word(line, "durable ")) {
		while (!rest.empty())
			durable_line(take_line(rest));
	} else if (take_word(line, "discard ")) {
		discard(line);
	} else if (line == "forget") {
		sectors_.clear();
	}
}

// FROM+COUNT=FLOOR[/ALSO[,ALSO]...]
void Promises::durable_line(std::string_view line)
{
	std::string_view rest = line;
	char end = 0;
	const std::uint64_t from = take_number(rest, "+", end);
	const std::uint64_t count = end ? take_number(rest, "=", end) : 0;
	if (!end)
		fail(line);
	Promise promise{Sequence{take_number(rest, "/", end)}, {}};
	while (end)
		promise.also.push_back(Sequence{take_number(rest, ",", end)});
	for (std::uint64_t sector = from; sector < from + count; sector++) {
		Promise &old = sectors_[sector];
		if (promise.floor > old.floor)
			old = promise;
	}
}

// FROM+COUNT
void Promises::discard(std::string_view range)
{
	char end = 0;
	const std::uint64_t from = take_number(range, "+", end);
	if (!end)
		fail(range);
	const std::uint64_t count = take_number(range, "", end);
	sectors_.erase(sectors_.lower_bound(from), sectors_.lower_bound(from + count));
}

const Promise *Promises::of(Sectors sector) const
{
	const auto found = sectors_.find(sector.count);
	return found == sectors_.end() ? nullptr : &found->second;
}

} // namespace lab
