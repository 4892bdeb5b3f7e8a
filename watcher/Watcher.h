// Watcher.h - variables of a Bela program that clients watch, log and control from outside, without touching real time.
//
//     Watcher<float> level("level");                                    // a global, or a member
//     manager = Bela_getDefaultWatcherManager();                        // in setup():
//     manager->getGui().setup(context->projectName);
//     manager->setup(context->audioSampleRate);
//     manager->tick(context->audioFramesElapsed + n); level = x;        // in render(), for each frame or block
//
// What the clients hear is in docs/wire-protocol.md. Who may call a function stands beside it:
// [audio-thread] neither allocates, locks, throws, blocks nor loops without bound. It is the one thread that ticks and assigns.
// [callback-thread] is that of the WebSocket server, [sender-thread] the library's own. [any-thread] is any of them.
// [setup-thread] is any but the audio thread.
#pragma once
#include <libraries/Gui/Gui.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

class WatcherManager;

/// The manager that a program has without making one. The first call, from anywhere, creates it. [setup-thread]
WatcherManager* Bela_getDefaultWatcherManager();

namespace watching {

struct Core;

constexpr std::size_t kLine = 64; // bytes of a line of the caches of all boards and laptops that we know
constexpr std::size_t kStageBytes = 2 * kLine;

/// A type that a variable can have.
template <typename T> struct IsWatchable
    : std::integral_constant<bool, std::is_same<T, char>::value || std::is_same<T, int>::value ||
                                       std::is_same<T, unsigned int>::value || std::is_same<T, float>::value ||
                                       std::is_same<T, double>::value> {};

template <typename T> struct Cell;

/// What an assignment and a reading of a variable touch. The rest of it is out of sight, in Watcher.cpp.
///
/// While one run alone takes the values, they collect on the stage, and leave it two lines of the cache at a time: to write
/// each where it belongs would touch a page for each variable in each frame.
template <typename T> struct Hot {
	/// [setup-thread]
	Hot(Cell<T>& cell_, Core* core_, T value) : own(value), remote(value), cell(&cell_), core(core_) {}

	static constexpr std::size_t kStaged = kStageBytes / sizeof(T); // values on a stage

	std::atomic<T> own;                  // the program's value; written by the audio thread
	std::atomic<T> remote;               // the clients' value; written by whoever hears one
	std::atomic<bool> controlled{false}; // the clients' value counts; stored with release after `remote`
	// of the audio thread alone:
	std::uint32_t laneRest = 0; // values from `lane` to the end of its block
	T* stand = nullptr;    // of the next value on the stage; nullptr: nobody wants it
	T* standEnd = nullptr; // where `assigned` is called
	T* lane = nullptr;     // where the first value of the stage goes in the open block; nullptr: `assigned` decides that
	Cell<T>* const cell;
	Core* const core; // nullptr: no client sees it
	alignas(kLine) T stage[kStaged];
};

template <typename T> void assigned(Hot<T>& variable); ///< the less common half of an assignment. [audio-thread]

// [setup-thread]
template <typename T> Hot<T>* makeVariable(const std::shared_ptr<Core>& core, const std::string& name, bool sparse, T value);
template <typename T> void dropVariable(const std::shared_ptr<Core>& core, Hot<T>* variable);
// [any-thread]
template <typename T> unsigned int lastMask(const Hot<T>& variable);
template <typename T> void control(Hot<T>& variable, bool remote);

/// Arrays from clients: three of them, so that neither side ever waits for the other.
struct Inbox {
	/// [setup-thread]
	Inbox(std::string name, char type, std::size_t bytesOfValue, std::size_t size);

	/// Takes values, `bytes` a multiple of the value's; more than the size are cut. [callback-thread]
	void put(const unsigned char* data, std::size_t bytes);
	/// Lets the newest array be seen; false when there is none newer. [audio-thread]
	bool turn();

	static constexpr unsigned int kFresh = 4; // in `middle`: the array there was not seen yet

