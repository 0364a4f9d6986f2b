// lab-control: gives the recorder a command.
#include "recorder/recorder.h"
#include "recorder/unix_socket.h"

#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

int main(int argc, char **argv)
{
	CLI::App app("Gives the crash laboratory's recorder a command.");
	app.footer(fmt::format("Commands:\n{}\n\n{}", recorder::Recorder::usage, recorder::Conduct::usage));
	std::string socket;
	std::vector<std::string> words;
	app.add_option("SOCKET", socket, "its control socket")->required();
	app.add_option("COMMAND", words, "see below")->required();
	CLI11_PARSE(app, argc, argv);
	try {
		recorder::LineStream lines(recorder::connect_to(socket));
		lines.write(fmt::format("{}", fmt::join(words, " ")));
		const auto answer = lines.read();
		if (!answer)
			throw std::runtime_error(socket + ": the recorder gave no answer");
		if (answer->starts_with("error: "))
			throw std::runtime_error(answer->substr(7));
		if (*answer != "ok")
			std::cout << *answer << '\n';
	} catch (const std::exception &error) {
		std::cerr << "lab-control: " << error.what() << '\n';
		return 1;
	}
}
