// test_registration.h - names, places, and variables that come and go.
#pragma once

TEST_CASE("names are made different, however many are the same")
{
	Board board;
	std::vector<Watcher<int>> all;
	for (const char* name : {"foo", "foo", "foo", "", "", "a~b", "foo~1", "gr\xc3\xb6\xc3\x9f" "e", "bad\xff"})
		all.emplace_back(name, &board.manager);
	std::vector<std::string> names;
	for (const watching::Variable* variable : board.manager.core()->variables)
		names.push_back(variable->name);
	CHECK(names == std::vector<std::string>{"foo", "foo~1", "foo~2", "(anon)", "(anon)~1", "a_b", "foo_1",
	                                        "gr\xc3\xb6\xc3\x9f" "e", "bad_"});
	CHECK(has(board.list(), R"("name":"gr\u00F6\u00DFe")"));
	board.say(R"({"cmd":"control","watchers":["gr\u00f6\u00dfe","foo~2"]})");
	CHECK_FALSE(all[7].hasLocalControl());
	CHECK_FALSE(all[2].hasLocalControl());
	CHECK(all[0].hasLocalControl());
}

TEST_CASE("what a list calls a variable can be said back, in any script")
{
	Board board;
	Watcher<float> smile("\xf0\x9f\x98\x80smile", &board.manager);
	CHECK(has(board.list(), R"("name":"\uD83D\uDE00smile")"));
	board.say(R"({"cmd":"control","watchers":["\uD83D\uDE00smile"]})");
	CHECK_FALSE(smile.hasLocalControl());
}

TEST_CASE("arrays and variables of one name are told apart")
{
	Board board;
	WatcherBuffer<float> one("tab", 4, &board.manager), two("tab", 4, &board.manager);
	Watcher<float> three("tab", &board.manager);
	const std::string list = board.list(true);
	CHECK(has(list, R"("name":"tab","received")"));
	CHECK(has(list, R"("name":"tab~1","received")"));
	CHECK(has(list, R"("name":"tab~2","timestampMode")"));
}

TEST_CASE("a name that went is free again, and the others keep their ids")
{
	Board board;
	Watcher<int> first("first", &board.manager);
	std::unique_ptr<Watcher<int>> second(new Watcher<int>("second", &board.manager));
	Watcher<int> third("third", &board.manager);
	second.reset();
	CHECK_FALSE(has(board.list(), "second"));
	Watcher<double> again("second", &board.manager); // of another type: it cannot have the id of the one that went
	const std::string list = board.list(true);
	CHECK(has(list, R"("id":2,"latency":0,"logFileName":"","logged":false,"lostLogged":0,"lostMonitored":0,"lostWatched":0,"monitor":0,"monitorRead":false,"name":"third")"));
	CHECK(has(list, R"("id":3,"latency":0,"logFileName":"","logged":false,"lostLogged":0,"lostMonitored":0,"lostWatched":0,"monitor":0,"monitorRead":false,"name":"second")"));
}

TEST_CASE("what comes and goes for ever takes no more of the Gui's buffers, and no more memory")
{
	Board board;
	Watcher<int> stays("stays", &board.manager);
	const auto program = [&](std::uint64_t) { stays = 1; };
	for (int round = 0; round < 50; round++) {
		Watcher<float> goes("goes", &board.manager);
		WatcherBuffer<float> table("table", 16, &board.manager);
		board.say(R"({"cmd":"watch","watchers":["goes","stays"]})");
		board.run(3, program);
		board.settle(); // the sender has done with the one before
		CHECK(board.manager.core()->oldInboxes.size() <= 1);
	}
	board.run(1, program);
	board.settle();
	Watcher<float> last("last", &board.manager);
	CHECK(board.manager.core()->variables.back()->id < 20);
	CHECK(board.gui.setBuffer('f', 1) < 20);
}

TEST_CASE("a variable may go while it is streamed, logged, monitored and set")
{
	Board board;
	Watcher<float> stays("stays", &board.manager);
	for (int round = 0; round < 50; round++) {
		std::unique_ptr<Watcher<float>> goes(new Watcher<float>("goes", &board.manager));
		board.say(R"({"cmd":"watch","watchers":["goes","stays"]},{"cmd":"log","watchers":["goes"]})");
		board.say(R"({"cmd":"watch","protocol":2,"watchers":["goes"],"reads":[true],"latencies":[3]})");
		board.say(R"({"cmd":"monitor","watchers":["goes"],"periods":[3]},{"cmd":"control","watchers":["goes"]})");
		board.say(R"({"cmd":"set","protocol":2,"watchers":["goes"],"values":[1],"timestamps":[1000000]})");
		board.run(10, [&](std::uint64_t n) { *goes = stays = static_cast<float>(n); });
		goes.reset();
		board.run(10, [&](std::uint64_t n) { stays = static_cast<float>(n); });
	}
	board.settle();
	CHECK(board.manager.core()->leaving.empty());
	CHECK(board.manager.core()->usedSlots < 20); // used again, as soon as the sender knows
	CHECK(board.manager.core()->byName.size() == 1);
	CHECK(board.client.sent("0/f").size() == 0); // 1000 values: not yet a block
	board.run(2000, [&](std::uint64_t n) { stays = static_cast<float>(n); });
	board.settle();
	CHECK(board.client.sent("0/f").size() == 2);
	for (int n = -1; n < 50; n++)
		std::remove(("goes" + (n < 0 ? std::string() : "+" + std::to_string(n)) + ".bin").c_str());
}

TEST_CASE("1024 variables are listed, and the next one is a plain one")
{
	Board board;
	std::vector<Watcher<int>> all;
	for (int n = 0; n < 1025; n++)
		all.emplace_back("v" + std::to_string(n), &board.manager);
	all[1024] = 5;
	CHECK(all[1024] == 5);
	CHECK(has(board.list(), R"("name":"v1023")"));
	CHECK_FALSE(has(board.list(), R"("name":"v1024")"));
	all.pop_back();
	all.pop_back();
	all.emplace_back("late", &board.manager);
	CHECK(has(board.list(), R"("name":"late")"));
}
