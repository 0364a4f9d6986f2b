// The model of the array, shared by all who read and write it, and journalled: a write is on record before it is sent.
#pragma once

#include "soak/failure.h"
#include "soak/journal.h"
#include "soak/model.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

namespace soak {

// The array does not hold what it must.
class Damage : public Failure {
public:
	Damage(const std::string &device, const Complaint &complaint)
		: Failure(device + ": " + complaint.text), sector_(complaint.sector)
	{
	}

	Sectors sector() const { return sector_; }

private:
	Sectors sector_;
};

class Ledger {
public:
	// Takes up what is on the disk: after a crash, what was under way then is doubtful now.
	explicit Ledger(Device disk);
	~Ledger();

	// What else is to be known after a crash.
	nlohmann::json recall();
	void remember(nlohmann::json facts);

	Sectors size();
	// The array gets another size, sooner or later; before and after it is done.
	void resize_to(Sectors size);
	void set_all(Sectors size, Content content);

	std::uint32_t begin(Kind kind, Range range);
	void end(std::uint32_t write, End end);
	Look look(Range range);
	// Throws a Failure if what was read is wrong.
	void judge(const Look &look, std::span<const std::byte> data, const std::string &device);
	void judge_member(Range range, std::span<const std::byte> data, const std::string &device);

	// Whether what is read is taken for the truth from then on.
	void let_pin(bool pin);
	std::size_t open();

private:
	void replay(const History &history);
	void keep_journal(std::stop_token stop);
	void write_out(std::unique_lock<std::mutex> &lock);
	std::string serialise() const;
	void check() const;

	std::mutex mutex_;
	std::condition_variable_any wake_;
	std::condition_variable durable_;
	Model model_;
	nlohmann::json facts_;
	Journal journal_;
	bool pin_ = true;
	std::vector<Record> queue_;
	bool checkpoint_wanted_ = false;
	// How much has been put into the journal, and how much of it is on the disk.
	std::uint64_t put_ = 0;
	std::uint64_t stable_ = 0;
	std::exception_ptr error_;
	std::jthread thread_;

	void put(Record record);
	void wait_stable(std::unique_lock<std::mutex> &lock);
};

} // namespace soak
