// doorbell.cpp - wakes a thread that sleeps until there is something to do.
#include "doorbell.h"

#include <cmath>
#include <cstdint>
#include <ctime>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <unistd.h>

namespace host {

Doorbell::Doorbell() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
{
	if (fd_ < 0)
		throw std::runtime_error("the system gives no eventfd: too many open files?");
}

Doorbell::~Doorbell() { close(fd_); }

void Doorbell::wake()
{
	const std::uint64_t one = 1;
	[[maybe_unused]] const ssize_t done = write(fd_, &one, sizeof(one)); // refused only when it was rung 2^64 times
}

void Doorbell::hear()
{
	std::uint64_t count;
	[[maybe_unused]] const ssize_t done = read(fd_, &count, sizeof(count)); // nothing to read: nobody rang
}

void Doorbell::sleep(double timeoutMs)
{
	pollfd bell{fd_, POLLIN, 0};
	poll(&bell, 1, timeoutMs > 0 ? static_cast<int>(std::ceil(timeoutMs)) : -1);
	hear();
}

double Doorbell::nowMs()
{
	timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

} // namespace host
