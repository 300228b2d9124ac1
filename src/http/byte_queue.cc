#include "http/byte_queue.h"

#include <algorithm>
#include <cstring>

namespace vigie::http {

std::size_t ByteQueue::put(std::span<const char> bytes) {
  const std::size_t count = std::min(bytes.size(), room());
  if (count == 0) return 0;
  if (!ring_) ring_ = std::make_unique_for_overwrite<char[]>(capacity_);
  const std::size_t end = (begin_ + size_) % capacity_;
  const std::size_t straight = std::min(count, capacity_ - end);
  std::memcpy(ring_.get() + end, bytes.data(), straight);
  std::memcpy(ring_.get(), bytes.data() + straight, count - straight);
  size_ += count;
  return count;
}

std::size_t ByteQueue::take(std::span<char> out) {
  const std::size_t count = std::min(out.size(), size_);
  if (count == 0) return 0;
  const std::size_t straight = std::min(count, capacity_ - begin_);
  std::memcpy(out.data(), ring_.get() + begin_, straight);
  std::memcpy(out.data() + straight, ring_.get(), count - straight);
  begin_ = (begin_ + count) % capacity_;
  size_ -= count;
  return count;
}

}  // namespace vigie::http
