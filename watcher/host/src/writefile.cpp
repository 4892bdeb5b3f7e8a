// writefile.cpp - numbers into files: rings that the audio thread fills and one thread empties.
#include "doorbell.h"
#include "ring.h"

#include <libraries/WriteFile/WriteFile.h>

#include <atomic>
#include <cstdio>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

constexpr double WRITE_EVERY_MS = 5;          // how long values wait for the thread
constexpr std::size_t STEP_FLOATS = 4 * 1024; // files grow by 16 KiB until they are flushed
constexpr std::size_t RING_BYTES = 1 << 20;   // 255 blocks of a variable that is logged: 6 s of a sample a frame

/// `a.bin`, or the first of `a+0.bin`, `a+1.bin`... that does not exist.
std::string freeName(const std::string& name)
{
	const std::size_t slash = name.rfind('/');
	std::size_t dot = name.rfind('.');
	if (dot == std::string::npos || (slash != std::string::npos && dot < slash))
		dot = name.size();
	std::string candidate = name;
	for (int n = 0; access(candidate.c_str(), F_OK) == 0; ++n)
		candidate = name.substr(0, dot) + "+" + std::to_string(n) + name.substr(dot);
	return candidate;
}

/// A format's pieces, each with one place for a number: "%f, %f\n" gives "%f, " and "%f\n".
std::vector<std::string> pieces(const std::string& format)
{
	std::vector<std::string> found;
	std::size_t begin = 0;
	for (std::size_t at = format.find('%'); at != std::string::npos;) {
		at = format.find('%', at + 1);
		found.push_back(format.substr(begin, at - begin));
		begin = at;
	}
	return found;
}

} // namespace

class host::LoggedFile {
public:
	~LoggedFile() { close(false); }

	void open(const std::string& wanted, bool overwrite, bool append)
	{
		name = overwrite || append ? wanted : freeName(wanted);
		file = std::fopen(name.c_str(), append ? "ab" : "wb");
		if (!file)
			std::fprintf(stderr, "cannot write %s: what is logged there is lost\n", name.c_str());
	}

	/// What was logged goes into the file, when it is much or when it is wanted now. [the writing thread]
	void write()
	{
		const std::lock_guard<std::mutex> lock(mutex);
		const bool all = flush.exchange(false);
		collect();
		put(all ? waiting.size() : waiting.size() / STEP_FLOATS * STEP_FLOATS);
	}

	void close(bool discard)
	{
		const std::lock_guard<std::mutex> lock(mutex);
		collect();
		put(waiting.size());
		if (!file)
			return;
		if (type == kText)
			std::fputs(footer.c_str(), file);
		std::fclose(file);
		file = nullptr;
		if (discard)
			unlink(name.c_str());
	}

	// what the program says before it logs
	std::string name, header, footer, format = "%f\n";
	WriteFileType type = kText;
	int echoPeriod = 0;

	host::Ring ring{RING_BYTES}; // put by the audio thread, taken under the mutex
	std::atomic<bool> flush{false};

private:
	void collect()
	{
		for (std::ptrdiff_t size; (size = ring.next()) >= 0;) {
			const std::size_t old = waiting.size();
			waiting.resize(old + static_cast<std::size_t>(size) / sizeof(float));
			ring.take(waiting.data() + old, static_cast<std::size_t>(size));
		}
	}

	void put(std::size_t count)
	{
		if (count == 0)
			return;
		if (file && type == kBinary)
			std::fwrite(waiting.data(), sizeof(float), count, file);
		if (file && type == kText)
			for (std::size_t n = 0; n < count; ++n)
				print(waiting[n]);
		if (file)
			std::fflush(file);
		waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(count));
	}

	/// One value in its place of the line.
	void print(float value)
	{
		if (line.empty()) {
			line = pieces(format);
			std::fputs(header.c_str(), file);
		}
		if (line.empty())
			return; // a format without a place for a number
		char text[256];
		std::snprintf(text, sizeof(text), line[place].c_str(), static_cast<double>(value));
		std::fputs(text, file);
		if (echoPeriod > 0 && lines % echoPeriod == 0)
			std::fputs(text, stdout);
		if (++place == line.size()) {
			place = 0;
			++lines;
		}
	}

	std::mutex mutex; // of all below: the thread that writes, and the one that ends the file. Never the audio thread
	std::FILE* file = nullptr;
	std::vector<float> waiting; // out of the ring, not in the file
	std::vector<std::string> line;
	std::size_t place = 0;
	long lines = 0;
};

namespace {

/// The thread that writes all files. It lives as long as the program, since global objects may log to their end.
class Writer {
public:
	using File = std::shared_ptr<host::LoggedFile>;

	static Writer& one()
	{
		static Writer* const writer = new Writer;
		return *writer;
	}

	void add(File file)
	{
		const std::lock_guard<std::mutex> lock(mutex_);
		files_.push_back(std::move(file));
		bell_.ring();
	}

	void remove(const File& file)
	{
		const std::lock_guard<std::mutex> lock(mutex_);
		for (auto at = files_.begin(); at != files_.end(); ++at)
			if (*at == file) {
				files_.erase(at);
				return;
			}
	}

	/// [any-thread]
	void hurry()
	{
		hurried_.store(true, std::memory_order_seq_cst);
		bell_.ring();
	}

private:
	Writer() { std::thread([this] { run(); }).detach(); }

	void run()
	{
		for (;;) {
			bool idle = true;
			{
				const std::lock_guard<std::mutex> lock(mutex_);
				for (const File& file : files_)
					file->write();
				idle = files_.empty();
			}
			bell_.wait([this, idle] { return hurried_.exchange(false) || (idle && any()); }, idle ? 0 : WRITE_EVERY_MS);
		}
	}

	bool any()
	{
		const std::lock_guard<std::mutex> lock(mutex_);
		return !files_.empty();
	}

	std::mutex mutex_;
	std::vector<File> files_;
	host::Doorbell bell_;
	std::atomic<bool> hurried_{false};
};

} // namespace

WriteFile::WriteFile() = default;

WriteFile::WriteFile(const std::string& filename, bool overwrite, bool append) { setup(filename, overwrite, append); }

WriteFile::~WriteFile() { cleanup(); }

void WriteFile::setup(const std::string& filename, bool overwrite, bool append)
{
	cleanup();
	file_ = std::make_shared<host::LoggedFile>();
	file_->open(filename, overwrite, append);
	Writer::one().add(file_);
}

void WriteFile::cleanup(bool discard)
{
	if (!file_)
		return;
	Writer::one().remove(file_);
	file_->close(discard);
	file_.reset();
}

void WriteFile::setFileType(WriteFileType newFileType)
{
	if (file_)
		file_->type = newFileType;
}

void WriteFile::setFormat(const std::string& newFormat)
{
	if (file_)
		file_->format = newFormat;
}

void WriteFile::setHeader(const std::string& newHeader)
{
	if (file_)
		file_->header = newHeader;
}

void WriteFile::setFooter(const std::string& newFooter)
{
	if (file_)
		file_->footer = newFooter;
}

void WriteFile::setEchoInterval(int newPeriod)
{
	if (file_)
		file_->echoPeriod = newPeriod;
}

void WriteFile::log(float value) { log(&value, 1); }

void WriteFile::log(const float* array, int length)
{
	if (file_ && length > 0)
		file_->ring.put(array, static_cast<std::size_t>(length) * sizeof(float));
}

void WriteFile::requestFlush()
{
	if (!file_)
		return;
	file_->flush = true;
	Writer::one().hurry();
}

const std::string& WriteFile::getName()
{
	static const std::string none;
	return file_ ? file_->name : none;
}
