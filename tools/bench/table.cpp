// SPDX-License-Identifier: GPL-2.0
#include "table.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "presentation.h"

namespace bench {

namespace {

constexpr std::size_t delay_width = 7;
constexpr std::size_t ratio_width = 5;

// One line of a table: a metric in one place.
struct Row {
	Place place;
	Metric metric;
	bool first_of_place;
};

// Rows of one scenario and variant: they share a heading.
struct Section {
	std::string title;
	std::vector<Row> rows;
};

std::string title_of(const Place &place)
{
	const auto title = scenario_title(place.scenario);
	return place.variant.empty() ? title : fmt::format("{} ({})", title, place.variant);
}

bool is_row(const Results &results, const Place &place, const Metric &metric)
{
	const auto latencies = results.latencies(place);
	return is_headline(place.scenario, metric.name) ||
	       std::any_of(latencies.begin(), latencies.end(), [&](const auto &l) { return l.name == metric.name; });
}

// What has no rows, but a series, makes no section.
std::vector<Section> make_sections(const Results &results, bool all_metrics)
{
	std::vector<Section> sections;

	for (const auto &place : results.places()) {
		const auto title = title_of(place);
		auto first = true;

		for (const auto &metric : results.metrics(place)) {
			if (!all_metrics && !is_row(results, place, metric))
				continue;
			if (sections.empty() || sections.back().title != title)
				sections.push_back({title, {}});
			sections.back().rows.push_back({place, metric, first});
			first = false;
		}
	}
	return sections;
}

// What one target did, in up to three numbers.
struct Cell {
	std::string value = "-";
	std::string to_limit;	// this / limit, or limit / this for throughput: how many times worse
	std::string ours;	// how many times better ours is
};

std::optional<double> ratio_to(const Metric &metric, std::optional<double> value, std::optional<double> other)
{
	return value && other ? times_better(metric, *other, *value) : std::nullopt;
}

Cell make_cell(const Results &results, const Row &row, const std::string &target)
{
	const auto value = results.value(row.place, target, row.metric);
	Cell cell;

	if (value)
		cell.value = format_value(*value);
	if (target != limit_target)
		cell.to_limit = format_ratio(ratio_to(row.metric, value, results.limit(row.place, target, row.metric)));
	if (target != limit_target && target != our_target)
		cell.ours = format_ratio(ratio_to(row.metric, value,
						  results.value(row.place, std::string{our_target}, row.metric)));
	return cell;
}

std::string metric_text(const Metric &metric)
{
	return metric.unit.empty() || metric.unit == metric.label ? metric.label : fmt::format("{} {}", metric.label, metric.unit);
}

// Why targets have no figures: once for each reason.
std::string make_notes(const Run &run, std::string_view bullet)
{
	std::set<std::string> notes;

	for (const auto &record : run.records)
		if (!record.reason.empty())
			notes.insert(fmt::format("{}{}, {}: {}\n", bullet, target_label(record.target),
						 scenario_title(record.scenario), record.reason));
	return fmt::format("{}", fmt::join(notes, ""));
}

std::string make_head(const Run &run)
{
	return fmt::format("Commit {}, {}, kernel {}, QEMU {}.", run.commit, run.date, run.kernel, run.qemu);
}

//
// Plain text
//

struct Column {
	std::string target;
	std::size_t value, to_limit, ours;	// widths

	Column(const std::string &name, std::size_t value_width)
		: target{name}, value{value_width}, to_limit{name == limit_target ? 0 : ratio_width},
		  ours{name == limit_target || name == our_target ? 0 : ratio_width}
	{
		if (target.size() > width())
			value += target.size() - width();
	}

