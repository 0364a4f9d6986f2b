#include "crashcheck/states.h"

#include <algorithm>

namespace crashcheck {
namespace {

constexpr std::size_t most_exhausted = 20; // writes
constexpr double torn_share = 0.15;        // of the states that are sampled
constexpr double torn_writes = 0.3;        // of the writes of such a state

// Of what is sampled beyond the patterns. Ascending.
struct Share {
	Kind kind;
	double up_to;
};
constexpr std::array<Share, 6> shares{{{Kind::groups, 0.30},
				       {Kind::one_missing, 0.45},
				       {Kind::one_there, 0.55},
				       {Kind::in_order, 0.75},
				       {Kind::completed, 0.80},
				       {Kind::random, 1.0}}};

} // namespace

std::string_view name_of(Kind kind)
{
	constexpr std::array<std::string_view, kinds> names{"exhaustive",  "all or none", "one member",	"metadata only",
							    "groups",	   "one missing", "one there", "in order",
							    "power stays", "random",	  "torn"};
	return names[static_cast<std::size_t>(kind)];
}

StateMaker::StateMaker(const Walker &walker, const Layout &layout, const Plan &plan, Choices &choices)
	: walker_(walker), layout_(layout), plan_(plan), choices_(choices),
	  random_(plan.seed * 0x9e3779b97f4a7c15 + walker.cut())
{
}

void StateMaker::find_unstable()
{
	unstable_.clear();
	overtaken_.clear();
	walker_.for_unstable([&](WriteIndex index) {
		const Write &write = walker_.write(index);
		unstable_.push_back({index, write.member, layout_.area_of(write), &write == news_});
		if (may_be_early(index))
			overtaken_.push_back(index);
	});
	std::sort(unstable_.begin(), unstable_.end(), [](const Item &a, const Item &b) { return a.index < b.index; });
}

// What is under way may be overwritten by what came later and overlaps.
bool StateMaker::may_be_early(WriteIndex index) const
{
	const Write &write = walker_.write(index);
	bool overlaps = false;
	if (write.completed > walker_.cut())
		walker_.medium(write.member).for_overlapping({write.begin, write.end}, [&](WriteIndex other) {
			overlaps = overlaps || (other != index && walker_.write(other).completed > write.started);
		});
	return overlaps;
}

void StateMaker::make(const Write *news, const Use &use)
{
	news_ = news;
	left_ = plan_.states;
	find_unstable();
	const std::size_t free = unstable_.size() - (news ? 1 : 0);
	if (free <= most_exhausted && std::uint64_t{1} << free <= plan_.states)
		exhaust(use);
	else
		patterns(use);
	sample(use);
}

// ---- one state ----

template <typename There> void StateMaker::set(There there)
{
	for (const Item &item : unstable_)
		choices_[item.index] = item.is_news || there(item) ? present : absent;
}

void StateMaker::show(Kind kind, const Use &use)
{
	use(kind);
	left_ -= std::min<std::uint64_t>(left_, 1);
}

void StateMaker::exhaust(const Use &use)
{
	std::vector<WriteIndex> free;
	for (const Item &item : unstable_)
		if (!item.is_news)
			free.push_back(item.index);
	set([](const Item &) { return false; });
	for (std::uint64_t subset = 0; subset < std::uint64_t{1} << free.size(); subset++) {
		for (std::size_t i = 0; i < free.size(); i++)
			choices_[free[i]] = subset >> i & 1 ? present : absent;
		show(Kind::exhaustive, use);
	}
	// All subsets were there; what is left is for torn ones alone.
	left_ = plan_.torn ? std::min<std::uint64_t>(left_, unstable_.size()) : 0;
	for (; left_ > 0; left_--) {
		choose_random();
		tear();
		use(Kind::torn);
	}
}

void StateMaker::patterns(const Use &use)
{
	for (const bool there : {true, false}) {
		set([&](const Item &) { return there; });
		show(Kind::all_or_none, use);
		set([&](const Item &item) { return (item.area != Area::data) == there; });
		show(Kind::metadata_only, use);
		for (std::size_t member = 0; member < walker_.members(); member++) {
			set([&](const Item &item) { return (item.member == member) == there; });
			show(Kind::one_member, use);
		}
	}
}

void StateMaker::sample(const Use &use)
{
	while (left_ > 0)
		show(sample_one(), use);
}

Kind StateMaker::sample_one()
{
	const double dice = std::uniform_real_distribution<>()(random_);
	const auto share =
		std::find_if(shares.begin(), shares.end() - 1, [&](const Share &some) { return dice < some.up_to; });
	choose(share->kind);
	const bool torn = plan_.torn && coin(torn_share);
	if (torn)
		tear();
	choose_early();
	return torn ? Kind::torn : share->kind;
}

void StateMaker::pick()
{
	news_ = nullptr;
	find_unstable();
	if (!unstable_.empty())
		sample_one();
}

void StateMaker::choose(Kind kind)
{
	switch (kind) {
	case Kind::groups:
		return choose_groups();
	case Kind::one_missing:
		return choose_one(false);
	case Kind::one_there:
		return choose_one(true);
	case Kind::in_order:
		return choose_in_order();
	case Kind::completed:
		return choose_completed();
	default:
		return choose_random();
	}
}

void StateMaker::choose_groups()
{
	constexpr std::size_t areas = 3;
	std::vector<bool> there(walker_.members() * areas);
	for (std::size_t i = 0; i < there.size(); i++)
		there[i] = coin(0.5);
	set([&](const Item &item) { return there[item.member * areas + static_cast<std::size_t>(item.area)]; });
}

void StateMaker::choose_one(bool there)
{
	const WriteIndex one = unstable_[below(unstable_.size())].index;
	set([&](const Item &item) { return (item.index == one) == there; });
}

void StateMaker::choose_in_order()
{
	std::vector<WriteIndex> until;
	for (std::size_t member = 0; member < walker_.members(); member++)
		until.push_back(unstable_[below(unstable_.size())].index);
	set([&](const Item &item) { return item.index <= until[item.member]; });
}

void StateMaker::choose_completed()
{
	const double probability = std::uniform_real_distribution<>()(random_);
	set([&](const Item &item) {
		const Write &write = walker_.write(item.index);
		return write.completed <= walker_.cut() ? !write.error : coin(probability);
	});
}

void StateMaker::choose_random()
{
	std::vector<double> probability;
	for (std::size_t member = 0; member < walker_.members(); member++)
		probability.push_back(std::uniform_real_distribution<>()(random_));
	set([&](const Item &item) { return coin(probability[item.member]); });
}

void StateMaker::tear()
{
	for (const Item &item : unstable_) {
		const std::uint64_t sectors = std::min<std::uint64_t>(walker_.write(item.index).sectors(), UINT16_MAX);
		if (choices_[item.index] != present || sectors < 2 || !coin(torn_writes))
			continue;
		choices_[item.index] = {coin(0.7) ? Choice::Part::first : Choice::Part::rest, false,
					static_cast<std::uint16_t>(1 + below(sectors - 1))};
	}
}

void StateMaker::choose_early()
{
	for (const WriteIndex index : overtaken_)
		choices_[index].early = choices_[index].part != Choice::Part::none && coin(0.5);
}

} // namespace crashcheck
