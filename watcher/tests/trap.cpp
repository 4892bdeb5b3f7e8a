// trap.cpp - an audio thread that must not allocate, lock, wait or print: what does so ends the program.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "fake_gui.h"

#include <Watcher.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <pthread.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

thread_local bool gAudio = false; // this thread is the audio thread, in a tick or an assignment
std::atomic<bool> gExpected{false};

void forbid(const char* what)
{
	if (!gAudio)
		return;
	gAudio = false;
	if (gExpected) // the trap is tried out
		_exit(0);
	std::fprintf(stderr, "%s on the audio thread\n", what);
	std::abort();
}

template <typename F> F next(const char* name)
{
	void* found = dlsym(RTLD_NEXT, name);
	F function;
	std::memcpy(&function, &found, sizeof function);
	return function;
}

} // namespace

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t bytes)
{
	forbid("malloc");
	return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes)
{
	forbid("calloc");
	return __libc_calloc(count, bytes);
}
void* realloc(void* old, std::size_t bytes)
{
	forbid("realloc");
	return __libc_realloc(old, bytes);
}
void free(void* old)
{
	forbid("free");
	__libc_free(old);
}

#define TRAPPED(result, name, parameters, arguments)                                                                    \
	result name parameters                                                                                               \
	{                                                                                                                    \
		static const auto real = next<result(*) parameters>(#name);                                                      \
		forbid(#name);                                                                                                   \
		return real arguments;                                                                                           \
	}
TRAPPED(int, pthread_mutex_lock, (pthread_mutex_t * mutex), (mutex))
TRAPPED(int, pthread_mutex_trylock, (pthread_mutex_t * mutex), (mutex))
TRAPPED(int, pthread_cond_signal, (pthread_cond_t * condition), (condition))
TRAPPED(int, pthread_cond_broadcast, (pthread_cond_t * condition), (condition))
TRAPPED(int, pthread_cond_wait, (pthread_cond_t * condition, pthread_mutex_t* mutex), (condition, mutex))
TRAPPED(int, pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock))
TRAPPED(int, sched_yield, (), ())
TRAPPED(ssize_t, write, (int file, const void* bytes, std::size_t count), (file, bytes, count))
TRAPPED(ssize_t, read, (int file, void* bytes, std::size_t count), (file, bytes, count))
TRAPPED(int, nanosleep, (const timespec* wanted, timespec* left), (wanted, left))
}

namespace {

struct Board {
	Board() : manager(gui), client(gui) { manager.setup(44100); }
	void say(const std::string& text) const { client.say("{\"watcher\":[" + text + "]}"); }

	Gui gui;
	WatcherManager manager;
	FakeClient client;
};

/// All that a program does in render, with every kind of command taken meanwhile.
void everything()
{
	Board board;
	std::vector<Watcher<float>> dense;
	std::vector<Watcher<double>> sparse;
	for (int n = 0; n < 8; n++) {
		dense.emplace_back("d" + std::to_string(n), &board.manager);
		sparse.emplace_back("s" + std::to_string(n), WatcherManager::kTimestampSample, &board.manager);
	}
	WatcherBuffer<int> table("table", 16, &board.manager);
	const char* commands[] = {
	    R"({"cmd":"watch","watchers":["d0","s0"]},{"cmd":"watch","protocol":2,"watchers":["d1","s1","d0"],"blocks":[3,9,0],"latencies":[0,5,7],"id":1})",
	    R"({"cmd":"log","watchers":["d2","s0"]},{"cmd":"log","protocol":2,"watchers":["s2","d0"],"durations":[100,200]})",
	    R"({"cmd":"monitor","watchers":["d3","s3","d0"],"periods":[7,1,100]},{"cmd":"monitor","protocol":2,"watchers":["d4"],"periods":[5],"reads":[true]})",
	    R"({"cmd":"control","watchers":["d4","s4"]},{"cmd":"set","protocol":2,"watchers":["d4","s4"],"values":[1,2],"timestamps":[3000,1]})",
	    R"({"cmd":"setMask","protocol":2,"watchers":["d4"],"values":[1],"masks":[1],"id":9})",
	    R"({"cmd":"watch","protocol":2,"watchers":["d4"],"reads":[true]})",
	    R"({"cmd":"unwatch","watchers":["d0","s0"]},{"cmd":"unwatch","protocol":2,"watchers":["d1","s1"],"id":4})",
	    R"({"cmd":"unlog","watchers":["d2","s0"]},{"cmd":"uncontrol","watchers":["d4","s4"]},{"cmd":"unwatch","protocol":2,"watchers":["d4"]})",
	};
	std::atomic<bool> done{false};
	std::thread audio([&] {
		for (std::uint64_t n = 0; !done; n++) {
			gAudio = true;
			board.manager.tick(n, n % 4 == 0);
			for (std::size_t v = 0; v < 8; v++) {
				dense[v] = static_cast<float>(n) + static_cast<float>(table[v]);
				sparse[v] = static_cast<double>(dense[v]);
			}
			gAudio = false;
			if (n % 16 == 0)
				std::this_thread::sleep_for(std::chrono::microseconds(50));
		}
	});
	for (int round = 0; round < 40; round++) {
		for (const char* command : commands) {
			board.say(command);
			std::this_thread::sleep_for(std::chrono::milliseconds(2));
		}
		std::vector<unsigned char> message = {16, 0, 0, 0, 'i', 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0};
		message.resize(message.size() + 64);
		board.client.give(message);
		board.client.setActive(round % 4 != 2);
		board.client.stall(round % 8 == 5); // rings fill, and drop
		Watcher<float> passing("passing", &board.manager);
		board.say(R"({"cmd":"watch","watchers":["passing"]})");
	}
	board.client.stall(false);
	done = true;
	audio.join();
}

/// The trap must close: this program ends with 0 by `forbid`, and with 1 otherwise.
template <typename Act> bool closes(Act act)
{
	const pid_t child = fork();
	if (child == 0) {
		gExpected = true;
		gAudio = true;
		act();
		_exit(1);
	}
	int status = 1;
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

int main()
{
	std::mutex mutex;
	const bool works = closes([] { std::free(std::malloc(100)); }) && closes([] { delete new std::string(100, 'x'); }) &&
	                   closes([&] { mutex.lock(); }) && closes([] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }) &&
	                   closes([] { std::fflush(stdout), static_cast<void>(!write(1, "", 0)); });
	if (!works) {
		std::fprintf(stderr, "the trap does not close\n");
		return 1;
	}
	everything();
	std::puts("the audio thread neither allocates nor locks");
	return 0;
}
