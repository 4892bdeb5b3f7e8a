// test_schedule.h - watching::Schedule: what waits for its frame.
#pragma once

namespace {
watching::Request requestAt(std::uint64_t frame, std::uint32_t number)
{
	watching::Request request;
	request.at = frame;
	request.number = number;
	return request;
}
} // namespace

TEST_CASE("scheduled requests come by frame, and within one as they were given")
{
	const std::unique_ptr<watching::Schedule> schedule(new watching::Schedule);
	CHECK(schedule->soonest() == watching::kNever);
	const std::uint64_t frames[] = {50, 10, 50, 30, 10, 50, 20};
	for (std::uint32_t n = 0; n < 7; n++)
		CHECK(schedule->add(requestAt(frames[n], n)));
	const std::uint32_t order[] = {1, 4, 6, 3, 0, 2, 5};
	for (const std::uint32_t expected : order) {
		CHECK(schedule->soonest() == frames[expected]);
		CHECK(schedule->take().number == expected);
	}
	CHECK(schedule->soonest() == watching::kNever);
}

TEST_CASE("a full schedule refuses, and its places are used again")
{
	const std::unique_ptr<watching::Schedule> schedule(new watching::Schedule);
	for (int round = 0; round < 3; round++) {
		constexpr std::uint32_t all = 2 * watching::kRequests;
		for (std::uint32_t n = 0; n < all; n++)
			CHECK(schedule->add(requestAt(all - n, n)));
		CHECK_FALSE(schedule->add(requestAt(1, 0)));
		for (std::uint32_t n = 0; n < all; n++)
			CHECK(schedule->take().number == all - 1 - n);
	}
}

TEST_CASE("what is scheduled for a variable can be taken out, and its answers")
{
	Gui gui;
	WatcherManager manager(gui);
	Watcher<int> a("a", &manager), b("b", &manager);
	const std::vector<watching::Variable*>& variables = manager.core()->variables;
	const std::unique_ptr<watching::Schedule> schedule(new watching::Schedule);
	const auto fill = [&] {
		for (std::uint32_t n = 0; n < watching::kRequests; n++) {
			watching::Request value = requestAt(5000 - n, n);
			value.kind = watching::Request::kSet;
			value.variable = variables[n % 2];
			value.answer = n / 4 + 1; // two of each in an answer
			CHECK(schedule->add(value));
			if (n % 4 == 3)
				CHECK(schedule->add(requestAt(5000, n / 4 + 1)));
		}
	};
	fill();
	CHECK(schedule->drop(variables[0]) == watching::kRequests / 2);
	REQUIRE(schedule->orphans() == watching::kRequests / 4);
	CHECK(schedule->orphan(0) == 1);
	schedule->dropAnswers(3);
	std::uint32_t answers = 0, values = 0;
	std::uint64_t before = 0;
	while (schedule->soonest() != watching::kNever) {
		CHECK(schedule->soonest() >= before);
		before = schedule->soonest();
		const watching::Request request = schedule->take();
		answers += request.kind == watching::Request::kAnswer;
		values += request.variable == variables[1];
	}
	CHECK(answers == watching::kRequests / 4 - 3);
	CHECK(values == watching::kRequests / 2);
	for (int round = 0; round < 10; round++) { // all places are free again
		fill();
		CHECK(schedule->drop(variables[0]) + schedule->drop(variables[1]) == watching::kRequests);
		schedule->dropAnswers(schedule->orphans());
		CHECK(schedule->soonest() == watching::kNever);
	}
}
