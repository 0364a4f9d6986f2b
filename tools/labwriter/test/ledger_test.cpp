// The ledger against its definition: FORMAT.md, "What a flush promises".
#include "labwriter/ledger.h"

#include <optional>
#include <random>

#include <gtest/gtest.h>

using namespace labwriter;
using lab::Sequence;

namespace {

constexpr std::uint64_t first_sector = 100, sector_count = 6;
constexpr Range everything{{first_sector}, {sector_count}};

Range range(std::uint64_t from, std::uint64_t count)
{
	return {{from}, {count}};
}

std::string joined(const Knowledge &knowledge)
{
	std::string all;
	for (const std::string &line : lines_of(knowledge))
		all += (all.empty() ? "" : " ") + line;
	return all;
}

// Everything that ever happened, with times; asks the definition. Slow and simple.
class Model {
public:
	struct Event {
		Range range;
		Sequence sequence;
		unsigned submitted;
		std::optional<unsigned> completed;
		bool good = false, fua = false;
	};

	std::vector<Event> writes, discards;
	unsigned last_flush = 0; // when the last flush that is over was submitted
	unsigned now = 1;

	// May the sector hold this write now, as far as what is durable goes?
	bool allows(std::uint64_t sector, Sequence sequence) const
	{
		const Event *last = nullptr;
		for (const Event &write : writes)
			if (durable(write, sector) && (!last || write.submitted > last->submitted))
				last = &write;
		if (!last)
			return true;
		for (const Event &write : writes)
			if (write.sequence == sequence && touches(write, sector))
				return !write.completed || *write.completed > last->submitted;
		return false;
	}

private:
	static bool touches(const Event &event, std::uint64_t sector)
	{
		return sector >= event.range.begin() && sector < event.range.end();
	}

	bool durable(const Event &write, std::uint64_t sector) const
	{
		if (!write.good || !write.completed || !touches(write, sector))
			return false;
		for (const Event &discard : discards)
			if (touches(discard, sector) && (!discard.completed || *discard.completed > write.submitted))
				return false;
		return write.fua || *write.completed < last_flush;
	}
};

// Random requests, to the ledger, to promises by way of marks, and to the model.
class Play {
public:
	explicit Play(unsigned seed) : random_(seed) {}

	void step()
	{
		model_.now++;
		switch (below(8)) {
		case 0:
		case 1:
		case 2:
			return submit_write();
		case 3:
		case 4:
			return complete_write();
		case 5:
			return below(4) == 0 ? discard() : void();
		case 6:
			return begin_flush();
		case 7:
			return end_flush();
		}
	}

	void compare() const
	{
		for (std::uint64_t sector = first_sector; sector < first_sector + sector_count; sector++) {
			const lab::Promise *promise = promises_.of({sector});
			EXPECT_EQ(!promise || promise->allows(Sequence{}), model_.allows(sector, Sequence{}));
			for (const Model::Event &write : model_.writes)
				if (sector >= write.range.begin() && sector < write.range.end()) {
					EXPECT_EQ(!promise || promise->allows(write.sequence), model_.allows(sector, write.sequence))
						<< "sector " << sector << " write " << static_cast<std::uint64_t>(write.sequence);
				}
		}
	}

private:
	struct UnderWay {
		Write write;
		std::size_t event;
	};

	unsigned below(unsigned limit) { return std::uniform_int_distribution<unsigned>(0, limit - 1)(random_); }

	Range any_range()
	{
		const std::uint64_t from = below(sector_count);
		return range(first_sector + from, 1 + below(sector_count - from));
	}

	void mark(const Knowledge &knowledge)
	{
		std::string text = "durable x";
		for (const std::string &line : lines_of(ledger_.still_true(knowledge)))
			text += '\n' + line;
		promises_.apply(text);
	}

	void submit_write()
	{
		const Write write = ledger_.submit_write(any_range());
		model_.writes.push_back({write.range, write.sequence, model_.now, {}, false, below(5) == 0});
		under_way_.push_back({write, model_.writes.size() - 1});
	}

	void complete_write()
	{
		if (under_way_.empty())
			return;
		const auto which = under_way_.begin() + below(under_way_.size());
		Model::Event &event = model_.writes[which->event];
		event.good = below(10) != 0;
		event.completed = model_.now;
		ledger_.complete_write(which->write, event.good);
		if (event.good && event.fua)
			mark(ledger_.durable_by(which->write));
		under_way_.erase(which);
	}

