#include "soak/model.h"

#include "soak/random.h"

#include <sstream>

#include <gtest/gtest.h>

namespace soak {
namespace {

constexpr Sectors size{64};
constexpr Range all{{0}, {4}};

using Data = std::vector<std::byte>;

Data data_of(Range range, std::uint32_t write)
{
	Data data(range.length.bytes().count);
	fill(data, range.begin, static_cast<Content>(write));
	return data;
}

Data zeroes(Range range)
{
	return Data(range.length.bytes().count);
}

Model zeroed()
{
	Model model(size);
	model.set_all(Content::zeroes);
	return model;
}

// Could a look that begins and ends now find that?
bool may_hold(Model &model, Range range, const Data &data)
{
	return !model.judge(model.look(range), data, false);
}

void see(Model &model, Range range, const Data &data)
{
	const auto complaint = model.judge(model.look(range), data, true);
	EXPECT_FALSE(complaint) << complaint->text;
}

TEST(Model, AnUnwrittenSectorMayHoldAnythingUntilItIsSeen)
{
	Model model(size);
	EXPECT_TRUE(may_hold(model, all, data_of(all, 99)));
	see(model, all, zeroes(all));
	EXPECT_TRUE(may_hold(model, all, zeroes(all)));
	EXPECT_FALSE(may_hold(model, all, data_of(all, 99)));
}

TEST(Model, AnAcknowledgedWriteIsThere)
{
	Model model = zeroed();
	const auto write = model.begin(Kind::write, all);
	EXPECT_TRUE(may_hold(model, all, zeroes(all)));
	EXPECT_TRUE(may_hold(model, all, data_of(all, write)));
	model.end(write, End::certain);
	EXPECT_FALSE(may_hold(model, all, zeroes(all)));
	EXPECT_TRUE(may_hold(model, all, data_of(all, write)));
	EXPECT_EQ(model.open(), 0U);
}

TEST(Model, AWriteLostInACrashIsThereOrNotSectorBySector)
{
	Model model = zeroed();
	const auto write = model.begin(Kind::write, all);
	model.abandon();
	Data mixed = data_of(all, write);
	std::fill_n(mixed.begin(), sector_bytes, std::byte{});
	EXPECT_TRUE(may_hold(model, all, mixed));
	EXPECT_FALSE(may_hold(model, all, data_of(all, write + 1)));
	// What has been seen stays.
	see(model, all, mixed);
	EXPECT_TRUE(may_hold(model, all, mixed));
	EXPECT_FALSE(may_hold(model, all, data_of(all, write)));
	EXPECT_FALSE(may_hold(model, all, zeroes(all)));
}

TEST(Model, OfTwoWritesAtTheSameTimeAnyMayBeLast)
{
	Model model = zeroed();
	const auto one = model.begin(Kind::write, all), two = model.begin(Kind::write, all);
	model.end(two, End::certain);
	EXPECT_FALSE(may_hold(model, all, zeroes(all)));
	model.end(one, End::certain);
	EXPECT_TRUE(may_hold(model, all, data_of(all, one)));
	EXPECT_TRUE(may_hold(model, all, data_of(all, two)));
	const auto three = model.begin(Kind::write, all);
	model.end(three, End::certain);
	EXPECT_FALSE(may_hold(model, all, data_of(all, one)));
	EXPECT_FALSE(may_hold(model, all, data_of(all, two)));
	EXPECT_EQ(model.open(), 0U);
}

TEST(Model, AWriteAfterOneInDoubtEndsTheDoubt)
{
	Model model = zeroed();
	const auto one = model.begin(Kind::write, all);
	model.end(one, End::doubtful);
	const auto two = model.begin(Kind::write, all);
	model.end(two, End::certain);
	EXPECT_FALSE(may_hold(model, all, data_of(all, one)));
	EXPECT_FALSE(may_hold(model, all, zeroes(all)));
}

TEST(Model, ADiscardIsAHint)
{
	Model model = zeroed();
	const auto write = model.begin(Kind::write, all);
	model.end(write, End::certain);
	model.end(model.begin(Kind::discard, all), End::certain);
	EXPECT_TRUE(may_hold(model, all, zeroes(all)));
	EXPECT_TRUE(may_hold(model, all, data_of(all, write)));
	model.end(model.begin(Kind::zero, all), End::certain);
	EXPECT_TRUE(may_hold(model, all, zeroes(all)));
	EXPECT_FALSE(may_hold(model, all, data_of(all, write)));
}

TEST(Model, ALookMayFindWhatWasThereWhenItBegan)
{
	Model model = zeroed();
	const Look look = model.look(all);
	const auto one = model.begin(Kind::write, all);
	model.end(one, End::certain);
	const auto two = model.begin(Kind::write, all);
	model.end(two, End::certain);
	EXPECT_FALSE(model.judge(look, zeroes(all), false));
	EXPECT_FALSE(model.judge(look, data_of(all, one), false));
	EXPECT_FALSE(model.judge(look, data_of(all, two), false));
	EXPECT_TRUE(model.judge(look, data_of(all, two + 1), false));
	EXPECT_FALSE(may_hold(model, all, data_of(all, one)));
}

TEST(Model, ALookThatBeganBeforeAWriteSettlesNothing)
{
	Model model = zeroed();
	const auto one = model.begin(Kind::write, all);
	model.end(one, End::doubtful);
	const Look look = model.look(all);
	const auto two = model.begin(Kind::write, all);
	model.end(two, End::doubtful);
	EXPECT_FALSE(model.judge(look, data_of(all, one), true));
	EXPECT_TRUE(may_hold(model, all, data_of(all, two)));
}

TEST(Model, ResizedSectorsMayHoldAnything)
{
	Model model = zeroed();
	const Range last{{60}, {4}};
	model.resize({60});
	EXPECT_EQ(model.size(), Sectors{60});
	model.resize(size);
	EXPECT_TRUE(may_hold(model, last, data_of(last, 99)));
	EXPECT_FALSE(may_hold(model, all, data_of(all, 99)));
}

TEST(Model, WhatIsSavedIsLoaded)
{
	Model model = zeroed();
	const auto one = model.begin(Kind::write, all), two = model.begin(Kind::write, all);
	model.end(one, End::doubtful);
	std::stringstream stream;
	model.save(stream);
	Model copy = Model::load(stream);
	copy.end(two, End::certain);
	EXPECT_TRUE(may_hold(copy, all, data_of(all, one)));
	EXPECT_TRUE(may_hold(copy, all, data_of(all, two)));
	EXPECT_FALSE(may_hold(copy, all, zeroes(all)));
	EXPECT_GT(copy.begin(Kind::write, all), two);
}

// A disk that does what a disk may: writes take effect at some time between begin and end, sector by sector.
class Disk {
public:
	explicit Disk(Random &random) : random_(random), contents_(size.count, Content::zeroes) {}

