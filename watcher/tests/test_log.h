// test_log.h - log files, of the original and of protocol 2.
#pragma once

#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace {

/// A folder of its own for the log files of a test.
class Folder {
public:
	Folder()
	{
		char name[] = "/tmp/watcher-test-XXXXXX";
		path_ = mkdtemp(name);
		REQUIRE(getcwd(old_, sizeof old_) != nullptr);
		REQUIRE(chdir(path_.c_str()) == 0);
	}
	~Folder()
	{
		chmod(path_.c_str(), 0700);
		const int left = chdir(old_);
		const int removed = std::system(("rm -r " + path_).c_str());
		CHECK(left + removed == 0);
	}
	const std::string& path() const { return path_; }

private:
	std::string path_;
	char old_[4096] = {};
};

std::vector<unsigned char> fileBytes(const std::string& name)
{
	std::ifstream file(name, std::ios::binary);
	return std::vector<unsigned char>(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

} // namespace

TEST_CASE("a log of the original has its header, without pid and pointer, and whole blocks")
{
	const Folder folder;
	Board board;
	Watcher<double> v("myvar", &board.manager);
	const auto program = [&](std::uint64_t n) { v = static_cast<double>(n); };
	board.now = 30000;
	board.say(R"({"cmd":"log","watchers":["myvar"],"timestamps":[30531],"durations":[4410]})");
	board.run(600, program);
	CHECK(board.client.wait("logFileName\":\"myvar") ==
	      R"({"watcher":{"logFileName":"myvar.bin","timestamp":30531,"timestampEnd":34941,"watcher":"myvar"}})");
	CHECK(has(board.list(), R"("logFileName":"myvar.bin","logged":true)"));
	board.run(6000, program);
	board.settle();
	CHECK(has(board.list(), R"("logFileName":"myvar.bin","logged":false)"));
	const std::vector<unsigned char> bytes = fileBytes("myvar.bin");
	std::string header("watcher\0myvar\0d\0", 16);
	header.append(4 + sizeof(void*), '\0');
	header.append((4 - header.size() % 4) % 4, '\0');
	REQUIRE(bytes.size() == header.size() + 9 * 4104);
	CHECK(std::equal(header.begin(), header.end(), bytes.begin()));
	CHECK(numberAt<std::uint64_t>(bytes, header.size()) == 30531);
	CHECK(numberAt<double>(bytes, header.size() + 8 * 4104 + 8) == 30531 + 8 * 512);
	CHECK(numberAt<double>(bytes, header.size() + 8 * 4104 + 8 + 8 * 314) == 34941);
	CHECK(numberAt<double>(bytes, header.size() + 8 * 4104 + 8 + 8 * 315) == 0);
}

TEST_CASE("a log without end, a second one while it runs, and the next file's name")
{
	const Folder folder;
	Board board;
	Watcher<int> v("v", &board.manager);
	const auto program = [&](std::uint64_t n) { v = static_cast<int>(n); };
	for (const char* name : {"v.bin", "v+0.bin"}) {
		board.client.clear();
		board.say(R"({"cmd":"log","watchers":["v"]})");
		board.run(100, program);
		CHECK(has(board.client.wait("logFileName"), std::string(R"("logFileName":")") + name));
		CHECK(has(board.client.wait("logFileName"), R"("timestampEnd":1.84467440737096e+19)"));
		board.say(R"({"cmd":"log","watchers":["v"]})"); // ignored
		board.say(R"({"cmd":"log","id":4,"protocol":2,"watchers":["v"]})");
		CHECK(board.client.wait("error") == R"({"watcher2":{"cmd":"log","error":"logged","id":4,"watcher":"v"}})");
		board.say(R"({"cmd":"unlog","watchers":["v"]})");
		board.run(100, program);
		board.settle();
		CHECK(fileBytes(name).size() > 4104);
	}
	CHECK(board.client.sent().empty()); // nothing of a log is streamed
}

TEST_CASE("a client of protocol 2 ends a log of the original at once, though nothing is assigned")
{
	const Folder folder;
	Board board;
	Watcher<int> never("never", &board.manager), once("once", &board.manager), later("later", &board.manager);
	board.say(R"({"cmd":"log","watchers":["never","once","later"]})");
	board.run(10, [&](std::uint64_t n) {
		if (n == 3)
			once = 3;
	});
	board.say(R"({"cmd":"unlog","id":1,"protocol":2,"watchers":["never","once"]})");
	board.say(R"({"cmd":"unlog","protocol":2,"watchers":["later"],"timestamps":[20]})");
	board.run(9, [](std::uint64_t) {});
	board.settle();
	CHECK(has(board.client.wait(R"("id":1)"), R"("timestamp":10)"));
	CHECK(fileBytes("once.bin").size() > 4104);
	board.client.clear();
	board.say(R"({"cmd":"log","id":2,"protocol":2,"watchers":["never","once"]})");
	board.say(R"({"cmd":"log","id":3,"protocol":2,"watchers":["later"]})");
	CHECK(board.client.wait(R"("error":"logged")") == R"({"watcher2":{"cmd":"log","error":"logged","id":3,"watcher":"later"}})");
	board.run(5, [](std::uint64_t) {});
	board.settle();
	CHECK(has(board.client.wait("never+0"), R"("id":2)"));
	board.client.clear();
	board.say(R"({"cmd":"log","id":4,"protocol":2,"watchers":["later"]})");
	board.run(1, [](std::uint64_t) {});
	CHECK(has(board.client.wait("later+0"), R"("id":4)"));
}

TEST_CASE("the trial whether a log can be created touches no file")
{
	const Folder folder;
	std::ofstream("v.bin.probe") << "mine";
	CHECK(watching::writable("v.bin"));
	CHECK(fileBytes("v.bin.probe").size() == 4);
}

TEST_CASE("a log that cannot be created is an error, and nothing else happens")
{
	const Folder folder;
	Board board;
	Watcher<int> v("v", &board.manager);
	REQUIRE(chdir("/proc") == 0); // nobody can write there, not even root
	board.say(R"({"cmd":"log","watchers":["v"]})");
	CHECK(board.client.texts().empty());
	board.say(R"({"cmd":"log","id":1,"protocol":2,"watchers":["v"]})");
	CHECK(board.client.texts().at(0) == R"({"watcher2":{"cmd":"log","error":"file","id":1,"watcher":"v"}})");
	board.run(10, [&](std::uint64_t n) { v = static_cast<int>(n); });
	CHECK(has(board.list(), R"("logFileName":"","logged":false)"));
}

TEST_CASE("a log of protocol 2 is the bytes of the document")
{
	const Folder folder;
	Board board;
	Watcher<float> v("a", WatcherManager::kTimestampSample, &board.manager);
	board.now = 1000;
	board.say(R"({"cmd":"log","id":9,"protocol":2,"watchers":["a"],"durations":[5]})");
	board.run(10, [&](std::uint64_t n) {
		if (n == 1000)
			v = 1;
	});
	board.settle();
	CHECK(board.client.wait(R"("id":9)") ==
	      R"({"watcher2":{"cmd":"log","id":9,"logFileName":"a.bin","timestamp":1000,"timestampEnd":1005,"watcher":"a"}})");
	CHECK(board.client.wait("ended") == R"({"watcher2":{"ended":"log","timestamp":1006,"values":1,"watcher":"a"}})");
	const unsigned char sign = std::is_signed<char>::value;
	CHECK(fileBytes("a.bin") ==
	      std::vector<unsigned char>{0x57, 0x41, 0x54, 0x43, 0x48, 0x45, 0x52, 0x32, 4,    3,    2,    1,    0x30, 0,    0,    0,
	                                 0,    0,    0,    0,    0x80, 0x88, 0xe5, 0x40, 0xe8, 3,    0,    0,    0,    0,    0,    0,
	                                 0x66, 1,    sign, 4,    0,    2,    0,    0,    0x61, 0,    0,    0,    0,    0,    0,    0,
	                                 0xe8, 3,    0,    0,    0,    0,    0,    0,    1,    0,    0,    0,    0,    0,    0,    0,
	                                 0,    0,    0x80, 0x3f, 0,    0,    0,    0});
}

TEST_CASE_TEMPLATE("a log of protocol 2 has every value, whatever its type and mode", T, char, int, unsigned int, float, double)
{
	const Folder folder;
	for (const bool sparse : {false, true}) {
		Board board;
		Watcher<T> v(sparse ? "sparse" : "dense", sparse ? WatcherManager::kTimestampSample : WatcherManager::kTimestampBlock,
		             &board.manager);
		board.say(std::string(R"({"cmd":"log","protocol":2,"watchers":[")") + (sparse ? "sparse" : "dense") + "\"]}");
		constexpr std::size_t count = 10001;
		board.run(count, [&](std::uint64_t n) { v = static_cast<T>(n % 100); });
		board.say(std::string(R"({"cmd":"unlog","protocol":2,"watchers":[")") + (sparse ? "sparse" : "dense") + "\"]}");
		board.settle();
		const std::vector<unsigned char> bytes = fileBytes(sparse ? "sparse.bin" : "dense.bin");
		std::size_t at = numberAt<std::uint32_t>(bytes, 12), values = 0;
		bool right = true;
		while (at + 16 <= bytes.size()) {
			const std::uint64_t first = numberAt<std::uint64_t>(bytes, at);
			const std::uint32_t n = numberAt<std::uint32_t>(bytes, at + 8);
			right = right && first == values && numberAt<std::uint32_t>(bytes, at + 12) == 0 && n > 0;
			const std::size_t times = at + 16 + (n * sizeof(T) + 3) / 4 * 4;
			for (std::uint32_t m = 0; m < n; m++) {
				right = right && numberAt<T>(bytes, at + 16 + m * sizeof(T)) == static_cast<T>((first + m) % 100);
				right = right && (!sparse || numberAt<std::uint32_t>(bytes, times + 4 * m) == m);
			}
			values += n;
			at = (times + (sparse ? 4 * n : 0) - at + 7) / 8 * 8 + at;
		}
		CHECK(right);
		CHECK(at == bytes.size());
		CHECK(values == count);
	}
}

TEST_CASE("a log that runs when the program ends is whole")
{
	const Folder folder;
	{
		Board board;
		Watcher<int> v("v", &board.manager), w("w", &board.manager);
		board.say(R"({"cmd":"log","protocol":2,"watchers":["v"]},{"cmd":"log","watchers":["w"]})");
		board.run(1500, [&](std::uint64_t n) { v = w = static_cast<int>(n); });
	}
	CHECK(fileBytes("v.bin").size() == 48 + (16 + 4096) + (16 + 4 * 476));
	CHECK(numberAt<int>(fileBytes("w.bin"), fileBytes("w.bin").size() - 4104 + 8) == 1024);
}
