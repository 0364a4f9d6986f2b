// SPDX-License-Identifier: GPL-2.0
// In libFuzzer's place: runs the inputs in the files and directories named, each once; says which one it was that failed.
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

// Whoever finds something aborts, as a broken property does.
extern "C" const char *__asan_default_options() { return "abort_on_error=1"; }
extern "C" const char *__ubsan_default_options() { return "abort_on_error=1"; }

namespace {

namespace fs = std::filesystem;

fs::path current;

std::vector<fs::path> files_in(const fs::path &path)
{
	if (!fs::is_directory(path))
		return {path};
	std::vector<fs::path> files;
	for (const auto &entry : fs::directory_iterator{path})
		files.push_back(entry.path());
	std::sort(files.begin(), files.end());
	return files;
}

void run(const fs::path &path)
{
	std::ifstream file{path, std::ios::binary};
	if (!file)
		throw std::runtime_error(fmt::format("{}: cannot read", path.string()));
	// No byte more than the input has: the address sanitizer guards what is behind it.
	const std::vector<char> bytes{std::istreambuf_iterator{file}, {}};
	const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
	current = path;
	LLVMFuzzerTestOneInput(input.data(), input.size());
}

} // namespace

int main(int argc, char **argv)
{
	std::size_t inputs = 0;

	std::signal(SIGABRT, [](int) {
		fmt::print(stderr, "input: {}\n", current.string());
		std::_Exit(1);
	});
	try {
		for (int i = 1; i < argc; i++)
			for (const auto &file : files_in(argv[i])) {
				run(file);
				inputs++;
			}
	} catch (const std::exception &e) {
		fmt::print(stderr, "{}: {}\n", argv[0], e.what());
		return 2;
	}
	fmt::print("{} inputs\n", inputs);
	// An empty corpus proves nothing.
	return inputs == 0;
}
