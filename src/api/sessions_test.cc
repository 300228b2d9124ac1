// Browsers: how a session begins, what its cookie is good for, and how it ends, over a real socket.
#include "api/sessions.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "api/api_fixture.h"
#include "api/local_issuer_fixture.h"

namespace vigie::api {
namespace {

using identity::LoginAttempt;
using identity::Role;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kOwnPage = "Sec-Fetch-Site: same-origin\r\n";

// "name=value" of the answer's cookie of that name, as a browser sends it back; empty where there is none.
std::string cookie_of(const http::RawReply& reply, const std::string& name) {
  const auto at = reply.head.find("Set-Cookie: " + name + "=");
  if (at == std::string::npos) return {};
  const auto begin = at + std::string_view("Set-Cookie: ").size();
  return reply.head.substr(begin, reply.head.find(';', begin) - begin);
}

class SessionsTest : public LocalIssuerFixture, public ApiTest {
 protected:
  SessionsTest() : ApiTest(services()) {}
  explicit SessionsTest(std::shared_ptr<ProviderLogin> provider)
      : ApiTest(services({}, nullptr, std::move(provider))) {}

  http::RawReply log_in(const std::string& code) { return post("/session", "{\"code\": \"" + code + "\"}"); }
  std::string session(Role role) { return "Cookie: " + cookie_of(log_in(login_code(role)), "vigie_session") + "\r\n"; }
  std::string who(const std::string& fields) { return get("/session", fields).body; }
};

TEST_F(SessionsTest, ACodeBeginsASessionOnce) {
  const std::string code = login_code(Role::kAnalyst);
  const auto reply = log_in(code);
  EXPECT_EQ(reply.status, 200);
  const auto body = boost::json::parse(reply.body).as_object();
  EXPECT_EQ(body.at("subject"), "ana");
  EXPECT_EQ(body.at("role"), "analyst");
  EXPECT_THAT(reply.field("Set-Cookie"), testing::MatchesRegex("vigie_session=[^;]+; Path=/; Max-Age=28800; HttpOnly; "
                                                               "SameSite=Strict"));
  EXPECT_EQ(reply.field("Cache-Control"), "no-store");
  EXPECT_THAT(reply.body, Not(HasSubstr(cookie_of(reply, "vigie_session").substr(20))));
  const auto again = log_in(code);
  EXPECT_EQ(again.status, 401);
  EXPECT_EQ(again.field("Set-Cookie"), "");
  EXPECT_THAT(again.body, HasSubstr("the login code is not known, was used or has run out"));
}

TEST_F(SessionsTest, ItsCookieDoesWhatItsRoleMay) {
  const std::string cookie = session(Role::kAnalyst);
  EXPECT_THAT(who(cookie), HasSubstr(R"("authenticated": true, "subject": "ana", "role": "analyst")"));
  EXPECT_EQ(get("/metrics", cookie).status, 200);
  EXPECT_EQ(get("/admin/status", cookie).status, 403);
  EXPECT_EQ(post("/predict", transaction(1), cookie + kOwnPage).status, 200);
  EXPECT_EQ(post("/predict", transaction(1), "Cookie: other=1; " + cookie.substr(8) + kOwnPage).status, 200);
  EXPECT_EQ(who(""), R"({"authenticated": false})");
  EXPECT_EQ(who("Cookie: vigie_session=x.y.z\r\n"), R"({"authenticated": false})");
  EXPECT_EQ(get("/metrics", "Cookie: vigie_session=x.y.z\r\n").status, 401);
  EXPECT_EQ(get("/metrics", "Cookie: xvigie_session=" + cookie.substr(22)).status, 401) << "another cookie's end";
}

// Browsers send cookies by themselves; who made them ask is told by fields that no script can set.
TEST_F(SessionsTest, AnotherSitesPageCannotUseIt) {
  const std::string cookie = session(Role::kAdmin);
  const auto predict = [&](const std::string& fields) {
    return post("/predict", transaction(1), cookie + fields).status;
  };
  EXPECT_EQ(predict(""), 401) << "no browser sends neither";
  EXPECT_EQ(predict("Sec-Fetch-Site: cross-site\r\n"), 401);
  EXPECT_EQ(predict("Sec-Fetch-Site: same-site\r\n"), 401) << "another host of the domain";
  EXPECT_EQ(predict("Sec-Fetch-Site: cross-site\r\nOrigin: http://here\r\n"), 401);
  EXPECT_EQ(predict("Origin: http://evil.example\r\n"), 401);
  EXPECT_EQ(predict("Origin: http://here.evil.example\r\n"), 401);
  EXPECT_EQ(predict("Origin: null\r\n"), 401);
  EXPECT_EQ(predict("Origin: http://here\r\n"), 200) << "an older browser, of this server's page";
  EXPECT_EQ(predict(kOwnPage), 200);
  EXPECT_EQ(send("POST", "/admin/keys/rotate", "", cookie + "Sec-Fetch-Site: cross-site\r\n").status, 401);
  EXPECT_EQ(send("DELETE", "/session", "", cookie + "Sec-Fetch-Site: cross-site\r\n").field("Set-Cookie"), "");
  EXPECT_THAT(who(cookie), HasSubstr("true")) << "nobody else logged her out";
}

TEST_F(SessionsTest, LoggingOutEndsItsTokenToo) {
  const std::string cookie = session(Role::kAnalyst);
  EXPECT_EQ(get("/metrics", cookie).status, 200);
  const auto bye = send("DELETE", "/session", "", cookie + kOwnPage);
  EXPECT_EQ(bye.status, 200);
  EXPECT_THAT(bye.field("Set-Cookie"), StartsWith("vigie_session=; Path=/; Max-Age=0;"));
  const auto after = get("/metrics", cookie);
  EXPECT_EQ(after.status, 401) << "whoever kept the cookie";
  EXPECT_THAT(after.body, HasSubstr("revoked"));
  EXPECT_EQ(send("DELETE", "/session", "", kOwnPage).status, 200) << "twice does no harm";
}

TEST_F(SessionsTest, BodiesThatAreNoCodeAreToldWhatTheyLack) {
  const std::vector<std::tuple<std::string, int, std::string>> bodies = {
      {"{}", 422, R"("type": "missing", "loc": ["body", "code"])"},
      {R"({"code": 7})", 422, "string_type"},
      {R"({"code": "a", "code": "b"})", 422, "duplicate_key"},
      {R"({"code": "a", "more": 1})", 422, "extra_forbidden"},
      {"[]", 422, "model_attributes_type"},
      {"{", 400, "json_invalid"},
      {"", 400, "json_invalid"},
      {R"({"code": "a"} x)", 400, "json_invalid"},
      {"{\"code\": \"\xff\"}", 400, "UTF-8"},
      {R"({"code": "\u0000"})", 401, "login code"},
      {R"({"code": ""})", 401, "login code"}};
  std::string many = R"({"code": "a")";
  for (int i = 0; i < 150; ++i) many += ", \"x" + std::to_string(i) + "\": 1";
  const auto crowd = post("/session", many + "}");
  EXPECT_EQ(crowd.status, 422) << "it is JSON, however much is wrong with it";
  EXPECT_THAT(crowd.body, HasSubstr("too_many_errors"));
  int failures = 0;
  for (const auto& [body, status, words] : bodies) {
    const auto reply = post("/session", body);
    EXPECT_EQ(reply.status, status) << body;
    EXPECT_THAT(reply.body, HasSubstr(words)) << body;
    failures += status == 401 ? 1 : 0;
  }
  EXPECT_EQ(post("/session", "{\"code\": \"" + std::string(5000, 'a') + "\"}").status, 413);
  for (; failures < 5; ++failures) EXPECT_EQ(log_in("guess").status, 401);
  const auto locked = log_in(login_code(Role::kAdmin));
  EXPECT_EQ(locked.status, 429) << "whoever guesses is locked out, even with a good one";
  EXPECT_NE(locked.field("Retry-After"), "");
}

TEST_F(SessionsTest, WhyNoSessionCanBeginIsToldToTheOperatorAlone) {
  login_code(Role::kAdmin);
  std::ofstream(identity::LoginCodes::file(state())) << "nonsense";
  const auto reply = log_in("guess");
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, HasSubstr("see the server's log"));
  EXPECT_THAT(reply.body, Not(HasSubstr("logins.json")));
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_THAT(failures_[0], HasSubstr("logins.json"));
}

TEST_F(SessionsTest, LoginsAndLogoutsAreWrittenDown) {
  const std::string code = login_code(Role::kAnalyst);
  const std::string cookie = "Cookie: " + cookie_of(log_in(code), "vigie_session") + "\r\n";
  log_in("guess");
  send("DELETE", "/session", "", cookie + kOwnPage);
  const auto events = audit_events(4);
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].at("event.action"), "login");
  EXPECT_EQ(events[0].at("user.id"), "ana");
  EXPECT_EQ(events[1].at("event.action"), "login");
  EXPECT_EQ(events[1].at("event.outcome"), "failure");
  EXPECT_EQ(events[2].at("event.action"), "token-accepted");
  EXPECT_EQ(events[3].at("event.action"), "logout");
  EXPECT_EQ(boost::json::serialize(events[3].at("event.type")), R"(["end"])");
  for (const auto& event : events) {
    EXPECT_THAT(boost::json::serialize(event), Not(HasSubstr(code)));
    EXPECT_THAT(boost::json::serialize(event), Not(HasSubstr(cookie.substr(40, 40))));
  }
}