	void land(std::uint32_t write, Range range, unsigned percent)
	{
		for (std::uint64_t sector = range.begin.count; sector < range.end().count; sector++)
			if (random_.percent(percent))
				contents_[sector] = static_cast<Content>(write);
	}

	Data read(Range range) const
	{
		Data data(range.length.bytes().count);
		for (std::uint64_t i = 0; i < range.length.count; i++)
			if (const Content content = contents_[range.begin.count + i]; content != Content::zeroes)
				fill(std::span(data).subspan(i * sector_bytes, sector_bytes), {range.begin.count + i},
				     content);
		return data;
	}

private:
	Random &random_;
	std::vector<Content> contents_;
};

// half OLD NEW: one sector that begins like the new and ends like the old.
Data half(Range range, std::uint32_t old, std::uint32_t newer)
{
	Data data(sector_bytes), begin(sector_bytes);
	fill(data, range.begin, static_cast<Content>(old));
	fill(begin, range.begin, static_cast<Content>(newer));
	std::copy_n(begin.begin(), sector_bytes / 2, data.begin());
	return data;
}

TEST(Model, ASectorIsTornOnlyWhileItIsWritten)
{
	const Range range{{3}, {1}};
	Model model = zeroed();
	const std::uint32_t first = model.begin(Kind::write, range);
	model.end(first, End::certain);
	Look before = model.look(range);
	const std::uint32_t second = model.begin(Kind::write, range);
	const Data torn = half(range, first, second);
	EXPECT_FALSE(model.judge(before, torn, true)) << "begun while we looked";
	EXPECT_FALSE(model.judge(model.look(range), torn, true)) << "under way";
	EXPECT_TRUE(model.judge(model.look(range), half(range, first, second + 1), true)) << "of another write";
	const Look during = model.look(range);
	model.end(second, End::certain);
	EXPECT_FALSE(model.judge(during, torn, true)) << "ended while we looked";
	EXPECT_TRUE(model.judge(model.look(range), torn, true)) << "after it ended";
}

TEST(Model, WhatACrashHasTornStaysWrong)
{
	const Range range{{3}, {1}};
	Model model = zeroed();
	const std::uint32_t first = model.begin(Kind::write, range);
	model.end(first, End::certain);
	const std::uint32_t second = model.begin(Kind::write, range);
	model.abandon();
	const Look look = model.look(range);
	const std::uint32_t elsewhere = model.begin(Kind::write, {{9}, {1}});
	EXPECT_TRUE(model.judge(look, half(range, first, second), true));
	model.end(elsewhere, End::certain);
}

// Whatever such a disk does is acceptable.
TEST(Model, RandomRunsOfAnHonestDiskAreAccepted)
{
	for (std::uint64_t seed = 0; seed < 200; seed++) {
		Random random({seed});
		Disk disk(random);
		Model model = zeroed();
		std::vector<std::pair<std::uint32_t, Range>> flying;
		for (int i = 0; i < 300; i++) {
			const Sectors begin{random.below(size.count - 8)};
			const Range range{begin, {random.between(1, 8)}};
			const auto step = random.below(10);
			if (step < 4) {
				flying.emplace_back(model.begin(Kind::write, range), range);
			} else if (step < 7 && !flying.empty()) {
				const auto at = flying.begin() + static_cast<std::ptrdiff_t>(random.below(flying.size()));
				// All of it lands, at the latest, when it is acknowledged.
				disk.land(at->first, at->second, 100);
				model.end(at->first, End::certain);
				flying.erase(at);
			} else if (step == 7) {
				for (const auto &[write, where] : flying)
					disk.land(write, where, 30);
				if (random.percent(20)) {
					model.abandon();
					flying.clear();
				}
			} else {
				const auto complaint = model.judge(model.look(range), disk.read(range), true);
				ASSERT_FALSE(complaint) << "seed " << seed << ": " << complaint->text;
			}
		}
	}
}

} // namespace
} // namespace soak
