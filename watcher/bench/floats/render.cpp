// render.cpp - 64 floats, assigned in every frame: how long a block takes, beside a plain copy of the same bytes.
#include <Bela.h>
#include <Watcher.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace {

constexpr unsigned kVariables = 64;
constexpr std::size_t kApart = 2 * 1024 + 16; // floats: a line more than two blocks, or all would share a set of the cache
constexpr std::size_t kMostBlocks = 2000000; // 12 minutes

std::vector<Watcher<float>> gWatchers; // side by side, as the globals of a program
std::vector<float> gCopy; // as many bytes as the watchers' blocks have, twice, one behind the other
std::vector<float> gRender, gPlain; // microseconds of each block
std::size_t gAt = 0;

double microseconds()
{
	return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void print(const char* name, std::vector<float>& times)
{
	std::sort(times.begin(), times.end());
	const auto part = [&](double share) {
		return static_cast<double>(times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))]);
	};
	std::printf("\"%s\": {\"median\": %.3f, \"p99\": %.3f, \"p99.9\": %.3f, \"worst\": %.3f}", name, part(0.5), part(0.99),
	            part(0.999), part(1));
}

} // namespace

bool setup(BelaContext* context, void*)
{
	Bela_getDefaultWatcherManager()->getGui().setup(context->projectName);
	Bela_getDefaultWatcherManager()->setup(context->audioSampleRate);
	for (unsigned v = 0; v < kVariables; v++)
		gWatchers.emplace_back("v" + std::to_string(v));
	gCopy.resize(kApart * kVariables);
	gRender.reserve(kMostBlocks);
	gPlain.reserve(kMostBlocks);
	return true;
}

void render(BelaContext* context, void*)
{
	WatcherManager& manager = *Bela_getDefaultWatcherManager();
	Watcher<float>* const watchers = gWatchers.data();
	const double begin = microseconds();
	for (unsigned n = 0; n < context->audioFrames; n++) {
		const std::uint64_t frame = context->audioFramesElapsed + n;
		manager.tick(frame, n == 0);
		const float value = static_cast<float>(frame % (1 << 24));
		for (unsigned v = 0; v < kVariables; v++)
			watchers[v] = value;
	}
	const double middle = microseconds();
	for (unsigned n = 0; n < context->audioFrames; n++) {
		const float value = static_cast<float>((context->audioFramesElapsed + n) % (1 << 24));
		for (unsigned v = 0; v < kVariables; v++)
			gCopy[v * kApart + gAt] = value;
		gAt = (gAt + 1) % 2048;
	}
	const double end = microseconds();
	if (gRender.size() < kMostBlocks) {
		gRender.push_back(static_cast<float>(middle - begin));
		gPlain.push_back(static_cast<float>(end - middle));
	}
}

void cleanup(BelaContext*, void*)
{
	const std::size_t skip = std::min<std::size_t>(gRender.size(), 2000); // until the client listens
	gRender.erase(gRender.begin(), gRender.begin() + static_cast<std::ptrdiff_t>(skip));
	gPlain.erase(gPlain.begin(), gPlain.begin() + static_cast<std::ptrdiff_t>(skip));
	if (gRender.empty())
		return;
	std::printf("{");
	print("render", gRender);
	std::printf(", ");
	print("copy", gPlain);
	std::printf(", \"blocks\": %zu}\n", gRender.size());
	std::fflush(stdout);
}
