#include "soak/host.h"

#include "soak/failure.h"
#include "soak/leg.h"
#include "soak/plan.h"
#include "soak/process.h"

#include <array>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

namespace soak {

namespace {

constexpr std::string_view crash_line = "crash now";
constexpr unsigned disks = most_members + 2; // members, a spare, the journal
constexpr std::string_view disk_size = "96M";
constexpr std::chrono::seconds between_lines{10};
// A machine that takes longer is not coming back; it watches itself and is faster.
constexpr unsigned longest_boot = 7200;
// It says something every five seconds, if it can.
constexpr std::chrono::seconds silence{400};
// Emulated processors sometimes do not get as far as our program.
constexpr unsigned most_lost_boots = 3;

volatile std::sig_atomic_t interrupted = 0;
pid_t machine = 0;

extern "C" void interrupt(int)
{
	interrupted = 1;
	if (machine > 0)
		kill(machine, SIGTERM);
}

std::uint64_t count_of(const nlohmann::json &counts, const char *name)
{
	return counts.value(name, std::uint64_t{0});
}

// How fast the processor's clock is. A machine that is emulated on a busy host measures it wrongly: its time runs too fast,
// and all patience ends early.
std::uint64_t tsc_khz()
{
	const auto begin = std::chrono::steady_clock::now();
	const std::uint64_t first = __rdtsc();
	std::this_thread::sleep_for(Milliseconds{300});
	const std::chrono::duration<double, std::milli> gone = std::chrono::steady_clock::now() - begin;
	return static_cast<std::uint64_t>(static_cast<double>(__rdtsc() - first) / gone.count());
}

// A program whose output is read line by line.
class Child {
public:
	Child(const std::vector<std::string> &command, const std::filesystem::path &errors);
	Child(const Child &) = delete;
	~Child() { close(output_); }

	// Nothing at the end. Throws a Failure if nothing is heard for too long.
	std::optional<std::string> read_line();
	int wait();

private:
	bool fill();

