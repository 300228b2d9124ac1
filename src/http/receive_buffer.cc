#include "http/receive_buffer.h"

#include <cstring>

#include "http/message.h"

namespace vigie::http {
namespace {

constexpr std::size_t kLeastRoom = 1024;

}  // namespace

ReceiveBuffer::ReceiveBuffer() { allocate(kIdle); }

void ReceiveBuffer::allocate(std::size_t capacity) {
  memory_ = std::make_unique_for_overwrite<char[]>(capacity + kBodyPadding);
  capacity_ = capacity;
}

std::span<char> ReceiveBuffer::room(std::size_t keep) {
  if (empty()) {
    clear();
    if (capacity_ != keep) allocate(keep);
  }
  if (capacity_ - end_ < kLeastRoom && begin_ > 0) {
    std::memmove(memory_.get(), memory_.get() + begin_, size());
    end_ -= begin_;
    begin_ = 0;
  }
  if (capacity_ - end_ < kLeastRoom) {
    const std::unique_ptr<char[]> before = std::move(memory_);
    allocate(capacity_ * 2);
    std::memcpy(memory_.get(), before.get(), end_);
  }
  return {memory_.get() + end_, capacity_ - end_};
}

}  // namespace vigie::http
