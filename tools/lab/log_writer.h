// Writes a recording. Not for several threads at a time: whoever owns the order of the records owns the writer. Every
// record is in the file (not on the disk) when the function returns, so that a killed recorder leaves a valid log.
#pragma once

#include "lab/log_format.h"

#include <chrono>
#include <filesystem>
#include <unordered_map>

namespace lab {

class LogWriter {
public:
	// Throws std::system_error if the file cannot be made; it must not be there yet.
	LogWriter(const std::filesystem::path &path, std::span<const MemberInfo> members);
	LogWriter(const LogWriter &) = delete;
	LogWriter &operator=(const LogWriter &) = delete;
	~LogWriter();

	// A request has arrived. The id is for completed().
	RequestId write(std::uint8_t member, Bytes offset, std::span<const std::byte> data, bool fua);
	RequestId flush(std::uint8_t member);
	RequestId trim(std::uint8_t member, Bytes offset, Bytes length, bool fua);
	RequestId write_zeroes(std::uint8_t member, Bytes offset, Bytes length, bool fua);

	void completed(std::uint8_t member, RequestId request, int error);
	void mark(std::string_view text);
	void control(std::uint8_t member, std::string_view text);

	// The last record. Nothing may follow.
	void end();

private:
	struct Place {
		std::uint64_t offset;
		std::uint64_t length;
	};

	RequestId start(Kind kind, std::uint8_t member, Bytes offset, Bytes length, bool fua);
	void append(disk::Record record, std::span<const std::byte> payload);
	void text(Kind kind, std::uint8_t member, std::string_view text);
	bool is_at(const Place &place, std::span<const std::byte> data);

	std::filesystem::path path_;
	int fd_;
	std::chrono::steady_clock::time_point began_;
	std::uint64_t end_ = 0; // of the file
	std::uint64_t last_request_ = 0;
	std::unordered_multimap<std::uint64_t, Place> known_; // inline data by hash
	std::vector<std::byte> buffer_;
};

} // namespace lab
