#include "soak/stage.h"

#include "soak/device.h"
#include "soak/failure.h"
#include "soak/pattern.h"
#include "soak/process.h"

#include <algorithm>
#include <cstring>
#include <thread>

#include <fmt/format.h>

namespace soak {

namespace {

constexpr unsigned all_disks = most_members + 1;
constexpr Sectors piece{2048};
const std::string journal_disk = fmt::format("/dev/vd{:c}", 'a' + static_cast<int>(all_disks));
const std::string above = "/dev/mapper/above";

} // namespace

Stage::Stage()
	: monitor(counters, verdict, [this](const std::exception &error) { report(error); }),
	  ledger(Device(journal_disk)), array(legs), offsets_(all_disks)
{
	for (unsigned i = 0; i < all_disks; i++)
		legs.push_back(std::make_unique<Leg>(i));
}

void Stage::set_round(const Round &round)
{
	round_ = &round;
	device_ = round.above ? above : Array::path;
	workers_ = std::make_unique<Workers>(Workload{round.shape.seed, round.number, round.workers, !round.kernel}, ledger,
					     counters, verdict);
}

void Stage::work()
{
	workers_->run(device_);
}

void Stage::halt()
{
	workers_->halt();
	verdict.check();
}

void Stage::let_pass(unsigned requests)
{
	if (!workers_->running())
		return;
	const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
	const std::uint64_t goal = workers_->ended() + requests;
	while (workers_->ended() < goal && std::chrono::steady_clock::now() < end)
		std::this_thread::sleep_for(Milliseconds{10});
	verdict.check();
}

std::map<unsigned, Superblock> Stage::superblocks_of(const Shape &shape) const
{
	std::map<unsigned, Superblock> superblocks;
	for (unsigned i = 0; i < shape.disks(); i++) {
		const auto superblock = superblock_in(run({"mdadm", "--examine", legs[i]->path()}).output);
		if (superblock && superblock->array == shape.uuid())
			superblocks[i] = *superblock;
	}
	return superblocks;
}

std::vector<unsigned> Stage::disks_of(const Shape &shape) const
{
	return that_fit(superblocks_of(shape));
}

// mdadm does not assemble members that disagree about the size, as after a crash in between. One that has failed is not told.
void Stage::resize(Sectors size)
{
	const std::scoped_lock lock(may_die);
	array.resize(size);
	wait_until("the new size on all members", [&] {
		std::vector<unsigned> members = member_disks();
		std::erase_if(members, [&](unsigned disk) { return array.has_failed(disk); });
		const std::vector<unsigned> fit = disks_of(round_->shape);
		return std::ranges::includes(fit, members) && superblocks_of(round_->shape).at(fit.front()).size == array.size();
	});
}

void Stage::assemble(const std::vector<unsigned> &disks)
{
	array.assemble(disks);
	note_offsets();
	put_above();
}

void Stage::note_offsets()
{
	for (unsigned i = 0; i < all_disks; i++)
		if (array.is_member(i))
			offsets_[i] = array.data_offset(i);
}

void Stage::stop()
{
	note_offsets();
	remove_above();
	array.stop();
}

void Stage::put_above()
{
	if (!round_->above)
		return;
	must_run({"dmsetup", "create", "above", "--table",
		  fmt::format("0 {} linear {} 0", array.size().count, Array::path)});
}

void Stage::remove_above()
{
	if (round_->above)
		must_run({"dmsetup", "remove", "--retry", "above"});
}

void Stage::verify()
{
	verify_all(Device(device_, Mode::read_only), ledger, counters);
}

std::vector<unsigned> Stage::member_disks() const
{
	std::vector<unsigned> disks;
	for (unsigned i = 0; i < all_disks; i++)
		if (array.is_member(i))
			disks.push_back(i);
	return disks;
}

std::vector<unsigned> Stage::active_disks() const
{
	std::vector<unsigned> disks;
	for (unsigned i = 0; i < all_disks; i++)
		if (array.is_active(i))
			disks.push_back(i);
	return disks;
}

void Stage::compare_members()
{
	note_offsets();
	compare_disks(active_disks(), array.size());
}

void Stage::compare_disks(const std::vector<unsigned> &disks, Sectors size)
{
	const Buffer first(piece.bytes()), other(piece.bytes());
	for (Sectors at{}; at < size; at = at + piece) {
		const Range range{at, std::min(piece, size - at)};
		for (unsigned disk : disks) {
			const Device device(legs[disk]->disk(), Mode::read_only);
			const auto data = (disk == disks.front() ? first : other).first(range.length.bytes());
			device.read(offsets_[disk] + at, data);
			ledger.judge_member(range, data, device.path());
			if (std::memcmp(data.data(), first.whole().data(), data.size()) == 0)
				continue;
			Sectors sector = at;
			while (std::ranges::equal(sector_at(data, (sector - at).count),
						  sector_at(first.whole(), (sector - at).count)))
				sector = sector + Sectors{1};
			throw Damage(device.path(), {sector, fmt::format("differs from {} at sector {}",
									 legs[disks.front()]->disk(), sector.count)});
		}
	}
	counters.add("sectors compared on members", size.count);
}

// The array may hang: only what is beneath it is looked at.
void Stage::report(const std::exception &error)
{
	if (!round_)
		return;
	const auto *damage = dynamic_cast<const Damage *>(&error);
	if (damage) {
		note_offsets();
		const Sectors sector = damage->sector();
		for (unsigned i = 0; i < round_->shape.disks(); i++) {
			const Buffer buffer({sector_bytes});
			const Device device(legs[i]->disk(), Mode::read_only);
			device.read(offsets_[i] + sector, buffer.first({sector_bytes}));
			print(fmt::format("  {} at sector {}: {}", device.path(), (offsets_[i] + sector).count,
					  describe(sector_at(buffer.whole(), 0), sector)));
		}
	}
	print(run({"cat", "/proc/mdstat"}).output);
	for (unsigned i = 0; i < round_->shape.disks(); i++)
		for (const char *what : {"--examine", "--examine-bitmap"})
			print(run({"mdadm", what, legs[i]->disk()}).output);
}

} // namespace soak
