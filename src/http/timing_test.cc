// Server-Timing, for those that ask for it.
#include <gmock/gmock.h>

#include <map>
#include <sstream>

#include "http/stream_fixture.h"

namespace vigie::http {
namespace {

using namespace std::chrono_literals;

// "total;dur=0.031, read;dur=0.000": by name, in milliseconds.
std::map<std::string, double> times(const RawReply& reply) {
  std::map<std::string, double> all;
  std::istringstream items(reply.field("Server-Timing"));
  for (std::string item; std::getline(items >> std::ws, item, ',');) {
    const auto at = item.find(";dur=");
    EXPECT_NE(at, std::string::npos) << item;
    if (at != std::string::npos) all[item.substr(0, at)] = std::stod(item.substr(at + 5));
  }
  return all;
}

std::vector<std::string> names(const RawReply& reply) {
  std::vector<std::string> all;
  for (const auto& [name, time] : times(reply)) {
    EXPECT_GE(time, 0) << name;
    all.push_back(name);
  }
  return all;
}

const std::string kAsk = "X-Server-Timing: 1\r\n";

class TimingTest : public StreamTest {
 protected:
  TimingTest() {
    router_.add({.path = "/pool",
                 .name = "pool",
                 .summary = "",
                 .work = Work::kPool,
                 .handler = [](const Request&, Response& response) {
                   std::this_thread::sleep_for(20ms);
                   response.body = "slow";
                 }});
  }
};

TEST_F(TimingTest, IsToldToWhoAsksAndToNobodyElse) {
  open();
  RawClient client(port());
  for (const std::string fields : {"", "X-Server-Timing: 0\r\n", "X-Server-Timing:\r\n", "X-Server-Timing: 11\r\n",
                                   "Server-Timing: 1\r\n", "X-Server-Timings: 1\r\n"}) {
    EXPECT_EQ(client.ask("GET /hello HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n").field("Server-Timing"), "")
        << fields;
  }
  const std::vector<std::string> all = {"handler", "read", "total", "wait"};
  EXPECT_EQ(names(client.ask("GET /hello HTTP/1.1\r\nHost: here\r\n" + kAsk + "\r\n")), all);
  EXPECT_EQ(names(client.ask("GET /hello HTTP/1.1\r\nHost: here\r\nx-server-TIMING:1\r\n\r\n")), all);
  EXPECT_EQ(client.ask(kHello).field("Server-Timing"), "") << "each request asks for itself";
}

TEST_F(TimingTest, ThePartsAreWhereTheTimeWent) {
  open();
  RawClient client(port());
  const auto pool = times(client.ask("GET /pool HTTP/1.1\r\nHost: here\r\n" + kAsk + "\r\n"));
  EXPECT_GE(pool.at("handler"), 20);
  EXPECT_GE(pool.at("total"), pool.at("handler"));
  EXPECT_GE(pool.at("total") + 0.002, pool.at("read") + pool.at("wait") + pool.at("handler"));
  client.send(post("/echo", kAsk + length(4), "so"));
  std::this_thread::sleep_for(60ms);
  client.send("me");
  const auto slow = times(client.reply());
  EXPECT_GE(slow.at("read"), 20) << "the body came late";
  EXPECT_LT(slow.at("handler"), slow.at("read"));
}

TEST_F(TimingTest, RefusalsAndStreamsHaveWhatCanBeSaid) {
  open({.body = 200ms});
  RawClient client(port());
  EXPECT_EQ(names(client.ask("GET /nowhere HTTP/1.1\r\nHost: here\r\n" + kAsk + "\r\n")),
            (std::vector<std::string>{"read", "total"}));
  client.send(post("/upper", kAsk + length(3), "abc"));
  const RawReply head = client.head();
  EXPECT_EQ(names(head), (std::vector<std::string>{"handler", "total"}));
  EXPECT_EQ(client.chunks(), "ABC");
  client.send(post("/echo", kAsk + length(4), "so"));
  const RawReply late = client.reply();
  EXPECT_EQ(late.status, 408);
  EXPECT_EQ(names(late), (std::vector<std::string>{"total"}));
  RawClient broken(port());
  const RawReply malformed = broken.ask("GET /hello HTTP/1.1\r\nHost: here\r\n" + kAsk + "A : b\r\n\r\n");
  EXPECT_EQ(malformed.status, 400);
  EXPECT_EQ(malformed.field("Server-Timing"), "") << "its header never ended";
}

}  // namespace
}  // namespace vigie::http
