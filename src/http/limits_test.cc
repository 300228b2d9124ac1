#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "http/raw_client.h"
#include "http/server.h"
#include "http/server_state.h"
#include "http/test_routes.h"

namespace vigie::http {
namespace {

// GET /held waits in the pool until it is let go, and GET /waiting on a thread for those who wait.
class LimitsTest : public testing::Test {
 protected:
  LimitsTest() {
    add_hello_and_echo(router_);
    const auto hold = [this](const Request&, Response& response) {
      started_.fetch_add(1);
      let_go_.wait(false);
      response.body = "held";
    };
    router_.add({.path = "/held", .name = "held", .summary = "", .work = Work::kPool, .handler = hold});
    router_.add({.path = "/waiting", .name = "waiting", .summary = "", .work = Work::kWait, .handler = hold});
    router_.add({.path = "/large",
                 .name = "large",
                 .summary = "",
                 .work = Work::kPool,
                 .handler = [](const Request&, Response& response) { response.body = "large"; }});
  }
  ~LimitsTest() override { let_go(); }
  void let_go() {
    let_go_ = true;
    let_go_.notify_all();
  }
  void open(Limits limits) {
    auto server = Server::open({.port = 0, .threads = 2, .limits = limits, .seed = 7, .metrics = metrics_}, router_);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    server_->start();
  }
  std::uint16_t port() const { return server_->port(); }

  Router router_;
  std::shared_ptr<ServerMetrics> metrics_ = std::make_shared<ServerMetrics>();
  std::atomic<int> started_{0};
  std::atomic<bool> let_go_{false};
  std::unique_ptr<Server> server_;
};

const std::string kHeld = "GET /held HTTP/1.1\r\nHost: here\r\n\r\n";

TEST_F(LimitsTest, ConnectionsOverTheLimitAreToldSo) {
  open({.connections = 2});
  RawClient first(port());
  RawClient second(port());
  EXPECT_EQ(first.ask(kHello).status, 200);
  EXPECT_EQ(second.ask(kHello).status, 200);
  RawClient third(port());
  const RawReply reply = third.reply();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.field("Retry-After"), "1");
  EXPECT_TRUE(third.closed());
  EXPECT_EQ(first.ask(kHello).status, 200);
}

TEST_F(LimitsTest, OneAddressHasItsConnectionsAndNoMore) {
  open({.connections_per_address = 2});
  {
    RawClient first(port());
    RawClient second(port());
    EXPECT_EQ(first.ask(kHello).status, 200);
    EXPECT_EQ(second.ask(kHello).status, 200);
    for (int i = 0; i < 3; ++i) {
      RawClient third(port());
      const RawReply reply = third.reply();
      EXPECT_EQ(reply.status, 429);
      EXPECT_EQ(reply.field("Retry-After"), "1");
      EXPECT_EQ(reply.field("Connection"), "close");
      EXPECT_TRUE(third.closed());
    }
    RawClient elsewhere(port(), "127.0.0.2");
    EXPECT_EQ(elsewhere.ask(kHello).status, 200) << "another address has places of its own";
    EXPECT_EQ(metrics_->snapshot().refused, 3u);
  }
  EXPECT_TRUE(soon([&] { return server_->connections() == 0; }));
  RawClient again(port());
  EXPECT_EQ(again.ask(kHello).status, 200) << "who leaves makes room";
}

TEST(AddressKeyTest, IsAnAddressOrANetworkOf64Bits) {
  const auto key = [](const char* text) { return key_of(*parse_ip(text)); };
  EXPECT_NE(key("192.0.2.1"), key("192.0.2.2"));
  EXPECT_EQ(key("2001:db8::1"), key("2001:db8::ffff:0:0:1"));
  EXPECT_NE(key("2001:db8::1"), key("2001:db8:0:1::1"));
  EXPECT_NE(key("0.0.0.0"), key("::"));
}

TEST_F(LimitsTest, AConnectionEndsWithItsLastRequest) {
  open({.requests_per_connection = 3});
  RawClient client(port());
  client.send(kHello + kHello + kHello + kHello);
  EXPECT_EQ(client.reply().field("Connection"), "");
  EXPECT_EQ(client.reply().field("Connection"), "");
  const RawReply last = client.reply();
  EXPECT_EQ(last.body, "hello");
  EXPECT_EQ(last.field("Connection"), "close");
  EXPECT_TRUE(client.closed()) << "the fourth is not answered";
}

TEST_F(LimitsTest, MoreWorkThanThePoolMayHaveIsToldSo) {
  open({.in_flight = 3});
  std::vector<std::unique_ptr<RawClient>> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(std::make_unique<RawClient>(port()));
    held.back()->send(kHeld);
  }
  ASSERT_TRUE(soon([&] { return started_ == 2; })) << "as many as there are threads; one waits";
  RawClient other(port());
  other.send(kHeld);
  // Whichever of the third and this one came last.
  ASSERT_TRUE(soon([&] { return metrics_->snapshot().with_status(503) == 1; }));
  let_go();
  int refused = 0;
  for (const auto& client : held) refused += client->reply().status == 503;
  const RawReply reply = other.reply();
  refused += reply.status == 503;
  EXPECT_EQ(refused, 1);
  EXPECT_NE(reply.status, 0);
  EXPECT_EQ(other.ask(kHeld).body, "held") << "the connection goes on";
}

TEST_F(LimitsTest, WhoWaitsForADiskKeepsNobodyElseWaiting) {
  open({.in_flight = 5, .waiting = 5});
  std::vector<std::unique_ptr<RawClient>> waiting;
  for (int i = 0; i < 6; ++i) {
    waiting.push_back(std::make_unique<RawClient>(port()));
    waiting.back()->send("GET /waiting HTTP/1.1\r\nHost: here\r\n\r\n");
  }
  ASSERT_TRUE(soon([&] { return started_ == 5; })) << "together, though there are two event loops";
  ASSERT_TRUE(soon([&] { return metrics_->snapshot().with_status(503) == 1; })) << "places are of the waiting ones";
  RawClient other(port());
  EXPECT_EQ(other.ask("GET /large HTTP/1.1\r\nHost: here\r\n\r\n").body, "large");
  let_go();
  int answered = 0;
  for (const auto& client : waiting) answered += client->reply().body == "held";
  EXPECT_EQ(answered, 5);
}

}  // namespace
}  // namespace vigie::http
