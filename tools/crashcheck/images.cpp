#include "crashcheck/images.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace crashcheck {
namespace {

class File {
public:
	File(const std::filesystem::path &path, int flags) : path_(path), fd_(open(path.c_str(), flags | O_CLOEXEC, 0666))
	{
		if (fd_ < 0)
			fail();
	}
	File(File &&other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
	File &operator=(File &&) = delete;
	~File()
	{
		if (fd_ >= 0)
			close(fd_);
	}

	void resize(lab::Bytes size)
	{
		if (ftruncate(fd_, static_cast<off_t>(size.count)) < 0)
			fail();
	}
	void write(std::span<const std::byte> data, lab::Bytes offset)
	{
		while (!data.empty()) {
			const ssize_t done = pwrite(fd_, data.data(), data.size(), static_cast<off_t>(offset.count));
			if (done < 0)
				fail();
			data = data.subspan(static_cast<std::size_t>(done));
			offset.count += static_cast<std::uint64_t>(done);
		}
	}
	void read(std::span<std::byte> data, lab::Bytes offset) const
	{
		while (!data.empty()) {
			const ssize_t done = pread(fd_, data.data(), data.size(), static_cast<off_t>(offset.count));
			if (done == 0)
				throw std::runtime_error(fmt::format("{}: ends at byte {}", path_.string(), offset.count));
			if (done < 0)
				fail();
			data = data.subspan(static_cast<std::size_t>(done));
			offset.count += static_cast<std::uint64_t>(done);
		}
	}
	lab::Bytes size() const
	{
		struct stat status {};
		if (fstat(fd_, &status) < 0)
			fail();
		return {static_cast<std::uint64_t>(status.st_size)};
	}

private:
	[[noreturn]] void fail() const { throw std::system_error(errno, std::generic_category(), path_.string()); }

	std::filesystem::path path_;
	int fd_;
};

std::filesystem::path image(const std::filesystem::path &directory, std::size_t member)
{
	return directory / fmt::format("member{}.img", member);
}

void write_image(const std::filesystem::path &path, const Contents &contents, lab::Sectors size)
{
	constexpr std::uint64_t piece = 2048; // sectors
	File file(path, O_WRONLY | O_CREAT | O_TRUNC);
	std::vector<Hash> hashes;

	file.resize(size.bytes());
	for (std::uint64_t begin = 0; begin < size.count; begin += piece) {
		hashes.resize(std::min(piece, size.count - begin));
		contents.hashes(begin, hashes);
		for (std::uint64_t i = 0; i < hashes.size(); i++)
			if (hashes[i] != hash_of_zeros())
				file.write(contents.data(begin + i), lab::Sectors{begin + i}.bytes());
	}
}

// Images of an array's members, as somebody left them.
class Verifier {
public:
	Verifier(const std::filesystem::path &directory, std::size_t members, const lab::Promises &promises)
		: promises_(promises)
	{
		for (std::size_t member = 0; member < members; member++)
			files_.emplace_back(image(directory, member), O_RDONLY);
	}

	std::vector<std::string> verify()
	{
		for (std::size_t member = 0; member < files_.size(); member++) {
			supers_.push_back(super_of(member));
			bad_.push_back(supers_.back() ? bad_blocks_of(member) : std::nullopt);
		}
		find_legs();
		for (std::size_t member = 0; member < files_.size(); member++)
			look_at(member);
		for (std::size_t leg = 1; wrong_.empty() && leg < legs_.size(); leg++)
			compare(legs_[0], legs_[leg]);
		if (wrong_.empty())
			look_for_promised();
		return std::move(wrong_);
	}

private:
	std::optional<MdSuper> super_of(std::size_t member) const
	{
		const lab::Sectors size = lab::sector_of(files_[member].size());
		std::array<std::byte, super_sectors.bytes().count> bytes{};
		for (const lab::Sectors place : super_places(size)) {
			files_[member].read(bytes, place.bytes());
			if (auto super = read_md_super(bytes, place, size))
				return super;
		}
		return std::nullopt;
	}

	std::optional<std::vector<BadBlocks>> bad_blocks_of(std::size_t member) const
	{
		const MdSuper &super = *supers_[member];
		if (!super.has_bad_blocks)
			return std::vector<BadBlocks>{};
		std::vector<std::byte> log(super.bad_blocks_sectors.bytes().count);
		files_[member].read(log, lab::Sectors{super.start.count + static_cast<std::int64_t>(super.bad_blocks_offset)}.bytes());
		return read_bad_blocks(log, super.bad_blocks_shift);
	}

