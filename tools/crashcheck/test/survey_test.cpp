// A whole recording: which states are looked at, what is found, and how it is made simple, written and verified.
#include "array.h"

#include "crashcheck/bytes.h"
#include "crashcheck/images.h"
#include "crashcheck/minimise.h"
#include "crashcheck/states.h"

#include <filesystem>
#include <set>

#include <gmock/gmock.h>

namespace crashcheck::test {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr lab::Sectors bitmap_place = super_place + lab::Sectors{bitmap_offset};

struct Made {
	std::vector<std::string> ids;
	std::map<Kind, std::size_t> kinds;
};

Made states_of(const Walker &walker, const Plan &plan, const Write *news)
{
	const Layout layout(walker.history());
	Choices choices(walker.history().writes().size());
	StateMaker maker(walker, layout, plan, choices);
	Made made;
	maker.make(news, [&](Kind kind) {
		made.ids.push_back(id_of(walker, choices));
		made.kinds[kind]++;
	});
	return made;
}

struct States : testing::Test {
	Recording recording;
	std::unique_ptr<History> history;
	std::unique_ptr<Walker> walker;

	// An array with so many unstable writes of a data sector on each member.
	void unstable(std::size_t writes)
	{
		recording.array();
		for (std::size_t i = 0; i < writes; i++)
			for (const std::uint8_t member : {fast, slow})
				recording.write_data(member, 8 * i, letters('a', 4));
		history = std::make_unique<History>(recording.read());
		walker = std::make_unique<Walker>(*history);
		walker->walk_to(history->end() - 1);
	}
	const Write *last() const { return &history->writes().back(); }
};

TEST_F(States, AreAllThereIfThereAreFew)
{
	unstable(2);
	const Made made = states_of(*walker, Plan{16, 1, false}, nullptr);
	EXPECT_EQ(made.kinds.at(Kind::exhaustive), 16U);
	EXPECT_EQ(std::set(made.ids.begin(), made.ids.end()).size(), 16U);
}

TEST_F(States, HaveTheNews)
{
	unstable(2);
	const Made made = states_of(*walker, Plan{16, 1, false}, last());
	EXPECT_EQ(made.kinds.at(Kind::exhaustive), 8U);
	EXPECT_EQ(std::set(made.ids.begin(), made.ids.end()).size(), 8U);
	Choices choices;
	for (const std::string &id : made.ids) {
		choices = choices_of(id, *walker);
		EXPECT_EQ(choices[history->index_of(*last())], present) << id;
	}
}

TEST_F(States, AreChosenIfThereAreMany)
{
	unstable(10);
	const Made made = states_of(*walker, Plan{200, 1, true}, last());
	EXPECT_EQ(made.ids.size(), 200U);
	for (const Kind kind : {Kind::all_or_none, Kind::one_member, Kind::groups, Kind::one_missing, Kind::one_there,
				Kind::in_order, Kind::completed, Kind::random, Kind::torn})
		EXPECT_GT(made.kinds.count(kind), 0U) << name_of(kind);
	EXPECT_EQ(made.ids, states_of(*walker, Plan{200, 1, true}, last()).ids);
	EXPECT_NE(made.ids, states_of(*walker, Plan{200, 2, true}, last()).ids);
}

TEST_F(States, AreNotTornIfNobodyWantsThat)
{
	unstable(10);
	const Made made = states_of(*walker, Plan{300, 1, false}, nullptr);
	EXPECT_THAT(made.ids, Each(testing::Not(testing::AnyOf(HasSubstr("first"), HasSubstr("rest")))));
}

TEST_F(States, WithNothingUnstableThereIsOne)
{
	recording.array();
	history = std::make_unique<History>(recording.read());
	walker = std::make_unique<Walker>(*history);
	walker->walk_to(history->end() - 1);
	EXPECT_EQ(states_of(*walker, Plan{100, 1, true}, nullptr).ids.size(), 1U);
}

// ---- a whole recording ----

// Writes as a mirror should do them; if `early`, one bit is cleared while the slow leg lacks the data.
void mirror(Recording &recording, bool early)
{
	recording.array();
	for (const std::uint64_t chunk : {1, 5, 9}) {
		for (const std::uint8_t member : {fast, slow})
			recording.bitmap(member, some_bitmap(10), {chunk});
		recording.flushed(fast, data_place + lab::Sectors{chunk * 8}, letters('a', 8));
		const lab::RequestId behind = recording.write_data(slow, chunk * 8, letters('a', 8));
		if (!early || chunk != 5) {
			recording.complete(slow, behind);
			recording.flush(slow);
		}
		for (const std::uint8_t member : {fast, slow})
			recording.bitmap(member, some_bitmap(10), {});
		if (early && chunk == 5) {
			recording.complete(slow, behind);
			recording.flush(slow);
		}
	}
	recording.mark("phase stopped");
}

Results survey(const History &history, unsigned jobs = 1)
{
	SurveyOptions options;
	options.states = 10000;
	options.jobs = jobs;
	Survey survey(history, options);
	Progress progress;
	const Results results = survey.run(progress);
	EXPECT_EQ(progress.cut_points.load(), progress.cut_points_to_do.load());
	EXPECT_EQ(progress.states.load(), results.states);
	return results;
}

TEST(Survey, FindsNothingWhereAllIsWell)
{
	Recording recording;
	mirror(recording, false);
	const History history(recording.read());
	const Results results = survey(history);
	EXPECT_EQ(results.violations(), 0U);
	EXPECT_GT(results.states, results.cut_points);
	EXPECT_EQ(results.cut_points, history.writes().size() + 1);
}

TEST(Survey, FindsTheOneBitThatIsClearedTooEarly)
{
	Recording recording;
	mirror(recording, true);
	const History history(recording.read());
	const Results results = survey(history);
	EXPECT_GT(results.violations(), 0U);
	bool found = false;
	for (const auto &[key, finding] : results.findings)
		if (key.first == Check::bit) {
			found = true;
			ASSERT_FALSE(finding.examples.empty());
			EXPECT_THAT(finding.examples[0].violation.what, HasSubstr("chunk 5 of 4 KiB"));
		}
	EXPECT_TRUE(found);
}

TEST(Survey, LeavesOutDataIfItMayNotTakeLong)
{
	Recording recording;
	recording.array();
	for (std::uint64_t i = 0; i < 500; i++)
		recording.complete(i % 2, recording.write_data(i % 2, i % 200, letters('a', 1)));
	recording.bitmap(fast, some_bitmap(10), {});
	const History history(recording.read());
	SurveyOptions options;
	options.states = 1600;
	Survey survey(history, options);
	Progress progress;
	const Results results = survey.run(progress);
	EXPECT_EQ(results.of_cut_points, history.writes().size());
	EXPECT_NEAR(static_cast<double>(results.cut_points), 100, 40);
	EXPECT_NEAR(static_cast<double>(results.states), 1600, 640);
}

TEST(Survey, FindsTheSameWithAnyNumberOfThreads)
{
	Recording recording;
	mirror(recording, true);
	const History history(recording.read());
	const Results one = survey(history, 1);
	const Results three = survey(history, 3);
	EXPECT_EQ(one.states, three.states);
	EXPECT_EQ(one.violations(), three.violations());
	EXPECT_EQ(one.by_kind, three.by_kind);
}

// ---- made simple ----

TEST(Minimise, LeavesNothingThatIsNotNeeded)
{
	Recording recording;
	recording.array();
	for (std::uint64_t i = 0; i < 40; i++)
		recording.write_data(i % 2, 8 * (i % 32), letters('a', 4));
	const History history(recording.read());
	Walker walker(history);
	walker.walk_to(history.end() - 1);
	const WriteIndex first = static_cast<WriteIndex>(history.writes().size()) - 40;
	Choices choices(history.writes().size(), present);
	choices[first + 7] = {Choice::Part::first, false, 2};
	std::size_t calls = 0;
	minimise(walker, choices, [&](const Choices &tried) {
		calls++;
		return tried[first + 7].part != Choice::Part::none && tried[first + 30] == present;
	});
	for (WriteIndex i = first; i < history.writes().size(); i++)
		EXPECT_EQ(choices[i], i == first + 7 || i == first + 30 ? present : absent) << i - first;
	EXPECT_LT(calls, 200U);
}

// ---- images ----

struct Images : testing::Test {
	Recording recording;
	std::filesystem::path directory;