	const std::string name;
	const char type;
	const std::size_t valueBytes;
	const std::size_t size;
	unsigned int id = 0;
	bool registered = false;
	std::unique_ptr<unsigned char[]> arrays[3];
	std::size_t counts[3] = {0, 0, 0};    // values of the last message; each with its array
	unsigned int back = 0;                // the array that the callback thread fills, of that thread alone
	std::atomic<unsigned int> middle{1};  // the one between them; each side takes it with an exchange
	unsigned int front = 2;               // the array that the program sees, of the audio thread alone
	std::atomic<unsigned int> received{0}; // messages; written by the callback thread
};

// [setup-thread]
std::shared_ptr<Inbox> makeInbox(const std::shared_ptr<Core>& core, const std::string& name, char type,
                                 std::size_t bytesOfValue, std::size_t size);
void dropInbox(const std::shared_ptr<Core>& core, const std::shared_ptr<Inbox>& inbox);

template <typename T> struct Letter;
template <> struct Letter<char> { static constexpr char value = 'c'; };
template <> struct Letter<int> { static constexpr char value = 'i'; };
template <> struct Letter<unsigned int> { static constexpr char value = 'j'; };
template <> struct Letter<float> { static constexpr char value = 'f'; };
template <> struct Letter<double> { static constexpr char value = 'd'; };

} // namespace watching

/// Knows all variables, speaks with the clients, and keeps the time.
class WatcherManager {
public:
	enum TimestampMode {
		kTimestampBlock = 0,  ///< dense: one timestamp a block of values
		kTimestampSample = 1, ///< sparse: a timestamp for each value
	};

	/// Takes the Gui's control and binary callbacks. The Gui must outlive the manager. [setup-thread]
	explicit WatcherManager(Gui& gui);
	/// Ends the logs that run, after the last tick. [setup-thread]
	~WatcherManager();
	WatcherManager(const WatcherManager&) = delete;
	WatcherManager& operator=(const WatcherManager&) = delete;

	/// The Gui that was given. [any-thread]
	Gui& getGui() { return gui_; }

	/// Tells the rate of the frames, in Hz, which clients ask for. [setup-thread]
	void setup(float sampleRate);

	/// What is assigned from now on, belongs to this frame. Before the assignments of a frame or of a block.
	///
	/// What clients asked for begins in a `full` tick; one that is not only moves the time on. [audio-thread]
	void tick(std::uint64_t frames, bool full = true);

	/// The inside, for the variables. [any-thread]
	const std::shared_ptr<watching::Core>& core() const { return core_; }

private:
	Gui& gui_;
	std::shared_ptr<watching::Core> core_; // shared with the variables and the Gui's callbacks
};

