// Tokens that were found good, by a keyed hash of 128 bits: whoever asks again with one pays for a hash, not for a
// signature. Only good tokens come in, so that nobody fills it who has none; a token itself is not kept.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/keyed_hash.h"
#include "identity/verifier.h"

namespace vigie::identity {

class TokenCache {
 public:
  // At most so many tokens, a few hundred bytes each; another one then takes the place of an arbitrary one.
  explicit TokenCache(std::size_t tokens);

  // nullptr: not known, no longer good, or from another generation: of what could end a token before its time
  // (LocalIssuer::generation()). Any thread.
  std::shared_ptr<const Identity> find(const KeyedHash::Digest& token, WallTime now, std::uint64_t generation);
  // Whether it was good when it was looked at last, and may still be: it has not expired.
  bool knew(const KeyedHash::Digest& token, WallTime now);
  void forget(const KeyedHash::Digest& token);
  void add(const KeyedHash::Digest& token, std::shared_ptr<const Identity> identity, WallTime until,
           std::uint64_t generation);
  std::size_t size() const;

 private:
  struct Entry {
    std::shared_ptr<const Identity> identity;
    WallTime until;
    std::uint64_t generation;
  };
  struct Hash {
    std::size_t operator()(const KeyedHash::Digest& digest) const;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<KeyedHash::Digest, Entry, Hash> entries;
  };
  static constexpr std::size_t kShards = 16;

  Shard& shard_of(const KeyedHash::Digest& token) { return shards_[token[0] % kShards]; }

  std::size_t most_;  // in a shard
  std::array<Shard, kShards> shards_;
};

}  // namespace vigie::identity
