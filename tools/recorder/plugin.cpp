// The recorder as a plugin of nbdkit: exports named like the members, and `mark`, whose blocks are marks or, with the
// first word `control`, commands. Nothing happens here but translation.
#define NBDKIT_API_VERSION 2

#include "recorder/control_server.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <nbdkit-plugin.h>

#define THREAD_MODEL NBDKIT_THREAD_MODEL_PARALLEL

namespace {

using recorder::Recorder;

constexpr std::int64_t mark_bytes = 1 << 20;
constexpr std::string_view mark_name = "mark";

struct Configuration {
	recorder::Options options;
	std::string control;
	std::int64_t size = 64 << 20;
	unsigned members = 2;
};

Configuration configuration;
std::unique_ptr<Recorder> instance;
std::unique_ptr<recorder::ControlServer> control;

// A connection to one export.
struct Connection {
	bool mark;
	std::size_t member;
};

const Connection &connection(void *handle)
{
	return *static_cast<const Connection *>(handle);
}

// C++ ends here: -1 and an errno for nbdkit, whatever was thrown.
template <typename Function> int guarded(Function &&function)
{
	int error = EIO;
	try {
		error = function();
	} catch (const std::exception &exception) {
		nbdkit_error("%s", exception.what());
	}
	if (error == 0)
		return 0;
	nbdkit_set_error(error);
	return -1;
}

// Sleeps for no time, which fails if the client is gone or nbdkit shall end.
bool abandoned()
{
	return nbdkit_nanosleep(0, 1) < 0;
}

void take_mark(std::span<const std::byte> block)
{
	std::string_view text(reinterpret_cast<const char *>(block.data()), block.size());
	text = text.substr(0, text.find('\0'));
	while (text.ends_with('\n') || text.ends_with(' '))
		text.remove_suffix(1);
	constexpr std::string_view prefix = "control ";
	if (text.starts_with(prefix))
		instance->command(text.substr(prefix.size()));
	else
		instance->mark(text);
}

int set_option(const char *key, const char *value)
{
	const std::string name = key;
	if (name == "log") {
		char *path = nbdkit_absolute_path(value);
		if (!path)
			return -1;
		configuration.options.log = path;
		free(path);
	} else if (name == "control") {
		char *path = nbdkit_absolute_path(value);
		if (!path)
			return -1;
		configuration.control = path;
		free(path);
	} else if (name == "members") {
		return nbdkit_parse_unsigned("members", value, &configuration.members);
	} else if (name == "seed") {
		return nbdkit_parse_uint64_t("seed", value, &configuration.options.seed);
	} else if (name == "size") {
		configuration.size = nbdkit_parse_size(value);
		return configuration.size < 0 ? -1 : 0;
	} else {
		nbdkit_error("unknown parameter %s", key);
		return -1;
	}
	return 0;
}

int check_options()
{
	if (configuration.options.log.empty()) {
		nbdkit_error("log=FILE is needed");
		return -1;
	}
	if (configuration.members < 1 || configuration.members > lab::max_members || configuration.size % 512 != 0) {
		nbdkit_error("members=1..%zu, size=MULTIPLE OF 512", lab::max_members);
		return -1;
	}
	for (unsigned i = 0; i < configuration.members; i++)
		configuration.options.members.push_back(
			{fmt::format("member{}", i), {static_cast<std::uint64_t>(configuration.size)}});
	return 0;
}

// Threads do not survive a fork.
int start()
{
	return guarded([] {
		instance = std::make_unique<Recorder>(configuration.options);
		if (!configuration.control.empty())
			control = std::make_unique<recorder::ControlServer>(configuration.control, *instance);
		return 0;
	});
}

void stop()
{
	control.reset();
	if (instance)
		guarded([] {
			instance->end();
			return 0;
		});
	instance.reset();
}

int list_exports(int, int, struct nbdkit_exports *exports)
{
	for (const lab::MemberInfo &member : configuration.options.members)
		if (nbdkit_add_export(exports, member.name.c_str(), nullptr) < 0)
			return -1;
	return nbdkit_add_export(exports, mark_name.data(), nullptr);
}

void *open_export(int)
{
	const char *name = nbdkit_export_name();
	if (!name)
		return nullptr;
	if (name == mark_name)
		return new Connection{true, 0};
	for (std::size_t i = 0; i < instance->members(); i++)
		if (instance->info(i).name == name)
			return new Connection{false, i};
	nbdkit_error("no export \"%s\"", name);
	return nullptr;
}

void close_export(void *handle)
{
	delete static_cast<Connection *>(handle);
}

std::int64_t size_of(void *handle)
{
	const Connection &to = connection(handle);
	return to.mark ? mark_bytes : static_cast<std::int64_t>(instance->info(to.member).size.count);
}

int block_size(void *, std::uint32_t *minimum, std::uint32_t *preferred, std::uint32_t *maximum)
{
	*minimum = lab::sector_bytes;
	*preferred = 4096;
	*maximum = 32 << 20;
	return 0;
}

int yes(void *)
{
	return 1;
}

int native_fua(void *)
{
	return NBDKIT_FUA_NATIVE;
}


int read(void *handle, void *buffer, std::uint32_t count, std::uint64_t offset, std::uint32_t)
{
	const Connection &to = connection(handle);
	const std::span data(static_cast<std::byte *>(buffer), count);
	return guarded([&] {
		if (!to.mark)
			return instance->read(to.member, {offset}, data, abandoned);
		std::fill(data.begin(), data.end(), std::byte{});
		return 0;
	});
}

int write(void *handle, const void *buffer, std::uint32_t count, std::uint64_t offset, std::uint32_t flags)
{
	const Connection &to = connection(handle);
	const std::span data(static_cast<const std::byte *>(buffer), count);
	return guarded([&] {
		if (!to.mark)
			return instance->write(to.member, {offset}, data, flags & NBDKIT_FLAG_FUA, abandoned);
		take_mark(data);
		return 0;
	});
}

int flush(void *handle, std::uint32_t)
{
	const Connection &to = connection(handle);
	return guarded([&] { return to.mark ? 0 : instance->flush(to.member, abandoned); });
}

int trim(void *handle, std::uint32_t count, std::uint64_t offset, std::uint32_t flags)
{
	const Connection &to = connection(handle);
	return guarded([&] {
		return to.mark ? EINVAL : instance->trim(to.member, {offset}, {count}, flags & NBDKIT_FLAG_FUA, abandoned);
	});
}

int zero(void *handle, std::uint32_t count, std::uint64_t offset, std::uint32_t flags)
{
	const Connection &to = connection(handle);
	return guarded([&] {
		return to.mark ? EINVAL
			       : instance->write_zeroes(to.member, {offset}, {count}, flags & NBDKIT_FLAG_FUA, abandoned);
	});
}

constexpr const char *help = R"(log=FILE       the recording's log, which must not be there yet (required)
members=N      how many members [2]: exports member0, member1...
size=SIZE      of each [64M]
control=PATH   make a socket for lab-control
seed=N         of random delays [1])";

nbdkit_plugin make_plugin()
{
	nbdkit_plugin plugin{};
	plugin.name = "recorder";
	plugin.longname = "recorder of the crash laboratory";
	plugin.description = "serves the members of an array and records what they see in one order";
	plugin.config = set_option;
	plugin.config_complete = check_options;
	plugin.config_help = help;
	plugin.after_fork = start;
	plugin.cleanup = stop;
	plugin.list_exports = list_exports;
	plugin.open = open_export;
	plugin.close = close_export;
	plugin.get_size = size_of;
	plugin.block_size = block_size;
	plugin.can_write = yes;
	plugin.can_flush = yes;
	plugin.can_trim = yes;
	plugin.can_zero = yes;
	plugin.can_multi_conn = yes;
	plugin.can_fua = native_fua;
	plugin.pread = read;
	plugin.pwrite = write;
	plugin.flush = flush;
	plugin.trim = trim;
	plugin.zero = zero;
	return plugin;
}

nbdkit_plugin plugin = make_plugin();

} // namespace

#pragma GCC visibility push(default)
NBDKIT_REGISTER_PLUGIN(plugin)
#pragma GCC visibility pop
