// board.h - a program of a test: a manager, its fake client, and time that goes on when the test says so.
#pragma once
#include "fake_gui.h"

#include <cstring>
#include <string>

struct Board {
	Board() : manager(gui), client(gui) { manager.setup(44100); }

	/// Says a command, `text` being what stands in `{"watcher":[…]}`.
	void say(const std::string& text) const { client.say("{\"watcher\":[" + text + "]}"); }
	/// Ticks the frames from `now` on, and lets the program do something in each.
	template <typename Program> void run(std::uint64_t frames, Program program)
	{
		for (std::uint64_t end = now + frames; now < end; now++) {
			manager.tick(now);
			program(now);
			if (paced && now % 256 == 0) // the sender may be slower than frames without music
				for (int n = 0; n < 1000 && !manager.core()->departures.empty(); n++)
					std::this_thread::sleep_for(std::chrono::microseconds(100));
		}
	}
	/// All that the audio thread did so far has been sent.
	void settle()
	{
		const std::string id = std::to_string(++settled + 1000000);
		say("{\"cmd\":\"unwatch\",\"protocol\":2,\"watchers\":[],\"id\":" + id + "}");
		manager.tick(now);
		for (const watching::Core& core = *manager.core(); core.fullBegin != core.fullEnd;)
			manager.tick(now); // what waits behind full blocks
		client.wait("\"id\":" + id + ",");
	}
	/// The answer to `list`.
	std::string list(bool two = false) const
	{
		const std::size_t before = client.texts().size();
		say(two ? "{\"cmd\":\"list\",\"protocol\":2}" : "{\"cmd\":\"list\"}");
		const std::vector<std::string> texts = client.texts();
		for (std::size_t n = before; n < texts.size(); n++)
			if (texts[n].find("\"watchers\":[") != std::string::npos)
				return texts[n];
		return std::string();
	}

	Gui gui;
	WatcherManager manager;
	FakeClient client;
	std::uint64_t now = 0;
	bool paced = true;
	unsigned settled = 0;
};

/// A number from the bytes of a message.
template <typename N> N numberAt(const std::vector<unsigned char>& bytes, std::size_t at)
{
	N value;
	std::memcpy(&value, bytes.data() + at, sizeof value);
	return value;
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
