#include "recorder/recorder.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace recorder {
namespace {

using Clock = std::chrono::steady_clock;

// How often a request that waits looks whether it is still wanted.
constexpr auto patience = std::chrono::milliseconds(100);

void count(Operation operation, std::uint64_t &reads, std::uint64_t &writes, std::uint64_t &flushes)
{
	switch (operation) {
	case Operation::read:
		reads++;
		break;
	case Operation::write:
		writes++;
		break;
	case Operation::flush:
		flushes++;
		break;
	}
}

} // namespace

Recorder::Recorder(const Options &options) : log_(options.log, options.members)
{
	for (std::size_t i = 0; i < options.members.size(); i++)
		members_.push_back(std::make_unique<Member>(options.members[i], options.seed + i));
}

// Until the request is due and does not hang. False if nobody waits for it any more.
bool Recorder::wait(std::unique_lock<std::mutex> &lock, Member &member, const UnderWay &under_way,
		    const Abandoned &abandoned)
{
	const Request &request = under_way.request;
	const auto due = Clock::now() + member.conduct.delay(request.operation);
	const auto waits = [&] {
		return !ended_ && !under_way.over && !member.conduct.cut() &&
		       (Clock::now() < due || member.conduct.hangs(request.operation, request.offset, request.length));
	};

	while (waits()) {
		auto until = Clock::now() + patience;
		if (Clock::now() < due)
			until = std::min(until, due);
		if (changed_.wait_until(lock, until) == std::cv_status::no_timeout)
			continue;
		lock.unlock();
		const bool nobody_waits = abandoned();
		lock.lock();
		if (nobody_waits)
			return false;
	}
	return true;
}

// It ends without a change, though others may believe in one.
void Recorder::fail(Member &member, const UnderWay &under_way, int error)
{
	const Request &request = under_way.request;
	if (request.operation == Operation::write)
		member.medium.doubt(request.offset, request.length);
	if (request.operation != Operation::read)
		log_.completed(request.number, under_way.id, error);
}

int Recorder::carry_out(const Request &request, const std::function<lab::RequestId()> &log_start, const Change &change,
			const Abandoned &abandoned)
{
	Member &member = *members_.at(request.number);
	if (request.offset > member.info.size || request.length > member.info.size - request.offset)
		return request.operation == Operation::read ? EINVAL : ENOSPC;
	if (request.offset.count % lab::sector_bytes != 0 || request.length.count % lab::sector_bytes != 0)
		return EINVAL;

	std::unique_lock lock(order_);
	if (ended_)
		return ESHUTDOWN;
	count(request.operation, member.reads, member.writes, member.flushes);
	const auto under_way = member.under_way.insert(member.under_way.end(), {request, log_start(), change});
	const bool wanted = wait(lock, member, *under_way, abandoned);
	int error = 0;
	if (ended_ || under_way->over) {
		error = ESHUTDOWN;
	} else if (!wanted) {
		fail(member, *under_way, error = ESHUTDOWN);
	} else if (member.conduct.fails(request.operation, request.offset, request.length)) {
		fail(member, *under_way, error = EIO);
	} else {
		change(member.medium);
		if (request.operation != Operation::read)
			log_.completed(request.number, under_way->id, 0);
	}
	member.under_way.erase(under_way);
	return error;
}

int Recorder::read(std::size_t member, lab::Bytes offset, std::span<std::byte> data, const Abandoned &abandoned)
{
	const Request request{static_cast<std::uint8_t>(member), Operation::read, offset, {data.size()}};
	const auto change = [&](const Medium &medium) {
		const auto found = medium.read(offset, request.length);
		std::copy(found.begin(), found.end(), data.begin());
	};
	return carry_out(request, [] { return lab::RequestId{}; }, change, abandoned);
}

int Recorder::write(std::size_t member, lab::Bytes offset, std::span<const std::byte> data, bool fua,
		    const Abandoned &abandoned)
{
	const Request request{static_cast<std::uint8_t>(member), Operation::write, offset, {data.size()}};
	const auto log_start = [&] { return log_.write(request.number, offset, data, fua); };
	return carry_out(request, log_start, [&](Medium &medium) { medium.write(offset, data, fua); }, abandoned);
}

