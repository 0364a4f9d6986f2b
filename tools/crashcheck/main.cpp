// crashcheck: every crash state of a recording of the crash laboratory, checked.
#include "crashcheck/explain.h"
#include "crashcheck/images.h"
#include "crashcheck/minimise.h"
#include "crashcheck/report.h"
#include "crashcheck/survey.h"

#include <filesystem>
#include <iostream>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

namespace {

using namespace crashcheck;

enum Status { good = 0, violated = 1, bad_input = 2 };

struct Options {
	std::string recording;
	SurveyOptions survey;
	std::string cut;
	std::string failures;
	std::string replay;
	std::vector<std::string> write_state; // directory, ID
	std::vector<std::string> verify;      // directory, ID
	std::vector<std::string> sample;      // directory, number
};

void parse_cut(Options &options)
{
	if (options.cut.empty())
		return;
	const std::size_t dash = options.cut.find('-');
	const auto number = [&](const std::string &text) {
		std::size_t end = 0;
		const unsigned long value = std::stoul(text, &end);
		if (end != text.size() || value >= never)
			throw std::invalid_argument(text);
		return static_cast<Moment>(value);
	};
	try {
		options.survey.first = number(options.cut.substr(0, dash));
		options.survey.last = dash == std::string::npos ? options.survey.first : number(options.cut.substr(dash + 1));
	} catch (const std::exception &) {
		throw std::invalid_argument(fmt::format("--cut {}: not FROM-TO or a number of a record", options.cut));
	}
}

void add_options(CLI::App &app, Options &options)
{
	const std::map<std::string, RuleSet> rules{{"ours", RuleSet::ours}, {"kernel", RuleSet::kernel}, {"both", RuleSet::both}};
	options.survey.jobs = std::max(1U, std::thread::hardware_concurrency());

	app.add_option("RECORDING", options.recording, "its directory, or the log in it")->required();
	app.add_option("--states", options.survey.states, "so many states in all, about")
		->capture_default_str();
	app.add_option("--seed", options.survey.seed, "of the states that are chosen at random")->capture_default_str();
	app.add_option("--cut", options.cut, "look only at crashes after these records: FROM-TO, or one");
	app.add_option("--jobs", options.survey.jobs, "threads")->capture_default_str();
	app.add_option("--rule", options.survey.rules, "whose rule tells which bitmap is believed: ours, kernel or both")
		->transform(CLI::CheckedTransformer(rules, CLI::ignore_case))
		->default_str("both");
	app.add_flag("!--no-torn", options.survey.torn, "a write is on the medium as a whole, or not at all");
	app.add_option("--examples", options.survey.examples, "failing states to show, and to write, of each kind")
		->capture_default_str();
	app.add_option("--failures", options.failures, "where failing states are written as images [RECORDING/failures]");
	app.add_option("--replay", options.replay, "look at this one state and explain it");
	app.add_option("--write-state", options.write_state, "write state ID as DIR/member0.img...")
		->type_name("DIR ID")
		->expected(2);
	app.add_option("--sample", options.sample, "write N states of an array as DIR/1/member0.img...")
		->type_name("DIR N")
		->expected(2);
	app.add_option("--verify", options.verify,
		       "are the images in DIR, made from state ID and resynced since, equal, and hold what was promised?")
		->type_name("DIR ID")
		->expected(2);
	app.footer("A state's ID is CUT:WRITES[:WRITES]...: the number of the last record before the crash, and for each "
		   "member\nwhich of its unstable writes are on the medium: all or none, and exceptions by the number of the "
		   "request:\n-7 (not there), +7 (there), +7.first3, +7.rest3 (in part), .early (overwritten by what completed "
		   "later).\n\nExit status: 0 all is well, 1 violations, 2 bad input.");
}

// What is done with a recording.
class Program {
public:
	Program(const Options &options, const lab::LogReader &log)
		: options_(options), log_(log), history_(log), layout_(history_)
	{
	}

	Status run()
	{
		if (!options_.replay.empty())
			return replay();
		if (!options_.write_state.empty())
			return write_state();
		if (!options_.verify.empty())
			return verify();
		if (!options_.sample.empty())
			return sample();
		return survey();
	}

private:
	Status survey()
	{
		Survey survey(history_, options_.survey);
		if (survey.established() == never)
			throw std::runtime_error("no array was ever stable on the members of this recording");
		Progress progress;
		Results results;
		{
			const ProgressShower shower(progress);
			results = survey.run(progress);
		}
		if (results.cut_points == 0)
			throw std::runtime_error("there is nothing to look at");
		for (const auto &[key, finding] : results.findings)
			for (const Example &example : finding.examples)
				simplify(example, survey.established());
		report(results);
		return results.violations() ? violated : good;
	}

	// Makes the example simple, writes it as images and keeps its text for the report.
	void simplify(const Example &example, Moment established)
	{
		Walker walker(history_);
		Checker checker(walker, rules_of(options_.survey.rules), established);
		walker.walk_to(example.cut);
		Choices choices = choices_of(example.id, walker);
		const Violation &wanted = example.violation;
		Violation simple = wanted;
		if (wanted.check != Check::order)
			minimise(walker, choices, [&](const Choices &tried) {
				for (const Violation &violation : checker.check(tried))
					if (violation.check == wanted.check && violation.who == wanted.who) {
						simple = violation;
						return true;
					}
				return false;
			});
		const auto directory = failures() / fmt::format("{}", ++written_);
		write_images(directory, walker, choices);
		shown_.push_back({wanted.check, wanted.who, explanation(walker, choices, simple), directory});
	}

