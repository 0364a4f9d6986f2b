// What the metadata of all members say in one crash state. Equal contents give the same objects, so that pointers can
// be compared, and states with metadata that were seen before need no parsing.
#pragma once

#include "crashcheck/bitmap_copy.h"
#include "crashcheck/crash_state.h"
#include "crashcheck/md_super.h"

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace crashcheck {

// Where the array keeps its bitmap on every member, and what it covers.
struct BitmapPlace {
	std::int32_t offset = 0; // from the superblock, sectors
	lab::Sectors size;       // of the array

	bool operator==(const BitmapPlace &) const = default;
};

struct MemberMetadata {
	const MdSuper *super = nullptr;                   // null: none that md would take
	const std::vector<BadBlocks> *bad_blocks = nullptr; // null: md could not read the log
	std::vector<const BitmapCopy *> copies;           // by place; null: not on the device

	bool operator==(const MemberMetadata &) const = default;
};

struct Metadata {
	std::vector<BitmapPlace> places; // all that superblocks tell of
	std::vector<MemberMetadata> members;

	const BitmapCopy *copy(std::size_t member, const BitmapPlace &place) const;
	bool operator==(const Metadata &) const = default;
};

class MetadataReader {
public:
	explicit MetadataReader(const History &history);

	// Of a crash state: the members' contents, in order. Pointers are valid until forget().
	void read(std::span<const Contents> members, Metadata &out);

	// Takes the memory of what was read back, if it is much.
	bool forget();

private:
	using Bytes = std::vector<std::byte>;
	template <typename Value> using Known = std::unordered_map<Hash, std::unique_ptr<const Value>>;

	const MdSuper *super_of(std::size_t member, const Contents &contents);
	const std::vector<BadBlocks> *bad_blocks_of(std::size_t member, const MdSuper &super, const Contents &contents);
	const BitmapCopy *copy_of(std::size_t member, const MdSuper &super, const BitmapPlace &place,
				  const Contents &contents);
	Hash hash(const Contents &contents, std::uint64_t begin, std::uint64_t sectors, Hash seed);
	Bytes bytes(const Contents &contents, std::uint64_t begin, std::uint64_t sectors);

	std::vector<lab::Sectors> sizes_;
	std::vector<std::vector<lab::Sectors>> places_; // by member: where there ever was a superblock
	std::vector<Hash> hashes_;
	Known<std::optional<MdSuper>> supers_;
	Known<std::optional<std::vector<BadBlocks>>> bad_blocks_;
	Known<BitmapCopy> copies_;
	const std::vector<BadBlocks> no_bad_blocks_;
};

} // namespace crashcheck
