// ring.h - a bounded queue of byte records between threads, without locks.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace host {

/// Whole records go in and come out in order; one that does not fit is refused.
///
/// One thread takes. Several may put: they take turns by a flag for which nobody waits long: who does not get
/// it after a bounded number of tries is refused as if the ring were full.
class Ring {
public:
	explicit Ring(std::size_t bytes);

	/// Puts the record that the parts make together; false when there is no room. [any-thread]
	bool put(const void* data, std::size_t size, const void* more = nullptr, std::size_t moreSize = 0);

	/// Takes a record, as much of it as fits into `capacity`; its whole size, or -1 when there is none. [one thread]
	std::ptrdiff_t take(void* data, std::size_t capacity);

	/// Size of the next record, or -1 when there is none. [the taking thread]
	std::ptrdiff_t next() const;

	std::size_t used() const; ///< bytes, with 4 for each record. [any-thread]

private:
	void copyIn(std::uint64_t at, const void* data, std::size_t size);
	void copyOut(std::uint64_t at, void* data, std::size_t size) const;

	std::vector<unsigned char> bytes_;
	std::atomic<std::uint64_t> written_{0}; // all that was ever put: moved by the putting thread
	std::atomic<std::uint64_t> read_{0};    // all that was ever taken: moved by the taking thread
	std::atomic_flag putting_ = ATOMIC_FLAG_INIT;
};

} // namespace host
