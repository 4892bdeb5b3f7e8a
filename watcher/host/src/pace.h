// pace.h - when the next block is due.
#pragma once
#include "settings.h"

#include <cstdint>
#include <string>

namespace host {

class Doorbell;

/// The audio clock: absolute times, so that no block's delay adds up. [audio-thread]
class Pace {
public:
	/// `stop` is rung when the run is to end.
	Pace(const Settings& settings, Doorbell& stop);

	/// Sleeps until the block that begins at `frame` is due; false when there is none, because all frames that were
	/// asked for are done.
	bool reach(std::uint64_t frame);

	unsigned underruns() const { return underruns_; } ///< blocks that began more than their own length late

private:
	bool readStep(std::uint64_t frame);
	bool readLine(std::string& line);
	void sleepUntilDue(std::uint64_t frame);

	const Settings& settings_;
	Doorbell& stop_;
	unsigned underruns_ = 0;
	bool running_ = false;          // the clock below is set
	double clockS_ = 0;             // when `clockFrame_` was due
	std::uint64_t clockFrame_ = 0;
	std::uint64_t step_ = 0;        // in steps: the frame to reach
	bool stepping_ = false;
	std::string typed_;             // standard input, not yet used
};

} // namespace host
