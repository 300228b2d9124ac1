// A queue of bytes in a file that has no name: what a client does not take yet, out of memory. The file is gone with
// the object, or with the program. One object, one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

namespace vigie::http {

struct SpoolOptions {
  std::string folder = "/var/tmp";               // on a disk with room; files are readable by their owner alone
  std::uint64_t limit = std::uint64_t{4} << 30;  // bytes for one answer; 0: none is ever kept in a file
};

class Spool {
 public:
  explicit Spool(const SpoolOptions& options) : options_(options) {}
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  bool empty() const { return begin_ == end_; }
  std::uint64_t size() const { return end_ - begin_; }

  // How many of `bytes` were kept: fewer than all where the limit is reached. The first call makes the file.
  Result<std::size_t> put(std::span<const char> bytes);
  // How many were read: as many as fit and are there.
  Result<std::size_t> take(std::span<char> out);

 private:
  Status open();

  const SpoolOptions& options_;
  int file_ = -1;
  std::uint64_t begin_ = 0;  // offsets in the file
  std::uint64_t end_ = 0;
};

}  // namespace vigie::http
