#include "crashcheck/history.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <stdexcept>
#include <unordered_map>

#include <fmt/format.h>

namespace crashcheck {
namespace {

constexpr std::array<std::byte, lab::sector_bytes> zeros{};

} // namespace

// Four lanes, so that the processor can work on them at once. Sectors are told apart, nothing else.
Hash hash_of(std::span<const std::byte, lab::sector_bytes> sector)
{
	constexpr std::size_t lanes = 4;
	constexpr std::size_t words = lab::sector_bytes / sizeof(Hash);
	std::array<Hash, words> word;
	std::array<Hash, lanes> lane{0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb, 0xd6e8feb86659fd93};

	std::memcpy(word.data(), sector.data(), sector.size());
	for (std::size_t i = 0; i < words; i += lanes)
		for (std::size_t j = 0; j < lanes; j++)
			lane[j] = std::rotl(lane[j] ^ word[i + j], 29) * 0x9fb21c651e98df25;
	Hash sum = 0;
	for (const Hash value : lane)
		sum = (std::rotl(sum, 23) ^ value ^ value >> 32) * 0xff51afd7ed558ccd;
	return sum ^ sum >> 29;
}

Hash hash_of_zeros()
{
	static const Hash hash = hash_of(zeros);
	return hash;
}

// One pass over the log.
class History::Builder {
public:
	explicit Builder(History &history) : history_(history), members_(history.members()) {}

	void build()
	{
		for (const lab::Record &record : history_.log())
			take(record);
		sort_stable();
	}

private:
	struct Flush {
		std::uint8_t member;
		Moment started;
	};
	struct Member {
		std::vector<WriteIndex> unflushed; // completed without error, in that order
	};

	[[noreturn]] static void fail(const lab::Record &record, std::string_view what)
	{
		throw std::runtime_error(fmt::format("record {}: {}", record.index, what));
	}

	void take(const lab::Record &record)
	{
		if (lab::changes_data(record.kind))
			start_write(record);
		else if (record.kind == lab::Kind::flush)
			flushes_.emplace(record.request, Flush{record.member, static_cast<Moment>(record.index)});
		else if (record.kind == lab::Kind::completed)
			complete(record);
	}

	void start_write(const lab::Record &record)
	{
		if (record.offset.count % lab::sector_bytes || record.length.count % lab::sector_bytes)
			fail(record, "a write that is not of whole sectors");
		Write write;
		write.request = record.request;
		write.member = record.member;
		write.started = static_cast<Moment>(record.index);
		write.begin = lab::sector_of(record.offset).count;
		write.end = write.begin + lab::sector_of(record.length).count;
		write.has_data = record.kind == lab::Kind::write;
		write.hashes = history_.hashes_.size();
		for (std::size_t at = 0; at + lab::sector_bytes <= record.data.size(); at += lab::sector_bytes)
			history_.hashes_.push_back(hash_of(record.data.subspan(at).first<lab::sector_bytes>()));
		if (!under_way_.emplace(record.request, Pending{static_cast<WriteIndex>(history_.writes_.size()), record.fua}).second)
			fail(record, "a request that was there before");
		history_.writes_.push_back(write);
	}

	void complete(const lab::Record &record)
	{
		if (const auto flush = flushes_.find(record.request); flush != flushes_.end()) {
			if (!record.error)
				flushed(flush->second, static_cast<Moment>(record.index));
			flushes_.erase(flush);
			return;
		}
		const auto found = under_way_.find(record.request);
		if (found == under_way_.end())
			fail(record, "a completion of nothing");
		completed(found->second, record);
		under_way_.erase(found);
	}

	struct Pending {
		WriteIndex write;
		bool fua;
	};

	void completed(const Pending &pending, const lab::Record &record)
	{
		Write &write = history_.writes_[pending.write];
		write.completed = static_cast<Moment>(record.index);
		write.error = record.error;
		if (write.error)
			return;
		if (pending.fua)
			write.stable = write.completed;
		else
			members_[write.member].unflushed.push_back(pending.write);
	}

	void flushed(const Flush &flush, Moment moment)
	{
		std::vector<WriteIndex> &unflushed = members_[flush.member].unflushed;
		const auto before = [&](WriteIndex index) { return history_.writes_[index].completed < flush.started; };
		const auto rest = std::find_if_not(unflushed.begin(), unflushed.end(), before);
		for (auto index = unflushed.begin(); index != rest; ++index)
			history_.writes_[*index].stable = moment;
		unflushed.erase(unflushed.begin(), rest);
	}

	void sort_stable()
	{
		const std::vector<Write> &writes = history_.writes_;
		std::vector<WriteIndex> &order = history_.became_stable_;
		for (WriteIndex i = 0; i < writes.size(); i++)
			if (writes[i].stable != never)
				order.push_back(i);
		std::sort(order.begin(), order.end(), [&](WriteIndex a, WriteIndex b) {
			return std::pair(writes[a].stable, writes[a].completed) < std::pair(writes[b].stable, writes[b].completed);
		});
		history_.stable_begin_.resize(history_.log().size() + 1, 0);
		for (const WriteIndex i : order)
			history_.stable_begin_[writes[i].stable + 1]++;
		std::partial_sum(history_.stable_begin_.begin(), history_.stable_begin_.end(), history_.stable_begin_.begin());
	}

	History &history_;
	std::vector<Member> members_;
	std::unordered_map<lab::RequestId, Pending> under_way_;
	std::unordered_map<lab::RequestId, Flush> flushes_;
};

History::History(const lab::LogReader &log) : log_(&log), zero_hash_(hash_of_zeros())
{
	if (log.size() >= never)
		throw std::runtime_error("too long a recording");
	for (const lab::MemberInfo &member : log.members())
		if (member.size.count % lab::sector_bytes)
			throw std::runtime_error(fmt::format("{}: {} bytes are no whole sectors", member.name, member.size.count));
	Builder(*this).build();
}

const Write *History::find(lab::RequestId request) const
{
	// Requests are numbered as they start.
	const auto found = std::find_if(writes_.begin(), writes_.end(),
					[&](const Write &write) { return write.request == request; });
	return found == writes_.end() ? nullptr : &*found;
}

const Write *History::started_at(Moment moment) const
{
	const auto found = std::lower_bound(writes_.begin(), writes_.end(), moment,
					    [](const Write &write, Moment at) { return write.started < at; });
	return found == writes_.end() || found->started != moment ? nullptr : &*found;
}

std::span<const WriteIndex> History::stable_at(Moment moment) const
{
	return std::span(became_stable_).subspan(stable_begin_[moment], stable_begin_[moment + 1] - stable_begin_[moment]);
}

std::span<const std::byte, lab::sector_bytes> History::data_in(const Write &write, std::uint64_t sector) const
{
	if (!write.has_data)
		return zeros;
	return (*log_)[write.started].data.subspan(sector * lab::sector_bytes).first<lab::sector_bytes>();
}

} // namespace crashcheck
