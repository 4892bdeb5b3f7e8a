// DataBuffer.h - numbers that a client sent to the board, with the interface of the board's header of this name.
#pragma once
#include <cstddef>
#include <vector>

/// Room for `capacity` values of one type: `c` char, `j` unsigned int, `i` int, `f` float, `d` double.
///
/// Written by the WebSocket thread: a program that reads it meanwhile may see halves of two buffers, as on the board.
class DataBuffer {
public:
	DataBuffer() = default;
	DataBuffer(char type, unsigned int capacity);

	char getType() const { return type_; }
	unsigned int getCapacity() const { return capacity_; }        ///< values
	unsigned int getNumElements() const { return count_; }        ///< values of the last buffer
	unsigned int getNumBytes() const { return count_ * bytes(); } ///< bytes of the last buffer
	std::vector<char>* getBuffer() { return &data_; }
	char* getAsChar() { return data_.data(); }
	int* getAsInt() { return reinterpret_cast<int*>(data_.data()); }
	float* getAsFloat() { return reinterpret_cast<float*>(data_.data()); }

	/// Takes what a client sent, as much of it as there is room for. [callback-thread]
	void fill(const unsigned char* data, std::size_t count);

	/// Bytes of one value of a type, 0 when there is no such type.
	static unsigned int bytesOf(char type);

private:
	unsigned int bytes() const { return bytesOf(type_); }

	char type_ = 'c';
	unsigned int capacity_ = 0;
	unsigned int count_ = 0;
	std::vector<char> data_;
};
