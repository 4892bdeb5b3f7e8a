// server.cpp - a WebSocket server with two endpoints: its thread, and the queue that leads there.
#include "server.h"

#include "client.h"
#include "doorbell.h"
#include "ring.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unistd.h>

#include <chrono>
#include <set>
#include <system_error>
#include <thread>

namespace asio = boost::asio;
using asio::ip::tcp;
using Error = boost::system::error_code;

namespace host {
namespace {

constexpr std::size_t QUEUE_BYTES = 143 * (4 + 4104 + 4 + 5); // as on the board: 143 buffers and their headers
constexpr std::chrono::milliseconds NO_ROOM{100};             // for another client, as without file descriptors: look again then

} // namespace

struct Server::Inside {
	Inside(const std::string& address, unsigned short port, const std::string& name, ServerEvents events)
	    : owner(std::make_shared<WSServerDetails::Owner>()), bellEnd(io, dup(bell.fd()))
	{
		owner->name = name;
		owner->events = std::move(events);
		owner->gone = [this](const std::shared_ptr<WSServerDetails>& client) { clients.erase(client); };
		const tcp::endpoint where(asio::ip::make_address(address), port);
		acceptor.open(where.protocol());
		acceptor.set_option(tcp::acceptor::reuse_address(true));
		acceptor.bind(where);
		acceptor.listen();
	}

	~Inside() { stop(); }

	void start()
	{
		accept();
		listenToBell();
		thread = std::thread([this] { io.run(); });
	}

	void stop()
	{
		if (!thread.joinable())
			return;
		asio::post(io, [this] {
			Error ignored; // all ends
			acceptor.close(ignored);
			pause.cancel();
			bellEnd.close(ignored);
			for (const auto& client : std::set<std::shared_ptr<WSServerDetails>>(clients))
				client->drop();
		});
		thread.join();
	}

	void accept()
	{
		acceptor.async_accept([this](Error error, tcp::socket socket) {
			if (!acceptor.is_open())
				return;
			if (!error) {
				const auto client = std::make_shared<WSServerDetails>(std::move(socket), owner);
				clients.insert(client);
				client->start();
			}
			if (!error || error == asio::error::connection_aborted) {
				accept();
				return;
			}
			pause.expires_after(NO_ROOM);
			pause.async_wait([this](Error) {
				if (acceptor.is_open())
					accept();
			});
		});
	}

	void listenToBell()
	{
		bell.announce();
		if (queue.next() >= 0)
			bell.ring(); // it came in between
		bellEnd.async_wait(asio::posix::stream_descriptor::wait_read, [this](Error error) {
			if (error || !bellEnd.is_open())
				return;
			bell.hear();
			while (queue.next() >= 0) {
				std::string message(static_cast<std::size_t>(queue.next()), '\0');
				queue.take(&message[0], message.size());
				broadcast(Endpoint::data, std::make_shared<const std::string>(std::move(message)));
			}
			listenToBell();
		});
	}

	void broadcast(Endpoint endpoint, const WSServerDetails::Message& message)
	{
		for (auto next = clients.begin(); next != clients.end();) {
			const auto client = *next++; // one that is dropped leaves the set
			if (client->isOpen(endpoint))
				client->send(message);
		}
	}

	Ring queue{QUEUE_BYTES};
	Doorbell bell;
	asio::io_context io{1};
	std::shared_ptr<WSServerDetails::Owner> owner;
	tcp::acceptor acceptor{io};
	asio::steady_timer pause{io};
	asio::posix::stream_descriptor bellEnd;
	std::set<std::shared_ptr<WSServerDetails>> clients; // of the server's thread
	std::thread thread;
};

Server::Server(const std::string& address, unsigned short port, const std::string& name, ServerEvents events)
try : inside_(new Inside(address, port, name, std::move(events))) {
} catch (const boost::system::system_error& error) {
	throw std::system_error(error.code());
}

Server::~Server() = default;

void Server::start() { inside_->start(); }

void Server::stop() { inside_->stop(); }

unsigned short Server::port() const { return inside_->acceptor.local_endpoint().port(); }

void Server::send(Endpoint endpoint, std::string message)
{
	auto shared = std::make_shared<const std::string>(std::move(message));
	asio::dispatch(inside_->io, [inside = inside_.get(), endpoint, shared] { inside->broadcast(endpoint, shared); });
}

bool Server::sendData(const void* data, std::size_t size)
{
	if (!inside_->queue.put(data, size))
		return false;
	inside_->bell.ring();
	return true;
}

} // namespace host
