#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <latch>
#include <regex>
#include <thread>

#include "http/raw_client.h"
#include "http/test_routes.h"

namespace vigie::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

// And a /slow one that waits in the pool until it is let go.
class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    add_hello_and_echo(router_);
    router_.add(
        {.path = "/show", .name = "show", .summary = "", .handler = [](const Request& request, Response& response) {
           response.body = std::string(request.path) + "|" + std::string(request.query) + "|" +
                           request.query_value("q") + "|" + std::string(request.header("x-one"));
         }});
    router_.add({.path = "/large", .name = "large", .summary = "", .handler = [](const Request&, Response& response) {
                   response.body.assign(32 << 20, 'x');
                 }});
    router_.add({.path = "/broken", .name = "broken", .summary = "", .handler = [](const Request&, Response&) {
                   throw std::runtime_error("/secret/path");
                 }});
    router_.add({.path = "/slow",
                 .name = "slow",
                 .summary = "",
                 .work = Work::kPool,
                 .handler = [this](const Request& request, Response& response) {
                   started_.count_down();
                   let_go_.wait();
                   response.body = "slow " + std::string(request.id);
                 }});
  }
  ~ServerTest() override {
    if (!let_go_.try_wait()) let_go_.count_down();
  }

  void open(Limits limits = {}, std::size_t threads = 2) {
    auto server = Server::open({.port = 0, .threads = threads, .limits = limits, .seed = 7}, router_);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    server_->start();
  }
  std::uint16_t port() const { return server_->port(); }

  Router router_;
  std::latch started_{1};
  std::latch let_go_{1};
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnEventLoopThatSpinsAnswersSleepsWhenIdleAndStops) {
  auto server = Server::open({.port = 0, .threads = 2, .spin = std::chrono::milliseconds(2), .seed = 7}, router_);
  ASSERT_TRUE(server) << server.error().to_string();
  server_ = std::move(*server);
  server_->start();
  for (int i = 0; i < 3; ++i) {
    RawClient client(port());
    client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.reply().status, 200);
    // Longer than it spins: what comes next has to wake it.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const std::clock_t before = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_LT(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC, 0.2)
      << "two loops that never sleep take 0.6 s";
  server_->stop();
  EXPECT_TRUE(server_->wait_for(std::chrono::seconds(5)));
}

struct Case {
  const char* name;
  std::string request;
  int status;
  bool closes;
};

std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

const std::string kHost = "Host: here\r\n";
const std::string kChunked =
    "POST /echo HTTP/1.1\r\n" + kHost + "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kPlain = "POST /echo HTTP/1.1\r\n" + kHost + "Content-Type: text/plain\r\n";

