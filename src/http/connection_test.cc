#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "http/raw_client.h"
#include "http/server.h"
#include "http/test_routes.h"

namespace vigie::http {
namespace {

using namespace std::chrono_literals;

// GET /held waits in the pool until it is let go.
class ConnectionTest : public testing::Test {
 protected:
  static constexpr int kThreads = 8;

  ConnectionTest() {
    router_.add({.path = "/held",
                 .name = "held",
                 .summary = "",
                 .work = Work::kPool,
                 .handler = [this](const Request&, Response& response) {
                   started_.fetch_add(1);
                   let_go_.wait(false);
                   response.body = "held";
                   finished_.fetch_add(1);
                 }});
    auto server = Server::open({.port = 0, .threads = kThreads, .limits = {.drain = 50ms}, .seed = 7}, router_);
    if (server) server_ = std::move(*server);
  }
  ~ConnectionTest() override { let_go(); }
  void SetUp() override {
    ASSERT_NE(server_, nullptr);
    server_->start();
  }

  void let_go() {
    let_go_ = true;
    let_go_.notify_all();
  }
  // As many clients as the pool has threads have asked, and are then gone with a reset.
  void ask_and_vanish() {
    std::vector<std::unique_ptr<RawClient>> all;
    for (int i = 0; i < kThreads; ++i) {
      all.push_back(std::make_unique<RawClient>(server_->port()));
      all.back()->send("GET /held HTTP/1.1\r\nHost: here\r\n\r\n");
    }
    ASSERT_TRUE(soon([&] { return started_ == kThreads; }));
    for (const auto& client : all) client->reset_when_closed();
  }

  Router router_;
  std::atomic<int> started_{0};
  std::atomic<int> finished_{0};
  std::atomic<bool> let_go_{false};
  std::unique_ptr<Server> server_;
};

// A connection's end takes it off its loop's list, which only the loop may touch: the thread sanitizer sees it where a
// worker does.
TEST_F(ConnectionTest, TheLastReferenceIsNeverAWorkers) {
  for (int round = 0; round < 20; ++round) {  // a worker that is a little late, once
    started_ = finished_ = 0;
    let_go_ = false;
    ask_and_vanish();
    let_go();
    EXPECT_TRUE(soon([&] { return server_->connections() == 0; }));
    EXPECT_EQ(finished_, kThreads);
  }
}

TEST_F(ConnectionTest, WorkMayOutliveItsServersLoops) {
  ask_and_vanish();
  server_->stop();
  server_->abort();
  std::jthread later([&] {
    std::this_thread::sleep_for(100ms);
    let_go();
  });
  server_->wait();
  EXPECT_EQ(finished_, kThreads) << "the pool is waited for";
  server_.reset();
}

}  // namespace
}  // namespace vigie::http
