// lab-log: prints a recording, one line a record.
#include "lab/log_reader.h"

#include <cstring>
#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace {

std::string flat(std::string_view text)
{
	std::string line(text);
	for (char &letter : line)
		if (letter == '\n')
			letter = ' ';
	return line;
}

std::string describe(const lab::Record &record)
{
	std::string line = fmt::format("{} {}", static_cast<std::uint64_t>(record.request), name_of(record.kind));
	if (record.kind == lab::Kind::completed)
		return record.error ? line + fmt::format(": {}", std::strerror(record.error)) : line;
	if (lab::changes_data(record.kind))
		line += fmt::format(" {}+{}", record.offset.count, record.length.count);
	return record.fua ? line + " FUA" : line;
}

void print(const lab::LogReader &log, const lab::Record &record)
{
	const bool text = record.kind == lab::Kind::mark || record.kind == lab::Kind::control;
	const std::string member = record.member == lab::no_member ? "-" : log.members()[record.member].name;
	const std::string what = text ? fmt::format("{}: {}", name_of(record.kind), flat(record.text)) : describe(record);
	std::cout << fmt::format("{:7} {:12.6f} {:8} {}\n", record.index, record.time_ns / 1e9, member, what);
}

} // namespace

int main(int argc, char **argv)
{
	CLI::App app("Prints a recording of the crash laboratory: number, seconds, member, record.");
	std::string path;
	app.add_option("RECORDING", path, "its directory, or the log itself")->required();
	CLI11_PARSE(app, argc, argv);
	try {
		const lab::LogReader log(path);
		for (const lab::MemberInfo &member : log.members())
			std::cout << fmt::format("# {}: {} bytes\n", member.name, member.size.count);
		for (const lab::Record &record : log)
			print(log, record);
		if (!log.complete())
			std::cout << "# the recorder was killed: more may have happened\n";
	} catch (const std::exception &error) {
		std::cerr << "lab-log: " << error.what() << '\n';
		return 1;
	}
}
