// test_protocol2.h - what a client hears that asks for more, see docs/wire-protocol.md.
#pragma once

namespace {

/// The values of the dense float blocks of protocol 2, one behind the other; each block must be of the right form.
std::vector<float> shorts(const std::vector<Sent>& blocks)
{
	std::vector<float> all;
	for (const Sent& block : blocks) {
		const std::size_t count = (block.body.size() - 8) / 4 - 1;
		for (std::size_t n = 0; n < count; n++)
			all.push_back(numberAt<float>(block.body, 8 + 4 * n));
		CHECK(numberAt<float>(block.body, 8 + 4 * count) == all.back()); // the last one once more
	}
	return all;
}

} // namespace

TEST_CASE("the list of protocol 2 is what the document says")
{
	Board board;
	Watcher<double> myvar("myvar", &board.manager);
	Watcher<float> other("other", &board.manager);
	WatcherBuffer<float> table("table", 1024, &board.manager);
	board.manager.tick(18815);
	myvar = 18815;
	board.client.clear();
	board.say(R"({"cmd":"list","id":1,"protocol":2})");
	CHECK(has(board.client.texts()[0],
	          R"({"watcher2":{"buffers":[{"id":2,"name":"table","received":0,"size":1024,"type":"f"}],"cmd":"list","id":1,"protocol":2,)"
	          R"("refused":0,"sampleRate":44100,"timestamp":18815,"watchers":[{"block":0,"controlled":false,"controller":"","id":0,)"
	          R"("latency":0,"logFileName":"","logged":false,"lostLogged":0,"lostMonitored":0,"lostWatched":0,"monitor":0,)"
	          R"("monitorRead":false,"name":"myvar","timestampMode":0,"type":"d","value":18815,"valueInput":18815,"watchRead":false,)"
	          R"("watched":false},)"));
}

TEST_CASE("a watch has blocks of the size that was asked for, and its end is exact")
{
	Board board;
	Watcher<float> fast("fast", &board.manager);
	const auto program = [&](std::uint64_t n) { fast = static_cast<float>(n); };
	board.run(100, program);
	board.say(R"({"cmd":"watch","protocol":2,"id":2,"watchers":["fast"],"blocks":[16]})");
	board.run(55, program);
	CHECK(has(board.list(true), R"("block":16,)"));
	CHECK(has(board.list(), R"("watched":false)")); // of protocol 1
	board.say(R"({"cmd":"unwatch","protocol":2,"id":3,"watchers":["fast"]})");
	board.run(100, program);
	board.settle();
	CHECK(has(board.client.wait(R"("id":2)"), R"({"watcher2":{"cmd":"watch","id":2,"timestamp":100}})"));
	CHECK(has(board.client.wait(R"("id":3)"), R"({"watcher2":{"cmd":"unwatch","id":3,"timestamp":155}})"));
	CHECK(board.client.wait("ended") == R"({"watcher2":{"ended":"watch","timestamp":155,"values":55,"watcher":"fast"}})");
	const std::vector<Sent> blocks = board.client.sent("0/f");
	REQUIRE(blocks.size() == 4);
	CHECK(blocks[0].body.size() == 8 + 17 * 4);
	CHECK(blocks[3].body.size() == 8 + 8 * 4); // 7 values
	CHECK(numberAt<std::uint64_t>(blocks[3].body, 0) == 148);
	const std::vector<float> values = shorts(blocks);
	REQUIRE(values.size() == 55);
	for (std::size_t n = 0; n < 55; n++)
		CHECK(values[n] == static_cast<float>(100 + n));
}

TEST_CASE("a dense block is the bytes of the document")
{
	Board board;
	Watcher<float> v("v", &board.manager);
	board.now = 44100;
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["v"],"durations":[1]})");
	board.run(5, [&](std::uint64_t n) { v = static_cast<float>(n - 44099); });
	board.settle();
	REQUIRE(board.client.sent().size() == 1);
	CHECK(board.client.sent()[0].body == std::vector<unsigned char>{0x44, 0xac, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0,
	                                                                0x40, 0, 0, 0, 0x40});
}

