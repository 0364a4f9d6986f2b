#include "crashcheck/explain.h"

#include "crashcheck/metadata.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include <fmt/format.h>

namespace crashcheck {
namespace {

constexpr std::size_t latest_writes = 3; // to the same place of the same member

// The member's sectors that a violation is about.
Range on_member(const Violation &violation, const Layout &layout, std::size_t member)
{
	std::uint64_t offset = layout.data_begin(member);
	if (violation.pair && violation.pair->a == member)
		offset = violation.pair->offset_a.count;
	else if (violation.pair && violation.pair->b == member)
		offset = violation.pair->offset_b.count;
	return {violation.sectors.begin + offset, violation.sectors.end + offset};
}

std::string first_line(std::string_view text)
{
	return std::string(text.substr(0, text.find('\n')));
}

std::string resync_text(const MdSuper &super)
{
	if (super.is_clean())
		return "clean";
	return super.resync_offset.count ? fmt::format("in sync up to sector {}", super.resync_offset.count) : "not clean";
}

std::string role_text(Role role)
{
	switch (role) {
	case Role::spare:
		return "-";
	case Role::faulty:
		return "failed";
	case Role::journal:
		return "journal";
	default:
		return fmt::format("{}", static_cast<std::uint16_t>(role));
	}
}

std::string text_of(const MdSuper &super)
{
	std::string text = fmt::format("events {}, {}, device {} of roles", super.events, resync_text(super),
				       super.device_number);
	std::size_t used = super.roles.size();
	while (used > 0 && super.roles[used - 1] == Role::spare)
		used--;
	for (std::size_t i = 0; i < used; i++)
		text += " " + role_text(super.roles[i]);
	if (super.write_mostly)
		text += ", write-mostly";
	if (super.replacement)
		text += ", replacement";
	if (super.recovery_offset)
		text += fmt::format(", being rebuilt{} from sector {}", super.recovery_by_bitmap ? " by the bitmap" : "",
				    super.recovery_offset->count);
	return text;
}

std::string text_of(const BitmapCopy &copy, lab::Sectors array)
{
	const BitmapSuper &super = copy.super();
	if (super.magic != bitmap_magic || !Grid::is_chunk_size(super.chunk_bytes))
		return "no bitmap where it should be";
	const std::uint64_t chunks = Grid(array, super.chunk_bytes).chunks();
	std::uint64_t bits = 0;
	for (std::uint64_t chunk = 0; chunk < chunks; chunk++)
		bits += copy.test(Chunk{chunk});
	const std::string events = super.events == bitmap_asleep ? "asleep" : fmt::format("events {}", super.events);
	return fmt::format("bitmap: {}, cleared {}, state {}, {} of {} bits set", events, super.events_cleared, super.state,
			   bits, chunks);
}

} // namespace

std::string Explainer::fate(const Write &write) const
{
	if (!walker_.medium(write.member).is_unstable(walker_.history().index_of(write)))
		return write.stable <= walker_.cut() ? "stable" : "overwritten";
	const Choice &choice = choices_[walker_.history().index_of(write)];
	std::string text = write.completed <= walker_.cut() ? (write.error ? "failed" : "completed, not flushed") : "under way";
	switch (choice.part) {
	case Choice::Part::none:
		return text + ": LOST";
	case Choice::Part::whole:
		return text + (choice.early ? ": there, but overwritten by what completed later" : ": there");
	case Choice::Part::first:
		return text + fmt::format(": only the first {} sectors there", choice.sectors);
	case Choice::Part::rest:
		return text + fmt::format(": all but the first {} sectors there", choice.sectors);
	}
	return text;
}

std::string Explainer::line(Moment moment) const
{
	const lab::Record record = walker_.history().log()[moment];
	const std::string when = fmt::format("{:7} {:10.6f} s", moment, static_cast<double>(record.time_ns) / 1e9);
	if (record.kind == lab::Kind::mark)
		return fmt::format("{} mark: {}", when, first_line(record.text));
	const std::string_view member = walker_.history().log().members()[record.member].name;
	if (record.kind == lab::Kind::completed)
		return fmt::format("{} {} flush completed", when, member);
	const Write &write = *walker_.history().started_at(moment);
	std::string where = fmt::format("sectors {}..{}", write.begin, write.end - 1);
	if (layout_.area_of(write) == Area::data) {
		const std::uint64_t offset = layout_.data_begin(write.member);
		where += write.begin >= offset ?
				 fmt::format(" (array {}..{})", write.begin - offset, write.end - 1 - offset) :
				 " (across the begin of the data)";
	}
	return fmt::format("{} {} {} {} of {}, {}: {}", when, member, static_cast<std::uint64_t>(record.request),
			   name_of(record.kind), name_of(layout_.area_of(write)), where, fate(write));
}

void Explainer::find_writes(const Violation &violation, std::vector<Moment> &moments) const
{
	std::map<std::pair<std::size_t, Area>, std::size_t> found;
	const std::vector<Write> &writes = walker_.history().writes();
	for (auto write = writes.rbegin(); write != writes.rend(); ++write) {
		if (write->started > walker_.cut())
			continue;
		const Area area = layout_.area_of(*write);
		const Range sectors = on_member(violation, layout_, write->member);
		if (area == Area::data && !write->overlaps(sectors.begin, sectors.end))
			continue;
		if (found[{write->member, area}]++ < latest_writes)
			moments.push_back(write->started);
	}
}

// The latest of each member that was completed.
void Explainer::find_flushes(std::vector<Moment> &moments) const
{
	const lab::LogReader &log = walker_.history().log();
	std::unordered_map<lab::RequestId, bool> is_flush;
	std::map<std::size_t, Moment> latest;
	for (Moment moment = 0; moment <= walker_.cut(); moment++) {
		const lab::Record record = log[moment];
		if (record.kind == lab::Kind::flush)
			is_flush[record.request] = true;
		else if (record.kind == lab::Kind::completed && !record.error && is_flush.erase(record.request))
			latest[record.member] = moment;
	}
	for (const auto &[member, moment] : latest)
		moments.push_back(moment);
}

void Explainer::find_mark(std::vector<Moment> &moments) const
{
	for (Moment moment = walker_.cut() + 1; moment-- > 0;)
		if (walker_.history().log()[moment].kind == lab::Kind::mark) {
			moments.push_back(moment);
			return;
		}
}

std::vector<std::string> Explainer::events(const Violation &violation) const
{
	std::vector<Moment> moments;
	find_writes(violation, moments);
	find_flushes(moments);
	find_mark(moments);
	std::sort(moments.begin(), moments.end());
	std::vector<std::string> lines;
	for (const Moment moment : moments)
		lines.push_back(line(moment));
	return lines;
}

std::vector<std::string> Explainer::metadata() const
{
	const History &history = walker_.history();
	std::vector<Contents> contents;
	for (std::size_t member = 0; member < walker_.members(); member++)
		contents.emplace_back(history, walker_.medium(member), choices_, walker_.cut());
	MetadataReader reader(history);
	Metadata metadata;
	reader.read(contents, metadata);

	std::vector<std::string> lines;
	for (std::size_t member = 0; member < walker_.members(); member++) {
		const MemberMetadata &here = metadata.members[member];
		std::string line = fmt::format("{}: ", history.log().members()[member].name);
		line += here.super ? text_of(*here.super) : "no superblock";
		if (here.super && !here.bad_blocks)
			line += ", a bad block log that makes no sense";
		else if (here.super)
			for (const BadBlocks &blocks : *here.bad_blocks)
				line += fmt::format(", bad {}..{}", blocks.begin.count, blocks.end.count - 1);
		for (const BitmapCopy *copy : here.copies)
			line += "; " + (copy ? text_of(*copy, here.super->size) : "no bitmap");
		lines.push_back(line);
	}
	return lines;
}

} // namespace crashcheck
