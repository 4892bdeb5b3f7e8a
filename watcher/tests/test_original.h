// test_original.h - what a client of the original protocol asks, and hears.
#pragma once

TEST_CASE("an empty list, and a list")
{
	Board board;
	CHECK(board.list() == R"({"watcher":{"sampleRate":44100,"timestamp":0,"watchers":[]}})");
	Watcher<double> myvar("myvar", &board.manager);
	board.manager.tick(18815);
	myvar = 18815;
	CHECK(board.list() ==
	      R"({"watcher":{"sampleRate":44100,"timestamp":18815,"watchers":[{"controlled":false,"logFileName":"","logged":false,)"
	      R"("monitor":0,"name":"myvar","timestampMode":0,"type":"d","value":18815,"valueInput":18815,"watched":false}]}})");
}

TEST_CASE("a watch sends full blocks, and unwatch a padded one")
{
	Board board;
	Watcher<float> dense("dense", &board.manager);
	Watcher<double> sparse("sparse", WatcherManager::kTimestampSample, &board.manager);
	board.now = 100;
	board.say(R"({"cmd":"watch","watchers":["dense","sparse"]})");
	const auto program = [&](std::uint64_t n) {
		dense = static_cast<float>(n);
		if (n % 12 == 0)
			sparse = static_cast<double>(n);
	};
	board.run(2100, program);
	board.say(R"({"cmd":"unwatch","watchers":["dense","sparse"]})");
	board.run(100, program);
	board.settle();
	const std::vector<Sent> blocks = board.client.sent("0/f");
	REQUIRE(blocks.size() == 3);
	for (std::size_t b = 0; b < 3; b++) {
		REQUIRE(blocks[b].body.size() == 4104);
		const std::uint64_t first = numberAt<std::uint64_t>(blocks[b].body, 0);
		CHECK(first == 100 + 1024 * b);
		bool right = true;
		for (std::size_t n = 0; n < 1024; n++) {
			const bool there = first + n <= 2200; // the value that comes with the unwatch is the last
			right = right && numberAt<float>(blocks[b].body, 8 + 4 * n) == (there ? static_cast<float>(first + n) : 0.0f);
		}
		CHECK(right);
	}
	const std::vector<Sent> timed = board.client.sent("1/d");
	REQUIRE(timed.size() == 1);
	const std::size_t count = (2208 - 108) / 12 + 1; // its first assignment after the unwatch is at 2208
	CHECK(numberAt<std::uint64_t>(timed[0].body, 0) == 108);
	CHECK(numberAt<double>(timed[0].body, 8 + 8 * (count - 1)) == 2208);
	CHECK(numberAt<double>(timed[0].body, 8 + 8 * count) == 0);
	CHECK(numberAt<std::uint32_t>(timed[0].body, 2736 + 4 * (count - 1)) == 2100);
	CHECK(numberAt<std::uint32_t>(timed[0].body, 2736 + 4 * count) == 0);
	CHECK(numberAt<std::uint32_t>(timed[0].body, 4100) == 0); // the unused tail
	CHECK(has(board.list(), R"("watched":false}]}})"));
}

TEST_CASE("a scheduled watch starts and ends at its frames")
{
	Board board;
	Watcher<int> v("v", &board.manager);
	board.say(R"({"cmd":"watch","watchers":["v"],"timestamps":[500],"durations":[1000]})");
	board.run(400, [&](std::uint64_t n) { v = static_cast<int>(n); });
	CHECK(has(board.list(), R"("watched":false)"));
	board.run(400, [&](std::uint64_t n) { v = static_cast<int>(n); });
	CHECK(has(board.list(), R"("watched":true)"));
	board.run(2000, [&](std::uint64_t n) { v = static_cast<int>(n); });
	board.settle();
	const std::vector<Sent> blocks = board.client.sent();
	REQUIRE(blocks.size() == 1); // 1001 values: both ends are included
	CHECK(numberAt<std::uint64_t>(blocks[0].body, 0) == 500);
	CHECK(numberAt<int>(blocks[0].body, 8 + 4 * 1000) == 1500);
	CHECK(numberAt<int>(blocks[0].body, 8 + 4 * 1001) == 0);
}

