// tasks.cpp - threads that run a program's function each time the audio thread asks for it.
#include "tasks.h"

#include "doorbell.h"

#include <Bela.h>

#include <atomic>
#include <list>
#include <thread>

namespace {

struct Task {
	Task(void (*callback)(void*), void* argument) : thread([this, callback, argument] { run(callback, argument); }) {}

	void run(void (*callback)(void*), void* argument)
	{
		for (;;) {
			bell.wait([this] { return scheduled.load() || ending.load(); }, 0);
			if (ending)
				return;
			scheduled = false;
			callback(argument);
		}
	}

	host::Doorbell bell;
	std::atomic<bool> scheduled{false}, ending{false};
	std::thread thread; // last: it begins when all else is there
};

std::list<Task>& tasks()
{
	static std::list<Task>* const all = new std::list<Task>;
	return *all;
}

} // namespace

AuxiliaryTask Bela_createAuxiliaryTask(void (*callback)(void*), int, const char*, void* argument)
{
	tasks().emplace_back(callback, argument);
	return &tasks().back();
}

int Bela_scheduleAuxiliaryTask(AuxiliaryTask task)
{
	Task* const it = static_cast<Task*>(task);
	if (!it)
		return -1;
	it->scheduled.store(true, std::memory_order_seq_cst);
	it->bell.ring();
	return 0;
}

void host::endTasks()
{
	for (Task& task : tasks()) {
		task.ending = true;
		task.bell.ring();
		task.thread.join();
	}
	tasks().clear();
}