/// A variable that is used like a T, and that clients see under its name.
///
/// Clients of the original protocol take its place in their list for the number in front of its buffers. So that they are
/// right in a program with a WatcherBuffer, construct all variables before `WatcherManager::setup`, and keep them.
///
/// An empty name becomes `(anon)`, a `~` becomes `_`, and the second of one name `name~1`. Assigned by one thread;
/// read by any. While clients control it, it reads as what they set, whatever the program assigns.
template <typename T> class Watcher {
	static_assert(watching::IsWatchable<T>::value, "a Watcher holds char, int, unsigned int, float or double");

public:
	using Mode = WatcherManager::TimestampMode;

	/// A plain variable that no client sees. [setup-thread]
	Watcher() : Watcher(std::string(), WatcherManager::kTimestampBlock, nullptr) {}
	/// [setup-thread]
	explicit Watcher(const std::string& name, Mode mode = WatcherManager::kTimestampBlock,
	                 WatcherManager* manager = Bela_getDefaultWatcherManager(), T value = T())
	    : core_(manager ? manager->core() : nullptr),
	      hot_(watching::makeVariable<T>(core_, name, mode == WatcherManager::kTimestampSample, value))
	{
	}
	/// With an initial value. [setup-thread]
	Watcher(const std::string& name, T value, Mode mode = WatcherManager::kTimestampBlock,
	        WatcherManager* manager = Bela_getDefaultWatcherManager())
	    : Watcher(name, mode, manager, value)
	{
	}
	/// With an initial value of another type, `0` too, which could be no manager as well. [setup-thread]
	template <typename Number, typename = typename std::enable_if<std::is_arithmetic<Number>::value>::type>
	Watcher(const std::string& name, Number value, Mode mode = WatcherManager::kTimestampBlock,
	        WatcherManager* manager = Bela_getDefaultWatcherManager())
	    : Watcher(name, mode, manager, static_cast<T>(value))
	{
	}
	/// Of another manager. [setup-thread]
	Watcher(const std::string& name, WatcherManager* manager, Mode mode = WatcherManager::kTimestampBlock, T value = T())
	    : Watcher(name, mode, manager, value)
	{
	}
	/// Clients forget it. [setup-thread]
	~Watcher()
	{
		if (hot_)
			watching::dropVariable<T>(core_, hot_);
	}
	Watcher(const Watcher&) = delete;
	/// The other one is of no use any more. [setup-thread]
	Watcher(Watcher&& other) noexcept : core_(std::move(other.core_)), hot_(other.hot_) { other.hot_ = nullptr; }

	/// Assigns the other's value. [audio-thread]
	Watcher& operator=(const Watcher& other)
	{
		set(other.get());
		return *this;
	}
	/// As `set`. [audio-thread]
	Watcher& operator=(T value)
	{
		set(value);
		return *this;
	}

	/// The program's own value, which is streamed, monitored and logged. [audio-thread]
	void set(T value)
	{
		watching::Hot<T>& hot = *hot_;
		hot.own.store(value, std::memory_order_relaxed);
		if (T* const stand = hot.stand) {
			*stand = value;
			hot.stand = stand + 1;
			if (stand + 1 == hot.standEnd)
				watching::assigned<T>(hot);
		}
	}

	/// The value: the clients' while they control it, else the program's. [any-thread]
	T get() const
	{
		const watching::Hot<T>& hot = *hot_;
		if (hot.controlled.load(std::memory_order_acquire))
			return hot.remote.load(std::memory_order_relaxed);
		return hot.own.load(std::memory_order_relaxed);
	}
	/// As `get`. [any-thread]
	operator T() const { return get(); }

	/// The mask of the last `setMask` that a client sent, 0 before. [any-thread]
	unsigned int getMask() const { return watching::lastMask<T>(*hot_); }
	/// Takes the value back from the clients, or hands it to them as it is now. [any-thread]
	void localControl(bool enable) { watching::control<T>(*hot_, !enable); }
	/// The program's own value counts. [any-thread]
	bool hasLocalControl() const { return !hot_->controlled.load(std::memory_order_acquire); }

private:
	std::shared_ptr<watching::Core> core_; // nullptr: no client sees it
	watching::Hot<T>* hot_;                // owned: of the core, which forgets it with us; or alone. nullptr: moved away
};

/// An array that clients fill, for `render` to read. A message appears as a whole, at a full tick.
template <typename T> class WatcherBuffer {
	static_assert(watching::IsWatchable<T>::value, "a WatcherBuffer holds char, int, unsigned int, float or double");

public:
	/// All values are 0 at first. [setup-thread]
	WatcherBuffer(const std::string& name, std::size_t size, WatcherManager* manager = Bela_getDefaultWatcherManager())
	    : core_(manager->core()),
	      inbox_(watching::makeInbox(core_, name, watching::Letter<T>::value, sizeof(T), size)), raw_(inbox_.get())
	{
	}
	/// Clients forget it. [setup-thread]
	~WatcherBuffer() { watching::dropInbox(core_, inbox_); }
	WatcherBuffer(const WatcherBuffer&) = delete;
	WatcherBuffer& operator=(const WatcherBuffer&) = delete;

	/// Of the array, in values. [any-thread]
	std::size_t size() const { return raw_->size; }
	/// How many values the array has that is seen now; those behind are 0. [audio-thread]
	std::size_t count() const { return raw_->counts[raw_->front]; }
	/// How many messages were received, to tell a new one. [any-thread]
	unsigned int received() const { return raw_->received.load(std::memory_order_acquire); }
	/// `size()` values, as they stay until the next full tick. [audio-thread]
	const T* data() const
	{
		return static_cast<const T*>(static_cast<const void*>(raw_->arrays[raw_->front].get()));
	}
	/// A value; 0 beyond the end. [audio-thread]
	T operator[](std::size_t n) const { return n < raw_->size ? data()[n] : T(); }

private:
	std::shared_ptr<watching::Core> core_;
	std::shared_ptr<watching::Inbox> inbox_;
	watching::Inbox* raw_; // inbox_.get()
};
