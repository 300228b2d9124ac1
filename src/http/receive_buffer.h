// What a connection has received and not yet used: bytes in a row, which may move while more comes.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace vigie::http {

class ReceiveBuffer {
 public:
  ReceiveBuffer();

  std::span<char> bytes() { return {memory_.get() + begin_, end_ - begin_}; }
  const char* data() const { return memory_.get() + begin_; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  // Where the next bytes may go, at least a kilobyte; kBodyPadding more are readable behind it. Moves bytes(). Memory
  // doubles with what has come (a declared length alone reserves nothing) and shrinks to `keep` when nothing is left.
  std::span<char> room(std::size_t keep = kIdle);
  void received(std::size_t size) { end_ += size; }
  void consume(std::size_t size) { begin_ += size; }
  void clear() { begin_ = end_ = 0; }

  static constexpr std::size_t kIdle = 4096;            // what an idle connection keeps
  static constexpr std::size_t kStreaming = 64 * 1024;  // while a body goes on as it comes

 private:
  void allocate(std::size_t capacity);

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;  // without the padding behind it
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace vigie::http