int Recorder::flush(std::size_t member, const Abandoned &abandoned)
{
	const Request request{static_cast<std::uint8_t>(member), Operation::flush, {}, {}};
	Medium::Moment began{};
	const auto log_start = [&] {
		began = members_[member]->medium.begin_flush();
		return log_.flush(request.number);
	};
	return carry_out(request, log_start, [&](Medium &medium) { medium.end_flush(began); }, abandoned);
}

int Recorder::zero(std::size_t member, lab::Bytes offset, lab::Bytes length, bool fua,
		   const std::function<lab::RequestId()> &log_start, const Abandoned &abandoned)
{
	const Request request{static_cast<std::uint8_t>(member), Operation::write, offset, length};
	return carry_out(request, log_start, [&](Medium &medium) { medium.zero(offset, length, fua); }, abandoned);
}

int Recorder::trim(std::size_t member, lab::Bytes offset, lab::Bytes length, bool fua, const Abandoned &abandoned)
{
	const auto log_start = [&] { return log_.trim(static_cast<std::uint8_t>(member), offset, length, fua); };
	return zero(member, offset, length, fua, log_start, abandoned);
}

int Recorder::write_zeroes(std::size_t member, lab::Bytes offset, lab::Bytes length, bool fua,
			   const Abandoned &abandoned)
{
	const auto log_start = [&] { return log_.write_zeroes(static_cast<std::uint8_t>(member), offset, length, fua); };
	return zero(member, offset, length, fua, log_start, abandoned);
}

void Recorder::mark(std::string_view text)
{
	const std::lock_guard lock(order_);
	if (ended_)
		throw CommandError("the log has ended");
	log_.mark(text);
}

void Recorder::end()
{
	const std::lock_guard lock(order_);
	if (ended_)
		return;
	ended_ = true;
	changed_.notify_all();
	log_.end();
}

void Recorder::conduct(std::string_view name, std::string_view command)
{
	const std::lock_guard lock(order_);
	if (ended_)
		throw CommandError("the log has ended");
	bool found = false;
	for (std::size_t i = 0; i < members_.size(); i++) {
		if (name != "all" && name != members_[i]->info.name)
			continue;
		Member &member = *members_[i];
		member.conduct.apply(command == "power-cut" ? "cut" : command);
		log_.control(static_cast<std::uint8_t>(i), command);
		if (command == "power-cut")
			cut_power(member, static_cast<std::uint8_t>(i));
		found = true;
	}
	if (!found)
		throw CommandError(fmt::format("no member {}", name));
	changed_.notify_all();
}

// What was under way may still have reached the cache. What is left of all that was not stable is logged like writes:
// whoever reads the log need not know more.
void Recorder::cut_power(Member &member, std::uint8_t number)
{
	for (UnderWay &under_way : member.under_way) {
		if (under_way.request.operation == Operation::write && std::bernoulli_distribution()(member.random))
			under_way.change(member.medium);
		fail(member, under_way, ESHUTDOWN);
		under_way.over = true;
	}
	for (const Medium::Piece &piece : member.medium.lose_power(member.random))
		log_.completed(number, log_.write(number, piece.offset, piece.data, true), 0);
}

std::string Recorder::status() const
{
	nlohmann::json all = nlohmann::json::object();
	for (const auto &member : members_)
		all[member->info.name] = {{"under_way", member->under_way.size()},
					  {"reads", member->reads},
					  {"writes", member->writes},
					  {"flushes", member->flushes}};
	return all.dump();
}

std::string Recorder::command(std::string_view line)
{
	const std::size_t space = std::min(line.find(' '), line.size());
	const std::string_view first = line.substr(0, space);
	const std::string_view rest = line.substr(std::min(space + 1, line.size()));

	if (line == "end") {
		end();
	} else if (line == "status") {
		const std::lock_guard lock(order_);
		return status();
	} else if (first == "mark") {
		mark(rest);
	} else {
		conduct(first, rest);
	}
	return "ok";
}

} // namespace recorder
