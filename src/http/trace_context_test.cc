#include "http/trace_context.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "http/raw_client.h"
#include "http/server.h"
#include "http/test_routes.h"

namespace vigie::http {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kParent = "00f067aa0ba902b7";
const std::string kGood = "00-" + kTrace + "-" + kParent + "-01";

TEST(TraceContextTest, TakesWhatTheRecommendationAllows) {
  for (const std::string& value : {
           kGood,
           "00-" + kTrace + "-" + kParent + "-00",
           "00-" + kTrace + "-" + kParent + "-ff",
           "01-" + kTrace + "-" + kParent + "-01",
           "cc-" + kTrace + "-" + kParent + "-01-what-the-future-will-be-like",
           "cc-" + kTrace + "-" + kParent + "-01-",
           "fe-" + kTrace + "-" + kParent + "-09",
       }) {
    const auto context = TraceContext::parse(value, 0x1122334455667788);
    ASSERT_TRUE(context) << value;
    EXPECT_EQ(context->trace_id(), kTrace);
    EXPECT_EQ(context->parent_id(), kParent);
    EXPECT_EQ(context->span_id(), "1122334455667788");
  }
  EXPECT_EQ(TraceContext::parse(kGood, 0)->span_id(), "0000000000000001") << "0 is no id";
}

TEST(TraceContextTest, IgnoresAllElse) {
  const std::string zeros(32, '0');
  std::vector<std::string> values = {
      "",
      "00",
      "00-" + kTrace + "-" + kParent,
      "00-" + kTrace + "-" + kParent + "-",
      "00-" + kTrace + "-" + kParent + "-1",
      "00-" + kTrace + "-" + kParent + "-1g",
      "00-" + kTrace + "-" + kParent + "-0A",
      kGood + "-",
      kGood + "-more",
      kGood + "0",
      " " + kGood,
      kGood + " ",
      kGood + "," + kGood,
      "ff" + kGood.substr(2),
      "FF" + kGood.substr(2),
      "0x" + kGood.substr(2),
      "0" + kGood.substr(2),
      "01" + kGood.substr(2) + "x",
      "cc" + kGood.substr(2) + ".later",
      "00-" + zeros + "-" + kParent + "-01",
      "00-" + kTrace + "-" + zeros.substr(16) + "-01",
      "00-" + kTrace.substr(1) + "-" + kParent + "-01",
      "00-" + kTrace.substr(1) + "-" + kParent + "-010",
      "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kParent + "-01",
      "00-" + kTrace + "-00F067AA0BA902B7-01",
      "00-" + kTrace + "-00f067aa0ba902bz-01",
      "00_" + kTrace + "_" + kParent + "_01",
      "00-" + kTrace + "-" + kParent + std::string("-0\0", 3),
  };
  for (std::size_t i = 0; i < kGood.size(); ++i) {
    std::string broken = kGood;
    broken[i] = '~';
    values.push_back(broken);
  }
  for (const std::string& value : values) EXPECT_FALSE(TraceContext::parse(value, 1)) << value;
}

// Over a real server.
class TraceTest : public testing::Test {
 protected:
  TraceTest() {
    add_hello_and_echo(router_, Work::kPool);
    std::string name = (std::filesystem::temp_directory_path() / "vigie-trace-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    auto log = AccessLog::open({.to = (folder_ / "log").string()});
    EXPECT_TRUE(log);
    log_ = *log;
    auto server = Server::open({.port = 0, .seed = 7, .access_log = log_}, router_);
    EXPECT_TRUE(server);
    server_ = std::move(*server);
    server_->start();
  }
  ~TraceTest() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  static std::string hello(const std::string& fields) {
    return "GET /hello HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n";
  }
  std::vector<boost::json::value> lines(std::uint64_t count) {
    EXPECT_TRUE(soon([&] { return log_->totals().written == count; }));
    std::vector<boost::json::value> all;
    std::ifstream file(folder_ / "log");
    for (std::string line; std::getline(file, line);) all.push_back(boost::json::parse(line));
    EXPECT_EQ(all.size(), count);
    all.resize(count);
    return all;
  }

  Router router_;
  std::filesystem::path folder_;
  std::shared_ptr<AccessLog> log_;
  std::unique_ptr<Server> server_;
};

TEST_F(TraceTest, AnAnswerNamesTheTraceAndItsOwnSpan) {
  RawClient client(server_->port());
  const std::string field = client.ask(hello("TraceParent: " + kGood + "\r\n")).field("traceresponse");
  ASSERT_EQ(field.size(), kGood.size()) << field;
  EXPECT_EQ(field.substr(0, 36), "00-" + kTrace + "-");
  EXPECT_EQ(field.substr(52), "-01");
  const std::string span = field.substr(36, 16);
  EXPECT_NE(span, kParent);
  const auto line = lines(1)[0];
  EXPECT_EQ(line.at("trace.id").as_string(), kTrace);
  EXPECT_EQ(line.at("parent.id").as_string(), kParent);
  EXPECT_EQ(line.at("span.id").as_string(), span);
  EXPECT_NE(client.ask(hello("traceparent: " + kGood + "\r\n")).field("traceresponse").substr(36, 16), span)
      << "a span is one request's";
}

TEST_F(TraceTest, PipelinedAndPooledRequestsKeepTheirOwn) {
  RawClient client(server_->port());
  const std::string other(32, 'a');
  client.send(hello("traceparent: " + kGood + "\r\n") + hello("") +
              "POST /echo HTTP/1.1\r\nHost: here\r\nContent-Type: "
              "text/plain\r\nContent-Length: 2\r\ntraceparent: 00-" +
              other + "-" + kParent + "-00\r\n\r\nab" + hello("traceparent: " + kGood + "\r\n"));
  EXPECT_EQ(client.reply().field("traceresponse").substr(3, 32), kTrace);
  EXPECT_EQ(client.reply().field("traceresponse"), "") << "nothing is made up";
  const std::string pooled = client.reply().field("traceresponse");
  EXPECT_EQ(pooled.substr(3, 32), other);
  EXPECT_EQ(pooled.substr(52), "-00");
  EXPECT_EQ(client.reply().field("traceresponse").substr(3, 32), kTrace);
  const auto all = lines(4);
  EXPECT_EQ(all[2].at("trace.id").as_string(), other);
  EXPECT_FALSE(all[1].as_object().contains("trace.id"));
}

TEST_F(TraceTest, WhatIsInvalidRepeatedOrNotUnderstoodIsIgnored) {
  RawClient client(server_->port());
  for (const std::string& fields :
       {"traceparent: " + kGood + "\r\ntraceparent: " + kGood + "\r\n",
        "traceparent:\r\ntraceparent: " + kGood + "\r\n", "traceparent: " + kGood + "\r\ntraceparent:\r\n",
        "traceparent: " + kGood + ", " + kGood + "\r\n", std::string("traceparent:\r\n"),
        "tracestate: a=1\r\nxtraceparent: " + kGood + "\r\n"}) {
    const RawReply reply = client.ask(hello(fields));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.field("traceresponse"), "") << fields;
  }
  RawClient broken(server_->port());
  EXPECT_EQ(broken.ask(hello("traceparent: " + kGood + "\r\n")).status, 200);
  const RawReply refused = broken.ask("GET /hello HTTP/1.1\r\ntraceparent: " + kGood + "\r\nno colon\r\n\r\n");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.field("traceresponse"), "") << "not even the trace of the request before it";
  EXPECT_EQ(RawClient(server_->port())
                .ask("GET /nowhere HTTP/1.1\r\nHost: here\r\ntraceparent: " + kGood + "\r\n\r\n")
                .field("traceresponse")
                .substr(3, 32),
            kTrace);
}

}  // namespace
}  // namespace vigie::http
