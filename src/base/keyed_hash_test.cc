#include "base/keyed_hash.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <memory>
#include <set>
#include <string>

namespace vigie {
namespace {

constexpr KeyedHash::Secret kPapersSecret{0x0706050403020100, 0x0f0e0d0c0b0a0908};

// OpenSSL's SipHash-2-4, which is too slow for every request.
template <typename Hash>
Hash of_openssl(const KeyedHash::Secret& secret, std::string_view bytes) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac(EVP_MAC_fetch(nullptr, "SIPHASH", nullptr), EVP_MAC_free);
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(EVP_MAC_CTX_new(mac.get()), EVP_MAC_CTX_free);
  std::size_t size = sizeof(Hash);
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t("size", &size), OSSL_PARAM_construct_end()};
  unsigned char out[sizeof(Hash)] = {};
  const bool done =
      EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(secret.data()), 16, parameters) == 1 &&
      EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) == 1 &&
      EVP_MAC_final(context.get(), out, &size, sizeof out) == 1;
  EXPECT_TRUE(done);
  Hash hash{};
  std::memcpy(&hash, out, sizeof hash);
  return hash;
}

TEST(KeyedHashTest, GivesThePapersValue) {
  const std::string bytes{'\0', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
  EXPECT_EQ(KeyedHash(kPapersSecret)(bytes), 0xa129ca6149be45e5) << "appendix A of the paper";
}

RC_GTEST_PROP(KeyedHashTest, IsOpenSslsSipHash, (const std::string& bytes, std::uint64_t low, std::uint64_t high)) {
  const KeyedHash::Secret secret{low, high};
  RC_ASSERT(KeyedHash(secret)(bytes) == of_openssl<std::uint64_t>(secret, bytes));
  RC_ASSERT(KeyedHash(secret).digest(bytes) == of_openssl<KeyedHash::Digest>(secret, bytes));
}

TEST(KeyedHashTest, EveryLengthCounts) {
  for (std::size_t length = 0; length <= 300; ++length) {
    const std::string zeros(length, '\0');
    EXPECT_EQ(KeyedHash(kPapersSecret)(zeros), of_openssl<std::uint64_t>(kPapersSecret, zeros)) << length;
    EXPECT_EQ(KeyedHash(kPapersSecret).digest(zeros), of_openssl<KeyedHash::Digest>(kPapersSecret, zeros)) << length;
  }
}

TEST(KeyedHashTest, PairsAreToldApartWhereverOneNameEnds) {
  const KeyedHash hash(kPapersSecret);
  const std::string names("issuer\0subject of more than eight letters", 41);
  std::set<std::uint64_t> keys;
  for (std::size_t at = 0; at <= names.size(); ++at) keys.insert(hash(names.substr(0, at), names.substr(at)));
  EXPECT_EQ(keys.size(), names.size() + 1);
  EXPECT_EQ(hash("a", "b"), hash("a", "b"));
}

TEST(KeyedHashTest, EachDrawHasItsOwnSecret) {
  const auto first = KeyedHash::draw();
  const auto second = KeyedHash::draw();
  ASSERT_TRUE(first && second);
  EXPECT_EQ((*first)("alice"), (*first)("alice"));
  EXPECT_NE((*first)("alice"), (*second)("alice"));
  EXPECT_NE((*first)("alice"), (*first)("alicf"));
}

}  // namespace
}  // namespace vigie