	void SetUp() override
	{
		std::string name = (std::filesystem::temp_directory_path() / "crashcheck-images-XXXXXX").string();
		ASSERT_TRUE(mkdtemp(name.data()));
		directory = name;
		recording.array();
		for (const std::uint8_t member : {fast, slow}) {
			MdSuper super = some_super(member, 12);
			super.resync_offset = max_sector;
			recording.super(member, super);
		}
	}
	void TearDown() override { std::filesystem::remove_all(directory); }

	void bad(std::uint8_t member, std::uint64_t sector)
	{
		MdSuper super = some_super(member, 12);
		super.resync_offset = max_sector;
		super.has_bad_blocks = true;
		super.bad_blocks_offset = 16;
		super.bad_blocks_sectors = {1};
		Bytes log(lab::sector_bytes, std::byte{0xff});
		put_little_endian(std::span(log), 0, (data_place.count + sector) << 10 | 1);
		recording.flushed(member, super_place + lab::Sectors{16}, log);
		recording.super(member, super);
	}
	std::vector<std::string> verify(const lab::Promises &promises = {}) { return verify(recording, 2, promises); }
	std::vector<std::string> verify(Recording &of, std::size_t members, const lab::Promises &promises = {})
	{
		history = std::make_unique<History>(of.read());
		Walker walker(*history);
		walker.walk_to(history->end() - 1);
		write_images(directory, walker, Choices(history->writes().size(), present));
		return verify_images(directory, members, promises);
	}