	// Those that the freshest tells of. Others are spares, or left.
	void find_legs()
	{
		for (const std::optional<MdSuper> &super : supers_)
			if (super && is_slot(super->own_role()) && (!array_ || super->events > array_->events))
				array_ = &*super;
		for (std::size_t member = 0; array_ && member < files_.size(); member++)
			if (const auto &super = supers_[member];
			    super && is_slot(array_->role_of(super->device_number)) && !super->replacement)
				legs_.push_back(member);
	}

	void look_at(std::size_t member)
	{
		const std::optional<MdSuper> &super = supers_[member];
		const bool is_leg = std::find(legs_.begin(), legs_.end(), member) != legs_.end();
		if (!is_leg && array_ && legs_.size() >= array_->raid_disks)
			return;
		if (!super)
			wrong_.push_back(fmt::format("member {} has no superblock", member));
		else if (!bad_[member])
			wrong_.push_back(fmt::format("member {} has a bad block log that makes no sense", member));
		else if (array_ && super->events != array_->events)
			wrong_.push_back(fmt::format("member {} is {} events late", member, array_->events - super->events));
		else if (!is_slot(super->own_role()) || super->recovery_offset)
			wrong_.push_back(fmt::format("member {} is not in sync", member));
		else if (!super->is_clean())
			wrong_.push_back(fmt::format("member {} is not clean", member));
	}

	std::span<const std::byte> piece(std::size_t member, std::uint64_t begin, std::uint64_t sectors,
					 std::vector<std::byte> &buffer) const
	{
		buffer.resize(lab::Sectors{sectors}.bytes().count);
		files_[member].read(buffer, (supers_[member]->data_offset + lab::Sectors{begin}).bytes());
		return buffer;
	}

	bool is_bad(std::size_t member, std::uint64_t sector) const
	{
		return is_among(*bad_[member], supers_[member]->data_offset + lab::Sectors{sector});
	}

	void compare(std::size_t one, std::size_t member)
	{
		std::vector<std::byte> first;
		std::vector<std::byte> other;
		const std::uint64_t size = array_->size.count;
		for (std::uint64_t begin = 0; begin < size; begin += step) {
			const std::uint64_t sectors = std::min(step, size - begin);
			if (std::ranges::equal(piece(one, begin, sectors, first), piece(member, begin, sectors, other)))
				continue;
			for (std::uint64_t i = 0; i < sectors; i++) {
				const auto of = [&](std::span<const std::byte> all) {
					return all.subspan(i * lab::sector_bytes, lab::sector_bytes);
				};
				if (std::ranges::equal(of(first), of(other)) || is_bad(one, begin + i) || is_bad(member, begin + i))
					continue;
				wrong_.push_back(
					fmt::format("members {} and {} differ in array sector {}", one, member, begin + i));
				return;
			}
		}
	}

	void look_for_promised()
	{
		std::vector<std::byte> buffer;
		for (const auto &[sector, promise] : promises_.sectors()) {
			bool is_kept = false;
			for (const std::size_t member : legs_) {
				if (is_bad(member, sector))
					continue;
				const auto stamp = lab::read_stamp(piece(member, sector, 1, buffer).first<lab::sector_bytes>());
				if (!stamp || stamp->sector.count != sector || !promise.allows(stamp->sequence)) {
					wrong_.push_back(BrokenPromise{member, {sector}, promise, stamp}.text());
					return;
				}
				is_kept = true;
			}
			if (!is_kept) {
				wrong_.push_back(fmt::format("array sector {} is bad on all members", sector));
				return;
			}
		}
	}

	static constexpr std::uint64_t step = 2048; // sectors

	const lab::Promises &promises_;
	std::vector<File> files_;
	std::vector<std::optional<MdSuper>> supers_;
	std::vector<std::optional<std::vector<BadBlocks>>> bad_; // nothing: no list that makes sense
	const MdSuper *array_ = nullptr;
	std::vector<std::size_t> legs_;
	std::vector<std::string> wrong_;
};

} // namespace

void write_images(const std::filesystem::path &directory, const Walker &walker, const Choices &choices)
{
	std::filesystem::create_directories(directory);
	for (std::size_t member = 0; member < walker.members(); member++)
		write_image(image(directory, member), {walker.history(), walker.medium(member), choices, walker.cut()},
			    walker.history().size_of(member));
	std::ofstream id(directory / "id");
	id << id_of(walker, choices) << '\n';
	if (!id.flush())
		throw std::system_error(errno, std::generic_category(), (directory / "id").string());
}

std::vector<std::string> verify_images(const std::filesystem::path &directory, std::size_t members,
				       const lab::Promises &promises)
{
	return Verifier(directory, members, promises).verify();
}

lab::Promises promises_at(const History &history, Moment cut)
{
	lab::Promises promises;
	for (Moment moment = 0; moment <= cut; moment++)
		if (const lab::Record record = history.log()[moment]; record.kind == lab::Kind::mark)
			promises.apply(record.text);
	return promises;
}

} // namespace crashcheck
