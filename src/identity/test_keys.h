// Keys that a test signs with, as an issuer would, and as its enemies would.
#pragma once

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "identity/base64url.h"

namespace vigie::identity {

class TestKey {
 public:
  static TestKey rsa(unsigned bits = 2048) { return TestKey(EVP_RSA_gen(bits)); }
  static TestKey ec(const char* curve = "P-256") { return TestKey(EVP_EC_gen(curve)); }

  // The members of its JWK that a public key has, without braces.
  std::string members() const {
    if (EVP_PKEY_is_a(key_.get(), "RSA") == 1) {
      return R"("kty": "RSA", "n": ")" + encode_base64url(number(OSSL_PKEY_PARAM_RSA_N, 0)) + R"(", "e": ")" +
             encode_base64url(number(OSSL_PKEY_PARAM_RSA_E, 0)) + '"';
    }
    const bool small = EVP_PKEY_get_bits(key_.get()) == 256;
    return R"("kty": "EC", "crv": ")" + std::string(small ? "P-256" : "P-384") + R"(", "x": ")" +
           encode_base64url(number(OSSL_PKEY_PARAM_EC_PUB_X, half())) + R"(", "y": ")" +
           encode_base64url(number(OSSL_PKEY_PARAM_EC_PUB_Y, half())) + '"';
  }
  std::string jwk(const std::string& id, const std::string& more = R"(, "use": "sig")") const {
    return "{" + members() + R"(, "kid": ")" + id + '"' + more + "}";
  }

  // By the algorithm's name, as JWS wants it: "RS256", "PS256", "ES384" and so on.
  std::string sign(std::string_view algorithm, std::string_view message) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_PKEY_CTX* options = nullptr;
    const std::string digest = "SHA" + std::string(algorithm.substr(2));
    must(EVP_DigestSignInit_ex(context.get(), &options, digest.c_str(), nullptr, nullptr, key_.get(), nullptr));
    if (algorithm.starts_with("PS")) {
      must(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING));
      must(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST));
    }
    const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
    std::size_t size = 0;
    must(EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()));
    std::string signature(size, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(signature.data());
    must(EVP_DigestSign(context.get(), out, &size, bytes, message.size()));
    signature.resize(size);
    return algorithm.starts_with("ES") ? side_by_side(signature) : signature;
  }

  // Header and payload are JSON, and need not be sound.
  std::string token(std::string_view algorithm, std::string_view header, std::string_view payload) const {
    const std::string text = encode_base64url(header) + "." + encode_base64url(payload);
    return text + "." + encode_base64url(sign(algorithm, text));
  }

 private:
  explicit TestKey(EVP_PKEY* key) : key_(key, EVP_PKEY_free) { must(key != nullptr ? 1 : 0); }

  static void must(int done) {
    if (done != 1) throw std::runtime_error("OpenSSL failed in a test");
  }
  std::size_t half() const { return static_cast<std::size_t>(EVP_PKEY_get_bits(key_.get()) + 7) / 8; }

  // Big-endian; of `size` bytes, or as many as it has where that is 0.
  std::string number(const char* name, std::size_t size) const {
    BIGNUM* value = nullptr;
    must(EVP_PKEY_get_bn_param(key_.get(), name, &value));
    std::string bytes(size == 0 ? static_cast<std::size_t>(BN_num_bytes(value)) : size, '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    BN_free(value);
    return bytes;
  }

  std::string side_by_side(const std::string& der) const {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
        d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())), ECDSA_SIG_free);
    std::string out(2 * half(), '\0');
    auto* const to = reinterpret_cast<unsigned char*>(out.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), to, static_cast<int>(half()));
    BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), to + half(), static_cast<int>(half()));
    return out;
  }

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

// What the enemy signs with who takes a public key for a shared secret.
inline std::string hmac_token(std::string_view secret, std::string_view header, std::string_view payload) {
  const std::string text = encode_base64url(header) + "." + encode_base64url(payload);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  return text + "." + encode_base64url({reinterpret_cast<const char*>(mac), size});
}

}  // namespace vigie::identity
