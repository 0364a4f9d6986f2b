// SPDX-License-Identifier: GPL-2.0
// Curves in panels: latency against delay, with names at the curves' ends; backlog over time.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "plot.h"
#include "presentation.h"

namespace bench {

namespace {

constexpr int width = 900;
constexpr int panel_height = 290;
constexpr int title_pixels = 40;
constexpr int names_pixels = 118;	// beside a panel

struct Curve {
	std::string target;
	Series points;
};

struct Panel {
	std::string title;
	std::vector<Curve> curves;
};

// A page of panels, two beside each other.
class Page {
public:
	Page(std::string name, const std::string &title, std::size_t panels, int right_margin,
	     const std::vector<std::string> &legend_of)
		: columns_{panels > 1 ? 2 : 1}, right_margin_{right_margin}, head_{title_pixels + legend_height(legend_of.size())},
		  plot_{std::move(name), width, head_ + panel_height * static_cast<int>((panels + 1) / 2), common_style()}
	{
		add(text_at(plot_, width / 2.0, 20, title, Align::centre, 16));
		add(legend(plot_, 62, title_pixels, legend_of));
		// Once for the page, not for each panel.
		add("set multiplot\n");
	}

	void add(const std::string &commands) { plot_.commands += commands; }

	// Begins the next panel.
	void begin_panel(const std::string &title, const std::string &x_label)
	{
		const auto column = next_ % columns_, row = next_ / columns_;
		const auto panel_width = width / columns_;
		left_ = column * panel_width + 62;
		right_ = (column + 1) * panel_width - right_margin_;
		top_ = head_ + row * panel_height + 30;
		bottom_ = head_ + (row + 1) * panel_height - 58;
		if (next_++)
			add("unset label\n");
		add(fmt::format("set lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\n"
				"set tmargin at screen {:.4f}\nset bmargin at screen {:.4f}\n",
				left_ / width, right_ / width, 1 - top_ / plot_.height, 1 - bottom_ / plot_.height));
		add(text_at(plot_, (left_ + right_) / 2, top_ - 14, title, Align::centre));
		add(text_at(plot_, (left_ + right_) / 2, bottom_ + 38, x_label, Align::centre, 12));
	}

	// Names beside the right border, at given parts of its height; moved apart where they would overlap.
	void name_curves(const std::vector<Curve> &curves, std::vector<double> at)
	{
		const auto panel_pixels = bottom_ - top_;
		at = spread(std::move(at), 15 / panel_pixels, 0, 1);
		for (std::size_t i = 0; i < curves.size(); i++)
			add(text_at(plot_, right_ + 8, bottom_ - at[i] * panel_pixels, curves[i].target, Align::left, 12,
				    target_colour(curves[i].target)));
	}

