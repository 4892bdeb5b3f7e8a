// test_inbox.h - watching::Inbox: arrays from clients.
#pragma once

namespace {
std::vector<unsigned char> bytesOf(const std::vector<float>& values)
{
	std::vector<unsigned char> bytes(values.size() * sizeof(float));
	std::memcpy(bytes.data(), values.data(), bytes.size());
	return bytes;
}
} // namespace

TEST_CASE("an inbox shows the newest array, when it is turned")
{
	watching::Inbox inbox("table", 'f', sizeof(float), 3);
	const auto at = [&inbox](int n) { return reinterpret_cast<float*>(inbox.arrays[inbox.front].get())[n]; };
	CHECK_FALSE(inbox.turn());
	const std::vector<unsigned char> one = bytesOf({1, 2, 3}), two = bytesOf({4, 5}), long_ = bytesOf({6, 7, 8, 9});
	inbox.put(one.data(), one.size());
	CHECK(at(0) == 0);
	CHECK(inbox.turn());
	CHECK(at(2) == 3);
	inbox.put(one.data(), one.size());
	inbox.put(two.data(), two.size());
	CHECK(inbox.turn());
	CHECK_FALSE(inbox.turn());
	CHECK(at(0) == 4);
	CHECK(at(2) == 0); // what a shorter message leaves open
	CHECK(inbox.counts[inbox.front] == 2);
	inbox.put(long_.data(), long_.size());
	CHECK(inbox.turn());
	CHECK(at(2) == 8);
	CHECK(inbox.counts[inbox.front] == 3);
	CHECK(inbox.received == 4);
}

TEST_CASE("a reader never sees two arrays at once")
{
	watching::Inbox inbox("table", 'i', sizeof(int), 64);
	std::atomic<bool> done{false};
	std::thread writer([&] {
		std::vector<int> values(64);
		for (int n = 1; n < 20000; n++) {
			std::fill(values.begin(), values.end(), n);
			inbox.put(reinterpret_cast<const unsigned char*>(values.data()), values.size() * sizeof(int));
		}
		done = true;
	});
	bool whole = true;
	int last = 0;
	while (last < 19999) {
		if (!inbox.turn()) {
			std::this_thread::yield();
			continue;
		}
		const int* values = reinterpret_cast<const int*>(inbox.arrays[inbox.front].get());
		whole = whole && values[0] > last;
		last = values[0];
		for (int n = 0; n < 64; n++)
			whole = whole && values[n] == last;
	}
	writer.join();
	CHECK(whole);
}

TEST_CASE("a client fills an array that the program reads")
{
	Board board;
	Watcher<float> before("before", &board.manager);
	WatcherBuffer<float> table("table", 4, &board.manager);
	Watcher<float> behind("behind", &board.manager);
	CHECK(has(board.list(true), R"("buffers":[{"id":1,"name":"table","received":0,"size":4,"type":"f"}])"));
	std::vector<unsigned char> message = {1, 0, 0, 0, 'f', 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0};
	const std::vector<unsigned char> values = bytesOf({0.5f, 0.25f});
	message.insert(message.end(), values.begin(), values.end());
	CHECK_FALSE(board.client.give(message)); // the Gui has no use for it
	CHECK(table[0] == 0.0f);
	board.manager.tick(1, false);
	CHECK(table[0] == 0.0f);
	board.manager.tick(2);
	CHECK(table[0] == 0.5f);
	CHECK(table[1] == 0.25f);
	CHECK(table[4] == 0.0f); // beyond the end
	CHECK(table.count() == 2);
	CHECK(table.received() == 1);
}

TEST_CASE("binary messages that lie are refused, and counted")
{
	Board board;
	WatcherBuffer<double> table("table", 4, &board.manager);
	const std::vector<std::vector<unsigned char>> lies = {
	    {},
	    {0},
	    {0, 0, 0, 0, 'f', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0},                                // too short for its head
	    {0, 0, 0, 0, 'f', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0},                             // counts a value that is not there
	    {0, 0, 0, 0, 'd', 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6},   // and many
	    {0, 0, 0, 0, 'x', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},                             // no such type
	    {0, 0, 0, 0, 'f', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4},                 // not that array's type
	};
	for (const std::vector<unsigned char>& lie : lies)
		CHECK_FALSE(board.client.give(lie));
	CHECK(has(board.list(true), R"("refused":7,)"));
	CHECK(board.client.give({9, 0, 0, 0, 'f', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4})); // the Gui's own
	CHECK(table.received() == 0);
}
