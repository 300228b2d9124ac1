// A queue of bytes that never holds more than it was made for. One object, one thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace vigie::http {

class ByteQueue {
 public:
  explicit ByteQueue(std::size_t capacity) : capacity_(capacity) {}

  std::size_t size() const { return size_; }
  std::size_t room() const { return capacity_ - size_; }
  bool empty() const { return size_ == 0; }

  std::size_t put(std::span<const char> bytes);  // as many as there is room for; how many
  std::size_t take(std::span<char> out);         // as many as there are; how many

 private:
  std::size_t capacity_;
  std::unique_ptr<char[]> ring_;  // none before the first byte
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

}  // namespace vigie::http
