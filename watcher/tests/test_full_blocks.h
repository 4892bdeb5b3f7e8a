// test_full_blocks.h - blocks that are full wait a few frames, so that many of one frame cost no frame much.
#pragma once

namespace {

/// Frames and values of one variable's dense float blocks must go on as they were assigned: value = frame + offset.
bool goesOn(const std::vector<Sent>& blocks, float offset, std::uint64_t from, std::size_t values)
{
	std::uint64_t frame = from;
	for (const Sent& block : blocks) {
		if (block.body.size() < 8 + 4 * values || numberAt<std::uint64_t>(block.body, 0) != frame)
			return false;
		for (std::size_t n = 0; n < values; n++, frame++)
			if (numberAt<float>(block.body, 8 + 4 * n) != static_cast<float>(frame) + offset)
				return false;
	}
	return true;
}

std::string many(const char* before, unsigned count)
{
	std::string names;
	for (unsigned v = 0; v < count; v++)
		names += (v ? ",\"v" : "\"v") + std::to_string(v) + "\"";
	return std::string(before) + names + "]";
}

} // namespace

TEST_CASE("blocks that are full in one frame are handed over one after the other, in their order")
{
	Board board;
	std::vector<Watcher<float>> watchers;
	for (unsigned v = 0; v < 64; v++)
		watchers.emplace_back("v" + std::to_string(v), &board.manager);
	board.say(many("{\"cmd\":\"watch\",\"watchers\":[", 64) + "}");
	const auto assign = [&](std::uint64_t frame) {
		for (unsigned v = 0; v < 64; v++)
			watchers[v] = static_cast<float>(frame) + static_cast<float>(v);
	};
	watching::Core& core = *board.manager.core();
	board.run(1024, assign);
	CHECK(core.fullEnd - core.fullBegin == 64);
	std::uint32_t most = 0;
	for (int n = 0; n < 300; n++) {
		const std::uint32_t before = core.fullBegin;
		board.run(1, assign);
		most = std::max(most, core.fullBegin - before);
	}
	CHECK(core.fullEnd == core.fullBegin); // long before the next ones are full
	CHECK(most == 1);
	board.run(9 * 1024 - 300, assign);
	board.settle();
	const std::vector<Sent> sent = board.client.sent();
	REQUIRE(sent.size() == 640);
	bool ordered = true, right = true;
	for (std::size_t n = 0; n < sent.size(); n++)
		ordered = ordered && sent[n].header == std::to_string(n % 64) + "/f";
	for (unsigned v = 0; v < 64; v++)
		right = right && goesOn(board.client.sent(std::to_string(v) + "/f"), static_cast<float>(v), 0, 1024);
	CHECK(ordered);
	CHECK(right);
}

TEST_CASE("a full block goes out though the variable is not assigned any more, and the next one has its own frame")
{
	Board board;
	Watcher<float> a("a", &board.manager);
	board.say(R"({"cmd":"watch","watchers":["a"]})");
	board.run(1024, [&](std::uint64_t frame) { a = static_cast<float>(frame); });
	board.run(10, [](std::uint64_t) {});
	for (int n = 0; n < 2000 && board.client.sent("0/f").empty(); n++)
		std::this_thread::sleep_for(std::chrono::milliseconds(1));
	CHECK(board.client.sent("0/f").size() == 1);
	board.run(1, [&](std::uint64_t) { a = 5; }); // frame 1034
	board.run(7, [](std::uint64_t) {});
	board.run(1023, [&](std::uint64_t) { a = 6; });
	board.run(3, [](std::uint64_t) {}); // a gap within the time that a full block may wait
	board.run(1024, [&](std::uint64_t) { a = 7; });
	board.settle();
	const std::vector<Sent> sent = board.client.sent("0/f");
	REQUIRE(sent.size() == 3);
	CHECK(numberAt<std::uint64_t>(sent[1].body, 0) == 1034);
	CHECK(numberAt<float>(sent[1].body, 8) == 5.0f);
	CHECK(numberAt<float>(sent[1].body, 12) == 6.0f);
	CHECK(numberAt<std::uint64_t>(sent[2].body, 0) == 1034 + 8 + 1023 + 3);
}

