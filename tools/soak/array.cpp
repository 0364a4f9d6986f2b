#include "soak/array.h"

#include "soak/device.h"
#include "soak/failure.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace soak {

namespace {

const std::string sysfs = "/sys/block/md0/md/";

std::string read_file(const std::string &path)
{
	const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
	std::string text(4096, '\0');
	const ssize_t n = fd < 0 ? -1 : read(fd, text.data(), text.size());
	const int error = errno;
	if (fd >= 0)
		close(fd);
	if (n < 0)
		throw Failure(fmt::format("{}: {}", path, std::strerror(error)));
	text.resize(static_cast<std::size_t>(n));
	while (!text.empty() && text.back() == '\n')
		text.pop_back();
	return text;
}

// 0 or the error.
int write_file(const std::string &path, const std::string &text)
{
	const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	const int error = write(fd, text.data(), text.size()) < 0 ? errno : 0;
	close(fd);
	return error;
}

bool has_word(const std::string &list, const std::string &word)
{
	return ("," + list + ",").find("," + word + ",") != std::string::npos;
}

} // namespace

void wait_until(const std::string &what, const std::function<bool()> &condition, Patience limit)
{
	const auto end = std::chrono::steady_clock::now() + limit;
	for (Milliseconds pause{20}; !condition(); pause = std::min(pause * 2, Milliseconds{500})) {
		if (std::chrono::steady_clock::now() > end)
			throw Failure(fmt::format("{}: not within {} s", what, limit.count()));
		std::this_thread::sleep_for(pause);
	}
}

Outcome Array::mdadm(std::vector<std::string> arguments) const
{
	arguments.insert(arguments.begin(), "mdadm");
	return run(arguments);
}

// md may be busy with what came before.
void Array::insist(std::vector<std::string> arguments) const
{
	std::string last;
	try {
		wait_until("mdadm", [&] {
			const Outcome outcome = mdadm(arguments);
			last = outcome.output;
			return outcome.good();
		});
	} catch (const Failure &failure) {
		throw Failure(fmt::format("mdadm {}: {}; it says: {}", fmt::join(arguments, " "), failure.what(), last));
	}
}

void Array::create(const Shape &shape, std::uint64_t backlog)
{
	std::vector<std::string> command{"mdadm", "--create", path, "--run", "--level=1", "--homehost=none",
					 fmt::format("--raid-devices={}", shape.members()), "--uuid=" + shape.uuid(),
					 "--metadata=" + shape.metadata, fmt::format("--size={}K", shape.size.count / 2)};
	if (shape.assume_clean)
		command.push_back("--assume-clean");
	if (shape.metadata != "1.0")
		command.push_back("--data-offset=1M");
	// mdadm flags all that follow; if that is not it, the flags come later.
	const bool behind = shape.slow.back() && std::is_sorted(shape.slow.begin(), shape.slow.end());
	if (shape.bitmap) {
		command.insert(command.end(), {"--bitmap=internal", "--delay=1",
					       fmt::format("--bitmap-chunk={}K", shape.chunk.count / 1024)});
		if (behind)
			command.push_back(fmt::format("--write-behind={}", backlog));
	} else {
		command.push_back("--bitmap=none");
	}
	for (unsigned i = 0; i < shape.members(); i++) {
		if (behind && shape.slow[i])
			command.push_back("--write-mostly");
		command.push_back(legs_[i]->path());
	}
	must_run(command);
}

void Array::assemble(const std::vector<unsigned> &disks)
{
	std::vector<std::string> arguments{"--assemble", path, "--run"};
	for (unsigned disk : disks)
		arguments.push_back(legs_[disk]->path());
	insist(arguments);
}

void Array::stop()
{
	insist({"--stop", path});
}

bool Array::exists() const
{
	return access((sysfs + "array_state").c_str(), F_OK) == 0 && get("array_state") != "clear";
}

std::string Array::get(const std::string &attribute) const
{
	return read_file(sysfs + attribute);
}

bool Array::try_set(const std::string &attribute, const std::string &value) const
{
	return write_file(sysfs + attribute, value) == 0;
}

void Array::set(const std::string &attribute, const std::string &value) const
{
	int error = 0;
	try {
		wait_until("sysfs", [&] {
			error = write_file(sysfs + attribute, value);
			return error == 0 || (error != EBUSY && error != EINTR);
		});
	} catch (const Failure &) {
	}
	if (error)
		throw Failure(fmt::format("md/{}: cannot be set to {}: {}", attribute, value, std::strerror(error)));
}

