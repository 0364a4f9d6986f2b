// What a member stores, with a volatile write cache: what is written is visible at once, stable after a flush, and until
// then may be lost with the power, sector by sector. Not for several threads at a time.
#pragma once

#include "lab/sector.h"
#include "lab/units.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <vector>

namespace recorder {

class Medium {
public:
	// A point in the order of changes.
	enum class Moment : std::uint64_t {};

	// A piece of the medium as it is after the power was lost.
	struct Piece {
		lab::Bytes offset;
		std::span<const std::byte> data; // until the next change
	};

	explicit Medium(lab::Bytes size); // zeros
	Medium(const Medium &) = delete;
	Medium &operator=(const Medium &) = delete;
	~Medium();

	std::span<const std::byte> read(lab::Bytes offset, lab::Bytes length) const;
	void write(lab::Bytes offset, std::span<const std::byte> data, bool fua);
	void zero(lab::Bytes offset, lab::Bytes length, bool fua);

	// A flush makes stable what was written before it began.
	Moment begin_flush() const { return now_; }
	void end_flush(Moment began);

	// A request failed that others may believe to have changed this.
	void doubt(lab::Bytes offset, lab::Bytes length);

	// Of each sector that is not stable, any version since the stable one may be what is left. Returns all that were not
	// stable or in doubt, as they are now. They are stable then.
	std::vector<Piece> lose_power(std::mt19937_64 &random);

private:
	using Image = std::array<std::byte, lab::sector_bytes>;

	struct Version {
		Moment moment;
		Image image;
	};

	// A sector that may still change by itself.
	struct Unstable {
		Image stable;
		std::vector<Version> versions; // the newest last; that is the visible one
		bool doubtful = false;
	};

	std::span<std::byte> visible(std::uint64_t sector) const;
	Unstable &unstable(std::uint64_t sector);
	void change(lab::Bytes offset, std::span<const std::byte> data, lab::Bytes length, bool fua);

	std::byte *memory_;
	lab::Bytes size_;
	Moment now_{};
	std::map<std::uint64_t, Unstable> unstable_; // by sector
};

} // namespace recorder
