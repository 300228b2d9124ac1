// Names of transactions, clients and terminals as keys, under the secret of the place where the keys are kept.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/keyed_hash.h"

namespace vigie::history {

// Never 0.
inline std::uint64_t key_of(const KeyedHash& hash, std::string_view name) {
  const std::uint64_t key = hash(name);
  return key == 0 ? 1 : key;
}

// Tells secrets apart without saying anything about them.
inline std::uint64_t fingerprint(const KeyedHash& hash) { return hash("vigie.history"); }

}  // namespace vigie::history
