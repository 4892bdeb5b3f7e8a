// print.h - text from any thread, printed by one of its own.
#pragma once

namespace host {

/// Starts the thread that prints what `rt_printf` was given.
void startPrinting();

/// Prints the rest and ends the thread.
void stopPrinting();

} // namespace host