	int output_;
	std::string buffer_;
};

Child::Child(const std::vector<std::string> &command, const std::filesystem::path &errors)
{
	std::array<int, 2> ends;
	if (pipe2(ends.data(), O_CLOEXEC) != 0)
		throw Failure(fmt::format("pipe: {}", std::strerror(errno)));
	std::vector<char *> arguments;
	for (const std::string &word : command)
		arguments.push_back(const_cast<char *>(word.c_str()));
	arguments.push_back(nullptr);
	machine = fork();
	if (machine == 0) {
		dup2(open("/dev/null", O_RDONLY), 0);
		dup2(ends[1], 1);
		dup2(open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666), 2);
		execv(arguments[0], arguments.data());
		_exit(127);
	}
	close(ends[1]);
	output_ = ends[0];
	if (machine < 0)
		throw Failure(fmt::format("fork: {}", std::strerror(errno)));
}

// False at the end.
bool Child::fill()
{
	pollfd waiting{output_, POLLIN, 0};
	int ready;
	do
		ready = poll(&waiting, 1, static_cast<int>(Milliseconds(silence).count()));
	while (ready < 0 && errno == EINTR);
	if (ready == 0)
		throw Failure(fmt::format("the machine has said nothing for {} s", silence.count()));
	std::array<char, 4096> piece;
	const ssize_t n = read(output_, piece.data(), piece.size());
	if (n > 0)
		buffer_.append(piece.data(), static_cast<std::size_t>(n));
	return n > 0;
}

std::optional<std::string> Child::read_line()
{
	std::size_t end;
	while ((end = buffer_.find('\n')) == std::string::npos)
		if (!fill())
			return std::nullopt;
	std::string line = buffer_.substr(0, end);
	buffer_.erase(0, end + 1);
	std::erase(line, '\r');
	return line;
}

int Child::wait()
{
	int status = 0;
	while (waitpid(machine, &status, 0) < 0 && errno == EINTR)
		;
	machine = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

void Transcript::take(const std::string &line)
{
	alive_ = true;
	const auto begins = [&](std::string_view prefix) { return line.starts_with(prefix); };
	if (begins("count ")) {
		// The last line of a machine that is killed may be cut off.
		if (auto counts = nlohmann::json::parse(line.substr(6), nullptr, false); !counts.is_discarded())
			counts_ = std::move(counts);
	} else if (begins("round ")) {
		round_ = std::stoull(line.substr(6));
		begun_ = true;
		step_ = "beginning";
	} else if (begins("step ")) {
		step_ = line;
	} else if (line == crash_line && end_ != End::failure) {
		end_ = End::crash;
	} else if (begins("end: ")) {
		end_ = line == "end: time" ? End::time : End::reboot;
	} else if (begins("failed: ") && end_ != End::failure) {
		end_ = End::failure;
		failure_ = line.substr(8);
	}
}

Host::Host(HostOptions options)
	: options_(std::move(options)), boot_round_(options_.first_round), round_(options_.first_round)
{
}

std::chrono::seconds Host::elapsed() const
{
	return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin_);
}

std::uint64_t Host::seconds_left() const
{
	const auto gone = static_cast<std::uint64_t>(elapsed().count());
	return gone < options_.seconds ? options_.seconds - gone : 0;
}

std::vector<std::string> Host::command_line(const std::string &command) const
{
	std::vector<std::string> line{options_.vm, "--persist", (options_.directory / "images").string(), "--disks",
				      std::to_string(disks), std::string(disk_size), "--mem", "640M", "--timeout",
				      std::to_string(longest_boot), "--file",
				      std::filesystem::read_symlink("/proc/self/exe").string() + ":/soak", "--log",
				      (options_.directory / "kernel.log").string(), "--kill-on",
				      fmt::format("^{}$", crash_line), "--append",
				      fmt::format("tsc_early_khz={}", tsc_khz())};
	line.insert(line.end(), options_.vm_options.begin(), options_.vm_options.end());
	line.push_back("-c");
	line.push_back(fmt::format("exec /soak {} --seed {} --round {} --seconds {}", command, options_.seed, boot_round_,
				   seconds_left()));
	return line;
}

// As they were before a boot that fails: it can be repeated on them.
void Host::keep_images()
{
	const auto images = options_.directory / "images", before = options_.directory / "before";
	std::filesystem::remove_all(before);
	if (std::filesystem::exists(images))
		must_run({"cp", "-r", "--sparse=always", images, before});
	std::error_code none;
	std::filesystem::rename(options_.directory / "kernel.log", options_.directory / "kernel.log.before", none);
}

void Host::show_progress(const Transcript &transcript, bool now)
{
	const auto time = std::chrono::steady_clock::now();
	if (!now && time - shown_ < between_lines)
		return;
	shown_ = time;
	nlohmann::json sum = totals_.json();
	for (const auto &[name, n] : transcript.counts().items())
		sum[name] = sum.value(name, std::uint64_t{0}) + n.get<std::uint64_t>();
	std::cout << fmt::format("{:%H:%M:%S} round {}, {}: {} writes, {} reads, {} MiB written, {} MiB verified, "
				 "{} crashes survived\n",
				 elapsed(), transcript.round(), transcript.step(),
				 count_of(sum, "write") + count_of(sum, "write, FUA"), count_of(sum, "read"),
				 count_of(sum, "bytes written") >> 20, count_of(sum, "bytes verified") >> 20,
				 count_of(sum, "crashes survived"))
		  << std::flush;
}

void Host::complain(const std::string &what) const
{
	const std::string directory = options_.directory.string();
	std::cout << fmt::format("soak: FAILED in round {}: {}\n"
				 "soak: images, those from before this boot, and logs are in {}: images, before, output.log, "
				 "kernel.log\n"
				 "soak: again: scripts/soak --seed {} --round {} --from {}/before\n",
				 round_, what, directory, options_.seed, boot_round_, directory);
}

// What the machine says, until it ends; throws a Failure if it is not what it should be.
void Host::listen(const std::string &command, Transcript &transcript)
{
	const auto path = options_.directory / "output.log";
	std::ofstream log(path, std::ios::app);
	Child child(command_line(command), path);
	try {
		while (const auto line = child.read_line()) {
			log << *line << std::endl;
			transcript.take(*line);
			show_progress(transcript, false);
		}
	} catch (const Failure &failure) {
		kill(machine, SIGTERM);
		child.wait();
		throw Failure(fmt::format("{}, at {}", failure.what(), transcript.step()));
	}
	const int status = child.wait();
	if (transcript.end() == Transcript::End::failure)
		throw Failure(transcript.failure());
	if (transcript.end() == Transcript::End::none)
		throw Failure(fmt::format("the machine ended, status {}, at {}", status, transcript.step()));
	if (status != 0 && status != 125)
		throw Failure(fmt::format("status {}: the kernel's log shows a bug, or the machine hung", status));
}

Host::Outcome Host::boot(const std::string &command)
{
	keep_images();
	Transcript transcript;
	std::string wrong;
	try {
		listen(command, transcript);
	} catch (const Failure &failure) {
		wrong = failure.what();
	}
	totals_.add_all(transcript.counts());
	totals_.add("boots");
	if (transcript.begun())
		round_ = transcript.round();
	if (transcript.alive())
		lost_boots_ = 0;
	if (interrupted)
		return Outcome::bad;
	if (wrong.empty())
		return Outcome::good;
	if (!transcript.alive() && lost_boots_++ < most_lost_boots) {
		totals_.add("boots lost before anything was done");
		std::cout << fmt::format("soak: {}; nothing had been done, once more\n", wrong) << std::flush;
		return Outcome::lost;
	}
	complain(wrong);
	return Outcome::bad;
}

int Host::run()
{
	std::signal(SIGINT, interrupt);
	std::signal(SIGTERM, interrupt);
	std::filesystem::create_directories(options_.directory);
	std::cout << fmt::format("soak: seed {}, {} s, in {}\n", options_.seed, options_.seconds,
				 options_.directory.string())
		  << std::flush;
	Outcome outcome = Outcome::good;
	for (std::uint64_t boots = 0; outcome != Outcome::bad && boots < options_.boots && seconds_left() > 0; boots++) {
		outcome = boot("guest");
		if (outcome == Outcome::good)
			boot_round_ = round_ + 1;
	}
	while (outcome != Outcome::bad) {
		boot_round_ = round_;
		outcome = boot("inspect");
		if (outcome == Outcome::good)
			break;
	}
	summarise();
	if (interrupted)
		return 130;
	return outcome == Outcome::good ? 0 : 1;
}

void Host::summarise() const
{
	std::cout << fmt::format("soak: {} s, seed {}:\n", elapsed().count(), options_.seed);
	const nlohmann::json totals = totals_.json();
	for (const auto &[name, n] : totals.items())
		std::cout << fmt::format("{:14} {}\n", n.get<std::uint64_t>(), name);
	std::cout << std::flush;
}

} // namespace soak
