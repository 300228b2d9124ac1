// What clients see while servers on one port stop and others take their place.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "http/raw_client.h"
#include "http/server.h"
#include "http/test_routes.h"

namespace vigie::http {
namespace {

using namespace std::chrono_literals;

// GET /counted is counted by whichever server answers it.
class RestartTest : public testing::Test {
 protected:
  RestartTest() {
    add_hello_and_echo(router_);
    router_.add({.path = "/counted", .name = "counted", .summary = "", .handler = [this](const Request&, Response& to) {
                   handled_.fetch_add(1);
                   to.body = "counted";
                 }});
  }
  std::unique_ptr<Server> open(std::uint16_t port, Limits limits = {}, bool share = true) {
    auto server = Server::open(
        {.port = port, .share_port = share, .threads = 2, .limits = limits, .seed = 7, .stopping = stopping_}, router_);
    if (!server) return nullptr;
    (*server)->start();
    return std::move(*server);
  }

  Router router_;
  std::atomic<int> handled_{0};
  std::shared_ptr<std::atomic<bool>> stopping_ = std::make_shared<std::atomic<bool>>(false);
};

const std::string kCounted = "GET /counted HTTP/1.1\r\nHost: here\r\n\r\n";
const std::string kLast = "GET /counted HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";

struct Tally {
  std::atomic<int> answered{0};
  std::atomic<int> lost{0};        // that no client would send again
  std::atomic<int> sent_again{0};  // on connections that had been idle, as clients do
};

void ask_on_new_connections(std::uint16_t port, const std::atomic<bool>& stop, Tally& tally) {
  while (!stop) {
    RawClient client(port);
    const bool answered = client.connected() && client.ask(kLast).body == "counted";
    ++(answered ? tally.answered : tally.lost);
  }
}

void ask_on_kept_connections(std::uint16_t port, const std::atomic<bool>& stop, Tally& tally) {
  auto client = std::make_unique<RawClient>(port);
  bool idle = false;  // an answer has come on it, and it may have been closed since
  while (!stop) {
    const RawReply reply = client->ask(kCounted);
    const bool closed = reply.status == 0 || reply.field("Connection") == "close";
    if (reply.body == "counted") {
      ++tally.answered;
    } else {
      ++(idle ? tally.sent_again : tally.lost);
    }
    idle = !closed;
    if (closed) client = std::make_unique<RawClient>(port);
    std::this_thread::sleep_for(500us);
  }
}

TEST_F(RestartTest, RollingOverSharedPortsLosesNoRequest) {
  auto server = open(0);
  ASSERT_NE(server, nullptr);
  const std::uint16_t port = server->port();
  std::atomic<bool> stop = false;
  Tally tally;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 6; ++i) clients.emplace_back([&] { ask_on_new_connections(port, stop, tally); });
    for (int i = 0; i < 4; ++i) clients.emplace_back([&] { ask_on_kept_connections(port, stop, tally); });
    for (int generation = 0; generation < 4; ++generation) {
      std::this_thread::sleep_for(100ms);
      auto next = open(port);
      ASSERT_NE(next, nullptr);
      std::this_thread::sleep_for(100ms);
      server->stop();
      EXPECT_TRUE(server->wait_for(20s));
      server = std::move(next);
    }
    stop = true;
  }
  EXPECT_EQ(tally.lost, 0);
  EXPECT_GT(tally.answered, 1000);
  EXPECT_EQ(handled_, tally.answered) << "what was sent again had not been answered, or even begun, before";
  EXPECT_LE(tally.sent_again, 4 * 4) << "once for each kept connection and restart at most";
}

TEST_F(RestartTest, ASharedPortMustBeAskedFor) {
  const auto server = open(0);
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(open(server->port(), {}, false), nullptr);
  EXPECT_NE(open(server->port()), nullptr);
}

TEST_F(RestartTest, GraceKeepsServingWhileItIsNoLongerReady) {
  const auto server = open(0, {.grace = 1s}, false);
  ASSERT_NE(server, nullptr);
  RawClient kept(server->port());
  EXPECT_EQ(kept.ask(kHello).status, 200);
  EXPECT_FALSE(*stopping_);
  server->stop();
  EXPECT_TRUE(*stopping_);
  RawClient fresh(server->port());
  ASSERT_TRUE(fresh.connected());
  EXPECT_EQ(fresh.ask(kHello).body, "hello");
  EXPECT_EQ(kept.ask(kHello).body, "hello");
  EXPECT_TRUE(kept.closed());
  EXPECT_TRUE(server->wait_for(10s));
  EXPECT_FALSE(RawClient(server->port()).connected());
}

TEST_F(RestartTest, AFirstRequestIsWaitedFor) {
  const auto server = open(0, {}, false);
  ASSERT_NE(server, nullptr);
  RawClient client(server->port());
  ASSERT_TRUE(soon([&] { return server->connections() == 1; }));
  server->stop();
  ASSERT_TRUE(soon([&] { return !RawClient(server->port()).connected(); }));
  const RawReply reply = client.ask(kHello);
  EXPECT_EQ(reply.body, "hello");
  EXPECT_EQ(reply.field("Connection"), "close");
  EXPECT_TRUE(server->wait_for(10s));
}

}  // namespace
}  // namespace vigie::http
