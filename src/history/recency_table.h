// Records by 64-bit key, in the order in which they were last touched. Not for several threads at once.
//
// 4 bytes a place of an open-addressed index (linear probing, at most three quarters full), and the record with 16
// bytes of its own. Keys are mixed, but whoever can choose keys that meet can make it slow: give keys of a KeyedHash.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace vigie::history {

// Spreads a key's differences over all bits (the last steps of splitmix64: Steele, Lea, Flood 2014).
constexpr std::uint64_t mixed(std::uint64_t key) {
  key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9;
  key = (key ^ key >> 27) * 0x94d049bb133111eb;
  return key ^ key >> 31;
}

template <typename Record>
class RecencyTable {
 public:
  std::size_t size() const { return size_; }

  Record* find(std::uint64_t key) {
    const std::uint32_t entry = entry_of(key);
    return entry == kNone ? nullptr : &entries_[entry].record;
  }
  const Record* find(std::uint64_t key) const { return const_cast<RecencyTable*>(this)->find(key); }

  // The record of `key`, made where there is none, and now the one that was touched last.
  Record& touch(std::uint64_t key) {
    std::uint32_t entry = entry_of(key);
    if (entry == kNone) {
      entry = insert(key);
    } else {
      unlink(entry);
    }
    link_last(entry);
    return entries_[entry].record;
  }

  struct Oldest {
    std::uint64_t key;
    Record& record;
  };
  Oldest oldest() {  // where size() > 0
    assert(size_ > 0);
    return {entries_[first_].key, entries_[first_].record};
  }

  bool erase(std::uint64_t key) {
    const std::uint32_t entry = entry_of(key);
    if (entry == kNone) return false;
    unlink(entry);
    remove_from_index(place_of(key));
    entries_[entry].record = Record();
    entries_[entry].next = std::exchange(free_, entry);
    --size_;
    return true;
  }

  template <typename Visit>  // (key, record), the one touched longest ago first
  void each(Visit visit) const {
    for (std::uint32_t entry = first_; entry != kNone; entry = entries_[entry].next) {
      visit(entries_[entry].key, entries_[entry].record);
    }
  }

  // Beyond the object's own, without what records own.
  std::size_t bytes() const { return index_.size() * sizeof(index_[0]) + entries_.size() * sizeof(Entry); }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;

  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;
    Record record{};
  };

  std::size_t mask() const { return index_.size() - 1; }

  // Where the key stands in the index, or the empty place where it would.
  std::size_t place_of(std::uint64_t key) const {
    std::size_t place = mixed(key) & mask();
    while (index_[place] != kNone && entries_[index_[place]].key != key) place = (place + 1) & mask();
    return place;
  }

  std::uint32_t entry_of(std::uint64_t key) const { return index_.empty() ? kNone : index_[place_of(key)]; }

  std::uint32_t insert(std::uint64_t key) {
    if ((size_ + 1) * 4 > index_.size() * 3) grow();
    std::uint32_t entry = free_;
    if (entry != kNone) {
      free_ = entries_[entry].next;
    } else {
      entry = static_cast<std::uint32_t>(entries_.size());
      entries_.emplace_back();
    }
    entries_[entry].key = key;
    index_[place_of(key)] = entry;
    ++size_;
    return entry;
  }

  void grow() {
    index_.assign(index_.empty() ? 16 : index_.size() * 2, kNone);
    for (std::uint32_t entry = first_; entry != kNone; entry = entries_[entry].next) {
      index_[place_of(entries_[entry].key)] = entry;
    }
  }

  // Later keys of the same run move up, so that no place has to be marked as deleted.
  void remove_from_index(std::size_t hole) {
    std::size_t place = hole;
    for (;;) {
      place = (place + 1) & mask();
      if (index_[place] == kNone) break;
      const std::size_t home = mixed(entries_[index_[place]].key) & mask();
      if (((place - home) & mask()) >= ((place - hole) & mask())) {
        index_[hole] = index_[place];
        hole = place;
      }
    }
    index_[hole] = kNone;
  }

  void unlink(std::uint32_t entry) {
    const Entry& gone = entries_[entry];
    (gone.previous == kNone ? first_ : entries_[gone.previous].next) = gone.next;
    (gone.next == kNone ? last_ : entries_[gone.next].previous) = gone.previous;
  }

  void link_last(std::uint32_t entry) {
    entries_[entry].previous = last_;
    entries_[entry].next = kNone;
    (last_ == kNone ? first_ : entries_[last_].next) = entry;
    last_ = entry;
  }

  std::vector<std::uint32_t> index_;
  std::deque<Entry> entries_;
  std::uint32_t first_ = kNone;
  std::uint32_t last_ = kNone;
  std::uint32_t free_ = kNone;
  std::size_t size_ = 0;
};

}  // namespace vigie::history