TEST_CASE("a latency sends what a slow variable has")
{
	Board board;
	Watcher<float> slow("slow", &board.manager);
	Watcher<double> sparse("sparse", WatcherManager::kTimestampSample, &board.manager);
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["slow","sparse"],"latencies":[441,441]})");
	std::size_t late = 0;
	board.run(10000, [&](std::uint64_t n) {
		if (n % 1000 == 0)
			slow = static_cast<float>(n), sparse = static_cast<double>(n), sparse = -1;
	});
	board.settle();
	const std::vector<Sent> blocks = board.client.sent("0/f");
	REQUIRE(blocks.size() == 10);
	for (std::size_t n = 0; n < 10; n++) {
		CHECK(numberAt<std::uint64_t>(blocks[n].body, 0) == 1000 * n);
		CHECK(blocks[n].body.size() == 16);
		late += numberAt<float>(blocks[n].body, 8) != static_cast<float>(1000 * n);
	}
	CHECK(late == 0);
	const std::vector<Sent> timed = board.client.sent("1/d");
	REQUIRE(timed.size() == 10);
	CHECK(timed[0].body.size() == 4104); // whole, as an old client that listens needs it
	CHECK(numberAt<std::uint32_t>(timed[1].body, 2736) == 0);
	CHECK(numberAt<std::uint32_t>(timed[1].body, 2740) == 0); // two values of one frame
	CHECK(numberAt<std::uint32_t>(timed[1].body, 2744) == 0xffffffffu);
	CHECK(numberAt<double>(timed[1].body, 16) == -1);
}

TEST_CASE("the largest blocks, of which none can be taken for one of the original")
{
	Board board;
	Watcher<float> dense("dense", &board.manager);
	Watcher<float> sparse("sparse", WatcherManager::kTimestampSample, &board.manager);
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["dense","sparse"],"id":1})");
	board.run(1, [&](std::uint64_t) {
		for (int n = 0; n < 3 * 1022; n++)
			dense = static_cast<float>(n);
		for (int n = 0; n < 3 * 511; n++) // all of one frame: their times are 0, as those of padding
			sparse = static_cast<float>(n);
	});
	board.settle();
	const std::vector<Sent> blocks = board.client.sent("0/f");
	REQUIRE(blocks.size() == 3);
	CHECK(blocks[0].body.size() == 4100);
	const std::vector<float> values = shorts(blocks);
	REQUIRE(values.size() == 3 * 1022);
	std::size_t wrong = 0;
	for (std::size_t n = 0; n < values.size(); n++)
		wrong += values[n] != static_cast<float>(n);
	CHECK(wrong == 0);
	const std::vector<Sent> timed = board.client.sent("1/f");
	REQUIRE(timed.size() == 3);
	for (std::size_t b = 0; b < 3; b++) {
		REQUIRE(timed[b].body.size() == 4104);
		CHECK(numberAt<float>(timed[b].body, 8 + 4 * 510) == static_cast<float>(511 * b + 510));
		CHECK(numberAt<std::uint32_t>(timed[b].body, 2056 + 4 * 510) == 0);
		CHECK(numberAt<std::uint32_t>(timed[b].body, 2056 + 4 * 511) == 0xffffffffu);
	}
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["dense"],"blocks":[1022]},{"cmd":"watch","protocol":2,"watchers":["sparse"],"blocks":[511]})");
	for (const std::string& text : board.client.texts())
		CHECK(!has(text, "error"));
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["dense"],"blocks":[1023],"id":2})");
	CHECK(has(board.client.wait(R"("id":2)"), R"("error":"range")"));
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["sparse"],"blocks":[512],"id":3})");
	CHECK(has(board.client.wait(R"("id":3)"), R"("error":"range")"));
}

