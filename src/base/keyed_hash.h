// Names of strangers (subjects, addresses, tokens) as 64-bit keys of tables. SipHash-2-4 (Aumasson and Bernstein, 2012)
// under a secret drawn at start: whoever does not know it cannot choose two names that meet in one key, and so neither
// eat up another one's limit nor make a table slow. Of a million names two meet by chance once in 37 million starts.
//
//   const KeyedHash hash = VIGIE_TRY(KeyedHash::draw());
//   const auto answer = limiter.take(hash(subject), now);
//
// Keys mean nothing without their secret: it is the process's own, or stored in a file of its owner's alone where keys
// are stored. Neither is told to anybody.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace vigie {

class KeyedHash {
 public:
  using Secret = std::array<std::uint64_t, 2>;

  // A secret of the machine's own random generator. kUnavailable where that has nothing to give.
  static Result<KeyedHash> draw();
  // The secret's 16 bytes, each number's lowest first.
  explicit KeyedHash(const Secret& secret) : secret_(secret) {}

  const Secret& secret() const { return secret_; }

  std::uint64_t operator()(std::string_view bytes) const;
  // Of two names that mean something together only, as an issuer and its subject do: a letter that moves from one to
  // the other makes another pair.
  std::uint64_t operator()(std::string_view first, std::string_view second) const;
  // SipHash-2-4 of 128 bits: who does not know the secret meets a given digest once in 2^128 tries, so that it may
  // stand for what it was made of.
  using Digest = std::array<std::uint64_t, 2>;
  Digest digest(std::string_view bytes) const;

 private:
  Secret secret_;
};

}  // namespace vigie
