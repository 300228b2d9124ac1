// What bounds streamed requests: how many, how long while the server stops, and how much of an answer is kept.
#include <filesystem>

#include "http/stream_fixture.h"

namespace vigie::http {
namespace {

using namespace std::chrono_literals;

TEST_F(StreamTest, MoreStreamsThanTheLimitAreToldSo) {
  open({.streams = 2});
  RawClient first(port());
  RawClient second(port());
  first.send(post("/held", length(4), "some"));
  second.send(post("/held", length(4), "some"));
  ASSERT_TRUE(soon([&] { return started_ == 2; }));
  RawClient third(port());
  const RawReply reply = third.ask(post("/held", length(4), "some"));
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.field("Retry-After"), "1");
  EXPECT_EQ(third.ask(kHello).status, 200) << "other work goes on";
  let_go();
  EXPECT_EQ(first.head().status, 200);
  EXPECT_EQ(first.chunks(), "held");
  EXPECT_TRUE(soon([&] {
    third.send(post("/upper", length(1), "x"));
    const RawReply again = third.reply();
    return again.status == 200 && again.body == "X";
  }));
}

TEST_F(StreamTest, DrainingFinishesAStreamAndAbortingEndsIt) {
  open();
  RawClient client(port());
  client.send(post("/held", length(4), "some"));
  ASSERT_TRUE(soon([&] { return started_ == 1; }));
  server_->stop();
  EXPECT_FALSE(server_->wait_for(1ms));
  let_go();
  EXPECT_EQ(client.head().field("Connection"), "close");
  EXPECT_EQ(client.chunks(), "held");
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(server_->wait_for(10s));

  open();
  RawClient reading(port());
  reading.send(post("/count", length(1000), "some"));
  RawClient writing(port());
  writing.send("GET /flood HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_EQ(writing.head().status, 200);
  ASSERT_TRUE(soon([&] { return server_->connections() == 2; }));
  server_->abort();
  server_->wait();
  EXPECT_GE(failures_, 1);
  EXPECT_TRUE(reading.closed());
}

TEST_F(StreamTest, DrainingWaitsNoLongerThanItsTime) {
  open({.drain = 100ms});
  RawClient client(port());
  client.send(post("/count", length(1000), "some"));
  ASSERT_TRUE(soon([&] { return server_->connections() == 1; }));
  server_->stop();
  EXPECT_TRUE(server_->wait_for(10s));
  EXPECT_TRUE(client.closed());
}

// As Python's requests and others do it.
TEST_F(StreamTest, AClientThatSendsAllBeforeItReadsIsServed) {
  const std::string folder = testing::TempDir() + "spool";
  std::filesystem::create_directories(folder);
  open({}, {.folder = folder});
  constexpr std::size_t kSize = 48 * kMegabyte;
  RawClient client(port());
  ASSERT_TRUE(client.send(post("/upper", length(kSize))));
  const std::string block(kMegabyte, 'q');
  for (std::size_t sent = 0; sent < kSize; sent += block.size()) ASSERT_TRUE(client.send(block));
  EXPECT_TRUE(std::filesystem::is_empty(folder)) << "the file has no name";
  EXPECT_EQ(client.head().status, 200);
  const auto all = client.chunks();
  ASSERT_TRUE(all);
  EXPECT_EQ(all->size(), kSize);
  EXPECT_EQ(all->find_first_not_of('Q'), std::string::npos);
  EXPECT_EQ(client.ask(kHello).status, 200);
}

TEST_F(StreamTest, TheSpoolHasALimitAndThenTheClientWaits) {
  open({.body = 300ms, .write = 300ms}, {.folder = testing::TempDir(), .limit = 100'000});
  RawClient client(port());
  client.send(post("/upper", length(64 * kMegabyte)));
  const std::string block(kMegabyte, 'q');
  std::size_t sent = 0;
  while (sent < 64 && client.send(block)) ++sent;
  EXPECT_LT(sent, 64u) << "nothing kept so much";
  expect_gone();
}

TEST_F(StreamTest, ASpoolThatCannotBeMadeCutsTheAnswer) {
  open({}, {.folder = "/nonexistent"});
  RawClient client(port());
  client.send(post("/upper", length(64 * kMegabyte)));
  const std::string block(kMegabyte, 'q');
  std::size_t sent = 0;
  while (sent < 64 && client.send(block)) ++sent;
  EXPECT_LT(sent, 64u);
  expect_gone();
  EXPECT_EQ(code_, Code::kNotFound);
}

}  // namespace
}  // namespace vigie::http
