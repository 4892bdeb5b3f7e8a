// A synthesizer to play from outside, and values that one can check: the program of belabridge's tutorials.
//
// Control freq, gain and cutoff, send a waveform to `table`, and hear it; watch the pots, the microphone and its onsets.
// The check_ variables carry the number of the frame, so that whoever receives them can tell what is missing.
#include <Bela.h>
#include <Watcher.h>

#include <algorithm>
#include <cmath>
#include <cstring>

// Read by the program: clients control them.
Watcher<float> freq("freq", 440.0f);       // Hz
Watcher<float> gain("gain", 0.8f);         // 0 to 1
Watcher<float> cutoff("cutoff", 8000.0f);  // Hz, of the low-pass filter
WatcherBuffer<float> table("table", 1024); // one turn of the oscillator, as many values as are sent; none: a sine

// Assigned by the program: clients watch them.
Watcher<float> pot1("pot1");   // analog inputs 0 and 1, 0 to 1
Watcher<float> pot2("pot2");
Watcher<float> mic("mic");     // audio input 0
Watcher<float> level("level"); // its peaks, which fall slowly
Watcher<float> sound("sound"); // what is played
Watcher<int> trigger("trigger");                                     // 1 for 50 ms after an onset of the microphone
Watcher<int> counter("counter", WatcherManager::kTimestampSample);   // onsets so far; sent at each, with its frame

// To check what arrives: functions of the frame n.
Watcher<char> check_c("check_c");                                            // n mod 256, at every frame
Watcher<int> check_i("check_i");                                             // -n
Watcher<unsigned int> check_j("check_j", WatcherManager::kTimestampSample);  // n, at every 12th
Watcher<float> check_f("check_f", WatcherManager::kTimestampSample);         // n mod 2^24, at every 100th
Watcher<double> check_d("check_d");                                          // n, at every frame

static const float kPi = 3.14159265f;
static const float kOnset = 0.2f;       // a level above is an onset,
static const float kSilence = 0.1f;     // when it has been below this before
static const float kFallS = 0.05f;      // in which the level falls to 1/e
static const float kTriggerS = 0.05f;
static const float kSmoothS = 0.002f;   // in which the gain follows
static const float kInaudible = 1e-4f;  // of the gain

static float gPhase = 0, gFiltered = 0, gLevel = 0, gGain = 0;
static float gFall, gSmooth;
static int gOnsets = 0, gTriggered = 0; // frames that the trigger stays
static bool gArmed = true;

bool setup(BelaContext* context, void*)
{
	Bela_getDefaultWatcherManager()->getGui().setup(context->projectName);
	Bela_getDefaultWatcherManager()->setup(context->audioSampleRate);
	gFall = std::exp(-1 / (kFallS * context->audioSampleRate));
	gSmooth = 1 - std::exp(-1 / (kSmoothS * context->audioSampleRate));
	return true;
}

// What is sent may be anything. -ffast-math takes NaN for impossible, so only its bits tell it.
static float inRange(float value)
{
	uint32_t bits;
	std::memcpy(&bits, &value, sizeof bits);
	const uint32_t exponent = 0x7f800000; // all ones: infinite, or NaN
	return (bits & exponent) == exponent ? 0 : std::min(std::max(value, -1.0f), 1.0f);
}

// One turn is phase 0 to 1.
static float wave(float phase)
{
	const size_t count = table.count();
	if (count < 2)
		return std::sin(2 * kPi * phase);
	const float place = phase * count;
	const size_t n = std::min(size_t(place), count - 1);
	const float here = inRange(table[n]), next = inRange(table[(n + 1) % count]);
	return here + (place - n) * (next - here);
}

static float play(float sampleRate)
{
	const float highest = 0.5f * sampleRate;
	gPhase += std::min(std::max(float(freq), 0.0f), highest) / sampleRate;
	gPhase -= std::floor(gPhase);
	const float hz = std::min(std::max(float(cutoff), 0.0f), highest);
	gFiltered += (1 - std::exp(-2 * kPi * hz / sampleRate)) * (wave(gPhase) - gFiltered);
	const float wanted = std::min(std::max(float(gain), 0.0f), 1.0f);
	gGain += gSmooth * (wanted - gGain);
	if (std::abs(wanted - gGain) < kInaudible)
		gGain = wanted; // and not for ever on the way: tiny floats are slow
	return gGain * gFiltered;
}

static void listen(float input, float sampleRate)
{
	gLevel = std::max(std::abs(input), gLevel * gFall);
	if (gArmed && gLevel > kOnset) {
		gArmed = false;
		gTriggered = int(kTriggerS * sampleRate);
		counter = ++gOnsets;
	}
	gArmed = gArmed || gLevel < kSilence;
	mic = input;
	level = gLevel;
	trigger = gTriggered > 0;
	gTriggered = std::max(gTriggered - 1, 0);
}

static void check(uint64_t frame)
{
	check_c = char(frame);
	check_i = -int(frame);
	check_d = double(frame);
	if (frame % 12 == 0)
		check_j = static_cast<unsigned int>(frame);
	if (frame % 100 == 0)
		check_f = float(frame % (1 << 24));
}

void render(BelaContext* context, void*)
{
	for (unsigned int n = 0; n < context->audioFrames; ++n) {
		const uint64_t frame = context->audioFramesElapsed + n;
		Bela_getDefaultWatcherManager()->tick(frame);
		if (context->analogInChannels > 1) {
			const unsigned int analogFrame = n * context->analogFrames / context->audioFrames;
			pot1 = analogRead(context, analogFrame, 0);
			pot2 = analogRead(context, analogFrame, 1);
		}
		listen(audioRead(context, n, 0), context->audioSampleRate);
		const float out = play(context->audioSampleRate);
		sound = out;
		for (unsigned int channel = 0; channel < context->audioOutChannels; ++channel)
			audioWrite(context, n, channel, out);
		check(frame);
	}
}

void cleanup(BelaContext*, void*) {}
