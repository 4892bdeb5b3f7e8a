// pace.cpp - when the next block is due.
#include "pace.h"

#include "doorbell.h"

#include <Bela.h>

#include <cerrno>
#include <ctime>
#include <poll.h>

namespace host {
namespace {

constexpr double LOST_S = 0.5; // a process that slept for longer loses the time, as a suspended board does

double now()
{
	timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

} // namespace

Pace::Pace(const Settings& settings, Doorbell& stop) : settings_(settings), stop_(stop) {}

bool Pace::reach(std::uint64_t frame)
{
	if (settings_.frames && frame >= settings_.frames)
		return false;
	if (settings_.step && !readStep(frame))
		return false;
	if (settings_.speed > 0)
		sleepUntilDue(frame);
	return true;
}

void Pace::sleepUntilDue(std::uint64_t frame)
{
	const double framesPerS = settings_.rateHz * settings_.speed;
	const double due = clockS_ + static_cast<double>(frame - clockFrame_) / framesPerS;
	const double late = now() - due;
	if (!running_ || late > LOST_S) {
		underruns_ += running_;
		running_ = true;
		clockS_ = now();
		clockFrame_ = frame;
		return;
	}
	if (late > settings_.blockFrames / framesPerS)
		++underruns_;
	if (late >= 0)
		return;
	timespec until;
	until.tv_sec = static_cast<time_t>(due);
	until.tv_nsec = static_cast<long>((due - static_cast<double>(until.tv_sec)) * 1e9);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR && !gShouldStop)
		continue;
}

/// Waits until standard input wants a frame that is still to come; false when it ends.
bool Pace::readStep(std::uint64_t frame)
{
	while (frame >= step_) {
		if (stepping_)
			std::printf("%llu\n", static_cast<unsigned long long>(step_));
		std::fflush(stdout);
		stepping_ = false;
		running_ = false; // no time passed meanwhile
		std::string line;
		if (!readLine(line))
			return false;
		step_ = std::strtoull(line.c_str(), nullptr, 10);
		stepping_ = true;
	}
	return true;
}

bool Pace::readLine(std::string& line)
{
	for (;;) {
		const std::size_t end = typed_.find('\n');
		if (end != std::string::npos) {
			line = typed_.substr(0, end);
			typed_.erase(0, end + 1);
			return true;
		}
		stop_.announce();
		if (gShouldStop)
			return false;
		pollfd waited[] = {{STDIN_FILENO, POLLIN, 0}, {stop_.fd(), POLLIN, 0}};
		poll(waited, 2, -1);
		if (gShouldStop)
			return false;
		if (waited[0].revents == 0)
			continue;
		char bytes[256];
		const ssize_t count = read(STDIN_FILENO, bytes, sizeof(bytes));
		if (count <= 0)
			return false;
		typed_.append(bytes, static_cast<std::size_t>(count));
	}
}

} // namespace host