TEST_CASE("an unwatch before the start sends one value, as the original")
{
	Board board;
	Watcher<int> v("v", &board.manager);
	board.say(R"({"cmd":"watch","watchers":["v"],"timestamps":[100000]})");
	board.run(10, [&](std::uint64_t) { v = 1; });
	board.say(R"({"cmd":"unwatch","watchers":["v"]})");
	board.run(10, [&](std::uint64_t n) { v = static_cast<int>(n); });
	board.settle();
	const std::vector<Sent> blocks = board.client.sent();
	REQUIRE(blocks.size() == 1);
	CHECK(numberAt<std::uint64_t>(blocks[0].body, 0) == 10);
	CHECK(numberAt<int>(blocks[0].body, 8) == 10);
	CHECK(numberAt<int>(blocks[0].body, 12) == 0);
}

TEST_CASE("a second watch, and a log, lose nothing of a stream")
{
	Board board;
	Watcher<int> v("v", &board.manager);
	const auto program = [&](std::uint64_t n) { v = static_cast<int>(n); };
	board.say(R"({"cmd":"watch","watchers":["v"]})");
	board.run(700, program);
	board.say(R"({"cmd":"watch","watchers":["v"]})");
	board.run(700, program);
	board.say(R"({"cmd":"log","watchers":["v"]})");
	board.run(700, program);
	board.say(R"({"cmd":"unlog","watchers":["v"]})");
	board.run(2000, program);
	board.settle();
	const std::vector<Sent> blocks = board.client.sent();
	REQUIRE(blocks.size() == 4);
	for (std::size_t b = 0; b < blocks.size(); b++)
		CHECK(numberAt<std::uint64_t>(blocks[b].body, 0) == 1024 * b);
	std::remove("v.bin");
}

TEST_CASE("monitored values come at once, at their period, and go before the block of the same assignment")
{
	Board board;
	Watcher<double> v("v", &board.manager);
	board.say(R"({"cmd":"watch","watchers":["v"]},{"cmd":"monitor","watchers":["v"],"periods":[511]})");
	CHECK(has(board.list(), R"("monitor":511)"));
	board.run(1100, [&](std::uint64_t n) { v = static_cast<double>(n); });
	board.settle();
	std::vector<std::size_t> lengths;
	for (const Sent& sent : board.client.sent())
		lengths.push_back(sent.body.size());
	CHECK(lengths == std::vector<std::size_t>{16, 16, 4104, 16, 4104});
	CHECK(numberAt<std::uint64_t>(board.client.sent()[1].body, 0) == 511);
	CHECK(numberAt<double>(board.client.sent()[1].body, 8) == 511);
	board.say(R"({"cmd":"monitor","watchers":["v"],"periods":[1]},{"cmd":"unwatch","watchers":["v"]})");
	board.client.clear();
	board.run(100, [&](std::uint64_t n) { v = static_cast<double>(n); });
	board.settle();
	REQUIRE(board.client.sent().size() == 2); // one shot, and the rest of the watch
	CHECK(board.client.sent()[0].body.size() == 16);
	CHECK(has(board.list(), R"("monitor":0)"));
}

TEST_CASE("variables beyond the periods are not monitored")
{
	Board board;
	Watcher<char> a("a", &board.manager), b("b", &board.manager);
	board.say(R"({"cmd":"monitor","watchers":["a","b"],"periods":[1]})");
	board.run(10, [&](std::uint64_t) { a = b = 'x'; });
	board.settle();
	REQUIRE(board.client.sent().size() == 1);
	CHECK(board.client.sent()[0].header == "0/c");
	CHECK(board.client.sent()[0].body.size() == 9);
}

TEST_CASE("nothing is stored while no client is active, and the next block is spliced, as the original")
{
	Board board;
	Watcher<int> v("v", &board.manager);
	const auto program = [&](std::uint64_t n) { v = static_cast<int>(n); };
	board.say(R"({"cmd":"watch","watchers":["v"]},{"cmd":"monitor","watchers":["v"],"periods":[100000]})");
	board.run(100, program);
	board.client.setActive(false);
	board.list();
	board.run(5000, program);
	board.client.setActive(true);
	board.list();
	board.run(1000, program);
	board.settle();
	const std::vector<Sent> blocks = board.client.sent();
	REQUIRE(blocks.size() == 2);
	CHECK(numberAt<std::uint64_t>(blocks[1].body, 0) == 0);
	CHECK(numberAt<int>(blocks[1].body, 8 + 4 * 99) == 99);
	CHECK(numberAt<int>(blocks[1].body, 8 + 4 * 100) == 5100);
}

