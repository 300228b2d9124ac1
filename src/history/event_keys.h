// Names of transactions, clients and terminals as the keys that a history holds.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/keyed_hash.h"
#include "domain/event.h"
#include "domain/transaction.h"
#include "history/name_key.h"

namespace vigie::history {

class EventKeys {
 public:
  // A history that outlives its process needs the same secret again.
  explicit EventKeys(const KeyedHash& hash) : hash_(hash) {}

  // Never 0. Whoever does not know the secret cannot choose names whose keys meet.
  std::uint64_t operator()(std::string_view name) const { return key_of(hash_, name); }

  // `transaction` as its client's history takes it: amounts to the cent, seconds cut off.
  domain::Event event(const domain::Transaction& transaction) const;

  // What became known of the transaction `id`, made at `time` at `terminal`.
  domain::Label label(std::string_view id, std::string_view terminal, WallTime time, bool fraud) const;

  const KeyedHash& hash() const { return hash_; }

 private:
  KeyedHash hash_;
};

}  // namespace vigie::history
