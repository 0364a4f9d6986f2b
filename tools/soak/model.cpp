#include "soak/model.h"

#include "soak/failure.h"

#include <algorithm>

#include <fmt/format.h>

namespace soak {

namespace {

template <typename T> void put(std::ostream &out, const T &value)
{
	out.write(reinterpret_cast<const char *>(&value), sizeof(value));
}

template <typename T> T get(std::istream &in)
{
	T value;
	if (!in.read(reinterpret_cast<char *>(&value), sizeof(value)))
		throw Failure("journal: a checkpoint of the model is too short");
	return value;
}

} // namespace

void Model::resize(Sectors size)
{
	settled_.resize(size.count, Content::anything);
	std::erase_if(open_, [&](const auto &entry) { return entry.first >= size.count; });
}

void Model::set_all(Content content)
{
	open_.clear();
	std::ranges::fill(settled_, content);
}

std::uint32_t Model::begin(Kind kind, Range range)
{
	const std::uint32_t write = next_;
	begin(write, kind, range);
	return write;
}

void Model::begin(std::uint32_t write, Kind kind, Range range)
{
	const Content content = kind == Kind::write ? static_cast<Content>(write) : Content::zeroes;
	next_ = std::max(next_, write + 1);
	if (kind != Kind::write)
		last_zeroing_ = write;
	tick_++;
	flying_[write] = {kind, range, tick_};
	for (std::uint64_t sector = range.begin.count; sector < range.end().count; sector++) {
		auto [entry, fresh] = open_.try_emplace(sector);
		Open &open = entry->second;
		if (fresh)
			open.candidates.push_back({0, settled_.at(sector), 1});
		open.candidates.push_back({write, content, 0});
		open.changed = tick_;
	}
}

void Model::end(std::uint32_t write, End end)
{
	const auto entry = flying_.find(write);
	if (entry == flying_.end())
		throw Failure(fmt::format("journal: write {} ends that never began", write));
	const Flying flying = entry->second;
	flying_.erase(entry);
	tick_++;
	// A discard is a hint.
	if (flying.kind == Kind::discard)
		end = End::doubtful;
	for (std::uint64_t sector = flying.range.begin.count; sector < flying.range.end().count; sector++)
		end_sector(sector, write, flying, end);
}

void Model::end_sector(std::uint64_t sector, std::uint32_t write, const Flying &flying, End end)
{
	const auto entry = open_.find(sector);
	if (entry == open_.end())
		return;
	Open &open = entry->second;
	open.changed = tick_;
	for (Candidate &candidate : open.candidates)
		if (candidate.write == write && !candidate.done)
			candidate.done = tick_;
	if (end == End::certain)
		std::erase_if(open.candidates, [&](const Candidate &candidate) {
			return candidate.done && candidate.done < flying.begun;
		});
	settle(sector, open);
}

// Is there nothing left to be known?
void Model::settle(std::uint64_t sector, Open &open)
{
	const Content first = open.candidates.front().content;
	const bool settled = std::ranges::all_of(open.candidates, [&](const Candidate &candidate) {
		return candidate.done && candidate.content == first;
	});
	if (settled) {
		settled_[sector] = first;
		open_.erase(sector);
		return;
	}
	// Of those that are done and alike, the latest says how long it may still be there.
	auto &all = open.candidates;
	for (std::size_t i = 0; i < all.size(); i++)
		for (std::size_t j = all.size() - 1; j > i; j--)
			if (all[i].done && all[j].done && all[i].content == all[j].content) {
				all[i].done = std::max(all[i].done, all[j].done);
				all.erase(all.begin() + static_cast<std::ptrdiff_t>(j));
			}
}

void Model::abandon()
{
	while (!flying_.empty())
		end(flying_.begin()->first, End::doubtful);
}

std::vector<Content> Model::contents(std::uint64_t sector) const
{
	const auto entry = open_.find(sector);
	if (entry == open_.end())
		return {settled_.at(sector)};
	std::vector<Content> contents;
	for (const Candidate &candidate : entry->second.candidates)
		contents.push_back(candidate.content);
	return contents;
}

Look Model::look(Range range) const
{
	Look look{range, tick_, next_, {}, {}, {}};
	const auto begin = settled_.begin() + static_cast<std::ptrdiff_t>(range.begin.count);
	look.settled.assign(begin, begin + static_cast<std::ptrdiff_t>(range.length.count));
	for (std::uint64_t sector = range.begin.count; sector < range.end().count; sector++)
		if (const auto entry = open_.find(sector); entry != open_.end()) {
			look.open[sector] = contents(sector);
			if (std::ranges::any_of(entry->second.candidates, [](const Candidate &each) { return !each.done; }))
				look.being_written.insert(sector);
		}
	return look;
}

bool Model::is_acceptable(const Look &look, std::uint64_t sector, ConstSectorData data) const
{
	const auto fits = [&](Content content) { return holds(data, {sector}, content); };
	const auto entry = look.open.find(sector);
	if (entry == look.open.end() ? fits(look.settled[sector - look.range.begin.count]) :
				       std::ranges::any_of(entry->second, fits))
		return true;
	if (std::ranges::any_of(contents(sector), fits))
		return true;
	// One that came and went while we looked.
	const auto found = identify(data, {sector});
	if (!found)
		return may_be_torn(look, sector, data);
	if (*found == Content::zeroes)
		return last_zeroing_ >= look.newest;
	return static_cast<std::uint32_t>(*found) >= look.newest && static_cast<std::uint32_t>(*found) < next_;
}

// Only a write that was under way while we looked tears it: what is torn by others stays so.
bool Model::may_be_torn(const Look &look, std::uint64_t sector, ConstSectorData data) const
{
	const auto entry = look.open.find(sector);
	std::vector<Content> parts = entry != look.open.end() ?
					     entry->second :
					     std::vector{look.settled[sector - look.range.begin.count]};
	const bool zeroed = last_zeroing_ >= look.newest;
	if (!look.being_written.contains(sector) && !zeroed && is_mix(data, {sector}, parts))
		return false;
	for (std::uint32_t write = look.newest; write < next_; write++)
		parts.push_back(static_cast<Content>(write));
	if (zeroed)
		parts.push_back(Content::zeroes);
	return is_mix(data, {sector}, parts);
}

bool Model::may_pin(const Look &look, std::uint64_t sector) const
{
	const auto entry = open_.find(sector);
	if (entry == open_.end())
		return settled_[sector] == Content::anything && !look.open.contains(sector);
	const Open &open = entry->second;
	return open.changed <= look.tick &&
	       std::ranges::all_of(open.candidates, [](const Candidate &candidate) { return candidate.done; });
}

std::optional<Complaint> Model::judge(const Look &look, std::span<const std::byte> data, bool pin)
{
	for (std::size_t i = 0; i < look.range.length.count; i++) {
		const std::uint64_t sector = look.range.begin.count + i;
		const ConstSectorData found = sector_at(data, i);
		if (!is_acceptable(look, sector, found))
			return complaint(sector, found);
		const bool sure = !open_.contains(sector) && settled_[sector] != Content::anything;
		if (sure || !pin || !may_pin(look, sector))
			continue;
		if (const auto content = identify(found, {sector})) {
			settled_[sector] = *content;
			open_.erase(sector);
		}
	}
	return std::nullopt;
}

std::optional<Complaint> Model::judge(Range range, std::span<const std::byte> data) const
{
	for (std::size_t i = 0; i < range.length.count; i++) {
		const std::uint64_t sector = range.begin.count + i;
		const ConstSectorData found = sector_at(data, i);
		const auto fits = [&](Content content) { return holds(found, {sector}, content); };
		if (!std::ranges::any_of(contents(sector), fits))
			return complaint(sector, found);
	}
	return std::nullopt;
}

Complaint Model::complaint(std::uint64_t sector, ConstSectorData data) const
{
	std::string expected;
	for (Content content : contents(sector))
		expected += (expected.empty() ? "" : " or ") + describe(content);
	return {{sector}, fmt::format("sector {} holds {}; expected: {}", sector, describe(data, {sector}), expected)};
}

void Model::save(std::ostream &out) const
{
	put(out, tick_);
	put(out, next_);
	put(out, last_zeroing_);
	put(out, std::uint64_t{settled_.size()});
	out.write(reinterpret_cast<const char *>(settled_.data()),
		  static_cast<std::streamsize>(settled_.size() * sizeof(Content)));
	put(out, std::uint64_t{open_.size()});
	for (const auto &[sector, open] : open_) {
		put(out, sector);
		put(out, open.changed);
		put(out, std::uint64_t{open.candidates.size()});
		for (const Candidate &candidate : open.candidates)
			put(out, candidate);
	}
	put(out, std::uint64_t{flying_.size()});
	for (const auto &[write, flying] : flying_) {
		put(out, write);
		put(out, flying);
	}
}

Model Model::load(std::istream &in)
{
	Model model;
	model.tick_ = get<std::uint64_t>(in);
	model.next_ = get<std::uint32_t>(in);
	model.last_zeroing_ = get<std::uint32_t>(in);
	model.settled_.resize(get<std::uint64_t>(in));
	in.read(reinterpret_cast<char *>(model.settled_.data()),
		static_cast<std::streamsize>(model.settled_.size() * sizeof(Content)));
	for (auto entries = get<std::uint64_t>(in); entries > 0; entries--) {
		Open &open = model.open_[get<std::uint64_t>(in)];
		open.changed = get<std::uint64_t>(in);
		for (auto candidates = get<std::uint64_t>(in); candidates > 0; candidates--)
			open.candidates.push_back(get<Candidate>(in));
	}
	for (auto entries = get<std::uint64_t>(in); entries > 0; entries--) {
		const auto write = get<std::uint32_t>(in);
		model.flying_[write] = get<Flying>(in);
	}
	return model;
}

} // namespace soak
