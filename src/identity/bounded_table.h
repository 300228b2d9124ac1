// Entries by 64-bit key (KeyedHash), never more than `capacity` of them, each with a moment from which it is not needed
// any more. The one whose moment comes first is always at hand, to make room.
//
//   Bucket* bucket = table.find(key);
//   if (bucket == nullptr) {
//     if (table.full() && table.soonest() <= now) table.drop_soonest();
//     if (!table.full()) bucket = &table.insert(key, Bucket{});
//   }
//
// `Value` is movable and says `std::int64_t expiry() const`, which may grow at any time (that costs nothing here: the
// order is mended when the soonest is asked for, in O(log capacity) for each entry that grew meanwhile and stands
// first). One that shrinks is noticed late. A find allocates nothing. References hold until the next insert or drop.
// One thread at a time.
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace vigie::identity {

// Into how many tables, each with a lock of its own, `entries` are divided: a power of two, at most 64. Smaller ones
// would be full at very different times.
inline std::size_t parts_for(std::size_t entries) {
  return std::bit_floor(std::clamp<std::size_t>(entries / 64, 1, 64));
}
// Which of them has the key. Within it, places go by the lowest bits.
inline std::size_t part_of(std::uint64_t key, std::size_t parts) { return (key >> 48) & (parts - 1); }

template <typename Value>
class BoundedTable {
 public:
  // capacity in [1, 2^24].
  explicit BoundedTable(std::size_t capacity) : capacity_(capacity), index_(std::bit_ceil(2 * capacity)) {}

  std::size_t size() const { return order_.size(); }
  bool full() const { return size() == capacity_; }

  Value* find(std::uint64_t key) {
    for (std::size_t at = home(key); index_[at] != kEmpty; at = next(at)) {
      Slot& slot = slots_[index_[at] - 1];
      if (slot.key == key) return &slot.value;
    }
    return nullptr;
  }

  // Not full, and `key` not in it.
  Value& insert(std::uint64_t key, Value value) {
    assert(!full() && find(key) == nullptr);
    const std::int64_t expiry = value.expiry();
    if (free_ == kNone) {
      free_ = static_cast<std::uint32_t>(slots_.size());
      slots_.push_back({key, std::move(value)});
    } else {
      slots_[free_] = {key, std::move(value)};
    }
    const std::uint32_t slot = std::exchange(free_, kNone);
    order_.push_back({expiry, slot});
    std::push_heap(order_.begin(), order_.end(), Later{});
    std::size_t at = home(key);
    while (index_[at] != kEmpty) at = next(at);
    index_[at] = slot + 1;
    return slots_[slot].value;
  }

  // The least expiry() of all. Not empty.
  std::int64_t soonest() {
    assert(size() > 0);
    while (true) {
      const std::int64_t expiry = slots_[order_.front().slot].value.expiry();
      if (expiry <= order_.front().expiry) return expiry;
      std::pop_heap(order_.begin(), order_.end(), Later{});
      order_.back().expiry = expiry;
      std::push_heap(order_.begin(), order_.end(), Later{});
    }
  }

  // Takes out the one that soonest() is about, and gives it, so that its memory can serve again. Not empty. An insert
  // must come before the next drop.
  Value drop_soonest() {
    soonest();
    assert(free_ == kNone);
    free_ = order_.front().slot;
    std::pop_heap(order_.begin(), order_.end(), Later{});
    order_.pop_back();
    unlink(slots_[free_].key);
    return std::move(slots_[free_].value);
  }

  template <typename Function>
  void for_each(Function&& function) const {
    for (const Ordered& entry : order_) function(slots_[entry.slot].value);
  }

 private:
  static constexpr std::uint32_t kEmpty = 0;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  struct Slot {
    std::uint64_t key;
    Value value;
  };
  struct Ordered {
    std::int64_t expiry;  // at most the slot's own, unless that shrank
    std::uint32_t slot;
  };
  struct Later {
    bool operator()(const Ordered& a, const Ordered& b) const { return a.expiry > b.expiry; }
  };

  std::size_t home(std::uint64_t key) const { return key & (index_.size() - 1); }
  std::size_t next(std::size_t at) const { return (at + 1) & (index_.size() - 1); }

  // Empties the key's place and moves up those behind it that an empty place would cut off from their home.
  void unlink(std::uint64_t key) {
    std::size_t hole = home(key);
    while (slots_[index_[hole] - 1].key != key) hole = next(hole);
    for (std::size_t at = next(hole); index_[at] != kEmpty; at = next(at)) {
      const std::size_t way = (at - home(slots_[index_[at] - 1].key)) & (index_.size() - 1);
      if (way >= ((at - hole) & (index_.size() - 1))) {
        index_[hole] = index_[at];
        hole = at;
      }
    }
    index_[hole] = kEmpty;
  }

  std::size_t capacity_;
  std::vector<std::uint32_t> index_;  // slot + 1 by key, linear probing, at most half full
  std::vector<Slot> slots_;
  std::vector<Ordered> order_;  // a heap
  std::uint32_t free_ = kNone;  // the slot that drop_soonest() emptied
};

}  // namespace vigie::identity
