#include "soak/ledger.h"

#include "soak/failure.h"

#include <sstream>

#include <fmt/format.h>

namespace soak {

namespace {

Record::Type type_of(Kind kind)
{
	switch (kind) {
	case Kind::write:
		return Record::Type::write;
	case Kind::zero:
		return Record::Type::zero;
	case Kind::discard:
		break;
	}
	return Record::Type::discard;
}

// A size on record is what the array may have had: what is not in all of them, nobody knows.
void apply(Model &model, const Record &record)
{
	const Range range{{record.begin}, {record.length}};
	switch (record.type) {
	case Record::Type::write:
		return model.begin(record.id, Kind::write, range);
	case Record::Type::zero:
		return model.begin(record.id, Kind::zero, range);
	case Record::Type::discard:
		return model.begin(record.id, Kind::discard, range);
	case Record::Type::certain:
		return model.end(record.id, End::certain);
	case Record::Type::doubtful:
		return model.end(record.id, End::doubtful);
	case Record::Type::resize:
		return model.resize({record.begin});
	}
	throw Failure(fmt::format("journal: a record of type {}", static_cast<std::uint32_t>(record.type)));
}

} // namespace

Ledger::Ledger(Device disk) : journal_(std::move(disk))
{
	if (const auto history = journal_.read())
		replay(*history);
	thread_ = std::jthread([this](std::stop_token stop) { keep_journal(stop); });
}

Ledger::~Ledger() = default;

void Ledger::replay(const History &history)
{
	std::istringstream in(history.checkpoint);
	std::string line;
	std::getline(in, line);
	facts_ = nlohmann::json::parse(line);
	model_ = Model::load(in);
	for (const Record &record : history.records)
		apply(model_, record);
	model_.abandon();
}

std::string Ledger::serialise() const
{
	std::ostringstream out;
	out << facts_.dump() << '\n';
	model_.save(out);
	return out.str();
}

void Ledger::keep_journal(std::stop_token stop)
{
	std::unique_lock lock(mutex_);
	try {
		while (wake_.wait(lock, stop, [this] { return !queue_.empty() || checkpoint_wanted_; }))
			write_out(lock);
	} catch (...) {
		error_ = std::current_exception();
		durable_.notify_all();
	}
}

void Ledger::write_out(std::unique_lock<std::mutex> &lock)
{
	const std::vector<Record> records = std::exchange(queue_, {});
	const std::uint64_t put = put_;
	if (std::exchange(checkpoint_wanted_, false) || !journal_.has_room(records.size())) {
		// The model knows what is in the queue.
		const std::string content = serialise();
		lock.unlock();
		journal_.checkpoint(content);
	} else {
		lock.unlock();
		journal_.append(records);
	}
	lock.lock();
	stable_ = put;
	durable_.notify_all();
}

void Ledger::check() const
{
	if (error_)
		std::rethrow_exception(error_);
}

void Ledger::put(Record record)
{
	queue_.push_back(record);
	put_++;
	wake_.notify_one();
}

void Ledger::wait_stable(std::unique_lock<std::mutex> &lock)
{
	durable_.wait(lock, [this, mine = put_] { return error_ || stable_ >= mine; });
	check();
}

nlohmann::json Ledger::recall()
{
	const std::scoped_lock lock(mutex_);
	return facts_;
}

void Ledger::remember(nlohmann::json facts)
{
	std::unique_lock lock(mutex_);
	facts_ = std::move(facts);
	checkpoint_wanted_ = true;
	put_++;
	wake_.notify_one();
	wait_stable(lock);
}

Sectors Ledger::size()
{
	const std::scoped_lock lock(mutex_);
	return model_.size();
}

void Ledger::resize_to(Sectors size)
{
	std::unique_lock lock(mutex_);
	if (model_.size() == size)
		return;
	model_.resize(size);
	put({Record::Type::resize, 0, static_cast<std::uint32_t>(size.count), 0});
	wait_stable(lock);
}

void Ledger::set_all(Sectors size, Content content)
{
	std::unique_lock lock(mutex_);
	model_.resize(size);
	model_.set_all(content);
	checkpoint_wanted_ = true;
	put_++;
	wake_.notify_one();
	wait_stable(lock);
}

std::uint32_t Ledger::begin(Kind kind, Range range)
{
	std::unique_lock lock(mutex_);
	const std::uint32_t write = model_.begin(kind, range);
	put({type_of(kind), write, static_cast<std::uint32_t>(range.begin.count),
	     static_cast<std::uint32_t>(range.length.count)});
	wait_stable(lock);
	return write;
}

void Ledger::end(std::uint32_t write, End end)
{
	const std::scoped_lock lock(mutex_);
	model_.end(write, end);
	put({end == End::certain ? Record::Type::certain : Record::Type::doubtful, write, 0, 0});
}

Look Ledger::look(Range range)
{
	const std::scoped_lock lock(mutex_);
	return model_.look(range);
}

void Ledger::judge(const Look &look, std::span<const std::byte> data, const std::string &device)
{
	const std::scoped_lock lock(mutex_);
	if (const auto complaint = model_.judge(look, data, pin_))
		throw Damage(device, *complaint);
}

void Ledger::judge_member(Range range, std::span<const std::byte> data, const std::string &device)
{
	const std::scoped_lock lock(mutex_);
	if (const auto complaint = model_.judge(range, data))
		throw Damage(device, *complaint);
}

void Ledger::let_pin(bool pin)
{
	const std::scoped_lock lock(mutex_);
	pin_ = pin;
}

std::size_t Ledger::open()
{
	const std::scoped_lock lock(mutex_);
	return model_.open();
}

} // namespace soak
