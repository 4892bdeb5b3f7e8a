// The program of the recorded session `all-types`: every type, dense and sparse, each value made of its frame.
#include <Bela.h>
#include <Watcher.h>

Watcher<char> c_d("c_d");
Watcher<char> c_s("c_s", WatcherManager::kTimestampSample);
Watcher<int> i_d("i_d");
Watcher<int> i_s("i_s", WatcherManager::kTimestampSample);
Watcher<unsigned int> j_d("j_d");
Watcher<unsigned int> j_s("j_s", WatcherManager::kTimestampSample);
Watcher<float> f_d("f_d");
Watcher<float> f_s("f_s", WatcherManager::kTimestampSample);
Watcher<double> d_d("d_d");
Watcher<double> d_s("d_s", WatcherManager::kTimestampSample);

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
		c_d = char(frame);
		i_d = -int(frame);
		j_d = static_cast<unsigned int>(frame) | 0x80000000u;
		f_d = float(frame);
		d_d = double(frame);
		if (frame % 3 == 0) {
			c_s = char(frame);
			i_s = -int(frame);
			j_s = static_cast<unsigned int>(frame) | 0x80000000u;
			f_s = float(frame);
			d_s = double(frame);
		}
	}
}

void cleanup(BelaContext*, void*) {}
