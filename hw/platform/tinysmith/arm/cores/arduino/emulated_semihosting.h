// The emulator's door to the host: files and the end of the run. Takes no virtual time.
// Source: Arm semihosting specification for AArch32 and AArch64.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace emulated {

enum class FileMode { Read = 1 /* "rb" */, Write = 5 /* "wb" */ };

// Handle of a file in the emulator's working folder, or -1.
int host_open(const char *name, FileMode mode);
// Bytes read: fewer than `size` at the end of the file.
size_t host_read(int handle, void *data, size_t size);
// The next byte read is the one at `position` of the file.
void host_seek(int handle, uint32_t position);
void host_write(int handle, const void *data, size_t size);
[[noreturn]] void host_exit(int code);

}  // namespace emulated
