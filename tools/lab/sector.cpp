#include "lab/sector.h"

#include <array>
#include <bit>
#include <cstring>

namespace lab {
namespace {

// A sector as words: magic, sector, sequence, checksum of all other words, filler.
constexpr std::size_t words = sector_bytes / sizeof(std::uint64_t);
constexpr std::uint64_t magic = 0x7463657362773172; // "r1wbsect"
enum Word : std::size_t { magic_word, sector_word, sequence_word, checksum_word, filler_word };
using Image = std::array<std::uint64_t, words>;

std::uint64_t checksum(const Image &image)
{
	std::uint64_t sum = 0x9e3779b97f4a7c15;
	for (std::size_t i = 0; i < words; i++)
		if (i != checksum_word)
			sum = std::rotl(sum ^ image[i], 29) * 0x9fb21c651e98df25;
	return sum;
}

} // namespace

void stamp(SectorSpan sector, SectorStamp stamp)
{
	Image image{};
	image[magic_word] = magic;
	image[sector_word] = stamp.sector.count;
	image[sequence_word] = static_cast<std::uint64_t>(stamp.sequence);
	std::uint64_t filler = stamp.sector.count * 0x9e3779b97f4a7c15 + image[sequence_word] + 1;
	for (std::size_t i = filler_word; i < words; i++) {
		filler ^= filler << 13;
		filler ^= filler >> 7;
		filler ^= filler << 17;
		image[i] = filler;
	}
	image[checksum_word] = checksum(image);
	std::memcpy(sector.data(), image.data(), sector_bytes);
}

std::optional<SectorStamp> read_stamp(ConstSectorSpan sector)
{
	Image image;
	std::memcpy(image.data(), sector.data(), sector_bytes);
	if (image[magic_word] != magic || image[checksum_word] != checksum(image))
		return std::nullopt;
	return SectorStamp{Sectors{image[sector_word]}, Sequence{image[sequence_word]}};
}

} // namespace lab
