// A key that signatures are checked with, parsed once and used by any number of threads.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "identity/algorithm.h"

struct evp_pkey_st;

namespace vigie::identity {

enum class Curve : std::uint8_t { kP256, kP384 };

class PublicKey {
 public:
  // RSA from modulus and exponent, big-endian without leading zeros. Refused: a modulus under 2048 bits (RFC 7518,
  // 3.3) or over 8192 (checking would take milliseconds), an exponent that is even, 1 or longer than 64 bits, and
  // moduli with the fingerprint of ROCA (CVE-2017-15361), whose private halves can be computed.
  static Result<PublicKey> rsa(std::string_view modulus, std::string_view exponent);
  // EC from both coordinates, each as long as the curve's field (RFC 7518, 6.2.1.2). A point that is not on the curve
  // is refused.
  static Result<PublicKey> ec(Curve curve, std::string_view x, std::string_view y);

  // Whether keys of this kind, and for ECDSA of this curve, sign with the algorithm.
  bool fits(Algorithm algorithm) const;
  // False for every signature that is not one, of whatever length. ECDSA's are r and s side by side (RFC 7518, 3.4).
  bool verify(Algorithm algorithm, std::string_view message, std::string_view signature) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  enum class Kind : std::uint8_t { kRsa, kP256, kP384 };
  using Handle = std::unique_ptr<evp_pkey_st, Free>;
  PublicKey(Kind kind, Handle key) : kind_(kind), key_(std::move(key)) {}

  Kind kind_;
  Handle key_;
};

}  // namespace vigie::identity