TEST_CASE("what is asked for while full blocks wait comes behind them")
{
	for (unsigned after = 0; after < 5; after++) {
		Board board;
		Watcher<float> a("a", &board.manager), b("b", &board.manager), c("c", &board.manager);
		board.say(R"({"cmd":"watch","watchers":["a","b"]})");
		const auto assign = [&](std::uint64_t frame) {
			a = static_cast<float>(frame);
			b = static_cast<float>(frame);
			c = static_cast<float>(frame);
		};
		board.run(1024 + after, assign);
		board.say(R"({"cmd":"monitor","watchers":["c"],"periods":[1]},{"cmd":"unwatch","watchers":["a"]})");
		board.run(10, assign);
		board.settle();
		const std::vector<Sent> sent = board.client.sent();
		REQUIRE(sent.size() == 4);
		CHECK(sent[0].header == "0/f");
		CHECK(sent[1].header == "1/f");
		CHECK(goesOn({sent[0]}, 0, 0, 1024));
		CHECK(goesOn({sent[1]}, 0, 0, 1024));
		const bool monitorFirst = sent[2].header == "2/f";
		const Sent& last = sent[monitorFirst ? 3 : 2];
		CHECK(last.header == "0/f");
		CHECK(goesOn({last}, 0, 1024, after + 1));
	}
}

TEST_CASE("what goes behind full blocks does not make them all go at once")
{
	Board board;
	std::vector<Watcher<float>> watchers;
	for (unsigned v = 0; v < 64; v++)
		watchers.emplace_back("v" + std::to_string(v), &board.manager);
	Watcher<float> sparse("sparse", WatcherManager::kTimestampSample, &board.manager), seen("seen", &board.manager);
	board.say(many("{\"cmd\":\"watch\",\"watchers\":[", 64) + "}");
	board.say(R"({"cmd":"watch","watchers":["sparse"]},{"cmd":"control","watchers":["seen"]})");
	const auto assign = [&](std::uint64_t frame) {
		for (unsigned v = 0; v < 64; v++)
			watchers[v] = static_cast<float>(frame) + static_cast<float>(v);
		if (frame % 2 == 0 || frame == 1025)
			sparse = static_cast<float>(frame);
		seen = 1;
	};
	const watching::Core& core = *board.manager.core();
	board.run(1024, assign); // the sparse one's first block is full at frame 1022
	CHECK(core.fullEnd - core.fullBegin >= 64);
	board.run(500, assign);
	CHECK(core.fullEnd == core.fullBegin);
	board.run(523, assign);
	board.say(R"({"cmd":"set","id":1,"protocol":2,"watchers":["seen"],"values":[1]},{"cmd":"monitor","watchers":["seen"],"periods":[1]})");
	const std::uint32_t done = core.fullBegin;
	board.run(3, assign); // the sparse one's second block is full, a value is monitored, and a command is answered
	CHECK(core.fullEnd - done >= 64 + 1); // the answer was before them
	CHECK(core.fullBegin - done <= 4);
	board.run(500, assign);
	CHECK(core.fullEnd == core.fullBegin);
	CHECK(core.heldEnd == core.heldBegin);
	board.settle();
	CHECK_FALSE(board.client.wait(R"("id":1,)").empty());
	std::size_t sparseBlocks = 0, at = 0, monitored = 0;
	for (const Sent& sent : board.client.sent()) {
		sparseBlocks += sent.header == "64/f";
		monitored += sent.header == "65/f";
		at += sent.header != "64/f" && sent.header != "65/f";
	}
	CHECK(sparseBlocks == 2);
	CHECK(monitored == 1);
	CHECK(at == 128);
	for (unsigned v = 0; v < 64; v++)
		CHECK(goesOn(board.client.sent(std::to_string(v) + "/f"), static_cast<float>(v), 0, 1024));
}

TEST_CASE("small blocks do not wait for the large ones of other variables, and a variable may go while its block waits")
{
	Board board;
	std::vector<std::unique_ptr<Watcher<float>>> watchers;
	for (unsigned v = 0; v < 32; v++)
		watchers.emplace_back(new Watcher<float>("v" + std::to_string(v), &board.manager));
	Watcher<float> small("small", &board.manager);
	board.say(many("{\"cmd\":\"watch\",\"watchers\":[", 32) + "}");
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["small"],"blocks":[4]})");
	const auto assign = [&](std::uint64_t frame) {
		for (const std::unique_ptr<Watcher<float>>& watcher : watchers)
			*watcher = static_cast<float>(frame);
		small = static_cast<float>(frame);
	};
	board.run(1024, assign);
	const watching::Core& core = *board.manager.core();
	CHECK(core.fullEnd - core.fullBegin >= 32);
	board.run(8, assign);
	CHECK(core.fullEnd - core.fullBegin >= 24);
	watchers.erase(watchers.begin() + 20); // its block waits
	board.run(3 * 1024, assign);
	board.settle();
	CHECK(goesOn(board.client.sent("32/f"), 0, 0, 4));
	CHECK(board.client.sent("32/f").size() == 4 * 256 + 2);
	for (unsigned v = 0; v < 32; v++)
		CHECK(goesOn(v == 20 ? std::vector<Sent>{board.client.sent("20/f")[0]} : board.client.sent(std::to_string(v) + "/f"), 0, 0, 1024));
}

