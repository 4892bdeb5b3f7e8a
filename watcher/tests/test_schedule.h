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
		for (std::uint32_t n = 0; n < watching::kRequests; n++)
			CHECK(schedule->add(requestAt(watching::kRequests - n, n)));
		CHECK_FALSE(schedule->add(requestAt(1, 0)));
		for (std::uint32_t n = 0; n < watching::kRequests; n++)
			CHECK(schedule->take().number == watching::kRequests - 1 - n);
	}
}
