// What is stable when, what may be lost, and what a member holds then.
#include "array.h"

#include "crashcheck/crash_state.h"

#include <gmock/gmock.h>

namespace crashcheck::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr lab::Sectors place{100};

struct History : testing::Test {
	Recording recording;
	std::unique_ptr<crashcheck::History> history;

	const Write &write(std::size_t index = 0)
	{
		history = std::make_unique<crashcheck::History>(recording.read());
		return history->writes().at(index);
	}
};

TEST_F(History, AWriteIsStableWhenAFlushThatStartedAfterItHasCompleted)
{
	recording.done(fast, place, letters('a', 1)); // records 1 and 2, behind "begin"
	recording.flush(fast);                        // 3 and 4
	EXPECT_EQ(write().started, 1U);
	EXPECT_EQ(write().completed, 2U);
	EXPECT_EQ(write().stable, 4U);
	EXPECT_THAT(history->stable_at(4), ElementsAre(0));
	EXPECT_THAT(history->stable_at(3), IsEmpty());
	EXPECT_EQ(history->started_at(1), &history->writes()[0]);
	EXPECT_EQ(history->started_at(2), nullptr);
}

TEST_F(History, AFlushThatStartedEarlierDoesNotCount)
{
	const lab::RequestId data = recording.write(fast, place, letters('a', 1));
	const lab::RequestId flush = recording.log().flush(fast);
	recording.complete(fast, data);
	recording.complete(fast, flush);
	EXPECT_EQ(write().stable, never);
}

TEST_F(History, AFlushOfAnotherMemberDoesNotCount)
{
	recording.done(fast, place, letters('a', 1));
	recording.flush(slow);
	EXPECT_EQ(write().stable, never);
}

TEST_F(History, AFlushThatFailedDoesNotCount)
{
	recording.done(fast, place, letters('a', 1));
	recording.complete(fast, recording.log().flush(fast), 5);
	EXPECT_EQ(write().stable, never);
}

TEST_F(History, FuaIsStableAtOnceUnlessItFailed)
{
	recording.complete(fast, recording.write(fast, place, letters('a', 1), true));
	recording.complete(fast, recording.write(fast, place, letters('a', 1), true), 5);
	EXPECT_EQ(write(0).stable, 2U);
	EXPECT_EQ(write(1).stable, never);
	EXPECT_EQ(write(1).error, 5);
}

TEST_F(History, AFailedWriteIsNeverStable)
{
	recording.complete(fast, recording.write(fast, place, letters('a', 1)), 5);
	recording.flush(fast);
	EXPECT_EQ(write().stable, never);
}

TEST_F(History, TrimsAreZeros)
{
	recording.complete(fast, recording.log().trim(fast, place.bytes(), lab::Bytes{1024}, false));
	const Write &trim = write();
	EXPECT_FALSE(trim.has_data);
	EXPECT_EQ(history->hash_in(trim, 1), hash_of_zeros());
}

TEST_F(History, NonsenseIsRefused)
{
	recording.log().write(fast, lab::Bytes{100}, letters('a', 1), false);
	EXPECT_THROW(write(), std::runtime_error);
}

TEST(Hashes, TellSectorsApart)
{
	Bytes sector = letters('a', 1);
	const auto hash = [&] { return hash_of(std::span(sector).first<lab::sector_bytes>()); };
	std::set<Hash> hashes{hash()};
	for (std::size_t i = 0; i < sector.size(); i++) {
		sector[i] ^= std::byte{1};
		EXPECT_TRUE(hashes.insert(hash()).second) << i;
		sector[i] ^= std::byte{1};
	}
	std::swap_ranges(sector.begin(), sector.begin() + 8, sector.begin() + 8);
	EXPECT_FALSE(hashes.insert(hash()).second);
}

// ---- the contents of a state, as letters from `place` on ----

struct State : testing::Test {
	Recording recording;

	// `writes` of the first member, e.g. "none+1".
	std::string contents(const std::string &writes, std::size_t sectors = 4)
	{
		crashcheck::History history(recording.read());
		Walker walker(history);
		walker.walk_to(history.end() - 1);
		const std::string id = std::to_string(walker.cut()) + ":" + writes + ":none";
		const Choices choices = choices_of(id, walker);
		const Contents contents(history, walker.medium(fast), choices, walker.cut());
		std::string text;
		std::vector<Hash> hashes(sectors);
		contents.hashes(place.count, hashes);
		for (std::size_t i = 0; i < sectors; i++) {
			const auto data = contents.data(place.count + i);
			EXPECT_EQ(hash_of(data), hashes[i]) << i;
			text += data[0] == std::byte{} ? '.' : static_cast<char>(data[0]);
		}
		return text;
	}
};

