// The last head of a connection. A client that keeps its connection sends the same head again and again, with its
// token, and at most another Content-Length: a comparison of bytes then does for parsing them, and says the same.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "http/message.h"

namespace vigie::http {

class HeadMemory {
 public:
  struct Recalled {
    std::size_t size = 0;  // of the head
    std::uint64_t content_length = 0;
  };

  // `head`: a whole one, from its request line to its empty line, which was found good. `length`: where the value of
  // its Content-Length stands in it; empty where it has none. Heads of over kMost bytes are not remembered.
  void remember(std::span<const char> head, Slice length);
  void forget() { head_.clear(); }
  // What `bytes` begin with, where that is the head remembered but for the digits of its length, which are as many.
  // Size 0: it is another one, or not whole yet.
  Recalled recall(std::span<const char> bytes) const;

  static constexpr std::size_t kMost = 2048;

 private:
  static constexpr std::size_t kMostDigits = 9;

  std::string head_;
  Slice length_;
};

}  // namespace vigie::http
