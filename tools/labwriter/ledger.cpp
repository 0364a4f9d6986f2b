#include "labwriter/ledger.h"

#include <algorithm>

#include <fmt/format.h>

namespace labwriter {
namespace {

std::uint64_t number(lab::Sequence sequence)
{
	return static_cast<std::uint64_t>(sequence);
}

std::vector<lab::Sequence> overlapped_at(const Write &write, std::uint64_t sector)
{
	const auto found = write.overlapped.find(sector);
	return found == write.overlapped.end() ? std::vector<lab::Sequence>{} : found->second;
}

std::string line_of(std::uint64_t from, std::uint64_t count, const lab::Promise &promise)
{
	std::string line = fmt::format("{}+{}={}", from, count, number(promise.floor));
	char separator = '/';
	for (const lab::Sequence also : promise.also) {
		line += separator + std::to_string(number(also));
		separator = ',';
	}
	return line;
}

} // namespace

Ledger::Ledger(Range range, lab::Sequence first) : range_(range), next_(first), sectors_(range.count.count) {}

// May the write be what the sector holds for sure, as far as discards go?
bool Ledger::counts(const Sector &sector, lab::Sequence sequence)
{
	return sector.discarding == 0 && sequence >= sector.first_after_discard;
}

Write Ledger::submit_write(Range range)
{
	Write write{range, next_, {}};
	next_ = lab::Sequence{number(next_) + 1};
	for (std::uint64_t i = range.begin(); i < range.end(); i++) {
		auto &under_way = at(i).under_way;
		if (!under_way.empty())
			write.overlapped.emplace(i, under_way);
		under_way.push_back(write.sequence);
	}
	return write;
}

void Ledger::complete_write(const Write &write, bool good)
{
	for (std::uint64_t i = write.range.begin(); i < write.range.end(); i++) {
		Sector &sector = at(i);
		std::erase(sector.under_way, write.sequence);
		if (!good || !counts(sector, write.sequence) || write.sequence <= sector.latest.floor)
			continue;
		sector.latest = {write.sequence, overlapped_at(write, i)};
		changed_.insert(i);
	}
}

Knowledge Ledger::durable_by(const Write &write) const
{
	Knowledge knowledge;
	for (std::uint64_t i = write.range.begin(); i < write.range.end(); i++)
		if (counts(at(i), write.sequence))
			knowledge.emplace(i, Known{{write.sequence, overlapped_at(write, i)}, at(i).discards});
	return knowledge;
}

void Ledger::submit_discard(Range range)
{
	for (std::uint64_t i = range.begin(); i < range.end(); i++) {
		Sector &sector = at(i);
		sector.latest = {};
		sector.discards++;
		sector.discarding++;
		changed_.erase(i);
	}
}

void Ledger::complete_discard(Range range)
{
	for (std::uint64_t i = range.begin(); i < range.end(); i++) {
		at(i).discarding--;
		at(i).first_after_discard = next_;
	}
}

Knowledge Ledger::begin_flush()
{
	Knowledge pending;
	for (const std::uint64_t sector : changed_)
		pending.emplace(sector, Known{at(sector).latest, at(sector).discards});
	changed_.clear();
	return pending;
}

void Ledger::flush_failed(const Knowledge &pending)
{
	for (const auto &[sector, known] : still_true(pending))
		changed_.insert(sector);
}

Knowledge Ledger::still_true(Knowledge knowledge) const
{
	std::erase_if(knowledge, [this](const auto &entry) { return at(entry.first).discards != entry.second.discards; });
	return knowledge;
}

Knowledge Ledger::readable(Range range) const
{
	Knowledge knowledge;
	for (std::uint64_t i = range.begin(); i < range.end(); i++)
		if (at(i).latest.floor != lab::Sequence{})
			knowledge.emplace(i, Known{at(i).latest, at(i).discards});
	return knowledge;
}

std::vector<std::string> lines_of(const Knowledge &knowledge)
{
	std::vector<std::string> lines;
	for (auto first = knowledge.begin(); first != knowledge.end();) {
		std::uint64_t count = 0;
		auto next = first;
		while (next != knowledge.end() && next->first == first->first + count &&
		       next->second.promise == first->second.promise) {
			++next;
			count++;
		}
		lines.push_back(line_of(first->first, count, first->second.promise));
		first = next;
	}
	return lines;
}

} // namespace labwriter
