// client.cpp - one client's WebSocket, from its handshake to its end.
#include "client.h"

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using Error = boost::system::error_code;

namespace {

constexpr std::size_t TOO_LARGE = 32768;          // a message of so many bytes ends the connection
constexpr std::size_t QUEUE_BYTES = 16u << 20;    // what is kept for a slow reader
constexpr std::size_t NO_SIZE = std::size_t{1} << 30; // no message comes near it

} // namespace

WSServerDetails::WSServerDetails(asio::ip::tcp::socket socket, std::shared_ptr<const Owner> owner)
    : socket_(std::move(socket)), owner_(std::move(owner))
{
	Error ignored; // a socket that is already dead says so at the next read
	socket_.next_layer().set_option(asio::ip::tcp::no_delay(true), ignored);
}

void WSServerDetails::start()
{
	http::async_read(socket_.next_layer(), received_, request_, [self = shared_from_this()](Error error, std::size_t) {
		if (error)
			self->drop();
		else
			self->answer();
	});
}

void WSServerDetails::answer()
{
	const auto path = request_.target();
	const std::string base = "/" + owner_->name;
	if (websocket::is_upgrade(request_) && path == base + "_control")
		endpoint_ = host::Endpoint::control;
	else if (websocket::is_upgrade(request_) && path == base + "_data")
		endpoint_ = host::Endpoint::data;
	else
		return refuse();
	socket_.auto_fragment(false); // a buffer is one frame
	socket_.text(endpoint_ == host::Endpoint::control);
	socket_.read_message_max(0); // `take` looks at the size: Beast would send a Close frame
	socket_.control_callback([this](websocket::frame_type type, beast::string_view) {
		if (type == websocket::frame_type::close)
			drop(); // before Beast answers it: the board does not
	});
	socket_.async_accept(request_, [self = shared_from_this()](Error error) {
		if (error || self->gone_)
			return self->drop();
		self->open_ = true;
		self->owner_->events.opened(*self, self->endpoint_);
		self->read();
	});
}

void WSServerDetails::refuse()
{
	refusal_ = {http::status::not_found, request_.version()};
	refusal_.keep_alive(false);
	refusal_.body() = "Not found\n";
	refusal_.prepare_payload();
	http::async_write(socket_.next_layer(), refusal_, [self = shared_from_this()](Error, std::size_t) {
		Error ignored; // the client may be gone already
		self->socket_.next_layer().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
		self->drop();
	});
}

void WSServerDetails::read()
{
	socket_.async_read_some(received_, TOO_LARGE, [self = shared_from_this()](Error error, std::size_t) {
		if (error || self->gone_ || !self->take())
			self->drop();
		else
			self->read();
	});
}

/// Hands a whole message over; false when the board would end the connection.
bool WSServerDetails::take()
{
	if (received_.size() >= TOO_LARGE)
		return false;
	if (!socket_.is_message_done())
		return socket_.read_size_hint(NO_SIZE) < NO_SIZE; // it knows what is left of a frame, but not of a message in fragments
	const auto bytes = received_.cdata();
	static const unsigned char nothing = 0; // an empty message has an address too
	const auto* data = bytes.size() ? static_cast<const unsigned char*>(bytes.data()) : &nothing;
	owner_->events.received(*this, endpoint_, data, bytes.size());
	received_.consume(received_.size());
	return true;
}

void WSServerDetails::send(Message message)
{
	if (gone_)
		return;
	queueBytes_ += message->size();
	queue_.push_back(std::move(message));
	if (queueBytes_ > QUEUE_BYTES)
		return drop();
	if (queue_.size() == 1)
		write();
}

void WSServerDetails::write()
{
	socket_.async_write(asio::buffer(*queue_.front()), [self = shared_from_this()](Error error, std::size_t) {
		if (error || self->gone_)
			return self->drop();
		self->queueBytes_ -= self->queue_.front()->size();
		self->queue_.pop_front();
		if (!self->queue_.empty())
			self->write();
	});
}

void WSServerDetails::drop()
{
	if (gone_)
		return;
	gone_ = true;
	Error ignored; // it ends in any case
	socket_.next_layer().close(ignored);
	if (open_)
		owner_->events.closed(*this, endpoint_);
	open_ = false;
	owner_->gone(shared_from_this());
}
