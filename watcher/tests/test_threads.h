// test_threads.h - an audio thread, a client's thread and the sender at once, for ThreadSanitizer to look at.
#pragma once

TEST_CASE("commands of all kinds while the audio runs")
{
	const Folder folder;
	Board board;
	std::vector<Watcher<float>> floats;
	std::vector<Watcher<double>> sparse;
	for (int n = 0; n < 8; n++) {
		floats.emplace_back("f" + std::to_string(n), &board.manager);
		sparse.emplace_back("s" + std::to_string(n), WatcherManager::kTimestampSample, &board.manager);
	}
	WatcherBuffer<int> table("table", 16, &board.manager);
	std::atomic<bool> done{false};
	bool whole = true;
	std::thread audio([&] {
		for (std::uint64_t n = 0; !done; n++) {
			board.manager.tick(n, n % 16 == 0);
			for (int v = 0; v < 8; v++) {
				floats[static_cast<std::size_t>(v)] = static_cast<float>(n);
				if (n % 3 == 0)
					sparse[static_cast<std::size_t>(v)] = static_cast<double>(n) + floats[0];
			}
			for (std::size_t m = 1; m < 16; m++)
				whole = whole && table[m] == table[0];
			if (n % 64 == 0)
				std::this_thread::sleep_for(std::chrono::microseconds(100));
		}
	});
	const char* commands[] = {
	    R"({"cmd":"watch","watchers":["f0","f1","s0"]})",
	    R"({"cmd":"watch","protocol":2,"watchers":["f1","f2","s1"],"blocks":[16,1,5],"latencies":[0,9,100]})",
	    R"({"cmd":"list"},{"cmd":"list","protocol":2})",
	    R"({"cmd":"monitor","watchers":["f3","s2"],"periods":[7,1]})",
	    R"({"cmd":"log","watchers":["f4"]},{"cmd":"log","protocol":2,"watchers":["s4"],"id":1})",
	    R"({"cmd":"control","watchers":["f0","s0"]},{"cmd":"set","watchers":["f0","s0"],"values":[1,2]})",
	    R"({"cmd":"set","protocol":2,"watchers":["f0","s0"],"values":[3,4],"id":2})",
	    R"({"cmd":"setMask","protocol":2,"watchers":["f0"],"values":[3],"masks":[1]},{"cmd":"setMask","watchers":["f0"],"values":[3],"masks":[2]})",
	    R"({"cmd":"watch","protocol":2,"watchers":["f0"],"reads":[true]},{"cmd":"monitor","protocol":2,"watchers":["f0"],"periods":[5],"reads":[true]})",
	    R"({"cmd":"unwatch","watchers":["f0","f1","s0"]},{"cmd":"unwatch","protocol":2,"watchers":["f0","f1","f2","s1"],"id":3})",
	    R"({"cmd":"unlog","watchers":["f4"]},{"cmd":"unlog","protocol":2,"watchers":["s4"]},{"cmd":"uncontrol","watchers":["f0"]})",
	};
	const watching::Variable* first = board.manager.core()->variables[0];
	for (int round = 0; round < 60; round++) {
		for (const char* command : commands) {
			board.say(command);
			std::this_thread::sleep_for(std::chrono::microseconds(200));
		}
		std::vector<unsigned char> message = {16, 0, 0, 0, 'i', 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0};
		message.resize(message.size() + 64, static_cast<unsigned char>(round));
		board.client.give(message);
		board.client.setActive(round % 5 != 3);
		Watcher<float> passing("passing", &board.manager); // comes and goes, streamed all the while
		board.say(R"({"cmd":"monitor","watchers":["passing"],"periods":[3]},{"cmd":"watch","watchers":["passing"]})");
	}
	done = true;
	audio.join();
	CHECK(whole);
	CHECK(first->name == "f0");
	CHECK(board.client.sent().size() > 100);
}