TEST_F(ServerTest, EveryInputHasItsStatus) {
  open();
  const std::string get = "GET /hello HTTP/1.1\r\n" + kHost;
  const std::vector<Case> cases = {
      {"plain", get + "\r\n", 200, false},
      {"HTTP/1.0 closes", "GET /hello HTTP/1.0\r\n\r\n", 200, true},
      {"HTTP/1.0 keep-alive", "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, false},
      {"Connection: close", get + "Connection: close\r\n\r\n", 200, true},
      {"an empty line first", "\r\n" + get + "\r\n", 200, false},
      {"absolute form", "GET http://here/hello HTTP/1.1\r\n" + kHost + "\r\n", 200, false},
      {"percent-encoded path", "GET /%68ello HTTP/1.1\r\n" + kHost + "\r\n", 200, false},
      {"query", "GET /hello?a=1&b HTTP/1.1\r\n" + kHost + "\r\n", 200, false},
      {"a body with GET", get + "Content-Length: 3\r\n\r\nabc", 200, false},
      {"unknown path", "GET /nowhere HTTP/1.1\r\n" + kHost + "\r\n", 404, false},
      {"unknown path with a body", "POST /nowhere HTTP/1.1\r\n" + kHost + "Content-Length: 2\r\n\r\nhi", 404, false},
      {"trailing slash", "GET /hello/ HTTP/1.1\r\n" + kHost + "\r\n", 404, false},
      {"path traversal", "GET /../hello HTTP/1.1\r\n" + kHost + "\r\n", 404, false},
      {"wrong method", "DELETE /hello HTTP/1.1\r\n" + kHost + "\r\n", 405, false},
      {"TRACE", "TRACE /hello HTTP/1.1\r\n" + kHost + "\r\n", 501, false},
      {"unknown method", "FROB /hello HTTP/1.1\r\n" + kHost + "\r\n", 501, false},
      {"CONNECT", "CONNECT here:80 HTTP/1.1\r\n" + kHost + "\r\n", 400, true},
      {"OPTIONS", "OPTIONS /hello HTTP/1.1\r\n" + kHost + "\r\n", 204, false},
      {"OPTIONS *", "OPTIONS * HTTP/1.1\r\n" + kHost + "\r\n", 204, false},
      {"lower-case method", "get /hello HTTP/1.1\r\n" + kHost + "\r\n", 501, false},
      {"no Host", "GET /hello HTTP/1.1\r\n\r\n", 400, true},
      {"two Hosts", get + "Host: there\r\n\r\n", 400, true},
      {"a Host with a path", "GET /hello HTTP/1.1\r\nHost: here/there\r\n\r\n", 400, true},
      {"HTTP/2.0", "GET /hello HTTP/2.0\r\n" + kHost + "\r\n", 505, true},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, true},
      {"HTTP/0.9", "GET /hello\r\n\r\n", 400, true},
      {"HTTP/1.2", "GET /hello HTTP/1.2\r\n" + kHost + "\r\n", 400, true},
      {"no version number", "GET /hello HTTP/x.y\r\n" + kHost + "\r\n", 400, true},
      {"TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400, true},
      {"NUL in the target", std::string("GET /he\0llo HTTP/1.1\r\nHost: h\r\n\r\n", 34), 400, true},
      {"encoded NUL", "GET /hello%00 HTTP/1.1\r\n" + kHost + "\r\n", 400, true},
      {"broken escape", "GET /%zz HTTP/1.1\r\n" + kHost + "\r\n", 400, true},
      {"8-bit target", "GET /h\xC3\xA9llo HTTP/1.1\r\n" + kHost + "\r\n", 400, true},
      {"fragment", "GET /hello#x HTTP/1.1\r\n" + kHost + "\r\n", 400, true},
      {"space in the target", "GET /hel lo HTTP/1.1\r\n" + kHost + "\r\n", 400, true},
      {"no target", "GET  HTTP/1.1\r\n" + kHost + "\r\n", 400, true},
      {"space before colon", get + "X-One : 1\r\n\r\n", 400, true},
      {"space before name", get + " X-One: 1\r\n\r\n", 400, true},
      {"folded field", get + "X-One: 1\r\n 2\r\n\r\n", 400, true},
      {"folded empty field", get + "X-One:\r\n\t2\r\n\r\n", 400, true},
      {"folded blank", get + "X-One: 1\r\n \r\n\r\n", 400, true},
      {"no colon", get + "X-One\r\n\r\n", 400, true},
      {"empty name", get + ": 1\r\n\r\n", 400, true},
      {"bare LF lines", "GET /hello HTTP/1.1\nHost: here\n\n\r\n\r\n", 400, true},
      {"bare LF in a field", get + "X-One: 1\nX-Two: 2\r\n\r\n", 400, true},
      {"bare CR in a field", get + "X-One: 1\rX-Two: 2\r\n\r\n", 400, true},
      {"NUL in a field", get + std::string("X-One: a\0b\r\n\r\n", 14), 400, true},
      {"header too large", get + "X-One: " + std::string(17'000, 'a') + "\r\n\r\n", 431, true},
      {"many lines too large", get + repeat("X-One: " + std::string(300, 'a') + "\r\n", 60) + "\r\n", 431, true},
      {"too many fields", get + repeat("A: b\r\n", 101) + "\r\n", 431, true},
      {"target too long", "GET /" + std::string(17'000, 'a') + " HTTP/1.1\r\n" + kHost + "\r\n", 414, true},
      {"body", kPlain + "Content-Length: 5\r\n\r\nhello", 200, false},
      {"body of nothing", kPlain + "Content-Length: 0\r\n\r\n", 200, false},
      {"length and chunks", kPlain + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, true},
      {"chunks and length", kPlain + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400, true},
      {"two lengths", kPlain + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400, true},
      {"two equal lengths", kPlain + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400, true},
      {"list of lengths", kPlain + "Content-Length: 5, 5\r\n\r\nhello", 400, true},
      {"negative length", kPlain + "Content-Length: -5\r\n\r\nhello", 400, true},
      {"signed length", kPlain + "Content-Length: +5\r\n\r\nhello", 400, true},
      {"hex length", kPlain + "Content-Length: 0x5\r\n\r\nhello", 400, true},
      {"empty length", kPlain + "Content-Length: \r\n\r\nhello", 400, true},
      {"huge length", kPlain + "Content-Length: 99999999999999999999\r\n\r\n", 400, true},
      {"length over the limit", kPlain + "Content-Length: 102401\r\n\r\n", 413, true},
      {"gzip coding", kPlain + "Transfer-Encoding: gzip\r\n\r\n", 501, true},
      {"gzip and chunks", kPlain + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400, true},
      {"chunked twice", kPlain + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400, true},
      {"chunked not last", kPlain + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400, true},
      {"two codings", kPlain + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", 400, true},
      {"misspelt coding", kPlain + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400, true},
      {"chunks in HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, true},
      {"chunks", kChunked + "5\r\nhello\r\n0\r\n\r\n", 200, false},
      {"chunk extension", kChunked + "5;a=b\r\nhello\r\n0\r\n\r\n", 200, false},
      {"trailers", kChunked + "5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", 200, false},
      {"bad chunk size", kChunked + "zz\r\nhello\r\n0\r\n\r\n", 400, true},
      {"negative chunk", kChunked + "-5\r\nhello\r\n0\r\n\r\n", 400, true},
      {"huge chunk", kChunked + "FFFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n", 400, true},
      {"chunk over the limit", kChunked + "FFFFFFF\r\nhello", 413, true},
      {"chunk longer than said", kChunked + "3\r\nhello\r\n0\r\n\r\n", 400, true},
      {"bare LF after chunk size", kChunked + "5\nhello\r\n0\r\n\r\n", 400, true},
      {"length in a trailer", kChunked + "0\r\nContent-Length: 5\r\n\r\n", 400, true},
      {"endless chunk extension", kChunked + "5;" + std::string(20'000, 'a'), 400, true},
      {"no content type", "POST /echo HTTP/1.1\r\n" + kHost + "Content-Length: 2\r\n\r\nhi", 415, false},
      {"wrong content type", "POST /echo HTTP/1.1\r\n" + kHost + "Content-Type: a/b\r\nContent-Length: 2\r\n\r\nhi",
       415, false},
      {"wrong charset",
       "POST /echo HTTP/1.1\r\n" + kHost + "Content-Type: text/plain; charset=utf-16\r\nContent-Length: 2\r\n\r\nhi",
       415, false},
      {"right charset",
       "POST /echo HTTP/1.1\r\n" + kHost + "Content-Type: Text/Plain; charset=\"UTF-8\"\r\nContent-Length: 2\r\n\r\nhi",
       200, false},
      {"compressed", kPlain + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi", 415, false},
      {"unknown expectation", kPlain + "Expect: magic\r\nContent-Length: 2\r\n\r\nhi", 417, true},
      {"a handler that throws", "GET /broken HTTP/1.1\r\n" + kHost + "\r\n", 500, false},
  };
  for (const Case& it : cases) {
    RawClient client(port());
    ASSERT_TRUE(client.connected());
    client.send(it.request);
    const RawReply reply = client.reply();
    EXPECT_EQ(reply.status, it.status) << it.name;
    EXPECT_FALSE(reply.field("X-Request-Id").empty()) << it.name;
    EXPECT_THAT(reply.head + reply.body, Not(HasSubstr("secret"))) << it.name;
    if (it.closes) {
      EXPECT_TRUE(client.closed()) << it.name;
    } else {
      EXPECT_EQ(client.ask("GET /hello HTTP/1.1\r\n" + kHost + "\r\n").body, "hello") << it.name;
    }
  }
}

TEST_F(ServerTest, SplitAnywhereTheAnswersAreTheSame) {
  open();
  const std::string requests = kPlain + "Content-Length: 5\r\n\r\nfirst" + kChunked +
                               "4\r\nseco\r\n2;x=y\r\nnd\r\n0\r\nT: 1\r\n\r\n" +
                               "GET /show?q=a+b%21&z HTTP/1.1\r\nX-One:  one \r\n" + kHost + "\r\n";
  const auto expect_answers = [](RawClient& client) {
    EXPECT_EQ(client.reply().body, "first");
    EXPECT_EQ(client.reply().body, "second");
    EXPECT_EQ(client.reply().body, "/show|q=a+b%21&z|a b!|one");
  };
  RawClient whole(port());
  whole.send(requests);
  expect_answers(whole);
  int on = 1;
  RawClient slow(port());
  ::setsockopt(slow.descriptor(), IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
  for (const char byte : requests) {
    slow.send({&byte, 1});
    std::this_thread::sleep_for(200us);
  }
  expect_answers(slow);
  for (std::size_t at = 1; at < requests.size(); at += 3) {
    RawClient halves(port());
    halves.send(std::string_view(requests).substr(0, at));
    std::this_thread::sleep_for(1ms);
    halves.send(std::string_view(requests).substr(at));
    expect_answers(halves);
  }
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  open();
  std::string requests;
  for (int i = 0; i < 500; ++i) {
    const std::string body = "number " + std::to_string(i) + std::string(static_cast<std::size_t>(i), '.');
    requests += kPlain + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  RawClient client(port());
  std::jthread sender([&] { client.send(requests); });
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(client.reply().body, "number " + std::to_string(i) + std::string(static_cast<std::size_t>(i), '.'));
  }
}

TEST_F(ServerTest, WorkInThePoolKeepsTheOrderAndOthersRunning) {
  open({}, 1);
  const std::string get = " HTTP/1.1\r\n" + kHost;
  RawClient client(port());
  client.send("GET /hello" + get + "\r\nGET /slow" + get + "X-Request-Id: mine\r\n\r\nGET /show" + get + "\r\n");
  started_.wait();
  RawClient other(port());
  EXPECT_EQ(other.ask("GET /hello" + get + "\r\n").body, "hello");
  let_go_.count_down();
  EXPECT_EQ(client.reply().body, "hello");
  EXPECT_EQ(client.reply().body, "slow mine");
  EXPECT_EQ(client.reply().body, "/show|||");
}

TEST_F(ServerTest, HeadHasTheFieldsOfGetAndNoBody) {
  open();
  RawClient client(port());
  client.send("HEAD /hello HTTP/1.1\r\n" + kHost + "\r\n");
  const RawReply reply = client.reply(true);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("Content-Length"), "5");
  EXPECT_EQ(client.ask("GET /hello HTTP/1.1\r\n" + kHost + "\r\n").body, "hello");
}

TEST_F(ServerTest, WrongMethodIsToldTheRightOnes) {
  open();
  RawClient client(port());
  EXPECT_EQ(client.ask("PUT /hello HTTP/1.1\r\n" + kHost + "\r\n").field("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(client.ask("OPTIONS /echo HTTP/1.1\r\n" + kHost + "\r\n").field("Allow"), "POST, OPTIONS");
  EXPECT_EQ(client.ask("POST /echo HTTP/1.1\r\n" + kHost + "\r\n").field("Accept"), "text/plain");
}

TEST_F(ServerTest, ContinueIsSaidOnlyWhereTheBodyIsWanted) {
  open();
  RawClient wanted(port());
  const RawReply interim = wanted.ask(kPlain + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(interim.status, 100);
  EXPECT_EQ(wanted.ask("hello").body, "hello");
  RawClient unwanted(port());
  EXPECT_EQ(unwanted.ask(kPlain + "Expect: 100-continue\r\nContent-Length: 999999\r\n\r\n").status, 413);
  EXPECT_TRUE(unwanted.closed());
}

TEST_F(ServerTest, RequestIdIsGivenBackOrMade) {
  open();
  RawClient client(port());
  const auto id_for = [&](const std::string& field) {
    return client.ask("GET /hello HTTP/1.1\r\n" + kHost + field + "\r\n").field("X-Request-Id");
  };
  EXPECT_EQ(id_for("X-Request-Id: a-B_c.9\r\n"), "a-B_c.9");
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  const std::string made = id_for("");
  EXPECT_TRUE(std::regex_match(made, uuid)) << made;
  EXPECT_NE(id_for(""), made);
  EXPECT_TRUE(std::regex_match(id_for("X-Request-Id: a b\r\n"), uuid));
  EXPECT_TRUE(std::regex_match(id_for("X-Request-Id: " + std::string(129, 'a') + "\r\n"), uuid));
}

TEST_F(ServerTest, SlowHeaderAndSlowBodyAreToldAndClosed) {
  open({.header = 100ms, .body = 100ms, .idle = 60s});
  RawClient header(port());
  header.send("GET /hello HTTP/1.1\r\nHos");
  EXPECT_EQ(header.reply().status, 408);
  EXPECT_TRUE(header.closed());
  RawClient body(port());
  body.send(kPlain + "Content-Length: 5\r\n\r\nhel");
  EXPECT_EQ(body.reply().status, 408);
  EXPECT_TRUE(body.closed());
  RawClient silent(port());
  EXPECT_TRUE(silent.closed());
}

TEST_F(ServerTest, IdleConnectionsAreClosed) {
  open({.idle = 100ms});
  RawClient client(port());
  EXPECT_EQ(client.ask("GET /hello HTTP/1.1\r\n" + kHost + "\r\n").status, 200);
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, AClientThatNeverReadsIsDropped) {
  open({.write = 100ms});
  RawClient client(port());
  EXPECT_EQ(client.ask(kHello).body, "hello") << "it is there";
  for (int i = 0; i < 4; ++i) client.send("GET /large HTTP/1.1\r\n" + kHost + "\r\n");
  EXPECT_TRUE(soon([&] { return server_->connections() == 0; }));
  EXPECT_LT(client.rest().size(), std::size_t{32} << 20);
  EXPECT_TRUE(client.was_reset()) << "what the system still held for it is gone";
}

TEST_F(ServerTest, LargeAnswersArriveWhole) {
  open();
  RawClient client(port());
  client.send(repeat("GET /large HTTP/1.1\r\n" + kHost + "\r\n", 2) + "GET /hello HTTP/1.1\r\n" + kHost + "\r\n");
  EXPECT_EQ(client.reply().body.size(), std::size_t{32} << 20);
  EXPECT_EQ(client.reply().body.size(), std::size_t{32} << 20);
  EXPECT_EQ(client.reply().body, "hello");
}

TEST_F(ServerTest, ManyClientsAtOnceGetTheirOwnAnswers) {
  open();
  std::atomic<int> right{0};
  {
    std::vector<std::jthread> clients;
    for (int c = 0; c < 16; ++c) {
      clients.emplace_back([&, c] {
        RawClient client(port());
        for (int i = 0; i < 100; ++i) {
          const std::string body = std::to_string(c) + "/" + std::to_string(i);
          right +=
              client.ask(kPlain + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body).body == body;
        }
      });
    }
  }
  EXPECT_EQ(right, 1600);
}

TEST_F(ServerTest, StoppingFinishesWhatRuns) {
  open({}, 1);
  RawClient idle(port());
  EXPECT_EQ(idle.ask("GET /hello HTTP/1.1\r\n" + kHost + "\r\n").status, 200);
  RawClient busy(port());
  busy.send("GET /slow HTTP/1.1\r\n" + kHost + "\r\n");
  started_.wait();
  server_->stop();
  EXPECT_TRUE(idle.closed());
  EXPECT_FALSE(RawClient(port()).connected());
  EXPECT_FALSE(server_->wait_for(1ms));
  let_go_.count_down();
  const RawReply reply = busy.reply();
  EXPECT_THAT(reply.body, HasSubstr("slow"));
  EXPECT_EQ(reply.field("Connection"), "close");
  EXPECT_TRUE(busy.closed());
  EXPECT_TRUE(server_->wait_for(10s));
}

TEST_F(ServerTest, StoppingWaitsNoLongerThanItsTime) {
  open({.drain = 100ms});
  RawClient half(port());
  half.send("GET /hello HTT");
  for (int i = 0; i < 1000 && server_->connections() == 0; ++i) std::this_thread::sleep_for(1ms);
  server_->stop();
  EXPECT_TRUE(server_->wait_for(10s));
  EXPECT_TRUE(half.closed());
}

TEST_F(ServerTest, TwoServersNeverShareAPort) {
  open();
  const auto second = Server::open({.port = port(), .threads = 2}, router_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().to_string(),
            "port " + std::to_string(port()) + " is in use; stop the other program or give --port");
}

TEST_F(ServerTest, AddressesMustBeThisMachines) {
  EXPECT_FALSE(Server::open({.addresses = {"localhost"}, .port = 0}, router_));
  EXPECT_FALSE(Server::open({.addresses = {"192.0.2.1"}, .port = 0}, router_));
}

// Decisions do not wait for long work that wants the same processor.
TEST_F(ServerTest, ThreadsOfThePoolGoBehindEventLoops) {
  const auto nice = [](const Request&, Response& response) {
    response.body = std::to_string(::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())));
  };
  router_.add({.path = "/loop", .name = "loop", .summary = "", .handler = nice});
  router_.add({.path = "/pool", .name = "pool", .summary = "", .work = Work::kPool, .handler = nice});
  open();
  const int own = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
  if (own >= 19) GTEST_SKIP() << "this process is behind all others already";
  RawClient client(port());
  EXPECT_EQ(client.ask("GET /loop HTTP/1.1\r\nHost: x\r\n\r\n").body, std::to_string(own));
  EXPECT_GT(std::stoi(client.ask("GET /pool HTTP/1.1\r\nHost: x\r\n\r\n").body), own);
}

}  // namespace
}  // namespace vigie::http
