// main.cpp - runs a Bela program: setup, the audio thread, cleanup.
#include "board.h"
#include "doorbell.h"
#include "pace.h"
#include "print.h"
#include "run.h"
#include "settings.h"
#include "tasks.h"

#include <Bela.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <pthread.h>
#include <stdexcept>
#include <thread>

BelaStopFlag gShouldStop;

namespace {

constexpr int AUDIO_PRIORITY = 80; // above what else asks for real time on a laptop, below the kernel's own

std::atomic<int> stopping{0};
std::atomic<bool> broken{false};

host::Doorbell& stopBell()
{
	static host::Doorbell* const bell = new host::Doorbell; // never destroyed: a signal may come at any time
	return *bell;
}

void onSignal(int) { Bela_requestStop(); }

void catchSignals()
{
	stopBell(); // made here, and not by a signal
	struct sigaction action = {};
	action.sa_handler = onSignal;
	action.sa_flags = static_cast<int>(SA_RESETHAND); // a second one ends a program that hangs
	sigaction(SIGINT, &action, nullptr);
	sigaction(SIGTERM, &action, nullptr);
}

void askForRealTime()
{
	sched_param parameters = {};
	parameters.sched_priority = AUDIO_PRIORITY;
	if (const int error = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters))
		std::fprintf(stderr, "no real-time thread (%s): going on without\n", std::strerror(error));
}

/// The audio thread.
void runAudio(host::Board& board)
{
	const host::Settings& settings = host::settings();
	if (settings.realtime)
		askForRealTime();
	host::Pace pace(settings, stopBell());
	for (std::uint64_t frame = 0; !gShouldStop && pace.reach(frame) && !gShouldStop; frame += settings.blockFrames) {
		board.begin(frame, pace.underruns());
		render(board.context(), nullptr);
		board.end();
	}
	if (pace.underruns())
		std::fprintf(stderr, "%u blocks began late\n", pace.underruns());
	gShouldStop = 1;
}

int run()
{
	host::Board board(host::settings());
	if (chdir(host::settings().folder.c_str()) != 0)
		throw std::runtime_error("cannot run in " + host::settings().folder + ": " + std::strerror(errno));
	host::startPrinting();
	catchSignals();
	if (!setup(board.context(), nullptr)) {
		std::fprintf(stderr, "the program's setup() gave up\n");
		host::fail();
	}
	if (!host::failed())
		std::thread([&board] { runAudio(board); }).join();
	cleanup(board.context(), nullptr);
	host::endTasks();
	host::stopPrinting();
	return host::failed();
}

} // namespace

BelaStopFlag& BelaStopFlag::operator=(int stop)
{
	stopping.store(stop, std::memory_order_seq_cst);
	if (stop)
		stopBell().ring();
	return *this;
}

BelaStopFlag::operator int() const { return stopping.load(std::memory_order_seq_cst); }

void Bela_requestStop() { gShouldStop = 1; }

int Bela_stopRequested() { return gShouldStop; }

void host::fail() { broken = true; }

bool host::failed() { return broken; }

int main(int count, char** words)
{
	host::readSettings(count, words);
	try {
		return run();
	} catch (const std::exception& error) {
		std::fprintf(stderr, "%s\n", error.what());
		return 1;
	}
}
