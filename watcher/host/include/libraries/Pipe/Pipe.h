// Pipe.h - packets between a real-time thread and another one, as in the board's header of this name.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <sys/types.h>

/// Two queues of bytes. Reading 1 value gives 1 when there was one, 0 or less when there was none.
///
/// Each side of each queue belongs to one thread. Nothing locks or allocates; a blocking read sleeps meanwhile.
class Pipe {
public:
	Pipe();
	Pipe(const std::string& pipeName, std::size_t size = 65536 * 128, bool newBlockingRt = false,
	     bool newBlockingNonRt = false);
	~Pipe();
	Pipe(const Pipe&) = delete;
	Pipe& operator=(const Pipe&) = delete;

	/// `size`: bytes that may wait in each direction.
	bool setup(const std::string& pipeName = "", std::size_t size = 65536 * 128, bool newBlockingRt = false,
	           bool newBlockingNonRt = false);
	void cleanup();

	void setBlockingRt(bool blocking);
	void setBlockingNonRt(bool blocking);
	void setTimeoutMsRt(double timeoutMs);    ///< 0: a blocking read waits for ever
	void setTimeoutMsNonRt(double timeoutMs); ///< 0: a blocking read waits for ever

	template <typename T> bool writeNonRt(const T& data) { return writeNonRt(&data, 1); }
	template <typename T> bool writeNonRt(const T* data, std::size_t count)
	{
		return _writeNonRt(data, count * sizeof(T));
	}
	template <typename T> bool writeRt(const T& data) { return writeRt(&data, 1); }
	template <typename T> bool writeRt(const T* data, std::size_t count) { return _writeRt(data, count * sizeof(T)); }

	template <typename T> ssize_t readNonRt(T& destination) { return readNonRt(&destination, 1); }
	template <typename T> ssize_t readNonRt(T* destination, std::size_t count)
	{
		return counted<T>(_readNonRt(destination, count * sizeof(T)));
	}
	template <typename T> ssize_t readRt(T& destination) { return readRt(&destination, 1); }
	template <typename T> ssize_t readRt(T* destination, std::size_t count)
	{
		return counted<T>(_readRt(destination, count * sizeof(T)));
	}

private:
	template <typename T> static ssize_t counted(ssize_t bytes)
	{
		return bytes > 0 ? bytes / static_cast<ssize_t>(sizeof(T)) : bytes;
	}

	bool _writeNonRt(const void* data, std::size_t size);
	bool _writeRt(const void* data, std::size_t size);
	ssize_t _readNonRt(void* data, std::size_t size);
	ssize_t _readRt(void* data, std::size_t size);

	struct Inside;
	std::unique_ptr<Inside> inside_;
};