Sectors Array::size() const
{
	return Device(path, Mode::read_only).size();
}

bool Array::idle() const
{
	return get("sync_action") == "idle";
}

bool Array::in_sync() const
{
	return get("degraded") == "0" && get("resync_start") == "none" && idle();
}

void Array::wait_in_sync() const
{
	wait_until("the array to be in sync", [this] { return in_sync(); }, Patience{300});
}

bool Array::settled() const
{
	if (!idle() || get("resync_start") != "none")
		return false;
	if (get("degraded") == "0")
		return true;
	for (unsigned disk = 0; disk < legs_.size(); disk++)
		if (is_member(disk) && !has_failed(disk) && !is(disk, "in_sync"))
			return false;
	return true;
}

void Array::wait_settled() const
{
	wait_until("members to be in sync", [this] { return settled(); }, Patience{300});
}

void Array::wait_idle() const
{
	wait_until("the array to be idle", [this] { return idle(); }, Patience{300});
}

bool Array::has_bitmap() const
{
	return get("bitmap/location") != "none";
}

std::string Array::member(unsigned disk, const std::string &attribute) const
{
	return get(fmt::format("dev-{}/{}", legs_[disk]->kernel_name(), attribute));
}

void Array::set_member(unsigned disk, const std::string &attribute, const std::string &value) const
{
	set(fmt::format("dev-{}/{}", legs_[disk]->kernel_name(), attribute), value);
}

bool Array::is_member(unsigned disk) const
{
	return access((sysfs + "dev-" + legs_[disk]->kernel_name()).c_str(), F_OK) == 0;
}

bool Array::is(unsigned disk, const std::string &word) const
{
	return is_member(disk) && has_word(member(disk, "state"), word);
}

// One that is about to record bad blocks is shown as faulty, too, and as blocked.
bool Array::has_failed(unsigned disk) const
{
	if (!is_member(disk))
		return false;
	const std::string state = member(disk, "state");
	return has_word(state, "faulty") && !has_word(state, "blocked");
}

bool Array::is_active(unsigned disk) const
{
	return is(disk, "in_sync") && member(disk, "slot") != "none";
}

Sectors Array::data_offset(unsigned disk) const
{
	return {std::stoull(member(disk, "offset"))};
}

void Array::fail(unsigned disk) const
{
	insist({path, "--fail", legs_[disk]->path()});
}

void Array::remove(unsigned disk) const
{
	insist({path, "--remove", legs_[disk]->path()});
}

void Array::re_add(unsigned disk, bool write_mostly) const
{
	if (mdadm({path, "--re-add", legs_[disk]->path()}).good())
		return;
	if (write_mostly)
		add_write_mostly(disk);
	else
		insist({path, "--add", legs_[disk]->path()});
}

// With --write-mostly, mdadm 4.2 adds a disk that never was a member as one that has failed.
void Array::add_write_mostly(unsigned disk) const
{
	const bool frozen = get("sync_action") == "frozen";
	set("sync_action", "frozen");
	insist({path, "--add", legs_[disk]->path()});
	set_member(disk, "state", "writemostly");
	if (!frozen)
		set("sync_action", "idle");
}

void Array::add_blank(unsigned disk, bool write_mostly) const
{
	mdadm({"--zero-superblock", "--force", legs_[disk]->path()});
	re_add(disk, write_mostly);
}

void Array::set_bitmap(Bytes chunk, std::uint64_t backlog) const
{
	wait_idle();
	insist({"--grow", path, "--bitmap=internal", fmt::format("--bitmap-chunk={}K", chunk.count / 1024), "--delay=1"});
	// refused while nobody is write-mostly
	try_set("bitmap/backlog", std::to_string(backlog));
}

void Array::remove_bitmap() const
{
	wait_idle();
	insist({"--grow", path, "--bitmap=none"});
}

void Array::resize(Sectors size) const
{
	wait_idle();
	insist({"--grow", path, fmt::format("--size={}K", size.count / 2)});
}

void Array::scrub(const std::string &action) const
{
	wait_idle();
	set("sync_action", action);
	wait_idle();
	if (const std::string differ = get("mismatch_cnt"); differ != "0")
		throw Failure(fmt::format("{}: {} sectors differ between members", action, differ));
}

void Array::read_only(bool on) const
{
	insist({on ? "--readonly" : "--readwrite", path});
}

} // namespace soak
