// The members of an array, in memory, and the log of what is done to them. Knows nothing of NBD.
//
// All public functions may be called by any thread. One mutex makes the order of the log: a request's arrival is logged
// before anything else is done about it; its completion together with the change of the data. FORMAT.md of the log says
// what follows from that.
#pragma once

#include "lab/log_writer.h"
#include "recorder/conduct.h"
#include "recorder/medium.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>

namespace recorder {

struct Options {
	std::filesystem::path log; // must not be there yet
	std::vector<lab::MemberInfo> members;
	std::uint64_t seed = 1;
};

class Recorder {
public:
	// Asked now and then while a request waits: will nobody want the answer?
	using Abandoned = std::function<bool()>;

	explicit Recorder(const Options &options);

	std::size_t members() const { return members_.size(); }
	const lab::MemberInfo &info(std::size_t member) const { return members_.at(member)->info; }

	// They return when the request has completed: 0 or an errno. Throw if the log cannot be written; nothing works then.
	int read(std::size_t member, lab::Bytes offset, std::span<std::byte> data, const Abandoned &abandoned);
	int write(std::size_t member, lab::Bytes offset, std::span<const std::byte> data, bool fua,
		  const Abandoned &abandoned);
	int flush(std::size_t member, const Abandoned &abandoned);
	int trim(std::size_t member, lab::Bytes offset, lab::Bytes length, bool fua, const Abandoned &abandoned);
	int write_zeroes(std::size_t member, lab::Bytes offset, lab::Bytes length, bool fua, const Abandoned &abandoned);

	void mark(std::string_view text);

	// A line of the control protocol (see usage); returns the answer, or throws CommandError.
	std::string command(std::string_view line);

	// Closes the log. Requests under way never complete, as in a crash; later ones fail.
	void end();

	static constexpr std::string_view usage = R"(MEMBER COMMAND              MEMBER is a name, or all; COMMAND one of those below
MEMBER power-cut            it loses any part of what was not flushed, and is cut
mark TEXT                   leave it in the log
status                      what every member has seen, and what is under way, as JSON
end                         close the log; nothing works afterwards)";

private:
	struct Request {
		std::uint8_t number; // of the member
		Operation operation;
		lab::Bytes offset, length;
	};

	// What a request does when it completes.
	using Change = std::function<void(Medium &)>;

	// Waiting for its time. The power may go before.
	struct UnderWay {
		const Request &request;
		lab::RequestId id;
		const Change &change;
		bool over = false;
	};

	struct Member {
		Member(const lab::MemberInfo &info, std::uint64_t seed)
			: info(info), conduct(seed), medium(info.size), random(seed)
		{
		}

		const lab::MemberInfo info;
		Conduct conduct;
		Medium medium;
		std::list<UnderWay> under_way;
		std::mt19937_64 random;
		std::uint64_t reads = 0, writes = 0, flushes = 0;
	};

	int carry_out(const Request &request, const std::function<lab::RequestId()> &log_start, const Change &change,
		      const Abandoned &abandoned);
	bool wait(std::unique_lock<std::mutex> &lock, Member &member, const UnderWay &request, const Abandoned &abandoned);
	void fail(Member &member, const UnderWay &request, int error);
	int zero(std::size_t member, lab::Bytes offset, lab::Bytes length, bool fua,
		 const std::function<lab::RequestId()> &log_start, const Abandoned &abandoned);
	void conduct(std::string_view name, std::string_view command);
	void cut_power(Member &member, std::uint8_t number);
	std::string status() const;

	std::mutex order_;
	std::condition_variable changed_; // how a member behaves, or ended_
	lab::LogWriter log_;
	std::vector<std::unique_ptr<Member>> members_;
	bool ended_ = false;
};

} // namespace recorder
