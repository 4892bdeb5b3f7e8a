// json.cpp - JSON texts read into values, by a library's events.
#include <JSON.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>

namespace {

constexpr std::size_t DEEPEST = 200; // values are freed by recursion: deeper than any message means

/// Builds the value from what the parser meets; every function tells whether to go on.
class Builder {
public:
	bool null() { return add(new JSONValue()); }
	bool boolean(bool value) { return add(new JSONValue(value)); }
	bool number_integer(std::int64_t value) { return add(new JSONValue(static_cast<double>(value))); }
	bool number_unsigned(std::uint64_t value) { return add(new JSONValue(static_cast<double>(value))); }
	bool number_float(double value, const std::string&) { return add(new JSONValue(value)); }
	bool string(std::string& value) { return add(new JSONValue(JSON::s2ws(value))); }
	bool binary(nlohmann::json::binary_t&) { return false; }
	bool key(std::string& name)
	{
		open_.back().key = JSON::s2ws(name);
		return true;
	}
	bool start_object(std::size_t) { return start(true); }
	bool start_array(std::size_t) { return start(false); }
	bool end_object() { return end(); }
	bool end_array() { return end(); }
	bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) { return false; }

	JSONValue* release() { return done_.release(); }

	~Builder()
	{
		for (Open& open : open_) {
			for (JSONValue* child : open.array)
				delete child;
			for (auto& child : open.object)
				delete child.second;
		}
	}

private:
	struct Open {
		bool isObject = false;
		std::wstring key{};
		JSONArray array{};
		JSONObject object{};
	};

	bool start(bool isObject)
	{
		open_.emplace_back();
		open_.back().isObject = isObject;
		return open_.size() <= DEEPEST;
	}

	bool end()
	{
		const Open open = std::move(open_.back());
		open_.pop_back();
		return add(open.isObject ? new JSONValue(open.object) : new JSONValue(open.array));
	}

	bool add(JSONValue* value)
	{
		if (open_.empty()) {
			done_.reset(value);
		} else if (open_.back().isObject) {
			JSONValue*& place = open_.back().object[open_.back().key];
			delete place; // a key that comes twice: the last one counts
			place = value;
		} else {
			open_.back().array.push_back(value);
		}
		return true;
	}

	std::vector<Open> open_;
	std::unique_ptr<JSONValue> done_;
};

} // namespace

JSONValue* JSON::Parse(const char* text)
{
	const std::string whole = text;
	const bool ascii = std::all_of(whole.begin(), whole.end(), [](char c) { return (c & 0x80) == 0; });
	Builder builder;
	if (!ascii || !nlohmann::json::sax_parse(whole, &builder))
		return nullptr;
	return builder.release();
}

JSONValue* JSON::Parse(const wchar_t* text) { return Parse(ws2s(text).c_str()); }

std::wstring JSON::Stringify(const JSONValue* value) { return value ? value->Stringify() : std::wstring(); }

std::wstring JSON::s2ws(const std::string& text)
{
	std::wstring wide;
	wide.reserve(text.size());
	for (std::size_t n = 0; n < text.size();) {
		const auto first = static_cast<unsigned char>(text[n++]);
		int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
		std::uint32_t code = more == 3 ? first & 0x07u : more == 2 ? first & 0x0Fu : more == 1 ? first & 0x1Fu : first;
		for (; more > 0 && n < text.size() && (text[n] & 0xC0) == 0x80; --more)
			code = (code << 6) | (static_cast<unsigned char>(text[n++]) & 0x3Fu);
		wide += static_cast<wchar_t>(code);
	}
	return wide;
}

std::string JSON::ws2s(const std::wstring& text)
{
	std::string narrow;
	narrow.reserve(text.size());
	for (const wchar_t wide : text) {
		const auto code = static_cast<std::uint32_t>(wide);
		const auto tail = [&narrow, code](int shift) {
			narrow += static_cast<char>(0x80u | ((code >> shift) & 0x3Fu));
		};
		if (code < 0x80) {
			narrow += static_cast<char>(code);
		} else if (code < 0x800) {
			narrow += static_cast<char>(0xC0u | (code >> 6));
			tail(0);
		} else if (code < 0x10000) {
			narrow += static_cast<char>(0xE0u | (code >> 12));
			tail(6);
			tail(0);
		} else {
			narrow += static_cast<char>(0xF0u | ((code >> 18) & 0x07u));
			tail(12);
			tail(6);
			tail(0);
		}
	}
	return narrow;
}
