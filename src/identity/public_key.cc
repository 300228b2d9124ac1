#include "identity/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <array>
#include <cstdint>
#include <string>

#include "identity/openssl_handle.h"

namespace vigie::identity {
namespace {

using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

constexpr int kLeastBits = 2048;
constexpr int kMostBits = 8192;

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Number number(std::string_view bytes) {
  return Number(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
}

// What OpenSSL found wrong stays in its queue, from which the next caller on this thread would take it for his own.
std::unexpected<Error> refuse(std::string message) {
  ERR_clear_error();
  return fail(Code::kInvalidData, std::move(message));
}

EVP_PKEY* make_key(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return key;
}

// Primes of the flawed generator are powers of 65537 modulo every small prime, and so is their product (Nemec et al.,
// "The Return of Coppersmith's Attack", CCS 2017, section 3). A sound modulus is that for all of these primes with a
// probability under 2^-27.
bool has_roca_fingerprint(const BIGNUM* modulus) {
  constexpr std::array<unsigned, 38> kPrimes = {3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
                                                47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
                                                107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
  for (const unsigned prime : kPrimes) {
    const auto remainder = static_cast<unsigned>(BN_mod_word(modulus, prime));
    unsigned power = 1;
    bool found = false;
    do {
      found = found || power == remainder;
      power = power * (65537 % prime) % prime;
    } while (power != 1);
    if (!found) return false;
  }
  return true;
}

const EVP_MD* digest_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRs256:
    case Algorithm::kPs256:
    case Algorithm::kEs256: return EVP_sha256();
    case Algorithm::kRs384:
    case Algorithm::kEs384: return EVP_sha384();
    case Algorithm::kRs512: return EVP_sha512();
  }
  return nullptr;
}

// OpenSSL wants DER. Empty where r or s cannot be one.
std::string to_der(std::string_view signature, std::size_t half) {
  if (signature.size() != 2 * half) return {};
  const EcSignature pair(ECDSA_SIG_new());
  Number r = number(signature.substr(0, half));
  Number s = number(signature.substr(half));
  if (!pair || !r || !s) return {};
  // They are the pair's from here: it refuses only what is not there.
  if (ECDSA_SIG_set0(pair.get(), r.release(), s.release()) != 1) return {};
  unsigned char* bytes = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &bytes);
  if (size <= 0) return {};
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

void PublicKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<PublicKey> PublicKey::rsa(std::string_view modulus, std::string_view exponent) {
  const Number n = number(modulus);
  const Number e = number(exponent);
  if (!n || !e) return refuse("no RSA key");
  const int bits = BN_num_bits(n.get());
  if (bits < kLeastBits) return refuse("an RSA key of " + std::to_string(bits) + " bits: 2048 are the least");
  if (bits > kMostBits) return refuse("an RSA key of " + std::to_string(bits) + " bits: 8192 are the most");
  if (BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) == 1 || BN_num_bits(e.get()) > 64) {
    return refuse("an RSA key whose exponent no sound key has");
  }
  if (BN_is_odd(n.get()) == 0) return refuse("an RSA key whose modulus is even");
  if (has_roca_fingerprint(n.get())) return refuse("an RSA key of a flawed generator (ROCA, CVE-2017-15361)");
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return refuse("no RSA key");
  }
  Handle key(make_key("RSA", builder.get()));
  if (!key) return refuse("no RSA key");
  return PublicKey(Kind::kRsa, std::move(key));
}

Result<PublicKey> PublicKey::ec(Curve curve, std::string_view x, std::string_view y) {
  const std::size_t size = curve == Curve::kP256 ? 32 : 48;
  if (x.size() != size || y.size() != size) return refuse("an EC key whose coordinates are not as long as its curve");
  const std::string point = "\x04" + std::string(x) + std::string(y);
  const Builder builder(OSSL_PARAM_BLD_new());
  const char* const group = curve == Curve::kP256 ? "P-256" : "P-384";
  if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
    return refuse("no EC key");
  }
  Handle key(make_key("EC", builder.get()));
  const KeyContext context(key ? EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr) : nullptr);
  if (!context || EVP_PKEY_public_check(context.get()) != 1) return refuse("an EC key that is no point of its curve");
  return PublicKey(curve == Curve::kP256 ? Kind::kP256 : Kind::kP384, std::move(key));
}

bool PublicKey::fits(Algorithm algorithm) const {
  switch (algorithm) {
    case Algorithm::kEs256: return kind_ == Kind::kP256;
    case Algorithm::kEs384: return kind_ == Kind::kP384;
    case Algorithm::kRs256:
    case Algorithm::kRs384:
    case Algorithm::kRs512:
    case Algorithm::kPs256: return kind_ == Kind::kRsa;
  }
  return false;
}

bool PublicKey::verify(Algorithm algorithm, std::string_view message, std::string_view signature) const {
  if (!fits(algorithm)) return false;
  std::string der;
  if (kind_ != Kind::kRsa) {
    der = to_der(signature, kind_ == Kind::kP256 ? 32 : 48);
    if (der.empty()) return false;
    signature = der;
  }
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;  // the context's
  bool good = context && EVP_DigestVerifyInit(context.get(), &options, digest_of(algorithm), nullptr, key_.get()) == 1;
  if (good && algorithm == Algorithm::kPs256) {
    // The salt is as long as the hash (RFC 7518, 3.5).
    good = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  good = good &&
         EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message), message.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace vigie::identity
