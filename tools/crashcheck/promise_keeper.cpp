#include "crashcheck/promise_keeper.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crashcheck {
namespace {

constexpr std::size_t most_stamps = 1 << 20; // that are remembered

Range on_array(Range range, const SyncMember &member)
{
	const Range data{member.data_offset.count, member.data_offset.count + member.size.count};
	const Range part = range.overlap(data);
	return part.empty() ? Range{} : Range{part.begin - data.begin, part.end - data.begin};
}

// The FROM+COUNT that the lines of a mark begin with, or that its first line ends with.
std::vector<Range> ranges_of(std::string_view mark)
{
	std::vector<Range> ranges;
	while (!mark.empty()) {
		const std::size_t length = std::min(mark.find('\n'), mark.size());
		std::string_view line = mark.substr(0, length);
		mark.remove_prefix(std::min(length + 1, mark.size()));
		if (line.starts_with("discard "))
			line.remove_prefix(line.find(' ') + 1);
		std::uint64_t from = 0;
		std::uint64_t count = 0;
		const char *end = line.data() + line.size();
		const auto [plus, error] = std::from_chars(line.data(), end, from);
		if (error != std::errc{} || plus == end || *plus != '+')
			continue;
		if (std::from_chars(plus + 1, end, count).ec == std::errc{})
			ranges.push_back({from, from + count});
	}
	return ranges;
}

} // namespace

std::string BrokenPromise::text() const
{
	const auto floor = static_cast<std::uint64_t>(promise.floor);
	const std::string what = found ? fmt::format("write {} of array sector {}",
						     static_cast<std::uint64_t>(found->sequence), found->sector.count)
				       : "nothing of labwriter's";
	return fmt::format("array sector {} on member {} holds {}, but write {} or a later one was flushed", sector.count,
			   member, what, floor);
}

PromiseKeeper::PromiseKeeper(Walker &walker) : walker_(walker)
{
	walker.add(*this);
}

const std::optional<lab::SectorStamp> &PromiseKeeper::stamp_of(Hash hash,
							       std::span<const std::byte, lab::sector_bytes> data)
{
	if (stamps_.size() > most_stamps)
		stamps_.clear();
	const auto [entry, added] = stamps_.try_emplace(hash);
	if (added)
		entry->second = lab::read_stamp(data);
	return entry->second;
}

bool PromiseKeeper::allows(std::uint64_t sector, Hash hash, std::span<const std::byte, lab::sector_bytes> data)
{
	const lab::Promise *promise = promises_.of({sector});
	if (!promise)
		return true;
	const std::optional<lab::SectorStamp> &stamp = stamp_of(hash, data);
	return stamp && stamp->sector.count == sector && promise->allows(stamp->sequence);
}

void PromiseKeeper::check(Watched &watched, Range array)
{
	const auto &promised = promises_.sectors();
	const Medium &medium = walker_.medium(watched.member.member);
	const Range range = array.overlap({0, watched.member.size.count});

	watched.broken.erase(watched.broken.lower_bound(range.begin), watched.broken.lower_bound(range.end));
	if (range.empty())
		return;
	for (auto at = promised.lower_bound(range.begin); at != promised.end() && at->first < range.end; ++at) {
		const std::uint64_t sector = watched.member.data_offset.count + at->first;
		if (!allows(at->first, medium.stable_hash(sector), medium.stable_data(sector)))
			watched.broken.insert(at->first);
	}
}

void PromiseKeeper::started(WriteIndex index)
{
	for (Watched &watched : watched_)
		if (watched.member.member == walker_.write(index).member)
			judge(watched, index);
}

void PromiseKeeper::settled(std::size_t member, Range range)
{
	for (Watched &watched : watched_) {
		if (watched.member.member != member)
			continue;
		check(watched, on_array(range, watched.member));
		std::erase_if(watched.dangerous,
			      [&](WriteIndex index) { return !walker_.medium(member).is_unstable(index); });
	}
}

void PromiseKeeper::marked(std::string_view text)
{
	promises_.apply(text);
	for (Watched &watched : watched_) {
		if (text.starts_with("forget")) {
			watched.broken.clear();
			watched.dangerous.clear();
		}
		const std::uint64_t offset = watched.member.data_offset.count;
		for (const Range range : ranges_of(text)) {
			check(watched, range);
			walker_.medium(watched.member.member)
				.for_overlapping({offset + range.begin, offset + range.end},
						 [&](WriteIndex index) { judge(watched, index); });
		}
	}
}

PromiseKeeper::Watched &PromiseKeeper::watched(const SyncMember &member)
{
	const auto found = std::find_if(watched_.begin(), watched_.end(),
					[&](const Watched &known) { return known.member == member; });
	if (found != watched_.end())
		return *found;
	// Of each member the latest only: where its data begin hardly ever changes.
	std::erase_if(watched_, [&](const Watched &known) { return known.member.member == member.member; });
	Watched &watched = watched_.emplace_back(Watched{member, {}, {}});
	check(watched, {0, member.size.count});
	for (const WriteIndex index : walker_.medium(member.member).unstable())
		judge(watched, index);
	return watched;
}

void PromiseKeeper::judge(Watched &watched, WriteIndex index)
{
	if (is_dangerous(watched, walker_.write(index)))
		watched.dangerous.insert(index);
	else
		watched.dangerous.erase(index);
}

bool PromiseKeeper::is_dangerous(const Watched &watched, const Write &write)
{
	const Range range = on_array({write.begin, write.end}, watched.member);
	const auto &promised = promises_.sectors();

	if (range.empty())
		return false;
	for (auto at = promised.lower_bound(range.begin); at != promised.end() && at->first < range.end; ++at) {
		const std::uint64_t sector = watched.member.data_offset.count + at->first - write.begin;
		if (!allows(at->first, walker_.history().hash_in(write, sector), walker_.history().data_in(write, sector)))
			return true;
	}
	return false;
}

std::optional<BrokenPromise> PromiseKeeper::look(const SyncMember &member, std::uint64_t sector, const Contents &contents)
{
	const std::uint64_t on_member = member.data_offset.count + sector;
	std::array<Hash, 1> hash;
	contents.hashes(on_member, hash);
	const auto data = contents.data(on_member);
	if (allows(sector, hash[0], data))
		return std::nullopt;
	return BrokenPromise{member.member, {sector}, *promises_.of({sector}), stamp_of(hash[0], data)};
}

std::optional<BrokenPromise> PromiseKeeper::broken(const SyncMember &member, const Contents &contents,
						   const Choices &choices, const std::vector<BadBlocks> &bad)
{
	const Watched &here = watched(member);
	const auto look_unless_bad = [&](std::uint64_t sector) {
		return is_among(bad, member.data_offset + lab::Sectors{sector}) ? std::nullopt : look(member, sector, contents);
	};
	for (const std::uint64_t sector : here.broken)
		if (auto broken = look_unless_bad(sector))
			return broken;
	for (const WriteIndex index : here.dangerous) {
		const Write &write = walker_.write(index);
		const Range range = on_array(choices[index].of(write), member);
		for (std::uint64_t sector = range.begin; sector < range.end; sector++)
			if (auto broken = look_unless_bad(sector))
				return broken;
	}
	return std::nullopt;
}

} // namespace crashcheck
