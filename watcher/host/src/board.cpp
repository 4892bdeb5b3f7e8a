// board.cpp - the buffers of one block, filled as a board's converters would.
#include "board.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace host {
namespace {

constexpr double PI = 3.14159265358979323846;
constexpr double POT_HZ = 0.1;                      // of the first pot; the second is twice as fast, and so on
constexpr double BUTTON_EVERY_S = 2, BUTTON_S = 0.1; // a press, and how long it is
constexpr unsigned PINS = 16;
constexpr std::uint32_t INPUTS = 0xFFFF; // a 1 for each pin that is an input; values are in the upper half

constexpr unsigned ANALOG_FULL_RATE = 4; // so many channels come at the audio rate, 8 at half of it, 2 at twice

/// Whole frames, also of odd blocks: a program that reads frame n / 2 finds it.
unsigned analogFrames(const Settings& settings)
{
	const unsigned channels = settings.analogChannels;
	return channels ? (settings.blockFrames * ANALOG_FULL_RATE + channels - 1) / channels : 0;
}

} // namespace

Board::Board(const Settings& settings)
    : settings_(settings), analogFrames_(analogFrames(settings)),
      input_(settings.input, settings.rateHz, settings.channels),
      output_(settings.output, settings.rateHz, settings.channels),
      audioIn_(std::size_t{settings.blockFrames} * settings.channels), audioOut_(audioIn_.size()),
      analogIn_(std::size_t{analogFrames_} * settings.analogChannels), analogOut_(analogIn_.size()),
      digital_(settings.blockFrames, INPUTS), context_(static_cast<BelaContext*>(::operator new(sizeof(BelaContext))))
{
	describe(0, 0);
}

void Board::describe(std::uint64_t frame, unsigned underruns)
{
	const auto audioRate = static_cast<float>(settings_.rateHz);
	const float analogRate =
	    analogFrames_ ? audioRate * ANALOG_FULL_RATE / static_cast<float>(settings_.analogChannels) : 0;
	// a new one each time, since its members are constants
	new (context_.get()) BelaContext{
	    audioIn_.data(),
	    audioOut_.data(),
	    analogIn_.data(),
	    analogOut_.data(),
	    digital_.data(),
	    settings_.blockFrames,
	    settings_.channels,
	    settings_.channels,
	    audioRate,
	    analogFrames_,
	    settings_.analogChannels,
	    settings_.analogChannels,
	    analogRate,
	    settings_.blockFrames,
	    PINS,
	    audioRate,
	    frame,
	    1,
	    0,
	    nullptr,
	    0,
	    BELA_FLAG_INTERLEAVED | BELA_FLAG_ANALOG_OUTPUTS_PERSIST,
	    {},
	    underruns,
	};
	std::strncpy(context_->projectName, settings_.project.c_str(), MAX_PROJECTNAME_LENGTH - 1);
}

void Board::begin(std::uint64_t frame, unsigned underruns)
{
	describe(frame, underruns);
	input_.read(frame, audioIn_.data(), settings_.blockFrames);
	std::fill(audioOut_.begin(), audioOut_.end(), 0.0f);

	const double seconds = static_cast<double>(frame) / settings_.rateHz;
	for (unsigned channel = 0; channel < settings_.analogChannels; ++channel) {
		const double turn = std::fmod(seconds * POT_HZ * (channel + 1), 1.0);
		const auto value = static_cast<float>(0.5 - 0.5 * std::cos(2 * PI * turn));
		for (unsigned n = channel; n < analogIn_.size(); n += settings_.analogChannels)
			analogIn_[n] = value;
	}
	for (std::size_t n = 0; n + settings_.analogChannels < analogOut_.size(); ++n) // outputs keep what they had last
		analogOut_[n] = analogOut_[analogOut_.size() - settings_.analogChannels + n % settings_.analogChannels];

	const std::uint32_t last = digital_.back(), inputs = last & INPUTS, outputs = last & ~(inputs << PINS) & ~INPUTS;
	const bool pressed = std::fmod(seconds, BUTTON_EVERY_S) < BUTTON_S;
	std::fill(digital_.begin(), digital_.end(), inputs | outputs | (pressed ? inputs << PINS : 0));
}

void Board::end() { output_.write(audioOut_.data(), settings_.blockFrames); }

} // namespace host
