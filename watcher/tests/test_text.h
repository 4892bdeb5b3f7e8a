// test_text.h - names, between the program's UTF-8 and JSON's wide characters.
#pragma once

TEST_CASE("names of any script go there and back")
{
	for (const char* name : {"level", "gr\xc3\xb6\xc3\x9f" "e", "\xe9\x9f\xb3", "\xf0\x9f\x8e\xb9 key", ""})
		CHECK(watching::narrowed(watching::widened(name)) == name);
}

TEST_CASE("a character beyond the 16 bits of JSON's escapes is a pair of them")
{
	CHECK(watching::widened("\xf0\x9f\x98\x80s") == L"\xd83d\xde00s");
	CHECK(watching::widened("\xf4\x8f\xbf\xbf") == L"\xdbff\xdfff");
}

TEST_CASE("a byte that is no UTF-8 becomes one underscore")
{
	for (const auto& row : std::map<std::string, std::string>{
	         {"a\xff"
	          "b", "a_b"},                  // never a byte of UTF-8
	         {"\xc3", "_"},                 // torn
	         {"\xc0\x80", "__"},            // longer than it needs to be
	         {"\xed\xa0\x80", "___"},       // half a pair
	         {"\xf4\x90\x80\x80", "____"}}) // behind the last character
		CHECK(watching::narrowed(watching::widened(row.first)) == row.second);
}

TEST_CASE("wide characters that are none match no name")
{
	CHECK(watching::narrowed(std::wstring(1, static_cast<wchar_t>(0xd800))) == "\xef\xbf\xbd");
	const std::wstring pair = {static_cast<wchar_t>(0xd83c), static_cast<wchar_t>(0xdfb9)};
	CHECK(watching::narrowed(pair) == "\xf0\x9f\x8e\xb9");
}

TEST_CASE("listed names are never empty and have no tilde of their own")
{
	CHECK(watching::listed("") == "(anon)");
	CHECK(watching::listed("a~1") == "a_1");
}

TEST_CASE("a log file's name stays in its folder")
{
	CHECK(watching::fileName("myvar") == "myvar.bin");
	CHECK(watching::fileName("../etc/x") == "_._etc_x.bin");
	CHECK(watching::fileName("a\nb") == "a_b.bin");
	CHECK(watching::fileName(std::string(1000, 'x')).size() < 255);
}
