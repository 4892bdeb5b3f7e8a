// JSON.h - JSON texts to values and back, with the interface of the board's header of this name.
#pragma once
#include "JSONValue.h"

#include <string>

class JSON {
public:
	/// The value that a text holds, for the caller to delete; nullptr when the text is not JSON in plain ASCII.
	static JSONValue* Parse(const char* text);
	static JSONValue* Parse(const wchar_t* text);
	static std::wstring Stringify(const JSONValue* value);

	static std::wstring s2ws(const std::string& text); ///< UTF-8 to wide characters
	static std::string ws2s(const std::wstring& text); ///< and back

	JSON() = delete;
};
