#include "http/stream.h"

#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "base/sanitized.h"
#include "http/stream_fixture.h"

namespace vigie::http {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

// Of this process, which is client and server at once: in bytes.
std::size_t status_field(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stoul(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

TEST_F(StreamTest, HundredsOfMegabytesPassBothWaysInConstantMemory) {
  constexpr std::size_t kSize = (kSanitized ? 30 : 300) * kMegabyte;
  open();
  RawClient client(port());
  std::ofstream("/proc/self/clear_refs") << "5";  // begins a new peak
  const std::size_t before = status_field("VmRSS");
  std::jthread sender([&] {
    std::string block(kMegabyte, '\0');
    for (std::size_t i = 0; i < block.size(); ++i) block[i] = static_cast<char>('a' + i % 23);
    EXPECT_TRUE(client.send(post("/upper", length(kSize))));
    for (std::size_t sent = 0; sent < kSize; sent += block.size()) ASSERT_TRUE(client.send(block));
  });
  const RawReply head = client.head();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("Transfer-Encoding"), "chunked");
  EXPECT_EQ(head.field("Content-Length"), "");
  EXPECT_EQ(head.field("X-Made"), "while it came");
  std::size_t at = 0;
  while (true) {
    const auto chunk = client.chunk();
    ASSERT_TRUE(chunk) << "at byte " << at;
    if (chunk->empty()) break;
    for (const char c : *chunk) {
      ASSERT_EQ(c, static_cast<char>('A' + at % kMegabyte % 23)) << "at byte " << at;
      ++at;
    }
  }
  EXPECT_EQ(at, kSize);
  const std::size_t most = status_field("VmHWM");
  if (!kSanitized) {
    EXPECT_LT(most, before + 20 * kMegabyte);
  }
  EXPECT_EQ(client.ask(kHello).body, "hello") << "the connection goes on";
  const RouteSnapshot route = counted("upper");
  EXPECT_GT(route.bytes_in, kSize);
  EXPECT_LT(route.bytes_in, kSize + 1000);
  EXPECT_GT(route.bytes_out, kSize);
  EXPECT_EQ(route.requests[status_slot(200)], 1u);
  EXPECT_EQ(route.duration.count(), 1u);
}

TEST_F(StreamTest, SplitAnywhereTheAnswersAreTheSame) {
  open();
  const std::string requests = post("/upper", kChunked, "4\r\nseco\r\n2;x=y\r\nnd\r\n0\r\nT: 1\r\n\r\n") +
                               post("/upper", length(5), "first") + kHello + post("/count", length(0)) +
                               post("/count", kChunked, "3\r\nabc\r\n0\r\n\r\n");
  const auto expect_answers = [](RawClient& client, std::size_t at) {
    EXPECT_EQ(client.head().status, 200) << at;
    EXPECT_EQ(client.chunks(), "SECOND") << at;
    EXPECT_EQ(client.head().status, 200) << at;
    EXPECT_EQ(client.chunks(), "FIRST") << at;
    EXPECT_EQ(client.reply().body, "hello") << at;
    EXPECT_EQ(client.reply().body, "0") << at;
    EXPECT_EQ(client.reply().body, "3") << at;
  };
  for (std::size_t at = 0; at < requests.size(); at += 2) {
    RawClient client(port());
    client.send(std::string_view(requests).substr(0, at));
    std::this_thread::sleep_for(500us);
    client.send(std::string_view(requests).substr(at));
    expect_answers(client, at);
  }
}

TEST_F(StreamTest, ASlowReaderSlowsTheHandler) {
  open();
  RawClient client(port());
  client.send("GET /flood HTTP/1.1\r\nHost: here\r\n\r\n");
  std::size_t before = 1;
  ASSERT_TRUE(soon([&] {
    std::this_thread::sleep_for(100ms);
    return std::exchange(before, written_.load()) == written_ && written_ > 0;
  }));
  EXPECT_LT(written_, 32 * kMegabyte) << "what sockets and a queue hold";
  EXPECT_EQ(client.head().status, 200);
  const auto all = client.chunks();
  ASSERT_TRUE(all);
  EXPECT_GE(all->size(), 64 * kMegabyte);
}

TEST_F(StreamTest, AClientThatNeverReadsIsDropped) {
  open({.write = 200ms});
  RawClient client(port());
  client.send("GET /flood HTTP/1.1\r\nHost: here\r\n\r\n");
  expect_gone();
  EXPECT_EQ(code_, Code::kUnavailable);
  EXPECT_EQ(metrics_->snapshot().timed_out[static_cast<std::size_t>(Stall::kWrite)], 1u);
  EXPECT_LT(client.rest().size(), 64 * kMegabyte);
  EXPECT_TRUE(client.was_reset()) << "what the system still held for it is gone";
}

TEST_F(StreamTest, AClientKilledWhileItSendsEndsTheWork) {
  for (const bool reset : {true, false}) {
    failures_ = 0;
    open();
    {
      RawClient client(port());
      client.send(post("/count", length(1000), "some"));
      ASSERT_TRUE(soon([&] { return server_->connections() == 1; }));
      if (reset) client.reset_when_closed();
    }
    expect_gone();
    EXPECT_EQ(code_, Code::kUnavailable);
  }
}

TEST_F(StreamTest, AClientKilledWhileTheHandlerWorksEndsItsWrites) {
  open();
  {
    RawClient client(port());
    client.send(post("/held", length(4), "some"));
    ASSERT_TRUE(soon([&] { return started_ == 1; }));
    client.reset_when_closed();
  }
  // The loop has noticed when a second client is served after the reset, for events come in order.
  RawClient second(port());
  EXPECT_EQ(second.ask(kHello).status, 200);
  let_go();
  EXPECT_TRUE(soon([&] { return failures_ == 1; }));
  EXPECT_TRUE(soon([&] { return server_->connections() == 1; }));
}

TEST_F(StreamTest, ABrokenBodyIsToldBeforeTheAnswerAndCutsItAfter) {
  open({.body = 300ms});
  struct BrokenBody {
    const char* name;
    std::string body;
    int status;
  };
  const std::vector<BrokenBody> cases = {{"no chunk size", "3\r\nabc\r\nzz\r\n", 400},
                                         {"chunk longer than said", "3\r\nhello\r\n0\r\n\r\n", 400},
                                         {"bare line feed", "3\nabc\r\n0\r\n\r\n", 400},
                                         {"tiny chunks", {}, 400},
                                         {"over the limit", "3\r\nabc\r\n40000000\r\n", 413},
                                         {"endless extension", "3;" + std::string(20'000, 'a'), 400},
                                         {"too slow", "3\r\nabc\r\n", 408}};
  for (const BrokenBody& it : cases) {
    std::string body = it.body;
    for (int i = 0; body.empty() || (it.body.empty() && i < 50'000); ++i) body += "1\r\na\r\n";
    failures_ = 0;
    RawClient before(port());
    before.send(post("/count", kChunked, body));
    EXPECT_EQ(before.reply().status, it.status) << it.name;
    EXPECT_TRUE(before.closed()) << it.name;
    EXPECT_TRUE(soon([&] { return failures_ == 1; })) << it.name;
    EXPECT_EQ(code_, Code::kInvalidData) << it.name;

    RawClient after(port());
    after.send(post("/upper", kChunked, "5\r\nfirst\r\n"));
    EXPECT_EQ(after.head().status, 200) << it.name;
    EXPECT_EQ(after.chunk(), "FIRST") << it.name;
    after.send(body);
    EXPECT_FALSE(after.chunks()) << it.name << ": no last chunk";
    EXPECT_TRUE(soon([&] { return failures_ == 2; })) << it.name;
  }
  EXPECT_TRUE(soon([&] { return server_->connections() == 0; }));
}

TEST_F(StreamTest, Http10AnswersEndWithTheConnection) {
  open();
  RawClient client(port());
  client.send("POST /upper HTTP/1.0\r\nContent-Type: text/plain\r\nConnection: keep-alive\r\n" + length(3) + "\r\nabc");
  const RawReply head = client.head();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("Transfer-Encoding"), "");
  EXPECT_EQ(head.field("Connection"), "close");
  EXPECT_EQ(client.rest(), "ABC");
  EXPECT_FALSE(client.was_reset());
  RawClient cut(port());
  cut.send("GET /cut HTTP/1.0\r\n\r\n");
  cut.rest();
  EXPECT_TRUE(cut.was_reset()) << "an end would look like the answer's";
}

TEST_F(StreamTest, PipelinedRequestsAreAnsweredInOrder) {
  open();
  RawClient client(port());
  client.send(kHello + post("/held", length(4), "some") + kHello + post("/upper", length(3), "abc"));
  EXPECT_EQ(client.reply().body, "hello") << "before the stream ends";
  ASSERT_TRUE(soon([&] { return started_ == 1; }));
  let_go();
  EXPECT_EQ(client.head().status, 200);
  EXPECT_EQ(client.chunks(), "held");
  EXPECT_EQ(client.reply().body, "hello");
  EXPECT_EQ(client.head().status, 200);
  EXPECT_EQ(client.chunks(), "ABC");
}

TEST_F(StreamTest, HeadAndRefusalsAreThoseOfOtherRoutes) {
  open();
  RawClient client(port());
  client.send("HEAD /flood HTTP/1.1\r\nHost: here\r\n\r\n" + kHello);
  const RawReply head = client.head();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("Transfer-Encoding"), "chunked");
  EXPECT_EQ(client.reply().body, "hello") << "no byte of a body before it";
  EXPECT_EQ(client.ask(post("/refuses", length(2), "hi")).status, 422);
  EXPECT_EQ(client.ask("GET /upper HTTP/1.1\r\nHost: here\r\n\r\n").status, 405);
  EXPECT_EQ(client.ask("POST /upper HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\nhi").status, 415);
  const RawReply broken = client.ask("GET /broken HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_EQ(broken.status, 500);
  EXPECT_THAT(broken.head + broken.body, testing::Not(HasSubstr("secret")));
  EXPECT_EQ(client.ask(post("/upper", length(1001 * kMegabyte))).status, 413);
  RawClient cut(port());
  cut.send("GET /cut HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_EQ(cut.head().status, 200);
  EXPECT_FALSE(cut.chunks());
}

TEST_F(StreamTest, AnAnswerBeforeTheBodyEndsTheConnection) {
  open();
  RawClient client(port());
  client.send(post("/refuses", length(1000), "only the first bytes"));
  const RawReply reply = client.reply();
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.field("Connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST_F(StreamTest, ContinueIsSaidWhenTheHandlerWantsTheBody) {
  open();
  RawClient wanted(port());
  EXPECT_EQ(wanted.ask(post("/upper", "Expect: 100-continue\r\n" + length(5))).status, 100);
  wanted.send("hello");
  EXPECT_EQ(wanted.head().status, 200);
  EXPECT_EQ(wanted.chunks(), "HELLO");
  RawClient unwanted(port());
  EXPECT_EQ(unwanted.ask(post("/refuses", "Expect: 100-continue\r\n" + length(5))).status, 422);
  EXPECT_TRUE(unwanted.closed());
}

}  // namespace
}  // namespace vigie::http
