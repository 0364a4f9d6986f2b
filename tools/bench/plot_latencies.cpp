// SPDX-License-Identifier: GPL-2.0
// Horizontal bars, a group a measurement: p50 as bar, p99 as whisker, both in figures beside it.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "plot.h"
#include "presentation.h"

namespace bench {

namespace {

constexpr double gap = 1.1;	// between groups, in bars
constexpr int bar_pixels = 15;
constexpr int width = 900;
constexpr int title_pixels = 38, bottom_pixels = 54, left_pixels = 200;

struct Bar {
	double y;
	std::string target;
	std::optional<double> p50, p99;
};

struct Bars {
	std::vector<Bar> bars;
	std::map<double, std::string> groups;	// label by middle
	double end = 0;
};

std::string figures(const Bar &bar)
{
	auto text = format_latency(*bar.p50);
	if (bar.p99 && format_latency(*bar.p99) != text)
		text += fmt::format("  ({})", format_latency(*bar.p99));
	return with_micro_sign(text);
}

Bars make_bars(const Results &results, double slow_ms)
{
	Bars bars;

	for (const auto &place : results.places()) {
		if (place.slow_ms != slow_ms || !is_in_latency_plot(place.scenario, place.variant))
			continue;
		const auto latencies = results.latencies(place);
		const auto begin = bars.end;
		auto found = false;
		auto y = begin + gap / 2;
		std::vector<Bar> group;
		for (const auto &target : results.targets()) {
			group.push_back({y + 0.5, target, results.value(place, target, latencies[0]),
					 results.value(place, target, latencies[1])});
			if (group.back().p50.value_or(0) <= 0)
				group.back().p50.reset();
			found = found || group.back().p50;
			y++;
		}
		if (!found)
			continue;
		bars.end = y + gap / 2;
		bars.groups[(begin + bars.end) / 2] = measurement_label(place.scenario, place.variant);
		bars.bars.insert(bars.bars.end(), group.begin(), group.end());
	}
	return bars;
}

// From the first decade to the last, and room for figures.
struct Scale {
	double low = 1e300, high = 0;

	explicit Scale(const Bars &bars)
	{
		for (const auto &bar : bars.bars)
			if (bar.p50) {
				low = std::min(low, *bar.p50);
				high = std::max({high, *bar.p50, bar.p99.value_or(0)});
			}
		low = decade_below(low);
		high *= 5;
	}
};

// Bars, whiskers and figures of one target: their data, and how to plot it.
struct Layer {
	std::string data;
	std::vector<std::string> plots;
};

Layer make_layer(const Bars &bars, const Scale &scale, const std::string &target, std::size_t number)
{
	const auto block = fmt::format("bars{}", number);
	std::vector<std::string> lines;

	for (const auto &bar : bars.bars) {
		if (bar.target != target)
			continue;
		if (bar.p50) {
			const auto end = std::max(*bar.p50, bar.p99.value_or(0));
			lines.push_back(fmt::format("{} {} {} {} {} \"{}\"", *bar.p50, bar.y, scale.low, end, end * 1.1,
						    figures(bar)));
		} else {
			lines.push_back(fmt::format("{0} {1} {0} {0} {2} \"n/a\"", scale.low, bar.y, scale.low * 1.08));
		}
	}
	return {
		data_block(block, lines),
		{
			fmt::format("${} using 1:2:3:1:($2-0.43):($2+0.43) with boxxyerror linecolor rgb '{}'",
				    block, target_colour(target)),
			fmt::format("${} using 1:2:1:4 with xerrorbars pointtype 0 linecolor rgb '#303030' linewidth 1.1",
				    block),
			fmt::format("${} using 5:2:6 with labels left font ',11' textcolor rgb '#303030'", block),
		},
	};
}

} // namespace

std::optional<Plot> plot_latencies(const Results &results, double slow_ms)
{
	const auto bars = make_bars(results, slow_ms);
	if (bars.bars.empty())
		return std::nullopt;

	const Scale scale{bars};
	const auto top = title_pixels + legend_height(results.targets().size()) + 8;
	Plot plot{"latency", width, top + bottom_pixels + static_cast<int>(bars.end * bar_pixels), common_style()};
	std::vector<std::string> plots, tics;

	for (std::size_t i = 0; i < results.targets().size(); i++) {
		const auto layer = make_layer(bars, scale, results.targets()[i], i);
		plot.commands += layer.data;
		plots.insert(plots.end(), layer.plots.begin(), layer.plots.end());
	}
	for (const auto &[y, label] : bars.groups)
		tics.push_back(fmt::format("{} {}", quote(label), y));

	plot.commands += text_at(plot, width / 2.0, 20, fmt::format("Write latency with a slow leg of {}",
								     format_delay(slow_ms)), Align::centre, 16);
	plot.commands += legend(plot, left_pixels, title_pixels, results.targets());
	plot.commands += text_at(plot, width / 2.0, plot.height - 12,
				 "bar: p50, whisker and figure in brackets: p99; log scale", Align::centre, 12);
	plot.commands += log_time_axis('x', scale.low, scale.high);
	plot.commands += fmt::format("set yrange [{}:0]\nset ytics ({}) scale 0\nset bars 0.35\n", bars.end,
				     fmt::join(tics, ", "));
	plot.commands += fmt::format("set lmargin at screen {:.4f}\nset rmargin at screen 0.985\n"
				     "set tmargin at screen {:.4f}\nset bmargin at screen {:.4f}\n",
				     static_cast<double>(left_pixels) / width, 1 - static_cast<double>(top) / plot.height,
				     static_cast<double>(bottom_pixels) / plot.height);
	plot.commands += fmt::format("plot {}\n", fmt::join(plots, ", \\\n\t"));
	return plot;
}

} // namespace bench
