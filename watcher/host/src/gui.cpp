// gui.cpp - the two WebSockets as programs see them: greeting, who is active, callbacks, buffers.
#include "run.h"
#include "server.h"
#include "settings.h"

#include <libraries/Gui/Gui.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <set>
#include <system_error>

namespace {

constexpr unsigned DEFAULT_PORT = 5555;
constexpr std::size_t HEAD_BYTES = 16; // of a client's buffer: uint32 id, 4 bytes type, uint32 count, 4 bytes 0
constexpr std::size_t LONGEST_HEADER = 64; // "<id>/<type>" of our buffers; types of programs may have long names

} // namespace

struct Gui::Inside {
	void opened(WSServerDetails&, host::Endpoint endpoint)
	{
		if (endpoint != host::Endpoint::control)
			return;
		++connections;
		JSONObject greeting{{L"event", new JSONValue(L"connection")}};
		if (!project.empty())
			greeting[L"projectName"] = new JSONValue(JSON::s2ws(project));
		server->send(endpoint, JSON::ws2s(JSONValue(greeting).Stringify()));
	}

	void closed(WSServerDetails& client, host::Endpoint endpoint)
	{
		if (endpoint != host::Endpoint::control)
			return;
		--connections;
		activate(client, false);
	}

	void received(WSServerDetails& client, host::Endpoint endpoint, const unsigned char* data, std::size_t size)
	{
		if (endpoint == host::Endpoint::control)
			control(client, std::string(reinterpret_cast<const char*>(data), size));
		else
			binary(client, data, size);
	}

	void control(WSServerDetails& client, const std::string& text)
	{
		const std::unique_ptr<JSONValue> value(JSON::Parse(text.c_str())); // what follows a zero byte is not there
		if (!value || !value->IsObject())
			return;
		JSONObject root = value->AsObject();
		if (const auto callback = copy(controlCallback))
			if (!callback->first(root, callback->second))
				return;
		const auto event = root.find(L"event");
		if (event == root.end())
			return;
		const std::wstring& what = event->second->AsString();
		if (what == L"connection-reply" || what == L"active")
			activate(client, true);
		else if (what == L"inactive")
			activate(client, false);
	}

	void binary(WSServerDetails& client, const unsigned char* data, std::size_t size)
	{
		if (const auto callback = copy(binaryCallback))
			if (!callback->first(address + "_data", &client, data, size, callback->second))
				return;
		if (size < HEAD_BYTES)
			return;
		std::uint32_t id, count;
		std::memcpy(&id, data, sizeof(id));
		std::memcpy(&count, data + 8, sizeof(count));
		const std::lock_guard<std::mutex> lock(mutex);
		if (id >= buffers.size() || buffers[id]->getType() != static_cast<char>(data[4]))
			return;
		const unsigned bytes = std::max(1u, DataBuffer::bytesOf(buffers[id]->getType()));
		buffers[id]->fill(data + HEAD_BYTES, std::min<std::size_t>(count, (size - HEAD_BYTES) / bytes));
	}

	void activate(WSServerDetails& client, bool active)
	{
		if (active)
			activeClients.insert(&client);
		else
			activeClients.erase(&client);
		activeCount = activeClients.size();
	}

	/// The callback now; it may be replaced while it runs.
	template <typename T> T copy(const T& callback)
	{
		const std::lock_guard<std::mutex> lock(mutex);
		return callback;
	}

	std::string project, address;
	std::atomic<std::size_t> connections{0}, activeCount{0};
	std::set<WSServerDetails*> activeClients; // of the server's thread

	std::mutex mutex; // of what follows: the program's setup and the server's thread. Never the audio thread
	std::shared_ptr<const std::pair<ControlCallback, void*>> controlCallback;
	std::shared_ptr<const std::pair<BinaryCallback, void*>> binaryCallback;
	std::vector<std::unique_ptr<DataBuffer>> buffers;

	std::unique_ptr<host::Server> server; // last: it ends before what its thread uses
};