TEST_CASE("when nobody sends, full blocks are lost whole, and those that come through are right")
{
	Board board;
	board.paced = false;
	Watcher<float> a("a", &board.manager);
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["a"],"blocks":[100]})");
	board.client.stall(true);
	board.run(100 * 1000, [&](std::uint64_t frame) { a = static_cast<float>(frame); });
	board.client.stall(false);
	board.settle();
	std::size_t values = 0;
	for (const Sent& block : board.client.sent("0/f")) {
		const std::uint64_t first = numberAt<std::uint64_t>(block.body, 0);
		CHECK(goesOn({block}, 0, first, 100));
		values += 100;
	}
	CHECK(values > 10000);
	CHECK(values < 90000);
	board.say(R"({"cmd":"unwatch","protocol":2,"watchers":["a"]})");
	board.run(1, [](std::uint64_t) {});
	board.settle();
	const std::string list = board.list(true);
	const std::size_t at = list.find("\"lostWatched\":");
	REQUIRE(at != std::string::npos);
	std::size_t rest = 0;
	for (const Sent& block : board.client.sent("0/f"))
		rest += (block.body.size() - 8) / 4 - 1;
	CHECK(std::stoul(list.substr(at + 14)) + rest == 100 * 1000);
}

TEST_CASE("a block that one tick fills does not wait for another tick")
{
	Board board;
	Watcher<float> a("a", &board.manager);
	board.say(R"({"cmd":"watch","watchers":["a"]})");
	for (int block = 1; block <= 3; block++) {
		board.manager.tick(board.now++);
		for (int n = 0; n < 1024; n++)
			a = static_cast<float>(n);
		const watching::Core& core = *board.manager.core();
		CHECK(core.fullBegin == core.fullEnd);
		for (int n = 0; n < 5000 && board.client.sent("0/f").size() < static_cast<std::size_t>(block); n++)
			std::this_thread::sleep_for(std::chrono::milliseconds(1));
		CHECK(board.client.sent("0/f").size() == static_cast<std::size_t>(block));
	}
}

TEST_CASE("values on their way to a block that nobody wants any more do not get into the next one")
{
	Board board;
	board.paced = false;
	Watcher<float> a("a", &board.manager), b("b", &board.manager);
	board.say(R"({"cmd":"watch","protocol":2,"watchers":["a","b"],"blocks":[0,1]})");
	board.client.stall(true);
	board.run(1, [&](std::uint64_t) { b = 1; }); // and the sender is stuck with it
	const auto assign = [&](std::uint64_t frame) { a = static_cast<float>(frame); };
	for (int n = 0; n < 10000 && !board.manager.core()->departures.empty(); n++)
		std::this_thread::sleep_for(std::chrono::milliseconds(1));
	board.run(500, assign);
	CHECK(!board.manager.core()->loads.isThrough());
	board.client.setActive(false);
	board.say(R"({"cmd":"log","protocol":2,"watchers":["a"]})"); // with two runs each value is put in place at once
	board.run(10, assign);
	board.client.setActive(true);
	board.say("");
	const std::uint64_t from = board.now;
	board.run(300, assign);
	board.client.stall(false);
	board.say(R"({"cmd":"unwatch","protocol":2,"watchers":["a"]},{"cmd":"unlog","protocol":2,"watchers":["a"]})");
	board.settle();
	const std::vector<Sent> sent = board.client.sent("0/f");
	REQUIRE(sent.size() == 1);
	CHECK(sent[0].body.size() == 8 + 301 * 4);
	CHECK(goesOn(sent, 0, from, 300));
	CHECK(has(board.list(true), R"("lostWatched":500,)"));
}

TEST_CASE("a sender that was kept waiting does not flood the Gui, and loses nothing")
{
	Board board;
	board.paced = false;
	std::vector<Watcher<float>> watchers;
	for (unsigned v = 0; v < 64; v++)
		watchers.emplace_back("v" + std::to_string(v), &board.manager);
	board.say(many("{\"cmd\":\"watch\",\"watchers\":[", 64) + "}");
	board.client.stall(true);
	board.run(10 * 1024, [&](std::uint64_t frame) {
		for (unsigned v = 0; v < 64; v++)
			watchers[v] = static_cast<float>(frame);
	});
	board.client.stall(false);
	board.settle();
	CHECK(board.client.sent().size() == 640);
	CHECK(board.client.mostAtOnce() > 4104);
	CHECK(board.client.mostAtOnce() < 64 * 4104); // a board's queue has room for about 143 of them
	bool right = true;
	for (unsigned v = 0; v < 64; v++)
		right = right && goesOn(board.client.sent(std::to_string(v) + "/f"), 0, 0, 1024);
	CHECK(right);
}