TEST_CASE("a block goes out at its latency to the frame")
{
	Board board;
	Watcher<int> v("v", &board.manager);
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["v"],"latencies":[10]})");
	board.run(25, [&](std::uint64_t n) { v = static_cast<int>(n); });
	board.settle();
	const std::vector<Sent> blocks = board.client.sent();
	REQUIRE(blocks.size() == 2); // those of 0..9 and 10..19
	CHECK(blocks[0].body.size() == 8 + 11 * 4);
	CHECK(numberAt<std::uint64_t>(blocks[1].body, 0) == 10);
}

TEST_CASE("a watch on a running watch sets its limits anew and loses nothing")
{
	Board board;
	Watcher<float> v("v", &board.manager);
	const auto program = [&](std::uint64_t n) { v = static_cast<float>(n); };
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["v"],"blocks":[100]})");
	board.run(150, program);
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["v"],"blocks":[7],"durations":[100]})");
	board.run(300, program);
	board.settle();
	const std::vector<float> values = shorts(board.client.sent());
	REQUIRE(values.size() == 251);
	for (std::size_t n = 0; n < values.size(); n++)
		CHECK(values[n] == static_cast<float>(n));
}

TEST_CASE("a scheduled run has its frames and no others, and can be cancelled")
{
	Board board;
	Watcher<float> v("v", &board.manager);
	const auto program = [&](std::uint64_t n) { v = static_cast<float>(n); };
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["v"],"timestamps":[100],"durations":[50]})");
	board.run(1000, program);
	board.settle();
	CHECK(shorts(board.client.sent()).front() == 100);
	CHECK(shorts(board.client.sent()).back() == 150);
	CHECK(shorts(board.client.sent()).size() == 51);
	board.client.clear();
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["v"],"timestamps":[5000]})");
	board.run(10, program);
	board.say(R"({"cmd":"unwatch","protocol":2,"watchers":["v"]})");
	board.run(10000, program);
	board.settle();
	CHECK(board.client.sent().empty());
	board.client.clear();
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["v"]})");
	const std::uint64_t start = board.now;
	board.run(10, program);
	board.say(R"({"cmd":"unwatch","protocol":2,"watchers":["v"],"timestamps":[)" + std::to_string(start + 20) + "]}");
	board.run(100, program);
	board.settle();
	CHECK(shorts(board.client.sent()).size() == 21);
}

TEST_CASE("a client that watches the original way gets that alone, and the other one goes on behind it")
{
	Board board;
	Watcher<float> v("v", &board.manager);
	const auto program = [&](std::uint64_t n) { v = static_cast<float>(n); };
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["v"],"blocks":[100]})");
	board.run(250, program);
	board.say(R"({"cmd":"watch","watchers":["v"]})");
	board.run(1500, program);
	board.say(R"({"cmd":"unwatch","watchers":["v"]})");
	board.run(250, program);
	board.say(R"({"cmd":"unwatch","protocol":2,"watchers":["v"]})");
	board.run(10, program);
	board.settle();
	std::vector<std::pair<std::uint64_t, std::size_t>> got;
	for (const Sent& sent : board.client.sent())
		got.emplace_back(numberAt<std::uint64_t>(sent.body, 0), sent.body.size());
	const std::vector<std::pair<std::uint64_t, std::size_t>> expected = {
	    {0, 412}, {100, 412}, {200, 212}, {250, 4104}, {1274, 4104}, {1751, 412}, {1851, 412}, {1951, 208}};
	CHECK(got == expected);
}

