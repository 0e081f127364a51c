// A host file read piecewise, so that stimuli of any length need only a small buffer.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace emulated {

class FileReader {
 public:
  bool open(const char *name);
  // False at the end of the file; then `data` is not valid.
  bool read(void *data, size_t size);

 private:
  static constexpr size_t BUFFER_BYTES = 4096;
  int handle_ = -1;
  size_t position_ = 0;
  size_t filled_ = 0;
  uint8_t buffer_[BUFFER_BYTES] = {};
};

}  // namespace emulated