	std::string explanation(const Walker &walker, const Choices &choices, const Violation &violation) const
	{
		const Explainer explainer(walker, layout_, choices);
		std::string text = violation.what + "\n";
		for (const std::string &line : explainer.metadata())
			text += "    " + line + "\n";
		for (const std::string &line : explainer.events(violation))
			text += "    " + line + "\n";
		return text + fmt::format("    again: crashcheck {} --rule {} --replay {}\n", options_.recording,
					  name_of(options_.survey.rules), id_of(walker, choices));
	}

	std::filesystem::path failures() const
	{
		if (!options_.failures.empty())
			return options_.failures;
		const std::filesystem::path recording = options_.recording;
		return (is_directory(recording) ? recording : recording.parent_path()) / "failures";
	}

	void report(const Results &results) const
	{
		fmt::print("{} of {} cut points, {} states:", results.cut_points, results.of_cut_points, results.states);
		for (std::size_t i = 0; i < kinds; i++)
			if (results.by_kind[i])
				fmt::print(" {} {}{}", results.by_kind[i], name_of(Kind{static_cast<int>(i)}),
					   i + 1 < kinds && results.by_kind[i + 1] ? "," : "");
		fmt::print("\n");
		for (const auto &[key, finding] : results.findings)
			report(key.first, key.second, finding);
		if (results.violations())
			fmt::print("{} violations\n", results.violations());
		else
			fmt::print("all is well in {} states at {} cut points\n", results.states, results.cut_points);
	}

	void report(Check check, const std::string &who, const Finding &finding) const
	{
		fmt::print("VIOLATED {} ({}): {} states; {}\n", name_of(check), invariants_of(check), finding.states, who);
		for (const Shown &shown : shown_)
			if (shown.check == check && shown.who == who)
				fmt::print("  {}: {}", shown.directory.string(), shown.text);
	}

	Status replay()
	{
		Walker walker(history_);
		const Moment established = find_array(history_);
		Checker checker(walker, rules_of(options_.survey.rules), established);
		walker.walk_to(cut_of(options_.replay));
		const Choices choices = choices_of(options_.replay, walker);
		Status status = good;
		for (const Violation &violation : checker.check(choices)) {
			fmt::print("VIOLATED {} ({}): {}", name_of(violation.check), invariants_of(violation.check),
				   explanation(walker, choices, violation));
			status = violated;
		}
		if (status == good) {
			for (const std::string &line : Explainer(walker, layout_, choices).metadata())
				fmt::print("{}\n", line);
			fmt::print("all is well\n");
		}
		return status;
	}

	Status write_state()
	{
		Walker walker(history_);
		walker.walk_to(cut_of(options_.write_state[1]));
		write_images(options_.write_state[0], walker, choices_of(options_.write_state[1], walker));
		return good;
	}

	Status verify()
	{
		const auto wrong = verify_images(options_.verify[0], history_.members(),
						 promises_at(history_, cut_of(options_.verify[1])));
		for (const std::string &line : wrong)
			fmt::print("{}: {}\n", options_.verify[0], line);
		return wrong.empty() ? good : violated;
	}

	Status sample()
	{
		const unsigned long wanted = std::stoul(options_.sample[1]);
		const Moment established = find_array(history_);
		const Moment last = std::min(options_.survey.last, history_.end() - 1);
		if (established > last)
			throw std::runtime_error("there is no array in what is to be sampled");
		const Moment first = std::max(established, options_.survey.first);
		std::mt19937_64 random(options_.survey.seed);
		std::vector<Moment> cuts;
		for (unsigned long i = 0; i < wanted; i++)
			cuts.push_back(std::uniform_int_distribution<Moment>(first, last)(random));
		std::sort(cuts.begin(), cuts.end());

		Walker walker(history_);
		Checker checker(walker, rules_of(options_.survey.rules), established);
		Choices choices(history_.writes().size());
		for (std::size_t i = 0; i < cuts.size(); i++) {
			walker.walk_to(cuts[i]);
			const Plan plan{1, options_.survey.seed + i, options_.survey.torn};
			StateMaker(walker, layout_, plan, choices).pick();
			if (!checker.is_array(choices))
				throw std::runtime_error(fmt::format("{} is no array", id_of(walker, choices)));
			write_images(std::filesystem::path(options_.sample[0]) / fmt::format("{}", i + 1), walker, choices);
		}
		return good;
	}

	struct Shown {
		Check check;
		std::string who;
		std::string text;
		std::filesystem::path directory;
	};

	const Options &options_;
	const lab::LogReader &log_;
	const History history_;
	const Layout layout_;
	std::vector<Shown> shown_;
	std::size_t written_ = 0;
};

} // namespace

int main(int argc, char **argv)
{
	CLI::App app("Checks every crash state of a recording of the crash laboratory.");
	Options options;
	add_options(app, options);
	try {
		app.parse(argc, argv);
	} catch (const CLI::ParseError &error) {
		return app.exit(error) ? bad_input : good;
	}
	try {
		parse_cut(options);
		const lab::LogReader log(options.recording);
		return Program(options, log).run();
	} catch (const std::exception &error) {
		std::cerr << "crashcheck: " << error.what() << '\n';
		return bad_input;
	}
}
