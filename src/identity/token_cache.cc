#include "identity/token_cache.h"

#include <algorithm>

namespace vigie::identity {

std::size_t TokenCache::Hash::operator()(const KeyedHash::Digest& digest) const { return digest[1]; }

TokenCache::TokenCache(std::size_t tokens) : most_(std::max<std::size_t>(tokens / kShards, 1)) {}

std::shared_ptr<const Identity> TokenCache::find(const KeyedHash::Digest& token, WallTime now,
                                                 std::uint64_t generation) {
  Shard& shard = shard_of(token);
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.entries.find(token);
  if (found == shard.entries.end()) return nullptr;
  if (found->second.until > now && found->second.generation == generation) return found->second.identity;
  if (found->second.identity->expires <= now) shard.entries.erase(found);
  return nullptr;
}

bool TokenCache::knew(const KeyedHash::Digest& token, WallTime now) {
  Shard& shard = shard_of(token);
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.entries.find(token);
  return found != shard.entries.end() && found->second.identity->expires > now;
}

void TokenCache::forget(const KeyedHash::Digest& token) {
  Shard& shard = shard_of(token);
  const std::scoped_lock lock(shard.mutex);
  shard.entries.erase(token);
}

void TokenCache::add(const KeyedHash::Digest& token, std::shared_ptr<const Identity> identity, WallTime until,
                     std::uint64_t generation) {
  Shard& shard = shard_of(token);
  const std::scoped_lock lock(shard.mutex);
  if (shard.entries.size() >= most_ && !shard.entries.contains(token)) shard.entries.erase(shard.entries.begin());
  shard.entries.insert_or_assign(token, Entry{std::move(identity), until, generation});
}

std::size_t TokenCache::size() const {
  std::size_t all = 0;
  for (const Shard& shard : shards_) {
    const std::scoped_lock lock(shard.mutex);
    all += shard.entries.size();
  }
  return all;
}

}  // namespace vigie::identity
