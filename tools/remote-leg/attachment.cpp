// SPDX-License-Identifier: GPL-2.0
#include "attachment.h"

#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "failure.h"

namespace remote_leg {
namespace {

std::string read_all(const Path &file)
{
	std::ifstream stream{file};
	return {std::istreambuf_iterator<char>{stream}, {}};
}

} // namespace

std::string to_json(const Attachment &attachment)
{
	const auto &leg = attachment.leg;
	return nlohmann::ordered_json{
		{"protocol", to_string(leg.protocol)},
		{"name", leg.name},
		{"address", leg.address},
		{"port", leg.port},
		{"hold", leg.timeouts.hold.count()},
		{"silence", leg.timeouts.silence.count()},
		{"answer", leg.timeouts.answer.count()},
		{"depth", leg.depth},
		{"readd", leg.readd},
		{"disk", attachment.disk},
		{"bytes", attachment.bytes},
		{"keeper", attachment.keeper},
	}.dump(1, '\t') + "\n";
}

Attachment from_json(const std::string &text)
{
	try {
		const auto json = nlohmann::json::parse(text);
		const auto seconds = [&](const char *name) { return Seconds{json.at(name).get<Seconds::rep>()}; };
		Attachment attachment;
		attachment.leg.protocol = to_protocol(json.at("protocol").get<std::string>());
		json.at("name").get_to(attachment.leg.name);
		json.at("address").get_to(attachment.leg.address);
		json.at("port").get_to(attachment.leg.port);
		attachment.leg.timeouts = {seconds("hold"), seconds("silence"), seconds("answer")};
		json.at("depth").get_to(attachment.leg.depth);
		json.at("readd").get_to(attachment.leg.readd);
		json.at("disk").get_to(attachment.disk);
		json.at("bytes").get_to(attachment.bytes);
		json.at("keeper").get_to(attachment.keeper);
		return attachment;
	} catch (const nlohmann::json::exception &error) {
		throw Failure{fmt::format("what is noted of a leg cannot be read: {}", error.what())};
	}
}

Path Attachments::file(Protocol protocol, const std::string &name) const
{
	return state_ / fmt::format("{}-{}.json", to_string(protocol), name);
}

Descriptor Attachments::lock() const
{
	std::error_code error;
	std::filesystem::create_directories(state_, error);
	if (error)
		throw Failure{fmt::format("cannot make {}: {}", state_.string(), error.message())};
	return remote_leg::lock(state_ / "lock");
}

std::optional<Attachment> Attachments::find(Protocol protocol, const std::string &name) const
{
	const auto file = this->file(protocol, name);
	if (!is_there(file))
		return std::nullopt;
	return from_json(read_all(file));
}

std::vector<Attachment> Attachments::all() const
{
	std::vector<Attachment> attachments;
	for (const auto &file : entries(state_))
		if (file.extension() == ".json")
			attachments.push_back(from_json(read_all(file)));
	return attachments;
}

void Attachments::note(const Attachment &attachment) const
{
	const auto file = this->file(attachment.leg.protocol, attachment.leg.name), fresh = Path{file.string() + ".new"};
	std::ofstream stream{fresh};
	if (!(stream << to_json(attachment)) || !stream.flush())
		throw Failure{fmt::format("cannot write {}", fresh.string())};
	stream.close();
	std::filesystem::rename(fresh, file);
}

void Attachments::forget(Protocol protocol, const std::string &name) const
{
	std::error_code error;
	std::filesystem::remove(file(protocol, name), error);
}

} // namespace remote_leg
