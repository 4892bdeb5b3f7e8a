// test_block_ring.h - watching::BlockRing: blocks that are filled and read in place.
#pragma once

namespace {

bool putBlock(watching::BlockRing& ring, std::size_t bytes, unsigned char fill)
{
	unsigned char* block = ring.open(bytes);
	if (!block)
		return false;
	std::memset(block, fill, bytes);
	ring.close(bytes, fill, 0);
	ring.publish();
	return true;
}

bool takeBlock(watching::BlockRing& ring, std::size_t bytes, unsigned char fill)
{
	watching::BlockRing::Record record;
	const unsigned char* block = ring.front(record);
	if (!block)
		return false;
	const bool right = record.count == fill && block[0] == fill && block[bytes - 1] == fill;
	ring.drop(record);
	return right;
}

} // namespace

TEST_CASE("a block ring keeps blocks whole, whatever their sizes")
{
	watching::BlockRing ring;
	watching::BlockRing::Record record;
	CHECK(ring.front(record) == nullptr);
	const std::size_t sizes[] = {4104, 1, 40, 4104, 16, 15, 17, 8200, 2060, 12};
	bool right = true;
	std::size_t put = 0, taken = 0;
	for (int n = 0; n < 20000; n++) {
		if ((n * 7) % 5 < 3 && putBlock(ring, sizes[put % 10], static_cast<unsigned char>(put)))
			put++;
		else if (taken < put) {
			right = right && takeBlock(ring, sizes[taken % 10], static_cast<unsigned char>(taken));
			taken++;
		} else {
			right = right && ring.front(record) == nullptr;
		}
	}
	CHECK(right);
	CHECK(put > 5000);
}

TEST_CASE("a full block ring takes nothing, and goes on when there is room")
{
	watching::BlockRing ring;
	int count = 0;
	while (putBlock(ring, 4104, static_cast<unsigned char>(count)))
		count++;
	CHECK(count == 15); // 65 536 bytes
	CHECK(ring.open(4104) == nullptr);
	CHECK(takeBlock(ring, 4104, 0));
	CHECK(takeBlock(ring, 4104, 1));
	CHECK(putBlock(ring, 4104, 15));
	for (int n = 2; n < 16; n++)
		CHECK(takeBlock(ring, 4104, static_cast<unsigned char>(n)));
}

TEST_CASE("a block ring has room for small blocks behind large ones, wherever its reader is")
{
	for (int taken = 0; taken < 40; taken++) {
		watching::BlockRing ring;
		for (int n = 0; n < taken; n++) {
			CHECK(putBlock(ring, 4104, 1));
			CHECK(takeBlock(ring, 4104, 1));
		}
		for (int n = 0; n < 12; n++) // of 15
			CHECK(putBlock(ring, 4104, static_cast<unsigned char>(n)));
		for (int n = 0; n < 10; n++)
			CHECK(putBlock(ring, 40, 5));
	}
}

TEST_CASE("an open block that is not closed is as if it had never been")
{
	watching::BlockRing ring;
	watching::BlockRing::Record record;
	ring.open(4104);
	CHECK(ring.front(record) == nullptr);
	CHECK(putBlock(ring, 16, 7));
	CHECK(takeBlock(ring, 16, 7));
}

TEST_CASE("two threads pass blocks in place")
{
	watching::BlockRing ring;
	constexpr unsigned count = 20000;
	std::thread producer([&ring] {
		for (unsigned n = 0; n < count; n++)
			while (!putBlock(ring, 32 + n % 3000, static_cast<unsigned char>(n)))
				std::this_thread::yield();
	});
	bool right = true;
	for (unsigned n = 0; n < count;) {
		watching::BlockRing::Record record;
		const unsigned char* block = ring.front(record);
		if (!block) {
			std::this_thread::yield();
			continue;
		}
		const std::size_t bytes = 32 + n % 3000;
		for (std::size_t at = 0; at < bytes; at += 31)
			right = right && block[at] == static_cast<unsigned char>(n);
		ring.drop(record);
		n++;
	}
	producer.join();
	CHECK(right);
}
