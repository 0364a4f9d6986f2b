// A read-only mapping of memory that ends with its owner.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include <sys/mman.h>

namespace lab {

class Mapping {
public:
	Mapping() = default;
	Mapping(void *address, std::size_t bytes) : address_(address), bytes_(bytes) {}
	Mapping(Mapping &&other) noexcept { swap(other); }
	Mapping &operator=(Mapping &&other) noexcept
	{
		swap(other);
		return *this;
	}
	~Mapping()
	{
		if (address_)
			munmap(address_, bytes_);
	}

	std::span<const std::byte> bytes() const { return {static_cast<const std::byte *>(address_), bytes_}; }

private:
	void swap(Mapping &other) noexcept
	{
		std::swap(address_, other.address_);
		std::swap(bytes_, other.bytes_);
	}

	void *address_ = nullptr;
	std::size_t bytes_ = 0;
};

} // namespace lab
