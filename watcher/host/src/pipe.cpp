// pipe.cpp - packets between a real-time thread and another one: two rings and two bells.
#include "doorbell.h"
#include "ring.h"

#include <libraries/Pipe/Pipe.h>

#include <atomic>

namespace {

/// One direction.
struct Way {
	explicit Way(std::size_t bytes) : ring(bytes) {}

	bool write(const void* data, std::size_t size)
	{
		const bool done = ring.put(data, size);
		if (done)
			bell.ring();
		return done;
	}

	ssize_t read(void* data, std::size_t size)
	{
		if (blocking.load(std::memory_order_relaxed))
			bell.wait([this] { return ring.next() >= 0; }, timeoutMs.load(std::memory_order_relaxed));
		const std::ptrdiff_t whole = ring.take(data, size);
		return whole > static_cast<std::ptrdiff_t>(size) ? static_cast<ssize_t>(size) : static_cast<ssize_t>(whole);
	}

	host::Ring ring;
	host::Doorbell bell;
	std::atomic<bool> blocking{false};
	std::atomic<double> timeoutMs{0};
};

} // namespace

struct Pipe::Inside {
	explicit Inside(std::size_t bytes) : toRt(bytes), toNonRt(bytes) {}

	Way toRt, toNonRt;
};

Pipe::Pipe() = default;

Pipe::Pipe(const std::string& pipeName, std::size_t size, bool newBlockingRt, bool newBlockingNonRt)
{
	setup(pipeName, size, newBlockingRt, newBlockingNonRt);
}

Pipe::~Pipe() = default;

bool Pipe::setup(const std::string&, std::size_t size, bool newBlockingRt, bool newBlockingNonRt)
{
	inside_.reset(new Inside(size));
	setBlockingRt(newBlockingRt);
	setBlockingNonRt(newBlockingNonRt);
	return true;
}

void Pipe::cleanup() { inside_.reset(); }

void Pipe::setBlockingRt(bool blocking)
{
	if (inside_)
		inside_->toRt.blocking = blocking;
}

void Pipe::setBlockingNonRt(bool blocking)
{
	if (inside_)
		inside_->toNonRt.blocking = blocking;
}

void Pipe::setTimeoutMsRt(double timeoutMs)
{
	if (inside_)
		inside_->toRt.timeoutMs = timeoutMs;
}

void Pipe::setTimeoutMsNonRt(double timeoutMs)
{
	if (inside_)
		inside_->toNonRt.timeoutMs = timeoutMs;
}

bool Pipe::_writeNonRt(const void* data, std::size_t size) { return inside_ && inside_->toRt.write(data, size); }

bool Pipe::_writeRt(const void* data, std::size_t size) { return inside_ && inside_->toNonRt.write(data, size); }

ssize_t Pipe::_readNonRt(void* data, std::size_t size) { return inside_ ? inside_->toNonRt.read(data, size) : -1; }

ssize_t Pipe::_readRt(void* data, std::size_t size) { return inside_ ? inside_->toRt.read(data, size) : -1; }