	std::unique_ptr<History> history;
};

TEST_F(Images, HoldTheState)
{
	recording.write_data(slow, 8, letters('x', 1));
	recording.write_data(fast, 8, letters('x', 1));
	EXPECT_THAT(verify(), IsEmpty());
	EXPECT_EQ(std::filesystem::file_size(directory / "member1.img"), device_size.bytes().count);
	std::FILE *file = std::fopen((directory / "member1.img").c_str(), "r");
	ASSERT_TRUE(file);
	Bytes sector(lab::sector_bytes);
	std::fseek(file, static_cast<long>((data_place + lab::Sectors{8}).bytes().count), SEEK_SET);
	EXPECT_EQ(std::fread(sector.data(), sector.size(), 1, file), 1U);
	std::fclose(file);
	EXPECT_EQ(sector, letters('x', 1));
}

TEST_F(Images, ThatDifferAreFound)
{
	recording.write_data(slow, 200, letters('x', 1));
	EXPECT_THAT(verify(), testing::ElementsAre(HasSubstr("differ in array sector 200")));
}

TEST_F(Images, ThatAreNotInSyncAreFound)
{
	MdSuper super = some_super(slow, 11);
	recording.super(slow, super);
	EXPECT_THAT(verify(), testing::ElementsAre("member 1 is 1 events late"));
}

TEST_F(Images, ThatAreNotCleanAreFound)
{
	recording.super(slow, some_super(slow, 12));
	EXPECT_THAT(verify(), testing::ElementsAre("member 1 is not clean"));
}

// A replacement has its slot; who had it before is late, and has other things.
TEST_F(Images, OfAMemberThatWasReplacedCountForNothing)
{
	Recording three(3);
	const std::vector<Role> roles{Role::faulty, Role{1}, Role{0}};
	for (const std::uint8_t member : {0, 1, 2}) {
		MdSuper super = some_super(member, member == 0 ? 9 : 12);
		super.resync_offset = max_sector;
		if (member != 0)
			super.roles = roles;
		three.super(member, super);
	}
	three.write_data(0, 8, letters('x', 1));
	EXPECT_THAT(verify(three, 3), IsEmpty());
}

TEST_F(Images, MayDifferWhereTheyAreBad)
{
	bad(slow, 8);
	recording.write_data(slow, 8, letters('x', 1));
	EXPECT_THAT(verify(), IsEmpty());
}

TEST_F(Images, DifferBesideWhatIsBad)
{
	bad(slow, 8);
	recording.write_data(slow, 8, letters('x', 2));
	EXPECT_THAT(verify(), testing::ElementsAre(HasSubstr("differ in array sector 9")));
}

TEST_F(Images, ThatHaveNothingGoodOfWhatWasPromisedAreFound)
{
	lab::Promises promises;
	promises.apply("durable flush\n8+1=2\n");
	for (const std::uint8_t member : {fast, slow})
		bad(member, 8);
	EXPECT_THAT(verify(promises), testing::ElementsAre("array sector 8 is bad on all members"));
}

TEST_F(Images, ThatLackWhatWasPromisedAreFound)
{
	lab::Promises promises;
	promises.apply("durable flush\n8+1=2\n");
	EXPECT_THAT(verify(promises), testing::ElementsAre(HasSubstr("array sector 8 on member 0 holds nothing")));
}

} // namespace
} // namespace crashcheck::test
