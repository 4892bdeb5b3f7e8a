// fuzz.cpp - messages of hostile clients, for libFuzzer: the first byte tells the endpoint, an FF separates messages.
#include "fake_gui.h"

#include <Watcher.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

struct Program {
	Program()
	    : manager(gui), client(gui), d("d", &manager), s("s", WatcherManager::kTimestampSample, &manager), c("c", &manager),
	      j("j", &manager), table("table", 8, &manager)
	{
		client.keep(false);
		manager.setup(44100);
	}
	void run(unsigned frames)
	{
		for (unsigned n = 0; n < frames; n++, now++) {
			manager.tick(now, n % 2 == 0);
			d = static_cast<double>(now);
			s = static_cast<float>(d) + table[n % 9];
			c = static_cast<char>(now & 0x7f);
			j = static_cast<unsigned int>(now);
		}
	}

	Gui gui;
	WatcherManager manager;
	FakeClient client;
	Watcher<double> d;
	Watcher<float> s;
	Watcher<char> c;
	Watcher<unsigned int> j;
	WatcherBuffer<float> table;
	std::uint64_t now = 0;
};

} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***)
{
	static char name[] = "/tmp/watcher-fuzz-XXXXXX"; // log files go where nothing of ours is
	if (!mkdtemp(name) || chdir(name) != 0)
		std::abort();
	return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
	static std::unique_ptr<Program> program;
	static unsigned age = 0;
	if (age++ % 256 == 0)
		program.reset(new Program); // state is part of what is tried, but not for ever
	if (size == 0)
		return 0;
	const bool binary = data[0] & 1;
	const std::string all(data + 1, data + size);
	for (std::size_t at = 0; at <= all.size();) {
		const std::size_t end = binary ? all.size() : std::min(all.find('\xff', at), all.size());
		if (binary)
			program->client.give(std::vector<unsigned char>(all.begin(), all.end()));
		else
			program->client.say(all.substr(at, end - at).c_str());
		program->run(data[0] >> 1);
		at = end + 1;
	}
	program->client.clear();
	return 0;
}
