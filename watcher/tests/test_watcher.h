// test_watcher.h - the class that programs use.
#pragma once

TEST_CASE_TEMPLATE("a watcher is used like its type", T, char, int, unsigned int, float, double)
{
	Board board;
	Watcher<T> dense("dense", &board.manager);
	Watcher<T> sparse("sparse", WatcherManager::kTimestampSample, &board.manager);
	Watcher<T> initial("initial", T(7), WatcherManager::kTimestampBlock, &board.manager);
	dense = T(3);
	sparse = dense;
	CHECK(T(dense) == T(3));
	CHECK(sparse.get() == T(3));
	CHECK(initial == T(7));
	dense.set(T(4));
	CHECK(dense + T(1) == T(5));
	CHECK(dense.hasLocalControl());
	CHECK(dense.getMask() == 0);
	const std::string type(1, watching::Letter<T>::value);
	const std::string list = board.list();
	CHECK(has(list, R"("name":"dense","timestampMode":0,"type":")" + type + R"(","value":4,"valueInput":4)"));
	CHECK(has(list, R"("name":"sparse","timestampMode":1)"));
	CHECK(has(list, R"("name":"initial","timestampMode":0,"type":")" + type + R"(","value":7)"));
}

TEST_CASE("a watcher without a name or manager holds a value that nobody sees")
{
	Watcher<float> plain;
	plain = 2.5f;
	CHECK(plain == 2.5f);
	WatcherManager* none = nullptr;
	Watcher<int> alone("alone", none);
	alone = -1;
	CHECK(alone == -1);
}

TEST_CASE("a program takes control back, and gives it")
{
	Board board;
	Watcher<float> freq("freq", &board.manager);
	freq = 440;
	freq.localControl(false);
	CHECK_FALSE(freq.hasLocalControl());
	freq = 100;
	CHECK(freq == 440.0f); // as it was when it was given away
	board.say(R"({"cmd":"set","watchers":["freq"],"values":[220]})");
	CHECK(freq == 220.0f);
	freq.localControl(true);
	CHECK(freq == 100.0f);
	CHECK(has(board.list(), R"("controlled":false)"));
}

TEST_CASE("watchers live in containers that move them")
{
	Board board;
	std::vector<Watcher<float>> many;
	for (int n = 0; n < 20; n++) {
		many.emplace_back("v" + std::to_string(n), &board.manager);
		many.back() = static_cast<float>(n);
	}
	for (std::size_t n = 0; n < many.size(); n++)
		CHECK(many[n] == static_cast<float>(n));
	CHECK(has(board.list(), R"("name":"v19","timestampMode":0,"type":"f","value":19)"));
}

TEST_CASE("the default manager is the same for all")
{
	CHECK(Bela_getDefaultWatcherManager() == Bela_getDefaultWatcherManager());
	Watcher<int> here("here");
	CHECK(Bela_getDefaultWatcherManager()->core()->byName.count("here") == 1);
}