TEST_F(State, HasAnySubsetOfWhatIsNotFlushed)
{
	recording.flushed(fast, place, letters('a', 4));
	recording.done(fast, place, letters('b', 2)); // request 3
	recording.done(fast, place + lab::Sectors{1}, letters('c', 2)); // 4
	EXPECT_EQ(contents("none"), "aaaa");
	EXPECT_EQ(contents("none+3"), "bbaa");
	EXPECT_EQ(contents("none+4"), "acca");
	EXPECT_EQ(contents("all"), "bcca");
	EXPECT_EQ(contents("all-3"), "acca");
}

TEST_F(State, HasTornWritesBySectors)
{
	recording.write(fast, place, letters('b', 3)); // 1
	EXPECT_EQ(contents("none+1.first1"), "b...");
	EXPECT_EQ(contents("none+1.rest1"), ".bb.");
	EXPECT_EQ(contents("none+1.first9"), "bbb.");
}

TEST_F(State, ALaterCompletionOverwritesAnEarlierOne)
{
	const lab::RequestId a = recording.write(fast, place, letters('a', 2)); // 1
	recording.done(fast, place, letters('b', 2)); // 2
	recording.complete(fast, a);
	EXPECT_EQ(contents("all"), "aa..");
}

TEST_F(State, WhatIsUnderWayGoesEitherWay)
{
	recording.write(fast, place, letters('a', 2)); // 1
	recording.done(fast, place, letters('b', 1));  // 2
	EXPECT_EQ(contents("all"), "aa..");
	EXPECT_EQ(contents("all+1.early"), "ba..");
}

TEST_F(State, AnOlderWriteDoesNotComeBackOverAStableOne)
{
	recording.done(fast, place, letters('a', 3)); // 1
	recording.complete(fast, recording.write(fast, place + lab::Sectors{1}, letters('b', 1), true)); // 2
	EXPECT_EQ(contents("none"), ".b..");
	EXPECT_EQ(contents("all"), "aba.");
	EXPECT_EQ(contents("none+1.first2"), "ab..");
}

TEST_F(State, AnOlderWriteThatIsOverwrittenAsAWholeIsForgotten)
{
	recording.done(fast, place, letters('a', 1)); // 1
	recording.complete(fast, recording.write(fast, place, letters('b', 2), true)); // 2
	EXPECT_THROW(contents("none+1"), std::invalid_argument);
	EXPECT_EQ(contents("all"), "bb..");
}

TEST_F(State, WhatIsUnderWayMayComeOverAStableOne)
{
	recording.write(fast, place, letters('a', 2)); // 1
	recording.flushed(fast, place, letters('b', 2));
	EXPECT_EQ(contents("none"), "bb..");
	EXPECT_EQ(contents("all"), "aa..");
}

TEST_F(State, AFailedWriteMayBeThereUntilItIsOverwritten)
{
	recording.complete(fast, recording.write(fast, place, letters('a', 2)), 5); // 1
	EXPECT_EQ(contents("none"), "....");
	EXPECT_EQ(contents("all"), "aa..");
}

TEST_F(State, ATrimMayBeThereOrNot)
{
	recording.flushed(fast, place, letters('a', 4));
	recording.log().trim(fast, (place + lab::Sectors{1}).bytes(), lab::Bytes{1024}, false); // 3
	EXPECT_EQ(contents("none"), "aaaa");
	EXPECT_EQ(contents("all"), "a..a");
}

// ---- IDs ----

struct Id : testing::Test {
	Recording recording;

	void SetUp() override
	{
		for (int i = 0; i < 3; i++) {
			recording.done(fast, place, letters('a', 4)); // 1, 3, 5
			recording.done(slow, place, letters('a', 4)); // 2, 4, 6
		}
		history = std::make_unique<crashcheck::History>(recording.read());
		walker = std::make_unique<Walker>(*history);
		walker->walk_to(12);
	}

	std::string again(const std::string &id) { return id_of(*walker, choices_of(id, *walker)); }

	std::unique_ptr<crashcheck::History> history;
	std::unique_ptr<Walker> walker;
};

TEST_F(Id, ComesBackAsItWas)
{
	for (const std::string id : {"12:none:all", "12:none+3:all-4", "12:none+1.first2:all", "12:none+5.rest3:none+2",
				     "12:none+1.early:none", "12:none+1.first2.early:all"})
		EXPECT_EQ(again(id), id);
	EXPECT_EQ(cut_of("12:none:all"), 12U);
}

TEST_F(Id, IsTheShorterOfTwo)
{
	EXPECT_EQ(again("12:none+1+3:all-2-4"), "12:all-5:none+6");
}

TEST_F(Id, NonsenseIsRefused)
{
	for (const std::string id : {"12", "12:", "12:none", "12:some:all", "12:none:all:all", "12:none+2:all", "12:none+9:all",
				     "12:none+1.first:all", "12:none+1.first70000:all", "12:none:all ", "12:none*1:all"})
		EXPECT_THROW(again(id), std::invalid_argument) << id;
	for (const std::string id : {"", "x", "12x", "4294967295:all"})
		EXPECT_THROW(cut_of(id), std::invalid_argument) << id;
}

} // namespace
} // namespace crashcheck::test
