// SPDX-License-Identifier: GPL-2.0
#include "request.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "failure.h"

namespace remote_leg {
namespace {

// The command line as it is, words and numbers.
struct Words {
	std::string protocol, device, address, name, listen = "0.0.0.0", allow;
	unsigned port = 0, hold = 600, silence = 15, answer = 0, depth = 128;
	bool readd = false;
};

// A connection of NBD that is lost takes its requests with it: they are sent again only when they have taken as long as one may.
unsigned usual_answer(Protocol protocol)
{
	return protocol == Protocol::nbd ? 60 : 600;
}

void add_leg(CLI::App &command, Words &words)
{
	command.add_option("PROTOCOL", words.protocol, "nvme (NVMe/TCP), nbd or iscsi")->required();
}

void add_name(CLI::App &command, Words &words)
{
	command.add_option("NAME", words.name, "the leg's, at both ends, and no other leg's")->required();
}

void add_port(CLI::App &command, Words &words)
{
	command.add_option("--port", words.port, "[nvme: 4420, nbd: 10809, iscsi: 3260]")->check(CLI::Range(1, 65535))->option_text("N");
}

CLI::App *add_export(CLI::App &app, Words &words)
{
	auto *command = app.add_subcommand("export", "on the machine that has the disk: let another machine have it");
	add_leg(*command, words);
	command->add_option("DEVICE", words.device, "the disk")->required();
	add_name(*command, words);
	command->add_option("--listen", words.listen, "only there [0.0.0.0]")->option_text("ADDRESS");
	add_port(*command, words);
	command->add_option("--allow", words.allow, "only to this host [anybody]. nvme: what is in its /etc/nvme/hostnqn; iscsi: the name "
			    "in its /etc/iscsi/initiatorname.iscsi; nbd knows nobody")->option_text("HOST");
	return command;
}

CLI::App *add_attach(CLI::App &app, Words &words)
{
	const auto add_seconds = [&](CLI::App *command, const char *name, unsigned &value, const char *what) {
		command->add_option(name, value, what)->check(CLI::Range(1, 1000000))->option_text("SECONDS");
	};
	auto *command = app.add_subcommand("attach", "on the machine with the array: get the disk; prints its name here");
	add_leg(*command, words);
	command->add_option("ADDRESS", words.address, "the other machine's")->required();
	add_name(*command, words);
	add_port(*command, words);
	add_seconds(command, "--hold", words.hold, "the leg fails if the other machine cannot be reached for so long [600]");
	add_seconds(command, "--silence", words.silence,
		    "a connection on which nothing comes back for so long is given up, and made anew [15]");
	add_seconds(command, "--answer", words.answer,
		    "so long may one request take on a connection that is alive [600, nbd: 60]");
	command->add_option("--depth", words.depth, "how many requests are under way at a time [128]")->check(CLI::Range(1, 1024))
		->option_text("N");
	command->add_flag("--readd", words.readd, "if the leg has failed and is there again, put it back into its array");
	return command;
}

CLI::App *add_short(CLI::App &app, Words &words, const char *name, const char *what)
{
	auto *command = app.add_subcommand(name, what);
	add_leg(*command, words);
	add_name(*command, words);
	return command;
}

Export make_export(const Words &words, Protocol protocol)
{
	if (protocol == Protocol::nbd && !words.allow.empty())
		throw Failure{"nbd cannot tell hosts apart: no --allow, but a firewall"};
	check_address(words.listen);
	return {protocol, words.device, words.name, words.listen, words.port ? words.port : usual_port(protocol), words.allow};
}

Attach make_attach(const Words &words, Protocol protocol)
{
	check_address(words.address);
	const Timeouts timeouts{Seconds{words.hold}, Seconds{words.silence},
				Seconds{words.answer ? words.answer : usual_answer(protocol)}};
	return {protocol, words.address, words.name, words.port ? words.port : usual_port(protocol), timeouts, words.depth, words.readd};
}

} // namespace

bool is_same_place(const Attach &a, const Attach &b)
{
	return a.protocol == b.protocol && a.name == b.name && a.address == b.address && a.port == b.port;
}

Request parse(std::vector<std::string> arguments)
{
	CLI::App app{"A leg of a mirror on another machine: sets up both ends; see remote-leg(8).", "remote-leg"};
	Words words;
	app.require_subcommand(1);
	const auto *export_command = add_export(app, words);
	const auto *unexport = add_short(app, words, "unexport", "undo that");
	const auto *attach = add_attach(app, words);
	const auto *detach = add_short(app, words, "detach", "undo that");
	const auto *readd = app.add_subcommand("readd", "put legs back that failed and are there again: called by udev, see attach --readd");
	add_short(app, words, "keep", "")->group("");
	auto *serve = app.add_subcommand("serve", "")->group("");
	serve->add_option("DEVICE", words.device, "")->required();
	add_name(*serve, words);
	std::ranges::reverse(arguments);
	try {
		app.parse(arguments);
	} catch (const CLI::CallForHelp &) {
		// Of the command that was chosen, if one was.
		return Help{app.help()};
	} catch (const CLI::ParseError &error) {
		throw Failure{std::string{error.what()} + ": see remote-leg --help"};
	}
	if (*readd)
		return Readd{};
	if (*serve)
		return Serve{words.device, words.name};
	const auto protocol = to_protocol(words.protocol);
	check_name(words.name);
	if (*export_command)
		return make_export(words, protocol);
	if (*attach)
		return make_attach(words, protocol);
	if (*unexport)
		return Unexport{protocol, words.name};
	if (*detach)
		return Detach{protocol, words.name};
	return Keep{protocol, words.name};
}

} // namespace remote_leg
