// soak: random operations on an array in virtual machines, crashes included, and whether all is still there.
#include "soak/guest.h"
#include "soak/host.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <iostream>

namespace {

void add_host(CLI::App &app, soak::HostOptions &options)
{
	CLI::App *host = app.add_subcommand("run", "Run it, on the host.");
	host->add_option("--vm", options.vm, "runner of virtual machines")->required();
	host->add_option("--directory", options.directory, "for disk images and logs")->required();
	host->add_option("--seconds", options.seconds, "for how long");
	host->add_option("--seed", options.seed, "what is done follows from it");
	host->add_option("--round", options.first_round, "begin with this round, on the images that are there");
	host->add_option("--boots", options.boots, "at most so many boots");
	host->add_option("--vm-option", options.vm_options, "more options for the runner");
	host->callback([&options] { std::exit(soak::Host(options).run()); });
}

void add_guest(CLI::App &app, const std::string &name, const std::string &text, soak::GuestOptions &options,
	       void (soak::Guest::*what)())
{
	CLI::App *guest = app.add_subcommand(name, text);
	guest->add_option("--seconds", options.seconds, "begin no round after that");
	guest->add_option("--seed", options.seed);
	guest->add_option("--round", options.first_round);
	guest->callback([&options, what] { (soak::Guest(options).*what)(); });
}

} // namespace

int main(int argc, char **argv)
{
	CLI::App app("Random operations on an array in virtual machines, and whether all is still there.");
	app.require_subcommand(1);
	soak::HostOptions host;
	soak::GuestOptions guest;
	std::uint64_t seed = 0, first = 0, count = 1;
	add_host(app, host);
	add_guest(app, "guest", "Play rounds, in the machine.", guest, &soak::Guest::play);
	add_guest(app, "inspect", "See whether all is well, in the machine.", guest, &soak::Guest::inspect);
	CLI::App *plan = app.add_subcommand("plan", "Print what a seed stands for.");
	plan->add_option("--seed", seed);
	plan->add_option("--round", first);
	plan->add_option("--rounds", count);
	plan->callback([&] {
		for (std::uint64_t number = first; number < first + count; number++)
			std::cout << describe(soak::plan(seed, number)) << '\n';
	});
	try {
		CLI11_PARSE(app, argc, argv);
	} catch (const std::exception &error) {
		std::cerr << "soak: " << error.what() << '\n';
		return 1;
	}
}