	// Begins one, or ends the one that is under way.
	void discard()
	{
		if (discard_) {
			ledger_.complete_discard(*discard_);
			model_.discards.back().completed = model_.now;
			discard_.reset();
			return;
		}
		discard_ = any_range();
		ledger_.submit_discard(*discard_);
		promises_.apply("discard " + std::to_string(discard_->begin()) + "+" + std::to_string(discard_->count.count));
		model_.discards.push_back({*discard_, {}, model_.now, {}});
	}

	void begin_flush()
	{
		if (flush_)
			return;
		flush_ = ledger_.begin_flush();
		flush_began_ = model_.now;
	}

	void end_flush()
	{
		if (!flush_)
			return;
		if (below(4) == 0) {
			ledger_.flush_failed(*flush_);
		} else {
			mark(*flush_);
			model_.last_flush = flush_began_;
		}
		flush_.reset();
	}

	std::mt19937 random_;
	Ledger ledger_{everything, Sequence{1}};
	lab::Promises promises_;
	Model model_;
	std::vector<UnderWay> under_way_;
	std::optional<Range> discard_;
	std::optional<Knowledge> flush_;
	unsigned flush_began_ = 0;
};

} // namespace

TEST(Ledger, PromisesNothingBeforeAFlush)
{
	Ledger ledger(everything, Sequence{5});
	const Write write = ledger.submit_write(range(101, 2));
	EXPECT_EQ(write.sequence, Sequence{5});
	EXPECT_EQ(joined(ledger.begin_flush()), "");
	ledger.complete_write(write, true);
	EXPECT_EQ(joined(ledger.begin_flush()), "101+2=5");
	EXPECT_EQ(joined(ledger.begin_flush()), "");
	EXPECT_EQ(ledger.next(), Sequence{6});
}

TEST(Ledger, AllowsEitherOrderOfWritesThatOverlapped)
{
	Ledger ledger(everything, Sequence{1});
	const Write one = ledger.submit_write(range(100, 4));
	const Write two = ledger.submit_write(range(102, 4));
	ledger.complete_write(two, true);
	EXPECT_EQ(joined(ledger.begin_flush()), "102+2=2/1 104+2=2");
	ledger.complete_write(one, true);
	EXPECT_EQ(joined(ledger.begin_flush()), "100+2=1");
	const Write three = ledger.submit_write(range(102, 2));
	ledger.complete_write(three, true);
	EXPECT_EQ(joined(ledger.begin_flush()), "102+2=3");
}

TEST(Ledger, PromisesNothingOfFailedWrites)
{
	Ledger ledger(everything, Sequence{1});
	ledger.complete_write(ledger.submit_write(range(100, 1)), true);
	ledger.complete_write(ledger.submit_write(range(100, 1)), false);
	EXPECT_EQ(joined(ledger.begin_flush()), "100+1=1");
}

TEST(Ledger, RepeatsWhatAFailedFlushOwes)
{
	Ledger ledger(everything, Sequence{1});
	ledger.complete_write(ledger.submit_write(range(100, 1)), true);
	ledger.complete_write(ledger.submit_write(range(103, 1)), true);
	const Knowledge pending = ledger.begin_flush();
	ledger.submit_discard(range(103, 1));
	ledger.flush_failed(pending);
	EXPECT_EQ(joined(ledger.begin_flush()), "100+1=1");
}

TEST(Ledger, KnowsNothingOfDiscardedSectors)
{
	Ledger ledger(everything, Sequence{1});
	ledger.complete_write(ledger.submit_write(range(100, 2)), true);
	const Knowledge pending = ledger.begin_flush();
	ledger.submit_discard(range(101, 1));
	EXPECT_EQ(joined(ledger.still_true(pending)), "100+1=1");
	EXPECT_EQ(joined(ledger.readable(everything)), "100+1=1");
	const Write during = ledger.submit_write(range(101, 1));
	ledger.complete_discard(range(101, 1));
	const Write after = ledger.submit_write(range(101, 1));
	ledger.complete_write(during, true);
	EXPECT_EQ(joined(ledger.begin_flush()), "");
	ledger.complete_write(after, true);
	EXPECT_EQ(joined(ledger.begin_flush()), "101+1=3/2");
}

TEST(Ledger, AgreesWithTheDefinition)
{
	for (unsigned seed = 1; seed <= 200 && !testing::Test::HasFailure(); seed++) {
		SCOPED_TRACE("seed " + std::to_string(seed));
		Play play(seed);
		for (unsigned i = 0; i < 150 && !testing::Test::HasFailure(); i++) {
			play.step();
			play.compare();
		}
	}
}
