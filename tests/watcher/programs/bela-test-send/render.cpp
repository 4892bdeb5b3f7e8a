// The program of the recorded session `buffer-to-board`: its time passes with the buffers that it is sent.
#include <Bela.h>
#include <Watcher.h>

#include <cstring>

Watcher<float> myvar1("myvar1");
Watcher<float> myvar2("myvar2");

static uint64_t gBuffers = 0;

static bool receive(const std::string&, const WSServerDetails*, const unsigned char* data, size_t size, void*)
{
	uint32_t id, count;
	if (size < 16)
		return false;
	std::memcpy(&id, data, sizeof(id));
	std::memcpy(&count, data + 8, sizeof(count));
	if (id > 1 || count > (size - 16) / sizeof(float))
		return false;
	Bela_getDefaultWatcherManager()->tick(++gBuffers);
	for (uint32_t n = 0; n < count; ++n) {
		float value;
		std::memcpy(&value, data + 16 + n * sizeof(float), sizeof(value));
		(id ? myvar2 : myvar1) = value;
	}
	return true;
}

bool setup(BelaContext* context, void*)
{
	Gui& gui = Bela_getDefaultWatcherManager()->getGui();
	gui.setup(context->projectName);
	gui.setBinaryDataCallback(receive);
	Bela_getDefaultWatcherManager()->setup(context->audioSampleRate);
	return true;
}

void render(BelaContext*, void*) {}

void cleanup(BelaContext*, void*) {}
