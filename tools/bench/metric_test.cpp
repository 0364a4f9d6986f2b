// SPDX-License-Identifier: GPL-2.0
// Names, units, directions; numbers as people read them.
#include "metric.h"

#include <limits>

#include <gtest/gtest.h>

namespace bench {
namespace {

struct Name {
	const char *name, *label, *unit;
	Better better;
};

class MetricName : public testing::TestWithParam<Name> {};

TEST_P(MetricName, SaysLabelUnitAndDirection)
{
	const Metric metric{GetParam().name};

	EXPECT_EQ(metric.label, GetParam().label);
	EXPECT_EQ(metric.unit, GetParam().unit);
	EXPECT_EQ(metric.better, GetParam().better);
}

INSTANTIATE_TEST_SUITE_P(, MetricName, testing::Values(
	Name{"p50_us", "p50", "us", Better::less},
	Name{"mean_lat_us", "mean lat", "us", Better::less},
	Name{"mib_s", "MiB/s", "MiB/s", Better::more},
	Name{"read_mib_s", "read", "MiB/s", Better::more},
	Name{"iops", "iops", "", Better::more},
	Name{"start_ms", "start", "ms", Better::less},
	Name{"duration_s", "duration", "s", Better::less},
	Name{"memory_kib", "memory", "KiB", Better::less},
	Name{"write_instructions", "write", "insns", Better::less},
	Name{"instructions", "insns", "insns", Better::less},
	Name{"cpu_us_per_write", "cpu/write", "us", Better::less},
	Name{"flushes_per_write", "flushes/write", "", Better::less},
	Name{"p50_ratio", "p50", "ratio", Better::more},
	Name{"low", "low", "", Better::neither},
	Name{"writes", "writes", "", Better::neither},
	Name{"_us", "us", "us", Better::less},
	Name{"", "", "", Better::neither}),
	[](const auto &info) { return "n" + std::to_string(info.index); });

TEST(Metric, TimesBetterKnowsTheDirection)
{
	EXPECT_EQ(times_better(Metric{"p50_us"}, 10, 40), 4);
	EXPECT_EQ(times_better(Metric{"mib_s"}, 10, 40), 0.25);
	EXPECT_EQ(times_better(Metric{"writes"}, 10, 40), std::nullopt);
	EXPECT_EQ(times_better(Metric{"p50_us"}, 0, 40), std::nullopt);
	EXPECT_EQ(times_better(Metric{"p50_us"}, 10, -1), std::nullopt);
}

TEST(Format, ValuesKeepFourDigitsThatCount)
{
	EXPECT_EQ(format_value(0), "0");
	EXPECT_EQ(format_value(73.984), "73.98");
	EXPECT_EQ(format_value(78.3), "78.3");
	EXPECT_EQ(format_value(20054.4), "20054");
	EXPECT_EQ(format_value(100), "100");
	EXPECT_EQ(format_value(0.012344), "0.01234");
	EXPECT_EQ(format_value(-2.5), "-2.5");
	EXPECT_EQ(format_value(1e-9), "0");
	EXPECT_EQ(format_value(16777216), "16777216");
}

TEST(Format, Ratios)
{
	EXPECT_EQ(format_ratio(1), "1.00x");
	EXPECT_EQ(format_ratio(9.996), "10.0x");
	EXPECT_EQ(format_ratio(27.08), "27.1x");
	EXPECT_EQ(format_ratio(99.96), "100x");
	EXPECT_EQ(format_ratio(0.0124), "0.012x");
	EXPECT_EQ(format_ratio(std::nullopt), "-");
	EXPECT_EQ(format_ratio(std::numeric_limits<double>::infinity()), "-");
}

TEST(Format, LatenciesTakeTheUnitThatReadsBest)
{
	EXPECT_EQ(format_latency(74.4), "74 us");
	EXPECT_EQ(format_latency(999.4), "999 us");
	EXPECT_EQ(format_latency(999.6), "1.0 ms");
	EXPECT_EQ(format_latency(20054), "20 ms");
	EXPECT_EQ(format_latency(1.5e6), "1.5 s");
	EXPECT_EQ(format_delay(20), "20 ms");
	EXPECT_EQ(format_delay(0.5), "0.5 ms");
	EXPECT_EQ(format_delay(0), "none");
}

} // namespace
} // namespace bench
