#include "http/cors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "http/raw_client.h"
#include "http/server.h"
#include "http/test_routes.h"

namespace vigie::http {
namespace {

using testing::HasSubstr;
using testing::Not;

class CorsTest : public testing::Test {
 protected:
  CorsTest() { add_hello_and_echo(router_, Work::kPool); }

  void open(CorsOptions cors) {
    auto server = Server::open({.port = 0, .cors = std::move(cors)}, router_);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    server_->start();
    client_ = std::make_unique<RawClient>(server_->port());
  }
  RawReply ask(const std::string& line, const std::string& fields) {
    return client_->ask(line + " HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n");
  }

  Router router_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<RawClient> client_;
};

const std::string kBank = "Origin: https://bank.example\r\n";
const std::string kAsksPost = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n";

TEST_F(CorsTest, ClosedUnlessOriginsAreNamed) {
  open({});
  for (const std::string line : {"GET /hello", "OPTIONS /echo", "GET /nowhere"}) {
    const RawReply reply = ask(line, kBank + kAsksPost);
    EXPECT_NE(reply.status, 0);
    EXPECT_THAT(reply.head, Not(HasSubstr("Access-Control"))) << line;
    EXPECT_EQ(reply.field("Vary"), "") << line;
  }
}

TEST_F(CorsTest, PagesOfANamedOriginReadAnswersAndRefusals) {
  open({.origins = {"http://localhost:3000", "https://bank.example"}});
  for (const std::string line : {"GET /hello", "HEAD /nowhere", "POST /echo", "DELETE /hello"}) {
    client_->send(line + " HTTP/1.1\r\nHost: here\r\n" + kBank + "\r\n");
    const RawReply reply = client_->reply(line.starts_with("HEAD"));
    EXPECT_EQ(reply.field("Access-Control-Allow-Origin"), "https://bank.example") << line;
    EXPECT_EQ(reply.field("Vary"), "Origin") << line;
    EXPECT_EQ(reply.field("Access-Control-Expose-Headers"), "X-Request-Id, Server-Timing, Retry-After") << line;
    EXPECT_THAT(reply.head, Not(HasSubstr("Credentials"))) << line;
    EXPECT_EQ(reply.field("Access-Control-Allow-Methods"), "") << "for preflights alone";
  }
  EXPECT_EQ(ask("GET /hello", "Origin: http://localhost:3000\r\n").field("Access-Control-Allow-Origin"),
            "http://localhost:3000");
  EXPECT_EQ(ask("GET /hello", "").field("Vary"), "");
}

TEST_F(CorsTest, OtherOriginsAreAnsweredAsIfThereWereNone) {
  open({.origins = {"https://bank.example"}});
  for (const std::string origin :
       {"https://bank.example.evil.example", "https://bank.exampl", "http://bank.example", "https://bank.example:444",
        "https://bank.example/", "https://BANK.example", "https://bank.example, https://evil.example", "null", "*", "",
        "https://evil.example\tX", "%68ttps://bank.example"}) {
    const RawReply reply = ask("GET /hello", "Origin: " + origin + "\r\n");
    EXPECT_EQ(reply.status, 200) << origin;
    EXPECT_EQ(reply.body, "hello") << origin;
    EXPECT_THAT(reply.head, Not(HasSubstr("Access-Control"))) << origin;
    const RawReply preflight = ask("OPTIONS /echo", "Origin: " + origin + "\r\n" + kAsksPost);
    EXPECT_EQ(preflight.status, 204) << origin;
    EXPECT_THAT(preflight.head, Not(HasSubstr("Access-Control"))) << origin;
  }
}

TEST_F(CorsTest, PreflightsAreToldWhatThePathTakes) {
  open({.origins = {"https://bank.example"}, .max_age = std::chrono::seconds(120)});
  const RawReply echo = ask("OPTIONS /echo", kBank + kAsksPost);
  EXPECT_EQ(echo.status, 204);
  EXPECT_EQ(echo.field("Access-Control-Allow-Origin"), "https://bank.example");
  EXPECT_EQ(echo.field("Access-Control-Allow-Methods"), "POST, OPTIONS");
  EXPECT_EQ(echo.field("Access-Control-Allow-Headers"),
            "Authorization, Content-Type, X-Request-Id, X-Server-Timing, Accept-Language, traceparent");
  EXPECT_EQ(echo.field("Access-Control-Max-Age"), "120");
  EXPECT_EQ(echo.field("Vary"), "Origin");
  EXPECT_EQ(ask("OPTIONS /hello", kBank + kAsksPost).field("Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(ask("OPTIONS /hello", kBank).field("Access-Control-Allow-Methods"), "") << "no preflight: it asks nothing";
  EXPECT_EQ(ask("OPTIONS *", kBank + kAsksPost).field("Access-Control-Allow-Methods"), "");
  EXPECT_EQ(ask("OPTIONS /nowhere", kBank + kAsksPost).status, 404);
}

TEST_F(CorsTest, AStarIsForAllPages) {
  open({.origins = {"*"}});
  EXPECT_EQ(ask("GET /hello", "Origin: https://any.example\r\n").field("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(ask("GET /hello", "Origin: null\r\n").field("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(ask("OPTIONS /echo", kBank + kAsksPost).field("Access-Control-Allow-Methods"), "POST, OPTIONS");
}

TEST(CorsOrigin, IsWhatBrowsersSend) {
  for (const char* const good :
       {"*", "https://bank.example", "http://localhost:3000", "http://127.0.0.1:8080", "https://[2001:db8::1]",
        "https://[::1]:8443", "http://x:443", "https://xn--bcher-kva.de"}) {
    EXPECT_TRUE(is_cors_origin(good)) << good;
  }
  for (const char* const bad : {"",
                                "null",
                                "bank.example",
                                "https://",
                                "https://:80",
                                "https://bank.example/",
                                "https://bank.example:443",
                                "http://bank.example:80",
                                "https://Bank.example",
                                "HTTPS://bank.example",
                                "ftp://bank.example",
                                "https://*.bank.example",
                                "https://bank.example:",
                                "https://bank.example:0",
                                "https://bank.example:65536",
                                "https://bank.example:+8",
                                "https://bank.example:08",
                                "https://user@bank.example",
                                "https://[::1",
                                "https://[]",
                                "https://[bank]",
                                "https://bank example",
                                "https://bank.example\r\nX-Evil: 1",
                                "**"}) {
    EXPECT_FALSE(is_cors_origin(bad)) << bad;
    Router router;
    const auto server = Server::open({.port = 0, .cors = {.origins = {bad}}}, router);
    ASSERT_FALSE(server) << bad;
    EXPECT_THAT(server.error().to_string(), HasSubstr("is no origin of web pages; write it as browsers do"));
  }
}

}  // namespace
}  // namespace vigie::http
