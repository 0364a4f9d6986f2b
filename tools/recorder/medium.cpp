#include "recorder/medium.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <sys/mman.h>

namespace recorder {
namespace {

// The longest piece, so that what is left after a loss reads like requests.
constexpr std::uint64_t longest_piece = 128;

enum class Fate { keep_all, lose_all, by_chance };

Fate choose_fate(std::mt19937_64 &random)
{
	return static_cast<Fate>(std::uniform_int_distribution<int>(0, 2)(random));
}

} // namespace

Medium::Medium(lab::Bytes size) : size_(size)
{
	void *memory = mmap(nullptr, size.count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		throw std::system_error(errno, std::generic_category(), "memory for a member");
	memory_ = static_cast<std::byte *>(memory);
}

Medium::~Medium()
{
	munmap(memory_, size_.count);
}

std::span<const std::byte> Medium::read(lab::Bytes offset, lab::Bytes length) const
{
	return {memory_ + offset.count, length.count};
}

std::span<std::byte> Medium::visible(std::uint64_t sector) const
{
	return {memory_ + sector * lab::sector_bytes, lab::sector_bytes};
}

Medium::Unstable &Medium::unstable(std::uint64_t sector)
{
	const auto [entry, fresh] = unstable_.try_emplace(sector);
	if (fresh)
		std::copy_n(visible(sector).begin(), lab::sector_bytes, entry->second.stable.begin());
	return entry->second;
}

// To `data`, or to zeros if that is empty. Whole sectors.
void Medium::change(lab::Bytes offset, std::span<const std::byte> data, lab::Bytes length, bool fua)
{
	const std::uint64_t first = offset.count / lab::sector_bytes;

	now_ = Moment{static_cast<std::uint64_t>(now_) + 1};
	for (std::uint64_t i = 0; i < length.count / lab::sector_bytes; i++) {
		Version version{now_, {}};
		if (!data.empty())
			std::copy_n(data.begin() + i * lab::sector_bytes, lab::sector_bytes, version.image.begin());
		if (fua)
			unstable_.erase(first + i);
		else
			unstable(first + i).versions.push_back(version);
		std::copy(version.image.begin(), version.image.end(), visible(first + i).begin());
	}
}

void Medium::write(lab::Bytes offset, std::span<const std::byte> data, bool fua)
{
	change(offset, data, {data.size()}, fua);
}

void Medium::zero(lab::Bytes offset, lab::Bytes length, bool fua)
{
	change(offset, {}, length, fua);
}

void Medium::doubt(lab::Bytes offset, lab::Bytes length)
{
	const std::uint64_t first = offset.count / lab::sector_bytes;
	for (std::uint64_t i = 0; i < length.count / lab::sector_bytes; i++)
		unstable(first + i).doubtful = true;
}

void Medium::end_flush(Moment began)
{
	for (auto entry = unstable_.begin(); entry != unstable_.end();) {
		Unstable &sector = entry->second;
		const auto later = std::find_if(sector.versions.begin(), sector.versions.end(),
						[began](const Version &version) { return version.moment > began; });
		if (later != sector.versions.begin())
			sector.stable = std::prev(later)->image;
		sector.versions.erase(sector.versions.begin(), later);
		if (sector.versions.empty() && !sector.doubtful)
			entry = unstable_.erase(entry);
		else
			++entry;
	}
}

std::vector<Medium::Piece> Medium::lose_power(std::mt19937_64 &random)
{
	const Fate fate = choose_fate(random);
	std::vector<Piece> pieces;
	std::uint64_t next = 0, count = longest_piece;

	for (const auto &[number, sector] : unstable_) {
		const std::size_t versions = sector.versions.size();
		std::size_t kept = fate == Fate::keep_all ? versions : 0;
		if (fate == Fate::by_chance)
			kept = std::uniform_int_distribution<std::size_t>(0, versions)(random);
		const Image &left = kept == 0 ? sector.stable : sector.versions[kept - 1].image;
		std::copy(left.begin(), left.end(), visible(number).begin());
		if (number != next || count == longest_piece) {
			pieces.push_back({lab::Sectors{number}.bytes(), {}});
			count = 0;
		}
		count++;
		next = number + 1;
		pieces.back().data = read(pieces.back().offset, lab::Sectors{count}.bytes());
	}
	unstable_.clear();
	return pieces;
}

} // namespace recorder
