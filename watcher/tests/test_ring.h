// test_ring.h - watching::Ring: a queue between two threads.
#pragma once

TEST_CASE("a ring gives what was put, in order, and takes no more than it holds")
{
	watching::Ring<int> ring(4);
	int got = -1;
	CHECK_FALSE(ring.pop(got));
	for (int round = 0; round < 5; round++) { // also across its end
		for (int n = 0; n < 4; n++)
			CHECK(ring.push(round * 10 + n));
		CHECK_FALSE(ring.push(99));
		CHECK(!ring.hasRoom(1));
		for (int n = 0; n < 4; n++) {
			CHECK(ring.pop(got));
			CHECK(got == round * 10 + n);
		}
		CHECK(ring.empty());
	}
}

TEST_CASE("what is put into a ring is seen when it is published, and then all of it")
{
	watching::Ring<int> ring(8);
	int got = 0;
	ring.put(1);
	ring.put(2);
	CHECK(ring.empty());
	CHECK_FALSE(ring.pop(got));
	ring.publish();
	CHECK(ring.pop(got));
	CHECK(ring.pop(got));
	CHECK(got == 2);
}

TEST_CASE("a ring goes on when its indices wrap around")
{
	watching::Ring<std::uint64_t> ring(2);
	std::uint64_t got = 0;
	bool right = true;
	for (std::uint64_t n = 0; n < 100000; n++)
		right = right && ring.push(n) && ring.pop(got) && got == n;
	CHECK(right);
}

TEST_CASE("two threads pass a ring's items without losing or doubling one")
{
	watching::Ring<std::uint64_t> ring(64);
	constexpr std::uint64_t count = 200000;
	std::thread producer([&ring] {
		for (std::uint64_t n = 0; n < count; n++)
			while (!ring.push(n))
				std::this_thread::yield();
	});
	bool right = true;
	std::uint64_t expected = 0;
	while (expected < count) {
		std::uint64_t got = 0;
		if (ring.pop(got))
			right = right && got == expected++;
		else
			std::this_thread::yield();
	}
	producer.join();
	CHECK(right);
	CHECK(ring.empty());
}