TEST_F(SessionsTest, ThePageForCodesIsThere) {
  const auto page = get("/login");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("/login/login.js"));
  EXPECT_THAT(page.field("Content-Security-Policy"), HasSubstr("script-src 'self'"));
  EXPECT_THAT(get("/login", "Accept-Language: fr\r\n").body, HasSubstr("Connexion"));
  EXPECT_THAT(get("/login/login.js").body, HasSubstr("location.hash"));
}

TEST_F(SessionsTest, KeysAreRotatedByAdministrators) {
  const std::string cookie = session(Role::kAdmin);
  const std::string before = get("/.well-known/jwks.json").body;
  const auto reply = send("POST", "/admin/keys/rotate?overlap_seconds=3600", "", cookie + kOwnPage);
  EXPECT_EQ(reply.status, 200) << reply.body;
  const std::string id(boost::json::parse(reply.body).at("key_id").as_string());
  EXPECT_THAT(get("/.well-known/jwks.json").body, HasSubstr(id)) << "published when the answer comes";
  EXPECT_THAT(before, Not(HasSubstr(id)));
  EXPECT_EQ(get("/metrics", cookie).status, 200) << "the key before counts for the overlap";
  const auto wrong = send("POST", "/admin/keys/rotate?overlap_seconds=-1", "", cookie + kOwnPage);
  EXPECT_EQ(wrong.status, 422);
  EXPECT_THAT(wrong.body, HasSubstr(R"("loc": ["query", "overlap_seconds"], "msg": "Input should be 0 to 2592000")"));
  EXPECT_EQ(send("POST", "/admin/keys/rotate?overlap_seconds=0", "", cookie + kOwnPage).status, 200);
  EXPECT_EQ(get("/metrics", cookie).status, 401) << "without an overlap her session ends too";
}

