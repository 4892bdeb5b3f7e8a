// WriteFile.h - numbers into a file from the audio thread, as in the board's header of this name.
#pragma once
#include <memory>
#include <string>

namespace host {
class LoggedFile;
}

typedef enum { kBinary, kText } WriteFileType;

/// Values wait in a ring until a thread of its own writes them; what does not fit is lost.
/// The set... functions are for the time before the first log().
class WriteFile {
public:
	WriteFile();
	WriteFile(const std::string& filename, bool overwrite, bool append = false);
	~WriteFile();
	WriteFile(const WriteFile&) = delete;
	WriteFile& operator=(const WriteFile&) = delete;

	/// Opens the file. Without `overwrite` and `append`, a file that exists is left: `a.bin` becomes `a+0.bin`.
	void setup(const std::string& filename, bool overwrite = false, bool append = false);
	void setFileType(WriteFileType newFileType); ///< raw floats, or lines of text
	void setFormat(const std::string& newFormat); ///< of one line of text, such as "%f %f\n"
	void setHeader(const std::string& newHeader); ///< text files only
	void setFooter(const std::string& newFooter); ///< text files only
	void setEchoInterval(int newPeriod);          ///< every how many lines of text one is printed; 0: none

	void log(float value);                    ///< [audio-thread]
	void log(const float* array, int length); ///< [audio-thread]
	void requestFlush();                      ///< all that was logged so far goes to the disk. [any-thread]

	const std::string& getName();       ///< of the file, which may not be the one that was asked for
	void cleanup(bool discard = false); ///< writes the rest and closes; `discard` deletes the file

private:
	std::shared_ptr<host::LoggedFile> file_; // shared with the thread that writes
};
