// The recording of what members saw, as it lies on disk, and one record of it as programs see it. FORMAT.md is the
// description for people; the structs here are the law. Little-endian, everything aligned to eight bytes.
#pragma once

#include "lab/units.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lab {

enum class Kind : std::uint8_t {
	write = 1,        // started; with its data
	flush = 2,        // started
	trim = 3,         // started; what is there afterwards is undefined, the recorder makes it zeros
	write_zeroes = 4, // started
	completed = 5,    // one of these four
	mark = 6,         // a line or more of text that the guest left
	control = 7,      // what was done to a member: a command of the control socket, or "begin" and "end" of the log
};

constexpr bool is_request(Kind kind)
{
	return kind >= Kind::write && kind <= Kind::write_zeroes;
}

constexpr bool changes_data(Kind kind)
{
	return is_request(kind) && kind != Kind::flush;
}

std::string_view name_of(Kind kind);

// In no log twice. 0 where there is no request.
enum class RequestId : std::uint64_t {};

// The member of records that concern none: marks, and commands for all.
inline constexpr std::uint8_t no_member = 255;
inline constexpr std::size_t max_members = 16;

struct MemberInfo {
	std::string name;
	Bytes size;
};

// One record. Spans and strings are valid as long as the reader is.
struct Record {
	std::size_t index = 0;
	Kind kind = Kind::control;
	std::uint8_t member = no_member;
	bool fua = false;                // requests: stable once it has completed without error
	std::uint64_t time_ns = 0;       // since the log began
	RequestId request{};             // requests and completed
	Bytes offset;                    // requests but flush
	Bytes length;                    // requests but flush
	int error = 0;                   // completed: 0 or an errno
	std::span<const std::byte> data; // write: length bytes. Equal data may be the same memory.
	std::string_view text;           // mark, control
};

namespace disk {

inline constexpr std::array<char, 8> magic{'r', '1', 'w', 'b', 'l', 'o', 'g', '\n'};
inline constexpr std::uint32_t version = 1;
inline constexpr std::size_t alignment = 8;

struct Header {
	std::array<char, 8> magic;
	std::uint32_t version;
	std::uint32_t bytes; // header and member table; the first record follows
	std::uint32_t members;
	std::uint32_t reserved;
	std::uint64_t began_ns; // since 1970
};
static_assert(sizeof(Header) == 32);

struct Member {
	std::uint64_t bytes;
	std::array<char, 24> name; // padded with zeros
};
static_assert(sizeof(Member) == 32);

enum class Encoding : std::uint8_t {
	none = 0,
	inline_data = 1, // follows
	zeros = 2,       // nothing follows
	reference = 3,   // the file offset (u64) where the same data lie inline in an earlier record
};

struct Record {
	std::uint32_t bytes; // of the whole record, padding included
	std::uint8_t kind;
	std::uint8_t member;
	std::uint8_t flags;
	std::uint8_t encoding;
	std::uint64_t time_ns;
	std::uint64_t request;
	std::uint64_t offset; // completed: the errno; mark, control: 0
	std::uint64_t length; // mark, control: of the text; completed: 0
};
static_assert(sizeof(Record) == 40);

inline constexpr std::uint8_t flag_fua = 1;

constexpr std::size_t padded(std::size_t bytes)
{
	return (bytes + alignment - 1) / alignment * alignment;
}

} // namespace disk
} // namespace lab
