// Gui.h - the WebSocket server that programs talk to the outside with, as in the board's header of this name.
#pragma once
#include <JSON.h>
#include <libraries/DataBuffer/DataBuffer.h>
#include <libraries/WSServer/WSServer.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

/// Two WebSockets on one port, by default 5555: JSON texts on `/gui_control`, numbers on `/gui_data`.
///
/// The host's `--port` or the environment's BELA_HOST_PORT replaces the port that a program asks for.
class Gui {
public:
	using ControlCallback = std::function<bool(JSONObject&, void*)>;
	using BinaryCallback = std::function<bool(const std::string& address, const WSServerDetails* client,
	                                          const unsigned char* data, std::size_t size, void*)>;

	Gui();
	Gui(unsigned int port, const std::string& address);
	~Gui();
	Gui(const Gui&) = delete;
	Gui& operator=(const Gui&) = delete;

	/// Starts to listen; 0 when it does.
	int setup(unsigned int port = 5555, const std::string& address = "gui");
	int setup(const std::string& projectName, unsigned int port = 5555, const std::string& address = "gui");
	void cleanup();

	bool isConnected() { return numActiveConnections() != 0; } ///< [any-thread]
	std::size_t numConnections();       ///< control clients. [any-thread]
	std::size_t numActiveConnections(); ///< of these, the ones that replied to the greeting. [any-thread]

	/// Room for what clients send; the id by which they name it, and by which `getDataBuffer` does.
	unsigned int setBuffer(char bufferType, unsigned int size);
	DataBuffer& getDataBuffer(unsigned int bufferId);

	/// Called on the WebSocket thread with each JSON object; return true to let the Gui see it as well.
	void setControlDataCallback(ControlCallback callback, void* customControlData = nullptr);
	/// Called on the WebSocket thread with each binary message; return true to let it fill its DataBuffer as well.
	void setBinaryDataCallback(BinaryCallback callback, void* customBinaryData = nullptr);

	/// Sends a JSON value to all control clients. Not from the audio thread. 0 when it was handed over.
	int sendControl(const JSONValue* root, WSServer::CallingThread callingThread = WSServer::kThreadOther);

	/// Sends a header `<id>/<type>` and the values, to all data clients, by way of a bounded queue: what does not
	/// fit is lost, and the result is not 0. No lock, no allocation. [any-thread]
	template <typename T, typename A> int sendBuffer(unsigned int bufferId, std::vector<T, A>& buffer)
	{
		return doSendBuffer(typeid(T).name(), bufferId, buffer.data(), buffer.size() * sizeof(T));
	}
	template <typename T, std::size_t N> int sendBuffer(unsigned int bufferId, T (&buffer)[N])
	{
		return doSendBuffer(typeid(T).name(), bufferId, buffer, N * sizeof(T));
	}
	template <typename T> int sendBuffer(unsigned int bufferId, T* ptr, std::size_t count)
	{
		return doSendBuffer(typeid(T).name(), bufferId, ptr, count * sizeof(T));
	}
	template <typename T> int sendBuffer(unsigned int bufferId, T value)
	{
		return doSendBuffer(typeid(T).name(), bufferId, &value, sizeof(T));
	}

private:
	int doSendBuffer(const char* type, unsigned int bufferId, const void* data, std::size_t size);

	struct Inside; // the server, out of sight of programs
	std::unique_ptr<Inside> inside_;
};
