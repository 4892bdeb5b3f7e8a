// fake_gui.cpp - the functions of Gui, for clients in the same process.
#include "fake_gui.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace {

struct State {
	std::mutex mutex;
	std::condition_variable heard;
	Gui::ControlCallback control;
	Gui::BinaryCallback binary;
	std::vector<std::string> texts;
	std::vector<Sent> sent;
	std::atomic<bool> active{true}, refuses{false}, stalls{false}, keeps{true};
	std::atomic<std::size_t> atOnce{0}, mostAtOnce{0};
	unsigned int buffers = 0;
};

std::mutex gMutex; // of the map

State& of(const Gui* gui, bool gone = false)
{
	static auto& all = *new std::map<const Gui*, std::unique_ptr<State>>; // for threads that outlive the statics
	const std::lock_guard<std::mutex> lock(gMutex);
	std::unique_ptr<State>& state = all[gui];
	if (!state || gone)
		state.reset(new State);
	return *state;
}

} // namespace

struct Gui::Inside {};
struct WSServerDetails {};

Gui::Gui() { of(this, true); }
Gui::~Gui() {}
int Gui::setup(const std::string&, unsigned int, const std::string&) { return 0; }
std::size_t Gui::numConnections() { return 1; }
std::size_t Gui::numActiveConnections()
{
	of(this).atOnce = 0;
	return of(this).active ? 1 : 0;
}

unsigned int Gui::setBuffer(char, unsigned int)
{
	State& state = of(this);
	const std::lock_guard<std::mutex> lock(state.mutex);
	return state.buffers++;
}

void Gui::setControlDataCallback(ControlCallback callback, void*) { of(this).control = callback; }
void Gui::setBinaryDataCallback(BinaryCallback callback, void*) { of(this).binary = callback; }

int Gui::sendControl(const JSONValue* root, WSServer::CallingThread)
{
	State& state = of(this);
	const std::lock_guard<std::mutex> lock(state.mutex);
	state.texts.push_back(JSON::ws2s(root->Stringify()));
	state.heard.notify_all();
	return 0;
}

int Gui::doSendBuffer(const char* type, unsigned int id, const void* data, std::size_t size)
{
	State& state = of(this);
	while (state.stalls)
		std::this_thread::sleep_for(std::chrono::milliseconds(1));
	state.atOnce += size;
	state.mostAtOnce = std::max<std::size_t>(state.mostAtOnce, state.atOnce);
	if (state.refuses)
		return -1;
	if (!state.keeps)
		return 0;
	const unsigned char* bytes = static_cast<const unsigned char*>(data);
	const std::lock_guard<std::mutex> lock(state.mutex);
	state.sent.push_back(Sent{std::to_string(id) + "/" + type, std::vector<unsigned char>(bytes, bytes + size)});
	return 0;
}

FakeClient::FakeClient(Gui& gui) : gui_(gui) {}

void FakeClient::say(const std::string& text) const
{
	const std::unique_ptr<JSONValue> value(JSON::Parse(text.c_str()));
	if (!value || !value->IsObject())
		return;
	JSONObject root = value->AsObject();
	of(&gui_).control(root, nullptr);
}

bool FakeClient::give(const std::vector<unsigned char>& bytes) const
{
	return of(&gui_).binary("gui_data", nullptr, bytes.data(), bytes.size(), nullptr);
}

void FakeClient::setActive(bool active) const { of(&gui_).active = active; }
void FakeClient::refuse(bool refuses) const { of(&gui_).refuses = refuses; }
void FakeClient::keep(bool keeps) const { of(&gui_).keeps = keeps; }
std::size_t FakeClient::mostAtOnce() const { return of(&gui_).mostAtOnce; }
void FakeClient::stall(bool stalls) const { of(&gui_).stalls = stalls; }

std::vector<std::string> FakeClient::texts() const
{
	State& state = of(&gui_);
	const std::lock_guard<std::mutex> lock(state.mutex);
	return state.texts;
}

std::vector<Sent> FakeClient::sent() const
{
	State& state = of(&gui_);
	const std::lock_guard<std::mutex> lock(state.mutex);
	return state.sent;
}

std::vector<Sent> FakeClient::sent(const std::string& header) const
{
	std::vector<Sent> those;
	for (const Sent& one : sent())
		if (one.header == header)
			those.push_back(one);
	return those;
}

void FakeClient::clear() const
{
	State& state = of(&gui_);
	const std::lock_guard<std::mutex> lock(state.mutex);
	state.texts.clear();
	state.sent.clear();
}

std::string FakeClient::wait(const std::string& part) const
{
	State& state = of(&gui_);
	std::unique_lock<std::mutex> lock(state.mutex);
	std::string found;
	state.heard.wait_for(lock, std::chrono::seconds(10), [&] {
		for (const std::string& text : state.texts)
			if (found.empty() && text.find(part) != std::string::npos)
				found = text;
		return !found.empty();
	});
	return found;
}
