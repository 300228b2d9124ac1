#include "rules/scratch.h"

#include <algorithm>

namespace vigie::rules {

void* Scratch::take(std::size_t size, std::size_t alignment) {
  constexpr std::size_t kBlock = 16 * 1024;
  std::size_t at = (used_ + alignment - 1) / alignment * alignment;
  if (blocks_.empty() || at + size > blocks_.back().size) {
    const std::size_t bytes = std::max(kBlock, size);
    blocks_.push_back({std::make_unique<std::byte[]>(bytes), bytes});
    held_ += bytes;
    at = 0;
  }
  used_ = at + size;
  return blocks_.back().bytes.get() + at;
}

}  // namespace vigie::rules
