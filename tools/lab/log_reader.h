// Reads a recording: checks it as a whole when it is opened, then gives any record in no time. The file is mapped, not
// read; data of writes are spans into the mapping. Once made, a reader may be used by several threads.
#pragma once

#include "lab/log_format.h"
#include "lab/mapping.h"

#include <filesystem>
#include <iterator>
#include <vector>

namespace lab {

class LogReader {
public:
	class Iterator;

	// `path` is a recording's directory, or the file `log` in it. Throws std::runtime_error that names the file, and the offset where it is not what it should be. A record that is
	// cut off at the end of the file is no error (see complete()).
	explicit LogReader(const std::filesystem::path &path);

	const std::vector<MemberInfo> &members() const { return members_; }
	std::uint64_t began_ns() const { return began_ns_; }

	std::size_t size() const { return offsets_.size(); }
	Record operator[](std::size_t index) const;
	Iterator begin() const;
	Iterator end() const;

	// Did the recorder close the log? If not, it was killed, and the last records may be missing.
	bool complete() const { return complete_; }

private:
	[[noreturn]] void fail(std::size_t offset, std::string_view what) const;
	void read_header();
	void index_records();
	void check(const disk::Record &record, std::size_t offset);
	void check_data(const disk::Record &record, std::size_t offset, std::size_t payload);
	template <typename T> T at(std::size_t offset) const;

	std::filesystem::path path_;
	Mapping file_;
	Mapping zeros_; // what writes of zeros are shown as
	std::vector<MemberInfo> members_;
	std::vector<std::size_t> offsets_; // of the records
	std::uint64_t began_ns_ = 0;
	std::uint64_t longest_zeros_ = 0;
	bool complete_ = false;
};

class LogReader::Iterator {
public:
	using iterator_category = std::input_iterator_tag;
	using value_type = Record;
	using difference_type = std::ptrdiff_t;
	using pointer = void;
	using reference = Record;

	Iterator() = default;
	Iterator(const LogReader &log, std::size_t index) : log_(&log), index_(index) {}

	Record operator*() const { return (*log_)[index_]; }
	Iterator &operator++()
	{
		++index_;
		return *this;
	}
	Iterator operator++(int) { return {*log_, index_++}; }
	bool operator==(const Iterator &other) const { return index_ == other.index_; }

private:
	const LogReader *log_ = nullptr;
	std::size_t index_ = 0;
};

inline LogReader::Iterator LogReader::begin() const
{
	return {*this, 0};
}

inline LogReader::Iterator LogReader::end() const
{
	return {*this, size()};
}

} // namespace lab
