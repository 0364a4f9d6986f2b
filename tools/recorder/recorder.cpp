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

// Until the request is due and does not hang. False if it will never complete.
bool Recorder::wait(std::unique_lock<std::mutex> &lock, Member &member, const Request &request,
		    const Abandoned &abandoned)
{
	const auto due = Clock::now() + member.conduct.delay(request.operation);
	const auto hangs = [&] {
		return member.conduct.hangs(request.operation, request.offset, request.length);
	};

	while (!ended_ && !member.conduct.cut() && (Clock::now() < due || hangs())) {
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
	return !ended_;
}

int Recorder::carry_out(const Request &request, const std::function<lab::RequestId()> &log_start,
			const std::function<void(Member &)> &change, const Abandoned &abandoned)
{
	Member &member = *members_.at(request.number);
	if (request.offset > member.info.size || request.length > member.info.size - request.offset)
		return request.operation == Operation::read ? EINVAL : ENOSPC;

	std::unique_lock lock(order_);
	if (ended_)
		return ESHUTDOWN;
	const lab::RequestId id = log_start();
	count(request.operation, member.reads, member.writes, member.flushes);
	member.under_way++;
	const bool completes = wait(lock, member, request, abandoned);
	member.under_way--;
	if (!completes)
		return ESHUTDOWN;
	const int error = member.conduct.fails(request.operation, request.offset, request.length) ? EIO : 0;
	if (!error)
		change(member);
	if (request.operation != Operation::read)
		log_.completed(request.number, id, error);
	return error;
}

int Recorder::read(std::size_t member, lab::Bytes offset, std::span<std::byte> data, const Abandoned &abandoned)
{
	const Request request{static_cast<std::uint8_t>(member), Operation::read, offset, {data.size()}};
	return carry_out(
		request, [] { return lab::RequestId{}; },
		[&](const Member &from) {
			std::copy_n(from.data.begin() + offset.count, data.size(), data.begin());
		},
		abandoned);
}

int Recorder::write(std::size_t member, lab::Bytes offset, std::span<const std::byte> data, bool fua,
		    const Abandoned &abandoned)
{
	const Request request{static_cast<std::uint8_t>(member), Operation::write, offset, {data.size()}};
	return carry_out(
		request, [&] { return log_.write(request.number, offset, data, fua); },
		[&](Member &to) { std::copy(data.begin(), data.end(), to.data.begin() + offset.count); }, abandoned);
}

int Recorder::flush(std::size_t member, const Abandoned &abandoned)
{
	const Request request{static_cast<std::uint8_t>(member), Operation::flush, {}, {}};
	return carry_out(
		request, [&] { return log_.flush(request.number); }, [](const Member &) {}, abandoned);
}

int Recorder::zero(std::size_t member, lab::Bytes offset, lab::Bytes length,
		   const std::function<lab::RequestId()> &log_start, const Abandoned &abandoned)
{
	const Request request{static_cast<std::uint8_t>(member), Operation::write, offset, length};
	return carry_out(
		request, log_start,
		[&](Member &to) { std::fill_n(to.data.begin() + offset.count, length.count, std::byte{}); }, abandoned);
}

int Recorder::trim(std::size_t member, lab::Bytes offset, lab::Bytes length, bool fua, const Abandoned &abandoned)
{
	const auto log_start = [&] { return log_.trim(static_cast<std::uint8_t>(member), offset, length, fua); };
	return zero(member, offset, length, log_start, abandoned);
}

int Recorder::write_zeroes(std::size_t member, lab::Bytes offset, lab::Bytes length, bool fua,
			   const Abandoned &abandoned)
{
	const auto log_start = [&] { return log_.write_zeroes(static_cast<std::uint8_t>(member), offset, length, fua); };
	return zero(member, offset, length, log_start, abandoned);
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
		members_[i]->conduct.apply(command);
		log_.control(static_cast<std::uint8_t>(i), command);
		found = true;
	}
	if (!found)
		throw CommandError(fmt::format("no member {}", name));
	changed_.notify_all();
}

std::string Recorder::status() const
{
	nlohmann::json all = nlohmann::json::object();
	for (const auto &member : members_)
		all[member->info.name] = {{"under_way", member->under_way},
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
