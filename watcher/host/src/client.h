// client.h - one client's WebSocket, from its handshake to its end.
#pragma once
#include "server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>

/// A connection. All of it happens on the server's thread.
struct WSServerDetails : std::enable_shared_from_this<WSServerDetails> {
	/// Tells what happens to a client, also that it is gone before it was ever open.
	struct Owner {
		std::string name; // of the endpoints
		host::ServerEvents events;
		std::function<void(const std::shared_ptr<WSServerDetails>&)> gone;
	};

	using Message = std::shared_ptr<const std::string>; // one for all clients

	WSServerDetails(boost::asio::ip::tcp::socket socket, std::shared_ptr<const Owner> owner);

	void start();
	void send(Message message); ///< text on the control endpoint, binary on the other
	void drop();                ///< ends without a word
	bool isOpen(host::Endpoint which) const { return open_ && endpoint_ == which; }

private:
	void answer();
	void refuse();
	void read();
	bool take();
	void write();

	boost::beast::websocket::stream<boost::asio::ip::tcp::socket> socket_;
	std::shared_ptr<const Owner> owner_;
	boost::beast::flat_buffer received_;
	boost::beast::http::request<boost::beast::http::empty_body> request_;
	boost::beast::http::response<boost::beast::http::string_body> refusal_;
	host::Endpoint endpoint_ = host::Endpoint::control;
	bool open_ = false, gone_ = false;
	std::deque<Message> queue_; // the first is being written
	std::size_t queueBytes_ = 0;
};
