#include "identity/private_key.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "identity/base64url.h"
#include "identity/openssl_handle.h"

namespace vigie::identity {
namespace {

constexpr int kHalf = 32;  // bytes of a coordinate, and of r and of s

using Memory = std::unique_ptr<BIO, Freed<BIO_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

std::unexpected<Error> broken(const char* doing) {
  ERR_clear_error();  // it might hold what the key is made of
  return fail(Code::kInternal, std::string("cannot ") + doing);
}

std::string coordinate(const EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &value) != 1) return {};
  std::string bytes(kHalf, '\0');
  const int written = BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), kHalf);
  BN_free(value);
  return written == kHalf ? bytes : std::string();
}

int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

void PrivateKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<PrivateKey> PrivateKey::generate() {
  Handle key(EVP_EC_gen("P-256"));
  if (!key) return broken("make a key");
  return PrivateKey(std::move(key));
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
  const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Handle key(memory ? PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, nullptr) : nullptr);
  ERR_clear_error();
  if (!key || EVP_PKEY_is_a(key.get(), "EC") != 1 || EVP_PKEY_get_bits(key.get()) != 8 * kHalf) {
    return fail(Code::kInvalidData, "not a P-256 key in PEM");
  }
  return PrivateKey(std::move(key));
}

Result<std::string> PrivateKey::to_pem() const {
  const Memory memory(BIO_new(BIO_s_secmem()));
  if (!memory || PEM_write_bio_PKCS8PrivateKey(memory.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return broken("write a key");
  }
  const char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &bytes);
  return std::string(bytes, static_cast<std::size_t>(size));
}

Result<std::string> PrivateKey::sign(std::string_view message) const {
  const DigestContext context(EVP_MD_CTX_new());
  const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
  unsigned char der[128];
  std::size_t size = sizeof der;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), der, &size, bytes, message.size()) != 1) {
    return broken("sign");
  }
  const unsigned char* at = der;
  const Signature pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
  std::string signature(2 * kHalf, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(signature.data());
  if (!pair || BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, kHalf) != kHalf ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + kHalf, kHalf) != kHalf) {
    return broken("sign");
  }
  return signature;
}

Result<std::string> PrivateKey::public_jwk() const {
  const std::string x = coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X);
  const std::string y = coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y);
  if (x.empty() || y.empty()) return broken("read a key's public half");
  return R"("crv":"P-256","kty":"EC","x":")" + encode_base64url(x) + R"(","y":")" + encode_base64url(y) + '"';
}

}  // namespace vigie::identity
