// SPDX-License-Identifier: GPL-2.0
// What all plots have in common: look, units on axes, labels that do not overlap; and running gnuplot.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

// What gnuplot is told, but for terminal and output.
struct Plot {
	std::string name;	// of the files
	int width, height;	// in pixels of the SVG
	std::string commands;
};

// Writes NAME.svg and NAME.png to the directory. Throws Error if gnuplot fails.
void draw(const Plot &plot, const std::filesystem::path &directory);

// In single quotes, where gnuplot interprets nothing.
std::string quote(std::string_view text);

// A named block of data, a line each.
std::string data_block(std::string_view name, const std::vector<std::string> &lines);

// Settings that every plot begins with.
std::string common_style();

// Text at a place on the page, in pixels from its upper left corner. Where gnuplot would put titles and keys depends on
// how wide it takes the letters to be, which differs between SVG and PNG.
enum class Align { left, centre };
std::string text_at(const Plot &plot, double x, double y, std::string_view text, Align align = Align::left,
		    int font_size = 13, std::string_view colour = "#303030");

// Names of targets in their colours, three in a row; and the height of that.
std::string legend(const Plot &plot, double x, double y, const std::vector<std::string> &targets);
int legend_height(std::size_t targets);

// Range and tics of an axis: microseconds on a log scale, decade by decade.
std::string log_time_axis(char axis, double low, double high);

// 74 us: 74 µs.
std::string with_micro_sign(std::string text);

// The power of ten at or below, at or above.
double decade_below(double value);
double decade_above(double value);

// Moves positions in one dimension apart until any two are that distant, and none is too low or too high. They keep
// their order, and stay about where they were. If there is not room for all, the lowest end up below the limit.
std::vector<double> spread(std::vector<double> positions, double distance, double low, double high);

} // namespace bench