TEST_CASE("set acts at once on what is controlled, and takes truths for numbers")
{
	Board board;
	Watcher<double> d("d", &board.manager);
	Watcher<unsigned int> j("j", &board.manager);
	d = 1, j = 2;
	board.say(R"({"cmd":"set","watchers":["d","j"],"values":[11.5,12]})");
	CHECK(d == 1.0);
	board.say(R"({"cmd":"control","watchers":["d","j"]})");
	CHECK(d == 1.0); // begins as it is
	board.say(R"({"cmd":"set","watchers":["d","j"],"values":[4.6,4.6]})");
	CHECK(d == 4.6);
	CHECK(j == 4u);
	board.say(R"({"cmd":"set","watchers":["d","j"],"values":[true,"7"]})");
	CHECK(d == 1.0);
	CHECK(j == 0u);
	board.client.clear();
	board.say(R"({"cmd":"set","watchers":["d","j"],"values":[9]},{"cmd":"list"})");
	CHECK(board.client.texts().empty()); // unequal lengths drop the rest of the message
	CHECK(d == 1.0);
	board.say(R"({"cmd":"setMask","watchers":["j"],"values":[255],"masks":[15]})");
	CHECK(j == 15u);
	CHECK(j.getMask() == 15u);
	board.say(R"({"cmd":"set","watchers":["d"],"values":[1234.75]},{"cmd":"setMask","watchers":["d"],"values":[255],"masks":[15]})");
	CHECK(d == 1247.0); // as recorded
	board.say(R"({"cmd":"setMask","watchers":["j","d"],"values":[240,1],"masks":[240]})");
	CHECK(j == 255u); // too few masks: the original reads what is not its own
	CHECK(d == 1247.0);
	board.say(R"({"cmd":"uncontrol","watchers":["d","j"]})");
	CHECK(d == 1.0);
}

TEST_CASE("setMask changes the bits of its mask alone, also of what is negative")
{
	struct Row {
		double before;
		unsigned int value, mask;
		int after;
	};
	Board board;
	Watcher<int> i("i", &board.manager);
	Watcher<char> c("c", &board.manager);
	Watcher<unsigned int> j("j", &board.manager);
	board.say(R"({"cmd":"control","watchers":["i","c","j"]})");
	for (const char* protocol : {"", "\"protocol\":2,"})
		for (const Row& row : {Row{-1, 0, 1, -2}, Row{5, 0xffffffffu, 0xffffffffu, -1}, Row{-2147483648.0, 1, 1, -2147483647},
		                       Row{0, 0x80000000u, 0x80000000u, std::numeric_limits<int>::min()}, Row{5, 255, 2, 7}}) {
			const std::string mask = std::string(protocol) + "\"cmd\":\"setMask\",\"values\":[" + std::to_string(row.value) +
			                         "],\"masks\":[" + std::to_string(row.mask) + "],\"watchers\":";
			i.localControl(true), c.localControl(true), j.localControl(true);
			i = static_cast<int>(row.before);
			j = static_cast<unsigned int>(static_cast<int>(row.before));
			c = static_cast<char>(i.get() & 0x7f);
			const char charBefore = c;
			board.say(R"({"cmd":"control","watchers":["i","c","j"]})");
			for (const char* name : {"i", "c", "j"})
				board.say("{" + mask + "[\"" + name + "\"]}");
			board.run(1, [](std::uint64_t) {});
			CHECK(i == row.after);
			CHECK(j == static_cast<unsigned int>(row.after));
			CHECK(c == static_cast<char>((static_cast<unsigned int>(charBefore) & ~row.mask) | (row.value & row.mask)));
		}
}

TEST_CASE("a duration beyond all frames has no end")
{
	Board board;
	Watcher<int> v("v", &board.manager);
	board.now = 1000;
	board.say(R"({"cmd":"watch","watchers":["v"],"durations":[1.84467440737096e+19]})");
	board.run(3000, [&](std::uint64_t n) { v = static_cast<int>(n); });
	board.settle();
	CHECK(board.client.sent().size() == 2);
	CHECK(has(board.list(), R"("watched":true)"));
}

