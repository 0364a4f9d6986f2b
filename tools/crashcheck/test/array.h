// Recordings made by hand: a mirror of two legs, or more, and what happens to it.
#pragma once

#include "crashcheck/survey.h"
#include "lab/log_writer.h"
#include "lab/sector.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace crashcheck::test {

inline constexpr lab::Sectors device_size{512};
inline constexpr lab::Sectors super_place{8};
inline constexpr lab::Sectors data_place{64};
inline constexpr lab::Sectors array_size{256};
inline constexpr std::int32_t bitmap_offset = 8;
inline constexpr std::uint32_t chunk_bytes = 4096; // 8 sectors, 32 chunks
inline constexpr std::uint8_t fast = 0;
inline constexpr std::uint8_t slow = 1;

using Bytes = std::vector<std::byte>;

// A superblock that the fields describe: 4096 bytes.
Bytes md_super_bytes(const MdSuper &super);
// 512 bytes of superblock and bits.
Bytes bitmap_bytes(const BitmapSuper &super, const std::vector<std::uint64_t> &bits);
// So many sectors of letters.
Bytes letters(char letter, std::size_t sectors);

// A mirror of two legs, clean, with an empty bitmap, all at `events`.
MdSuper some_super(std::uint32_t device, std::uint64_t events);
BitmapSuper some_bitmap(std::uint64_t events);

// Records. What is named `done` has completed, and `flushed` has been flushed, when it returns.
class Recording {
public:
	explicit Recording(std::size_t members = 2);
	~Recording();

	lab::RequestId write(std::uint8_t member, lab::Sectors at, const Bytes &data, bool fua = false);
	void complete(std::uint8_t member, lab::RequestId request, int error = 0);
	lab::RequestId done(std::uint8_t member, lab::Sectors at, const Bytes &data);
	void flush(std::uint8_t member);
	void flushed(std::uint8_t member, lab::Sectors at, const Bytes &data);
	void mark(const std::string &text) { writer_->mark(text); }
	lab::LogWriter &log() { return *writer_; }

	// The array's data; sectors of the array.
	lab::RequestId write_data(std::uint8_t member, std::uint64_t sector, const Bytes &data)
	{
		return write(member, data_place + lab::Sectors{sector}, data);
	}

	// Metadata, stable at once.
	void super(std::uint8_t member, const MdSuper &super);
	void bitmap(std::uint8_t member, const BitmapSuper &super, const std::vector<std::uint64_t> &bits);
	// Superblocks and bitmaps of all, at `events`.
	void array(std::uint64_t events = 10);

	// The recording so far. It may not be added to afterwards.
	const lab::LogReader &read();

private:
	std::filesystem::path directory_;
	std::unique_ptr<lab::LogWriter> writer_;
	std::unique_ptr<lab::LogReader> reader_;
	std::size_t members_;
};

// A recording at its last cut point, and what a checker says of its states.
class Judge {
public:
	explicit Judge(Recording &recording, RuleSet rules = RuleSet::both);

	// Of the state in which everything that is unstable is on the media; or nothing; or as the ID says, behind its
	// cut point.
	std::vector<Violation> all();
	std::vector<Violation> none();
	std::vector<Violation> state(const std::string &writes);

	Walker &walker() { return walker_; }
	Checker &checker() { return checker_; }
	const History &history() const { return history_; }

private:
	History history_;
	Walker walker_;
	Checker checker_;
};

// Is there such a one, of that rule and of those members ("" for any)?
bool has(const std::vector<Violation> &violations, Check check, const std::string &rule = "",
	 const std::string &members = "");
// What it says, for messages.
std::string text_of(const std::vector<Violation> &violations);

} // namespace crashcheck::test
