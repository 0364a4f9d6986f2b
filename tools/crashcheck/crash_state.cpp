#include "crashcheck/crash_state.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

namespace crashcheck {

Range Choice::of(const Write &write) const
{
	const std::uint64_t split = std::min<std::uint64_t>(write.begin + sectors, write.end);
	switch (part) {
	case Part::none:
		return {};
	case Part::whole:
		return {write.begin, write.end};
	case Part::first:
		return {write.begin, split};
	case Part::rest:
		return {split, write.end};
	}
	return {};
}

// ---- contents ----

std::uint64_t Contents::effect(WriteIndex index) const
{
	const Write &write = history_.writes()[index];
	if (choices_[index].early)
		return write.started;
	if (write.completed <= cut_)
		return write.completed;
	return (std::uint64_t{1} << 32) + write.started;
}

const std::vector<WriteIndex> &Contents::chosen(Range range) const
{
	found_.clear();
	medium_.for_overlapping(range, [&](WriteIndex index) {
		if (choices_[index].part != Choice::Part::none)
			found_.push_back(index);
	});
	if (found_.size() > 1)
		std::sort(found_.begin(), found_.end(),
			  [&](WriteIndex a, WriteIndex b) { return effect(a) < effect(b); });
	return found_;
}

void Contents::hashes(std::uint64_t begin, std::span<Hash> out) const
{
	const Range range{begin, begin + out.size()};
	for (std::size_t i = 0; i < out.size(); i++)
		out[i] = medium_.stable_hash(begin + i);
	for (const WriteIndex index : chosen(range)) {
		const Write &write = history_.writes()[index];
		const Range there = choices_[index].of(write).overlap(range);
		medium_.for_live(index, [&](Range live) {
			const Range part = live.overlap(there);
			for (std::uint64_t sector = part.begin; sector < part.end; sector++)
				out[sector - begin] = history_.hash_in(write, sector - write.begin);
		});
	}
}

std::span<const std::byte, lab::sector_bytes> Contents::data(std::uint64_t sector) const
{
	std::span<const std::byte, lab::sector_bytes> data = medium_.stable_data(sector);
	for (const WriteIndex index : chosen({sector, sector + 1})) {
		const Write &write = history_.writes()[index];
		const Range there = choices_[index].of(write).overlap({sector, sector + 1});
		medium_.for_live(index, [&](Range live) {
			if (!live.overlap(there).empty())
				data = history_.data_in(write, sector - write.begin);
		});
	}
	return data;
}

void Contents::bytes(std::uint64_t begin, std::span<std::byte> out) const
{
	for (std::size_t at = 0; at + lab::sector_bytes <= out.size(); at += lab::sector_bytes)
		std::memcpy(out.data() + at, data(begin + at / lab::sector_bytes).data(), lab::sector_bytes);
}

// ---- IDs ----

namespace {

std::string modifiers(const Choice &choice)
{
	std::string text;
	if (choice.part == Choice::Part::first)
		text = fmt::format(".first{}", choice.sectors);
	else if (choice.part == Choice::Part::rest)
		text = fmt::format(".rest{}", choice.sectors);
	return choice.early ? text + ".early" : text;
}

std::string writes_of(const Walker &walker, std::size_t member, const Choices &choices)
{
	const std::vector<WriteIndex> &unstable = walker.medium(member).unstable();
	const auto there = std::count_if(unstable.begin(), unstable.end(),
					 [&](WriteIndex i) { return choices[i].part != Choice::Part::none; });
	const bool all = 2 * there > std::ssize(unstable);
	std::string text = all ? "all" : "none";

	for (const WriteIndex i : unstable) {
		const auto request = static_cast<std::uint64_t>(walker.write(i).request);
		if (choices[i] == (all ? present : absent))
			continue;
		if (choices[i].part == Choice::Part::none)
			text += fmt::format("-{}", request);
		else
			text += fmt::format("+{}{}", request, modifiers(choices[i]));
	}
	return text;
}

class IdParser {
public:
	IdParser(std::string_view id, const Walker &walker) : id_(id), rest_(id), walker_(walker) {}

	Choices parse()
	{
		number(); // the cut point
		choices_.resize(walker_.history().writes().size());
		for (std::size_t member = 0; member < walker_.members(); member++)
			parse_member(member);
		if (!rest_.empty())
			fail();
		return std::move(choices_);
	}

private:
	[[noreturn]] void fail() const
	{
		throw std::invalid_argument(
			fmt::format("no ID of a crash state: {} (at character {})", id_, id_.size() - rest_.size()));
	}

	bool take(std::string_view word)
	{
		if (!rest_.starts_with(word))
			return false;
		rest_.remove_prefix(word.size());
		return true;
	}

	std::uint64_t number()
	{
		std::uint64_t value = 0;
		const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
		if (error != std::errc{})
			fail();
		rest_.remove_prefix(end - rest_.data());
		return value;
	}

	void parse_member(std::size_t member)
	{
		if (!take(":"))
			fail();
		const bool all = take("all");
		if (!all && !take("none"))
			fail();
		for (const WriteIndex i : walker_.medium(member).unstable())
			choices_[i] = all ? present : absent;
		while (!rest_.empty() && rest_.front() != ':')
			parse_write(member);
	}

	void parse_write(std::size_t member)
	{
		const bool there = take("+");
		if (!there && !take("-"))
			fail();
		const Write *write = walker_.history().find(lab::RequestId{number()});
		if (!write || write->member != member ||
		    !walker_.medium(member).is_unstable(walker_.history().index_of(*write)))
			fail();
		choices_[walker_.history().index_of(*write)] = there ? parse_choice() : absent;
	}

	Choice parse_choice()
	{
		Choice choice = present;
		if (take(".first"))
			choice = {Choice::Part::first, false, sectors()};
		else if (take(".rest"))
			choice = {Choice::Part::rest, false, sectors()};
		choice.early = take(".early");
		return choice;
	}

	std::uint16_t sectors()
	{
		const std::uint64_t count = number();
		if (count > std::numeric_limits<std::uint16_t>::max())
			fail();
		return static_cast<std::uint16_t>(count);
	}

	std::string_view id_;
	std::string_view rest_;
	const Walker &walker_;
	Choices choices_;
};

} // namespace

std::string id_of(const Walker &walker, const Choices &choices)
{
	std::string id = fmt::format("{}", walker.cut());
	for (std::size_t member = 0; member < walker.members(); member++)
		id += ":" + writes_of(walker, member, choices);
	return id;
}

Moment cut_of(std::string_view id)
{
	std::uint64_t cut = 0;
	const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), cut);
	if (error != std::errc{} || cut >= never || (end != id.data() + id.size() && *end != ':'))
		throw std::invalid_argument(fmt::format("no ID of a crash state: {}", id));
	return static_cast<Moment>(cut);
}

Choices choices_of(std::string_view id, const Walker &walker)
{
	return IdParser(id, walker).parse();
}

} // namespace crashcheck
