// labwriter: writes sectors that describe themselves to an array, and leaves marks in the crash laboratory's recording of
// what the array must not lose any more.
#include "labwriter/writer.h"

#include <fstream>
#include <iostream>
#include <limits>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace {

// The number of the next write, kept in a file: no number is used twice, even if we are killed.
class Counter {
public:
	explicit Counter(const std::string &path) : path_(path)
	{
		if (!path.empty())
			std::ifstream(path) >> first_;
		save(first_ + 1'000'000'000);
	}

	lab::Sequence first() const { return lab::Sequence{first_}; }

	void save(std::uint64_t next) const
	{
		if (!path_.empty() && !(std::ofstream(path_) << next << std::flush))
			throw std::runtime_error(path_ + ": cannot be written");
	}

private:
	std::string path_;
	std::uint64_t first_ = 1;
};

void report(const labwriter::Counts &counts)
{
	std::cout << fmt::format("{} writes, {} with FUA, {} flushes, {} discards, {} reads of {} known sectors, {} errors\n",
				 counts.writes.load(), counts.fua.load(), counts.flushes.load(), counts.discards.load(),
				 counts.reads.load(), counts.checked_sectors.load(), counts.errors.load());
}

} // namespace

int main(int argc, char **argv)
{
	CLI::App app("Writes sectors that describe themselves, and marks what must not be lost any more.");
	labwriter::Options options;
	std::string array, marks, counter_file;
	std::uint64_t from = 0, count = 0, window = options.mix.window.count, longest = options.mix.longest.count;
	double seconds = 0;
	unsigned pause = 0;
	const CLI::Range percent(0, 100), positive(std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max());
	app.add_option("ARRAY", array, "the array, like /dev/md0")->required();
	app.add_option("MARK", marks, "the device for marks")->required();
	app.add_option("--from", from, "first sector to write");
	app.add_option("--count", count, "sectors [to the end]");
	app.add_option("--seconds", seconds, "end after this time [5, if nothing else ends it]");
	app.add_option("--requests", options.requests, "end after so many of each thread");
	app.add_option("--until", options.until, "end when this file is there");
	app.add_option("--threads", options.threads, "each has one request under way")->capture_default_str();
	app.add_option("--pause", pause, "microseconds after each request; the last one counts")->take_last();
	app.add_option("--seed", options.seed, "of everything that is random")->capture_default_str();
	app.add_option("--flush", options.mix.flush, "percent of requests")->capture_default_str()->check(percent);
	app.add_option("--fua", options.mix.fua, "percent")->capture_default_str()->check(percent);
	app.add_option("--discard", options.mix.discard, "percent")->capture_default_str()->check(percent);
	app.add_option("--read", options.mix.read, "percent, and checked")->capture_default_str()->check(percent);
	app.add_option("--hot", options.mix.hot, "percent that meet in few sectors")->capture_default_str()->check(percent);
	app.add_option("--longest", longest, "sectors of a request")->capture_default_str()->check(positive);
	app.add_option("--window", window, "sectors that are written for a time; the last one counts")
		->capture_default_str()
		->check(positive)
		->take_last();
	app.add_option("--moves-after", options.mix.moves_after, "requests of a thread the window moves; 0: never")
		->capture_default_str();
	app.add_option("--counter", counter_file, "file with the number of the next write, for one run after another");
	app.add_flag("--errors-expected", options.errors_expected, "go on when a request fails");
	CLI11_PARSE(app, argc, argv);

	try {
		labwriter::Device device(array);
		labwriter::Marker marker(marks);
		const std::uint64_t size = device.size().count;
		if (from >= size || count > size - from)
			throw std::runtime_error(fmt::format("{}: has {} sectors", array, size));
		options.range = {{from}, {count ? count : size - from}};
		options.mix.longest = {longest};
		options.mix.window = {window};
		options.pause = std::chrono::microseconds(pause);
		if (seconds == 0 && !options.requests && options.until.empty())
			seconds = 5;
		if (seconds > 0)
			options.duration = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));

		const Counter counter(counter_file);
		labwriter::Writer writer(device, marker, options, counter.first());
		writer.run();
		counter.save(static_cast<std::uint64_t>(writer.next()));
		report(writer.counts());
	} catch (const std::exception &error) {
		std::cerr << "labwriter: " << error.what() << '\n';
		return 1;
	}
}
