// For each thing that has to hold: a state that breaks it is found, one that does not is not.
#include "array.h"

#include "crashcheck/bytes.h"

#include <numeric>

#include <gtest/gtest.h>

namespace crashcheck::test {
namespace {

constexpr std::uint64_t chunk = 3;
constexpr std::uint64_t sector = chunk * 8;
constexpr std::int32_t bad_blocks_offset = 16;

#define EXPECT_FINE(violations)                               \
	do {                                                  \
		const auto found = violations;                \
		EXPECT_TRUE(found.empty()) << text_of(found); \
	} while (0)
// Check, and then, if it matters, rule and members.
#define EXPECT_FOUND(violations, ...)                                \
	do {                                                         \
		const auto found = violations;                       \
		EXPECT_TRUE(has(found, __VA_ARGS__)) << text_of(found); \
	} while (0)
#define EXPECT_NOT_FOUND(violations, ...)                             \
	do {                                                          \
		const auto found = violations;                        \
		EXPECT_FALSE(has(found, __VA_ARGS__)) << text_of(found); \
	} while (0)

struct Checks : testing::Test {
	Recording recording;

	void super(std::uint8_t member, std::uint64_t events, std::vector<Role> roles, lab::Sectors resync_offset = {})
	{
		MdSuper super = some_super(member, events);
		super.write_mostly = member == slow;
		super.resync_offset = resync_offset;
		super.roles = std::move(roles);
		recording.super(member, super);
	}
	void clean(std::uint64_t events)
	{
		for (const std::uint8_t member : {fast, slow})
			super(member, events, {Role{0}, Role{1}}, max_sector);
	}
	// The member records these sectors of the array as bad; none: it has no list.
	void bad(std::uint8_t member, std::uint64_t from, std::uint64_t sectors)
	{
		MdSuper super = some_super(member, 10);
		super.write_mostly = member == slow;
		super.has_bad_blocks = sectors > 0;
		super.bad_blocks_offset = bad_blocks_offset;
		super.bad_blocks_sectors = {1};
		recording.flushed(member, super_place + lab::Sectors{bad_blocks_offset}, bad_log(from, sectors));
		recording.super(member, super);
	}
	static Bytes bad_log(std::uint64_t from, std::uint64_t sectors)
	{
		Bytes log(lab::sector_bytes, std::byte{0xff});
		put_little_endian(std::span(log), 0, (data_place.count + from) << 10 | sectors);
		return log;
	}
	void bits(std::uint8_t member, const std::vector<std::uint64_t> &bits, std::uint64_t events = 10)
	{
		recording.bitmap(member, some_bitmap(events), bits);
	}
};

// ---- I1, I2, I10: bits ----

TEST_F(Checks, EqualLegsNeedNoBits)
{
	recording.array();
	for (const std::uint8_t member : {fast, slow})
		recording.flushed(member, data_place, letters('a', 8));
	EXPECT_FINE(Judge(recording).all());
}

// mdadm writes a superblock before the bitmap that it tells of.
TEST_F(Checks, AnArrayThatIsBeingCreatedMayBeNone)
{
	recording.bitmap(fast, some_bitmap(0), {});
	recording.super(fast, some_super(fast, 0));
	recording.super(slow, some_super(slow, 0));
	recording.mark("half created");
	recording.bitmap(slow, some_bitmap(0), {});
	const History history(recording.read());
	Walker walker(history);
	Checker checker(walker, rules_of(RuleSet::both), find_array(history));
	for (const lab::Record record : history.log())
		if (record.kind == lab::Kind::mark)
			walker.walk_to(static_cast<Moment>(record.index));
	const Choices choices(history.writes().size());
	EXPECT_FALSE(checker.is_array(choices));
	EXPECT_FINE(checker.check(choices));
}

TEST_F(Checks, AnArrayThatWasCreatedStays)
{
	recording.array();
	recording.write(slow, super_place + lab::Sectors{bitmap_offset}, letters('x', 1));
	EXPECT_FOUND(Judge(recording).all(), Check::array);
}

TEST_F(Checks, LegsMayDifferWhereTheBitIsSet)
{
	recording.array();
	bits(fast, {chunk});
	bits(slow, {chunk});
	recording.write_data(fast, sector, letters('a', 8));
	Judge judge(recording);
	EXPECT_FINE(judge.all());
	EXPECT_FINE(judge.none());
}

// What was looked at before, and what has become stable since.
TEST_F(Checks, EitherLegMayCatchUp)
{
	recording.array();
	const auto write_on = [&](std::uint8_t first, std::uint8_t second, char letter) {
		recording.flushed(first, data_place + lab::Sectors{sector}, letters(letter, 8));
		recording.mark("differ");
		recording.flushed(second, data_place + lab::Sectors{sector}, letters(letter, 8));
		recording.mark("equal");
	};
	write_on(fast, slow, 'a');
	write_on(slow, fast, 'b');
	const History history(recording.read());
	Walker walker(history);
	Checker checker(walker, rules_of(RuleSet::both), find_array(history));
	for (const lab::Record record : history.log())
		if (record.kind == lab::Kind::mark) {
			walker.walk_to(static_cast<Moment>(record.index));
			const auto found = checker.check(Choices(history.writes().size()));
			EXPECT_EQ(has(found, Check::bit), record.text == "differ") << record.index << ": " << text_of(found);
		}
}

TEST_F(Checks, LegsMayNotDifferWhereNoBitIsSet)
{
	recording.array();
	bits(fast, {chunk - 1, chunk + 1});
	bits(slow, {chunk - 1, chunk + 1});
	recording.write_data(fast, sector + 7, letters('a', 1));
	Judge judge(recording);
	EXPECT_FINE(judge.none());
	EXPECT_FOUND(judge.all(), Check::bit, "ours");
	EXPECT_FOUND(judge.all(), Check::bit, "kernel");
}

// The kernel believes any copy, we the slow leg's only if it is alone; then the fast leg would be added again.
TEST_F(Checks, TheBitHasToBeOnEveryCopyThatIsBelieved)
{
	recording.array();
	bits(fast, {chunk});
	recording.write_data(fast, sector, letters('a', 8));
	Judge judge(recording);
	EXPECT_NOT_FOUND(judge.all(), Check::bit, "ours");
	EXPECT_FOUND(judge.all(), Check::bit, "kernel", "members 1,0");
	EXPECT_FOUND(judge.all(), Check::readd, "ours", "members 1,");
}

// Facts F1.
TEST_F(Checks, ABitThatIsClearedTooEarlyIsFoundWhenThePageIsOnTheMedium)
{
	recording.array();
	bits(fast, {chunk});
	bits(slow, {chunk});
	recording.flushed(fast, data_place + lab::Sectors{sector}, letters('a', 8));
	recording.write_data(slow, sector, letters('a', 8)); // under way
	const lab::RequestId clearing =
		recording.write(fast, super_place + lab::Sectors{bitmap_offset}, bitmap_bytes(some_bitmap(10), {}));
	const std::string page = std::to_string(static_cast<std::uint64_t>(clearing));
	Judge judge(recording);
	EXPECT_NOT_FOUND(judge.none(), Check::bit);
	EXPECT_NOT_FOUND(judge.all(), Check::bit);
	EXPECT_FOUND(judge.state(":all:none"), Check::bit, "ours");
	EXPECT_FOUND(judge.state(":none+" + page + ".first1:none"), Check::bit, "ours");
}

TEST_F(Checks, AnOutdatedBitmapHasAllBitsSet)
{
	recording.array();
	for (const std::uint8_t member : {fast, slow})
		super(member, 11, {Role{0}, Role{1}});
	recording.write_data(fast, sector, letters('a', 8));
	EXPECT_NOT_FOUND(Judge(recording).all(), Check::bit);
}

// D1: not for the kernel, if it finds one leg only.
TEST_F(Checks, AnOutdatedBitmapIsNoAnswerForALegAlone)
{
	recording.array();
	for (const std::uint8_t member : {fast, slow}) {
		BitmapSuper stale = some_bitmap(10);
		stale.state = bitmap_stale;
		recording.bitmap(member, stale, {});
	}
	recording.write_data(fast, sector, letters('a', 8));
	Judge judge(recording);
	EXPECT_FOUND(judge.all(), Check::readd, "kernel", "members 1,");
	EXPECT_NOT_FOUND(judge.all(), Check::readd, "ours");
	EXPECT_FINE(judge.none());
}

TEST_F(Checks, ACopyThatSleepsWithAllBitsSetMisleadsNobody)
{
	recording.array();
	bits(fast, {chunk});
	BitmapSuper asleep = some_bitmap(bitmap_asleep);
	asleep.events_cleared = 0;
	std::vector<std::uint64_t> ones(32);
	std::iota(ones.begin(), ones.end(), 0);
	recording.bitmap(slow, asleep, ones);
	recording.write_data(fast, sector, letters('a', 8));
	EXPECT_FINE(Judge(recording).all());
}

// It is not believed as long as the other is there, even if that is WriteMostly.
TEST_F(Checks, ACopyThatSleepsDoesNotCountBesideOneThatIsAwake)
{
	recording.array();
	BitmapSuper asleep = some_bitmap(bitmap_asleep);
	recording.bitmap(fast, asleep, {chunk});
	recording.write_data(fast, sector, letters('a', 8));
	EXPECT_FOUND(Judge(recording).all(), Check::bit, "ours", "members 0,1, the bitmap of member 1");
}

TEST_F(Checks, BadBlocksMakeNoDifference)
{
	recording.array();
	bad(slow, sector, 2);
	recording.write_data(fast, sector, letters('a', 2)); // 2 sectors
	const lab::RequestId more = recording.write_data(fast, sector + 2, letters('a', 1));
	const std::string id = std::to_string(static_cast<std::uint64_t>(more));
	Judge judge(recording);
	EXPECT_FINE(judge.state(":all-" + id + ":none"));
	EXPECT_FOUND(judge.all(), Check::bit);
}

// As of what is under way.
TEST_F(Checks, AListOfBadBlocksCountsOnlyOnceItIsOnTheMedium)
{
	recording.array();
	bad(slow, 200, 1);
	recording.write(slow, super_place + lab::Sectors{bad_blocks_offset}, bad_log(sector, 1)); // under way
	recording.flushed(fast, data_place + lab::Sectors{sector}, letters('a', 1));
	Judge judge(recording);
	EXPECT_FINE(judge.all());
	EXPECT_FOUND(judge.none(), Check::bit);
}

TEST_F(Checks, AListThatTheSuperblockDoesNotTellOfCountsForNothing)
{
	recording.array();
	bad(slow, sector, 1);
	recording.super(slow, some_super(slow, 10));
	recording.flushed(fast, data_place + lab::Sectors{sector}, letters('a', 1));
	EXPECT_FOUND(Judge(recording).all(), Check::bit);
}

TEST_F(Checks, WithoutABitmapAllBehindTheCheckpointIsCopied)
{
	for (const std::uint8_t member : {fast, slow}) {
		MdSuper super = some_super(member, 10);
		super.bitmap_offset.reset();
		super.resync_offset = {sector};
		recording.super(member, super);
	}
	recording.write_data(fast, sector - 1, letters('a', 1)); // 5
	recording.write_data(fast, sector, letters('a', 1));     // 6
	Judge judge(recording);
	EXPECT_FINE(judge.state(":none+6:none"));
	EXPECT_FOUND(judge.state(":none+5:none"), Check::clean);
}

// ---- I9: clean ----

TEST_F(Checks, CleanMeansEqual)
{
	recording.array();
	clean(11);
	for (const std::uint8_t member : {fast, slow})
		bits(member, {chunk}, 11);
	recording.write_data(fast, sector, letters('a', 8));
	Judge judge(recording);
	EXPECT_FINE(judge.none());
	EXPECT_FOUND(judge.all(), Check::clean);
	EXPECT_NOT_FOUND(judge.all(), Check::bit);
}

// The other is one event behind, but clean counts only where it is freshest.
TEST_F(Checks, CleanCountsOnTheFreshest)
{
	recording.array();
	super(slow, 10, {Role{0}, Role{1}}, max_sector);
	super(fast, 11, {Role{0}, Role{1}});
	for (const std::uint8_t member : {fast, slow})
		bits(member, {chunk}, 11);
	recording.write_data(fast, sector, letters('a', 8));
	EXPECT_NOT_FOUND(Judge(recording).all(), Check::clean);
}

// ---- I11: rebuilding, and adding again ----

struct Rebuilding : Checks {
	void rebuild(lab::Sectors offset, bool by_bitmap, const std::vector<std::uint64_t> &set)
	{
		recording.array();
		bits(fast, set);
		MdSuper super = some_super(slow, 10);
		super.recovery_offset = offset;
		super.recovery_by_bitmap = by_bitmap;
		recording.super(slow, super);
		recording.write_data(fast, sector, letters('a', 8));
	}
};

TEST_F(Rebuilding, CopiesAllThatIsBehindItsOffset)
{
	rebuild({sector}, false, {});
	EXPECT_NOT_FOUND(Judge(recording).all(), Check::recovery);
}

TEST_F(Rebuilding, DoesNotCopyWhatIsBeforeItsOffset)
{
	rebuild({sector + 1}, false, {});
	EXPECT_FOUND(Judge(recording).all(), Check::recovery);
}

TEST_F(Rebuilding, ByTheBitmapCopiesWhereBitsAreSet)
{
	rebuild({}, true, {chunk});
	EXPECT_NOT_FOUND(Judge(recording).all(), Check::recovery);
}

TEST_F(Rebuilding, ByTheBitmapCopiesNothingElse)
{
	rebuild({}, true, {chunk + 1});
	EXPECT_FOUND(Judge(recording).all(), Check::recovery, "ours");
}

struct Readding : Checks {
	// The slow leg has failed; that was recorded, and then data were written.
	void fail(const std::vector<std::uint64_t> &set, std::uint64_t cleared, std::uint64_t events = 12)
	{
		recording.array();
		super(fast, events, {Role{0}, Role::faulty});
		BitmapSuper bitmap = some_bitmap(events);
		bitmap.events_cleared = cleared;
		recording.bitmap(fast, bitmap, set);
		recording.write_data(fast, sector, letters('a', 8));
	}
};

TEST_F(Readding, NeedsTheBitsOfAllThatWasMissed)
{
	fail({chunk + 1}, 10);
	Judge judge(recording);
	EXPECT_FINE(judge.none());
	EXPECT_FOUND(judge.all(), Check::readd, "ours");
	EXPECT_FOUND(judge.all(), Check::readd, "kernel");
}

TEST_F(Readding, IsFineWithThem)
{
	fail({chunk}, 10);
	EXPECT_FINE(Judge(recording).all());
}

TEST_F(Readding, IsFineIfTheMemberIsOlderThanWhatWasCleared)
{
	fail({}, 11);
	EXPECT_FINE(Judge(recording).all());
}

// Who went on without the others cannot be told by bits what differs.
TEST_F(Readding, IsNotAskedOfALegThatWasLeftBehind)
{
	fail({chunk}, 10);
	EXPECT_NOT_FOUND(Judge(recording).all(), Check::readd, "", "members 1,");
}

TEST_F(Readding, IsNotAskedOfALegThatWasLeftBehindJustNow)
{
	fail({chunk}, 10, 11);
	EXPECT_NOT_FOUND(Judge(recording).all(), Check::readd, "", "members 1,");
}

// Facts F11.
TEST_F(Readding, ByTheKernelDropsBitsIfEventsClearedIsTheEventCount)
{
	recording.array();
	BitmapSuper bitmap = some_bitmap(10);
	bitmap.events_cleared = 10;
	recording.bitmap(fast, bitmap, {chunk});
	bits(slow, {chunk});
	recording.write_data(fast, sector, letters('a', 8));
	Judge judge(recording);
	EXPECT_FOUND(judge.all(), Check::drop, "kernel", "members 0,");
	EXPECT_NOT_FOUND(judge.all(), Check::drop, "ours");
	EXPECT_NOT_FOUND(judge.all(), Check::drop, "kernel", "members 1,");
	EXPECT_FINE(judge.none());
}

// ---- an array that cannot be run ----

TEST_F(Checks, AnArrayMustNotBeLost)
{
	recording.array();
	BitmapSuper foreign = some_bitmap(10);
	foreign.uuid = {};
	recording.write(fast, super_place + lab::Sectors{bitmap_offset}, bitmap_bytes(foreign, {}));
	Judge judge(recording);
	EXPECT_FINE(judge.none());
	EXPECT_FOUND(judge.all(), Check::array);
}

TEST_F(Checks, BeforeThereIsAnArrayNothingIsLost)
{
	recording.bitmap(fast, some_bitmap(10), {});
	recording.write(fast, super_place, md_super_bytes(some_super(fast, 10)));
	recording.write(slow, data_place, letters('a', 1));
	EXPECT_FINE(Judge(recording).none());
}

// ---- I8: promises ----

struct Promised : Checks {
	static Bytes stamped(std::uint64_t at, std::uint64_t sequence)
	{
		Bytes bytes(lab::sector_bytes);
		lab::stamp(std::span(bytes).first<lab::sector_bytes>(), {lab::Sectors{at}, lab::Sequence{sequence}});
		return bytes;
	}
	void SetUp() override
	{
		recording.array();
		for (const std::uint8_t member : {fast, slow})
			bits(member, {chunk});
	}
	lab::RequestId put(std::uint8_t member, std::uint64_t sequence)
	{
		const lab::RequestId request = recording.write_data(member, sector, stamped(sector, sequence));
		recording.complete(member, request);
		return request;
	}
	void promise() { recording.mark("durable flush\n" + std::to_string(sector) + "+1=2\n"); }
};

TEST_F(Promised, HoldsOnTheSyncMemberOnly)
{
	put(fast, 2);
	recording.flush(fast);
	promise();
	EXPECT_NOT_FOUND(Judge(recording).all(), Check::promise);
}

TEST_F(Promised, IsBrokenByWhatWasNotFlushed)
{
	put(fast, 2);
	promise();
	Judge judge(recording);
	EXPECT_NOT_FOUND(judge.all(), Check::promise);
	EXPECT_FOUND(judge.none(), Check::promise, "member 0");
}

// A member that is taken back is the first to say so: the other one is the array, alone.
struct TakenBack : Promised {
	void take_back()
	{
		super(fast, 11, {Role{0}, Role::faulty});
		bits(fast, {chunk}, 11);
		MdSuper back = some_super(slow, 12);
		back.write_mostly = true;
		back.recovery_offset = lab::Sectors{0};
		back.recovery_by_bitmap = true;
		recording.super(slow, back);
		promise();
	}
};

TEST_F(TakenBack, LeavesTheOther)
{
	put(fast, 2);
	recording.flush(fast);
	take_back();
	EXPECT_NOT_FOUND(Judge(recording).all(), Check::array);
	EXPECT_NOT_FOUND(Judge(recording).all(), Check::promise);
}

TEST_F(TakenBack, LeavesNothingBroken)
{
	put(slow, 2);
	recording.flush(slow);
	take_back();
	EXPECT_FOUND(Judge(recording).all(), Check::promise, "member 0");
}

TEST_F(Promised, HoldsIfSomethingNewerIsThere)
{
	put(fast, 2);
	recording.flush(fast);
	promise();
	put(fast, 3);
	Judge judge(recording);
	EXPECT_NOT_FOUND(judge.all(), Check::promise);
	EXPECT_NOT_FOUND(judge.none(), Check::promise);
}

TEST_F(Promised, IsBrokenBySomethingOlderThatLandsLater)
{
	const lab::RequestId old = recording.write_data(fast, sector, stamped(sector, 1));
	put(fast, 2);
	recording.flush(fast);
	promise();
	Judge judge(recording);
	EXPECT_NOT_FOUND(judge.none(), Check::promise);
	EXPECT_FOUND(judge.state(":none+" + std::to_string(static_cast<std::uint64_t>(old)) + ":none"), Check::promise,
		     "member 0");
}

TEST_F(Promised, IsBrokenByWhatBelongsElsewhere)
{
	recording.flushed(fast, data_place + lab::Sectors{sector}, stamped(sector + 1, 9));
	promise();
	EXPECT_FOUND(Judge(recording).all(), Check::promise, "member 0");
}

// Without WriteMostly both are bound, and so they are if both have it.
TEST_F(Promised, HoldsOnAllThatAreNotBehind)
{
	put(fast, 2);
	recording.flush(fast);
	promise();
	recording.super(slow, some_super(slow, 10));
	EXPECT_FOUND(Judge(recording).all(), Check::promise, "member 1");
}

TEST_F(Promised, HoldsOnABehindMemberThatIsLeftAlone)
{
	put(fast, 2);
	recording.flush(fast);
	promise();
	super(slow, 12, {Role::faulty, Role{1}});
	EXPECT_FOUND(Judge(recording).all(), Check::promise, "member 1");
}

TEST_F(Promised, WithoutWriteBehindNobodyIsBehind)
{
	put(fast, 2);
	recording.flush(fast);
	promise();
	for (const std::uint8_t member : {fast, slow}) {
		BitmapSuper bitmap = some_bitmap(10);
		bitmap.write_behind = 0;
		recording.bitmap(member, bitmap, {chunk});
	}
	EXPECT_FOUND(Judge(recording).all(), Check::promise, "member 1");
}

TEST_F(Promised, EndsWithADiscard)
{
	put(fast, 2);
	promise();
	recording.mark("discard " + std::to_string(sector) + "+1");
	EXPECT_NOT_FOUND(Judge(recording).none(), Check::promise);
}

// ---- I3: what is bad on one member is kept by another ----

using Kept = Promised;

TEST_F(Kept, ByAMemberThatMayLag)
{
	put(fast, 1);
	put(slow, 2);
	recording.flush(slow);
	bad(fast, sector, 1);
	promise();
	EXPECT_FINE(Judge(recording).all());
}

// A bit is no help: nobody else has it.
TEST_F(Kept, ByNobodyIsFound)
{
	put(fast, 2);
	put(slow, 1);
	for (const std::uint8_t member : {fast, slow})
		recording.flush(member);
	bad(fast, sector, 1);
	promise();
	EXPECT_FOUND(Judge(recording).all(), Check::kept);
	EXPECT_NOT_FOUND(Judge(recording).all(), Check::promise);
}

TEST_F(Kept, ByNobodyIsFoundWhereTheLaggingOneHasNotFlushed)
{
	put(slow, 2);
	bad(fast, sector, 1);
	promise();
	Judge judge(recording);
	EXPECT_FINE(judge.all());
	EXPECT_FOUND(judge.none(), Check::kept);
}

TEST_F(Kept, IsNotWhatIsBadOnAll)
{
	for (const std::uint8_t member : {fast, slow}) {
		put(member, 2);
		recording.flush(member);
		bad(member, sector, 1);
	}
	promise();
	EXPECT_FOUND(Judge(recording).all(), Check::kept);
}

TEST_F(Kept, IsNotAskedOfAMemberBehindAsLongAsNothingIsBad)
{
	put(fast, 2);
	recording.flush(fast);
	bad(fast, sector + 1, 1);
	bad(slow, sector, 1);
	promise();
	EXPECT_NOT_FOUND(Judge(recording).all(), Check::kept);
}

// The first that is broken is bad; the next one is not.
TEST_F(Kept, IsNoExcuseForOthers)
{
	put(slow, 2);
	recording.flush(slow);
	bad(fast, sector, 1);
	promise();
	recording.mark("durable flush\n" + std::to_string(sector + 1) + "+1=2\n");
	EXPECT_FOUND(Judge(recording).all(), Check::promise, "member 0");
}

// ---- I4: order ----

struct Order : Checks {
	std::optional<Violation> judge()
	{
		Judge judge(recording);
		Choices choices(judge.history().writes().size());
		return judge.checker().check_order(choices);
	}
};

TEST_F(Order, WhatHasLandedIsTheSameEverywhere)
{
	recording.array();
	for (const std::uint8_t member : {fast, slow})
		for (const char letter : {'a', 'b'})
			recording.complete(member, recording.write_data(member, sector, letters(letter, 8)));
	EXPECT_FALSE(judge());
}

TEST_F(Order, TwoWritesThatLandTheOtherWayRoundAreFound)
{
	recording.array();
	for (const char letter : {'a', 'b'})
		recording.complete(fast, recording.write_data(fast, sector, letters(letter, 8)));
	for (const char letter : {'b', 'a'})
		recording.complete(slow, recording.write_data(slow, sector, letters(letter, 8)));
	const auto violation = judge();
	ASSERT_TRUE(violation);
	EXPECT_EQ(violation->check, Check::order);
}

TEST_F(Order, WhatFailedHasNotLanded)
{
	recording.array();
	for (const std::uint8_t member : {fast, slow})
		recording.complete(member, recording.write_data(member, sector, letters('a', 8)));
	recording.complete(slow, recording.write_data(slow, sector, letters('b', 8)), 5);
	EXPECT_FALSE(judge());
}

// ---- three legs ----

TEST(ThreeLegs, AreComparedInPairs)
{
	Recording recording(3);
	recording.array();
	recording.write_data(2, sector, letters('a', 8));
	Judge judge(recording);
	const auto found = judge.all();
	EXPECT_TRUE(has(found, Check::bit, "ours")) << text_of(found);
	EXPECT_TRUE(judge.none().empty());
}

} // namespace
} // namespace crashcheck::test
