// The program of most recorded sessions: each value is the number of its frame.
#include <Bela.h>
#include <Watcher.h>

Watcher<double> myvar("myvar");
Watcher<unsigned int> myvar2("myvar2");
Watcher<unsigned int> myvar3("myvar3", WatcherManager::kTimestampSample);
Watcher<double> myvar4("myvar4", WatcherManager::kTimestampSample);
Watcher<double> myvar5("myvar5");

bool setup(BelaContext* context, void*)
{
	Bela_getDefaultWatcherManager()->getGui().setup(context->projectName);
	Bela_getDefaultWatcherManager()->setup(context->audioSampleRate);
	return true;
}

void render(BelaContext* context, void*)
{
	for (unsigned int n = 0; n < context->audioFrames; ++n) {
		const uint64_t frame = context->audioFramesElapsed + n;
		Bela_getDefaultWatcherManager()->tick(frame);
		myvar = double(frame);
		myvar2 = static_cast<unsigned int>(frame);
		if (frame % 12 == 0) {
			myvar3 = static_cast<unsigned int>(frame);
			myvar4 = double(frame);
		}
		myvar5 = double(frame);
	}
}

void cleanup(BelaContext*, void*) {}
