// The keys that an issuer publishes (JWK set, RFC 7517). A key that is not for checking signatures, or not a sound one,
// is left out and said why; what is there is sound.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/public_key.h"

namespace vigie::identity {

struct SigningKey {
  std::string id;                      // kid; empty: it has none
  std::optional<Algorithm> algorithm;  // alg; none: every one that the key fits
  PublicKey key;
};

struct LeftOut {
  std::string id;
  std::string why;
};

class KeySet {
 public:
  // At most 100 keys. Errors: kInvalidData where it is no JWK set, or where two keys for signatures have one id: which
  // of them had signed could not be told.
  static Result<KeySet> parse(std::string_view json);

  const std::vector<SigningKey>& keys() const { return keys_; }
  const std::vector<LeftOut>& left_out() const { return left_out_; }

  // The key of that id; for an empty id the only key that fits the algorithm. nullptr: there is none, or no only one.
  const SigningKey* find(std::string_view id, Algorithm algorithm) const;

 private:
  std::vector<SigningKey> keys_;
  std::vector<LeftOut> left_out_;
};

// Of one JWK. kUnsupported: sound perhaps, but not for checking signatures (`use`, `key_ops`, `kty`, `alg`).
Result<SigningKey> parse_jwk(std::string_view json);

}  // namespace vigie::identity
