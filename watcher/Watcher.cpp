// Watcher.cpp - the inside of Watcher.h, in parts: numbers and text, rings, runs, variables, the audio thread's half,
// the sender, the clients' commands, registration, and the public functions.
//
// Which thread calls a function stands beside it, or else at the head of its part or of its class, for all that is there.
#include "Watcher.h"

#include <JSON.h>
#include <libraries/WriteFile/WriteFile.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>
#include <unordered_map>
#include <vector>

namespace watching {

using std::size_t;
using std::uint32_t;
using std::uint64_t;
using std::uint8_t;

constexpr uint64_t kNever = ~uint64_t(0);       // also what the original says for no end
constexpr uint64_t kLatest = uint64_t(1) << 53; // the last frame that a JSON number can tell
constexpr size_t kBodyBytes = 4104;             // of the original's blocks, however few values they hold
constexpr size_t kHeadBytes = 8;                // the frame of the first value
constexpr size_t kLogHeadBytes = 16;            // in front of a block in a log file of protocol 2
constexpr uint32_t kMaxVariables = 1024;        // a list of more would not fit into what clients take
constexpr uint32_t kQueued = 2 * kMaxVariables; // full blocks that wait, and what goes behind them
constexpr uint32_t kTogether = 64;              // of them, in one piece of memory
constexpr uint32_t kRequests = 1024;            // that wait for a tick, and scheduled values
constexpr uint32_t kDepartures = 4096;          // for the sender: blocks of all variables, and monitored values
constexpr uint32_t kLoads = 2048;               // for the sender: 10 ms of 64 floats; more are put in place at once
constexpr size_t kBytesAtOnce = 32 * kBodyBytes; // to the Gui, whose queue has room for about 143 blocks
constexpr uint32_t kRingBytes = 1u << 16;       // of one destination: 15 blocks, 350 ms of floats at 44.1 kHz
constexpr uint32_t kFramesOfOne = 4;            // for handing over a full block: 64 variables take 6 ms at 44.1 kHz
constexpr uint32_t kTicksOfAudio = 8;           // while a block is filled: then its end may wait for those that come
constexpr uint32_t kMaxInboxes = 64;            // looked at in every tick
constexpr size_t kLongestController = 32;
constexpr size_t kLongestFileName = 200; // bytes of a variable's name in that of its file; the disk takes 255
constexpr uint32_t kMaxPeriod = 0x7fffffff; // the original keeps a flag above

// ---------------------------------------------------------------------------------------------- numbers and text

/// Neither infinite nor a NaN; by its bits, because -ffast-math takes both for impossible. [any-thread]
inline bool finite(double value)
{
	uint64_t bits = 0;
	std::memcpy(&bits, &value, sizeof bits);
	return (bits >> 52 & 0x7ff) != 0x7ff;
}

/// [any-thread]
inline bool isNan(double value)
{
	uint64_t bits = 0;
	std::memcpy(&bits, &value, sizeof bits);
	return (bits & 0x7fffffffffffffffu) > 0x7ff0000000000000u;
}

/// [any-thread]
inline bool negative(double value)
{
	uint64_t bits = 0;
	std::memcpy(&bits, &value, sizeof bits);
	return bits >> 63;
}

/// A whole number in [low, high]; what lies outside becomes the nearest, a NaN 0. [any-thread]
template <typename I> I saturated(double value, double low, double high)
{
	if (isNan(value))
		return I(0);
	if (!finite(value))
		return static_cast<I>(negative(value) ? low : high);
	return static_cast<I>(value < low ? low : value > high ? high : value);
}

/// Frames from a JSON number: a negative one is 0, one without end is `kNever`. [any-thread]
inline uint64_t frames(double value)
{
	if (isNan(value) || negative(value))
		return 0;
	if (!finite(value) || value >= 18446744073709551616.0)
		return kNever;
	return static_cast<uint64_t>(value);
}

#if defined(__x86_64__) || defined(__i386__)
constexpr bool kSaturates = false; // what does not fit into an integer becomes the processor's word for that
#else
constexpr bool kSaturates = true; // and here the nearest one
#endif

/// [any-thread]
inline uint32_t wrapped(double value) // to 64 bits, and of them the lower half
{
	const bool fits = finite(value) && value >= -9223372036854775808.0 && value < 9223372036854775808.0;
	return fits ? static_cast<uint32_t>(static_cast<uint64_t>(static_cast<std::int64_t>(value))) : 0u;
}

/// [any-thread]
inline int wrappedInt(double value)
{
	const bool fits = finite(value) && value > -2147483649.0 && value < 2147483648.0;
	return fits ? static_cast<int>(value) : std::numeric_limits<int>::min();
}

/// A double as the board's processor converts it, without undefined behaviour. [any-thread]
template <typename T> T converted(double value);
template <> unsigned int converted<unsigned int>(double value)
{
	return kSaturates ? saturated<unsigned int>(value, 0.0, 4294967295.0) : wrapped(value);
}
template <> int converted<int>(double value)
{
	return kSaturates ? saturated<int>(value, -2147483648.0, 2147483647.0) : wrappedInt(value);
}
template <> char converted<char>(double value)
{
	const uint32_t bits = std::is_signed<char>::value ? static_cast<uint32_t>(converted<int>(value))
	                                                  : converted<unsigned int>(value);
	const unsigned char byte = static_cast<unsigned char>(bits & 0xff);
	char c = 0;
	std::memcpy(&c, &byte, 1);
	return c;
}
template <> float converted<float>(double value)
{
	constexpr double most = 3.4028235677973366e38; // half a step above the largest float: from here on infinite
	if (finite(value) && (value >= most || value <= -most)) {
		const uint32_t bits = negative(value) ? 0xff800000u : 0x7f800000u;
		float infinite = 0;
		std::memcpy(&infinite, &bits, sizeof infinite);
		return infinite;
	}
	return static_cast<float>(value);
}
template <> double converted<double>(double value) { return value; }

/// The lower 32 bits of a T's value, as C++ converts it to `unsigned int`. [any-thread]
template <typename T> uint32_t bitsOf(T value) { return static_cast<uint32_t>(value); }
template <> uint32_t bitsOf<float>(float value) { return converted<unsigned int>(static_cast<double>(value)); }
template <> uint32_t bitsOf<double>(double value) { return converted<unsigned int>(value); }

/// And back: an integer takes the bits that it has room for, a float their number. [any-thread]
template <typename T> T fromBits(uint32_t bits)
{
	if (std::is_floating_point<T>::value)
		return static_cast<T>(bits);
	T value = T();
	if (sizeof(T) == 1) {
		const unsigned char byte = static_cast<unsigned char>(bits & 0xff);
		std::memcpy(&value, &byte, 1);
	} else {
		std::memcpy(&value, &bits, std::min(sizeof value, sizeof bits));
	}
	return value;
}

/// A T holds the value, but for the fraction of an integer and the rounding of a float. [any-thread]
template <typename T> bool holds(double value)
{
	if (!finite(value))
		return false;
	if (std::is_floating_point<T>::value)
		return sizeof(T) == 8 || (value < 3.4028235677973366e38 && value > -3.4028235677973366e38);
	return value > static_cast<double>(std::numeric_limits<T>::lowest()) - 1.0 &&
	       value < static_cast<double>(std::numeric_limits<T>::max()) + 1.0;
}

/// UTF-8 to UTF-16, which is what JSON's `\u` takes; every byte that is none becomes `_`. [setup-thread]
std::wstring widened(const std::string& text)
{
	std::wstring wide;
	for (size_t n = 0; n < text.size();) {
		const unsigned char lead = static_cast<unsigned char>(text[n]);
		const size_t more = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
		bool good = lead < 0x80 || (lead >= 0xc2 && lead <= 0xf4 && n + more < text.size());
		uint32_t code = more == 0 ? lead : lead & (0x3fu >> more);
		for (size_t m = 1; good && m <= more; m++) {
			const unsigned char next = static_cast<unsigned char>(text[n + m]);
			good = (next & 0xc0) == 0x80;
			code = code << 6 | (next & 0x3fu);
		}
		const uint32_t least = more == 2 ? 0x800 : more == 3 ? 0x10000 : 0;
		good = good && code >= least && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
		if (good && code >= 0x10000) {
			wide += static_cast<wchar_t>(0xd800 + ((code - 0x10000) >> 10));
			code = 0xdc00 + (code & 0x3ff);
		}
		wide += good ? static_cast<wchar_t>(code) : L'_';
		n += good ? more + 1 : 1;
	}
	return wide;
}

/// Wide characters to UTF-8; pairs of surrogates become one character, half a pair the replacement character. [any-thread]
std::string narrowed(const std::wstring& wide)
{
	std::string text;
	for (size_t n = 0; n < wide.size(); n++) {
		uint32_t code = static_cast<uint32_t>(wide[n]);
		if (code >= 0xd800 && code < 0xdc00 && n + 1 < wide.size()) {
			const uint32_t low = static_cast<uint32_t>(wide[n + 1]);
			if (low >= 0xdc00 && low < 0xe000) {
				code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
				n++;
			}
		}
		if ((code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
			code = 0xfffd;
		if (code < 0x80) {
			text += static_cast<char>(code);
			continue;
		}
		const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
		const uint32_t mark = more == 1 ? 0xc0u : more == 2 ? 0xe0u : 0xf0u;
		text += static_cast<char>(static_cast<unsigned char>(mark | code >> (6 * more)));
		for (int m = more - 1; m >= 0; m--)
			text += static_cast<char>(static_cast<unsigned char>(0x80u | (code >> (6 * m) & 0x3fu)));
	}
	return text;
}

/// The name under which a program's name is listed; collisions are another matter. [setup-thread]
std::string listed(const std::string& name)
{
	std::string text = narrowed(widened(name));
	std::replace(text.begin(), text.end(), '~', '_');
	return text.empty() ? "(anon)" : text;
}

// --------------------------------------------------------------------------------------------------------- rings

/// Keeps what different threads write on different lines of the cache.
struct Apart {
	Apart() {} // what the bytes are does not matter
	unsigned char bytes[kLine];
};

/// A queue from one thread to another one. Neither side waits; a full ring takes nothing.
///
/// Each side looks at the other one's index only when what it saw there last no longer does.
template <typename T> class Ring {
public:
	explicit Ring(uint32_t capacity) : items_(new T[capacity]), mask_(capacity - 1) {} // a power of two

	/// Puts one behind those that were put; the other side does not see it before `publish`. [producer]
	bool put(const T& item)
	{
		if (!hasRoom(1))
			return false;
		items_[producer_.end++ & mask_] = item;
		__builtin_prefetch(&items_[(producer_.end + 2) & mask_], 1);
		return true;
	}
	/// So many can be put. [producer]
	bool hasRoom(uint32_t count)
	{
		if (mask_ + 1 - (producer_.end - producer_.seen) < count)
			producer_.seen = consumer_.begin.load(std::memory_order_acquire);
		return mask_ + 1 - (producer_.end - producer_.seen) >= count;
	}
	/// Where the next one can be written, or nullptr; `put()` then puts it. [producer]
	T* room() { return hasRoom(1) ? &items_[producer_.end & mask_] : nullptr; }
	void put() { producer_.end++; }
	/// Nothing is on its way, published or not. [producer]
	bool isThrough() const { return consumer_.begin.load(std::memory_order_acquire) == producer_.end; }
	/// Lets all that was put be seen, at once. [producer]
	void publish() { producer_.published.store(producer_.end, std::memory_order_release); }

	bool push(const T& item)
	{
		const bool put_ = put(item);
		publish();
		return put_;
	}
	/// The oldest one, or nullptr; it is the consumer's until `drop`. [consumer]
	const T* front()
	{
		const uint32_t begin = consumer_.begin.load(std::memory_order_relaxed);
		if (begin == consumer_.seen)
			consumer_.seen = producer_.published.load(std::memory_order_acquire);
		return begin == consumer_.seen ? nullptr : &items_[begin & mask_];
	}
	void drop()
	{
		consumer_.begin.store(consumer_.begin.load(std::memory_order_relaxed) + 1, std::memory_order_release);
	}
	bool pop(T& item)
	{
		const T* const oldest = front();
		if (!oldest)
			return false;
		item = *oldest;
		drop();
		return true;
	}
	/// How many are published. [consumer]
	uint32_t size() const
	{
		return producer_.published.load(std::memory_order_acquire) - consumer_.begin.load(std::memory_order_relaxed);
	}
	/// [any-thread]
	bool empty() const
	{
		return consumer_.begin.load(std::memory_order_relaxed) == producer_.published.load(std::memory_order_acquire);
	}

private:
	struct Producer { // owner: the producer
		uint32_t end = 0;
		uint32_t seen = 0; // of the consumer's `begin`
		std::atomic<uint32_t> published{0};
		Apart apart;
	};
	struct Consumer { // owner: the consumer
		std::atomic<uint32_t> begin{0};
		uint32_t seen = 0; // of what is published
		Apart apart;
	};

	std::unique_ptr<T[]> items_;
	const uint32_t mask_;
	Apart apart_{};
	Producer producer_;
	Consumer consumer_;
};

/// Room for blocks of values on their way from the audio thread to the sender, filled and read in place.
///
/// Each block is one piece of memory: when the rest of the ring is too short for one, it goes to the start. What is done
/// is told by a Departure, and given back in the same order.
class BlockRing {
public:
	/// Rings of different numbers fill different sets of the cache.
	explicit BlockRing(uint32_t number = 0)
	    : memory_(new unsigned char[kRingBytes + 2 * kPage])
	{
		filler_.bytes = aligned(memory_.get()) + number % (kPage / kLine) * kLine + (kLine - kHeadBytes);
	}

	/// Room for a block of at most so many bytes, or nullptr; its values begin a line. Asked again, it is another one. [audio-thread]
	unsigned char* open(size_t most)
	{
		filler_.open = place(filler_.end, rounded(most));
		return fits(filler_.open + rounded(most)) ? at(filler_.open) : nullptr;
	}
	/// What `open` will return when the open block is closed, or nullptr. [audio-thread]
	unsigned char* behind(size_t most)
	{
		const uint32_t next = place(filler_.open + rounded(most), rounded(most));
		return fits(next + rounded(most)) ? at(next) : nullptr;
	}
	/// The open block is done; returns what gives it back. [audio-thread]
	uint32_t close(size_t most)
	{
		return filler_.closed = filler_.end = filler_.open + rounded(most);
	}
	/// The open block will never be closed. As values may be on their way to it, its room comes back with the next one's. [audio-thread]
	void leave(size_t most) { filler_.end = filler_.open + rounded(most); }
	/// Nothing is on its way to any block: those that were left are free. [audio-thread]
	void takeBack()
	{
		filler_.seen = begin_.load(std::memory_order_acquire);
		if (filler_.seen == filler_.closed)
			filler_.end = filler_.closed;
	}

	/// Gives back the block for which `close` returned this, and those before. [sender-thread]
	void drop(uint32_t end) { begin_.store(end, std::memory_order_release); }

private:
	static uint32_t rounded(size_t bytes) { return static_cast<uint32_t>((bytes + kLine - 1) / kLine * kLine); }
	static unsigned char* aligned(unsigned char* memory)
	{
		return memory + (kPage - reinterpret_cast<std::uintptr_t>(memory) % kPage) % kPage;
	}
	unsigned char* at(uint32_t index) { return filler_.bytes + (index & (kRingBytes - 1)); }
	/// From `end` on, where a block of so many bytes is in one piece.
	static uint32_t place(uint32_t end, uint32_t bytes)
	{
		const uint32_t offset = end & (kRingBytes - 1);
		return offset + bytes <= kRingBytes ? end : end - offset + kRingBytes;
	}
	/// Nothing up to there is the sender's.
	bool fits(uint32_t end)
	{
		if (end - filler_.seen > kRingBytes)
			filler_.seen = begin_.load(std::memory_order_acquire);
		return end - filler_.seen <= kRingBytes;
	}

	static constexpr size_t kPage = 4096; // addresses that far apart share a set

	struct Filler { // of the audio thread alone
		unsigned char* bytes = nullptr;
		uint32_t end = 0;
		uint32_t open = 0;
		uint32_t closed = 0; // end of the last one that was
		uint32_t seen = 0;   // of the sender's `begin_`
		Apart apart;
	};

	std::unique_ptr<unsigned char[]> memory_;
	Filler filler_;
	std::atomic<uint32_t> begin_{0}; // owner: the sender
	Apart apart_{};
};

// ---------------------------------------------------------------------------------------------------------- runs

/// Where things are in a block of the original, see docs/wire-protocol.md. [any-thread]
struct Layout {
	Layout(size_t bytesOfValue, bool sparse_) : size(bytesOfValue), sparse(sparse_)
	{
		const size_t room = kBodyBytes - kHeadBytes;
		const size_t share = room / (size + sizeof(uint32_t));
		timesAt = (kHeadBytes + share * size) / sizeof(uint32_t) * sizeof(uint32_t);
		capacity = static_cast<uint32_t>(sparse ? (timesAt - kHeadBytes) / size : room / size);
	}
	/// Most values of a block of protocol 2: a dense one, with its last value twice, is shorter than one of protocol 1;
	/// and in a sparse one the place behind the last value stays free, which tells it from a padded one of protocol 1.
	uint32_t most() const { return sparse ? capacity - 1 : capacity - 2; }

	size_t size;
	bool sparse;
	size_t timesAt;    // byte of the first relative time, if sparse
	uint32_t capacity; // values
};

// [any-thread]
inline size_t fours(size_t bytes) { return (bytes + 3) / 4 * 4; }
inline size_t eights(size_t bytes) { return (bytes + 7) / 8 * 8; }

/// What a run makes.
enum class Form : uint8_t {
	kOriginal, // blocks of protocol 1, sent or logged
	kShort,    // exact blocks of protocol 2
	kFile,     // exact blocks of a log file of protocol 2
};

/// From kRunning on, values are stored.
enum class State : uint8_t { kOff, kStarting, kRunning, kStopping };

/// One destination of one variable: a watch or a log. Of the audio thread alone. What a block takes is on one line of the cache.
struct Run {
	State state = State::kOff;
	Form form = Form::kOriginal;
	bool step = false;  // protocol 1: its time has come, and the next assignment acts on it
	bool reads = false; // what the program reads, once a tick
	bool exact = false; // a log of protocol 1 that a client of protocol 2 ended: by time, not by an assignment
	uint32_t limit = 0; // values of a block
	BlockRing* ring = nullptr;
	unsigned char* block = nullptr; // the open one
	uint32_t room = 0;              // bytes of a block at most
	uint32_t count = 0;             // values in it, those in the lane aside
	uint32_t lost = 0;              // values since the block before
	uint32_t latency = 0;           // frames that a value may wait; 0 without limit
	uint64_t first = 0;             // frame of its first value
	uint64_t values = 0;            // handed over in this run
	uint64_t due = kNever;          // of the next change of state
	uint64_t end = kNever;          // last frame, when it is known at the start
	uint64_t endedAt = 0;           // frame of its end,
	bool owesEnd = false;           // which was not told yet, because the sender was behind

	bool stores() const { return state >= State::kRunning; }
	/// Protocol 1: it has values and wants more. One that only waits for an assignment to end with may wait for ever.
	bool streams() const { return stores() && (block || values) && !(step && state == State::kStopping); }
	bool original() const { return form == Form::kOriginal; }
	size_t valuesAt() const { return form == Form::kFile ? kLogHeadBytes : kHeadBytes; }
	size_t timesAt(const Layout& layout) const
	{
		return form == Form::kFile ? kLogHeadBytes + fours(limit * layout.size) : layout.timesAt;
	}
	/// Bytes that a block needs at most.
	size_t bytes(const Layout& layout) const
	{
		if (form == Form::kFile)
			return eights(timesAt(layout) + (layout.sparse ? limit * sizeof(uint32_t) : 0));
		if (form == Form::kShort && !layout.sparse)
			return kHeadBytes + (limit + 1) * layout.size;
		return kBodyBytes;
	}
};

// ------------------------------------------------------------------------------------------------------ variables

struct LogFile;

/// A variable, whatever its type.
struct Variable {
	Variable(char type_, size_t bytesOfValue, bool sparse) : type(type_), layout(bytesOfValue, sparse) {}
	virtual ~Variable() {}
	Variable(const Variable&) = delete;
	Variable& operator=(const Variable&) = delete;

	/// At the beginning of a line of the cache.
	static void* operator new(size_t bytes);
	static void operator delete(void* variable);

	// [audio-thread]
	virtual void closeLane() = 0;       // its values become part of the run's block
	virtual bool settle(bool must) = 0; // hands over the block that is full; false: it has time
	virtual void chooseLane() = 0;      // opens one if only one run takes values
	virtual void storeRead() = 0;       // the value that the program reads, at the end of a frame
	virtual void work(uint32_t) = 0;    // from now on an assignment has this to do


	// [any-thread]
	virtual double ownValue() const = 0;
	virtual double value() const = 0;
	virtual bool isControlled() const = 0;
	virtual void control(bool remote) = 0;
	virtual void setRemote(double value) = 0;
	virtual void maskRemote(uint32_t value, uint32_t mask) = 0;
	virtual bool canHold(double value) const = 0;

	// Of the audio thread. What the end of a block takes is on the first line of the cache.
	bool full = false;      // a block waits to be handed over, see Core::settle
	bool queued = false;    // in Core::full
	uint32_t todo = 0;      // what an assignment has to do, see Work
	Run* laneRun = nullptr; // whose block the lane is in, or that which is full
	Core* core = nullptr;
	void* touched = nullptr; // Hot, in memory of Core::hots or of ours
	void* ahead = nullptr;   // where the first value of the block behind the lane's goes, if it is known,
	uint32_t aheadLimit = 0; // and how many it takes
	uint32_t laneSince = 0;  // the tick in which the lane began
	uint64_t laneFirst = 0;  // frame of its block's first value
	Run watch1, watch2, log;
	uint32_t period = 0; // of the monitor
	uint64_t next = 0;   // frame of its next value
	bool periodReads = false;
	bool isReader = false;
	bool isLive = false;

	std::unique_ptr<unsigned char[]> ownMemory; // of Hot, without a place in Core::hots

	Apart beforeRead{}; // behind it is what the sender reads, too
	const char type;
	const Layout layout;
	std::string name;  // the same from registration on
	unsigned int id = 0;
	uint32_t slot = kMaxVariables; // in the audio thread's tables; kMaxVariables without a place

	// Of the callback thread, the sender and whoever registers, under Core::mutex.
	std::string controller; // counts while `byProgram` does not
	bool controlWish = false; // who controls it when the `control`s that wait for the audio thread have acted
	std::string logFileName;
	bool logOpen = false;
	bool handed = false; // the audio thread may know it
	std::unique_ptr<BlockRing> watch1Ring, watch2Ring, logRing;
	std::unique_ptr<LogFile> file; // of the sender alone, between the start of a log and its end
	uint32_t blockLimit = 0, blockLatency = 0;
	bool watchReads = false, monitorReads = false;

	// Published for the list.
	std::atomic<bool> watched1{false}, watched2{false}, logged{false};
	std::atomic<uint32_t> controlsWaiting{0};
	std::atomic<bool> byProgram{true}; // it was the program, not a client, that said last who controls the value
	std::atomic<uint32_t> shownPeriod{0};
	std::atomic<uint32_t> lostWatched{0}, lostLogged{0}, lostMonitored{0};
	std::atomic<uint32_t> mask{0};
};

/// The first line of the cache in some memory. [any-thread]
inline unsigned char* lined(unsigned char* memory)
{
	return memory + (kLine - reinterpret_cast<std::uintptr_t>(memory) % kLine) % kLine;
}

void* Variable::operator new(size_t bytes)
{
	unsigned char* const memory = static_cast<unsigned char*>(::operator new(bytes + kLine));
	const size_t ahead = kLine - reinterpret_cast<std::uintptr_t>(memory) % kLine; // 1 to kLine
	memory[ahead - 1] = static_cast<unsigned char>(ahead);
	return memory + ahead;
}

void Variable::operator delete(void* variable)
{
	unsigned char* const begin = static_cast<unsigned char*>(variable);
	if (begin)
		::operator delete(begin - begin[-1]);
}

enum Work : uint32_t {
	kStore = 1,     // a run takes the next value
	kMonitored = 2, // the next value is sent
};

/// A variable of one type. Where Variable does not say otherwise, [audio-thread].
template <typename T> struct Cell final : Variable {
	explicit Cell(bool sparse) : Variable(Letter<T>::value, sizeof(T), sparse) {}

	void closeLane() override;
	bool settle(bool must) override;
	void chooseLane() override;
	void storeRead() override;
	void work(uint32_t bits) override
	{
		todo = bits;
		if (!bits || !hot().stand)
			clearStage();
	}
	void assigned();
	bool complete();
	void stageNext();
	/// Of the next value `assigned` is told, if anybody wants it.
	void clearStage()
	{
		hot().lane = nullptr;
		hot().laneRest = 0;
		hot().stand = todo ? hot().stage : nullptr;
		hot().standEnd = hot().stage + 1;
	}
	T* values(const Run& run) const { return static_cast<T*>(static_cast<void*>(run.block + run.valuesAt())); }
	void lookAhead(Run& run);
	void settleOwn();
	void append(Run& run, T value);
	void feed(Run& run, T value);
	void monitor(T value);

	double ownValue() const override { return static_cast<double>(hot().own.load(std::memory_order_relaxed)); }
	double value() const override { return static_cast<double>(read()); }
	T read() const
	{
		return hot().controlled.load(std::memory_order_acquire) ? hot().remote.load(std::memory_order_relaxed)
		                                                        : hot().own.load(std::memory_order_relaxed);
	}
	bool isControlled() const override { return hot().controlled.load(std::memory_order_acquire); }
	void control(bool remote_) override
	{
		if (remote_ && !isControlled())
			hot().remote.store(hot().own.load(std::memory_order_relaxed), std::memory_order_relaxed);
		hot().controlled.store(remote_, std::memory_order_release);
	}
	void setRemote(double value_) override
	{
		hot().remote.store(converted<T>(value_), std::memory_order_relaxed);
	}
	void maskRemote(uint32_t value_, uint32_t mask_) override
	{
		mask.store(mask_, std::memory_order_relaxed);
		T old = hot().remote.load(std::memory_order_relaxed);
		for (int tries = 0; tries < 8; tries++) { // another thread sets at the same time: one of them is the last
			const T changed = fromBits<T>((bitsOf(old) & ~mask_) | (value_ & mask_));
			if (hot().remote.compare_exchange_weak(old, changed, std::memory_order_relaxed))
				return;
		}
	}
	bool canHold(double value_) const override { return holds<T>(value_); }

	Hot<T>& hot() const { return *static_cast<Hot<T>*>(touched); }
};

// ----------------------------------------------------------------------------------------- between the threads

/// From the clients to the audio thread.
struct Request {
	enum Kind : uint8_t { kWatch, kUnwatch, kLog, kUnlog, kMonitor, kControl, kDrop, kSet, kSetMask, kAnswer, kForget };

	Kind kind = kAnswer;
	bool two = false; // of protocol 2
	bool reads = false;
	Variable* variable = nullptr;
	BlockRing* ring = nullptr;
	uint64_t at = 0;       // frame; 0 is now
	uint64_t duration = 0; // frames; 0 has no end
	uint32_t number = 0;   // period, most values of a block, mask, of the answer, or 1 for clients in control
	uint32_t answer = 0;   // number of the answer that a value belongs to; 0 without one
	bool counted = false;  // a value that takes one of the places for scheduled ones
	uint32_t latency = 0;
	double value = 0;
};

/// From the audio thread to the sender.
struct Departure {
	enum Kind : uint8_t { kBlock, kMonitor, kLogged, kLogStarted, kEnded, kTaken, kRefused, kForgotten };

	Kind kind = kTaken;
	Form form = Form::kOriginal;
	bool log = false;
	uint32_t number = 0; // of the answer
	Variable* variable = nullptr;
	uint64_t frame = 0;             // of the first value of a block
	uint64_t end = 0;               // of a log; values of an ended run
	unsigned char* block = nullptr; // its memory is the sender's until its room is given back
	uint32_t room = 0;              // what gives it back, see BlockRing::drop
	uint32_t count = 0;             // values in the block,
	uint32_t lost = 0;              // and lost before it
	unsigned char value[8] = {0, 0, 0, 0, 0, 0, 0, 0};
};

/// Values from the audio thread, for the sender to put into a block.
struct Load {
	unsigned char values[kStageBytes];
	void* to;
	uint32_t bytes;
};

/// The scheduled values, soonest first; of one frame, in the order in which they came. [audio-thread]
class Schedule {
public:
	Schedule()
	{
		for (uint32_t n = 0; n < kPlaces; n++)
			free_[n] = static_cast<std::uint16_t>(n);
	}
	bool add(const Request& request)
	{
		if (size_ == kPlaces)
			return false;
		const std::uint16_t slot = free_[size_];
		requests_[slot] = request;
		heap_[size_++] = Due{request.at, order_++, slot};
		std::push_heap(heap_.begin(), heap_.begin() + size_, later);
		return true;
	}
	uint64_t soonest() const { return size_ == 0 ? kNever : heap_[0].at; }
	Request take()
	{
		std::pop_heap(heap_.begin(), heap_.begin() + size_, later);
		const std::uint16_t slot = heap_[--size_].slot;
		free_[size_] = slot;
		return requests_[slot];
	}
	/// Takes out what is scheduled for this variable; returns how many values that were.
	uint32_t drop(const Variable* variable)
	{
		const uint32_t values = remove([variable](const Request& request) { return request.variable == variable; });
		orphans_ = 0;
		for (uint32_t n = size_; n < size_ + values; n++)
			if (const uint32_t answer = requests_[free_[n]].answer)
				orphan_[orphans_++] = answer;
		std::sort(orphan_.begin(), orphan_.begin() + orphans_);
		orphans_ = static_cast<uint32_t>(std::unique(orphan_.begin(), orphan_.begin() + orphans_) - orphan_.begin());
		return values;
	}
	/// The answers to which the dropped values belonged: how many, and each one's number.
	uint32_t orphans() const { return orphans_; }
	uint32_t orphan(uint32_t n) const { return orphan_[n]; }
	/// Takes out the first `count` of these answers.
	void dropAnswers(uint32_t count)
	{
		const auto end = orphan_.begin() + count;
		remove([this, end](const Request& request) {
			return request.kind == Request::kAnswer && std::binary_search(orphan_.begin(), end, request.number);
		});
	}

private:
	struct Due {
		uint64_t at;
		uint64_t order;
		std::uint16_t slot;
	};
	static bool later(const Due& a, const Due& b) { return a.at != b.at ? a.at > b.at : a.order > b.order; }
	/// Takes out those for which this is true; their places are the first free ones.
	template <typename Test> uint32_t remove(Test test)
	{
		const auto end = heap_.begin() + size_;
		const auto kept = std::partition(heap_.begin(), end, [&](const Due& due) { return !test(requests_[due.slot]); });
		const uint32_t before = size_;
		size_ = static_cast<uint32_t>(kept - heap_.begin());
		for (uint32_t n = size_; n < before; n++)
			free_[n] = heap_[n].slot;
		std::make_heap(heap_.begin(), kept, later);
		return before - size_;
	}

	static constexpr uint32_t kPlaces = 2 * kRequests; // values, and no more answers than values

	std::array<Request, kPlaces> requests_;
	std::array<Due, kPlaces> heap_;
	std::array<std::uint16_t, kPlaces> free_; // those from size_ on are free
	std::array<uint32_t, kPlaces> orphan_;
	uint32_t orphans_ = 0;
	uint32_t size_ = 0;
	uint64_t order_ = 0;
};

/// An answer that waits for the audio thread.
struct Waiting {
	std::string command;
	double id;
};

/// A log file that is open.
struct LogFile {
	LogFile(const std::string& name, bool two_) : file(name, false, false), two(two_) { file.setFileType(kBinary); }

	void write(const unsigned char* bytes, size_t count); ///< a multiple of 4

	WriteFile file;
	bool two;
	bool hasId = false;
	double id = 0;
};

/// What the threads share, and each one's own.
struct Core {
	explicit Core(Gui& gui_);
	~Core();

	// ---- the audio thread's half, [audio-thread] but for closeRuns
	void tick(uint64_t frames, bool full);
	void takeRequests();
	void act(const Request& request);
	void start(Variable& variable, Run& run, const Request& request);
	void stop(Variable& variable, Run& run, const Request& request);
	void stopByTime(Variable& variable, Run& run, uint64_t at);
	void endRun(Variable& variable, Run& run);
	void tellEnd(Variable& variable, Run& run);
	void setValue(const Request& request);
	void answerNow(const Request& request);
	void dropScheduled(const Variable& variable);
	void refuse(uint32_t answer, const Variable& variable);
	void finish(Variable& variable, Run& run);
	void lose(Variable& variable, Run& run, uint32_t count);
	void schedule(Variable& variable);
	void wakeUp();
	void wake(Variable& variable);
	void chooseWork(Variable& variable);
	void activate(bool active);
	void runScheduled();
	void forget(Variable& variable);
	/// Data leaves room for what must never be lost: ends, answers, and variables that go.
	bool mayDepart() { return mayTell(kRequests + 1); }
	/// So many of these, beside the full blocks, for which there is room.
	bool mayTell(uint32_t count) { return departures.hasRoom(count + (fullEnd - fullBegin)); }
	bool depart(const Departure& departure)
	{
		settle(~uint32_t(0), true); // all in its order
		loads.publish();
		return departures.push(departure);
	}
	/// Behind the full blocks that wait: what need not be told at once does not make them all go at once.
	bool queue(const Departure& departure)
	{
		if (fullBegin == fullEnd || fullEnd - fullBegin == kQueued || heldEnd - heldBegin == kRequests)
			return depart(departure);
		full[fullEnd++ % kQueued] = nullptr;
		held[heldEnd++ % kRequests] = departure;
		return true;
	}
	/// A full block may wait: there will be room for it.
	bool mayFill() { return mayDepart() && fullEnd - fullBegin < kQueued; }
	void filled(Variable& variable)
	{
		variable.full = true;
		if (fullBegin == fullEnd)
			fullSince = 0;
		if (!variable.queued)
			full[fullEnd++ % kQueued] = &variable;
		variable.queued = true;
	}
	void settle(uint32_t most, bool must);
	void settleInTick(uint64_t frames);
	void handOver(Variable& variable, Run& run, uint32_t count, bool behind);
	void leave(Run& run);
	unsigned char* open(Run& run);
	void closeRuns(); ///< [setup-thread]

	bool active = false; // some client takes blocks, as of this tick
	uint64_t now = 0;
	uint64_t nextWake = kNever;
	uint32_t slots = 0;                        // of the tables that are in use
	std::array<uint64_t, kMaxVariables> wakes; // by slot: the frame at which something is to be done
	std::array<Variable*, kMaxVariables> known; // by slot
	std::array<Variable*, kMaxVariables> readers; // whose read values are wanted
	uint32_t readerCount = 0;
	uint32_t liveCount = 0;
	Schedule scheduled;
	// Many variables complete their blocks in one frame, and where those are kept the caches are cold: so a full
	// block waits in this queue, and once in a few frames a tick does what one of them takes.
	std::array<Variable*, kQueued> full; // nullptr is the next one of `held`
	std::array<Departure, kRequests> held; // behind full blocks, in their order
	uint32_t fullBegin = 0, fullEnd = 0;
	uint32_t heldBegin = 0, heldEnd = 0;
	uint32_t fullSince = 0; // ticks that the queue was not empty
	uint32_t ticks = 0;     // that were, round and round
	uint32_t fullShare = 0; // of a block that may be handed over

	// ---- between them
	Ring<Request> requests{kRequests};         // producer: whoever holds the mutex; consumer: the audio thread
	Ring<Departure> departures{kDepartures};   // producer: the audio thread; consumer: the sender
	Ring<Load> loads{kLoads};                  // the same; those of a block are published before its departure
	std::atomic<uint64_t> timestamp{0};        // written by the audio thread
	std::atomic<bool> clientsActive{false};    // written by the callback thread and the sender
	std::atomic<uint32_t> live{0};             // variables with something to do; written by the audio thread
	std::atomic<uint32_t> valuesDone{0};       // scheduled values that acted or were dropped; written by the audio thread
	std::atomic<float> sampleRate{0};          // written by `setup`
	std::array<std::atomic<Inbox*>, kMaxInboxes> inboxes; // written under the mutex
	std::atomic<uint32_t> inboxCount{0};       // written under the mutex
	std::atomic<uint32_t> looks{0};            // at the inboxes; written by the audio thread

	// ---- the sender, [sender-thread]
	void startSender(); ///< [callback-thread]
	void send();
	void drain(size_t most);
	void unload();
	void handle(const Departure& departure);
	void sendBlock(const Departure& departure);
	void sendMonitor(const Departure& departure);
	void say(const wchar_t* key, const JSONObject& object, WSServer::CallingThread thread); ///< and [callback-thread]
	void startLog(const Departure& departure);
	void closeLog(Variable& variable);

	// ---- the clients' commands, [callback-thread]
	bool controlReceived(JSONObject& root);
	bool binaryReceived(const unsigned char* data, size_t size);

	// ---- registration, [setup-thread]
	unsigned char* place(Variable& variable);
	std::string freeName(const std::string& base) const;
	unsigned int bufferFor(char type, size_t size);
	void add(Variable& variable, const std::string& name);
	void remove(Variable& variable);
	void forgetSome(); ///< and [sender-thread]
	void registerInbox(Inbox& inbox);
	void close();

	Gui& gui;
	std::mutex mutex; // of all that follows; never locked by the audio thread
	std::condition_variable wakeSender;
	std::thread sender;
	size_t sentAtOnce = 0; // bytes to the Gui; of the sender alone
	bool stopping = false;
	bool closed = false;
	bool ready = false; // `setup` was called: ids for arrays come behind those of the variables
	std::chrono::steady_clock::time_point lively; // until then the sender looks often
	std::vector<Variable*> variables;             // in the order of the list
	std::unordered_map<std::string, Variable*> byName;
	std::vector<Variable*> forgotten; // unregistered, and the audio thread was not told yet
	std::vector<Variable*> leaving;   // unregistered, and the audio thread was told
	std::vector<uint32_t> freeSlots;
	uint32_t usedSlots = 0;
	std::array<std::unique_ptr<unsigned char[]>, kMaxVariables / kTogether> hots; // by slot, what assignments touch
	std::vector<std::shared_ptr<Inbox>> inboxList;  // registered or not, in the order of construction
	std::vector<std::pair<uint32_t, std::shared_ptr<Inbox>>> oldInboxes; // and when; the audio thread may look at them still
	std::map<std::pair<char, size_t>, std::vector<unsigned int>> freeIds; // of the Gui's buffers, by type and size
	std::map<uint32_t, Waiting> waiting;            // by number
	uint32_t nextNumber = 1;
	uint32_t valuesGiven = 0; // values with a time that the audio thread was given
	uint32_t refused = 0;
};

// ------------------------------------------------------------------------------------------- the audio thread's half
// [audio-thread] but for closeRuns

/// What is on the stage goes to its place: the sender takes it there, as long as it can.
template <typename T> inline void unstage(Hot<T>& hot)
{
	const uint32_t count = static_cast<uint32_t>(hot.stand - hot.stage);
	if (Load* const load = hot.core->loads.room()) {
		std::memcpy(load->values, hot.stage, sizeof hot.stage);
		load->to = hot.lane;
		load->bytes = count * static_cast<uint32_t>(sizeof(T));
		hot.core->loads.put();
	} else {
		std::memcpy(hot.lane, hot.stage, count * sizeof(T));
	}
	hot.lane += count;
	hot.laneRest -= count;
	hot.stand = hot.stage;
}

/// The stage takes values up to the end of a line, or of the block.
template <typename T> void Cell<T>::stageNext()
{
	const size_t line = (kStageBytes - reinterpret_cast<std::uintptr_t>(hot().lane) % kStageBytes) / sizeof(T);
	hot().standEnd = hot().stage + std::min<size_t>(line, hot().laneRest);
}

template <typename T> void Cell<T>::closeLane()
{
	settleOwn();
	if (laneRun) {
		if (hot().stand != hot().stage)
			unstage(hot());
		laneRun->count = static_cast<uint32_t>(hot().lane - values(*laneRun));
		laneRun = nullptr;
	}
	ahead = nullptr;
	clearStage();
}

template <typename T> void Cell<T>::chooseLane()
{
	if (layout.sparse || (todo & kMonitored))
		return;
	const bool one = core->active && watch1.stores();
	const bool two = core->active && watch2.stores() && !watch2.reads && !watch1.stores();
	const bool logs = log.stores();
	if (watch1.step || log.step || one + two + logs != 1)
		return;
	Run& run = one ? watch1 : two ? watch2 : log;
	if (!run.block)
		return;
	laneRun = &run;
	hot().lane = values(run) + run.count;
	hot().laneRest = run.limit - run.count;
	laneSince = core->ticks;
	hot().stand = hot().stage;
	lookAhead(run);
	stageNext();
}

template <typename T> void Cell<T>::lookAhead(Run& run)
{
	unsigned char* const block = run.form == Form::kFile ? nullptr : run.ring->behind(run.room);
	ahead = block ? block + kHeadBytes : nullptr;
	aheadLimit = run.limit;
}

template <typename T> void Cell<T>::settleOwn()
{
	if (full && laneRun->original()) // in the order in which they became full
		while (full)
			core->settle(1, true);
	if (full)
		settle(true);
}

/// Does for a full block, and the one that was begun behind it, what `assigned` had no time for.
template <typename T> bool Cell<T>::settle(bool must)
{
	const bool begun = hot().lane != nullptr;
	if (!begun && !must)
		return false;
	full = false;
	Run& run = *laneRun;
	core->handOver(*this, run, run.limit, false);
	run.block = nullptr;
	run.count = 0;
	if (begun) {
		run.block = run.ring->open(run.room); // what `behind` said
		run.first = laneFirst;
		if (run.latency)
			core->schedule(*this);
		lookAhead(run);
	} else {
		laneRun = nullptr;
		ahead = nullptr;
	}
	return true;
}

/// Stores a value in the run's block, and opens one if there is none.
template <typename T> void Cell<T>::append(Run& run, T value_)
{
	if (run.block && layout.sparse && core->now - run.first >= 0xffffffffu)
		core->finish(*this, run); // its time would not fit
	if (!run.block) {
		run.block = core->open(run);
		if (!run.block) {
			core->lose(*this, run, 1);
			return;
		}
		run.count = 0;
		run.first = core->now;
		if (run.latency)
			core->schedule(*this);
	}
	std::memcpy(run.block + run.valuesAt() + run.count * sizeof(T), &value_, sizeof(T));
	if (layout.sparse) {
		const uint32_t relative = static_cast<uint32_t>(core->now - run.first);
		std::memcpy(run.block + run.timesAt(layout) + run.count * sizeof relative, &relative, sizeof relative);
	}
	run.count++;
}

template <typename T> void Cell<T>::feed(Run& run, T value_)
{
	bool last = false;
	if (run.step) { // as the original: time has come, and an assignment acts on it
		run.step = false;
		if (run.state == State::kStarting) {
			run.state = run.end == kNever ? State::kRunning : State::kStopping;
			run.due = run.end;
			(&run == &log ? logged : watched1).store(true, std::memory_order_relaxed);
			if (&run == &watch1)
				core->finish(*this, watch2); // what was pending comes before
			if (run.due <= core->now && run.due != kNever) {
				run.due = kNever;
				run.step = true; // with the next one
			}
			core->schedule(*this);
		} else {
			last = true;
		}
	}
	if (!run.stores())
		return;
	if (core->active || &run == &log)
		append(run, value_);
	if (last)
		core->endRun(*this, run);
	else if (run.count >= run.limit)
		core->finish(*this, run);
}

template <typename T> void Cell<T>::monitor(T value_)
{
	if (core->active) {
		Departure departure;
		departure.kind = Departure::kMonitor;
		departure.variable = this;
		departure.frame = core->now;
		std::memcpy(departure.value, &value_, sizeof(T));
		if (!core->mayDepart() || !core->queue(departure))
			lostMonitored.fetch_add(1, std::memory_order_relaxed);
	}
	if (period == 1) {
		period = 0;
		uint32_t shown = 1;
		shownPeriod.compare_exchange_strong(shown, 0, std::memory_order_relaxed);
	} else {
		next = core->now + period;
	}
}

/// The lane's block is full. Often it waits, and what that takes is done in the ticks that follow.
template <typename T> bool Cell<T>::complete()
{
	if (full) // so is the one before it
		settleOwn();
	// a program that ticks when something comes, may do so never again; one of audio will
	if (!ahead || core->ticks - laneSince < kTicksOfAudio || !core->mayFill())
		return false;
	clearStage();
	core->filled(*this);
	return true;
}

template <typename T> void Cell<T>::assigned()
{
	if (hot().lane) {
		unstage(hot());
		if (hot().laneRest) {
			stageNext();
		} else if (!complete()) {
			Run& run = *laneRun;
			closeLane();
			core->finish(*this, run);
		}
		return;
	}
	const T value_ = hot().own.load(std::memory_order_relaxed);
	if (ahead) { // a lane from block to block
		hot().lane = static_cast<T*>(ahead); // the value is on the stage
		hot().laneRest = aheadLimit;
		ahead = nullptr;
		laneSince = core->ticks;
		laneFirst = core->now;
		stageNext();
		return;
	}
	closeLane();
	if (todo & kMonitored) {
		monitor(value_);
		todo &= ~uint32_t(kMonitored);
		core->schedule(*this);
		core->chooseWork(*this);
	}
	if (todo & kStore) {
		if (log.stores() || log.step)
			feed(log, value_);
		const bool before = watch1.stores() || watch1.step;
		if (before)
			feed(watch1, value_);
		else if (watch2.stores() && !watch2.reads && core->active)
			feed(watch2, value_);
	}
	chooseLane();
}

template <typename T> void Cell<T>::storeRead()
{
	const T value_ = read();
	if (watch2.reads && watch2.stores() && core->active && !watch1.streams())
		feed(watch2, value_);
	if (periodReads && period && core->now >= next) {
		monitor(value_);
		core->chooseWork(*this);
	}
}

template <typename T> void assigned(Hot<T>& variable)
{
	constexpr uint32_t all = Hot<T>::kStaged;
	if (variable.standEnd == variable.stage + all && variable.laneRest >= 2 * all)
		unstage(variable); // most often
	else
		variable.cell->assigned();
}

/// The next frame at which the variable has something to do is known.
void Core::schedule(Variable& variable)
{
	uint64_t soonest = std::min(variable.watch1.due, variable.log.due);
	const Run& two = variable.watch2;
	soonest = std::min(soonest, two.due);
	if (two.latency && two.block)
		soonest = std::min(soonest, two.first + two.latency);
	if (variable.period && !variable.periodReads && !(variable.todo & kMonitored))
		soonest = std::min(soonest, variable.next);
	if (two.owesEnd || variable.log.owesEnd)
		soonest = now + 1;
	wakes[variable.slot] = soonest;
	nextWake = std::min(nextWake, soonest);
}

/// After a change of what the variable has to do.
void Core::chooseWork(Variable& variable)
{
	const Run &one = variable.watch1, &two = variable.watch2, &log = variable.log;
	const bool own = two.stores() && !two.reads && active && !one.stores();
	const bool store = one.step || (one.stores() && active) || log.step || log.stores() || own;
	variable.work((variable.todo & kMonitored) | (store ? uint32_t(kStore) : 0u));
	const bool reader = (two.stores() && two.reads) || (variable.period && variable.periodReads);
	if (reader != variable.isReader) {
		Variable** const end = readers.data() + readerCount;
		if (reader) {
			readers[readerCount++] = &variable;
		} else {
			*std::find(readers.data(), end, &variable) = readers[readerCount - 1];
			readerCount--;
		}
		variable.isReader = reader;
	}
	const bool isLive = one.state != State::kOff || two.state != State::kOff || log.state != State::kOff || variable.period;
	if (isLive != variable.isLive) {
		variable.isLive = isLive;
		liveCount += isLive ? 1u : ~0u;
		live.store(liveCount, std::memory_order_relaxed);
	}
}

void Core::lose(Variable& variable, Run& run, uint32_t count)
{
	run.lost += count;
	(&run == &variable.log ? variable.lostLogged : variable.lostWatched).fetch_add(count, std::memory_order_relaxed);
}

/// Gives the ring's open block to the sender, at once or behind those that wait.
void Core::handOver(Variable& variable, Run& run, uint32_t count, bool behind)
{
	Departure departure;
	departure.kind = &run == &variable.log ? Departure::kLogged : Departure::kBlock;
	departure.form = run.form;
	departure.variable = &variable;
	departure.frame = run.first;
	departure.block = run.block;
	departure.count = count;
	departure.lost = run.lost;
	departure.room = run.ring->close(run.room);
	if (behind) {
		queue(departure);
	} else {
		loads.publish();
		departures.push(departure);
	}
	run.values += count;
	run.lost = 0;
}

/// The run's block goes nowhere.
void Core::leave(Run& run)
{
	if (run.block)
		run.ring->leave(run.room);
	run.block = nullptr;
	run.count = 0;
}

/// Room for the run's next block, or nullptr.
unsigned char* Core::open(Run& run)
{
	unsigned char* const block = run.ring->open(run.room);
	if (block || !loads.isThrough())
		return block;
	run.ring->takeBack();
	return run.ring->open(run.room);
}

/// Hands over the blocks that are full, the oldest first: at most so many, those with time to wait only if they must.
void Core::settle(uint32_t most, bool must)
{
	while (fullBegin != fullEnd) {
		Variable* const variable = full[fullBegin % kQueued];
		if (!variable) { // it is quickly done
			loads.publish();
			departures.push(held[heldBegin++ % kRequests]);
		} else if (most-- == 0 || (variable->full && !variable->settle(must))) {
			return;
		} else {
			variable->queued = false;
		}
		fullBegin++;
	}
}

/// Hands the run's open block to the sender, however full it is.
void Core::finish(Variable& variable, Run& run)
{
	if (!run.block)
		return;
	if (mayDepart()) {
		handOver(variable, run, run.count, run.original()); // the others were full before
	} else {
		lose(variable, run, run.count);
		leave(run);
	}
	run.block = nullptr;
	run.count = 0;
}

void Core::start(Variable& variable, Run& run, const Request& request)
{
	if (run.owesEnd)
		tellEnd(variable, run);
	const uint64_t begin = std::max(request.at, now);
	const uint64_t end = request.duration && request.duration < kNever - begin ? begin + request.duration : kNever;
	if (&run == &variable.watch2) {
		if (run.limit != request.number)
			finish(variable, run);
		run.limit = request.number;
		run.latency = request.latency;
		if (run.reads != request.reads)
			finish(variable, run);
		run.reads = request.reads;
	}
	run.ring = request.ring;
	run.end = end;
	if (run.stores()) { // nothing is lost: it only ends at another time
		run.step = false;
		run.due = end == kNever || run.original() ? end : end + 1;
		run.state = run.original() && end != kNever ? State::kStopping : State::kRunning;
	} else {
		run.form = &run == &variable.watch1 ? Form::kOriginal
		           : &run == &variable.watch2 ? Form::kShort
		           : request.two ? Form::kFile : Form::kOriginal;
		if (run.original() || run.form == Form::kFile)
			run.limit = variable.layout.capacity;
		run.state = State::kStarting;
		run.due = begin;
		run.block = nullptr;
		run.count = run.lost = 0;
		run.values = 0;
	}
	run.room = static_cast<uint32_t>(run.bytes(variable.layout));
	if (&run == &variable.log) {
		Departure departure;
		departure.kind = Departure::kLogStarted;
		departure.variable = &variable;
		departure.frame = begin;
		departure.end = end;
		depart(departure);
	}
}

void Core::stop(Variable& variable, Run& run, const Request& request)
{
	if (run.state == State::kOff)
		return;
	if (run.original() && request.two) {
		stopByTime(variable, run, request.at);
	} else if (run.original()) { // one that has not started yet, sends one value
		run.state = State::kStopping;
		run.due = request.at;
		run.step = run.exact = false;
		(&run == &variable.log ? variable.logged : variable.watched1).store(true, std::memory_order_relaxed);
	} else if (request.at > now && run.stores()) {
		run.due = request.at + 1; // the value of that frame is in it
	} else if (request.at > now) {
		run.end = request.at; // it has not started yet
		if (run.end < run.due)
			endRun(variable, run);
	} else {
		endRun(variable, run);
	}
}

/// A log of protocol 1 ends for a client of protocol 2: the variable may never be assigned again.
void Core::stopByTime(Variable& variable, Run& run, uint64_t at)
{
	if (at <= now || (run.state == State::kStarting && !run.step && at < run.due))
		return endRun(variable, run);
	run.exact = true;
	run.end = at + 1; // the value of that frame is in it
	if (run.stores() || run.step)
		run.due = run.end;
	if (run.stores()) {
		run.state = State::kStopping;
		run.step = false;
	}
}

/// The run is over: what it holds goes out.
void Core::endRun(Variable& variable, Run& run)
{
	if (active || &run == &variable.log)
		finish(variable, run);
	leave(run);
	run.state = State::kOff;
	run.due = kNever;
	run.step = run.exact = false;
	(&run == &variable.log ? variable.logged : &run == &variable.watch1 ? variable.watched1 : variable.watched2)
	    .store(false, std::memory_order_relaxed);
	if (!run.original() || &run == &variable.log) {
		run.endedAt = now;
		tellEnd(variable, run);
	}
	chooseWork(variable);
}

/// Lets clients hear that the run is over, now or as soon as the sender has room for it.
void Core::tellEnd(Variable& variable, Run& run)
{
	run.owesEnd = !mayTell(1);
	if (run.owesEnd)
		return;
	Departure departure;
	departure.kind = Departure::kEnded;
	departure.log = &run == &variable.log;
	departure.variable = &variable;
	departure.frame = run.endedAt;
	departure.end = run.values;
	depart(departure);
}

/// Something of the variable is due.
void Core::wake(Variable& variable)
{
	variable.closeLane();
	for (Run* run : {&variable.watch1, &variable.log}) {
		if (!run->original() || run->due > now)
			continue;
		if (run->exact && (run->stores() || run->step)) {
			endRun(variable, *run);
		} else {
			run->due = run->exact ? run->end : kNever;
			run->step = true;
		}
	}
	for (Run* run : {&variable.watch2, &variable.log}) {
		if (run->owesEnd)
			tellEnd(variable, *run);
		if (run->original())
			continue;
		if (run->state == State::kStarting && run->due <= now) {
			run->state = State::kRunning;
			run->due = run->end == kNever ? kNever : run->end + 1;
			(run == &variable.log ? variable.logged : variable.watched2).store(true, std::memory_order_relaxed);
		}
		if (run->state == State::kRunning && run->due <= now)
			endRun(variable, *run);
		else if (run->latency && run->block && now - run->first >= run->latency)
			finish(variable, *run);
	}
	if (variable.period && !variable.periodReads && variable.next <= now)
		variable.work(variable.todo | kMonitored);
	chooseWork(variable);
	schedule(variable);
	variable.chooseLane();
}

void Core::wakeUp()
{
	nextWake = kNever; // it comes down again while they are scheduled anew
	for (uint32_t slot = 0; slot < slots; slot++) {
		if (wakes[slot] <= now)
			wake(*known[slot]);
		nextWake = std::min(nextWake, wakes[slot]);
	}
	runScheduled();
}

void Core::runScheduled()
{
	while (scheduled.soonest() <= now)
		act(scheduled.take());
	nextWake = std::min(nextWake, scheduled.soonest());
}

/// Whether some client takes blocks has changed.
void Core::activate(bool active_)
{
	active = active_;
	for (uint32_t slot = 0; slot < slots; slot++) {
		if (!known[slot])
			continue;
		Variable& variable = *known[slot];
		variable.closeLane();
		if (!active && variable.watch2.block) { // nobody is there for it
			lose(variable, variable.watch2, variable.watch2.count);
			leave(variable.watch2);
		}
		chooseWork(variable);
		variable.chooseLane();
	}
}

void Core::takeRequests()
{
	bool first = true;
	constexpr uint32_t most = 8; // departures of one request: a variable that goes ends three runs
	Request request;
	for (uint32_t n = requests.size(); n > 0; n--) { // whole messages, as they were published
		const bool last = requests.front()->kind == Request::kForget; // a message of its own
		if ((first || last) && !mayTell(n + most))
			return; // the sender is behind
		requests.pop(request);
		act(request);
		first = false;
	}
}

void Core::act(const Request& request)
{
	if (request.kind == Request::kAnswer || request.kind == Request::kSet || request.kind == Request::kSetMask) {
		if (request.at > now && scheduled.add(request)) // it has room: they were counted when they came
			nextWake = std::min(nextWake, request.at);
		else if (request.kind == Request::kAnswer)
			answerNow(request);
		else
			setValue(request);
		return;
	}
	Variable& variable = *request.variable;
	if (request.kind == Request::kControl) {
		variable.byProgram.store(false, std::memory_order_relaxed);
		variable.control(request.number != 0);
		variable.controlsWaiting.fetch_sub(1, std::memory_order_release);
	}
	if (request.kind == Request::kDrop || (request.kind == Request::kControl && request.number == 0))
		dropScheduled(variable);
	if (request.kind == Request::kDrop || request.kind == Request::kControl)
		return;
	if (!known[variable.slot]) {
		known[variable.slot] = &variable;
		wakes[variable.slot] = kNever;
		slots = std::max(slots, variable.slot + 1);
	}
	variable.closeLane();
	switch (request.kind) {
	case Request::kWatch:
		start(variable, request.two ? variable.watch2 : variable.watch1, request);
		break;
	case Request::kUnwatch:
		stop(variable, request.two ? variable.watch2 : variable.watch1, request);
		break;
	case Request::kLog:
		start(variable, variable.log, request);
		break;
	case Request::kUnlog:
		stop(variable, variable.log, request);
		break;
	case Request::kMonitor:
		variable.period = request.number;
		variable.periodReads = request.reads;
		variable.next = now;
		variable.work(variable.todo & ~uint32_t(kMonitored));
		break;
	case Request::kForget:
		forget(variable);
		return;
	default:
		break;
	}
	wake(variable);
}

/// A client's value, whose frame has come, counts.
void Core::setValue(const Request& request)
{
	if (request.counted)
		valuesDone.fetch_add(1, std::memory_order_release);
	Variable& variable = *request.variable;
	if (!variable.isControlled())
		refuse(request.answer, variable);
	else if (request.kind == Request::kSet)
		variable.setRemote(request.value);
	else
		variable.maskRemote(converted<unsigned int>(request.value), request.number);
}

void Core::answerNow(const Request& request)
{
	if (!mayTell(1)) { // the sender is behind
		Request again = request;
		again.at = now + 1;
		if (scheduled.add(again)) {
			nextWake = std::min(nextWake, again.at);
			return;
		}
	}
	Departure departure;
	departure.kind = Departure::kTaken;
	departure.number = request.number;
	departure.frame = now;
	queue(departure);
}

/// The variable is no client's any more: what is scheduled for it will not act, and whoever wants an answer hears so.
void Core::dropScheduled(const Variable& variable)
{
	if (const uint32_t values = scheduled.drop(&variable)) {
		valuesDone.fetch_add(values, std::memory_order_release);
		uint32_t told = 0;
		for (; told < scheduled.orphans() && mayTell(2 * kRequests); told++)
			refuse(scheduled.orphan(told), variable);
		scheduled.dropAnswers(told);
	}
}

/// A value of this answer did not act.
void Core::refuse(uint32_t answer, const Variable& variable)
{
	if (!answer || !mayTell(kRequests))
		return;
	Departure departure;
	departure.kind = Departure::kRefused;
	departure.number = answer;
	departure.variable = const_cast<Variable*>(&variable); // for its name
	depart(departure);
}

void Core::forget(Variable& variable)
{
	variable.period = 0;
	for (Run* run : {&variable.watch1, &variable.watch2, &variable.log})
		if (run->state != State::kOff)
			endRun(variable, *run);
	settle(~uint32_t(0), true); // the queue forgets it, too
	for (Run* run : {&variable.watch2, &variable.log})
		if (run->owesEnd)
			tellEnd(variable, *run);
	variable.work(0);
	chooseWork(variable);
	dropScheduled(variable);
	known[variable.slot] = nullptr;
	wakes[variable.slot] = kNever;
	Departure departure;
	departure.kind = Departure::kForgotten;
	departure.variable = &variable;
	depart(departure);
}

/// A block in a few frames, or more of very many, when the next one has begun; after another tick it must.
void Core::settleInTick(uint64_t frames_)
{
	const uint64_t elapsed = std::min<uint64_t>(frames_ > now ? frames_ - now : 1, kMaxVariables);
	fullShare += static_cast<uint32_t>(elapsed) * (1 + (fullEnd - fullBegin) / 128);
	settle(fullShare / kFramesOfOne, fullSince++ > 1);
	fullShare %= kFramesOfOne;
}

void Core::tick(uint64_t frames_, bool full_)
{
	for (uint32_t n = readerCount; n > 0; n--)
		readers[n - 1]->storeRead();
	if (fullBegin != fullEnd)
		settleInTick(frames_);
	now = frames_;
	ticks++;
	timestamp.store(frames_, std::memory_order_relaxed);
	if (full_) {
		loads.publish();
		const bool active_ = clientsActive.load(std::memory_order_acquire);
		if (active_ != active)
			activate(active_);
		if (!requests.empty())
			takeRequests();
		const uint32_t count = inboxCount.load(std::memory_order_acquire);
		for (uint32_t n = 0; n < count; n++)
			if (Inbox* inbox = inboxes[n].load(std::memory_order_seq_cst))
				inbox->turn();
		if (count)
			looks.store(looks.load(std::memory_order_relaxed) + 1, std::memory_order_release);
	}
	if (now >= nextWake)
		wakeUp();
}

/// The audio thread is over: what is pending in logs goes to their files. [setup-thread]
void Core::closeRuns()
{
	settle(~uint32_t(0), true);
	for (uint32_t slot = 0; slot < slots; slot++) {
		if (!known[slot])
			continue;
		known[slot]->closeLane();
		Run& log = known[slot]->log;
		if (log.state != State::kOff)
			endRun(*known[slot], log);
		else if (log.owesEnd)
			tellEnd(*known[slot], log);
		drain(~size_t(0)); // the sender has ended
	}
}

// ---------------------------------------------------------------------------------------------------- the sender
// [sender-thread], but for what makes JSON, which is [callback-thread] as well, and startSender

void LogFile::write(const unsigned char* bytes, size_t count)
{
	std::array<float, 1024> floats; // a WriteFile takes floats, and puts down their bytes
	for (size_t at = 0; at < count; at += sizeof floats) {
		const size_t part = std::min(count - at, sizeof floats);
		std::memcpy(floats.data(), bytes + at, part);
		file.log(floats.data(), static_cast<int>(part / sizeof(float)));
	}
}

namespace {

JSONValue* text(const std::string& value) { return new JSONValue(widened(value)); }
JSONValue* number(double value) { return new JSONValue(value); }
JSONValue* truth(bool value) { return new JSONValue(value); }

/// The values behind `count` and their times are 0, or `unused` for the times of a sparse block. [sender-thread]
void pad(unsigned char* body, uint32_t count, const Layout& layout, int unused)
{
	const size_t from = kHeadBytes + count * layout.size;
	if (!layout.sparse) {
		std::memset(body + from, 0, kBodyBytes - from);
		return;
	}
	std::memset(body + from, 0, layout.timesAt - from);
	const size_t times = layout.timesAt + count * sizeof(uint32_t);
	const size_t end = layout.timesAt + layout.capacity * sizeof(uint32_t);
	std::memset(body + times, unused, end - times);
	std::memset(body + end, 0, kBodyBytes - end);
}

/// The beginning of a log file of the original; where that wrote a process id and a pointer, there are zeros.
std::string originalHeader(const Variable& variable)
{
	std::string header = "watcher";
	header += '\0';
	header += variable.name;
	header += '\0';
	header += variable.type;
	header += '\0';
	header.append(sizeof(uint32_t) + sizeof(void*), '\0');
	header.append(fours(header.size()) - header.size(), '\0');
	return header;
}

template <typename V> void put(std::string& to, V value)
{
	char bytes[sizeof(V)];
	std::memcpy(bytes, &value, sizeof value);
	to.append(bytes, sizeof bytes);
}

/// The beginning of a log file of protocol 2, see docs/wire-protocol.md.
std::string fileHeader(const Variable& variable, double sampleRate, uint64_t begin)
{
	const size_t bytes = eights(40 + variable.name.size() + 1);
	std::string header = "WATCHER2";
	put<uint32_t>(header, 0x01020304);
	put<uint32_t>(header, static_cast<uint32_t>(bytes));
	put<double>(header, sampleRate);
	put<uint64_t>(header, begin);
	put<char>(header, variable.type);
	put<char>(header, variable.layout.sparse ? 1 : 0);
	put<char>(header, std::is_signed<char>::value ? 1 : 0);
	put<char>(header, static_cast<char>(variable.layout.size));
	put<uint32_t>(header, variable.layout.capacity);
	header += variable.name;
	header.resize(bytes);
	return header;
}

/// How the JSON of a message is made; keys come out sorted.
JSONObject answer(const std::string& command)
{
	JSONObject object;
	object[L"cmd"] = text(command);
	return object;
}

} // namespace

/// Sends `{"key":{…}}` to all clients; takes the children over. Not under the mutex, but for the callback thread.
void Core::say(const wchar_t* key, const JSONObject& object, WSServer::CallingThread thread)
{
	JSONObject message;
	message[key] = new JSONValue(object);
	const JSONValue value(message); // owns the children
	gui.sendControl(&value, thread);
}

/// The sender's thread begins with the first command, on the thread of the server: without a real-time priority.
void Core::startSender()
{
	if (!sender.joinable())
		sender = std::thread([this] { send(); });
}

void Core::send()
{
	using Clock = std::chrono::steady_clock;
	std::unique_lock<std::mutex> lock(mutex);
	while (!stopping) {
		forgetSome();
		const bool often = live.load(std::memory_order_relaxed) || Clock::now() < lively;
		lock.unlock();
		clientsActive.store(gui.numActiveConnections() != 0, std::memory_order_release);
		drain(kBytesAtOnce);
		const bool more = !departures.empty();
		lock.lock();
		// looks instead of being told: nothing that tells a sleeping thread is fit for the audio thread
		if (!stopping)
			wakeSender.wait_for(lock, std::chrono::milliseconds(often || more ? 1 : 50));
	}
}

/// Handles what came, up to so many bytes to the Gui: after a while without processor the rest can wait, but not be dropped.
void Core::drain(size_t most)
{
	Departure departure;
	unload();
	for (sentAtOnce = 0; sentAtOnce < most && departures.pop(departure);) {
		unload();
		handle(departure);
	}
}

/// Puts values into their blocks.
void Core::unload()
{
	while (const Load* load = loads.front()) {
		std::memcpy(load->to, load->values, load->bytes);
		loads.drop();
	}
}

void Core::handle(const Departure& departure)
{
	Variable* variable = departure.variable;
	switch (departure.kind) {
	case Departure::kBlock:
		sendBlock(departure);
		break;
	case Departure::kMonitor:
		sendMonitor(departure);
		break;
	case Departure::kLogged: {
		unsigned char* body = departure.block;
		std::memcpy(body, &departure.frame, sizeof departure.frame);
		if (variable->file && departure.form == Form::kOriginal) {
			pad(body, departure.count, variable->layout, 0);
			variable->file->write(body, kBodyBytes);
		} else if (variable->file) {
			const Layout& layout = variable->layout;
			std::memcpy(body + 8, &departure.count, sizeof departure.count);
			std::memcpy(body + 12, &departure.lost, sizeof departure.lost);
			size_t end = kLogHeadBytes + departure.count * layout.size;
			size_t from = kLogHeadBytes + fours(layout.capacity * layout.size);
			std::memset(body + end, 0, std::min(fours(end), from) - end);
			if (layout.sparse) {
				std::memmove(body + fours(end), body + from, departure.count * sizeof(uint32_t));
				end = fours(end) + departure.count * sizeof(uint32_t);
			}
			unsigned char rest[8] = {0, 0, 0, 0, 0, 0, 0, 0};
			variable->file->write(body, fours(end));
			if (eights(end) != fours(end))
				variable->file->write(rest, eights(end) - fours(end));
		}
		variable->logRing->drop(departure.room);
		break;
	}
	case Departure::kLogStarted:
		startLog(departure);
		break;
	case Departure::kEnded: {
		const bool two = !departure.log || (variable->file && variable->file->two);
		if (departure.log)
			closeLog(*variable);
		if (!two)
			break;
		JSONObject object;
		object[L"ended"] = text(departure.log ? "log" : "watch");
		object[L"timestamp"] = number(static_cast<double>(departure.frame));
		object[L"values"] = number(static_cast<double>(departure.end));
		object[L"watcher"] = text(variable->name);
		say(L"watcher2", object, WSServer::kThreadOther);
		break;
	}
	case Departure::kTaken:
	case Departure::kRefused: {
		Waiting taken;
		{
			const std::lock_guard<std::mutex> lock(mutex);
			const auto found = waiting.find(departure.number);
			if (found == waiting.end())
				break;
			taken = found->second;
			waiting.erase(found);
		}
		JSONObject object = answer(taken.command);
		object[L"id"] = number(taken.id);
		if (departure.kind == Departure::kRefused) {
			object[L"error"] = text("control");
			object[L"watcher"] = text(variable->name);
		} else {
			object[L"timestamp"] = number(static_cast<double>(departure.frame));
		}
		say(L"watcher2", object, WSServer::kThreadOther);
		break;
	}
	case Departure::kForgotten: {
		const std::lock_guard<std::mutex> lock(mutex);
		freeSlots.push_back(variable->slot);
		freeIds[std::make_pair(variable->type, kBodyBytes)].push_back(variable->id); // nothing more goes out under it
		leaving.erase(std::find(leaving.begin(), leaving.end(), variable));
		delete variable;
		break;
	}
	}
}

void Core::startLog(const Departure& departure)
{
	Variable& variable = *departure.variable;
	if (!variable.file)
		return;
	LogFile& file = *variable.file;
	const double rate = static_cast<double>(sampleRate.load(std::memory_order_relaxed));
	const std::string header = file.two ? fileHeader(variable, rate, departure.frame) : originalHeader(variable);
	const std::vector<unsigned char> bytes(header.begin(), header.end());
	file.write(bytes.data(), bytes.size());
	JSONObject object;
	if (file.two)
		object = answer("log");
	if (file.hasId)
		object[L"id"] = number(file.id);
	object[L"logFileName"] = text(file.file.getName());
	object[L"timestamp"] = number(static_cast<double>(departure.frame));
	object[L"timestampEnd"] = number(static_cast<double>(departure.end));
	object[L"watcher"] = text(variable.name);
	say(file.two ? L"watcher2" : L"watcher", object, WSServer::kThreadOther);
}

/// Writes the rest, and lets the variable be logged again.
void Core::closeLog(Variable& variable)
{
	if (variable.file) {
		variable.file->file.requestFlush();
		variable.file->file.cleanup(false);
		variable.file.reset();
	}
	const std::lock_guard<std::mutex> lock(mutex);
	variable.logOpen = false;
}

namespace {

/// The Gui takes pointers to the variable's type: from that it makes the header.
int sendTyped(Gui& gui, char type, unsigned int id, void* body, size_t bytes)
{
	switch (type) {
	case 'c':
		return gui.sendBuffer(id, static_cast<char*>(body), bytes);
	case 'i':
		return gui.sendBuffer(id, static_cast<int*>(body), bytes / sizeof(int));
	case 'j':
		return gui.sendBuffer(id, static_cast<unsigned int*>(body), bytes / sizeof(int));
	case 'f':
		return gui.sendBuffer(id, static_cast<float*>(body), bytes / sizeof(float));
	default:
		return gui.sendBuffer(id, static_cast<double*>(body), bytes / sizeof(double));
	}
}

} // namespace

void Core::sendBlock(const Departure& departure)
{
	Variable& variable = *departure.variable;
	const Layout& layout = variable.layout;
	const bool original = departure.form == Form::kOriginal;
	unsigned char* body = departure.block;
	std::memcpy(body, &departure.frame, sizeof departure.frame);
	size_t bytes = kBodyBytes;
	if (original || layout.sparse) {
		pad(body, departure.count, layout, original ? 0 : 0xff);
	} else {
		unsigned char* last = body + kHeadBytes + (departure.count - 1) * layout.size;
		std::memcpy(last + layout.size, last, layout.size);
		bytes = kHeadBytes + (departure.count + 1) * layout.size;
	}
	sentAtOnce += bytes;
	if (sendTyped(gui, variable.type, variable.id, body, bytes) != 0)
		variable.lostWatched.fetch_add(departure.count, std::memory_order_relaxed);
	(original ? variable.watch1Ring : variable.watch2Ring)->drop(departure.room);
}

void Core::sendMonitor(const Departure& departure)
{
	Variable& variable = *departure.variable;
	double body[2]; // aligned for every type
	unsigned char* bytes = static_cast<unsigned char*>(static_cast<void*>(body));
	std::memcpy(bytes, &departure.frame, sizeof departure.frame);
	std::memcpy(bytes + kHeadBytes, departure.value, sizeof departure.value);
	sentAtOnce += kHeadBytes + variable.layout.size;
	if (sendTyped(gui, variable.type, variable.id, bytes, kHeadBytes + variable.layout.size) != 0)
		variable.lostMonitored.fetch_add(1, std::memory_order_relaxed);
}

// --------------------------------------------------------------------------------------------- the clients' commands
// [callback-thread]

namespace {

const JSONValue* find(const JSONObject& object, const wchar_t* key)
{
	const auto found = object.find(key);
	return found == object.end() ? nullptr : found->second;
}

/// The array of that name; an empty one if there is none.
const JSONArray& array(const JSONObject& object, const wchar_t* key)
{
	static const JSONArray none;
	const JSONValue* value = find(object, key);
	return value && value->IsArray() ? value->AsArray() : none;
}

std::string word(const JSONValue* value) { return value && value->IsString() ? narrowed(value->AsString()) : ""; }

/// As the original: a truth is 0 or 1, and what is no number is 0.
double loose(const JSONValue* value)
{
	if (value && value->IsNumber())
		return value->AsNumber();
	return value && value->IsBool() && value->AsBool() ? 1.0 : 0.0;
}

double nth(const JSONArray& values, size_t n) { return n < values.size() ? loose(values[n]) : 0.0; }

bool isCount(const JSONValue* value, double most)
{
	if (!value || !value->IsNumber())
		return false;
	const double number_ = value->AsNumber();
	return finite(number_) && number_ >= 0 && number_ <= most &&
	       static_cast<double>(static_cast<uint64_t>(number_)) == number_;
}

/// A file of that name can be made here, or one beside it.
bool writable(const std::string& name)
{
	std::string probe = name + ".XXXXXX"; // a name that nothing has
	const int file = mkstemp(&probe[0]);
	if (file < 0)
		return false;
	close(file);
	std::remove(probe.c_str());
	return true;
}

std::string fileName(const std::string& name)
{
	std::string file;
	for (const char c : name.substr(0, kLongestFileName)) {
		const unsigned char byte = static_cast<unsigned char>(c);
		file += c == '/' || byte < 0x20 || byte == 0x7f ? '_' : c;
	}
	if (file[0] == '.')
		file[0] = '_';
	return file + ".bin";
}

/// One message: what it asks of the audio thread, and the answers that it waits for. Under the mutex.
class Message {
public:
	explicit Message(Core& core) : core_(core) {}

	void read(const JSONArray& elements)
	{
		for (const JSONValue* element : elements) {
			if (!element || !element->IsObject())
				continue;
			const JSONObject& object = element->AsObject();
			const JSONValue* protocol = find(object, L"protocol");
			if (protocol && protocol->IsNumber() && protocol->AsNumber() >= 2)
				second(object);
			else if (!first(object))
				break;
		}
		post();
	}

private:
	struct Command { // of protocol 2, in the making
		std::string name;
		bool hasId = false;
		double id = 0;
		std::vector<Variable*> variables;
		std::vector<Request> requests;
	};
	using Act = bool (Message::*)(const JSONObject&, Command&);

	Variable* named(const JSONValue* name)
	{
		const auto found = core_.byName.find(word(name));
		return found == core_.byName.end() ? nullptr : found->second;
	}

	// ---- protocol 1: what is missing is empty, and what is wrong is nothing

	/// False when the rest of the message is dropped.
	bool first(const JSONObject& object)
	{
		const std::string command = word(find(object, L"cmd"));
		const JSONArray& names = array(object, L"watchers");
		if (command == "list")
			list();
		else if (command == "watch" || command == "unwatch" || command == "log" || command == "unlog")
			stream(command, object, names);
		else if (command == "monitor")
			monitor(names, array(object, L"periods"));
		else if (command == "control" || command == "uncontrol")
			control(names, command == "control");
		else if (command == "set" || command == "setMask")
			return set(command == "set", object, names);
		return true;
	}

	void stream(const std::string& command, const JSONObject& object, const JSONArray& names)
	{
		const JSONArray& times = array(object, L"timestamps");
		const JSONArray& durations = array(object, L"durations");
		for (size_t n = 0; n < names.size(); n++) {
			Variable* variable = named(names[n]);
			if (!variable)
				continue;
			Request request;
			request.variable = variable;
			request.at = frames(nth(times, n));
			request.duration = frames(nth(durations, n));
			request.kind = command == "watch"     ? Request::kWatch
			               : command == "unwatch" ? Request::kUnwatch
			               : command == "log"     ? Request::kLog
			                                      : Request::kUnlog;
			if (request.kind == Request::kWatch)
				request.ring = ring(variable->watch1Ring, *variable);
			if (request.kind == Request::kLog) {
				if (variable->logOpen || !writable(fileName(variable->name)))
					continue;
				logs_.emplace_back(variable, variable->logFileName);
				openLog(*variable, false, nullptr);
				request.ring = ring(variable->logRing, *variable);
			}
			batch_.push_back(request);
		}
	}

	void monitor(const JSONArray& names, const JSONArray& periods)
	{
		for (size_t n = 0; n < names.size(); n++) {
			Variable* variable = named(names[n]);
			if (!variable)
				continue;
			if (n >= periods.size())
				return;
			Request request;
			request.kind = Request::kMonitor;
			request.variable = variable;
			request.number = static_cast<uint32_t>(frames(loose(periods[n])) & kMaxPeriod);
			monitors_.push_back(Shown{variable, variable->shownPeriod.load(std::memory_order_relaxed), variable->monitorReads});
			variable->shownPeriod.store(request.number, std::memory_order_relaxed); // a list behind it shows it
			variable->monitorReads = false;
			batch_.push_back(request);
		}
	}

	/// It counts at once, as the original's does, unless one of protocol 2 is before it.
	void control(const JSONArray& names, bool remote)
	{
		for (const JSONValue* name : names) {
			Variable* variable = named(name);
			if (!variable)
				continue;
			if (wishes_.count(variable) || variable->controlsWaiting.load(std::memory_order_acquire)) {
				batch_.push_back(controlRequest(*variable, remote, std::string()));
				continue;
			}
			variable->control(remote);
			variable->controller.clear();
			variable->byProgram.store(false, std::memory_order_relaxed);
			if (!remote && core_.valuesGiven != core_.valuesDone.load(std::memory_order_relaxed))
				batch_.push_back(requestFor(Request::kDrop, *variable, 0));
		}
	}

	Request controlRequest(Variable& variable, bool remote, const std::string& controller)
	{
		Request request = requestFor(Request::kControl, variable, 0);
		request.number = remote ? 1 : 0;
		wishes_[&variable] = Wish{remote, controller};
		return request;
	}

	/// Clients control it by the time at which this message acts.
	bool willBeControlled(Variable& variable) const
	{
		const auto wish = wishes_.find(&variable);
		if (wish != wishes_.end())
			return wish->second.remote;
		const bool waits = variable.controlsWaiting.load(std::memory_order_acquire) != 0;
		return waits ? variable.controlWish : variable.isControlled();
	}

	bool set(bool plain, const JSONObject& object, const JSONArray& names)
	{
		const JSONArray& values = array(object, L"values");
		const JSONArray& masks = array(object, L"masks");
		if (values.size() != names.size())
			return false;
		for (size_t n = 0; n < names.size(); n++) {
			Variable* variable = named(names[n]);
			if (!variable)
				continue;
			if (plain)
				variable->setRemote(loose(values[n]));
			else if (n < masks.size())
				variable->maskRemote(converted<unsigned int>(loose(values[n])),
				                     converted<unsigned int>(loose(masks[n])));
			else
				return false; // the original reads behind the end of the list
		}
		return true;
	}

	void list()
	{
		JSONArray entries;
		for (const Variable* variable : core_.variables)
			entries.push_back(new JSONValue(entry(*variable)));
		JSONObject object;
		object[L"sampleRate"] = number(static_cast<double>(core_.sampleRate.load(std::memory_order_relaxed)));
		object[L"timestamp"] = number(static_cast<double>(core_.timestamp.load(std::memory_order_relaxed)));
		object[L"watchers"] = new JSONValue(entries);
		core_.say(L"watcher", object, WSServer::kThreadCallback);
	}

	static JSONObject entry(const Variable& variable)
	{
		JSONObject object;
		object[L"controlled"] = truth(variable.isControlled());
		object[L"logFileName"] = text(variable.logFileName);
		object[L"logged"] = truth(variable.logged.load(std::memory_order_relaxed));
		object[L"monitor"] = number(variable.shownPeriod.load(std::memory_order_relaxed));
		object[L"name"] = text(variable.name);
		object[L"timestampMode"] = number(variable.layout.sparse ? 1 : 0);
		object[L"type"] = text(std::string(1, variable.type));
		object[L"value"] = number(variable.value());
		object[L"valueInput"] = number(variable.ownValue());
		object[L"watched"] = truth(variable.watched1.load(std::memory_order_relaxed));
		return object;
	}

	// ---- protocol 2: all of a command or nothing of it

	void second(const JSONObject& object)
	{
		static const std::map<std::string, Act> acts = {
		    {"watch", &Message::watch2},     {"unwatch", &Message::unwatch2},     {"log", &Message::log2},
		    {"unlog", &Message::unwatch2},   {"monitor", &Message::monitor2},     {"control", &Message::control2},
		    {"set", &Message::set2},         {"setMask", &Message::set2},         {"uncontrol", &Message::control2},
		};
		Command command;
		command.name = word(find(object, L"cmd"));
		const JSONValue* id = find(object, L"id");
		if (id && !isCount(id, static_cast<double>(kLatest)))
			return fail(command, "type");
		if (id) {
			command.hasId = true;
			command.id = id->AsNumber();
		}
		if (command.name == "list")
			return list2(command);
		const auto act = acts.find(command.name);
		if (act == acts.end())
			return fail(command, "command");
		const JSONValue* names = find(object, L"watchers");
		if (!names || !names->IsArray())
			return fail(command, names ? "type" : "length");
		for (const JSONValue* name : names->AsArray()) {
			if (!name || !name->IsString())
				return fail(command, "type");
			Variable* variable = named(name);
			if (!variable)
				return fail(command, "name", narrowed(name->AsString()));
			command.variables.push_back(variable);
		}
		if (!(this->*act->second)(object, command))
			return; // it has said why
		if (command.hasId && command.name != "log") {
			Request last;
			last.number = core_.nextNumber++;
			for (Request& request : command.requests) {
				if (request.kind != Request::kSet && request.kind != Request::kSetMask)
					continue;
				last.at = std::max(last.at, request.at);
				request.answer = last.number;
			}
			core_.waiting[last.number] = Waiting{command.name, command.id};
			command.requests.push_back(last);
		}
		batch_.insert(batch_.end(), command.requests.begin(), command.requests.end());
		commands_.push_back(command);
	}

	void fail(const Command& command, const char* error, const std::string& variable = std::string())
	{
		JSONObject object = answer(command.name);
		object[L"error"] = text(error);
		if (command.hasId)
			object[L"id"] = number(command.id);
		if (!variable.empty())
			object[L"watcher"] = text(variable);
		core_.say(L"watcher2", object, WSServer::kThreadCallback);
	}

	/// A list beside `watchers`: absent (then it is empty), or as long as that; all in [0, most].
	bool counts(const JSONObject& object, const wchar_t* key, double most, const char* beyond, const Command& command,
	            std::vector<uint64_t>& numbers)
	{
		numbers.assign(command.variables.size(), 0);
		const JSONValue* value = find(object, key);
		if (!value)
			return true;
		if (!value->IsArray())
			return fail(command, "type"), false;
		const JSONArray& values = value->AsArray();
		if (values.size() != numbers.size())
			return fail(command, "length"), false;
		for (size_t n = 0; n < values.size(); n++) {
			const std::string& name = command.variables[n]->name;
			if (!isCount(values[n], 18014398509481984.0))
				return fail(command, "type", name), false;
			if (values[n]->AsNumber() > most)
				return fail(command, beyond, name), false;
			numbers[n] = static_cast<uint64_t>(values[n]->AsNumber());
		}
		return true;
	}

	bool times(const JSONObject& object, const wchar_t* key, const Command& command, std::vector<uint64_t>& numbers)
	{
		return counts(object, key, static_cast<double>(kLatest), "type", command, numbers);
	}

	bool reads(const JSONObject& object, const Command& command, std::vector<bool>& truths)
	{
		truths.assign(command.variables.size(), false);
		const JSONValue* value = find(object, L"reads");
		if (!value)
			return true;
		if (!value->IsArray())
			return fail(command, "type"), false;
		const JSONArray& values = value->AsArray();
		if (values.size() != truths.size())
			return fail(command, "length"), false;
		for (size_t n = 0; n < values.size(); n++) {
			if (!values[n] || !values[n]->IsBool())
				return fail(command, "type", command.variables[n]->name), false;
			truths[n] = values[n]->AsBool();
		}
		return true;
	}

	bool watch2(const JSONObject& object, Command& command)
	{
		std::vector<uint64_t> starts, durations, blocks, latencies;
		std::vector<bool> read_;
		if (!times(object, L"timestamps", command, starts) || !times(object, L"durations", command, durations) ||
		    !counts(object, L"blocks", 4096, "range", command, blocks) ||
		    !counts(object, L"latencies", kMaxPeriod, "range", command, latencies) || !reads(object, command, read_))
			return false;
		for (size_t n = 0; n < command.variables.size(); n++)
			if (blocks[n] > command.variables[n]->layout.most())
				return fail(command, "range", command.variables[n]->name), false;
		for (size_t n = 0; n < command.variables.size(); n++) {
			Variable& variable = *command.variables[n];
			Request request = requestFor(Request::kWatch, variable, starts[n]);
			request.duration = durations[n];
			request.number = blocks[n] ? static_cast<uint32_t>(blocks[n]) : variable.layout.most();
			request.latency = static_cast<uint32_t>(latencies[n]);
			request.reads = read_[n];
			request.ring = ring(variable.watch2Ring, variable);
			command.requests.push_back(request);
		}
		return true;
	}

	bool unwatch2(const JSONObject& object, Command& command)
	{
		std::vector<uint64_t> ends;
		if (!times(object, L"timestamps", command, ends))
			return false;
		const Request::Kind kind = command.name == "unwatch" ? Request::kUnwatch : Request::kUnlog;
		for (size_t n = 0; n < command.variables.size(); n++)
			command.requests.push_back(requestFor(kind, *command.variables[n], ends[n]));
		return true;
	}

	bool log2(const JSONObject& object, Command& command)
	{
		std::vector<uint64_t> starts, durations;
		if (!times(object, L"timestamps", command, starts) || !times(object, L"durations", command, durations))
			return false;
		for (size_t n = 0; n < command.variables.size(); n++) {
			Variable& variable = *command.variables[n];
			const auto end = command.variables.begin() + static_cast<std::ptrdiff_t>(n);
			if (variable.logOpen || std::find(command.variables.begin(), end, &variable) != end)
				return fail(command, "logged", variable.name), false;
			if (!writable(fileName(variable.name)))
				return fail(command, "file", variable.name), false;
		}
		for (size_t n = 0; n < command.variables.size(); n++) {
			Variable& variable = *command.variables[n];
			logs_.emplace_back(&variable, variable.logFileName);
			openLog(variable, true, command.hasId ? &command.id : nullptr);
			Request request = requestFor(Request::kLog, variable, starts[n]);
			request.duration = durations[n];
			request.ring = ring(variable.logRing, variable);
			command.requests.push_back(request);
		}
		return true;
	}

	bool monitor2(const JSONObject& object, Command& command)
	{
		std::vector<uint64_t> periods;
		std::vector<bool> read_;
		if (!find(object, L"periods"))
			return fail(command, "length"), false;
		if (!counts(object, L"periods", kMaxPeriod, "range", command, periods) || !reads(object, command, read_))
			return false;
		for (size_t n = 0; n < command.variables.size(); n++) {
			Variable& variable = *command.variables[n];
			Request request = requestFor(Request::kMonitor, variable, 0);
			request.number = static_cast<uint32_t>(periods[n]);
			request.reads = read_[n];
			command.requests.push_back(request);
		}
		return true;
	}

	bool control2(const JSONObject& object, Command& command)
	{
		const JSONValue* controller = find(object, L"controller");
		const std::string name = word(controller);
		const bool plain = std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
		if ((controller && !controller->IsString()) || name.size() > kLongestController || !plain)
			return fail(command, "type"), false;
		const bool remote = command.name == "control";
		for (Variable* variable : command.variables)
			command.requests.push_back(controlRequest(*variable, remote, remote ? name : std::string()));
		return true;
	}

	bool set2(const JSONObject& object, Command& command)
	{
		const bool plain = command.name == "set";
		const JSONArray& values = array(object, L"values");
		const JSONArray& masks = array(object, L"masks");
		std::vector<uint64_t> at;
		if (values.size() != command.variables.size() || (!plain && masks.size() != values.size()))
			return fail(command, "length"), false;
		if (!times(object, L"timestamps", command, at))
			return false;
		for (size_t n = 0; n < values.size(); n++) {
			Variable& variable = *command.variables[n];
			const JSONValue* value = values[n];
			if (!value || !value->IsNumber() || (!plain && (!masks[n] || !masks[n]->IsNumber())))
				return fail(command, "type", variable.name), false;
			const bool fits = plain ? variable.canHold(value->AsNumber())
			                        : isCount(value, 4294967295.0) && isCount(masks[n], 4294967295.0);
			if (!fits)
				return fail(command, "range", variable.name), false;
			if (!willBeControlled(variable))
				return fail(command, "control", variable.name), false;
			Request request = requestFor(plain ? Request::kSet : Request::kSetMask, variable, at[n]);
			request.value = value->AsNumber();
			request.counted = request.at != 0;
			request.number = plain ? 0 : converted<unsigned int>(masks[n]->AsNumber());
			command.requests.push_back(request);
		}
		return true;
	}

	void list2(const Command& command)
	{
		JSONArray entries, buffers;
		for (const Variable* variable : core_.variables) {
			JSONObject object = entry(*variable);
			const bool on = variable->watched2.load(std::memory_order_relaxed);
			const bool monitored = variable->shownPeriod.load(std::memory_order_relaxed) != 0;
			delete object[L"watched"];
			object[L"block"] = number(on ? variable->blockLimit : 0);
			const bool named_ = variable->isControlled() && !variable->byProgram.load(std::memory_order_relaxed);
			object[L"controller"] = text(named_ ? variable->controller : std::string());
			object[L"id"] = number(variable->id);
			object[L"latency"] = number(on ? variable->blockLatency : 0);
			object[L"lostLogged"] = number(variable->lostLogged.load(std::memory_order_relaxed));
			object[L"lostMonitored"] = number(variable->lostMonitored.load(std::memory_order_relaxed));
			object[L"lostWatched"] = number(variable->lostWatched.load(std::memory_order_relaxed));
			object[L"monitorRead"] = truth(monitored && variable->monitorReads);
			object[L"watchRead"] = truth(on && variable->watchReads);
			object[L"watched"] = truth(on || variable->watched1.load(std::memory_order_relaxed));
			entries.push_back(new JSONValue(object));
		}
		for (const std::shared_ptr<Inbox>& inbox : core_.inboxList) {
			if (!inbox->registered)
				continue;
			JSONObject object;
			object[L"id"] = number(inbox->id);
			object[L"name"] = text(inbox->name);
			object[L"received"] = number(inbox->received.load(std::memory_order_relaxed));
			object[L"size"] = number(static_cast<double>(inbox->size));
			object[L"type"] = text(std::string(1, inbox->type));
			buffers.push_back(new JSONValue(object));
		}
		JSONObject object = answer("list");
		object[L"buffers"] = new JSONValue(buffers);
		if (command.hasId)
			object[L"id"] = number(command.id);
		object[L"protocol"] = number(2);
		object[L"refused"] = number(core_.refused);
		object[L"sampleRate"] = number(static_cast<double>(core_.sampleRate.load(std::memory_order_relaxed)));
		object[L"timestamp"] = number(static_cast<double>(core_.timestamp.load(std::memory_order_relaxed)));
		object[L"watchers"] = new JSONValue(entries);
		core_.say(L"watcher2", object, WSServer::kThreadCallback);
	}

	// ---- both

	static Request requestFor(Request::Kind kind, Variable& variable, uint64_t at)
	{
		Request request;
		request.kind = kind;
		request.two = true;
		request.variable = &variable;
		request.at = at;
		return request;
	}

	static BlockRing* ring(std::unique_ptr<BlockRing>& place, const Variable& variable)
	{
		if (!place)
			place.reset(new BlockRing(variable.slot));
		return place.get();
	}

	static void openLog(Variable& variable, bool two, const double* id)
	{
		variable.file.reset(new LogFile(fileName(variable.name), two));
		variable.file->hasId = id != nullptr;
		variable.file->id = id ? *id : 0;
		variable.logFileName = variable.file->file.getName();
		variable.logOpen = true;
	}

	/// All of a message reaches the audio thread at once, or nothing of it.
	void post()
	{
		const auto isCounted = [](const Request& request) { return request.counted; };
		const size_t values = static_cast<size_t>(std::count_if(batch_.begin(), batch_.end(), isCounted));
		const uint32_t scheduled = core_.valuesGiven - core_.valuesDone.load(std::memory_order_acquire);
		const bool never = batch_.size() > kRequests;
		if (never || scheduled + values > kRequests || !core_.requests.hasRoom(static_cast<uint32_t>(batch_.size())))
			return takeBack(never ? "size" : "busy");
		for (const Request& request : batch_) {
			if (request.variable) {
				request.variable->handed = true;
				show(request, *request.variable);
			}
			core_.requests.put(request);
		}
		for (const auto& wish : wishes_) {
			wish.first->controlWish = wish.second.remote;
			wish.first->controller = wish.second.controller;
		}
		core_.valuesGiven += static_cast<uint32_t>(values);
		core_.requests.publish();
	}

	/// What lists tell of a request.
	static void show(const Request& request, Variable& variable)
	{
		if (request.kind == Request::kControl) {
			variable.controlsWaiting.fetch_add(1, std::memory_order_relaxed);
		} else if (request.kind == Request::kWatch && request.two) {
			variable.blockLimit = request.number;
			variable.blockLatency = request.latency;
			variable.watchReads = request.reads;
		} else if (request.kind == Request::kMonitor && request.two) {
			variable.shownPeriod.store(request.number, std::memory_order_relaxed);
			variable.monitorReads = request.reads;
		}
	}

	/// Nothing of the message has happened.
	void takeBack(const char* error)
	{
		for (const Request& request : batch_)
			if (request.kind == Request::kAnswer)
				core_.waiting.erase(request.number);
		for (const auto& log : logs_) {
			log.first->file->file.cleanup(true);
			log.first->file.reset();
			log.first->logOpen = false;
			log.first->logFileName = log.second;
		}
		for (auto shown = monitors_.rbegin(); shown != monitors_.rend(); ++shown) {
			shown->variable->shownPeriod.store(shown->period, std::memory_order_relaxed);
			shown->variable->monitorReads = shown->reads;
		}
		for (const Command& command : commands_)
			fail(command, error);
	}

	struct Wish { // of the last `control` in this message
		bool remote;
		std::string controller;
	};
	struct Shown { // a monitor, before this message
		Variable* variable;
		uint32_t period;
		bool reads;
	};

	Core& core_;
	std::vector<Request> batch_;
	std::vector<Command> commands_;
	std::map<Variable*, Wish> wishes_;
	std::vector<std::pair<Variable*, std::string>> logs_; // opened by it, and the name of the file before
	std::vector<Shown> monitors_;
};

} // namespace

/// A JSON object came from a client; true lets the Gui see it as well. [callback-thread]
bool Core::controlReceived(JSONObject& root)
{
	const std::lock_guard<std::mutex> lock(mutex);
	if (closed)
		return true;
	clientsActive.store(gui.numActiveConnections() != 0, std::memory_order_release);
	lively = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
	try {
		const JSONArray& elements = array(root, L"watcher");
		if (!elements.empty())
			Message(*this).read(elements);
		startSender();
	} catch (const std::exception& error) { // no memory, or no thread: the program goes on
		std::fprintf(stderr, "Watcher: a command was lost: %s\n", error.what());
	}
	wakeSender.notify_one();
	return true;
}

/// Bytes came from a client; true lets the Gui take them into its own buffers. [callback-thread]
bool Core::binaryReceived(const unsigned char* data, size_t size)
{
	constexpr size_t head = 16;
	const std::lock_guard<std::mutex> lock(mutex);
	if (closed)
		return true;
	uint32_t id = 0, count = 0;
	if (data && size >= head) {
		std::memcpy(&id, data, sizeof id);
		std::memcpy(&count, data + 8, sizeof count);
	}
	const char type = size >= head ? static_cast<char>(data[4]) : '\0';
	const size_t bytes = type == 'c' ? 1 : type == 'd' ? 8 : type == 'i' || type == 'j' || type == 'f' ? 4 : 0;
	if (bytes == 0 || count > (size - head) / bytes) {
		refused++;
		return false; // the Gui would read what is not there
	}
	for (const std::shared_ptr<Inbox>& inbox : inboxList) {
		if (inbox->registered && inbox->id == id) {
			if (inbox->type == type)
				inbox->put(data + head, count * bytes);
			else
				refused++;
			return false;
		}
	}
	return true;
}

// --------------------------------------------------------------------------------------------------- registration
// [setup-thread], but for Inbox, see Watcher.h

Core::Core(Gui& gui_) : gui(gui_)
{
	wakes.fill(kNever);
	known.fill(nullptr);
	readers.fill(nullptr);
	for (std::atomic<Inbox*>& inbox : inboxes)
		inbox.store(nullptr, std::memory_order_relaxed);
}

Core::~Core()
{
	for (std::vector<Variable*>* list : {&variables, &forgotten, &leaving})
		for (Variable* variable : *list)
			delete variable;
}

/// Gives the variable its place, in the audio thread's tables and in memory; nullptr when there is none.
unsigned char* Core::place(Variable& variable)
{
	const std::lock_guard<std::mutex> lock(mutex);
	if (!freeSlots.empty()) {
		variable.slot = freeSlots.back();
		freeSlots.pop_back();
	} else if (usedSlots < kMaxVariables) {
		variable.slot = usedSlots++;
	} else {
		return nullptr;
	}
	constexpr size_t bytes = sizeof(Hot<double>);
	static_assert(bytes >= sizeof(Hot<char>) && bytes >= sizeof(Hot<float>), "each fits into the place of another one");
	std::unique_ptr<unsigned char[]>& together = hots[variable.slot / kTogether];
	if (!together)
		together.reset(new unsigned char[kTogether * bytes + kLine]);
	return lined(together.get()) + variable.slot % kTogether * bytes;
}

/// The name, or with a number behind it, so that no variable and no array has it. Under the mutex.
std::string Core::freeName(const std::string& base) const
{
	std::string name = base;
	const auto has = [&name](const std::shared_ptr<Inbox>& inbox) { return inbox->name == name; };
	for (unsigned int n = 1; byName.count(name) || std::any_of(inboxList.begin(), inboxList.end(), has); n++)
		name = base + "~" + std::to_string(n);
	return name;
}

/// Gives the variable its name and its id.
void Core::add(Variable& variable, const std::string& name)
{
	const std::string base = listed(name);
	const std::lock_guard<std::mutex> lock(mutex);
	if (variable.slot == kMaxVariables) {
		std::fprintf(stderr, "Watcher: there are %u variables, so %s is listed to nobody\n", kMaxVariables, base.c_str());
		return;
	}
	variable.core = this;
	variable.name = freeName(base);
	variable.id = bufferFor(variable.type, kBodyBytes);
	byName[variable.name] = &variable;
	variables.push_back(&variable);
}

void Core::remove(Variable& variable)
{
	const std::lock_guard<std::mutex> lock(mutex);
	if (!variable.core) {
		delete &variable;
		return;
	}
	variables.erase(std::find(variables.begin(), variables.end(), &variable));
	byName.erase(variable.name);
	if (!variable.handed) {
		freeSlots.push_back(variable.slot);
		freeIds[std::make_pair(variable.type, kBodyBytes)].push_back(variable.id);
		delete &variable;
		return;
	}
	forgotten.push_back(&variable);
	forgetSome();
}

/// Tells the audio thread what is gone, as long as it takes it. Under the mutex.
void Core::forgetSome()
{
	while (!forgotten.empty()) {
		Request request;
		request.kind = Request::kForget;
		request.variable = forgotten.back();
		if (!requests.push(request))
			return;
		leaving.push_back(forgotten.back());
		forgotten.pop_back();
	}
}

/// The number of one of the Gui's buffers, which can never be given back to it: one that nobody has any more, or a new one.
unsigned int Core::bufferFor(char type, size_t size)
{
	std::vector<unsigned int>& old = freeIds[std::make_pair(type, size)];
	if (old.empty())
		return gui.setBuffer(type, static_cast<unsigned int>(size));
	const unsigned int id = old.back();
	old.pop_back();
	return id;
}

/// Under the mutex.
void Core::registerInbox(Inbox& inbox)
{
	inbox.id = bufferFor(inbox.type, inbox.size);
	inbox.registered = true;
	const uint32_t count = inboxCount.load(std::memory_order_relaxed);
	uint32_t place = 0;
	while (place < count && inboxes[place].load(std::memory_order_relaxed))
		place++;
	if (place == kMaxInboxes) {
		std::fprintf(stderr, "Watcher: there are %u arrays, so %s stays empty\n", kMaxInboxes, inbox.name.c_str());
		inbox.registered = false;
		freeIds[std::make_pair(inbox.type, inbox.size)].push_back(inbox.id);
		return;
	}
	inboxes[place].store(&inbox, std::memory_order_release);
	if (place == count)
		inboxCount.store(count + 1, std::memory_order_release);
}

/// No command is taken any more, and all files are whole. [setup-thread]
void Core::close()
{
	{
		const std::lock_guard<std::mutex> lock(mutex);
		closed = true;
		stopping = true;
		wakeSender.notify_all();
	}
	if (sender.joinable())
		sender.join();
	drain(~size_t(0));
	closeRuns();
	drain(~size_t(0));
	for (Variable* variable : variables)
		closeLog(*variable);
}

Inbox::Inbox(std::string name_, char type_, size_t bytesOfValue, size_t size_)
    : name(std::move(name_)), type(type_), valueBytes(bytesOfValue), size(size_)
{
	for (std::unique_ptr<unsigned char[]>& array_ : arrays)
		array_.reset(new unsigned char[size * valueBytes + 1]()); // all 0; never of no bytes
}

void Inbox::put(const unsigned char* data, size_t bytes)
{
	const size_t taken = std::min(bytes, size * valueBytes);
	std::memcpy(arrays[back].get(), data, taken);
	std::memset(arrays[back].get() + taken, 0, size * valueBytes - taken);
	counts[back] = taken / valueBytes;
	received.fetch_add(1, std::memory_order_release);
	back = middle.exchange(back | kFresh, std::memory_order_acq_rel) & 3;
}

bool Inbox::turn()
{
	if (!(middle.load(std::memory_order_relaxed) & kFresh))
		return false;
	front = middle.exchange(front, std::memory_order_acq_rel) & 3;
	return true;
}

std::shared_ptr<Inbox> makeInbox(const std::shared_ptr<Core>& core, const std::string& name, char type,
                                 size_t bytesOfValue, size_t size)
{
	const std::lock_guard<std::mutex> lock(core->mutex);
	std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>(core->freeName(listed(name)), type, bytesOfValue, size);
	core->inboxList.push_back(inbox);
	if (core->ready)
		core->registerInbox(*inbox);
	return inbox;
}

void dropInbox(const std::shared_ptr<Core>& core, const std::shared_ptr<Inbox>& inbox)
{
	const std::lock_guard<std::mutex> lock(core->mutex);
	for (std::atomic<Inbox*>& place : core->inboxes)
		if (place.load(std::memory_order_relaxed) == inbox.get())
			place.store(nullptr, std::memory_order_seq_cst);
	core->inboxList.erase(std::find(core->inboxList.begin(), core->inboxList.end(), inbox));
	if (inbox->registered)
		core->freeIds[std::make_pair(inbox->type, inbox->size)].push_back(inbox->id);
	// those that went two looks ago: the audio thread began to look after they had gone
	const uint32_t looks = core->looks.load(std::memory_order_acquire);
	const auto seen = [looks](const std::pair<uint32_t, std::shared_ptr<Inbox>>& old) { return looks - old.first >= 2; };
	core->oldInboxes.erase(std::remove_if(core->oldInboxes.begin(), core->oldInboxes.end(), seen), core->oldInboxes.end());
	core->oldInboxes.emplace_back(looks, inbox);
}

template <typename T> Hot<T>* makeVariable(const std::shared_ptr<Core>& core, const std::string& name, bool sparse, T value)
{
	std::unique_ptr<Cell<T>> cell(new Cell<T>(sparse));
	unsigned char* memory = core ? core->place(*cell) : nullptr;
	if (!memory) {
		cell->ownMemory.reset(new unsigned char[sizeof(Hot<T>) + kLine]);
		memory = lined(cell->ownMemory.get());
	}
	cell->touched = new (memory) Hot<T>(*cell, core.get(), value);
	if (core)
		core->add(*cell, name);
	return &cell.release()->hot();
}

template <typename T> void dropVariable(const std::shared_ptr<Core>& core, Hot<T>* variable)
{
	Cell<T>* cell = variable->cell;
	if (core)
		core->remove(*cell);
	else
		delete cell;
}

template <typename T> unsigned int lastMask(const Hot<T>& variable)
{
	return variable.cell->mask.load(std::memory_order_relaxed);
}

template <typename T> void control(Hot<T>& variable, bool remote)
{
	variable.cell->byProgram.store(true, std::memory_order_relaxed);
	variable.cell->control(remote);
}

#define WATCHING_INSTANTIATE(T)                                                                                          \
	template void assigned<T>(Hot<T>&);                                                                                  \
	template Hot<T>* makeVariable<T>(const std::shared_ptr<Core>&, const std::string&, bool, T);                         \
	template void dropVariable<T>(const std::shared_ptr<Core>&, Hot<T>*);                                                \
	template unsigned int lastMask<T>(const Hot<T>&);                                                                    \
	template void control<T>(Hot<T>&, bool);
WATCHING_INSTANTIATE(char)
WATCHING_INSTANTIATE(int)
WATCHING_INSTANTIATE(unsigned int)
WATCHING_INSTANTIATE(float)
WATCHING_INSTANTIATE(double)
#undef WATCHING_INSTANTIATE

} // namespace watching

// ------------------------------------------------------------------------------------------- the public functions

WatcherManager* Bela_getDefaultWatcherManager()
{
	static Gui gui;
	static WatcherManager manager(gui);
	return &manager;
}

WatcherManager::WatcherManager(Gui& gui) : gui_(gui), core_(std::make_shared<watching::Core>(gui))
{
	const std::shared_ptr<watching::Core> core = core_; // the Gui's thread may outlive us
	gui.setControlDataCallback([core](JSONObject& root, void*) { return core->controlReceived(root); });
	gui.setBinaryDataCallback(
	    [core](const std::string&, const WSServerDetails*, const unsigned char* data, std::size_t size, void*) {
		    return core->binaryReceived(data, size);
	    });
}

WatcherManager::~WatcherManager() { core_->close(); }

void WatcherManager::setup(float sampleRate)
{
	const std::lock_guard<std::mutex> lock(core_->mutex);
	core_->sampleRate.store(sampleRate, std::memory_order_relaxed);
	core_->ready = true;
	for (const std::shared_ptr<watching::Inbox>& inbox : core_->inboxList)
		if (!inbox->registered)
			core_->registerInbox(*inbox);
}

void WatcherManager::tick(std::uint64_t frames, bool full) { core_->tick(frames, full); }
