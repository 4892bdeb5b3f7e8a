// sound.h - audio in: a test tone or a sound file; audio out: a WAV file.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace host {

/// What the microphone hears: a file again and again, or a tone of 440 Hz that is struck every second.
class Input {
public:
	/// Reads the whole file; throws std::runtime_error when it cannot. No name: the tone.
	Input(const std::string& file, double rateHz, unsigned channels);

	/// The block that begins at a frame. (frames x channels), interleaved.
	void read(std::uint64_t frame, float* block, unsigned frames) const;

private:
	double rateHz_;
	unsigned channels_;
	std::vector<float> file_; // (n x channels_)
};

/// A WAV file of 32-bit floats that grows by a second at a time.
class Output {
public:
	/// Throws std::runtime_error when it cannot write. No name: nothing is written.
	Output(const std::string& file, double rateHz, unsigned channels);
	~Output();

	void write(const float* block, unsigned frames);

private:
	void flush();

	struct File;
	std::unique_ptr<File> file_;
	std::vector<float> waiting_;
	unsigned channels_;
	std::size_t second_; // floats
};

} // namespace host
