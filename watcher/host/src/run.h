// run.h - the program's run: when it is to end.
#pragma once

namespace host {

/// The run cannot go on: it ends with exit code 1. What is wrong was printed.
void fail();
bool failed();

} // namespace host
