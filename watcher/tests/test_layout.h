// test_layout.h - watching::Layout: where things are in a block of the original.
#pragma once

TEST_CASE("blocks have the original's layout")
{
	struct Row {
		std::size_t size;
		std::uint32_t dense, sparse;
		std::size_t timesAt, tail;
	};
	for (const Row& row : {Row{1, 4096, 816, 824, 16}, Row{4, 1024, 512, 2056, 0}, Row{8, 512, 341, 2736, 4}}) {
		const watching::Layout dense(row.size, false), sparse(row.size, true);
		CHECK(dense.capacity == row.dense);
		CHECK(sparse.capacity == row.sparse);
		CHECK(sparse.timesAt == row.timesAt);
		CHECK(sparse.timesAt + 4 * sparse.capacity + row.tail == 4104);
	}
}

TEST_CASE("no block of protocol 2 is as long as another kind of message, and the largest is the largest such")
{
	for (const std::size_t size : {1u, 4u, 8u}) {
		const watching::Layout layout(size, false);
		watching::Run run;
		run.form = watching::Form::kShort;
		for (run.limit = 1; run.limit <= layout.most(); run.limit++) {
			const std::size_t bytes = run.bytes(layout);
			CHECK(bytes < watching::kBodyBytes);
			CHECK(bytes != watching::kHeadBytes + size); // a monitored value
		}
		CHECK(run.bytes(layout) == watching::kBodyBytes);
	}
}

TEST_CASE("behind the last value of a sparse block of protocol 2 there is a free place")
{
	for (const std::size_t size : {1u, 4u, 8u}) {
		const watching::Layout layout(size, true);
		CHECK(layout.most() == layout.capacity - 1);
	}
}