TEST_CASE("what the program reads can be watched and monitored, also if it never assigns")
{
	Board board;
	Watcher<float> freq("freq", &board.manager);
	freq = 10;
	board.say(R"({"cmd":"control","protocol":2,"watchers":["freq"],"controller":"me"})");
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["freq"],"reads":[true],"blocks":[4]},)"
	          R"({"cmd":"monitor","protocol":2,"watchers":["freq"],"periods":[6],"reads":[true]},)"
	          R"({"cmd":"set","protocol":2,"watchers":["freq"],"values":[20],"timestamps":[5]})");
	board.run(9, [](std::uint64_t) {});
	CHECK(has(board.list(true), R"("controlled":true,"controller":"me")"));
	CHECK(has(board.list(true), R"("monitor":6,"monitorRead":true)"));
	board.settle();
	std::vector<Sent> blocks, values;
	for (const Sent& sent : board.client.sent())
		(sent.body.size() == 12 ? values : blocks).push_back(sent);
	CHECK(shorts(blocks) == std::vector<float>{10, 10, 10, 10, 10, 20, 20, 20});
	REQUIRE(values.size() == 2);
	CHECK(numberAt<std::uint64_t>(values[1].body, 0) == 6);
	CHECK(numberAt<float>(values[1].body, 8) == 20);
	board.say(R"({"cmd":"unwatch","protocol":2,"watchers":["freq"]},{"cmd":"monitor","watchers":["freq"],"periods":[0]})");
	board.run(10, [](std::uint64_t) {});
	CHECK(board.manager.core()->readerCount == 0);
	CHECK(board.manager.core()->liveCount == 0);
}

TEST_CASE("a client of the original that comes and goes does not silence a value that is only read")
{
	Board board;
	Watcher<float> gain("gain", &board.manager);
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["gain"],"reads":[true],"blocks":[16]})");
	const auto program = [](std::uint64_t) {};
	board.run(64, program);
	board.say(R"({"cmd":"watch","watchers":["gain"]})");
	board.run(64, program);
	board.say(R"({"cmd":"unwatch","watchers":["gain"]})");
	board.run(64, program);
	board.settle();
	CHECK(shorts(board.client.sent()).size() == 192);
	// nor does one whose last value never comes
	board.say(R"({"cmd":"watch","watchers":["gain"]})");
	board.run(20, [&](std::uint64_t) { gain = 1; });
	board.client.clear();
	board.run(64, program);
	board.settle();
	CHECK(board.client.sent().empty()); // it has the stream alone
	board.say(R"({"cmd":"unwatch","watchers":["gain"]})");
	board.run(64, program);
	board.settle();
	CHECK(board.client.sent().size() == 4);
	CHECK(board.client.sent()[0].body.size() == 8 + 17 * 4);
}

TEST_CASE("who controls a value is the client that said so last, and nobody once the program has said it")
{
	Board board;
	Watcher<float> v("v", &board.manager);
	board.say(R"({"cmd":"control","protocol":2,"watchers":["v"],"controller":"me"})");
	board.run(1, [](std::uint64_t) {});
	CHECK(has(board.list(true), R"("controlled":true,"controller":"me")"));
	v.localControl(true);
	CHECK(has(board.list(true), R"("controlled":false,"controller":"")"));
	v.localControl(false);
	CHECK(has(board.list(true), R"("controlled":true,"controller":"")"));
	board.say(R"({"cmd":"control","protocol":2,"watchers":["v"],"controller":"again"})");
	board.run(1, [](std::uint64_t) {});
	CHECK(has(board.list(true), R"("controlled":true,"controller":"again")"));
}

TEST_CASE("scheduled values of one message act at one frame")
{
	Board board;
	Watcher<float> a("a", &board.manager), b("b", &board.manager);
	Watcher<unsigned int> bits("bits", &board.manager);
	bits = 0xf0;
	board.say(R"({"cmd":"control","protocol":2,"watchers":["a","b","bits"]})");
	board.say(R"({"cmd":"set","id":7,"protocol":2,"watchers":["a","b"],"values":[1,2],"timestamps":[50,50]},)"
	          R"({"cmd":"setMask","id":8,"protocol":2,"watchers":["bits"],"values":[255],"masks":[15],"timestamps":[50]},)"
	          R"({"cmd":"set","id":9,"protocol":2,"watchers":["a","a"],"values":[3,4],"timestamps":[60,60]})");
	bool together = true;
	board.run(100, [&](std::uint64_t n) {
		const bool acted = n >= 50;
		together = together && (a != 0.0f) == acted && (b == 2.0f) == acted && (bits == 0xffu) == acted && (a == 4.0f) == (n >= 60);
	});
	CHECK(together);
	board.settle();
	CHECK(board.client.wait(R"("id":7)") == R"({"watcher2":{"cmd":"set","id":7,"timestamp":50}})");
	CHECK(board.client.wait(R"("id":8)") == R"({"watcher2":{"cmd":"setMask","id":8,"timestamp":50}})");
	CHECK(board.client.wait(R"("id":9)") == R"({"watcher2":{"cmd":"set","id":9,"timestamp":60}})");
}

