// server.h - a WebSocket server with two endpoints, as silent and as strict as the board's.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

struct WSServerDetails;

namespace host {

enum class Endpoint { control, data };

/// What a server tells; all of it on its own thread.
struct ServerEvents {
	std::function<void(WSServerDetails&, Endpoint)> opened;
	std::function<void(WSServerDetails&, Endpoint, const unsigned char* message, std::size_t size)> received;
	std::function<void(WSServerDetails&, Endpoint)> closed; ///< of one that was opened
};

/// Listens on `/<name>_control` and `/<name>_data`; every other path is not found.
///
/// It never says why it ends a connection, and sends no Close frame. It ends the connection of a client that sends a
/// message of 32 768 bytes or more, or one in fragments, and of one that has left 16 MiB unread.
class Server {
public:
	/// Takes the port; throws std::system_error when it cannot.
	Server(const std::string& address, unsigned short port, const std::string& name, ServerEvents events);
	~Server();

	void start(); ///< once: from now on events may come
	void stop();  ///< ends all connections; when it returns, no event comes any more

	unsigned short port() const;

	/// Sends a message to all clients of an endpoint. [any-thread but the audio thread]
	void send(Endpoint endpoint, std::string message);

	/// Sends a binary message to all data clients, by way of a queue for 600 kB. False when it is full: the message
	/// is lost. Neither lock nor allocation. [any-thread]
	bool sendData(const void* data, std::size_t size);

private:
	struct Inside;
	std::unique_ptr<Inside> inside_;
};

} // namespace host
