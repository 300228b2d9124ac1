// At most so many entries, each until a moment of its own; where there is no room, the one that was not used for
// longest goes. One thread at a time.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/clock.h"

namespace vigie::identity {

template <typename Value>
class ExpiringCache {
 public:
  explicit ExpiringCache(std::size_t capacity) : capacity_(capacity) {}

  // Null where there is none, or none that is still good; valid until the next put(). A clock that was set back makes
  // entries of the future, which are dropped: they would stay for as long as it went back.
  const Value* find(std::string_view key, WallTime now) {
    const auto at = index_.find(key);
    if (at == index_.end()) return nullptr;
    const auto entry = at->second;
    if (now < entry->since || now >= entry->until) {
      index_.erase(at);
      entries_.erase(entry);
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, entry);
    return &entry->value;
  }

  // Takes the place of an entry with that key.
  void put(std::string key, Value value, WallTime now, WallTime until) {
    if (const auto at = index_.find(key); at != index_.end()) {
      const auto entry = at->second;
      index_.erase(at);
      entries_.erase(entry);
    }
    if (capacity_ == 0 || until <= now) return;
    if (entries_.size() == capacity_) {
      index_.erase(entries_.back().key);
      entries_.pop_back();
    }
    entries_.push_front({std::move(key), std::move(value), now, until});
    index_.emplace(entries_.front().key, entries_.begin());
  }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    Value value;
    WallTime since;
    WallTime until;
  };

  std::size_t capacity_;
  std::list<Entry> entries_;                                                         // the last used first
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> index_;  // keys are the entries'
};

}  // namespace vigie::identity
