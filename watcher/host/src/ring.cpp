// ring.cpp - a bounded queue of byte records between threads, without locks.
#include "ring.h"

#include <algorithm>
#include <cstring>

namespace host {
namespace {

using Head = std::uint32_t; // what stands before a record: its size

constexpr int PUT_TRIES = 10000; // some 10 us: a thread that holds the flag copies a few kB at most
constexpr std::size_t LEAST_BYTES = 64; // a ring of none would divide by 0

} // namespace

Ring::Ring(std::size_t bytes) : bytes_(std::max(bytes, LEAST_BYTES)) {}

bool Ring::put(const void* data, std::size_t size, const void* more, std::size_t moreSize)
{
	int tries = 0;
	while (putting_.test_and_set(std::memory_order_acquire))
		if (++tries == PUT_TRIES)
			return false;
	// acquire: what the taking thread has read may be written over
	const std::uint64_t written = written_.load(std::memory_order_relaxed);
	const std::size_t room = bytes_.size() - static_cast<std::size_t>(written - read_.load(std::memory_order_acquire));
	const std::size_t total = size + moreSize;
	const bool fits = total <= UINT32_MAX && sizeof(Head) + total <= room;
	if (fits) {
		const Head head = static_cast<Head>(total);
		copyIn(written, &head, sizeof(head));
		copyIn(written + sizeof(head), data, size);
		copyIn(written + sizeof(head) + size, more, moreSize);
		// sequentially consistent: ordered before the look whether the taking thread sleeps (Doorbell)
		written_.store(written + sizeof(head) + total, std::memory_order_seq_cst);
	}
	putting_.clear(std::memory_order_release);
	return fits;
}

std::ptrdiff_t Ring::next() const
{
	const std::uint64_t read = read_.load(std::memory_order_relaxed);
	if (written_.load(std::memory_order_seq_cst) == read)
		return -1;
	Head head;
	copyOut(read, &head, sizeof(head));
	return static_cast<std::ptrdiff_t>(head);
}

std::ptrdiff_t Ring::take(void* data, std::size_t capacity)
{
	const std::ptrdiff_t size = next();
	if (size < 0)
		return -1;
	const std::uint64_t read = read_.load(std::memory_order_relaxed);
	copyOut(read + sizeof(Head), data, std::min(capacity, static_cast<std::size_t>(size)));
	read_.store(read + sizeof(Head) + static_cast<std::uint64_t>(size), std::memory_order_release);
	return size;
}

std::size_t Ring::used() const
{
	const std::uint64_t read = read_.load(std::memory_order_acquire); // before `written`, which never falls behind it
	return static_cast<std::size_t>(written_.load(std::memory_order_acquire) - read);
}

void Ring::copyIn(std::uint64_t at, const void* data, std::size_t size)
{
	if (size == 0)
		return;
	const std::size_t begin = static_cast<std::size_t>(at % bytes_.size());
	const std::size_t first = std::min(size, bytes_.size() - begin);
	std::memcpy(bytes_.data() + begin, data, first);
	std::memcpy(bytes_.data(), static_cast<const unsigned char*>(data) + first, size - first);
}

void Ring::copyOut(std::uint64_t at, void* data, std::size_t size) const
{
	if (size == 0)
		return;
	const std::size_t begin = static_cast<std::size_t>(at % bytes_.size());
	const std::size_t first = std::min(size, bytes_.size() - begin);
	std::memcpy(data, bytes_.data() + begin, first);
	std::memcpy(static_cast<unsigned char*>(data) + first, bytes_.data(), size - first);
}

} // namespace host
