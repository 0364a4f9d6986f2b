// The volatile cache of a member: what is visible, what is stable, what may be left after the power is lost.
#include "recorder/medium.h"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

using namespace recorder;

namespace {

constexpr lab::Bytes sector{512}, size{64 * 512};

std::vector<std::byte> filled(char value, std::uint64_t bytes = 512)
{
	return std::vector<std::byte>(bytes, std::byte(value));
}

char at(const Medium &medium, std::uint64_t number)
{
	const auto data = medium.read(lab::Sectors{number}.bytes(), sector);
	EXPECT_EQ(std::count(data.begin(), data.end(), data.front()), 512);
	return static_cast<char>(data.front());
}

// What sector 0 may hold after a loss of power that follows `history`.
template <typename History> std::set<char> left_after(History &&history)
{
	std::set<char> left;
	for (unsigned seed = 0; seed < 60; seed++) {
		std::mt19937_64 random(seed);
		Medium medium(size);
		history(medium);
		medium.lose_power(random);
		left.insert(at(medium, 0));
		medium.lose_power(random);
		EXPECT_TRUE(left.contains(at(medium, 0)));
	}
	return left;
}

} // namespace

TEST(Medium, ShowsWhatIsWritten)
{
	Medium medium(size);
	medium.write(sector, filled('a', 1024), false);
	EXPECT_EQ(at(medium, 0), '\0');
	EXPECT_EQ(at(medium, 1), 'a');
	EXPECT_EQ(at(medium, 2), 'a');
	medium.zero(sector, sector, false);
	EXPECT_EQ(at(medium, 1), '\0');
	EXPECT_EQ(at(medium, 2), 'a');
}

TEST(Medium, MayKeepAnyVersionThatWasNotFlushed)
{
	EXPECT_EQ(left_after([](Medium &medium) {
			  medium.write({0}, filled('a'), false);
			  medium.write({0}, filled('b'), false);
		  }),
		  (std::set<char>{'\0', 'a', 'b'}));
}

TEST(Medium, KeepsWhatWasFlushed)
{
	EXPECT_EQ(left_after([](Medium &medium) {
			  medium.write({0}, filled('a'), false);
			  medium.write({0}, filled('b'), false);
			  medium.end_flush(medium.begin_flush());
			  medium.write({0}, filled('c'), false);
		  }),
		  (std::set<char>{'b', 'c'}));
}

TEST(Medium, FlushesWhatWasWrittenBeforeTheFlushBegan)
{
	EXPECT_EQ(left_after([](Medium &medium) {
			  medium.write({0}, filled('a'), false);
			  const auto flush = medium.begin_flush();
			  medium.write({0}, filled('b'), false);
			  medium.end_flush(flush);
		  }),
		  (std::set<char>{'a', 'b'}));
}

TEST(Medium, KeepsWhatHadFua)
{
	EXPECT_EQ(left_after([](Medium &medium) {
			  medium.write({0}, filled('a'), false);
			  medium.write({0}, filled('b'), true);
		  }),
		  (std::set<char>{'b'}));
	EXPECT_EQ(left_after([](Medium &medium) {
			  medium.write({0}, filled('a'), true);
			  medium.zero({0}, sector, true);
		  }),
		  (std::set<char>{'\0'}));
}

TEST(Medium, LosesSectorsIndependently)
{
	std::set<std::string> left;
	for (unsigned seed = 0; seed < 100; seed++) {
		std::mt19937_64 random(seed);
		Medium medium(size);
		medium.write({0}, filled('a', 1024), false);
		medium.lose_power(random);
		left.insert({at(medium, 0), at(medium, 1)});
	}
	EXPECT_EQ(left.size(), 4U);
}

TEST(Medium, ReportsWhatWasNotStable)
{
	std::mt19937_64 random(1);
	Medium medium(lab::Bytes{1 << 20});
	EXPECT_TRUE(medium.lose_power(random).empty());
	medium.write({0}, filled('a', 200 * 512), false);
	medium.write({300 * 512}, filled('b'), true);
	medium.doubt({400 * 512}, {1024});
	const auto pieces = medium.lose_power(random);
	ASSERT_EQ(pieces.size(), 3U);
	EXPECT_EQ(pieces[0].offset, lab::Bytes{0});
	EXPECT_EQ(pieces[0].data.size(), 128U * 512);
	EXPECT_EQ(pieces[1].offset, lab::Bytes{128 * 512});
	EXPECT_EQ(pieces[1].data.size(), 72U * 512);
	EXPECT_EQ(pieces[2].offset, lab::Bytes{400 * 512});
	EXPECT_EQ(pieces[2].data.size(), 1024U);
	EXPECT_EQ(pieces[0].data[0], medium.read({0}, sector)[0]);
	EXPECT_TRUE(medium.lose_power(random).empty());
}
