// Which sectors of which member do not hold what the array has promised (I8), kept up to date while a recording is
// walked through.
//
// A crash state has to be looked at only where the stable contents break a promise, or an unstable write would.
#pragma once

#include "crashcheck/demands.h"
#include "lab/promises.h"

#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace crashcheck {

struct BrokenPromise {
	std::size_t member = 0;
	lab::Sectors sector; // of the array
	lab::Promise promise;
	std::optional<lab::SectorStamp> found; // nothing: what labwriter never wrote

	std::string text() const;
};

class PromiseKeeper : public Follower {
public:
	explicit PromiseKeeper(Walker &walker);

	void started(WriteIndex index) override;
	void settled(std::size_t member, Range range) override;
	void marked(std::string_view text) override;

	// A promise that is broken in the crash state, other than where the member knows that it holds nothing.
	std::optional<BrokenPromise> broken(const SyncMember &member, const Contents &contents, const Choices &choices,
					    const std::vector<BadBlocks> &bad);
	// The same of one sector of the array, of which there is a promise.
	std::optional<BrokenPromise> look(const SyncMember &member, std::uint64_t sector, const Contents &contents);

	const lab::Promises &promises() const { return promises_; }

private:
	struct Watched {
		SyncMember member;
		std::set<std::uint64_t> broken;    // sectors of the array, by what is stable
		std::set<WriteIndex> dangerous;    // unstable writes that break a promise
	};

	Watched &watched(const SyncMember &member);
	void check(Watched &watched, Range array);
	void judge(Watched &watched, WriteIndex index);
	bool is_dangerous(const Watched &watched, const Write &write);
	bool allows(std::uint64_t sector, Hash hash, std::span<const std::byte, lab::sector_bytes> data);
	const std::optional<lab::SectorStamp> &stamp_of(Hash hash, std::span<const std::byte, lab::sector_bytes> data);

	Walker &walker_;
	lab::Promises promises_;
	std::vector<Watched> watched_;
	std::unordered_map<Hash, std::optional<lab::SectorStamp>> stamps_;
};

} // namespace crashcheck
