#include "crashcheck/metadata.h"

#include "crashcheck/bytes.h"

#include <algorithm>

namespace crashcheck {
namespace {

constexpr std::uint32_t md_magic = 0xa92b4efc;
constexpr std::size_t much = 4096; // copies of the bitmap that are kept
constexpr Hash mix = 0x9fb21c651e98df25;

bool has_md_magic(const History &history, const Write &write, std::uint64_t sector)
{
	return write.has_data && write.overlaps(sector, sector + 1) &&
	       little_endian<std::uint32_t>(history.data_in(write, sector - write.begin), 0) == md_magic;
}

// Sectors of superblock and bits; just of the superblock if it makes no sense.
std::uint64_t bitmap_sectors(std::span<const std::byte> first, lab::Sectors array)
{
	const BitmapSuper super = read_bitmap_super(first.first<bitmap_super_bytes.count>());
	if (super.magic != bitmap_magic || !Grid::is_chunk_size(super.chunk_bytes))
		return 1;
	const std::uint64_t bits = Grid(array, super.chunk_bytes).chunks();
	return (bitmap_super_bytes.count + (bits + 7) / 8 + lab::sector_bytes - 1) / lab::sector_bytes;
}

} // namespace

const BitmapCopy *Metadata::copy(std::size_t member, const BitmapPlace &place) const
{
	const auto found = std::find(places.begin(), places.end(), place);
	return found == places.end() ? nullptr : members[member].copies[found - places.begin()];
}

MetadataReader::MetadataReader(const History &history)
{
	for (std::size_t member = 0; member < history.members(); member++) {
		sizes_.push_back(history.size_of(member));
		places_.emplace_back();
		for (const lab::Sectors place : super_places(sizes_.back()))
			if (std::any_of(history.writes().begin(), history.writes().end(), [&](const Write &write) {
				    return write.member == member && has_md_magic(history, write, place.count);
			    }))
				places_.back().push_back(place);
	}
}

Hash MetadataReader::hash(const Contents &contents, std::uint64_t begin, std::uint64_t sectors, Hash seed)
{
	hashes_.resize(sectors);
	contents.hashes(begin, hashes_);
	Hash sum = (seed ^ sectors) * mix;
	for (const Hash hash : hashes_)
		sum = (std::rotl(sum, 23) ^ hash) * mix;
	return sum;
}

MetadataReader::Bytes MetadataReader::bytes(const Contents &contents, std::uint64_t begin, std::uint64_t sectors)
{
	Bytes bytes(sectors * lab::sector_bytes);
	contents.bytes(begin, bytes);
	return bytes;
}

const MdSuper *MetadataReader::super_of(std::size_t member, const Contents &contents)
{
	for (const lab::Sectors place : places_[member]) {
		const Hash key = hash(contents, place.count, super_sectors.count, place.count ^ sizes_[member].count << 20);
		auto &known = supers_[key];
		if (!known)
			known = std::make_unique<const std::optional<MdSuper>>(
				read_md_super(bytes(contents, place.count, super_sectors.count), place, sizes_[member]));
		if (*known)
			return &**known;
	}
	return nullptr;
}

const std::vector<BadBlocks> *MetadataReader::bad_blocks_of(std::size_t member, const MdSuper &super,
							    const Contents &contents)
{
	if (!super.has_bad_blocks)
		return &no_bad_blocks_;
	const std::uint64_t begin = super.start.count + static_cast<std::int64_t>(super.bad_blocks_offset);
	const std::uint64_t sectors = super.bad_blocks_sectors.count;
	if (begin > sizes_[member].count || sectors > sizes_[member].count - begin)
		return nullptr;
	auto &known = bad_blocks_[hash(contents, begin, sectors, super.bad_blocks_shift)];
	if (!known)
		known = std::make_unique<const std::optional<std::vector<BadBlocks>>>(
			read_bad_blocks(bytes(contents, begin, sectors), super.bad_blocks_shift));
	return *known ? &**known : nullptr;
}

const BitmapCopy *MetadataReader::copy_of(std::size_t member, const MdSuper &super, const BitmapPlace &place,
					  const Contents &contents)
{
	const std::uint64_t begin = super.start.count + static_cast<std::int64_t>(place.offset);
	if (begin >= sizes_[member].count)
		return nullptr;
	const std::uint64_t sectors = bitmap_sectors(contents.data(begin), place.size);
	if (sectors > sizes_[member].count - begin)
		return nullptr;
	auto &known = copies_[hash(contents, begin, sectors, 0)];
	if (!known)
		known = std::make_unique<const BitmapCopy>(bytes(contents, begin, sectors));
	return known.get();
}

void MetadataReader::read(std::span<const Contents> members, Metadata &out)
{
	out.places.clear();
	out.members.resize(members.size());
	for (std::size_t member = 0; member < members.size(); member++) {
		MemberMetadata &metadata = out.members[member];
		metadata.super = super_of(member, members[member]);
		metadata.bad_blocks = metadata.super ? bad_blocks_of(member, *metadata.super, members[member]) : nullptr;
		metadata.copies.clear();
		if (!metadata.super || !metadata.super->bitmap_offset)
			continue;
		const BitmapPlace place{*metadata.super->bitmap_offset, metadata.super->size};
		if (std::find(out.places.begin(), out.places.end(), place) == out.places.end())
			out.places.push_back(place);
	}
	for (std::size_t member = 0; member < members.size(); member++)
		for (const BitmapPlace &place : out.places) {
			MemberMetadata &metadata = out.members[member];
			metadata.copies.push_back(
				metadata.super ? copy_of(member, *metadata.super, place, members[member]) : nullptr);
		}
}

bool MetadataReader::forget()
{
	if (copies_.size() < much && supers_.size() < much)
		return false;
	supers_.clear();
	bad_blocks_.clear();
	copies_.clear();
	return true;
}

} // namespace crashcheck
