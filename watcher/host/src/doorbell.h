// doorbell.h - wakes a thread that sleeps until there is something to do, without locks for the one that rings.
#pragma once
#include <atomic>

namespace host {

/// An eventfd that is written only when somebody sleeps.
///
/// The sleeper says that it is about to, looks once more whether there is work, and sleeps; who has made work looks
/// whether it sleeps. All four steps are sequentially consistent, so that one of the two sees the other.
class Doorbell {
public:
	Doorbell();
	~Doorbell();
	Doorbell(const Doorbell&) = delete;
	Doorbell& operator=(const Doorbell&) = delete;

	/// After work was made. One system call at most. [any-thread]
	void ring()
	{
		if (sleeping_.exchange(false, std::memory_order_seq_cst))
			wake();
	}

	/// Sleeps until `ready()` or the time is over (0 or less: no limit); the last `ready()`. [one thread]
	template <typename Ready> bool wait(Ready ready, double timeoutMs)
	{
		const double until = timeoutMs > 0 ? nowMs() + timeoutMs : 0;
		while (!ready()) {
			announce();
			if (ready())
				break;
			const double left = timeoutMs > 0 ? until - nowMs() : -1;
			if (timeoutMs > 0 && left <= 0)
				return false;
			sleep(left);
		}
		return true;
	}

	// The same in steps, for a loop that waits for several things.
	int fd() const { return fd_; } ///< readable when it was rung
	void announce() { sleeping_.store(true, std::memory_order_seq_cst); }
	void hear(); ///< takes the ring, if there was one

private:
	static double nowMs();
	void wake();
	void sleep(double timeoutMs);

	int fd_;
	std::atomic<bool> sleeping_{false};
};

} // namespace host
