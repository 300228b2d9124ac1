// An issuer that is asked about tokens answers, answers nonsense, is silent, or changes its mind.
#include "identity/token_inquiry.h"

#include <gmock/gmock.h>

#include <future>

#include "http/test_routes.h"
#include "identity/inquiry_fixture.h"

namespace vigie::identity {
namespace {

using namespace std::chrono_literals;
using http::soon;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class TokenInquiryTest : public InquiryFixture {};

TEST_F(TokenInquiryTest, WhoCannotTellLetsNobodyInAndTurnsNobodyAway) {
  ProviderServer provider;
  add(provider);
  open();
  const std::string huge = R"({"active":true,"x":")" + std::string(200'000, 'x') + "\"}";
  std::string many = "[1";
  for (int i = 0; i < 1100; ++i) many += ",1";
  many += "]";
  int number = 0;
  for (const std::string& answer :
       {scripted_answer("200 OK", "<html>sign in</html>"), scripted_answer("401 Unauthorized", "{}"),
        scripted_answer("403 Forbidden", active()), scripted_answer("500 Internal Server Error", active()),
        scripted_answer("302 Found", "", "Location: /introspect2\r\n"), scripted_answer("204 No Content", ""),
        scripted_answer("200 OK", R"({"active":false,"active":true})"),
        scripted_answer("200 OK", active({{"sub", R"("a","sub":"b")"}})), scripted_answer("200 OK", huge),
        scripted_answer("200 OK", active({{"exp", R"("soon")"}})),
        scripted_answer("200 OK", active({{"groups", many}})), scripted_answer("200 OK", R"({"active":"true"})"),
        scripted_answer("200 OK", active()).substr(0, 120), std::string("SSH-2.0-OpenSSH_9.2\r\n")}) {
    const std::string token = "opaque-" + std::to_string(++number);
    provider.answer(token, answer);
    EXPECT_EQ(judge(token), "undecided") << answer.substr(0, 200);
    EXPECT_FALSE(known(token));
    provider.say(token, active());
    EXPECT_EQ(judge(token), "good") << "the same token, once its issuer answers: " << answer.substr(0, 60);
  }
  EXPECT_TRUE(is_temporary(Refusal::kUndecided));
  const auto inquiries = authenticator_->inquiries();
  ASSERT_EQ(inquiries.size(), 1u);
  EXPECT_EQ(inquiries[0].issuer, provider.issuer());
  EXPECT_EQ(inquiries[0].state.failures, static_cast<std::uint64_t>(number));
  EXPECT_EQ(inquiries[0].state.calls, 2u * static_cast<std::uint64_t>(number));
  EXPECT_THAT(inquiries[0].state.failure, Not(HasSubstr("opaque-")));
}

TEST_F(TokenInquiryTest, AnIssuerThatIsSilentIsWaitedForOnlySoLong) {
  ProviderServer provider;
  provider.say("opaque", active());
  provider.mood = ProviderServer::Mood::kHangs;
  add(provider, Asks::kOpaque, {.connect_timeout = 100ms, .timeout = 200ms});
  open();
  EXPECT_EQ(judge("opaque"), "undecided");
  EXPECT_THAT(authenticator_->inquiries().at(0).state.failure, HasSubstr("within 200 ms"));
  provider.mood = ProviderServer::Mood::kAnswers;
  clock_.second += 2;
  EXPECT_EQ(judge("opaque"), "good");
}

TEST_F(TokenInquiryTest, AnIssuerWithoutAnEndpointCannotTell) {
  ProviderServer provider(false);
  add(provider);
  open();
  EXPECT_EQ(judge("opaque"), "undecided");
}

TEST_F(TokenInquiryTest, ManyRequestsWithOneTokenAreOneCall) {
  ProviderServer provider;
  provider.say("opaque", active());
  provider.mood = ProviderServer::Mood::kHolds;
  add(provider);
  open();
  std::atomic<int> begun{0};
  std::vector<std::future<std::string>> verdicts;
  for (int i = 0; i < 64; ++i) {
    verdicts.push_back(std::async(std::launch::async, [&] {
      ++begun;
      return judge("opaque");
    }));
  }
  ASSERT_TRUE(soon([&] { return begun == 64 && !provider.asked().empty(); }));
  provider.mood = ProviderServer::Mood::kAnswers;
  for (auto& verdict : verdicts) EXPECT_EQ(verdict.get(), "good");
  EXPECT_EQ(provider.asked().size(), 1u);
}

TEST_F(TokenInquiryTest, ALogoutEndsASignedTokenWithinTenSeconds) {
  ProviderServer provider;
  const std::string anna = signed_token(provider, "anna");
  const std::string bert = signed_token(provider, "bert");
  for (const std::string& token : {anna, bert}) provider.say(token, R"({"active":true})");
  add(provider, Asks::kAlways);
  open();
  EXPECT_EQ(judge(anna), "good") << "a signed token says itself whose it is";
  EXPECT_EQ(judge(bert), "good");
  provider.say(anna, R"({"active":false})");
  clock_.second += 9;
  EXPECT_TRUE(known(anna)) << "nobody is asked for each request";
  EXPECT_EQ(provider.asked().size(), 2u);
  clock_.second += 1;
  EXPECT_FALSE(known(anna));
  EXPECT_EQ(judge(anna), "revoked");
  EXPECT_EQ(judge(bert), "good");
  EXPECT_EQ(authenticator_->refused(Refusal::kRevoked), 1u);
}

TEST_F(TokenInquiryTest, AnAnswerThatTookLongHoldsNoLongerForIt) {
  ProviderServer provider;
  provider.say("opaque", active());
  provider.on_asked = [&] { clock_.second += 4; };
  add(provider);
  open();
  EXPECT_EQ(judge("opaque"), "good");
  clock_.second = kNow + 9;
  EXPECT_TRUE(known("opaque"));
  clock_.second = kNow + 10;
  EXPECT_FALSE(known("opaque")) << "ten seconds from the question on";
}

TEST_F(TokenInquiryTest, OfASignedTokenTheSignatureComesFirst) {
  ProviderServer provider;
  add(provider, Asks::kAlways);
  open();
  const std::string stranger = TestKey::ec().token(
      "ES256", R"({"alg":"ES256","kid":"one"})",
      R"({"iss":")" + provider.issuer() + R"(","aud":"vigie","sub":"x","exp":)" + std::to_string(kNow + 300) + "}");
  provider.say(stranger, active());
  EXPECT_EQ(judge(stranger), "signature") << "whatever its issuer would say";
  EXPECT_EQ(judge(signed_token(provider, "late", -31)), "expired");
  EXPECT_THAT(provider.asked(), ElementsAre());
  EXPECT_EQ(judge(signed_token(provider, "just", -5)), "expired") << "within the leeway its issuer forgets it first";
}

TEST_F(TokenInquiryTest, SignedTokensWaitForAnIssuerThatIsDown) {
  ProviderServer provider;
  const std::string anna = signed_token(provider, "anna");
  provider.say(anna, R"({"active":true})");
  add(provider, Asks::kAlways);
  open();
  EXPECT_EQ(judge(anna), "good");
  provider.mood = ProviderServer::Mood::kDrops;
  clock_.second += 9;
  EXPECT_TRUE(known(anna));
  clock_.second += 1;
  EXPECT_EQ(judge(anna), "undecided");
  provider.mood = ProviderServer::Mood::kAnswers;
  EXPECT_EQ(judge(anna), "undecided") << "not asked again at once";
  clock_.second += 2;
  EXPECT_EQ(judge(anna), "good");
}

TEST_F(TokenInquiryTest, WhereOnlyOpaqueTokensAreAskedAboutSignedOnesAreNot) {
  ProviderServer provider;
  add(provider, Asks::kOpaque);
  open();
  EXPECT_EQ(judge(signed_token(provider, "anna")), "good");
  EXPECT_THAT(provider.asked(), ElementsAre());
}

}  // namespace
}  // namespace vigie::identity
