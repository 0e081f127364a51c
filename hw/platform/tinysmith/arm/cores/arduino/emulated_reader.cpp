#include "emulated_reader.h"

#include <string.h>

#include "emulated_semihosting.h"

namespace emulated {

bool FileReader::open(const char *name) {
  handle_ = host_open(name, FileMode::Read);
  return handle_ >= 0;
}

bool FileReader::read(void *data, size_t size) {
  uint8_t *out = static_cast<uint8_t *>(data);
  while (size > 0) {
    if (position_ == filled_) {
      filled_ = handle_ >= 0 ? host_read(handle_, buffer_, BUFFER_BYTES) : 0;
      position_ = 0;
      if (filled_ == 0) return false;
    }
    size_t part = filled_ - position_ < size ? filled_ - position_ : size;
    memcpy(out, buffer_ + position_, part);
    position_ += part;
    out += part;
    size -= part;
  }
  return true;
}

}  // namespace emulated
