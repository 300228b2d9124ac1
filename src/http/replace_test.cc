// A server whose router is replaced while it is asked: every answer is wholly of one, and none is lost.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <tuple>
#include <vector>

#include "http/raw_client.h"
#include "http/server.h"
#include "http/test_routes.h"

namespace vigie::http {
namespace {

using namespace std::chrono_literals;

// What a test holds back, and sees of it.
struct Turnstile {
  std::atomic<int> waiting{0};
  std::atomic<bool> open{false};

  void pass() {
    ++waiting;
    open.wait(false);
  }
  void let_go() {
    open = true;
    open.notify_all();
  }
};

// All routes answer with `name`, in a field and as a body, before and after what the body makes them wait for.
std::shared_ptr<const Router> named_router(const std::string& name, std::shared_ptr<Turnstile> gate = nullptr) {
  auto router = std::make_shared<Router>();
  const auto owned = std::make_shared<const std::string>(name);
  const Handler handler = [owned, gate](const Request& request, Response& response) {
    response.add_header("X-Name", *owned);
    if (gate) gate->pass();
    response.body = *owned + std::string(request.body.size(), '.');
  };
  const StreamHandler stream = [owned](const Request&, BodyReader& body, ResponseStream& answer) {
    std::array<char, 256> block{};
    answer.response().add_header("X-Name", *owned);
    if (!answer.start()) return;
    for (auto size = body.read(block); size && *size > 0; size = body.read(block)) {
      if (!answer.write(*owned)) return;
    }
    std::ignore = answer.finish();  // where the client has gone, nobody is left to tell
  };
  router->add({.method = Method::kPost,
               .path = "/inline",
               .name = "inline",
               .summary = "",
               .consumes = {"text/plain"},
               .body_limit = 100'000,
               .handler = handler});
  router->add({.path = "/pool", .name = "pool", .summary = "", .work = Work::kPool, .handler = handler});
  router->add({.method = Method::kPost,
               .path = "/stream",
               .name = "stream",
               .summary = "",
               .consumes = {"text/plain"},
               .body_limit = 100'000,
               .work = Work::kStream,
               .stream = stream});
  return router;
}

std::string post_of(const std::string& path, std::size_t size, std::string_view body) {
  return "POST " + path +
         " HTTP/1.1\r\nHost: here\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
         std::string(body);
}
const std::string kPool = "GET /pool HTTP/1.1\r\nHost: here\r\n\r\n";

class ReplaceTest : public testing::Test {
 protected:
  void open(std::shared_ptr<const Router> router) {
    auto server = Server::open({.port = 0, .threads = 2, .seed = 7}, std::move(router));
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    server_->start();
  }
  void replace(std::shared_ptr<const Router> router, const CorsOptions& cors = {},
               const std::vector<std::string>& proxies = {}) {
    const Status status = server_->replace(std::move(router), cors, proxies);
    ASSERT_TRUE(status) << status.error().to_string();
  }

  std::unique_ptr<Server> server_;
};

TEST_F(ReplaceTest, EveryAnswerIsWhollyOfOneRouterAndNoneIsLost) {
  open(named_router("first"));
  std::atomic<bool> stop = false;
  std::atomic<int> answers = 0;
  std::atomic<int> seconds = 0;
  std::vector<std::thread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&, c] {
      RawClient client(server_->port());
      const auto check = [&](const RawReply& reply, std::string_view behind) {
        const std::string name = reply.field("X-Name");
        ASSERT_EQ(reply.status, 200);
        ASSERT_TRUE(name == "first" || name == "second") << name;
        ASSERT_EQ(reply.body, name + std::string(behind));
        ++answers;
        if (name == "second") ++seconds;
      };
      while (!stop) {
        // Of each kind, pipelined; the body of one comes in two parts, and a replacement may fall between them.
        client.send(post_of("/inline", 2, "ab") + kPool + post_of("/inline", 3, "a"));
        check(client.reply(), "..");
        check(client.reply(), "");
        if (c % 2 == 0) std::this_thread::sleep_for(1ms);
        client.send("bc" + post_of("/stream", 2, "xy"));
        check(client.reply(), "...");
        check(client.reply(), "");
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    const int before = answers;
    replace(named_router(i % 2 == 0 ? "second" : "first"));
    EXPECT_TRUE(soon([&] { return answers > before; }));
  }
  stop = true;
  for (std::thread& client : clients) client.join();
  EXPECT_GT(seconds, 0);
  EXPECT_LT(seconds, answers);
}

TEST_F(ReplaceTest, WhatRunsKeepsWhatItBeganWithAndNothingKeepsItLonger) {
  const auto gate = std::make_shared<Turnstile>();
  auto first = named_router("first", gate);
  const std::weak_ptr<const Router> gone = first;
  open(std::move(first));
  RawClient pooled(server_->port());
  pooled.send(kPool);
  ASSERT_TRUE(soon([&] { return gate->waiting == 1; }));
  RawClient half(server_->port());
  half.send(
      "POST /inline HTTP/1.1\r\nHost: here\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(half.head().status, 100) << "its header has been read";
  RawClient streamed(server_->port());
  streamed.send(post_of("/stream", 4, "ab"));
  EXPECT_EQ(streamed.head().field("X-Name"), "first");
  EXPECT_EQ(streamed.chunk(), "first");

  replace(named_router("second"));
  RawClient later(server_->port());
  EXPECT_EQ(later.ask(kPool).body, "second");
  EXPECT_EQ(later.ask(post_of("/inline", 1, "a")).body, "second.");
  EXPECT_FALSE(gone.expired());

  gate->let_go();
  EXPECT_EQ(pooled.reply().body, "first");
  half.send("abcd");
  EXPECT_EQ(half.reply().field("X-Name"), "first");
  streamed.send("cd");
  EXPECT_EQ(streamed.chunks(), "first");
  EXPECT_TRUE(soon([&] { return gone.expired(); })) << "also where no loop is asked any more";
  EXPECT_EQ(half.ask(kPool).body, "second") << "the same connection's next request";
}

TEST_F(ReplaceTest, OriginsAndProxiesChangeWithIt) {
  open(named_router("first"));
  RawClient client(server_->port());
  const std::string asked = "GET /pool HTTP/1.1\r\nHost: here\r\nOrigin: https://bank.example\r\n\r\n";
  EXPECT_EQ(client.ask(asked).field("Access-Control-Allow-Origin"), "");
  replace(named_router("second"), {.origins = {"https://bank.example"}});
  EXPECT_EQ(client.ask(asked).field("Access-Control-Allow-Origin"), "https://bank.example");
}

TEST_F(ReplaceTest, WhatIsWrongChangesNothing) {
  open(named_router("first"));
  EXPECT_FALSE(server_->replace(named_router("second"), {.origins = {"no origin"}}, {}));
  EXPECT_FALSE(server_->replace(named_router("second"), {}, {"no address"}));
  auto other = std::make_shared<Router>();
  add_hello_and_echo(*other);
  EXPECT_FALSE(server_->replace(other, {}, {})) << "other routes";
  EXPECT_EQ(RawClient(server_->port()).ask(kPool).body, "first");
}

}  // namespace
}  // namespace vigie::http
