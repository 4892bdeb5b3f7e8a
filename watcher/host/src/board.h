// board.h - the buffers of one block, filled as a board's converters would.
#pragma once
#include "settings.h"
#include "sound.h"

#include <Bela.h>

#include <memory>
#include <vector>

namespace host {

/// What the program sees of its board.
///
/// Pots turn slowly on the analog inputs, each at a speed of its own; a button is pressed every two seconds on all
/// digital pins. All of it is a function of the frame.
class Board {
public:
	/// Throws std::runtime_error when a sound file cannot be used.
	explicit Board(const Settings& settings);

	BelaContext* context() { return context_.get(); }

	void begin(std::uint64_t frame, unsigned underruns); ///< inputs for the block that begins there
	void end();                                          ///< takes the outputs of that block

private:
	void describe(std::uint64_t frame, unsigned underruns);

	Settings settings_;
	unsigned analogFrames_;
	Input input_;
	Output output_;
	std::vector<float> audioIn_, audioOut_, analogIn_, analogOut_;
	std::vector<std::uint32_t> digital_;

	struct Free {
		void operator()(BelaContext* context) const { ::operator delete(context); }
	};
	std::unique_ptr<BelaContext, Free> context_; // at one address: programs may keep it
};

} // namespace host
