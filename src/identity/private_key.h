// A P-256 key that the local issuer signs with (ES256, RFC 7518, section 3.4).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct evp_pkey_st;

namespace vigie::identity {

class PrivateKey {
 public:
  static Result<PrivateKey> generate();
  // PKCS #8 in PEM, without a passphrase; only P-256.
  static Result<PrivateKey> from_pem(std::string_view pem);

  Result<std::string> to_pem() const;
  // 64 bytes, r and s side by side.
  Result<std::string> sign(std::string_view message) const;
  // Its public half: the members that every EC key has, in the order of RFC 7638.
  Result<std::string> public_jwk() const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  using Handle = std::unique_ptr<evp_pkey_st, Free>;
  explicit PrivateKey(Handle key) : key_(std::move(key)) {}

  Handle key_;
};

}  // namespace vigie::identity
