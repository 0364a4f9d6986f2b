// The journal on a disk of its own: a checkpoint, and a log of what has happened since. It is read after a crash of the
// machine to know what the array may hold.
//
// What a call has written is on the disk when it returns; QEMU is killed, not the host. A block that was being written
// then fails its checksum and ends the log.
#pragma once

#include "soak/device.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace soak {

struct Record {
	enum class Type : std::uint32_t {
		write,
		zero,
		discard, // write `id` begins
		certain,
		doubtful, // write `id` ends
		resize, // the array has `begin` sectors, or will have, or had
	};
	Type type;
	std::uint32_t id;
	std::uint32_t begin;
	std::uint32_t length;
};

struct History {
	std::string checkpoint;
	std::vector<Record> records;
};

class Journal {
public:
	explicit Journal(Device disk);

	// Nothing if the disk has no checkpoint.
	std::optional<History> read();
	// Begins an empty log.
	void checkpoint(const std::string &content);
	bool has_room(std::size_t records) const;
	void append(std::span<const Record> records);

private:
	struct Header;
	struct Block;

	std::optional<std::string> read_checkpoint(std::uint32_t slot, std::uint32_t &generation);
	std::vector<Record> read_log();

	Device disk_;
	Buffer buffer_;
	std::uint32_t generation_ = 0;
	std::uint64_t next_block_ = 0;
	std::uint64_t blocks_;
};

} // namespace soak
