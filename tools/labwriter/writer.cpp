#include "labwriter/writer.h"

#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <fmt/format.h>

namespace labwriter {

Writer::Writer(Device &array, Marker &marker, const Options &options, lab::Sequence first)
	: array_(array), marker_(marker), options_(options), ledger_(options.range, first)
{
}

void Writer::run()
{
	marker_.text(fmt::format("writer {}+{}", options_.range.begin(), options_.range.count.count));
	began_ = std::chrono::steady_clock::now();
	{
		std::vector<std::jthread> threads;
		for (unsigned i = 0; i < options_.threads; i++)
			threads.emplace_back([this, i] { work(i); });
	}
	if (failure_)
		std::rethrow_exception(failure_);
}

bool Writer::finished(std::uint64_t requests) const
{
	if (stopping_ || (options_.requests && requests >= *options_.requests))
		return true;
	if (options_.duration && std::chrono::steady_clock::now() - began_ >= *options_.duration)
		return true;
	return !options_.until.empty() && std::filesystem::exists(options_.until);
}

void Writer::work(unsigned thread)
{
	try {
		Pattern pattern(options_.mix, options_.range, options_.seed, thread);
		Buffer buffer(options_.mix.longest);
		for (std::uint64_t i = 0; !finished(i); i++) {
			const Action action = pattern.action();
			act(action, pattern.range(), buffer);
			if (options_.pause.count() > 0)
				std::this_thread::sleep_for(options_.pause);
		}
	} catch (...) {
		const std::lock_guard lock(mutex_);
		stopping_ = true;
		if (!failure_)
			failure_ = std::current_exception();
	}
}

void Writer::act(Action action, Range range, Buffer &buffer)
{
	switch (action) {
	case Action::write:
	case Action::write_fua:
		return write(range, action == Action::write_fua, buffer);
	case Action::flush:
		return flush();
	case Action::discard:
		return discard(range);
	case Action::read:
		return read(range, buffer);
	}
}

// Did it succeed?
bool Writer::attempt(const std::function<void()> &request)
{
	try {
		request();
		return true;
	} catch (const std::system_error &) {
		counts_.errors++;
		if (!options_.errors_expected)
			throw;
		return false;
	}
}

// Marks what is durable, unless that has changed already.
void Writer::announce(const std::string &why, const Knowledge &knowledge)
{
	const std::lock_guard order(mark_mutex_);
	std::vector<std::string> lines;
	{
		const std::lock_guard lock(mutex_);
		lines = lines_of(ledger_.still_true(knowledge));
	}
	marker_.lines("durable " + why, lines);
}

void Writer::write(Range range, bool fua, Buffer &buffer)
{
	Write write;
	{
		const std::lock_guard lock(mutex_);
		write = ledger_.submit_write(range);
	}
	for (std::uint64_t i = 0; i < range.count.count; i++)
		lab::stamp(buffer.sector(i), {{range.begin() + i}, write.sequence});
	const bool good = attempt([&] { array_.write(range.from, buffer.first(range.count), fua); });
	Knowledge durable;
	{
		const std::lock_guard lock(mutex_);
		ledger_.complete_write(write, good);
		if (good && fua)
			durable = ledger_.durable_by(write);
	}
	(fua ? counts_.fua : counts_.writes)++;
	if (!durable.empty())
		announce("fua", durable);
}

void Writer::flush()
{
	const std::lock_guard one(flush_mutex_);
	Knowledge pending;
	{
		const std::lock_guard lock(mutex_);
		pending = ledger_.begin_flush();
	}
	const bool good = attempt([&] { array_.flush(); });
	counts_.flushes++;
	if (good) {
		announce("flush", pending);
	} else {
		const std::lock_guard lock(mutex_);
		ledger_.flush_failed(pending);
	}
}

void Writer::discard(Range range)
{
	{
		const std::lock_guard order(mark_mutex_);
		{
			const std::lock_guard lock(mutex_);
			ledger_.submit_discard(range);
		}
		marker_.text(fmt::format("discard {}+{}", range.begin(), range.count.count));
	}
	attempt([&] { array_.discard(range); });
	const std::lock_guard lock(mutex_);
	ledger_.complete_discard(range);
	counts_.discards++;
}

void Writer::read(Range range, Buffer &buffer)
{
	Knowledge readable;
	{
		const std::lock_guard lock(mutex_);
		readable = ledger_.readable(range);
	}
	if (!attempt([&] { array_.read(range.from, buffer.first(range.count)); }))
		return;
	const std::lock_guard lock(mutex_);
	for (const auto &[sector, known] : ledger_.still_true(readable)) {
		const auto stamp = lab::read_stamp(buffer.sector(sector - range.begin()));
		if (!stamp || stamp->sector.count != sector || !known.promise.allows(stamp->sequence))
			throw std::runtime_error(fmt::format(
				"{}: sector {} was read as {}, should be write {} or a later one", array_.path(), sector,
				stamp ? fmt::format("write {} to sector {}", static_cast<std::uint64_t>(stamp->sequence),
						    stamp->sector.count)
				      : "no write at all",
				static_cast<std::uint64_t>(known.promise.floor)));
	}
	counts_.reads++;
	counts_.checked_sectors += readable.size();
}

} // namespace labwriter
