// Tokens that only their issuer can judge, and what has to be in its answer; what is no token is sent to nobody.
#include <gmock/gmock.h>

#include "identity/inquiry_fixture.h"

namespace vigie::identity {
namespace {

using testing::ElementsAre;

class OpaqueTokenTest : public InquiryFixture {};

TEST_F(OpaqueTokenTest, TheIssuerSaysWhoseAnOpaqueTokenIs) {
  ProviderServer provider;
  provider.say("opaque-1", active({{"jti", R"("a-1")"}}));
  add(provider);
  open();
  const auto outcome = decide("opaque-1");
  ASSERT_TRUE(outcome) << text_of(outcome.error()).name;
  const Identity& identity = **outcome;
  EXPECT_EQ(identity.issuer, provider.issuer());
  EXPECT_EQ(identity.subject, "u-17");
  EXPECT_EQ(identity.client, "till");
  EXPECT_EQ(identity.token_id, "a-1");
  EXPECT_EQ(identity.role, Role::kAnalyst);
  EXPECT_EQ(identity.expires, WallTime{std::chrono::seconds{kNow + 300}});
  EXPECT_EQ(identity.trusted_until, WallTime{std::chrono::seconds{kNow + 10}});
}

TEST_F(OpaqueTokenTest, AnActiveTokenIsNotYetAGoodOne) {
  ProviderServer provider;
  add(provider, Asks::kOpaque, patient(), {"till", "night"});
  open();
  struct Case {
    std::map<std::string, std::string> changed;
    const char* verdict;
  };
  int number = 0;
  for (const Case& it : std::vector<Case>{
           {{}, "good"},
           {{{"aud", R"("vigie")"}}, "good"},
           {{{"aud", R"("another")"}}, "audience"},
           {{{"aud", R"(["another","Vigie","vigie "])"}}, "audience"},
           {{{"aud", "[]"}}, "audience"},
           {{{"aud", ""}}, "audience"},
           {{{"exp", ""}}, "claims"},
           {{{"exp", std::to_string(kNow - 31)}}, "expired"},
           {{{"exp", "0"}}, "expired"},
           {{{"nbf", std::to_string(kNow + 31)}}, "not_yet_valid"},
           {{{"iat", std::to_string(kNow + 31)}}, "not_yet_valid"},
           {{{"iss", '"' + provider.issuer() + '"'}}, "good"},
           {{{"iss", R"("https://id.example")"}}, "issuer"},
           {{{"iss", '"' + provider.issuer() + "/\""}}, "issuer"},
           {{{"iss", R"("")"}}, "issuer"},
           {{{"client_id", R"("stranger")"}}, "party"},
           {{{"client_id", ""}}, "party"},
           {{{"azp", R"("stranger")"}}, "party"},
           {{{"token_type", ""}}, "type"},
           {{{"token_type", R"("bearer")"}}, "good"},
           {{{"token_type", R"("DPoP")"}}, "type"},
           {{{"token_type", R"("N_A")"}}, "type"},
           {{{"token_type", "1"}}, "type"},
           {{{"token_type", ""}, {"typ", R"("Bearer")"}}, "good"},
           {{{"typ", R"("Refresh")"}}, "type"},
           {{{"typ", R"("ID")"}}, "type"},
           {{{"token_use", R"("access_token")"}}, "good"},
           {{{"token_use", R"("refresh_token")"}}, "type"},
           {{{"cnf", R"({"jkt":"x"})"}}, "type"},
           {{{"sub", R"("")"}}, "claims"},
           {{{"sub", ""}, {"username", R"("anna")"}}, "claims"},
           {{{"sub", ""}, {"client_id", ""}, {"azp", R"("")"}}, "party"},
       }) {
    const std::string token = "opaque-" + std::to_string(++number);
    provider.say(token, active(it.changed));
    EXPECT_EQ(judge(token), it.verdict) << active(it.changed);
  }
}

TEST_F(OpaqueTokenTest, AClientOnItsOwnAccountIsItsSubject) {
  ProviderServer provider;
  provider.say("service", active({{"sub", ""}, {"client_id", R"("nightly")"}}));
  provider.say("nobody", active({{"sub", ""}, {"client_id", ""}}));
  add(provider);
  open();
  const auto outcome = decide("service");
  ASSERT_TRUE(outcome);
  EXPECT_EQ((*outcome)->subject, "nightly");
  EXPECT_EQ(judge("nobody"), "claims");
}

TEST_F(OpaqueTokenTest, RolesComeFromScopeAndFromWhatSignedTokensHave) {
  ProviderServer provider;
  add(provider);
  open();
  int number = 0;
  const auto role = [&](const std::map<std::string, std::string>& changed) {
    const std::string token = "opaque-" + std::to_string(++number);
    provider.say(token, active(changed));
    const auto outcome = decide(token);
    if (!outcome) return std::string(text_of(outcome.error()).name);
    return (*outcome)->role ? std::string(to_string(*(*outcome)->role)) : "none";
  };
  EXPECT_EQ(role({{"scope", R"("openid viewer")"}}), "viewer");
  EXPECT_EQ(role({{"scope", R"("openid")"}}), "none");
  EXPECT_EQ(role({{"scope", R"("Admin administrator")"}}), "none");
  EXPECT_EQ(role({{"scope", ""}}), "none");
  EXPECT_EQ(role({{"scope", R"("viewer")"}, {"groups", R"(["admin"])"}}), "admin") << "the highest counts";
  EXPECT_EQ(role({{"scope", ""}, {"realm_access", R"({"roles":["analyst"]})"}}), "analyst");
}

TEST_F(OpaqueTokenTest, WhatNobodyCallsGoodIsRefused) {
  ProviderServer first;
  ProviderServer second;
  add(first);
  add(second);
  open();
  EXPECT_EQ(judge("guessed"), "inactive");
  EXPECT_EQ(authenticator_->refused(Refusal::kInactive), 1u);
  EXPECT_FALSE(is_temporary(Refusal::kInactive)) << "it counts as a failure of who sent it";
  EXPECT_THAT(first.asked(), ElementsAre("guessed"));
  EXPECT_THAT(second.asked(), ElementsAre("guessed"));
}

TEST_F(OpaqueTokenTest, WhereNobodyIsAskedAnOpaqueTokenIsNone) {
  ProviderServer provider;
  provider.say("opaque", active());
  add(provider, Asks::kNever);
  open();
  EXPECT_EQ(judge("opaque"), "form");
  EXPECT_THAT(provider.asked(), ElementsAre());
  EXPECT_TRUE(authenticator_->inquiries().empty());
}

TEST_F(OpaqueTokenTest, OnlyTokensAreSentAnywhere) {
  ProviderServer provider;
  add(provider, Asks::kAlways);
  open();
  const std::string good = signed_token(provider, "anna");
  const std::string forged = good.substr(0, good.size() - 4) + "AAAA";
  for (const std::string& token :
       {std::string("a b"), std::string("a\tb"), std::string("a\nb"), std::string("a\0b", 3), std::string("a\x7f"),
        std::string("a\"b"), std::string("a&b=c"), std::string("a,b"), std::string("jeton-\xc3\xa9"), std::string("=a"),
        std::string("a=b"), std::string("==="), std::string("a%20b"), std::string("a.b.c"), std::string(".."),
        good + "=", good + "~", forged, std::string(17'000, 'a')}) {
    EXPECT_FALSE(decide(token)) << token.substr(0, 40);
  }
  EXPECT_THAT(provider.asked(), ElementsAre());
  for (const char* token : {"a", "a.b", "a.b.c.d", "-._~", "Zm9vYg=="}) EXPECT_EQ(judge(token), "inactive") << token;
  EXPECT_THAT(provider.asked(), ElementsAre("a", "a.b", "a.b.c.d", "-._~", "Zm9vYg%3D%3D"));
}

TEST_F(OpaqueTokenTest, SeveralIssuersAreAskedInTheirOrder) {
  ProviderServer first;
  ProviderServer silent;
  ProviderServer last;
  last.say("of-last", active());
  first.say("of-first", active());
  first.say("of-first-for-others", active({{"aud", R"("another")"}}));
  last.say("of-first-for-others", active());
  add(first);
  add(silent, Asks::kNever);
  add(last);
  open();
  const auto outcome = decide("of-last");
  ASSERT_TRUE(outcome);
  EXPECT_EQ((*outcome)->issuer, last.issuer());
  EXPECT_EQ(judge("of-first"), "good");
  EXPECT_EQ(judge("of-first-for-others"), "audience") << "who knows it has the last word";
  EXPECT_THAT(first.asked(), ElementsAre("of-last", "of-first", "of-first-for-others"));
  EXPECT_THAT(last.asked(), ElementsAre("of-last"));
  EXPECT_THAT(silent.asked(), ElementsAre());

  first.mood = ProviderServer::Mood::kDrops;
  last.say("of-last-2", active());
  EXPECT_EQ(judge("of-last-2"), "good") << "though one before it is down";
  EXPECT_EQ(judge("unknown"), "undecided") << "it may be the token of the one that is down";
}

}  // namespace
}  // namespace vigie::identity
