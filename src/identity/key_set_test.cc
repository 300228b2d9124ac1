#include "identity/key_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/test_keys.h"

namespace vigie::identity {
namespace {

using testing::HasSubstr;

std::string set_of(const std::string& keys) { return "{\"keys\": [" + keys + "]}"; }

class KeySetTest : public testing::Test {
 protected:
  static const TestKey& rsa() {
    static const TestKey key = TestKey::rsa();
    return key;
  }
  static const TestKey& ec() {
    static const TestKey key = TestKey::ec();
    return key;
  }
  // Why the only key of the set is left out.
  static std::string left_out(const std::string& jwk) {
    const auto set = KeySet::parse(set_of(jwk));
    if (!set) return "the set: " + set.error().to_string();
    if (set->left_out().size() != 1) return "it is in";
    EXPECT_TRUE(set->keys().empty());
    return set->left_out()[0].why;
  }
};

TEST_F(KeySetTest, FindsByIdOrTheOnlyOneThatFits) {
  const TestKey other = TestKey::ec("P-384");
  const auto set = KeySet::parse(set_of(rsa().jwk("r") + "," + ec().jwk("e") + "," + other.jwk("f")));
  ASSERT_TRUE(set) << set.error().to_string();
  EXPECT_EQ(set->find("e", Algorithm::kEs256)->id, "e");
  EXPECT_EQ(set->find("e", Algorithm::kRs256)->id, "e") << "that it does not fit is for the caller to say";
  EXPECT_EQ(set->find("x", Algorithm::kEs256), nullptr);
  EXPECT_EQ(set->find("", Algorithm::kEs256)->id, "e");
  EXPECT_EQ(set->find("", Algorithm::kEs384)->id, "f");
  EXPECT_EQ(set->find("", Algorithm::kPs256)->id, "r");

  const auto two = KeySet::parse(set_of(ec().jwk("e") + "," + TestKey::ec().jwk("g")));
  EXPECT_EQ(two->find("", Algorithm::kEs256), nullptr) << "either might have signed";
}

TEST_F(KeySetTest, ChecksSignaturesOfEachAlgorithm) {
  const TestKey ec384 = TestKey::ec("P-384");
  for (const auto name : kAlgorithmNames) {
    const TestKey& key = name == "ES256" ? ec() : name == "ES384" ? ec384 : rsa();
    const auto jwk = parse_jwk(key.jwk("k"));
    ASSERT_TRUE(jwk) << jwk.error().to_string();
    const Algorithm algorithm = *parse_algorithm(name);
    std::string signature = key.sign(name, "message");
    EXPECT_TRUE(jwk->key.verify(algorithm, "message", signature)) << name;
    EXPECT_FALSE(jwk->key.verify(algorithm, "massage", signature)) << name;
    EXPECT_FALSE(jwk->key.verify(algorithm, "message", "")) << name;
    EXPECT_FALSE(jwk->key.verify(algorithm, "message", signature + '\0')) << name;
    EXPECT_FALSE(jwk->key.verify(algorithm, "message", signature.substr(1))) << name;
    for (const auto wrong : kAlgorithmNames) {
      EXPECT_EQ(jwk->key.verify(*parse_algorithm(wrong), "message", signature), wrong == name) << name << wrong;
    }
    signature[signature.size() / 2] = static_cast<char>(signature[signature.size() / 2] ^ 1);
    EXPECT_FALSE(jwk->key.verify(algorithm, "message", signature)) << name;
    EXPECT_FALSE(jwk->key.verify(algorithm, "message", std::string(signature.size(), '\0'))) << name << ": psychic";
  }
}

TEST_F(KeySetTest, LeavesOutWhatIsNotForSignatures) {
  EXPECT_THAT(left_out(rsa().jwk("k", R"(, "use": "enc")")), HasSubstr("use"));
  EXPECT_THAT(left_out(rsa().jwk("k", R"(, "key_ops": ["sign"])")), HasSubstr("key_ops"));
  EXPECT_THAT(left_out(rsa().jwk("k", R"(, "key_ops": "verify")")), HasSubstr("key_ops"));
  EXPECT_THAT(left_out(rsa().jwk("k", R"(, "alg": "RSA-OAEP")")), HasSubstr("alg"));
  EXPECT_THAT(left_out(rsa().jwk("k", R"(, "alg": "HS256")")), HasSubstr("alg"));
  EXPECT_THAT(left_out(rsa().jwk("k", R"(, "alg": "ES256")")), HasSubstr("alg"));
  EXPECT_THAT(left_out(R"({"kty": "oct", "k": "Zm9v", "kid": "k", "use": "sig", "alg": "HS256"})"), HasSubstr("alg"));
  EXPECT_THAT(left_out(R"({"kty": "oct", "k": "Zm9v", "kid": "k"})"), HasSubstr("kty"));
  EXPECT_THAT(left_out(R"({"kty": "OKP", "crv": "Ed25519", "x": "Zm9v"})"), HasSubstr("kty"));
  EXPECT_THAT(left_out("{}"), HasSubstr("kty"));
}

TEST_F(KeySetTest, LeavesOutUnsoundKeys) {
  EXPECT_THAT(left_out(TestKey::rsa(512).jwk("k")), HasSubstr("512 bits"));
  EXPECT_THAT(left_out(TestKey::rsa(1024).jwk("k")), HasSubstr("1024 bits"));
  const std::string even = encode_base64url(std::string(256, '\xfe'));
  const std::string odd = encode_base64url(std::string(256, '\xff'));
  const auto rsa_of = [](const std::string& n, const std::string& e) {
    return R"({"kty": "RSA", "n": ")" + n + R"(", "e": ")" + e + R"("})";
  };
  EXPECT_THAT(left_out(rsa_of(odd, "AQ")), HasSubstr("exponent"));
  EXPECT_THAT(left_out(rsa_of(odd, "Ag")), HasSubstr("exponent"));
  EXPECT_THAT(left_out(rsa_of(odd, "")), HasSubstr("exponent"));
  EXPECT_THAT(left_out(rsa_of(odd, encode_base64url("123456789"))), HasSubstr("exponent"));
  EXPECT_THAT(left_out(rsa_of(even, "AQAB")), HasSubstr("even"));
  EXPECT_THAT(left_out(rsa_of(encode_base64url(std::string(1025, '\xff')), "AQAB")), HasSubstr("8192"));
  EXPECT_THAT(left_out(rsa_of("Zg==", "AQAB")), HasSubstr("base64url"));
  EXPECT_THAT(left_out(R"({"kty": "RSA", "e": "AQAB"})"), HasSubstr("missing"));
  const std::string zeros = encode_base64url(std::string(32, '\0'));
  const auto ec_of = [](const std::string& curve, const std::string& x, const std::string& y) {
    return R"({"kty": "EC", "crv": ")" + curve + R"(", "x": ")" + x + R"(", "y": ")" + y + R"("})";
  };
  EXPECT_THAT(left_out(ec_of("P-256", zeros, zeros)), HasSubstr("no point"));
  EXPECT_THAT(left_out(ec_of("P-384", zeros, zeros)), HasSubstr("as long as"));
  EXPECT_THAT(left_out(ec_of("P-256", zeros, "AA")), HasSubstr("as long as"));
  EXPECT_THAT(left_out(ec_of("secp256k1", zeros, zeros)), HasSubstr("P-384"));
}

TEST_F(KeySetTest, OneUnsoundKeyDoesNotTakeTheOthersAlong) {
  const auto set = KeySet::parse(set_of(R"({"kty": "oct", "kid": "mac"},)" + ec().jwk("e")));
  ASSERT_TRUE(set);
  EXPECT_EQ(set->keys().size(), 1u);
  ASSERT_EQ(set->left_out().size(), 1u);
  EXPECT_EQ(set->left_out()[0].id, "mac");
}

TEST_F(KeySetTest, RefusesDocumentsThatAreNone) {
  for (const std::string& text :
       {std::string("{}"), std::string("[]"), std::string(R"({"keys": {}})"), set_of("1"), std::string("<html>"),
        set_of(ec().jwk("same") + "," + rsa().jwk("same")), set_of(R"({"kty": "RSA", "kty": "EC"})")}) {
    EXPECT_FALSE(KeySet::parse(text)) << text;
  }
  std::string many = "{}";
  for (int i = 0; i < 100; ++i) many += ",{}";
  EXPECT_EQ(KeySet::parse(set_of(many)).error().code, Code::kResourceExhausted);
}

}  // namespace
}  // namespace vigie::identity