	// With the spaces between its numbers.
	std::size_t width() const { return value + to_limit + (to_limit > 0) + ours + (ours > 0); }
};

using Block = std::vector<Column>;

std::size_t value_width(const Results &results, const std::vector<Section> &sections, const std::string &target)
{
	std::size_t width = 6;
	for (const auto &section : sections)
		for (const auto &row : section.rows)
			width = std::max(width, make_cell(results, row, target).value.size());
	return width;
}

// Limit and ours in every block, and as many peers beside them as there is room for.
std::vector<Block> make_blocks(const Results &results, const std::vector<Section> &sections, std::size_t margin,
			       std::size_t width)
{
	Block common, peers;
	for (const auto &target : results.targets())
		(target == limit_target || target == our_target ? common : peers)
			.emplace_back(target, value_width(results, sections, target));

	const auto width_of = [&](const Block &block) {
		return std::accumulate(block.begin(), block.end(), margin,
				       [](auto sum, const auto &column) { return sum + column.width() + 1; });
	};
	std::vector<Block> blocks{common};
	for (const auto &peer : peers) {
		if (blocks.back().size() > common.size() && width_of(blocks.back()) + peer.width() + 1 > width)
			blocks.push_back(common);
		blocks.back().push_back(peer);
	}
	return blocks;
}

std::string trimmed(std::string line)
{
	line.erase(line.find_last_not_of(' ') + 1);
	return line + "\n";
}

std::string text_cells(const Block &columns, const std::function<Cell(const Column &)> &cell_of)
{
	std::string line;

	for (const auto &column : columns) {
		const auto cell = cell_of(column);
		line += fmt::format(" {:>{}}", cell.value, column.value);
		if (column.to_limit)
			line += fmt::format(" {:>{}}", cell.to_limit, column.to_limit);
		if (column.ours)
			line += fmt::format(" {:>{}}", cell.ours, column.ours);
	}
	return line;
}

std::string text_block(const Results &results, const std::vector<Section> &sections, const Block &columns,
		       std::size_t metric_width)
{
	std::string names(delay_width + metric_width, ' ');
	for (const auto &column : columns)
		names += fmt::format(" {:>{}}", column.target, column.width());
	auto text = trimmed(names);
	text += trimmed(fmt::format("{:<{}} {:<{}}", "delay", delay_width - 1, "", metric_width) +
			text_cells(columns, [](const auto &) { return Cell{"", "limit", "ours"}; }));

	for (const auto &section : sections) {
		text += fmt::format("\n{}\n", section.title);
		for (const auto &row : section.rows)
			text += trimmed(fmt::format("{:>{}} {:<{}}",
						    row.first_of_place ? format_delay(row.place.slow_ms) : "",
						    delay_width - 1, metric_text(row.metric), metric_width) +
					text_cells(columns, [&](const auto &column) {
						return make_cell(results, row, column.target);
					}));
	}
	return text;
}

std::string text_table(const Run &run, const Results &results, const TableOptions &options)
{
	const auto sections = make_sections(results, options.all_metrics);
	auto text = make_head(run) + "\nlimit: times worse than the fast device alone; ours: times that raid1wb is better.\n"
		    "lat: latency with the time until the request was taken.\n";

	std::size_t metric_width = 0;
	for (const auto &section : sections)
		for (const auto &row : section.rows)
			metric_width = std::max(metric_width, metric_text(row.metric).size());
	for (const auto &block : make_blocks(results, sections, delay_width + metric_width, options.width))
		text += "\n" + text_block(results, sections, block, metric_width);
	const auto notes = make_notes(run, "- ");
	return notes.empty() ? text : text + "\nNot applicable:\n" + notes;
}

//
// Markdown
//

std::string markdown_cell(const Cell &cell)
{
	auto text = cell.value;
	if (!cell.to_limit.empty() && cell.to_limit != "-")
		text += fmt::format(" ({}{})", cell.to_limit,
				    cell.ours.empty() || cell.ours == "-" ? "" : fmt::format(", **{}**", cell.ours));
	return text;
}

std::string markdown_table(const Run &run, const Results &results, const TableOptions &options)
{
	auto text = make_head(run) + "\n\nIn brackets: times worse than the fast device alone; in bold: times that raid1wb "
		"is better.\n";

	for (const auto &section : make_sections(results, options.all_metrics)) {
		text += fmt::format("\n#### {}\n\n| slow leg | metric |", section.title);
		for (const auto &target : results.targets())
			text += fmt::format(" {} |", target_label(target));
		text += "\n|--:|:--|";
		for (std::size_t i = 0; i < results.targets().size(); i++)
			text += "--:|";
		text += "\n";
		for (const auto &row : section.rows) {
			text += fmt::format("| {} | {} |", row.first_of_place ? format_delay(row.place.slow_ms) : "",
					    metric_text(row.metric));
			for (const auto &target : results.targets())
				text += fmt::format(" {} |", markdown_cell(make_cell(results, row, target)));
			text += "\n";
		}
	}
	const auto notes = make_notes(run, "- ");
	return notes.empty() ? text : text + "\nNot applicable:\n\n" + notes;
}

} // namespace

std::string make_table(const Run &run, const TableOptions &options)
{
	const Results results{run};
	if (results.places().empty())
		return fmt::format("{}\nNothing was measured.\n{}", make_head(run), make_notes(run, "- "));
	return options.markdown ? markdown_table(run, results, options) : text_table(run, results, options);
}

} // namespace bench
