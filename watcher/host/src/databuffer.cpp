// databuffer.cpp - numbers that a client sent to the board.
#include <libraries/DataBuffer/DataBuffer.h>

#include <algorithm>
#include <cstring>

DataBuffer::DataBuffer(char type, unsigned int capacity)
    : type_(type), capacity_(capacity), data_(std::size_t{capacity} * bytesOf(type))
{
}

unsigned int DataBuffer::bytesOf(char type)
{
	switch (type) {
	case 'c':
		return 1;
	case 'i':
	case 'j':
	case 'f':
		return 4;
	case 'd':
		return 8;
	default:
		return 0;
	}
}

void DataBuffer::fill(const unsigned char* data, std::size_t count)
{
	count_ = static_cast<unsigned int>(std::min<std::size_t>(count, capacity_));
	if (count_)
		std::memcpy(data_.data(), data, std::size_t{count_} * bytes());
}
