// What was answered to whom sent something under a name of his own (a transaction_id), so that the same again gets the
// same answer and is not done twice.
//
//   const auto seen = memory.begin(name, content);   // waits where the same name is being worked on
//   if (seen.was == AnswerMemory::Was::kNew) { ... memory.keep(name, body); }   // or memory.drop(name)
//
// Any thread. The oldest answers go where the memory is full; a restart forgets all of them.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/keyed_hash.h"

namespace vigie::api {

class AnswerMemory {
 public:
  using Digest = KeyedHash::Digest;

  explicit AnswerMemory(std::size_t bytes) : bytes_per_shard_(bytes / kShards) {}

  enum class Was : std::uint8_t {
    kNew,    // the caller works on it now, and has to keep() or drop() it
    kSame,   // `answer` is what was said
    kOther,  // the name was something else's
  };
  struct Seen {
    Was was = Was::kNew;
    std::shared_ptr<const std::string> answer{};
  };
  Seen begin(const Digest& name, const Digest& content);
  void keep(const Digest& name, std::string answer);
  void drop(const Digest& name);

 private:
  static constexpr std::size_t kShards = 64;
  static constexpr std::size_t kEntryBytes = 160;  // of the tables, about

  struct Entry {
    Digest content;
    std::shared_ptr<const std::string> answer{};  // none: it is being worked on
  };
  struct Hash {
    std::size_t operator()(const Digest& digest) const { return digest[0]; }  // random already
  };
  struct Shard {
    std::mutex mutex;
    std::condition_variable done;
    std::unordered_map<Digest, Entry, Hash> entries;
    std::deque<Digest> by_age;
    std::size_t bytes = 0;
  };
  Shard& shard_of(const Digest& name) { return shards_[name[1] % kShards]; }

  std::size_t bytes_per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace vigie::api
