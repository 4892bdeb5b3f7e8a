// test_block_ring.h - watching::BlockRing: blocks that are filled and read in place.
#pragma once

namespace {

/// What a Departure tells of a block.
struct Closed {
	unsigned char* block;
	std::uint32_t room;
	std::size_t bytes;
	unsigned char fill;
};

/// A ring, and what was closed in it.
struct Blocks {
	bool put(std::size_t bytes, unsigned char fill)
	{
		unsigned char* block = ring.open(bytes);
		if (!block)
			return false;
		std::memset(block, fill, bytes);
		closed.push_back(Closed{block, ring.close(bytes), bytes, fill});
		return true;
	}
	bool take()
	{
		const Closed oldest = closed.front();
		closed.pop_front();
		const bool right = oldest.block[0] == oldest.fill && oldest.block[oldest.bytes - 1] == oldest.fill;
		ring.drop(oldest.room);
		return right;
	}

	watching::BlockRing ring;
	std::deque<Closed> closed;
};

} // namespace

TEST_CASE("a block ring keeps blocks whole, whatever their sizes")
{
	Blocks blocks;
	const std::size_t sizes[] = {4104, 1, 40, 4104, 16, 15, 17, 8200, 2060, 12};
	bool right = true;
	std::size_t put = 0;
	for (int n = 0; n < 20000; n++) {
		if ((n * 7) % 5 < 3 && blocks.put(sizes[put % 10], static_cast<unsigned char>(put)))
			put++;
		else if (!blocks.closed.empty())
			right = blocks.take() && right;
	}
	CHECK(right);
	CHECK(put > 5000);
}

TEST_CASE("values begin a line of the cache")
{
	for (std::uint32_t number = 0; number < 3; number++) {
		watching::BlockRing ring(number);
		for (int n = 0; n < 5; n++) {
			CHECK(reinterpret_cast<std::uintptr_t>(ring.open(4104) + 8) % 64 == 0);
			ring.close(4104);
		}
	}
}

TEST_CASE("what lies behind the open block is what opens next")
{
	Blocks blocks;
	for (int n = 0; n < 100; n++) {
		REQUIRE(blocks.ring.open(4104));
		unsigned char* const next = blocks.ring.behind(4104);
		blocks.put(4104, 1);
		CHECK(blocks.ring.open(4104) == next);
		CHECK(blocks.take());
	}
}

TEST_CASE("a full block ring takes nothing, and goes on when there is room")
{
	Blocks blocks;
	int count = 0;
	while (blocks.put(4104, static_cast<unsigned char>(count)))
		count++;
	CHECK(count == 15); // 65 536 bytes
	CHECK(blocks.ring.open(4104) == nullptr);
	CHECK(blocks.take());
	CHECK(blocks.take());
	CHECK(blocks.put(4104, 15));
	while (!blocks.closed.empty())
		CHECK(blocks.take());
}

TEST_CASE("a block ring has room for small blocks behind large ones, wherever its reader is")
{
	for (int taken = 0; taken < 40; taken++) {
		Blocks blocks;
		for (int n = 0; n < taken; n++) {
			CHECK(blocks.put(4104, 1));
			CHECK(blocks.take());
		}
		for (int n = 0; n < 12; n++) // of 15
			CHECK(blocks.put(4104, static_cast<unsigned char>(n)));
		for (int n = 0; n < 10; n++)
			CHECK(blocks.put(40, 5));
	}
}

TEST_CASE("an open block that is not closed is as if it had never been")
{
	watching::BlockRing ring;
	unsigned char* const block = ring.open(4104);
	CHECK(ring.open(16) == block);
}

TEST_CASE("a block that is left is not used again before what was on its way has arrived")
{
	Blocks blocks;
	CHECK(blocks.put(4104, 1));
	unsigned char* const left = blocks.ring.open(4104);
	blocks.ring.leave(4104);
	CHECK(blocks.ring.open(4104) != left);
	CHECK(blocks.put(4104, 2));
	int more = 0;
	while (blocks.put(4104, 3))
		more++;
	CHECK(more == 12);
	CHECK(blocks.take()); // gives the first one back, not yet the one that was left
	CHECK(blocks.take());
	CHECK(blocks.put(4104, 4));
	CHECK(blocks.put(4104, 5));
	CHECK(blocks.put(4104, 6));
	CHECK(!blocks.put(4104, 7));
}

TEST_CASE("blocks that are left do not fill the ring for ever")
{
	Blocks blocks;
	blocks.put(4104, 1);
	for (int n = 0; n < 14; n++) {
		CHECK(blocks.ring.open(4104));
		blocks.ring.leave(4104);
	}
	CHECK(!blocks.ring.open(4104));
	blocks.ring.takeBack();
	CHECK(!blocks.ring.open(4104)); // one is on its way
	CHECK(blocks.take());
	blocks.ring.takeBack();
	int count = 0;
	while (blocks.put(4104, 2))
		count++;
	CHECK(count >= 14);
}

TEST_CASE("two threads pass blocks in place")
{
	watching::BlockRing ring;
	watching::Ring<Closed> told(64);
	constexpr unsigned count = 20000;
	std::thread producer([&] {
		for (unsigned n = 0; n < count; n++) {
			const std::size_t bytes = 32 + n % 3000;
			unsigned char* block = nullptr;
			while (!told.hasRoom(1) || !(block = ring.open(bytes)))
				std::this_thread::yield();
			std::memset(block, static_cast<unsigned char>(n), bytes);
			told.push(Closed{block, ring.close(bytes), bytes, static_cast<unsigned char>(n)});
		}
	});
	bool right = true;
	Closed closed{};
	for (unsigned n = 0; n < count;) {
		if (!told.pop(closed)) {
			std::this_thread::yield();
			continue;
		}
		for (std::size_t at = 0; at < closed.bytes; at += 31)
			right = right && closed.block[at] == static_cast<unsigned char>(n);
		ring.drop(closed.room);
		n++;
	}
	producer.join();
	CHECK(right);
}
