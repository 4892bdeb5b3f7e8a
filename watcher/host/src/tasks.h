// tasks.h - threads that run a program's function each time the audio thread asks for it.
#pragma once

namespace host {

/// Lets every auxiliary task end what it does, and ends its thread.
void endTasks();

} // namespace host
