// What happened to the members, in the terms of crash states: every write with the moments when it started, completed and
// became stable, and the hash of every sector that it wrote.
//
// A moment is the index of a record in the log; "after record c" is cut point c. Immutable once made: for many threads.
#pragma once

#include "lab/log_reader.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace crashcheck {

using Moment = std::uint32_t;
inline constexpr Moment never = UINT32_MAX;

using Hash = std::uint64_t;
Hash hash_of(std::span<const std::byte, lab::sector_bytes> sector);
Hash hash_of_zeros();

// Index into History::writes(), which are in the order in which they started.
using WriteIndex = std::uint32_t;

// A write, trim or write-zeroes.
struct Write {
	lab::RequestId request{};
	std::uint8_t member = 0;
	bool has_data = false; // else zeros
	Moment started = never;
	Moment completed = never; // with or without error
	Moment stable = never;
	int error = 0;
	std::uint64_t begin = 0; // sectors on the member
	std::uint64_t end = 0;
	std::size_t hashes = 0; // where they are in the table; if it has data

	std::uint64_t sectors() const { return end - begin; }
	bool overlaps(std::uint64_t from, std::uint64_t to) const { return begin < to && from < end; }
};

class History {
public:
	// Throws std::runtime_error that names the record if it makes no sense.
	explicit History(const lab::LogReader &log);

	const lab::LogReader &log() const { return *log_; }
	std::size_t members() const { return log_->members().size(); }
	lab::Sectors size_of(std::size_t member) const { return lab::sector_of(log_->members()[member].size); }
	Moment end() const { return static_cast<Moment>(log_->size()); }

	const std::vector<Write> &writes() const { return writes_; }
	// Null if there is no such write.
	const Write *find(lab::RequestId request) const;

	// The write that a record starts; null if it starts none.
	const Write *started_at(Moment moment) const;
	// Those that a record makes stable, in the order in which they took effect.
	std::span<const WriteIndex> stable_at(Moment moment) const;
	WriteIndex index_of(const Write &write) const { return static_cast<WriteIndex>(&write - writes_.data()); }

	// The `sector`th one that it wrote.
	Hash hash_in(const Write &write, std::uint64_t sector) const
	{
		return write.has_data ? hashes_[write.hashes + sector] : zero_hash_;
	}
	std::span<const std::byte, lab::sector_bytes> data_in(const Write &write, std::uint64_t sector) const;

private:
	class Builder;

	const lab::LogReader *log_;
	Hash zero_hash_;
	std::vector<Write> writes_;
	std::vector<Hash> hashes_;
	std::vector<WriteIndex> became_stable_;   // by moment, then by effect
	std::vector<std::uint32_t> stable_begin_; // by moment: where they begin in became_stable_
};

} // namespace crashcheck
