#include "base/keyed_hash.h"

#include <openssl/rand.h>

#include <bit>
#include <cstring>

namespace vigie {
namespace {

// The first `count` bytes, the lowest first; 0 in place of the others.
std::uint64_t word_of(const char* bytes, std::size_t count) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, count);
  return word;
}

class State {
 public:
  explicit State(const KeyedHash::Secret& secret)
      : a_(secret[0] ^ 0x736f6d6570736575),
        b_(secret[1] ^ 0x646f72616e646f6d),
        c_(secret[0] ^ 0x6c7967656e657261),
        d_(secret[1] ^ 0x7465646279746573) {}

  void absorb(std::uint64_t word) {
    d_ ^= word;
    mix(2);
    a_ ^= word;
  }
  void absorb(std::string_view bytes) {
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) absorb(word_of(bytes.data() + at, 8));
    // The last word ends in the length's lowest byte.
    absorb(word_of(bytes.data() + at, bytes.size() - at) | std::uint64_t{bytes.size()} << 56);
  }
  std::uint64_t finish() {
    c_ ^= 0xff;
    mix(4);
    return a_ ^ b_ ^ c_ ^ d_;
  }
  // The wide form differs from the first word on (the authors' reference code).
  void widen() { b_ ^= 0xee; }
  KeyedHash::Digest finish_wide() {
    c_ ^= 0xee;
    mix(4);
    const std::uint64_t first = a_ ^ b_ ^ c_ ^ d_;
    b_ ^= 0xdd;
    mix(4);
    return {first, a_ ^ b_ ^ c_ ^ d_};
  }

 private:
  void mix(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      a_ += b_;
      c_ += d_;
      b_ = std::rotl(b_, 13) ^ a_;
      d_ = std::rotl(d_, 16) ^ c_;
      a_ = std::rotl(a_, 32);
      c_ += b_;
      a_ += d_;
      b_ = std::rotl(b_, 17) ^ c_;
      d_ = std::rotl(d_, 21) ^ a_;
      c_ = std::rotl(c_, 32);
    }
  }

  std::uint64_t a_, b_, c_, d_;
};

}  // namespace

Result<KeyedHash> KeyedHash::draw() {
  Secret secret{};
  if (::RAND_bytes(reinterpret_cast<unsigned char*>(secret.data()), sizeof secret) != 1) {
    return fail(Code::kUnavailable, "the random generator of OpenSSL gives nothing", {},
                "check that /dev/urandom works");
  }
  return KeyedHash(secret);
}

std::uint64_t KeyedHash::operator()(std::string_view bytes) const {
  State state(secret_);
  state.absorb(bytes);
  return state.finish();
}

std::uint64_t KeyedHash::operator()(std::string_view first, std::string_view second) const {
  State state(secret_);
  state.absorb(first.size());  // where the second begins
  state.absorb(first);
  state.absorb(second);
  return state.finish();
}

KeyedHash::Digest KeyedHash::digest(std::string_view bytes) const {
  State state(secret_);
  state.widen();
  state.absorb(bytes);
  return state.finish_wide();
}

}  // namespace vigie
