#include "http/answer_defaults.h"

#include <gtest/gtest.h>

#include <memory>

#include "http/raw_client.h"
#include "http/server.h"
#include "http/test_routes.h"

namespace vigie::http {
namespace {

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t times = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

class AnswerDefaultsTest : public testing::Test {
 protected:
  AnswerDefaultsTest() {
    add_hello_and_echo(router_);
    router_.add({.path = "/own", .name = "own", .summary = "", .handler = [](const Request&, Response& response) {
                   response.add_header("cache-control", "max-age=60");
                   response.add_header("Content-Security-Policy", "default-src 'self'");
                   response.body = "own";
                 }});
    router_.add({.path = "/stream",
                 .name = "stream",
                 .summary = "",
                 .work = Work::kStream,
                 .stream = [](const Request&, BodyReader&, ResponseStream& answer) {
                   EXPECT_TRUE(answer.start() && answer.write("bytes") && answer.finish());
                 }});
    auto server = Server::open({.port = 0}, router_);
    EXPECT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    server_->start();
  }
  RawReply ask(const std::string& line) {
    return RawClient(server_->port()).ask(line + " HTTP/1.1\r\nHost: here\r\n\r\n");
  }

  Router router_;
  std::unique_ptr<Server> server_;
};

TEST_F(AnswerDefaultsTest, EveryAnswerHasThem) {
  for (const std::string line : {"GET /hello", "OPTIONS /hello", "GET /nowhere", "DELETE /hello", "GET  x", "GET /%zz",
                                 "POST /echo", "GET /stream", "FROB /hello"}) {
    const RawReply reply = ask(line);
    EXPECT_NE(reply.status, 0) << line;
    EXPECT_EQ(reply.field("X-Content-Type-Options"), "nosniff") << line;
    EXPECT_EQ(reply.field("Cache-Control"), "no-store") << line;
    EXPECT_EQ(reply.field("Referrer-Policy"), "no-referrer") << line;
    EXPECT_EQ(reply.field("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'") << line;
    EXPECT_EQ(reply.field("Strict-Transport-Security"), "") << "plain text cannot promise TLS";
    EXPECT_EQ(count(reply.head, "nosniff"), 1u) << reply.head;
  }
}

TEST_F(AnswerDefaultsTest, AHandlerKnowsBetter) {
  const RawReply reply = ask("GET /own");
  EXPECT_EQ(reply.body, "own");
  EXPECT_EQ(reply.field("cache-control"), "max-age=60");
  EXPECT_EQ(reply.field("Cache-Control"), "") << "not twice, whatever the case of its name";
  EXPECT_EQ(reply.field("Content-Security-Policy"), "default-src 'self'");
  EXPECT_EQ(count(reply.head, "Content-Security-Policy"), 1u);
  EXPECT_EQ(reply.field("Referrer-Policy"), "no-referrer") << "what it did not set";
}

TEST(AnswerDefaults, ValuesAndPartsOfNamesAreNoNames) {
  std::string out;
  AnswerDefaults(true).append_to(out, "X-Cache-Control: 1\r\nX-Note: Referrer-Policy: none\r\nAllow: GET\r\n");
  EXPECT_EQ(count(out, "\r\n"), 5u) << out;
  out.clear();
  AnswerDefaults(true).append_to(out, "Strict-Transport-Security: max-age=0\r\n");
  EXPECT_EQ(count(out, "Strict-Transport-Security"), 0u);
}

}  // namespace
}  // namespace vigie::http
