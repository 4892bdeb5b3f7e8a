// render.cpp - what a program may use beside the Gui: a Pipe, files of text, and tasks that run when they are asked to.
#include <Bela.h>
#include <libraries/Pipe/Pipe.h>
#include <libraries/WriteFile/WriteFile.h>

#include <atomic>

namespace {

struct Pair {
	float frame;
	int square;
};

Pipe gPipe("pairs", 1024, false, true);
Pipe gSmall("small", 64);
WriteFile gText, gPlain, gAgain;
AuxiliaryTask gTask, gReader;
std::atomic<int> gRuns{0};
std::atomic<int> gRead{0}, gWrong{0};
int gScheduled = 0, gBack = 0, gRefused = 0;

void count(void* by) { gRuns += *static_cast<int*>(by); }

/// Sleeps in the pipe until a pair comes; one that is right goes back doubled.
void read(void*)
{
	Pair pair;
	while (gRead < 100 && gPipe.readNonRt(pair) == 1) {
		gRead++;
		gWrong += static_cast<int>(pair.frame) * static_cast<int>(pair.frame) != pair.square;
		gPipe.writeNonRt(Pair{2 * pair.frame, 0});
	}
}

} // namespace

bool setup(BelaContext*, void*)
{
	static int by = 2;
	gTask = Bela_createAuxiliaryTask(count, 50, "count", &by);
	gReader = Bela_createAuxiliaryTask(read, 50, "read");
	gPipe.setTimeoutMsNonRt(10000);
	gText.setup("pairs.txt", true);
	gText.setFileType(kText);
	gText.setFormat("%.1f -> %.0f\n");
	gText.setHeader("frame -> square\n");
	gText.setFooter("end\n");
	gPlain.setup("plain.txt");
	gAgain.setup("plain.txt"); // there is one, so it has another name
	gAgain.setFileType(kBinary);
	rt_printf("names %s %s\n", gPlain.getName().c_str(), gAgain.getName().c_str());
	Bela_scheduleAuxiliaryTask(gReader);
	return gTask && gReader;
}

void render(BelaContext* context, void*)
{
	const int block = static_cast<int>(context->audioFramesElapsed / context->audioFrames);
	Pair pair;
	while (gPipe.readRt(pair) == 1)
		gBack += static_cast<int>(pair.frame) % 2 == 0;
	if (block < 100) {
		const float frame = static_cast<float>(block);
		gPipe.writeRt(Pair{frame, block * block});
		const float both[] = {frame, frame * frame};
		gText.log(both, 2);
		gPlain.log(frame);
		gAgain.log(frame);
	}
	if (block == 50 || block == 500) {
		Bela_scheduleAuxiliaryTask(gTask);
		gScheduled++;
	}
	if (block < 20) // nobody reads it
		gRefused += !gSmall.writeRt(pair);
}

void cleanup(BelaContext*, void*)
{
	printf("task %d of %d, read %d wrong %d back %d, refused %d\n", gRuns.load(), 2 * gScheduled, gRead.load(), gWrong.load(),
	       gBack, gRefused);
	gText.cleanup();
	gPlain.cleanup();
	gAgain.cleanup();
}
