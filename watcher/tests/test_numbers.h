// test_numbers.h - numbers from JSON become those of a C type.
#pragma once

namespace {
double nothing() { return std::strtod("nan", nullptr); }
double endless() { return std::strtod("inf", nullptr); }
} // namespace

TEST_CASE("what is not finite is found by its bits, so that -ffast-math cannot hide it")
{
	CHECK(watching::finite(1.5));
	CHECK(watching::finite(-1.7e308));
	CHECK_FALSE(watching::finite(endless()));
	CHECK_FALSE(watching::finite(nothing()));
	CHECK(watching::isNan(nothing()));
	CHECK_FALSE(watching::isNan(endless()));
}

TEST_CASE("frames are never negative, and never undefined")
{
	CHECK(watching::frames(-3) == 0);
	CHECK(watching::frames(nothing()) == 0);
	CHECK(watching::frames(44100.9) == 44100);
	CHECK(watching::frames(9007199254740992.0) == std::uint64_t(1) << 53);
	CHECK(watching::frames(endless()) == watching::kNever);
	CHECK(watching::frames(1e30) == watching::kNever);
}

TEST_CASE("values that fit lose their fraction only")
{
	CHECK(watching::converted<int>(-4.9) == -4);
	CHECK(watching::converted<int>(-2147483648.0) == std::numeric_limits<int>::min());
	CHECK(watching::converted<unsigned int>(4294967295.0) == 4294967295u);
	CHECK(watching::converted<float>(0.1) == 0.1f);
	CHECK(watching::converted<double>(0.1) == 0.1);
	CHECK(watching::converted<char>(65.5) == 'A');
}

TEST_CASE("values that do not fit become what the processor makes of them")
{
	if (watching::kSaturates) {
		CHECK(watching::converted<unsigned int>(-3) == 0);
		CHECK(watching::converted<int>(1e12) == std::numeric_limits<int>::max());
		CHECK(watching::converted<int>(nothing()) == 0);
	} else {
		CHECK(watching::converted<unsigned int>(-3) == 4294967293u); // as recorded
		CHECK(watching::converted<int>(1e12) == std::numeric_limits<int>::min());
		CHECK(watching::converted<unsigned int>(4294967296.0) == 0);
	}
	std::uint32_t bits = 0;
	const float large = watching::converted<float>(1e39), small = watching::converted<float>(-1e39);
	std::memcpy(&bits, &large, sizeof bits);
	CHECK(bits == 0x7f800000u);
	std::memcpy(&bits, &small, sizeof bits);
	CHECK(bits == 0xff800000u);
}

TEST_CASE("the bits of a mask are those of the type, whatever its sign")
{
	CHECK(watching::bitsOf<int>(-1) == 0xffffffffu);
	CHECK(watching::bitsOf<unsigned int>(0x80000001u) == 0x80000001u);
	CHECK((watching::bitsOf<char>(static_cast<char>(-2)) & 0xff) == 0xfe);
	CHECK(watching::bitsOf<double>(4000000000.75) == 4000000000u);
	CHECK(watching::fromBits<int>(0xfffffffeu) == -2);
	CHECK(watching::fromBits<int>(0x80000000u) == std::numeric_limits<int>::min());
	CHECK(watching::fromBits<unsigned int>(0xffffffffu) == 0xffffffffu);
	CHECK(watching::fromBits<char>(0x12fe) == static_cast<char>(-2));
	CHECK(watching::fromBits<double>(4000000000u) == 4000000000.0);
	CHECK(watching::fromBits<float>(16777217u) == 16777216.0f);
}

TEST_CASE("it is known what a type can hold")
{
	CHECK(watching::holds<int>(2147483647.5));
	CHECK_FALSE(watching::holds<int>(2147483648.0));
	CHECK(watching::holds<int>(-2147483648.5));
	CHECK_FALSE(watching::holds<int>(-2147483649.0));
	CHECK(watching::holds<unsigned int>(-0.5));
	CHECK_FALSE(watching::holds<unsigned int>(-1.0));
	CHECK_FALSE(watching::holds<float>(3.5e38));
	CHECK(watching::holds<float>(-3.4e38));
	CHECK(watching::holds<double>(1.7e308));
	CHECK_FALSE(watching::holds<double>(endless()));
	CHECK_FALSE(watching::holds<float>(nothing()));
	CHECK(watching::holds<char>(std::numeric_limits<char>::max()));
	CHECK_FALSE(watching::holds<char>(256));
}
