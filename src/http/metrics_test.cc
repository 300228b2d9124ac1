#include "http/metrics.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "http/raw_client.h"
#include "http/server.h"
#include "http/test_routes.h"

namespace vigie::http {
namespace {

using namespace std::chrono_literals;

class MetricsTest : public testing::Test {
 protected:
  MetricsTest() { add_hello_and_echo(router_, Work::kPool); }
  void open(Limits limits = {}, std::size_t threads = 2) {
    auto server =
        Server::open({.port = 0, .threads = threads, .limits = limits, .seed = 7, .metrics = metrics_}, router_);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    server_->start();
  }

  Router router_;
  std::shared_ptr<ServerMetrics> metrics_ = std::make_shared<ServerMetrics>();
  std::unique_ptr<Server> server_;
};

TEST_F(MetricsTest, CountsEachRouteAndStatusAndItsBytes) {
  open();
  RawClient client(server_->port());
  std::size_t answered = 0;
  for (int i = 0; i < 3; ++i) {
    const RawReply reply = client.ask(kHello);
    answered += reply.head.size() + 2 + reply.body.size();
  }
  client.ask(echo("some text"));
  EXPECT_EQ(client.ask("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n").status, 415);
  EXPECT_EQ(client.ask("GET /etc/passwd HTTP/1.1\r\nHost: here\r\n\r\n").status, 404);
  EXPECT_EQ(client.ask("DELETE /hello HTTP/1.1\r\nHost: here\r\n\r\n").status, 405);
  ASSERT_TRUE(soon([&] { return metrics_->snapshot().duration().count() == 7; }));

  const ServerSnapshot all = metrics_->snapshot();
  ASSERT_EQ(all.routes.size(), 3u);
  const RouteSnapshot& hello = all.routes[0];
  EXPECT_EQ(hello.name, "hello");
  EXPECT_EQ(hello.requests[status_slot(200)], 3u);
  EXPECT_EQ(hello.bytes_in, 3 * kHello.size());
  EXPECT_EQ(hello.bytes_out, answered);
  EXPECT_EQ(hello.duration.count(), 3u);
  EXPECT_GT(hello.duration.quantile(0.5), 0);
  const RouteSnapshot& echoed = all.routes[1];
  EXPECT_EQ(echoed.requests[status_slot(200)], 1u);
  EXPECT_EQ(echoed.requests[status_slot(415)], 1u);
  EXPECT_EQ(echoed.duration.count(), 2u);
  const RouteSnapshot& unmatched = all.routes[2];
  EXPECT_EQ(unmatched.name, kUnmatchedRoute);
  EXPECT_EQ(unmatched.requests[status_slot(404)], 1u);
  EXPECT_EQ(unmatched.requests[status_slot(405)], 1u);
  EXPECT_EQ(all.total_requests(), 7u);
  EXPECT_EQ(all.errors(), 3u);
  EXPECT_EQ(all.with_status(404), 1u);
  EXPECT_EQ(all.accepted, 1u);
  EXPECT_EQ(all.open_connections, 1);
}

TEST_F(MetricsTest, PipelinedAnswersAreEachTimed) {
  open();
  RawClient client(server_->port());
  client.send(kHello + kHello + echo("x") + kHello);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(client.reply().status, 200);
  EXPECT_TRUE(soon([&] {
    const auto all = metrics_->snapshot();
    return all.routes[0].duration.count() == 3 && all.routes[1].duration.count() == 1;
  }));
}

TEST_F(MetricsTest, BrokenRequestsAreParseFailuresOfNoRoute) {
  open();
  RawClient client(server_->port());
  EXPECT_EQ(client.ask(kHello).status, 200);
  EXPECT_EQ(client.ask("GET /hello HTTP/1.1\r\nno colon\r\n\r\n").status, 400);
  const auto all = metrics_->snapshot();
  EXPECT_EQ(all.parse_failures, 1u);
  EXPECT_EQ(all.routes[0].requests[status_slot(400)], 0u) << "counted with the request before it";
  EXPECT_EQ(all.routes[2].requests[status_slot(400)], 1u);
}

TEST_F(MetricsTest, ConnectionsAreCountedThroughTheirLives) {
  open({.connections = 1, .header = 60ms, .idle = 60ms}, 1);
  {
    RawClient first(server_->port());
    EXPECT_EQ(first.ask(kHello).status, 200);
    RawClient second(server_->port());
    EXPECT_EQ(second.reply().status, 503);
    EXPECT_TRUE(first.closed()) << "idle for too long";
  }
  EXPECT_TRUE(soon([&] { return metrics_->snapshot().open_connections == 0; }));
  RawClient slow(server_->port());
  slow.send("GET /he");
  EXPECT_EQ(slow.reply().status, 408);
  const auto all = metrics_->snapshot();
  EXPECT_EQ(all.accepted, 3u);
  EXPECT_EQ(all.refused, 1u);
  EXPECT_EQ(all.timed_out[static_cast<std::size_t>(Stall::kIdle)], 1u);
  EXPECT_EQ(all.timed_out[static_cast<std::size_t>(Stall::kHeader)], 1u);
  EXPECT_GT(all.lag.count(), 0u);
}

TEST_F(MetricsTest, AddUpWhileSeveralClientsAskAndSomeoneReads) {
  constexpr int kClients = 3;
  constexpr int kEach = 300;
  open();
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    std::uint64_t before = 0;
    while (!stop) {
      const std::uint64_t now = metrics_->snapshot().total_requests();
      EXPECT_GE(now, before);
      before = now;
      std::this_thread::sleep_for(1ms);
    }
  });
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      RawClient client(server_->port());
      for (int turn = 0; turn < kEach; ++turn) EXPECT_EQ(client.ask(turn % 2 == 0 ? kHello : echo("y")).status, 200);
    });
  }
  for (std::thread& client : clients) client.join();
  stop = true;
  reader.join();
  EXPECT_EQ(metrics_->snapshot().total_requests(), kClients * kEach);
  EXPECT_TRUE(soon([&] { return metrics_->snapshot().duration().count() == kClients * kEach; }));
  server_.reset();
  EXPECT_EQ(metrics_->snapshot().total_requests(), kClients * kEach) << "outlives the server";
}

TEST(Statuses, HaveABoundedNumberOfLabels) {
  std::set<std::string_view> labels;
  for (int status = -1; status <= 1000; ++status) labels.insert(status_label(status_slot(status)));
  EXPECT_EQ(labels.size(), kStatusSlots);
  EXPECT_EQ(status_label(status_slot(404)), "404");
  EXPECT_EQ(status_label(status_slot(418)), "other");
}

}  // namespace
}  // namespace vigie::http