// A provider that gives one token for one code.
class OneCode : public ProviderLogin {
 public:
  Result<std::string> address(const LoginAttempt& attempt) override {
    if (down) return fail(Code::kUnavailable, "down");
    return "https://id.example/auth?state=" + attempt.state;
  }
  Result<std::string> exchange(std::string_view code, const LoginAttempt&) override {
    if (down) return fail(Code::kUnavailable, "down");
    if (refuses_us) return fail(Code::kFailedPrecondition, "refuses this server as a client");
    if (code != "good") return fail(Code::kPermissionDenied, "refused");
    return token;
  }
  std::string issuer() const override { return "https://id.example"; }

  std::string token;
  bool down = false;
  bool refuses_us = false;
};

class ProviderLoginTest : public SessionsTest {
 protected:
  ProviderLoginTest() : ProviderLoginTest(std::make_shared<OneCode>()) {}
  explicit ProviderLoginTest(const std::shared_ptr<OneCode>& provider)
      : SessionsTest(std::shared_ptr<ProviderLogin>(provider)), provider_(provider) {
    provider_->token = issue(Role::kAnalyst).text;
  }
  // The query and cookie with which the browser comes back.
  struct Way {
    std::string state;
    std::string cookie;
  };
  Way leave() {
    const auto reply = get("/login");
    EXPECT_EQ(reply.status, 303);
    const std::string location = reply.field("Location");
    return {location.substr(location.find("state=") + 6), "Cookie: " + cookie_of(reply, "vigie_login") + "\r\n"};
  }
  std::shared_ptr<OneCode> provider_;
};

