// SPDX-License-Identifier: GPL-2.0
#include "run.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <optional>
#include <iterator>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace bench {

namespace {

using Json = nlohmann::json;

bool is_name(std::string_view text)
{
	constexpr std::string_view others = " ._+:/-";
	return std::all_of(text.begin(), text.end(), [&](char c) {
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		       others.find(c) != others.npos;
	});
}

// For people: no control characters.
std::string printable(std::string text)
{
	std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
	return text;
}

// A value, and where in which file it is.
class Node {
public:
	Node(const Json &json, std::string where) : json_{json}, where_{std::move(where)} {}

	[[noreturn]] void fail(std::string_view what) const
	{
		throw Error(fmt::format("{} {}", where_, what));
	}

	const Json &object() const
	{
		if (!json_.is_object())
			fail("is not an object");
		return json_;
	}

	const Json &array() const
	{
		if (!json_.is_array())
			fail("is not an array");
		return json_;
	}

	std::optional<Node> find(const std::string &key) const
	{
		const auto found = object().find(key);
		if (found == json_.end())
			return std::nullopt;
		return Node{*found, fmt::format("{}{}{}", where_, where_.ends_with(':') ? " " : ".", printable(key))};
	}

	Node member(const std::string &key) const
	{
		auto found = find(key);
		if (!found)
			fail(fmt::format("has no \"{}\"", key));
		return *found;
	}

	Node element(std::size_t i) const { return {array().at(i), fmt::format("{}[{}]", where_, i)}; }

	double number() const
	{
		if (!json_.is_number())
			fail("is not a number");
		const auto value = json_.get<double>();
		if (!std::isfinite(value))
			fail("is not a number");
		return value;
	}

	std::string number_or_text() const { return json_.is_number() ? json_.dump() : text(); }

	std::string text() const
	{
		if (!json_.is_string())
			fail("is not a string");
		return printable(json_.get<std::string>());
	}

	// Names end up in tables and in gnuplot's scripts.
	std::string name() const
	{
		const auto value = text();
		if (!is_name(value))
			fail("is not a name of letters, digits and \" ._+:/-\"");
		return value;
	}

private:
	const Json &json_;
	std::string where_;
};

std::string text_or_unknown(const Node &node, const std::string &key)
{
	const auto found = node.find(key);
	return found ? found->text() : "unknown";
}

std::map<std::string, double> read_metrics(const Node &node)
{
	std::map<std::string, double> metrics;

	for (const auto &[key, value] : node.object().items()) {
		const auto metric = node.member(key);
		if (key.empty() || !is_name(key))
			metric.fail("has no name of letters, digits and \" ._+:/-\"");
		// null is jq's way of saying that there was nothing.
		if (!value.is_null())
			metrics.emplace(key, metric.number());
	}
	return metrics;
}

// fio's parameters are strings.
int read_queue_depth(const Node &parameters)
{
	const auto depth = parameters.find("iodepth");
	if (!depth)
		return 1;
	const auto text = depth->number_or_text();
	int value = 0;
	const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
	if (error != std::errc{} || end != text.data() + text.size() || value < 1)
		depth->fail("is not a queue depth");
	return value;
}

Series read_series(const Node &node)
{
	Series series;

	for (std::size_t i = 0; i < node.array().size(); i++) {
		const auto point = node.element(i);
		if (point.array().size() != 2)
			point.fail("is not a pair of milliseconds and a value");
		series.emplace_back(point.element(0).number(), point.element(1).number());
	}
	return series;
}

Record read_record(const Node &node)
{
	Record record{
		.target = node.member("target").name(),
		.scenario = node.member("scenario").name(),
		.variant = node.member("variant").name(),
		.slow_ms = node.member("slow_ms").number(),
		.boot = node.member("boot").name(),
		.queue_depth = 1,
		.metrics = read_metrics(node.member("metrics")),
		.series = {},
		.reason = {},
	};

	if (record.target.empty() || record.scenario.empty())
		node.fail("has an empty target or scenario");
	if (record.slow_ms < 0)
		node.fail("has a negative slow_ms");
	if (const auto parameters = node.find("parameters"))
		record.queue_depth = read_queue_depth(*parameters);
	if (const auto reason = node.find("reason"))
		record.reason = reason->text();
	if (const auto series = node.find("series"))
		for (const auto &[key, value] : series->object().items())
			record.series.emplace(key, read_series(series->member(key)));
	return record;
}

} // namespace

Run Run::parse(const std::string &name, const std::string &text)
{
	Json json;
	try {
		json = Json::parse(text);
	} catch (const Json::exception &e) {
		throw Error(fmt::format("{}: not JSON: {}", name, e.what()));
	}

	const Node top{json, name + ":"};
	const auto records = top.member("records");
	Run run{
		.name = name,
		.commit = text_or_unknown(top, "commit"),
		.date = text_or_unknown(top, "date"),
		.kernel = text_or_unknown(top, "kernel"),
		.qemu = text_or_unknown(top, "qemu"),
		.records = {},
	};
	for (std::size_t i = 0; i < records.array().size(); i++)
		run.records.push_back(read_record(records.element(i)));
	return run;
}

Run Run::load(const std::filesystem::path &path)
{
	const auto error = [&](const std::string &why) {
		return Error(fmt::format("{}: cannot read: {}", path.string(), why));
	};
	std::ifstream file{path};
	if (!file)
		throw error(std::strerror(errno));
	try {
		return parse(path.string(), {std::istreambuf_iterator{file}, {}});
	} catch (const std::ios_base::failure &e) {
		throw error(e.code().message());
	}
}

std::string Run::to_text() const
{
	const nlohmann::ordered_json head{
		{"commit", commit}, {"date", date}, {"kernel", kernel}, {"qemu", qemu}
	};
	std::vector<std::string> lines;

	for (const auto &record : records) {
		nlohmann::ordered_json one{
			{"target", record.target}, {"scenario", record.scenario},
			{"variant", record.variant}, {"slow_ms", record.slow_ms},
			{"boot", record.boot}, {"metrics", record.metrics},
		};
		if (!record.reason.empty())
			one["reason"] = record.reason;
		lines.push_back("    " + one.dump());
	}
	// One record a line, so that a diff shows what changed.
	std::string text = "{\n";
	for (const auto &[key, value] : head.items())
		text += fmt::format("  \"{}\": {},\n", key, value.dump());
	return text + fmt::format("  \"records\": [\n{}\n  ]\n}}\n", fmt::join(lines, ",\n"));
}

} // namespace bench
