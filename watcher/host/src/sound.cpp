// sound.cpp - audio in: a test tone or a sound file; audio out: a WAV file.
#include "sound.h"

#include <cmath>
#include <stdexcept>

#if HOST_SNDFILE
#include <sndfile.h>
#endif

namespace host {
namespace {

constexpr double PI = 3.14159265358979323846;
constexpr double TONE_HZ = 440, TONE_LEVEL = 0.5;
constexpr double DECAY_S = 0.2; // to 1/e

#if HOST_SNDFILE

std::vector<float> loaded(const std::string& name, double rateHz, unsigned channels)
{
	SF_INFO info{};
	const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> file(sf_open(name.c_str(), SFM_READ, &info), sf_close);
	if (!file)
		throw std::runtime_error("cannot read " + name + ": " + sf_strerror(nullptr));
	if (info.samplerate != static_cast<int>(rateHz)) {
		const std::string has = std::to_string(info.samplerate), wanted = std::to_string(static_cast<int>(rateHz));
		throw std::runtime_error(name + " has " + has + " Hz, and the board " + wanted + ": convert it, or add --rate " + has);
	}
	const auto inFile = static_cast<std::size_t>(info.channels);
	std::vector<float> all(static_cast<std::size_t>(info.frames) * inFile);
	const auto frames = static_cast<std::size_t>(sf_readf_float(file.get(), all.data(), info.frames));
	if (frames == 0)
		throw std::runtime_error(name + " holds no sound");
	std::vector<float> fitted(frames * channels);
	for (std::size_t frame = 0; frame < frames; ++frame)
		for (unsigned channel = 0; channel < channels; ++channel)
			fitted[frame * channels + channel] = all[frame * inFile + channel % inFile];
	return fitted;
}

#else

std::vector<float> loaded(const std::string&, double, unsigned)
{
	throw std::runtime_error("sound files need libsndfile (libsndfile1-dev): install it and build again");
}

#endif

} // namespace

Input::Input(const std::string& file, double rateHz, unsigned channels) : rateHz_(rateHz), channels_(channels)
{
	if (!file.empty())
		file_ = loaded(file, rateHz, channels);
}

void Input::read(std::uint64_t frame, float* block, unsigned frames) const
{
	const auto second = static_cast<std::uint64_t>(rateHz_);
	for (unsigned n = 0; n < frames; ++n, ++frame) {
		if (!file_.empty()) {
			const float* now = file_.data() + frame % (file_.size() / channels_) * channels_;
			for (unsigned channel = 0; channel < channels_; ++channel)
				*block++ = now[channel];
			continue;
		}
		const double t = static_cast<double>(frame % second) / rateHz_; // the tone is the same in every second
		const double value = TONE_LEVEL * std::exp(-t / DECAY_S) * std::sin(2 * PI * TONE_HZ * t);
		for (unsigned channel = 0; channel < channels_; ++channel)
			*block++ = static_cast<float>(value);
	}
}

#if HOST_SNDFILE

struct Output::File {
	~File() { sf_close(file); }
	SNDFILE* file;
};

Output::Output(const std::string& file, double rateHz, unsigned channels)
    : channels_(channels), second_(static_cast<std::size_t>(rateHz) * channels)
{
	if (file.empty())
		return;
	SF_INFO info{};
	info.samplerate = static_cast<int>(rateHz);
	info.channels = static_cast<int>(channels);
	info.format = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
	SNDFILE* const opened = sf_open(file.c_str(), SFM_WRITE, &info);
	if (!opened)
		throw std::runtime_error("cannot write " + file + ": " + sf_strerror(nullptr));
	file_.reset(new File{opened});
	waiting_.reserve(2 * second_);
}

void Output::flush()
{
	sf_write_float(file_->file, waiting_.data(), static_cast<sf_count_t>(waiting_.size()));
	waiting_.clear();
}

#else

struct Output::File {};

Output::Output(const std::string& file, double rateHz, unsigned channels) : channels_(channels), second_(0)
{
	if (!file.empty())
		loaded(file, rateHz, channels);
}

void Output::flush() {}

#endif

Output::~Output()
{
	if (file_)
		flush();
}

void Output::write(const float* block, unsigned frames)
{
	if (!file_)
		return;
	waiting_.insert(waiting_.end(), block, block + std::size_t{frames} * channels_);
	if (waiting_.size() >= second_)
		flush();
}

} // namespace host
