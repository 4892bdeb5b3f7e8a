// settings.cpp - what the command line says.
#include "settings.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <getopt.h>
#include <limits>
#include <vector>

namespace host {
namespace {

struct Option {
	const char* name;
	const char* value; ///< what it is called in the help; nullptr: it has none
	const char* help;
	std::function<bool(Settings&, const char*)> set; ///< false when the value is none
};

template <typename T> bool number(const char* text, double low, double high, T& into)
{
	char* end;
	const double value = std::strtod(text, &end);
	if (end == text || *end || !(value >= low && value <= high))
		return false;
	into = static_cast<T>(value);
	return std::numeric_limits<T>::is_integer ? std::floor(value) == value : true;
}

const std::vector<Option>& options()
{
	static const std::vector<Option> all = {
	    {"port", "N", "listen on this port instead of 5555; 0 = any that is free",
	     [](Settings& s, const char* v) { return number(v, 0, 65535, s.port); }},
	    {"host", "ADDRESS", "listen on this address (127.0.0.1); 0.0.0.0 = all",
	     [](Settings& s, const char* v) { return s.address = v, true; }},
	    {"project", "NAME", "the name that clients are greeted with",
	     [](Settings& s, const char* v) { return s.project = v, true; }},
	    {"folder", "PATH", "run there: log files come there",
	     [](Settings& s, const char* v) { return s.folder = v, true; }},
	    {"input", "FILE", "a sound file as audio input, again and again, instead of a test tone",
	     [](Settings& s, const char* v) { return s.input = v, true; }},
	    {"output", "FILE", "write the audio output to this WAV file",
	     [](Settings& s, const char* v) { return s.output = v, true; }},
	    {"rate", "HZ", "audio sample rate (44100)",
	     [](Settings& s, const char* v) { return number(v, 1000, 384000, s.rateHz); }},
	    {"block", "FRAMES", "frames in a block (16)",
	     [](Settings& s, const char* v) { return number(v, 1, 4096, s.blockFrames); }},
	    {"channels", "N", "audio channels (2)",
	     [](Settings& s, const char* v) { return number(v, 1, 64, s.channels); }},
	    {"analog", "N", "analog channels: 8 at half the audio rate, 4 at the same, 2 at twice; 0 = none (8)",
	     [](Settings& s, const char* v) {
		     return number(v, 0, 8, s.analogChannels) &&
		            (s.analogChannels == 0 || s.analogChannels == 2 || s.analogChannels == 4 || s.analogChannels == 8);
	     }},
	    {"speed", "X", "seconds of audio a second (1); 0 = as fast as it goes",
	     [](Settings& s, const char* v) { return number(v, 0, 1e6, s.speed); }},
	    {"frames", "N", "end after so many frames",
	     [](Settings& s, const char* v) { return number(v, 1, 9e15, s.frames); }},
	    {"step", nullptr, "go as far as standard input says: each line is a frame to reach, which is then printed",
	     [](Settings& s, const char*) { return s.step = true; }},
	    {"realtime", nullptr, "ask for a real-time thread (needs the permission)",
	     [](Settings& s, const char*) { return s.realtime = true; }},
	};
	return all;
}

[[noreturn]] void help(const std::string& project)
{
	std::printf("%s: a Bela program on this computer\n\n", project.c_str());
	for (const Option& option : options()) {
		const std::string left = std::string("--") + option.name + (option.value ? std::string(" ") + option.value : "");
		std::printf("  %-16s  %s\n", left.c_str(), option.help);
	}
	std::printf("\nThe environment's BELA_HOST_PORT is --port. Ctrl-C ends it.\n");
	std::exit(0);
}

[[noreturn]] void complain(const std::string& what)
{
	std::fprintf(stderr, "%s: --help tells what there is\n", what.c_str());
	std::exit(2);
}

void set(const Option& option, const char* value)
{
	if (!option.set(settings(), value))
		complain(std::string("--") + option.name + " cannot be " + value);
}

} // namespace

Settings& settings()
{
	static Settings all;
	return all;
}

void readSettings(int count, char** words)
{
	const std::string program = words[0];
	settings().project = program.substr(program.rfind('/') + 1);
	if (const char* port = std::getenv("BELA_HOST_PORT"))
		set(options().front(), port);

	constexpr int HELP = 'h', FIRST = 1000; // FIRST + n is the option n
	std::vector<option> known;
	for (const Option& one : options())
		known.push_back({one.name, one.value ? required_argument : no_argument, nullptr,
		                 FIRST + static_cast<int>(known.size())});
	known.push_back({"help", no_argument, nullptr, HELP});
	known.push_back({nullptr, 0, nullptr, 0});
	opterr = 0; // we complain ourselves
	for (int found; (found = getopt_long(count, words, "h", known.data(), nullptr)) != -1;) {
		if (found == HELP)
			help(settings().project);
		if (found < FIRST)
			complain(std::string("cannot read ") + words[optind - 1]);
		set(options()[static_cast<std::size_t>(found - FIRST)], optarg);
	}
	if (optind < count)
		complain(std::string("cannot read ") + words[optind]);
}

} // namespace host