Gui::Gui() : inside_(new Inside) {}

Gui::Gui(unsigned int port, const std::string& address) : Gui() { setup(port, address); }

Gui::~Gui() { cleanup(); }

int Gui::setup(unsigned int port, const std::string& address) { return setup("", port, address); }

int Gui::setup(const std::string& projectName, unsigned int port, const std::string& address)
{
	cleanup();
	Inside& in = *inside_;
	const host::Settings& settings = host::settings();
	in.project = projectName;
	in.address = address;
	const unsigned wanted = port == DEFAULT_PORT && settings.port >= 0 ? static_cast<unsigned>(settings.port) : port;
	using namespace std::placeholders;
	host::ServerEvents events{std::bind(&Inside::opened, &in, _1, _2), std::bind(&Inside::received, &in, _1, _2, _3, _4),
	                          std::bind(&Inside::closed, &in, _1, _2)};
	try {
		in.server.reset(new host::Server(settings.address, static_cast<unsigned short>(wanted), address, events));
	} catch (const std::system_error& error) {
		std::fprintf(stderr, "cannot listen on %s:%u (%s): choose another port with --port\n", settings.address.c_str(),
		             wanted, error.code().message().c_str());
		host::fail();
		return 1;
	}
	in.server->start();
	std::printf("%s on %s:%u; try: belabridge list --board %s:%u\n", projectName.empty() ? "a program" : projectName.c_str(),
	            settings.address.c_str(), in.server->port(), settings.address.c_str(), in.server->port());
	std::fflush(stdout);
	return 0;
}

void Gui::cleanup()
{
	if (inside_->server)
		inside_->server->stop(); // its thread uses the server to its end
	inside_->server.reset();
}

std::size_t Gui::numConnections() { return inside_->connections; }

std::size_t Gui::numActiveConnections() { return inside_->activeCount; }

unsigned int Gui::setBuffer(char bufferType, unsigned int size)
{
	const std::lock_guard<std::mutex> lock(inside_->mutex);
	inside_->buffers.emplace_back(new DataBuffer(bufferType, size));
	return static_cast<unsigned>(inside_->buffers.size() - 1);
}

DataBuffer& Gui::getDataBuffer(unsigned int bufferId)
{
	const std::lock_guard<std::mutex> lock(inside_->mutex);
	return *inside_->buffers.at(bufferId);
}

void Gui::setControlDataCallback(ControlCallback callback, void* customControlData)
{
	const std::lock_guard<std::mutex> lock(inside_->mutex);
	inside_->controlCallback.reset();
	if (callback)
		inside_->controlCallback = std::make_shared<std::pair<ControlCallback, void*>>(std::move(callback), customControlData);
}

void Gui::setBinaryDataCallback(BinaryCallback callback, void* customBinaryData)
{
	const std::lock_guard<std::mutex> lock(inside_->mutex);
	inside_->binaryCallback.reset();
	if (callback)
		inside_->binaryCallback = std::make_shared<std::pair<BinaryCallback, void*>>(std::move(callback), customBinaryData);
}

int Gui::sendControl(const JSONValue* root, WSServer::CallingThread)
{
	if (!inside_->server || !root)
		return -1;
	inside_->server->send(host::Endpoint::control, JSON::ws2s(root->Stringify()));
	return 0;
}

int Gui::doSendBuffer(const char* type, unsigned int bufferId, const void* data, std::size_t size)
{
	if (!inside_->server)
		return -1;
	char header[LONGEST_HEADER];
	const int length = std::snprintf(header, sizeof(header), "%u/%s", bufferId, type);
	if (length < 0 || static_cast<std::size_t>(length) >= sizeof(header))
		return -1;
	const bool headed = inside_->server->sendData(header, static_cast<std::size_t>(length));
	const bool sent = inside_->server->sendData(data, size); // each is lost on its own, as on the board
	return headed && sent ? 0 : -1;
}