TEST_CASE("errors are told, and a command with one does nothing")
{
	Board board;
	Watcher<int> v("v", &board.manager), w("w", &board.manager);
	board.say(R"({"cmd":"control","watchers":["v"]})");
	struct Row {
		const char* command;
		const char* error;
	};
	for (const Row& row : {
	         Row{R"("cmd":"nonsense")", R"("cmd":"nonsense","error":"command","id":5)"},
	         Row{R"("cmd":3)", R"("cmd":"","error":"command","id":5)"},
	         Row{R"("cmd":"watch")", R"("cmd":"watch","error":"length","id":5)"},
	         Row{R"("cmd":"watch","watchers":"v")", R"("cmd":"watch","error":"type","id":5)"},
	         Row{R"("cmd":"watch","watchers":[1])", R"("cmd":"watch","error":"type","id":5)"},
	         Row{R"("cmd":"watch","watchers":["v","nobody"])", R"("cmd":"watch","error":"name","id":5,"watcher":"nobody")"},
	         Row{R"("cmd":"watch","watchers":["v"],"blocks":[1,2])", R"("error":"length","id":5)"},
	         Row{R"("cmd":"watch","watchers":["v"],"blocks":[1023])", R"("error":"range","id":5,"watcher":"v")"},
	         Row{R"("cmd":"watch","watchers":["v"],"blocks":[-1])", R"("error":"type","id":5,"watcher":"v")"},
	         Row{R"("cmd":"watch","watchers":["v"],"latencies":[1.5])", R"("error":"type","id":5,"watcher":"v")"},
	         Row{R"("cmd":"watch","watchers":["v"],"latencies":[1e300])", R"("error":"type","id":5,"watcher":"v")"},
	         Row{R"("cmd":"watch","watchers":["v"],"timestamps":[9007199254740993e3])", R"("error":"type","id":5)"},
	         Row{R"("cmd":"watch","watchers":["v"],"reads":[1])", R"("error":"type","id":5,"watcher":"v")"},
	         Row{R"("cmd":"unwatch","watchers":["v"],"timestamps":"x")", R"("error":"type","id":5)"},
	         Row{R"("cmd":"monitor","watchers":["v"])", R"("error":"length","id":5)"},
	         Row{R"("cmd":"monitor","watchers":["v"],"periods":[4294967296])", R"("error":"range","id":5,"watcher":"v")"},
	         Row{R"("cmd":"set","watchers":["v"])", R"("error":"length","id":5)"},
	         Row{R"("cmd":"set","watchers":["v"],"values":[true])", R"("error":"type","id":5,"watcher":"v")"},
	         Row{R"("cmd":"set","watchers":["v"],"values":[2147483648])", R"("error":"range","id":5,"watcher":"v")"},
	         Row{R"("cmd":"set","watchers":["v","w"],"values":[1,2])", R"("error":"control","id":5,"watcher":"w")"},
	         Row{R"("cmd":"setMask","watchers":["v"],"values":[1])", R"("error":"length","id":5)"},
	         Row{R"("cmd":"setMask","watchers":["v"],"values":[1],"masks":[-1])", R"("error":"range","id":5,"watcher":"v")"},
	         Row{R"("cmd":"control","watchers":["w"],"controller":3)", R"("error":"type","id":5)"},
	         Row{R"("cmd":"control","watchers":["w"],"controller":"\u00e9")", R"("error":"type","id":5)"},
	     }) {
		board.client.clear();
		board.say(std::string("{\"id\":5,\"protocol\":2,") + row.command + "}");
		INFO(row.command);
		REQUIRE(board.client.texts().size() == 1);
		CHECK(has(board.client.texts()[0], row.error));
		CHECK(has(board.client.texts()[0], R"({"watcher2":{"cmd":)"));
	}
	board.client.clear();
	board.say(R"({"cmd":"list","protocol":2,"id":"x"})");
	CHECK(board.client.texts().at(0) == R"({"watcher2":{"cmd":"list","error":"type"}})");
	board.run(10, [&](std::uint64_t n) { v = w = static_cast<int>(n); });
	board.settle();
	CHECK(board.client.sent().empty());
	CHECK(v == 0);
	CHECK(board.manager.core()->liveCount == 0);
}

