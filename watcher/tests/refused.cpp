// refused.cpp - uses of the library that must not compile, one a PART; part 0 must.
#include <Watcher.h>

WatcherManager& manager();
void use();

#if PART == 0
void use()
{
	Watcher<float> f("f", WatcherManager::kTimestampSample);
	Watcher<float> zero("zero", 0), half("half", 0.5), last("last", 0, WatcherManager::kTimestampSample, &manager());
	Watcher<double> zeroDouble("zero", 0);
	Watcher<char> zeroChar("zero", 0);
	Watcher<unsigned int> zeroUnsigned("zero", 0);
	Watcher<float> none("none", nullptr);
	Watcher<int> i("i", &manager());
	WatcherBuffer<double> table("table", 16);
	f = 1.0f + static_cast<float>(i) + static_cast<float>(table[0]);
}
#elif PART == 1
void use() { Watcher<bool> wrong("wrong"); } // no such type on the wire
#elif PART == 2
void use() { Watcher<long> wrong("wrong"); } // of 4 bytes here and of 8 there
#elif PART == 3
void use() { Watcher<const float> wrong("wrong"); }
#elif PART == 4
void use()
{
	Watcher<float> one("one");
	Watcher<float> two(one); // two of one name
	two = one;
}
#elif PART == 5
void use()
{
	Watcher<float> one("one");
	one = "text";
}
#elif PART == 6
void use() { WatcherManager copy(manager()); }
#elif PART == 7
void use()
{
	WatcherBuffer<float> table("table", 16);
	table[0] = 1.0f; // it is the clients'
}
#elif PART == 8
void use() { WatcherBuffer<short> wrong("wrong", 16); }
#elif PART == 9
float take(Watcher<float> value); // by value: a copy
void use()
{
	Watcher<float> one("one");
	take(one);
}
#endif
