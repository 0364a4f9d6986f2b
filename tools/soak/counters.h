// What has been done so far, by name. Shared by all threads.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include <nlohmann/json.hpp>

namespace soak {

class Counters {
public:
	void add(const std::string &name, std::uint64_t n = 1)
	{
		const std::scoped_lock lock(mutex_);
		counts_[name] += n;
	}

	std::uint64_t operator[](const std::string &name) const
	{
		const std::scoped_lock lock(mutex_);
		const auto entry = counts_.find(name);
		return entry == counts_.end() ? 0 : entry->second;
	}

	nlohmann::json json() const
	{
		const std::scoped_lock lock(mutex_);
		return counts_;
	}

	void add_all(const nlohmann::json &counts)
	{
		for (const auto &[name, n] : counts.items())
			add(name, n.get<std::uint64_t>());
	}

private:
	mutable std::mutex mutex_;
	std::map<std::string, std::uint64_t> counts_;
};

} // namespace soak