TEST_F(ProviderLoginTest, GoesThereAndComesBackWithASession) {
  const auto begin = get("/login");
  EXPECT_THAT(begin.field("Location"), StartsWith("https://id.example/auth?state="));
  EXPECT_THAT(begin.field("Set-Cookie"), HasSubstr("; HttpOnly; SameSite=Lax"))
      << "it comes back by another site's link";
  const Way way = leave();
  const auto back = get("/login/callback?code=good&state=" + way.state + "&iss=https%3A%2F%2Fid.example", way.cookie);
  EXPECT_EQ(back.status, 200) << back.body;
  EXPECT_THAT(back.body, HasSubstr("url=/docs")) << "by the page and not by a redirect, for the strict cookie's sake";
  const std::string session = cookie_of(back, "vigie_session");
  ASSERT_NE(session, "");
  EXPECT_EQ(cookie_of(back, "vigie_login"), "vigie_login=") << "the attempt is over";
  EXPECT_THAT(who("Cookie: " + session + "\r\n"), HasSubstr(R"("subject": "ana", "role": "analyst")"));
  EXPECT_THAT(back.body, Not(HasSubstr(provider_->token)));
}

TEST_F(ProviderLoginTest, OnlyTheBrowserThatBeganItEndsIt) {
  const Way way = leave();
  const Way other = leave();
  const auto come = [&](const std::string& query, const std::string& fields) {
    const auto reply = get("/login/callback?" + query, fields);
    EXPECT_EQ(cookie_of(reply, "vigie_session"), "") << query;
    return reply.status;
  };
  EXPECT_EQ(come("code=good&state=" + way.state, ""), 400);
  EXPECT_EQ(come("code=good&state=" + way.state, other.cookie), 400);
  EXPECT_EQ(come("code=good", way.cookie), 400);
  EXPECT_EQ(come("code=good&state=", "Cookie: vigie_login=.\r\n"), 400);
  EXPECT_EQ(come("code=good&state=" + way.state + "&iss=https%3A%2F%2Fevil.example", way.cookie), 400);
  EXPECT_EQ(come("error=access_denied&state=" + way.state, way.cookie), 403);
  EXPECT_EQ(come("code=bad&state=" + way.state, way.cookie), 403);
  provider_->token = "not a token";
  EXPECT_EQ(come("code=good&state=" + way.state, way.cookie), 403);
  provider_->down = true;
  EXPECT_EQ(come("code=good&state=" + way.state, way.cookie), 503);
  EXPECT_EQ(get("/login").status, 503);
}

TEST_F(ProviderLoginTest, TheDocumentNamesEachAnswerOnce) {
  const std::string document = get("/openapi.json").body;
  const auto begin = document.find(R"("/login/callback": )");
  ASSERT_NE(begin, std::string::npos);
  const std::string route = document.substr(begin, document.find(R"("/admin/)", begin) - begin);
  for (const std::string status : {R"("200": )", R"("400": )", R"("403": )", R"("503": )"}) {
    const auto first = route.find(status);
    ASSERT_NE(first, std::string::npos) << status;
    EXPECT_EQ(route.find(status, first + 1), std::string::npos) << status;
  }
}

TEST_F(ProviderLoginTest, TheOperatorsMistakesAreNotThePersons) {
  const Way way = leave();
  provider_->refuses_us = true;
  const auto reply = get("/login/callback?code=good&state=" + way.state, way.cookie);
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, HasSubstr("the server's log says why"));
  EXPECT_EQ(cookie_of(reply, "vigie_session"), "");
  const auto french = get("/login/callback", "Accept-Language: fr\r\n");
  EXPECT_EQ(french.status, 400);
  EXPECT_THAT(french.body, HasSubstr("<html lang=\"fr\">"));
  EXPECT_THAT(french.body, HasSubstr("Vous n’êtes pas connecté"));
}

TEST_F(ProviderLoginTest, ThereAreNoCodesThen) {
  EXPECT_EQ(post("/session", R"({"code": "a"})").status, 405);
  EXPECT_EQ(get("/login/login.js").status, 404);
}

}  // namespace
}  // namespace vigie::api
