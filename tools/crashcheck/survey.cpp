#include "crashcheck/survey.h"

#include <algorithm>
#include <exception>
#include <thread>

namespace crashcheck {
namespace {

constexpr std::uint64_t least_states = 16; // at a cut point
constexpr std::size_t portion = 64;        // cut points that a thread takes at a time

bool tightens(std::string_view mark)
{
	return mark.starts_with("durable ");
}

bool says_at_rest(std::string_view mark)
{
	return mark.starts_with("phase stopped") || mark.starts_with("phase idle");
}

} // namespace

Rules rules_of(RuleSet set)
{
	Rules rules;
	if (set != RuleSet::kernel)
		rules.push_back(std::make_unique<OurRule>());
	if (set != RuleSet::ours)
		rules.push_back(std::make_unique<KernelRule>());
	return rules;
}

// ---- results ----

void Results::add(const Results &other, std::size_t examples)
{
	cut_points += other.cut_points;
	states += other.states;
	for (std::size_t i = 0; i < kinds; i++)
		by_kind[i] += other.by_kind[i];
	for (const auto &[key, finding] : other.findings) {
		Finding &mine = findings[key];
		mine.states += finding.states;
		mine.examples.insert(mine.examples.end(), finding.examples.begin(), finding.examples.end());
		std::stable_sort(mine.examples.begin(), mine.examples.end(),
				 [](const Example &a, const Example &b) { return a.cut < b.cut; });
		mine.examples.resize(std::min(mine.examples.size(), examples));
	}
}

std::uint64_t Results::violations() const
{
	std::uint64_t sum = 0;
	for (const auto &[key, finding] : findings)
		sum += finding.states;
	return sum;
}

// ---- survey ----

Survey::Survey(const History &history, const SurveyOptions &options)
	: history_(history), options_(options), layout_(history), established_(find_array(history))
{
	find_cut_points();
}

void Survey::find_cut_points()
{
	const Moment end = std::min(history_.end(), options_.last == never ? never : options_.last + 1);
	for (Moment moment = options_.first; moment < end; moment++) {
		const lab::Record record = history_.log()[moment];
		if (lab::changes_data(record.kind))
			cut_points_.push_back({moment, history_.started_at(moment), false});
		else if (record.kind == lab::Kind::mark && (tightens(record.text) || says_at_rest(record.text)))
			cut_points_.push_back({moment, nullptr, says_at_rest(record.text)});
	}
	all_cut_points_ = cut_points_.size();
	if (all_cut_points_ * least_states > options_.states)
		thin_out();
}

// Too many for so few states. Marks and metadata stay; of data writes, some.
void Survey::thin_out()
{
	std::mt19937_64 random(options_.seed);
	const auto stays = [&](const CutPoint &point) {
		return !point.news || layout_.area_of(*point.news) != Area::data;
	};
	const std::uint64_t wanted = options_.states / least_states;
	const auto staying = static_cast<std::uint64_t>(std::count_if(cut_points_.begin(), cut_points_.end(), stays));
	const double share = staying < wanted ? static_cast<double>(wanted - staying) /
							static_cast<double>(cut_points_.size() - staying) :
						0;
	std::bernoulli_distribution chosen(share);
	std::erase_if(cut_points_, [&](const CutPoint &point) { return !stays(point) && !chosen(random); });
}

// A thread's part: cut points further and further on.
class Survey::Worker {
public:
	Worker(Survey &survey, Progress &progress)
		: survey_(survey), progress_(progress), walker_(survey.history_),
		  checker_(walker_, rules_of(survey.options_.rules), survey.established_),
		  choices_(survey.history_.writes().size())
	{
	}

	Results run()
	{
		for (;;) {
			const std::size_t begin = survey_.next_.fetch_add(portion);
			if (begin >= survey_.cut_points_.size())
				return std::move(results_);
			const std::size_t end = std::min(begin + portion, survey_.cut_points_.size());
			for (std::size_t i = begin; i < end; i++)
				look_at(survey_.cut_points_[i]);
		}
	}

private:
	void look_at(const CutPoint &point)
	{
		const SurveyOptions &options = survey_.options_;
		walker_.walk_to(point.moment);
		if (point.at_rest)
			if (const auto violation = checker_.check_order(choices_))
				note(*violation);
		const Plan plan{std::max(least_states, options.states / survey_.cut_points_.size()), options.seed, options.torn};
		StateMaker maker(walker_, survey_.layout_, plan, choices_);
		const std::uint64_t before = results_.states;
		maker.make(point.news, [&](Kind kind) {
			results_.states++;
			results_.by_kind[static_cast<std::size_t>(kind)]++;
			for (const Violation &violation : checker_.check(choices_))
				note(violation);
		});
		results_.cut_points++;
		progress_.cut_points++;
		progress_.states += results_.states - before;
	}

	void note(const Violation &violation)
	{
		Finding &finding = results_.findings[{violation.check, violation.who}];
		finding.states++;
		progress_.violations++;
		if (finding.examples.size() < survey_.options_.examples &&
		    (finding.examples.empty() || finding.examples.back().cut != walker_.cut()))
			finding.examples.push_back({walker_.cut(), id_of(walker_, choices_), violation});
	}

	Survey &survey_;
	Progress &progress_;
	Walker walker_;
	Checker checker_;
	Choices choices_;
	Results results_;
};

Results Survey::run(Progress &progress)
{
	const unsigned jobs = std::max(1U, options_.jobs);
	std::vector<Results> results(jobs);
	std::vector<std::exception_ptr> errors(jobs);
	progress.cut_points_to_do = cut_points_.size();
	next_ = 0;
	{
		std::vector<std::jthread> threads;
		for (unsigned job = 0; job < jobs; job++)
			threads.emplace_back([&, job] {
				try {
					results[job] = Worker(*this, progress).run();
				} catch (...) {
					errors[job] = std::current_exception();
					next_ = cut_points_.size();
				}
			});
	}
	for (const std::exception_ptr &error : errors)
		if (error)
			std::rethrow_exception(error);
	Results all;
	for (const Results &part : results)
		all.add(part, options_.examples);
	all.of_cut_points = all_cut_points_;
	return all;
}

} // namespace crashcheck
