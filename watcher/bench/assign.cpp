// assign.cpp - nanoseconds of an assignment, as JSON on one line: unwatched, watched, logged, monitored, and a plain store.
#include "../tests/fake_gui.h"

#include <Watcher.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <unistd.h>

namespace {

constexpr int kRounds = 41;
constexpr unsigned kFrames = 4096; // of a round; the sender has a rest behind it, as it would in real time
constexpr unsigned kVariables = 16;

double now()
{
	return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Median nanoseconds of one call of `assign(variable, frame)`, with a tick a frame; what the ticks alone take is taken off.
template <typename Tick, typename Assign> double median(Tick tick, Assign assign)
{
	static std::uint64_t frame = 0;
	std::vector<double> times;
	for (int round = 0; round < kRounds; round++) {
		for (const double rested = now(); now() - rested < 1e-3;) // a processor that slept begins slowly
			tick(++frame);
		const double begin = now();
		for (unsigned n = 0; n < kFrames; n++) {
			tick(++frame);
			const float value = static_cast<float>(frame); // once, as its conversion takes longer than an assignment
			for (unsigned v = 0; v < kVariables; v++)
				assign(v, value);
		}
		const double middle = now();
		for (unsigned n = 0; n < kFrames; n++)
			tick(++frame);
		times.push_back((2 * middle - begin - now()) / kFrames / kVariables * 1e9);
		std::this_thread::sleep_for(std::chrono::milliseconds(4));
	}
	std::nth_element(times.begin(), times.begin() + kRounds / 2, times.end());
	return times[kRounds / 2];
}

} // namespace

int main()
{
	Gui gui;
	WatcherManager manager(gui);
	manager.setup(44100);
	const FakeClient client(gui);
	client.keep(false);
	std::vector<Watcher<float>> watchers;
	std::string names, periods;
	for (unsigned v = 0; v < kVariables; v++) {
		watchers.emplace_back("v" + std::to_string(v), &manager);
		names += (v ? ",\"v" : "\"v") + std::to_string(v) + "\"";
		periods += v ? ",1000" : "1000";
	}
	const auto say = [&](const std::string& command, const std::string& more) {
		client.say("{\"watcher\":[{\"cmd\":\"" + command + "\",\"watchers\":[" + names + "]" + more + "}]}");
	};
	Watcher<float>* const all = watchers.data(); // as if each were a global of the program
	const auto tick = [&](std::uint64_t frame) { manager.tick(frame); };
	const auto assign = [all](unsigned v, float value) { all[v] = value; };

	volatile float plain[kVariables] = {};
	std::printf("{\"store\": %.3f, ", median(tick, [&](unsigned v, float value) { plain[v] = value; }));
	std::printf("\"unwatched\": %.3f, ", median(tick, assign));
	say("watch", "");
	std::printf("\"watched\": %.3f, ", median(tick, assign));
	say("unwatch", "");
	say("watch", ",\"protocol\":2,\"blocks\":[16" + [&] {
		std::string more;
		for (unsigned v = 1; v < kVariables; v++)
			more += ",16";
		return more;
	}() + "]");
	std::printf("\"watched in blocks of 16\": %.3f, ", median(tick, assign));
	say("unwatch", ",\"protocol\":2");
	say("monitor", ",\"periods\":[" + periods + "]");
	std::printf("\"monitored\": %.3f, ", median(tick, assign));
	say("monitor", ",\"periods\":[" + [&] {
		std::string more = "0";
		for (unsigned v = 1; v < kVariables; v++)
			more += ",0";
		return more;
	}() + "]");
	say("log", "");
	std::printf("\"logged\": %.3f}\n", median(tick, assign));
	say("unlog", "");
	median(tick, assign);
	for (unsigned v = 0; v < kVariables; v++)
		unlink(("v" + std::to_string(v) + ".bin").c_str());
	return 0;
}