TEST_CASE("messages that mean nothing are ignored")
{
	Board board;
	Watcher<int> v("v", &board.manager);
	for (const char* text : {
	         R"({})", R"({"watcher":3})", R"({"watcher":{"cmd":"list"}})", R"({"watcher":[]})", R"({"watcher":[1,null,"x",[]]})",
	         R"({"watcher":[{}]})", R"({"watcher":[{"cmd":3}]})", R"({"watcher":[{"cmd":"nonsense"}]})",
	         R"({"watcher":[{"cmd":"watch"}]})", R"({"watcher":[{"cmd":"watch","watchers":3}]})",
	         R"({"watcher":[{"cmd":"watch","watchers":[3,null,"nobody"]}]})",
	         R"({"watcher":[{"cmd":"monitor","watchers":["v"],"periods":"x"}]})",
	         R"({"watcher":[{"cmd":"setMask","watchers":["v"],"values":[1]}]})",
	         R"({"watcher":[{"cmd":"set","watchers":["v"]}]})", R"({"watcher":[{"cmd":"list","protocol":"2"},{"cmd":""}]})",
	     })
		board.client.say(text);
	CHECK(board.client.texts().size() == 1); // the last is a list of protocol 1
	board.run(10, [&](std::uint64_t n) { v = static_cast<int>(n); });
	board.settle();
	CHECK(board.client.sent().empty());
}

TEST_CASE("frames up to 2^53 and beyond are told right")
{
	Board board;
	Watcher<float> dense("dense", &board.manager), sparse("sparse", WatcherManager::kTimestampSample, &board.manager);
	for (const std::uint64_t start : {std::uint64_t(1) << 32, (std::uint64_t(1) << 53) - 200}) {
		board.now = start - 600;
		board.client.clear();
		board.say(R"({"cmd":"watch","watchers":["dense","sparse"]})");
		board.run(1100, [&](std::uint64_t n) { dense = sparse = static_cast<float>(n - start + 600); });
		board.say(R"({"cmd":"unwatch","watchers":["dense","sparse"]})");
		board.run(10, [&](std::uint64_t) { dense = sparse = 1; });
		board.settle();
		const std::vector<Sent> blocks = board.client.sent("0/f"), timed = board.client.sent("1/f");
		REQUIRE(blocks.size() == 2);
		REQUIRE(timed.size() == 3);
		CHECK(numberAt<std::uint64_t>(blocks[0].body, 0) == start - 600);
		CHECK(numberAt<std::uint64_t>(timed[1].body, 0) == start - 600 + 512);
		CHECK(numberAt<std::uint32_t>(timed[1].body, 2056 + 4 * 511) == 511);
	}
}

TEST_CASE("a sparse variable that sleeps for more than 2^32 frames begins a new block")
{
	Board board;
	Watcher<int> v("v", WatcherManager::kTimestampSample, &board.manager);
	board.say(R"({"cmd":"watch","watchers":["v"]})");
	board.run(1, [&](std::uint64_t) { v = 1; });
	board.now += std::uint64_t(1) << 33;
	board.run(1, [&](std::uint64_t) { v = 2; });
	board.settle();
	REQUIRE(board.client.sent().size() == 1);
	CHECK(numberAt<int>(board.client.sent()[0].body, 8) == 1);
	CHECK(numberAt<int>(board.client.sent()[0].body, 12) == 0);
}

TEST_CASE("what a sender that is stuck cannot take is counted, and the stream goes on behind it")
{
	Board board;
	Watcher<double> v("v", &board.manager);
	const auto program = [&](std::uint64_t n) { v = static_cast<double>(n); };
	board.say(R"({"cmd":"watch","watchers":["v"]})");
	board.client.stall(true);
	board.paced = false;
	board.run(30 * 512, program);
	const std::string stuck = board.list(true);
	CHECK_FALSE(has(stuck, R"("lostWatched":0)"));
	board.client.stall(false);
	board.paced = true;
	board.settle();
	board.run(5 * 512, program);
	board.settle();
	std::uint64_t kept = 0;
	for (const Sent& block : board.client.sent("0/d")) {
		const std::uint64_t first = numberAt<std::uint64_t>(block.body, 0);
		bool right = true;
		for (std::size_t n = 0; n < 512; n++)
			right = right && numberAt<double>(block.body, 8 + 8 * n) == static_cast<double>(first + n);
		CHECK(right); // whole blocks are lost, never parts of one
		kept += 512;
	}
	const std::uint64_t lost = board.manager.core()->variables[0]->lostWatched;
	CHECK(lost > 5000);
	CHECK(kept + lost <= board.now);
	CHECK(kept + lost > board.now - 512);
}

TEST_CASE("what the Gui refuses is counted")
{
	Board board;
	Watcher<int> v("v", &board.manager);
	board.say(R"({"cmd":"watch","watchers":["v"]},{"cmd":"monitor","watchers":["v"],"periods":[1]})");
	board.client.refuse(true);
	board.run(1024, [&](std::uint64_t n) { v = static_cast<int>(n); });
	board.settle();
	CHECK(has(board.list(true), R"("lostMonitored":1,"lostWatched":1024,)"));
}
