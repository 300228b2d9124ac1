// Where an evaluation puts the text and lists that it makes, and its stack. Kept between evaluations, so that none of
// them asks for memory once the first has. One thread, one Scratch.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "rules/value.h"

namespace vigie::rules {

class Scratch {
 public:
  // Room for `size` bytes, or `count` values, until reset(). A program's cost bounds how much it asks for.
  char* make_text(std::size_t size) { return static_cast<char*>(take(size, 1)); }
  std::span<Value> make_values(std::size_t count) {
    return {static_cast<Value*>(take(count * sizeof(Value), alignof(Value))), count};
  }

  // At least `count` values that are not kept; moves what was there.
  std::span<Value> stack(std::size_t count) {
    if (stack_.size() < count) stack_.resize(count);
    return stack_;
  }

  // Bytes that it holds for text and values, used or not.
  std::size_t held() const { return held_; }

  // Forgets what was made; the first block stays for the next evaluation.
  void reset() {
    if (blocks_.size() > 1) {
      blocks_.resize(1);
      held_ = blocks_[0].size;
    }
    used_ = 0;
  }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size;
  };

  void* take(std::size_t size, std::size_t alignment);

  std::vector<Block> blocks_;
  std::size_t used_ = 0;  // of the last block
  std::size_t held_ = 0;  // of all blocks
  std::vector<Value> stack_;
};

}  // namespace vigie::rules