TEST_CASE("a message that is too much for the queue is refused whole, and the next one is not")
{
	Board board;
	Watcher<float> v("v", &board.manager);
	board.say(R"({"cmd":"control","watchers":["v"]})");
	std::string names, values;
	for (int n = 0; n < 1100; n++)
		names += n ? ",\"v\"" : "\"v\"", values += n ? ",1" : "1";
	board.client.clear();
	board.say("{\"cmd\":\"set\",\"id\":1,\"protocol\":2,\"watchers\":[" + names + "],\"values\":[" + values + "]}");
	CHECK(board.client.texts().at(0) == R"({"watcher2":{"cmd":"set","error":"size","id":1}})"); // never, however often it is tried
	board.say(R"({"cmd":"set","protocol":2,"watchers":["v"],"values":[3]})");
	board.run(1, [](std::uint64_t) {});
	CHECK(v == 3.0f);
	CHECK(board.manager.core()->waiting.empty());
}

namespace {

/// A list of so many times the same, in JSON.
std::string times(unsigned count, const std::string& item)
{
	std::string list = "[";
	for (unsigned n = 0; n < count; n++)
		list += (n ? "," : "") + item;
	return list + "]";
}

/// A `set` of so many values to come, as the text of a command.
std::string sets(const char* name, unsigned count, unsigned id, std::uint64_t at, unsigned value)
{
	return "{\"cmd\":\"set\",\"protocol\":2,\"id\":" + std::to_string(id) + ",\"watchers\":" + times(count, std::string("\"") + name + "\"") +
	       ",\"values\":" + times(count, std::to_string(value)) + ",\"timestamps\":" + times(count, std::to_string(at)) + "}";
}

} // namespace

TEST_CASE("a full schedule is busy, nothing acts before its time, and its places come back")
{
	Board board;
	Watcher<float> freq("freq", &board.manager), gain("gain", &board.manager);
	board.say(R"({"cmd":"control","protocol":2,"watchers":["freq","gain"]})");
	const auto program = [](std::uint64_t) {};
	board.run(1, program);
	board.say(sets("gain", 600, 1, 5000, 1));
	board.run(1, program);
	board.say(sets("gain", 424, 2, 6000, 2));
	board.run(10, program);
	board.client.clear();
	board.say(sets("freq", 1, 3, 5000, 9));
	CHECK(board.client.texts().at(0) == R"({"watcher2":{"cmd":"set","error":"busy","id":3}})");
	board.run(100, program);
	CHECK(freq == 0.0f);
	board.now = 4990;
	board.run(20, program);
	board.settle();
	CHECK(gain == 1.0f);
	CHECK(has(board.client.wait("\"id\":1}") + board.client.wait("\"id\":1,"), R"("timestamp":5000)"));
	board.say(sets("freq", 600, 4, 5500, 9)); // there is room again
	board.now = 5490;
	board.run(20, program);
	CHECK(freq == 9.0f);
	board.now = 5990;
	board.run(20, program);
	CHECK(gain == 2.0f);
	board.client.clear();
	for (unsigned n = 0; n < 10; n++) {
		board.say(sets("freq", 1000, 100 + n, 100000000, 1));
		board.say(R"({"cmd":"uncontrol","protocol":2,"watchers":["freq"]},{"cmd":"control","protocol":2,"watchers":["freq"]})");
		board.run(1, program);
		CHECK(has(board.client.wait("\"id\":" + std::to_string(100 + n)), R"({"watcher2":{"cmd":"set","error":"control","id":)"));
	}
	CHECK(board.manager.core()->waiting.empty());
	CHECK(board.manager.core()->scheduled.soonest() == watching::kNever);
}

