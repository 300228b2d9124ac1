#include "identity/authorization_code.h"

#include <gmock/gmock.h>

#include "identity/scripted_server.h"

namespace vigie::identity {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const LoginClient kClient{.id = "vigie web", .secret = "s&t", .redirect_uri = "https://vigie.example/login/callback"};

// Of RFC 7636, appendix B.
constexpr const char* kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

LoginAttempt attempt() { return {std::string(43, 'A'), kVerifier}; }

TEST(LoginAttempt, IsDrawnAndComesBackFromItsText) {
  const auto first = LoginAttempt::draw();
  const auto second = LoginAttempt::draw();
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->state, second->state);
  EXPECT_NE(first->verifier, second->verifier);
  EXPECT_NE(first->state, first->verifier);
  const auto back = LoginAttempt::parse(first->to_text());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->state, first->state);
  EXPECT_EQ(back->verifier, first->verifier);
  for (const std::string& text :
       {std::string(), std::string("."), first->state, first->state + ".", "x" + first->to_text(),
        first->to_text() + "x", first->state + "." + std::string(43, '=')}) {
    EXPECT_FALSE(LoginAttempt::parse(text)) << text;
  }
}

TEST(AuthorizationCode, TheChallengeIsTheStandards) {
  EXPECT_EQ(code_challenge(kVerifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(AuthorizationCode, TheAddressHasAllThatTheProviderNeedsAndNotTheVerifier) {
  const auto url = authorization_url(
      {.issuer = "https://id.example", .jwks_uri = "", .authorization_endpoint = "https://id.example/auth?kc=1"},
      kClient, attempt());
  ASSERT_TRUE(url);
  EXPECT_EQ(*url,
            "https://id.example/auth?kc=1&response_type=code&client_id=vigie%20web"
            "&redirect_uri=https%3A%2F%2Fvigie.example%2Flogin%2Fcallback&scope=openid&state=" +
                std::string(43, 'A') +
                "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256");
  const auto none = authorization_url({.issuer = "https://id.example", .jwks_uri = ""}, kClient, attempt());
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().to_string(), HasSubstr("authorization_endpoint"));
}

class ExchangeTest : public testing::Test {
 protected:
  Result<std::string> exchange(const std::string& status, const std::string& body,
                               const LoginClient& client = kClient) {
    ScriptedServer server([&](ScriptedServer::Peer& peer) {
      request_ = peer.request();
      peer.send("HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    });
    Fetcher fetcher({});
    return exchange_code(fetcher,
                         {.issuer = "https://id.example", .jwks_uri = "", .token_endpoint = server.url("/token")},
                         client, "c/1", attempt());
  }
  std::string request_;
};

TEST_F(ExchangeTest, ACodeIsGoodForAToken) {
  const auto token = exchange("200 OK", R"({"access_token": "abc", "token_type": "Bearer", "expires_in": 300})");
  ASSERT_TRUE(token) << token.error().to_string();
  EXPECT_EQ(*token, "abc");
  EXPECT_THAT(request_, StartsWith("POST /token "));
  EXPECT_THAT(request_, HasSubstr("grant_type=authorization_code&code=c%2F1&redirect_uri=https%3A%2F%2Fvigie.example"
                                  "%2Flogin%2Fcallback&code_verifier=" +
                                  std::string(kVerifier)));
  EXPECT_THAT(request_, HasSubstr("Authorization: Basic dmlnaWUlMjB3ZWI6cyUyNnQ=")) << "both encoded before (2.3.1)";
  EXPECT_THAT(request_, Not(HasSubstr("client_id=")));
}

TEST_F(ExchangeTest, AClientWithoutASecretSaysWhoItIs) {
  LoginClient client = kClient;
  client.secret.clear();
  ASSERT_TRUE(exchange("200 OK", R"({"access_token": "abc", "token_type": "bearer"})", client));
  EXPECT_THAT(request_, HasSubstr("client_id=vigie%20web"));
  EXPECT_THAT(request_, Not(HasSubstr("Authorization:")));
}

TEST_F(ExchangeTest, ARefusalAndNonsenseAreErrorsThatHoldNoSecret) {
  const std::vector<std::tuple<std::string, std::string, Code>> answers = {
      {"400 Bad Request", R"({"error": "invalid_grant"})", Code::kPermissionDenied},
      {"400 Bad Request", R"({"error": "unauthorized_client"})", Code::kFailedPrecondition},
      {"401 Unauthorized", R"({"error": "invalid_client"})", Code::kFailedPrecondition},
      {"401 Unauthorized", "", Code::kFailedPrecondition},
      {"403 Forbidden", R"({"error": ["invalid_client"]})", Code::kPermissionDenied},
      {"500 Internal Server Error", "", Code::kUnavailable},
      {"302 Found", "", Code::kUnavailable},
      {"200 OK", "<html>", Code::kInvalidData},
      {"200 OK", "{}", Code::kInvalidData},
      {"200 OK", R"({"access_token": "topsecret"})", Code::kInvalidData},
      {"200 OK", R"({"access_token": "topsecret", "token_type": "DPoP"})", Code::kInvalidData},
      {"200 OK", R"({"access_token": "topsecret", "token_type": 7})", Code::kInvalidData},
      {"200 OK", R"({"access_token": "", "token_type": "Bearer"})", Code::kInvalidData},
      {"200 OK", R"({"access_token": "a", "access_token": "b", "token_type": "Bearer"})", Code::kInvalidData},
      {"200 OK", R"({"access_token": ")" + std::string(20'000, 'x') + R"(", "token_type": "Bearer"})",
       Code::kInvalidData}};
  for (const auto& [status, body, code] : answers) {
    const auto token = exchange(status, body);
    ASSERT_FALSE(token) << body.substr(0, 80);
    EXPECT_EQ(token.error().code, code) << body.substr(0, 80);
    EXPECT_THAT(token.error().to_string(), Not(HasSubstr("topsecret")));
    EXPECT_THAT(token.error().to_string(), Not(HasSubstr("s&t")));
    EXPECT_THAT(token.error().to_string(), Not(HasSubstr(kVerifier)));
  }
}

}  // namespace
}  // namespace vigie::identity
