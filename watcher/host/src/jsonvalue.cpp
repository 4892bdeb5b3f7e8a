// jsonvalue.cpp - one JSON value, and how it is written: sorted keys, no blanks, 15 digits, ASCII.
#include <JSONValue.h>

#include <charconv>
#include <cmath>
#include <cwchar>

namespace {

constexpr int DIGITS = 15; // what the board's library prints of a number

void writeNumber(std::wstring& out, double value)
{
	if (!std::isfinite(value)) {
		out += L"null";
		return;
	}
	char text[40];
	const auto end = std::to_chars(text, text + sizeof(text), value, std::chars_format::general, DIGITS).ptr;
	out.append(text, end);
}

void writeString(std::wstring& out, const std::wstring& text)
{
	static const wchar_t* const HEX = L"0123456789ABCDEF";
	out += L'"';
	for (const wchar_t c : text) {
		switch (c) {
		case L'"':
		case L'\\':
		case L'/':
			out += L'\\';
			out += c;
			break;
		case L'\b':
			out += L"\\b";
			break;
		case L'\f':
			out += L"\\f";
			break;
		case L'\n':
			out += L"\\n";
			break;
		case L'\r':
			out += L"\\r";
			break;
		case L'\t':
			out += L"\\t";
			break;
		default:
			if (c >= L' ' && c <= L'~') {
				out += c;
			} else {
				out += L"\\u";
				for (int shift = 12; shift >= 0; shift -= 4)
					out += HEX[(static_cast<unsigned long>(c) >> shift) & 0xF];
			}
		}
	}
	out += L'"';
}

void newLine(std::wstring& out, bool pretty, std::size_t depth)
{
	if (!pretty)
		return;
	out += L'\n';
	out.append(2 * depth, L' ');
}

} // namespace

JSONValue::JSONValue() : kind_(Kind::null) {}
JSONValue::JSONValue(const wchar_t* value) : kind_(Kind::string), string_(value) {}
JSONValue::JSONValue(const std::wstring& value) : kind_(Kind::string), string_(value) {}
JSONValue::JSONValue(bool value) : kind_(Kind::boolean), boolean_(value), number_(value) {}
JSONValue::JSONValue(double value) : kind_(Kind::number), number_(value) {}
JSONValue::JSONValue(int value) : kind_(Kind::number), number_(value) {}
JSONValue::JSONValue(const JSONArray& value) : kind_(Kind::array), array_(value) {}
JSONValue::JSONValue(const JSONObject& value) : kind_(Kind::object), object_(value) {}

JSONValue::JSONValue(const JSONValue& other)
    : kind_(other.kind_), boolean_(other.boolean_), number_(other.number_), string_(other.string_)
{
	for (const JSONValue* child : other.array_)
		array_.push_back(new JSONValue(*child));
	for (const auto& child : other.object_)
		object_[child.first] = new JSONValue(*child.second);
}

JSONValue::~JSONValue()
{
	for (JSONValue* child : array_)
		delete child;
	for (auto& child : object_)
		delete child.second;
}

bool JSONValue::IsNull() const { return kind_ == Kind::null; }
bool JSONValue::IsString() const { return kind_ == Kind::string; }
bool JSONValue::IsBool() const { return kind_ == Kind::boolean; }
bool JSONValue::IsNumber() const { return kind_ == Kind::number; }
bool JSONValue::IsArray() const { return kind_ == Kind::array; }
bool JSONValue::IsObject() const { return kind_ == Kind::object; }

const std::wstring& JSONValue::AsString() const { return string_; }
bool JSONValue::AsBool() const { return boolean_; }
double JSONValue::AsNumber() const { return number_; }
const JSONArray& JSONValue::AsArray() const { return array_; }
const JSONObject& JSONValue::AsObject() const { return object_; }

std::size_t JSONValue::CountChildren() const { return IsArray() ? array_.size() : object_.size(); }

bool JSONValue::HasChild(std::size_t index) const { return index < array_.size(); }

JSONValue* JSONValue::Child(std::size_t index) { return HasChild(index) ? array_[index] : nullptr; }

bool JSONValue::HasChild(const wchar_t* name) const { return object_.count(name) != 0; }

JSONValue* JSONValue::Child(const wchar_t* name)
{
	const auto found = object_.find(name);
	return found == object_.end() ? nullptr : found->second;
}

std::vector<std::wstring> JSONValue::ObjectKeys() const
{
	std::vector<std::wstring> keys;
	for (const auto& child : object_)
		keys.push_back(child.first);
	return keys;
}

std::wstring JSONValue::Stringify(bool pretty) const
{
	std::wstring out;
	write(out, pretty, 0);
	return out;
}

void JSONValue::write(std::wstring& out, bool pretty, std::size_t depth) const
{
	const wchar_t* comma = L"";
	switch (kind_) {
	case Kind::null:
		out += L"null";
		break;
	case Kind::boolean:
		out += boolean_ ? L"true" : L"false";
		break;
	case Kind::number:
		writeNumber(out, number_);
		break;
	case Kind::string:
		writeString(out, string_);
		break;
	case Kind::array:
		out += L'[';
		for (const JSONValue* child : array_) {
			out += comma;
			comma = L",";
			newLine(out, pretty, depth + 1);
			child->write(out, pretty, depth + 1);
		}
		newLine(out, pretty && !array_.empty(), depth);
		out += L']';
		break;
	case Kind::object:
		out += L'{';
		for (const auto& child : object_) {
			out += comma;
			comma = L",";
			newLine(out, pretty, depth + 1);
			writeString(out, child.first);
			out += pretty ? L": " : L":";
			child.second->write(out, pretty, depth + 1);
		}
		newLine(out, pretty && !object_.empty(), depth);
		out += L'}';
		break;
	}
}