TEST_CASE("a value whose variable is not controlled at its frame, or gone, does not act, and its command says so")
{
	Board board;
	const auto program = [](std::uint64_t) {};
	for (int how = 0; how < 5; how++) {
		Watcher<float> stays("stays", &board.manager);
		std::unique_ptr<Watcher<float>> goes(new Watcher<float>("goes", &board.manager));
		board.say(R"({"cmd":"control","protocol":2,"watchers":["goes","stays"]})");
		board.say(R"({"cmd":"set","id":5,"protocol":2,"watchers":["goes","stays"],"values":[1,2],"timestamps":[)" +
		          std::to_string(board.now + 50) + "," + std::to_string(board.now + 50) + "]}");
		board.run(10, program);
		board.client.clear();
		if (how == 0)
			board.say(R"({"cmd":"uncontrol","protocol":2,"watchers":["goes"]})");
		else if (how == 1)
			board.say(R"({"cmd":"uncontrol","watchers":["goes"]},{"cmd":"control","watchers":["goes"]})");
		else if (how == 2)
			goes->localControl(true);
		else if (how == 3)
			goes.reset();
		board.run(100, program);
		board.settle();
		CHECK(stays == 2.0f);
		CHECK((goes ? goes->get() : 0.0f) == (how == 4 ? 1.0f : 0.0f));
		std::size_t answers = 0;
		for (const std::string& text : board.client.texts())
			answers += has(text, R"("id":5)");
		CHECK(answers == 1);
		const std::string answer = board.client.wait("\"id\":5");
		CHECK(has(answer, how == 4 ? R"("timestamp":)" : R"({"watcher2":{"cmd":"set","error":"control","id":5,"watcher":"goes"}})"));
	}
	CHECK(board.manager.core()->waiting.empty());
	CHECK(board.manager.core()->valuesGiven == board.manager.core()->valuesDone);
}

TEST_CASE("a message that is refused has done nothing at all")
{
	Board board;
	Watcher<float> freq("freq", &board.manager), mic("mic", &board.manager), level("level", &board.manager);
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["mic"],"blocks":[16]})");
	board.say(R"({"cmd":"monitor","watchers":["level"],"periods":[1000]})");
	const auto program = [&](std::uint64_t) { mic = 1; };
	board.run(10, program);
	const std::string before = board.list(true);
	board.client.clear();
	board.say(R"({"cmd":"control","id":1,"protocol":2,"watchers":["freq"],"controller":"evil"},{"cmd":"watch","id":2,"protocol":2,"watchers":)" +
	          times(1100, "\"mic\"") + R"(},{"cmd":"monitor","watchers":["level"],"periods":[77]},)" +
	          R"({"cmd":"monitor","protocol":2,"id":3,"watchers":["level"],"periods":[78],"reads":[true]},)" +
	          R"({"cmd":"log","protocol":2,"id":4,"watchers":["mic"]})");
	REQUIRE(board.client.texts().size() == 4);
	for (const std::string& text : board.client.texts())
		CHECK(has(text, R"("error":"size")"));
	CHECK(board.list(true) == before);
	CHECK(fileBytes("mic.bin").empty());
	// and nor has one that has no room at present
	board.say("{\"cmd\":\"watch\",\"protocol\":2,\"watchers\":" + times(1000, "\"mic\"") + ",\"blocks\":" + times(1000, "16") + "}");
	board.client.clear();
	board.say("{\"cmd\":\"control\",\"id\":5,\"protocol\":2,\"watchers\":" + times(100, "\"freq\"") + "}");
	CHECK(has(board.client.texts().at(0), R"("error":"busy","id":5)"));
	board.run(1, program);
	CHECK(has(board.list(true), R"("controlled":false,"controller":"")"));
	CHECK(freq.hasLocalControl());
}

