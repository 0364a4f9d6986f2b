#include "soak/workers.h"

#include "soak/failure.h"

#include <algorithm>

namespace soak {

namespace {

constexpr Sectors largest{2048};
constexpr Sectors hot_region{2048};


} // namespace

void Verdict::record(std::exception_ptr error)
{
	const std::scoped_lock lock(mutex_);
	if (!error_)
		error_ = error;
}

void Verdict::check()
{
	const std::scoped_lock lock(mutex_);
	if (error_)
		std::rethrow_exception(error_);
}

// One thread's requests.
class Workers::Worker {
public:
	Worker(Workers &all, unsigned number)
		: all_(all), random_({all.workload_.seed, all.workload_.round, number, 0x776f726b}),
		  buffer_(Bytes{largest.bytes().count + 4096})
	{
	}

	void one_request(const Device &device, Sectors size);

private:
	Range somewhere(Sectors size);
	std::span<std::byte> memory(Range range);
	void write(const Device &device, Range range);
	void read(const Device &device, Range range);
	void flush(const Device &device);
	void without_data(const Device &device, Range range, Kind kind);
	void finish(std::uint32_t write, Range range, const char *name, Reply reply);

	Workers &all_;
	Random random_;
	Buffer buffer_;
};

// Small requests are many, large ones are few; a quarter hits the same place.
Range Workers::Worker::somewhere(Sectors size)
{
	const std::uint64_t most = std::min(largest.count, size.count) >> random_.below(12);
	std::uint64_t length = random_.between(1, std::max<std::uint64_t>(most, 1));
	if (random_.percent(40))
		length = std::min((length + 7) / 8 * 8, size.count);
	const bool hot = all_.workload_.wild && random_.percent(25);
	const std::uint64_t room = (hot ? std::min(hot_region, size) : size).count;
	length = std::min(length, room);
	std::uint64_t begin = random_.below(room - length + 1);
	if (length % 8 == 0)
		begin = begin / 8 * 8;
	return {{begin}, {length}};
}

// Not always at the begin of a page.
std::span<std::byte> Workers::Worker::memory(Range range)
{
	return buffer_.first(range.length.bytes(), Sectors{random_.below(8)}.bytes());
}

void Workers::Worker::finish(std::uint32_t write, Range range, const char *name, Reply reply)
{
	all_.ledger_.end(write, reply == Reply::done ? End::certain : End::doubtful);
	all_.counters_.add(name);
	if (reply == Reply::refused)
		all_.counters_.add(std::string(name) + " refused");
	else
		all_.counters_.add("bytes written", range.length.bytes().count);
}

void Workers::Worker::write(const Device &device, Range range)
{
	const std::span<std::byte> data = memory(range);
	const unsigned kind = static_cast<unsigned>(random_.below(100));
	const bool read_back = random_.percent(10);
	const std::uint32_t write = all_.ledger_.begin(Kind::write, range);
	fill(data, range.begin, static_cast<Content>(write));
	if (kind < 10) {
		device.write_through(range.begin, data);
		finish(write, range, "write, FUA", Reply::done);
	} else if (kind < 15 && all_.workload_.wild) {
		finish(write, range, "write, NOWAIT", device.write_nowait(range.begin, data));
	} else {
		device.write(range.begin, data);
		finish(write, range, "write", Reply::done);
	}
	if (kind >= 90)
		flush(device);
	if (read_back)
		read(device, range);
}

void Workers::Worker::read(const Device &device, Range range)
{
	const std::span<std::byte> data = memory(range);
	const Look look = all_.ledger_.look(range);
	device.read(range.begin, data);
	all_.ledger_.judge(look, data, device.path());
	all_.counters_.add("read");
	all_.counters_.add("bytes verified", data.size());
}

void Workers::Worker::flush(const Device &device)
{
	device.flush();
	all_.counters_.add("flush");
}

void Workers::Worker::without_data(const Device &device, Range range, Kind kind)
{
	const std::uint32_t write = all_.ledger_.begin(kind, range);
	if (kind == Kind::zero)
		finish(write, range, "write zeroes", device.zero(range));
	else
		finish(write, range, "discard", device.discard(range));
}

void Workers::Worker::one_request(const Device &device, Sectors size)
{
	const unsigned kind = static_cast<unsigned>(random_.below(100));
	const Range range = somewhere(size);
	if (kind < 65)
		write(device, range);
	else if (kind < 88 || !all_.workload_.wild)
		read(device, range);
	else if (kind < 91)
		flush(device);
	else if (kind < 96)
		without_data(device, range, Kind::discard);
	else
		without_data(device, range, Kind::zero);
}

Workers::Workers(const Workload &workload, Ledger &ledger, Counters &counters, Verdict &verdict)
	: workload_(workload), ledger_(ledger), counters_(counters), verdict_(verdict)
{
	for (unsigned i = 0; i < workload.workers; i++)
		threads_.emplace_back([this, i] { work(i); });
}

Workers::~Workers()
{
	{
		const std::scoped_lock lock(mutex_);
		running_ = false;
		quitting_ = true;
		changed_.notify_all();
	}
	for (std::thread &thread : threads_)
		thread.join();
}

void Workers::run(const std::string &path)
{
	const std::scoped_lock lock(mutex_);
	path_ = path;
	running_ = true;
	changed_.notify_all();
}

void Workers::halt()
{
	std::unique_lock lock(mutex_);
	running_ = false;
	changed_.wait(lock, [this] { return busy_ == 0; });
}

bool Workers::wait_for_work(std::unique_lock<std::mutex> &lock)
{
	changed_.wait(lock, [this] { return running_ || quitting_; });
	return !quitting_;
}

void Workers::work(unsigned number)
{
	Worker worker(*this, number);
	std::unique_lock lock(mutex_);
	while (wait_for_work(lock)) {
		busy_++;
		lock.unlock();
		try {
			const Device device(path_);
			const Sectors size = ledger_.size();
			while (running_) {
				worker.one_request(device, size);
				ended_++;
			}
		} catch (...) {
			verdict_.record(std::current_exception());
			running_ = false;
		}
		lock.lock();
		busy_--;
		changed_.notify_all();
	}
}

void verify_all(const Device &device, Ledger &ledger, Counters &counters)
{
	const Buffer buffer(largest.bytes());
	const Sectors size = ledger.size();
	for (Sectors at{}; at < size; at = at + largest) {
		const Range range{at, std::min(largest, size - at)};
		const Look look = ledger.look(range);
		const std::span<std::byte> data = buffer.first(range.length.bytes());
		device.read(at, data);
		ledger.judge(look, data, device.path());
		counters.add("bytes verified", data.size());
	}
	counters.add("sectors of whole arrays verified", size.count);
}

} // namespace soak
