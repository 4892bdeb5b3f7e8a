// all.cpp - every test of the library in one program, which includes the library to see its inside.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include "../Watcher.cpp"

#include <deque>

#include "board.h"
#include "test_block_ring.h"
#include "test_full_blocks.h"
#include "test_inbox.h"
#include "test_layout.h"
#include "test_log.h"
#include "test_numbers.h"
#include "test_original.h"
#include "test_protocol2.h"
#include "test_registration.h"
#include "test_ring.h"
#include "test_schedule.h"
#include "test_text.h"
#include "test_threads.h"
#include "test_watcher.h"
