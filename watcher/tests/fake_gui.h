// fake_gui.h - a Gui without a network: tests are its clients.
#pragma once
#include <libraries/Gui/Gui.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

/// A header and a body that went to the data clients.
struct Sent {
	std::string header;
	std::vector<unsigned char> body;
};

/// What a test sees and does of a Gui.
class FakeClient {
public:
	explicit FakeClient(Gui& gui);

	void say(const std::string& text) const; ///< a text on /gui_control, on the calling thread
	bool give(const std::vector<unsigned char>& bytes) const; ///< a message on /gui_data; true: the Gui may take it
	void setActive(bool active) const;
	void refuse(bool refuses) const; ///< sendBuffer fails
	void stall(bool stalls) const;   ///< sendBuffer waits
	void keep(bool keeps) const;     ///< what is sent is kept for `sent`
	std::size_t mostAtOnce() const;  ///< bytes that were sent between two questions who is active

	std::vector<std::string> texts() const;
	std::vector<Sent> sent() const;
	std::vector<Sent> sent(const std::string& header) const;
	void clear() const;
	/// The first text that has this in it; waits for it. Empty after 10 s.
	std::string wait(const std::string& part) const;

private:
	Gui& gui_;
};
