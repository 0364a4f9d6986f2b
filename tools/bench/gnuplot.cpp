// SPDX-License-Identifier: GPL-2.0
#include "gnuplot.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numeric>

#include <fmt/format.h>

#include "metric.h"
#include "presentation.h"
#include "run.h"

namespace bench {

namespace {

// Twice the SVG's pixels: readable on dense screens.
constexpr int png_scale = 2;
constexpr std::string_view font = "DejaVu Sans,Helvetica,Arial,sans-serif";
// Pixels in the SVG, points in the PNG.
constexpr int font_size = 13;
constexpr double points_per_pixel = 0.75;

constexpr std::size_t legend_columns = 3;
constexpr int legend_line = 20;

std::string svg_terminal(const Plot &plot, const std::filesystem::path &path)
{
	return fmt::format("set terminal svg noenhanced rounded size {},{} font {} fontscale 1 background '#ffffff'\n"
			   "set output {}\n", plot.width, plot.height,
			   quote(fmt::format("{},{}", font, font_size)), quote(path.string()));
}

std::string png_terminal(const Plot &plot, const std::filesystem::path &path)
{
	return fmt::format("set terminal pngcairo noenhanced rounded size {},{} font {} fontscale {} linewidth {} "
			   "pointscale {} background '#ffffff'\nset output {}\n",
			   plot.width * png_scale, plot.height * png_scale,
			   quote(fmt::format("DejaVu Sans,{}", font_size)), png_scale * points_per_pixel, png_scale,
			   png_scale, quote(path.string()));
}

void run_gnuplot(const std::string &script)
{
	const auto close = [](std::FILE *file) { return file ? pclose(file) : 0; };
	// A gnuplot that is not there shows in its exit status.
	std::signal(SIGPIPE, SIG_IGN);
	std::unique_ptr<std::FILE, decltype(close)> pipe{popen("gnuplot", "w"), close};
	if (!pipe)
		throw Error(fmt::format("cannot start gnuplot: {}", std::strerror(errno)));
	std::fwrite(script.data(), 1, script.size(), pipe.get());
	const auto status = close(pipe.release());
	if (status == 127 << 8)
		throw Error("no gnuplot: install gnuplot-nox");
	if (status)
		throw Error(fmt::format("gnuplot failed, status {:#x}; what it said is above", status));
}

} // namespace

std::string quote(std::string_view text)
{
	std::string result = "'";
	for (const auto c : text) {
		if (c == '\'')
			result += '\'';
		result += c == '\n' ? ' ' : c;
	}
	return result + "'";
}

std::string data_block(std::string_view name, const std::vector<std::string> &lines)
{
	return fmt::format("${} << END_OF_DATA\n{}\nEND_OF_DATA\n", name, fmt::join(lines, "\n"));
}

std::string common_style()
{
	return "set encoding utf8\n"
	       "set style fill solid 1 noborder\n"
	       "set style line 100 linecolor rgb '#d8d8d8' linewidth 0.7\n"
	       "set border 3 linecolor rgb '#808080' linewidth 0.8\n"
	       "set tics nomirror textcolor rgb '#303030' scale 0.5\n"
	       "unset key\n";
}

std::string text_at(const Plot &plot, double x, double y, std::string_view text, Align align, int size,
		    std::string_view colour)
{
	return fmt::format("set label {} at screen {:.4f}, screen {:.4f} {} front font ',{}' textcolor rgb '{}'\n",
			   quote(text), x / plot.width, 1 - y / plot.height, align == Align::left ? "left" : "center",
			   size, colour);
}

std::string legend(const Plot &plot, double x, double y, const std::vector<std::string> &targets)
{
	std::string script;
	for (std::size_t i = 0; i < targets.size(); i++) {
		const auto left = x + static_cast<double>(i % legend_columns) * (plot.width - x) / legend_columns;
		const auto line = y + static_cast<double>(i / legend_columns) * legend_line + legend_line / 2.0;
		script += text_at(plot, left, line, "■", Align::left, font_size, target_colour(targets[i]));
		script += text_at(plot, left + 16, line, target_label(targets[i]));
	}
	return script;
}

int legend_height(std::size_t targets)
{
	return static_cast<int>((targets + legend_columns - 1) / legend_columns) * legend_line;
}

std::string log_time_axis(char axis, double low, double high)
{
	std::vector<std::string> tics;

	for (auto at = decade_above(low); at <= high * 1.001; at *= 10) {
		auto text = format_latency(at);
		if (const auto dot = text.find(".0 "); dot != text.npos)
			text.erase(dot, 2);
		tics.push_back(fmt::format("{} {}", quote(with_micro_sign(text)), at));
	}
	// gnuplot leaves out a tic that is the very end of the range.
	return fmt::format("set logscale {0}\nset {0}range [{1}:{2}]\nset {0}tics ({3})\nset grid {0}tics linestyle 100\n",
			   axis, low / 1.0001, high * 1.0001, fmt::join(tics, ", "));
}

std::string with_micro_sign(std::string text)
{
	for (auto at = text.find(" us"); at != text.npos; at = text.find(" us", at))
		text.replace(at, 3, " µs");
	return text;
}

double decade_below(double value)
{
	return std::pow(10, std::floor(std::log10(value) + 1e-9));
}

double decade_above(double value)
{
	return std::pow(10, std::ceil(std::log10(value) - 1e-9));
}

std::vector<double> spread(std::vector<double> positions, double distance, double low, double high)
{
	std::vector<std::size_t> order(positions.size());
	std::iota(order.begin(), order.end(), 0);
	std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return positions[a] < positions[b]; });

	// Groups of labels that touch, each around the mean of where its labels wanted to be.
	struct Group {
		double wanted;
		std::size_t size;
		double first(double step) const { return wanted / size - (size - 1) * step / 2; }
	};
	std::vector<Group> groups;
	for (const auto i : order) {
		groups.push_back({positions[i], 1});
		while (groups.size() > 1) {
			auto &last = groups.back();
			auto &before = groups[groups.size() - 2];
			if (last.first(distance) - before.first(distance) >= before.size * distance)
				break;
			before = {before.wanted + last.wanted, before.size + last.size};
			groups.pop_back();
		}
	}

	auto next = order.begin();
	auto least = low;
	for (const auto &group : groups) {
		auto at = std::max(least, group.first(distance));
		for (std::size_t i = 0; i < group.size; i++, at += distance)
			positions[*next++] = at;
		least = at;
	}
	// What is now too high pushes down what is below it.
	auto most = high;
	for (auto i = order.rbegin(); i != order.rend() && positions[*i] > most; ++i, most -= distance)
		positions[*i] = most;
	return positions;
}

void draw(const Plot &plot, const std::filesystem::path &directory)
{
	std::error_code error;
	std::filesystem::create_directories(directory, error);
	if (error)
		throw Error(fmt::format("{}: cannot make the directory: {}", directory.string(), error.message()));

	const auto path = directory / plot.name;
	run_gnuplot(svg_terminal(plot, path.string() + ".svg") + plot.commands +
		    "unset output\nreset session\n" +
		    png_terminal(plot, path.string() + ".png") + plot.commands + "unset output\n");
}

} // namespace bench
