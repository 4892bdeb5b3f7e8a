// print.cpp - text from any thread, printed by one of its own: rt_printf.
#include "print.h"

#include "doorbell.h"
#include "ring.h"

#include <Bela.h>

#include <atomic>
#include <thread>

namespace {

constexpr std::size_t LONGEST = 1024;      // bytes of one text, the rest is cut off
constexpr std::size_t RING_BYTES = 1 << 18; // text that waits

/// Never destroyed: global objects may print to their end.
struct Printer {
	host::Ring ring{RING_BYTES};
	host::Doorbell bell;
	std::atomic<bool> ending{false};
	std::thread thread;

	static Printer& one()
	{
		static Printer* const printer = new Printer;
		return *printer;
	}

	void run()
	{
		while (bell.wait([this] { return ring.next() >= 0 || ending; }, 0)) {
			if (ring.next() < 0)
				return;
			print();
		}
	}

	void print()
	{
		struct {
			FILE* stream;
			char text[LONGEST];
		} record;
		while (ring.next() >= 0) {
			const auto size = static_cast<std::size_t>(ring.take(&record, sizeof(record)));
			std::fwrite(record.text, 1, size - sizeof(record.stream), record.stream);
			std::fflush(record.stream);
		}
	}
};

} // namespace

namespace host {

void startPrinting()
{
	Printer& printer = Printer::one();
	printer.ending = false;
	printer.thread = std::thread([&printer] { printer.run(); });
}

void stopPrinting()
{
	Printer& printer = Printer::one();
	printer.ending = true;
	printer.bell.ring();
	printer.thread.join();
}

} // namespace host

int rt_vfprintf(FILE* stream, const char* format, va_list arguments)
{
	char text[LONGEST];
	const int length = std::vsnprintf(text, sizeof(text), format, arguments);
	if (length < 0)
		return length;
	const std::size_t size = static_cast<std::size_t>(length) < sizeof(text) ? static_cast<std::size_t>(length) : sizeof(text) - 1;
	Printer& printer = Printer::one();
	if (printer.ring.put(&stream, sizeof(stream), text, size))
		printer.bell.ring();
	return length;
}

int rt_vprintf(const char* format, va_list arguments) { return rt_vfprintf(stdout, format, arguments); }

int rt_fprintf(FILE* stream, const char* format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	const int length = rt_vfprintf(stream, format, arguments);
	va_end(arguments);
	return length;
}

int rt_printf(const char* format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	const int length = rt_vfprintf(stdout, format, arguments);
	va_end(arguments);
	return length;
}
