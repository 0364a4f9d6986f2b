// labfiles: many kinds of file operations at random, by several threads in one directory, with fsync and sync in between.
// What it does to the file system beneath is the point; it checks no data, but every error that is not one of those that
// random operations run into ends it.
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <exception>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

struct Options {
	std::string directory;
	double seconds = 5;
	unsigned threads = 4, names = 12, directories = 4, pause = 0;
	std::uint64_t seed = 1;
	std::uint64_t longest = 256 << 10; // bytes of a file
};

class File {
public:
	File(const std::string &path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
	File(const File &) = delete;
	File &operator=(const File &) = delete;
	~File()
	{
		if (fd_ >= 0)
			close(fd_);
	}

	int get() const { return fd_; }

private:
	int fd_;
};

// All names are shared: operations of different threads meet.
class Worker {
public:
	Worker(const Options &options, unsigned thread)
		: options_(options), random_(options.seed * 1000003 + thread), noise_(64 << 10)
	{
		for (char &byte : noise_)
			byte = static_cast<char>(random_());
	}

	void step()
	{
		using Operation = int (Worker::*)();
		// More often what moves data.
		static constexpr std::array<Operation, 20> operations{
			&Worker::write,	   &Worker::write,	 &Worker::write,	&Worker::append,	   &Worker::append,
			&Worker::append,   &Worker::sync_file,	 &Worker::sync_file,	&Worker::sync_data,	   &Worker::sync_directory,
			&Worker::shorten,  &Worker::punch,	 &Worker::allocate,	&Worker::rename,	   &Worker::link,
			&Worker::remove,   &Worker::remove,	 &Worker::make_directory, &Worker::remove_directory, &Worker::sync_all,
		};
		const std::size_t which = below(operations.size());
		errno = 0;
		if ((this->*operations[which])() < 0 && !usual(errno))
			throw std::system_error(errno, std::generic_category(),
						fmt::format("{}: operation {}", options_.directory, which));
	}

private:
	static bool usual(int error)
	{
		for (const int known : {ENOENT, EEXIST, ENOSPC, ENOTEMPTY, ENOTDIR, EISDIR, EMLINK, EBUSY, EPERM, EOPNOTSUPP})
			if (error == known)
				return true;
		return false;
	}

	std::uint64_t below(std::uint64_t limit)
	{
		return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random_);
	}

	std::string directory() { return fmt::format("{}/d{}", options_.directory, below(options_.directories)); }
	std::string name() { return fmt::format("{}/f{}", directory(), below(options_.names)); }

	int with(const std::string &path, int flags, auto &&use)
	{
		const File file(path, flags);
		return file.get() < 0 ? -1 : static_cast<int>(use(file.get()));
	}

	int put(int extra_flags, bool at_end)
	{
		const std::size_t length = 1 + below(noise_.size());
		const auto offset = static_cast<off_t>(below(options_.longest));
		const int flags = O_WRONLY | O_CREAT | extra_flags;
		return with(name(), flags, [&](int fd) {
			struct stat status {};
			if (fstat(fd, &status) < 0 || static_cast<std::uint64_t>(status.st_size) > options_.longest)
				return ftruncate(fd, 0);
			const ssize_t written = at_end ? ::write(fd, noise_.data(), length)
						       : pwrite(fd, noise_.data(), length, offset);
			return written < 0 ? -1 : 0;
		});
	}

	int write() { return put(below(8) == 0 ? O_DSYNC : 0, false); }
	int append() { return put(O_APPEND, true); }
	int sync_file() { return with(name(), O_RDONLY, [](int fd) { return fsync(fd); }); }
	int sync_data() { return with(name(), O_RDONLY, [](int fd) { return fdatasync(fd); }); }
	int sync_directory() { return with(directory(), O_RDONLY | O_DIRECTORY, [](int fd) { return fsync(fd); }); }
	int sync_all() { return with(options_.directory, O_RDONLY, [](int fd) { return syncfs(fd); }); }
	int shorten() { return truncate(name().c_str(), static_cast<off_t>(below(options_.longest))); }
	int rename() { return ::rename(name().c_str(), name().c_str()); }
	int link() { return ::link(name().c_str(), name().c_str()); }
	int remove() { return unlink(name().c_str()); }
	int make_directory() { return mkdir(below(2) ? directory().c_str() : name().c_str(), 0777); }
	int remove_directory() { return rmdir(below(2) ? directory().c_str() : name().c_str()); }

	int allocate()
	{
		return with(name(), O_WRONLY | O_CREAT, [&](int fd) {
			return fallocate(fd, 0, static_cast<off_t>(below(options_.longest)), 1 + static_cast<off_t>(below(64 << 10)));
		});
	}

	int punch()
	{
		return with(name(), O_WRONLY, [&](int fd) {
			return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(below(options_.longest)),
					 1 + static_cast<off_t>(below(64 << 10)));
		});
	}

	const Options &options_;
	std::mt19937_64 random_;
	std::vector<char> noise_;
};

std::uint64_t run(const Options &options)
{
	const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(options.seconds);
	std::atomic<std::uint64_t> operations = 0;
	std::atomic<bool> stopping = false;
	std::mutex mutex;
	std::exception_ptr failure;
	const auto work = [&](unsigned thread) {
		try {
			Worker worker(options, thread);
			for (; !stopping && std::chrono::steady_clock::now() < end; operations++) {
				worker.step();
				std::this_thread::sleep_for(std::chrono::microseconds(options.pause));
			}
		} catch (...) {
			const std::lock_guard lock(mutex);
			stopping = true;
			failure = std::current_exception();
		}
	};
	{
		std::vector<std::jthread> threads;
		for (unsigned i = 0; i < options.threads; i++)
			threads.emplace_back(work, i);
	}
	if (failure)
		std::rethrow_exception(failure);
	return operations;
}

} // namespace

int main(int argc, char **argv)
{
	CLI::App app("Does random file operations in a directory.");
	Options options;
	app.add_option("DIRECTORY", options.directory)->required()->check(CLI::ExistingDirectory);
	app.add_option("--seconds", options.seconds, "how long")->capture_default_str();
	app.add_option("--threads", options.threads)->capture_default_str();
	app.add_option("--pause", options.pause, "microseconds after each operation")->capture_default_str();
	app.add_option("--seed", options.seed, "of what is done")->capture_default_str();
	CLI11_PARSE(app, argc, argv);
	try {
		for (unsigned i = 0; i < options.directories; i++)
			std::filesystem::create_directory(fmt::format("{}/d{}", options.directory, i));
		std::cout << fmt::format("{} operations\n", run(options));
	} catch (const std::exception &error) {
		std::cerr << "labfiles: " << error.what() << '\n';
		return 1;
	}
}