	Plot finish()
	{
		add("unset multiplot\n");
		return plot_;
	}

private:
	int columns_, right_margin_, head_, next_ = 0;
	double left_ = 0, right_ = 0, top_ = 0, bottom_ = 0;	// of the panel, in pixels of the page
	Plot plot_;
};

// Ours on top, but for the limit, which is dashed.
std::vector<std::string> drawing_order(const std::vector<std::string> &targets)
{
	const auto rank = [](const auto &target) { return target == limit_target ? 2 : target == our_target ? 1 : 0; };
	auto order = targets;
	std::stable_sort(order.begin(), order.end(), [&](const auto &a, const auto &b) { return rank(a) < rank(b); });
	return order;
}

double line_width(const Panel &panel, std::size_t i)
{
	const auto &target = panel.curves[i].target;
	if (target == limit_target)
		return 1.4;
	if (target == our_target)
		return 3.4;
	// Peers each narrower than the one before it, so that curves in the same place are all seen.
	const auto peers = std::count_if(panel.curves.begin(), panel.curves.end(), [](const auto &curve) {
		return curve.target != limit_target && curve.target != our_target;
	});
	return 1.6 + 1.5 * (static_cast<double>(peers) - 1 - static_cast<double>(i));
}

enum class Style { points, steps };

std::string curve_style(const Panel &panel, std::size_t i, Style style)
{
	const auto &target = panel.curves[i].target;
	const auto line = fmt::format("linecolor rgb '{}' linewidth {:.1f}", target_colour(target), line_width(panel, i));
	if (style == Style::steps)
		return fmt::format("with steps linecolor rgb '{}' linewidth 2", target_colour(target));
	return target == limit_target ? fmt::format("with lines {} dashtype (6,5)", line)
				      : fmt::format("with linespoints {} pointtype 7 pointsize 0.5", line);
}

std::string curve_data(const std::string &name, const Curve &curve)
{
	std::vector<std::string> lines;
	for (const auto &[x, y] : curve.points)
		lines.push_back(fmt::format("{} {}", x, y));
	return data_block(name, lines);
}

// Data of all curves of a panel, and the command that plots them.
std::string plot_panel(const Panel &panel, std::size_t number, const std::string &columns, Style style)
{
	std::string data;
	std::vector<std::string> plots;

	for (std::size_t i = 0; i < panel.curves.size(); i++) {
		const auto name = fmt::format("curve{}_{}", number, i);
		data += curve_data(name, panel.curves[i]);
		plots.push_back(fmt::format("${} using {} {}", name, columns, curve_style(panel, i, style)));
	}
	return data + fmt::format("plot {}\n", fmt::join(plots, ", \\\n\t"));
}

//
// Latency against delay
//

std::vector<Panel> delay_panels(const Results &results)
{
	std::map<std::pair<std::string, std::string>, std::map<std::string, Series>> found;
	std::vector<Panel> panels;

	for (const auto &place : results.places()) {
		if (!is_in_delay_plot(place.scenario, place.variant) || place.slow_ms <= 0)
			continue;
		const auto p50 = results.latencies(place).front();
		for (const auto &target : results.targets())
			if (const auto value = results.value(place, target, p50); value && *value > 0)
				found[{place.scenario, place.variant}][target].emplace_back(place.slow_ms, *value);
	}
	for (const auto &[what, curves] : found) {
		Panel panel{measurement_label(what.first, what.second), {}};
		auto is_curve = false;
		for (const auto &target : drawing_order(results.targets()))
			if (const auto curve = curves.find(target); curve != curves.end()) {
				panel.curves.push_back({target, curve->second});
				is_curve = is_curve || curve->second.size() > 1;
			}
		if (is_curve)
			panels.push_back(std::move(panel));
	}
	return panels;
}

struct Limits {
	double x_low = 1e300, x_high = 0, y_low = 1e300, y_high = 0;
};

Limits limits_of(const std::vector<Panel> &panels)
{
	Limits l;
	for (const auto &panel : panels)
		for (const auto &curve : panel.curves)
			for (const auto &[x, y] : curve.points) {
				l.x_low = std::min(l.x_low, x);
				l.x_high = std::max(l.x_high, x);
				l.y_low = std::min(l.y_low, y);
				l.y_high = std::max(l.y_high, y);
			}
	return l;
}

std::set<double> delays_in(const std::vector<Panel> &panels)
{
	std::set<double> delays;
	for (const auto &panel : panels)
		for (const auto &curve : panel.curves)
			for (const auto &[x, y] : curve.points)
				delays.insert(x);
	return delays;
}

//
// Backlog over time
//

std::vector<std::string> targets_in(const std::vector<Panel> &panels, std::vector<std::string> targets)
{
	std::erase_if(targets, [&](const auto &target) {
		return std::none_of(panels.begin(), panels.end(), [&](const auto &panel) {
			return std::any_of(panel.curves.begin(), panel.curves.end(),
					   [&](const auto &curve) { return curve.target == target; });
		});
	});
	return targets;
}

std::vector<Panel> backlog_panels(const Results &results, double slow_ms)
{
	std::vector<Panel> panels;

	for (const auto &place : results.places()) {
		if (place.slow_ms != slow_ms)
			continue;
		Panel panel{measurement_label(place.scenario, place.variant), {}};
		for (const auto &target : drawing_order(results.targets())) {
			const auto *record = results.find(place, target);
			if (!record)
				continue;
			const auto series = record->series.find("backlog");
			if (series != record->series.end() && !series->second.empty() && target != limit_target)
				panel.curves.push_back({target, series->second});
		}
		if (!panel.curves.empty())
			panels.push_back(std::move(panel));
	}
	return panels;
}

} // namespace

std::optional<Plot> plot_delays(const Results &results)
{
	const auto panels = delay_panels(results);
	if (panels.empty())
		return std::nullopt;

	const auto limits = limits_of(panels);
	const auto low = decade_below(limits.y_low), high = decade_above(limits.y_high);
	std::vector<std::string> tics;
	for (const auto delay : delays_in(panels))
		tics.push_back(fmt::format("{} {}", quote(format_delay(delay)), delay));

	Page page{"delay", "Median write latency against the slow leg's delay", panels.size(), names_pixels, {}};
	page.add(log_time_axis('y', low, high));
	page.add(fmt::format("set logscale x\nset xrange [{}:{}]\nset xtics ({})\nset grid xtics linestyle 100\n",
			     limits.x_low / 1.15, limits.x_high * 1.15, fmt::join(tics, ", ")));
	for (std::size_t i = 0; i < panels.size(); i++) {
		std::vector<double> ends;
		for (const auto &curve : panels[i].curves)
			ends.push_back(std::log(curve.points.back().second / low) / std::log(high / low));
		page.begin_panel(panels[i].title, "a write to the slow leg takes");
		page.name_curves(panels[i].curves, ends);
		page.add(plot_panel(panels[i], i, "1:2", Style::points));
	}
	return page.finish();
}

std::optional<Plot> plot_backlogs(const Results &results, double slow_ms)
{
	const auto panels = backlog_panels(results, slow_ms);
	if (panels.empty())
		return std::nullopt;

	Page page{"backlog", fmt::format("Writes on their way to a slow leg of {}", format_delay(slow_ms)), panels.size(), 24,
		  targets_in(panels, results.targets())};
	page.add("set grid ytics linestyle 100\n");
	for (std::size_t i = 0; i < panels.size(); i++) {
		const auto limits = limits_of({panels[i]});
		page.begin_panel(panels[i].title, "seconds");
		page.add(fmt::format("set xrange [0:{}]\nset yrange [0:{}]\n", std::max(limits.x_high, 1.0) / 1000,
				     std::max(limits.y_high, 1.0) * 1.08));
		page.add(plot_panel(panels[i], i, "($1/1000):2", Style::steps));
	}
	return page.finish();
}

std::vector<Plot> make_plots(const Results &results, double slow_ms)
{
	std::vector<Plot> plots;
	for (auto &plot : {plot_latencies(results, slow_ms), plot_delays(results), plot_backlogs(results, slow_ms)})
		if (plot)
			plots.push_back(*plot);
	return plots;
}

} // namespace bench
