// settings.h - what the command line says.
#pragma once
#include <cstdint>
#include <string>

namespace host {

/// How the program runs. Read by all once the program runs, changed by nobody then.
struct Settings {
	std::string project;               ///< name that the program sees, and clients are greeted with
	std::string folder = ".";          ///< where the program runs: its log files come here
	std::string address = "127.0.0.1"; ///< where the Gui listens
	int port = -1;                     ///< instead of the Gui's 5555; 0: any that is free; -1: as the program says
	double speed = 1;                  ///< seconds of audio a second; 0: as fast as it goes
	std::uint64_t frames = 0;          ///< after so many it ends; 0: never
	bool step = false;                 ///< standard input says how far to go
	bool realtime = false;             ///< the audio thread asks for SCHED_FIFO
	double rateHz = 44100;
	unsigned blockFrames = 16;
	unsigned channels = 2; ///< of audio, in and out
	unsigned analogChannels = 8;
	std::string input;  ///< a sound file; empty: a test tone
	std::string output; ///< a WAV file to write; empty: none
};

/// The settings of this process.
Settings& settings();

/// Reads the command line and the environment into `settings()`. Prints help or what is wrong, and ends the process then.
void readSettings(int count, char** words);

} // namespace host
