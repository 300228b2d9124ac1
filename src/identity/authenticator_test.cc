#include "identity/authenticator.h"

#include <gtest/gtest.h>

#include "identity/test_keys.h"

namespace vigie::identity {
namespace {

using std::chrono::seconds;

constexpr WallTime kNow(seconds(1'800'000'000));

class SetClock : public Clock {
 public:
  WallTime now() const override { return time; }
  WallTime time = kNow;
};

class OneKey : public KeySource {
 public:
  explicit OneKey(const TestKey& key)
      : keys_(std::make_shared<const KeySet>(*KeySet::parse("{\"keys\": [" + key.jwk("one") + "]}"))) {}
  std::shared_ptr<const KeySet> keys() const override { return keys_; }

 private:
  std::shared_ptr<const KeySet> keys_;
};

class AuthenticatorTest : public testing::Test {
 protected:
  AuthenticatorTest() { make(1000); }
  void make(std::size_t tokens) {
    auto verifier = Verifier::make(
        {{.policy = {.issuer = "https://id.example", .audiences = {"vigie"}}, .keys = std::make_shared<OneKey>(key_)}});
    authenticator_.emplace(std::move(*verifier), *KeyedHash::draw(),
                           Authenticator::Options{.cached_tokens = tokens, .clock = &clock_, .generation = [this] {
                                                    return generation_;
                                                  }});
  }
  std::string bearer(const std::string& subject, seconds life = seconds(600)) const {
    return "Bearer " +
           key_.token("ES256", R"({"alg":"ES256","kid":"one"})",
                      R"({"iss":"https://id.example","aud":"vigie","roles":["viewer"],"sub":")" + subject +
                          R"(","exp":)" + std::to_string((kNow + life).time_since_epoch().count() / 1'000'000) + "}");
  }
  std::optional<Authenticator::Outcome> at_once(const std::string& authorization) {
    std::optional<KeyedHash::Digest> digest;
    return authenticator_->at_once(authorization, digest);
  }
  bool known(const std::string& authorization) {
    const auto outcome = at_once(authorization);
    return outcome && *outcome;
  }

  TestKey key_ = TestKey::ec();
  SetClock clock_;
  std::uint64_t generation_ = 0;
  std::optional<Authenticator> authenticator_;
};

TEST_F(AuthenticatorTest, AGoodTokenIsKnownFromItsSecondRequestOn) {
  const std::string token = bearer("ana");
  EXPECT_FALSE(at_once(token)) << "cannot be said at once";
  const auto decided = authenticator_->decide(token);
  ASSERT_TRUE(decided);
  EXPECT_EQ((*decided)->subject, "ana");
  const auto again = at_once(token);
  ASSERT_TRUE(again && *again);
  EXPECT_EQ((**again)->subject, "ana");
  EXPECT_TRUE(known("bearer   " + token.substr(7) + " ")) << "the scheme's case and spaces do not matter";
}

TEST_F(AuthenticatorTest, ADigestThatWasMadeBeforeStandsForTheTokenUntilItIsNotKnown) {
  const std::string token = bearer("ana");
  ASSERT_TRUE(authenticator_->decide(token));
  std::optional<KeyedHash::Digest> digest;
  ASSERT_TRUE(authenticator_->at_once(token, digest));
  ASSERT_TRUE(digest);
  const auto again = authenticator_->at_once(token, digest);
  ASSERT_TRUE(again && *again);
  EXPECT_EQ((**again)->subject, "ana");
  digest = {1, 2};  // as of a secret that the process no longer has
  EXPECT_FALSE(authenticator_->at_once(token, digest));
  EXPECT_FALSE(digest) << "it is made anew";
  EXPECT_TRUE(authenticator_->at_once(token, digest));
}

TEST_F(AuthenticatorTest, ABadTokenIsNeverKnown) {
  const std::string token = bearer("ana");
  const std::string bad = token.substr(0, token.size() - 6);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(at_once(bad));
    const auto outcome = authenticator_->decide(bad);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error(), Refusal::kSignature);
  }
  EXPECT_EQ(authenticator_->refused(Refusal::kSignature), 3u);
}

TEST_F(AuthenticatorTest, WhatIsNoBearerTokenIsRefusedAtOnce) {
  const auto refusal = [&](const std::string& authorization) {
    const auto outcome = at_once(authorization);
    return outcome && !*outcome ? std::string(text_of(outcome->error()).name) : "none";
  };
  EXPECT_EQ(refusal(""), "missing");
  EXPECT_EQ(refusal("Bearer "), "missing");
  EXPECT_EQ(refusal("Bearer"), "scheme");
  EXPECT_EQ(refusal("Basic dXNlcjpwYXNz"), "scheme");
  EXPECT_EQ(refusal("Bearerx y"), "scheme");
  EXPECT_EQ(refusal("Bearer " + std::string(1 << 20, 'a')), "too_long");
  EXPECT_EQ(authenticator_->refused(Refusal::kScheme), 3u);
}

TEST_F(AuthenticatorTest, IsForgottenWhenItExpiresAfterAMinuteAndWhenAnythingWasRevoked) {
  const std::string brief = bearer("ana", seconds(20));
  const std::string lasting = bearer("bob");
  ASSERT_TRUE(authenticator_->decide(brief));
  ASSERT_TRUE(authenticator_->decide(lasting));
  clock_.time = kNow + seconds(19);
  EXPECT_TRUE(known(brief));
  clock_.time = kNow + seconds(20);
  EXPECT_FALSE(known(brief));
  EXPECT_TRUE(known(lasting));
  clock_.time = kNow + seconds(60);
  EXPECT_FALSE(known(lasting));
  ASSERT_TRUE(authenticator_->decide(lasting));
  EXPECT_TRUE(known(lasting));
  ++generation_;
  EXPECT_FALSE(known(lasting));
}

TEST_F(AuthenticatorTest, KnowsWhoWasGoodThoughItHasToLookAgain) {
  const std::string token = bearer("ana", seconds(100));
  EXPECT_FALSE(authenticator_->knew(token));
  ASSERT_TRUE(authenticator_->decide(token));
  clock_.time = kNow + seconds(70);
  EXPECT_FALSE(known(token));
  EXPECT_TRUE(authenticator_->knew(token));
  EXPECT_FALSE(authenticator_->knew(bearer("bob"))) << "nobody has seen it";
  EXPECT_FALSE(authenticator_->knew(""));
  clock_.time = kNow + seconds(100);
  EXPECT_FALSE(authenticator_->knew(token)) << "it has expired";
  clock_.time = kNow + seconds(131);
  EXPECT_FALSE(authenticator_->decide(token));
  clock_.time = kNow;
  EXPECT_FALSE(authenticator_->knew(token)) << "it was refused, and is a stranger's from then on";
}

TEST_F(AuthenticatorTest, KeepsNoMoreTokensThanItMay) {
  const KeyedHash hash = *KeyedHash::draw();
  TokenCache cache(160);
  const auto identity = std::make_shared<const Identity>();
  for (int i = 0; i < 10'000; ++i) cache.add(hash.digest(std::to_string(i)), identity, kNow + seconds(60), 0);
  EXPECT_LE(cache.size(), 160u);
  EXPECT_GE(cache.size(), 100u);
  EXPECT_NE(cache.find(hash.digest("9999"), kNow, 0), nullptr) << "the newest is there";
}

}  // namespace
}  // namespace vigie::identity
