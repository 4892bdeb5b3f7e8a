// Bela.h - what a Bela program sees of its board, with the interface of the board's header of this name.
#pragma once
#include <cmath>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#define BELA_AUDIO_PRIORITY 95
#define MAX_PROJECTNAME_LENGTH 256
#define BELA_FLAG_INTERLEAVED (1 << 0)
#define BELA_FLAG_ANALOG_OUTPUTS_PERSIST (1 << 1)

#ifndef INPUT
#define INPUT 0x0
#define OUTPUT 0x1
#endif
#ifndef LOW
#define LOW 0x0
#define HIGH 0x1
#endif

/// The buffers of one block, and what they hold. Audio and analog buffers are interleaved.
typedef struct {
	const float* const audioIn;
	float* const audioOut;
	const float* const analogIn;
	float* const analogOut;
	uint32_t* const digital; ///< a word a frame: bit n is 1 for an input, bit 16 + n its value

	const uint32_t audioFrames;
	const uint32_t audioInChannels;
	const uint32_t audioOutChannels;
	const float audioSampleRate;

	const uint32_t analogFrames;
	const uint32_t analogInChannels;
	const uint32_t analogOutChannels;
	const float analogSampleRate;

	const uint32_t digitalFrames;
	const uint32_t digitalChannels;
	const float digitalSampleRate;

	const uint64_t audioFramesElapsed; ///< frames before this block
	const uint32_t multiplexerChannels;
	const uint32_t multiplexerStartingChannel;
	const float* const multiplexerAnalogIn;
	const uint32_t audioExpanderEnabled;
	const uint32_t flags;
	char projectName[MAX_PROJECTNAME_LENGTH];
	const unsigned int underrunCount;
} BelaContext;

// What a program defines. render() runs in the audio thread, the others in the main thread.
bool setup(BelaContext* context, void* userData);
void render(BelaContext* context, void* userData);
void cleanup(BelaContext* context, void* userData);

/// Becomes true when the audio is to stop, and makes it stop when a program sets it. The board's is an `int` that
/// everybody reads and writes as it comes; this one is read and written whole.
class BelaStopFlag {
public:
	BelaStopFlag& operator=(int stop);
	operator int() const;
};
extern BelaStopFlag gShouldStop;

void Bela_requestStop();
int Bela_stopRequested();

// A task is a thread that runs its function each time it is scheduled. Scheduling neither locks nor allocates.
typedef void* AuxiliaryTask;
AuxiliaryTask Bela_createAuxiliaryTask(void (*callback)(void*), int priority, const char* name,
                                       void* argument = nullptr);
int Bela_scheduleAuxiliaryTask(AuxiliaryTask task); ///< [audio-thread]

// Printing from the audio thread: text waits in a ring for another thread; what does not fit is lost.
int rt_printf(const char* format, ...) __attribute__((format(printf, 1, 2)));
int rt_fprintf(FILE* stream, const char* format, ...) __attribute__((format(printf, 2, 3)));
int rt_vprintf(const char* format, va_list arguments) __attribute__((format(printf, 1, 0)));
int rt_vfprintf(FILE* stream, const char* format, va_list arguments) __attribute__((format(printf, 2, 0)));

static inline float audioRead(BelaContext* context, int frame, int channel)
{
	return context->audioIn[static_cast<uint32_t>(frame) * context->audioInChannels + static_cast<uint32_t>(channel)];
}

static inline void audioWrite(BelaContext* context, int frame, int channel, float value)
{
	context->audioOut[static_cast<uint32_t>(frame) * context->audioOutChannels + static_cast<uint32_t>(channel)] =
	    value;
}

static inline float analogRead(BelaContext* context, int frame, int channel)
{
	return context
	    ->analogIn[static_cast<uint32_t>(frame) * context->analogInChannels + static_cast<uint32_t>(channel)];
}

static inline void analogWriteOnce(BelaContext* context, int frame, int channel, float value)
{
	context->analogOut[static_cast<uint32_t>(frame) * context->analogOutChannels + static_cast<uint32_t>(channel)] =
	    value;
}

static inline void analogWrite(BelaContext* context, int frame, int channel, float value)
{
	for (int n = frame; n < static_cast<int>(context->analogFrames); n++)
		analogWriteOnce(context, n, channel, value);
}

static inline int digitalRead(BelaContext* context, int frame, int channel)
{
	return static_cast<int>((context->digital[frame] >> (channel + 16)) & 1u);
}

static inline void digitalWriteOnce(BelaContext* context, int frame, int channel, int value)
{
	const uint32_t bit = 1u << (channel + 16);
	context->digital[frame] = value ? context->digital[frame] | bit : context->digital[frame] & ~bit;
}

static inline void digitalWrite(BelaContext* context, int frame, int channel, int value)
{
	for (int n = frame; n < static_cast<int>(context->digitalFrames); n++)
		digitalWriteOnce(context, n, channel, value);
}

static inline void pinModeOnce(BelaContext* context, int frame, int channel, int mode)
{
	const uint32_t bit = 1u << channel;
	context->digital[frame] = mode == INPUT ? context->digital[frame] | bit : context->digital[frame] & ~bit;
}

static inline void pinMode(BelaContext* context, int frame, int channel, int mode)
{
	for (int n = frame; n < static_cast<int>(context->digitalFrames); n++)
		pinModeOnce(context, n, channel, mode);
}

/// A line through (in_min, out_min) and (in_max, out_max).
static inline float map(float x, float in_min, float in_max, float out_min, float out_max)
{
	return (x - in_min) * (out_max - out_min) / (in_max - in_min) + out_min;
}

static inline float constrain(float x, float min_val, float max_val)
{
	return x < min_val ? min_val : x > max_val ? max_val : x;
}