TEST_CASE("control acts at the frame that its answer names, and what comes behind it counts on it")
{
	Board board;
	Watcher<float> v("v", &board.manager);
	v = 3;
	board.run(10, [](std::uint64_t) {});
	board.client.clear();
	board.say(R"({"cmd":"control","id":1,"protocol":2,"watchers":["v"]},{"cmd":"set","id":2,"protocol":2,"watchers":["v"],"values":[5]})");
	CHECK(v.hasLocalControl());
	CHECK(v == 3.0f);
	board.say(R"({"cmd":"uncontrol","id":3,"protocol":2,"watchers":["v"]})");
	board.say(R"({"cmd":"set","id":4,"protocol":2,"watchers":["v"],"values":[6]})");
	CHECK(board.client.texts().at(0) == R"({"watcher2":{"cmd":"set","error":"control","id":4,"watcher":"v"}})");
	board.say(R"({"cmd":"control","watchers":["v"]})"); // of protocol 1, behind them
	board.run(1, [](std::uint64_t) {});
	board.settle();
	CHECK_FALSE(v.hasLocalControl());
	for (const char* id : {"\"id\":1,", "\"id\":2,", "\"id\":3,"})
		CHECK(has(board.client.wait(id), R"("timestamp":10})"));
}

TEST_CASE("a sender that is stuck for long delays answers and ends, and loses none")
{
	Board board;
	board.paced = false;
	std::vector<std::unique_ptr<Watcher<float>>> all;
	std::string names;
	for (int n = 0; n < 200; n++) {
		all.emplace_back(new Watcher<float>("v" + std::to_string(n), &board.manager));
		names += (n ? ",\"v" : "\"v") + std::to_string(n) + "\"";
	}
	const auto program = [&](std::uint64_t) {
		for (const std::unique_ptr<Watcher<float>>& watcher : all)
			*watcher = 1;
	};
	board.say(R"({"cmd":"control","protocol":2,"watchers":["v0"]},{"cmd":"watch","protocol":2,"watchers":["v0"],"blocks":[1]})");
	board.client.stall(true);
	board.run(3, program);
	constexpr std::size_t first = 2000000; // far from those of `settle`
	std::size_t said = first, busy = 0;
	board.client.clear();
	for (int round = 0; round < 60; round++) {
		for (int n = 0; n < 100; n++)
			board.say(sets("v0", 1, static_cast<unsigned>(++said), board.now + 10, 1));
		board.say("{\"cmd\":\"watch\",\"protocol\":2,\"watchers\":[" + names + "],\"id\":" + std::to_string(++said) + "}");
		board.run(20, program);
		board.say("{\"cmd\":\"unwatch\",\"protocol\":2,\"watchers\":[" + names + "],\"id\":" + std::to_string(++said) + "}");
		board.run(20, program);
	}
	for (const std::string& text : board.client.texts())
		busy += has(text, "busy");
	CHECK(busy > 0);
	board.client.stall(false);
	const auto waits = [&] {
		const std::lock_guard<std::mutex> lock(board.manager.core()->mutex);
		return !board.manager.core()->waiting.empty();
	};
	for (int n = 0; n < 5000 && waits(); n++) {
		board.run(1, program);
		std::this_thread::sleep_for(std::chrono::milliseconds(1));
	}
	while (board.manager.core()->liveCount) {
		board.say("{\"cmd\":\"unwatch\",\"protocol\":2,\"watchers\":[" + names + "]}");
		board.run(1, program);
		board.settle();
	}
	std::map<std::string, int> answers;
	for (const std::string& text : board.client.texts()) {
		const std::size_t at = text.find("\"id\":");
		if (at != std::string::npos && !has(text, "\"id\":100000"))
			answers[text.substr(at, text.find_first_of(",}", at) - at)]++;
	}
	std::size_t once = 0;
	for (const auto& answer : answers)
		once += answer.second == 1;
	CHECK(once == answers.size());
	CHECK(answers.size() == said - first);
}
