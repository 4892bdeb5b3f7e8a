// JSONValue.h - one JSON value, with the interface of the board's header of this name.
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <vector>

class JSONValue;

typedef std::vector<JSONValue*> JSONArray;
typedef std::map<std::wstring, JSONValue*> JSONObject;

/// A JSON value that owns its children. Not for the audio thread; one object is for one thread at a time.
///
/// What is asked of a value of another kind is empty, 0 or false; but `true` is also the number 1.
class JSONValue {
public:
	JSONValue(); ///< null
	JSONValue(const wchar_t* value);
	JSONValue(const std::wstring& value);
	JSONValue(bool value);
	JSONValue(double value);
	JSONValue(int value);
	JSONValue(const JSONArray& value);  ///< takes the children over
	JSONValue(const JSONObject& value); ///< takes the children over
	JSONValue(const JSONValue& other);  ///< copies the children
	JSONValue& operator=(const JSONValue&) = delete;
	~JSONValue();

	bool IsNull() const;
	bool IsString() const;
	bool IsBool() const;
	bool IsNumber() const;
	bool IsArray() const;
	bool IsObject() const;

	const std::wstring& AsString() const;
	bool AsBool() const;
	double AsNumber() const;
	const JSONArray& AsArray() const;
	const JSONObject& AsObject() const;

	std::size_t CountChildren() const;
	bool HasChild(std::size_t index) const;
	JSONValue* Child(std::size_t index); ///< nullptr when there is none
	bool HasChild(const wchar_t* name) const;
	JSONValue* Child(const wchar_t* name); ///< nullptr when there is none
	std::vector<std::wstring> ObjectKeys() const;

	/// JSON text in ASCII: keys sorted, no blanks (unless `pretty`), numbers with 15 digits at most.
	std::wstring Stringify(bool pretty = false) const;

private:
	enum class Kind { null, string, boolean, number, array, object };

	void write(std::wstring& out, bool pretty, std::size_t depth) const;

	Kind kind_;
	bool boolean_ = false;
	double number_ = 0;
	std::wstring string_;
	JSONArray array_;
	JSONObject object_;
};
