// The access log of a real server: what a line says of each kind of request, and what it never says.
#include "http/access_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <thread>
#include <tuple>

#include "base/uuid.h"
#include "base/version.h"
#include "http/raw_client.h"
#include "http/server.h"
#include "http/test_routes.h"

namespace vigie::http {
namespace {

using namespace std::chrono_literals;
using boost::json::object;
using testing::HasSubstr;
using testing::Not;

class AccessLogTest : public testing::Test {
 protected:
  AccessLogTest() {
    std::string name = (std::filesystem::temp_directory_path() / "vigie-access-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    path_ = folder_ / "access.log";
    add_hello_and_echo(router_);
    router_.add({.method = Method::kPost,
                 .path = "/lines",
                 .name = "lines",
                 .summary = "",
                 .consumes = {"text/plain"},
                 .body_limit = 1 << 20,
                 .work = Work::kStream,
                 .stream = [](const Request&, BodyReader& body, ResponseStream& answer) {
                   std::array<char, 4096> block{};
                   if (!answer.start()) return;
                   for (auto size = body.read(block); size && *size > 0; size = body.read(block)) {
                     if (!answer.write({block.data(), *size})) return;
                   }
                   std::ignore = answer.finish();  // where the client has gone, nobody is left to tell
                 }});
    router_.add({.path = "/slow",
                 .name = "slow",
                 .summary = "",
                 .work = Work::kPool,
                 .handler = [](const Request&, Response& response) {
                   std::this_thread::sleep_for(20ms);
                   response.body = "at last";
                 }});
  }
  ~AccessLogTest() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  void open(AccessLogOptions log = {}, ServerOptions options = {}) {
    if (log.to.empty()) log.to = path_.string();
    auto opened = AccessLog::open(std::move(log));
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = *opened;
    options.port = 0;
    options.threads = 2;
    options.seed = 7;
    options.access_log = log_;
    auto server = Server::open(std::move(options), router_);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    server_->start();
  }

  // All lines, once there are `count`.
  std::vector<object> lines(std::uint64_t count) {
    EXPECT_TRUE(soon([&] { return log_->totals().written >= count; })) << log_->totals().written;
    auto all = parsed();
    EXPECT_EQ(all.size(), count);
    all.resize(count);
    return all;
  }
  // And all that there will be.
  std::vector<object> lines_at_end() {
    server_.reset();
    log_.reset();
    return parsed();
  }
  // Every one must be JSON.
  std::vector<object> parsed() const {
    std::vector<object> all;
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) {
      boost::system::error_code error;
      auto value = boost::json::parse(line, error);
      EXPECT_FALSE(error) << line;
      if (!error) all.push_back(value.as_object());
    }
    return all;
  }
  static std::string text(const object& line, std::string_view member) {
    const auto* value = line.if_contains(member);
    return value == nullptr ? "(none)" : value->is_string() ? std::string(value->as_string()) : serialize(*value);
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
  Router router_;
  std::shared_ptr<AccessLog> log_;
  std::unique_ptr<Server> server_;
};

TEST_F(AccessLogTest, ALineSaysWhoAskedWhatAndWhatCameOfIt) {
  open();
  RawClient client(server_->port());
  const RawReply reply = client.ask(
      "POST /echo?lang=fr HTTP/1.1\r\nHost: here\r\nContent-Type: text/plain\r\nUser-Agent: Teller/2.1 (till 4)\r\n"
      "X-Request-Id: abc-1\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_EQ(reply.status, 200);
  const object line = lines(1)[0];
  const std::map<std::string, std::string> expected = {{"log.level", "info"},
                                                       {"ecs.version", "8.11.0"},
                                                       {"service.name", "vigie"},
                                                       {"service.version", std::string(kVersion)},
                                                       {"event.kind", "event"},
                                                       {"event.category", R"(["web"])"},
                                                       {"event.type", R"(["access"])"},
                                                       {"event.dataset", "vigie.access"},
                                                       {"event.outcome", "success"},
                                                       {"http.request.method", "POST"},
                                                       {"http.request.id", "abc-1"},
                                                       {"http.request.body.bytes", "5"},
                                                       {"http.response.status_code", "200"},
                                                       {"http.response.body.bytes", "5"},
                                                       {"http.version", "1.1"},
                                                       {"url.path", "/echo"},
                                                       {"url.query", "lang=fr"},
                                                       {"vigie.route", "echo"},
                                                       {"source.address", "127.0.0.1"},
                                                       {"client.address", "127.0.0.1"},
                                                       {"user_agent.original", "Teller/2.1 (till 4)"}};
  for (const auto& [member, value] : expected) EXPECT_EQ(text(line, member), value) << member;
  EXPECT_EQ(line.size(), expected.size() + 2) << boost::json::serialize(line);
  EXPECT_GT(line.at("event.duration").to_number<std::int64_t>(), 0);
  EXPECT_LT(line.at("event.duration").to_number<std::int64_t>(), 60'000'000'000);
  static const std::regex kTime(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)");
  EXPECT_TRUE(std::regex_match(text(line, "@timestamp"), kTime)) << text(line, "@timestamp");
}

// Lets in everybody who says a name: at once, or after a while.
class NameGate : public Gate {
 public:
  GateWord at_once(const Route& route, const Request& request, GateNote&) const override {
    if (!request.header("X-Slow").empty()) return {.kind = GateWord::Kind::kWait};
    return decide(route, request);
  }
  GateWord decide(const Route&, const Request& request) const override {
    const std::string name(request.header("X-Name"));
    if (name.empty()) return {};
    return {.caller =
                std::make_shared<const Caller>(Caller{.subject = name, .role_name = name == "ana" ? "analyst" : ""})};
  }
};

TEST_F(AccessLogTest, ALineSaysWhoItWasThatTheGateLetIn) {
  router_.set_gate(std::make_shared<const NameGate>());
  open();
  RawClient client(server_->port());
  const auto ask = [&](const std::string& fields) {
    EXPECT_EQ(client.ask("GET /hello HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n").status, 200);
  };
  ask("X-Name: ana\r\n");
  ask("X-Name: ana\r\nX-Slow: 1\r\n");
  ask("X-Name: bob\r\n");
  ask("");
  const auto all = lines(4);
  for (const std::size_t line : {0u, 1u}) {
    EXPECT_EQ(text(all[line], "user.id"), "ana");
    EXPECT_EQ(text(all[line], "user.roles"), R"(["analyst"])");
  }
  EXPECT_EQ(text(all[2], "user.id"), "bob");
  EXPECT_EQ(text(all[2], "user.roles"), "(none)");
  EXPECT_EQ(text(all[3], "user.id"), "(none)");
}

TEST_F(AccessLogTest, PipelinedRequestsAndThoseOfSeveralThreadsHaveALineEach) {
  constexpr int kClients = 4;
  constexpr int kEach = 200;
  open();
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] {
      RawClient client(server_->port());
      std::string all;
      for (int i = 0; i < kEach; ++i) {
        all += "GET /hello HTTP/1.1\r\nHost: here\r\nX-Request-Id: " + std::to_string(c) + "-" + std::to_string(i) +
               "\r\n\r\n";
      }
      client.send(all);
      for (int i = 0; i < kEach; ++i) EXPECT_EQ(client.reply().status, 200);
    });
  }
  for (std::thread& client : clients) client.join();
  std::map<std::string, std::vector<int>> seen;
  for (const object& line : lines(kClients * kEach)) {
    const std::string id = text(line, "http.request.id");
    seen[id.substr(0, 1)].push_back(std::stoi(id.substr(2)));
    EXPECT_EQ(text(line, "http.response.body.bytes"), "5");
  }
  ASSERT_EQ(seen.size(), kClients);
  for (const auto& [client, numbers] : seen) {
    ASSERT_EQ(numbers.size(), kEach);
    EXPECT_TRUE(std::ranges::is_sorted(numbers)) << "of one connection, in the order of its answers";
  }
}

TEST_F(AccessLogTest, SecretsAreNeverWritten) {
  open({.to = {}, .redact = {"Token", "iban"}});
  RawClient client(server_->port());
  const std::vector<std::pair<std::string, std::string>> queries = {
      {"token=SECRET&a=1", "token=[redacted]&a=1"},
      {"a=1&TOKEN=SECRET", "a=1&TOKEN=[redacted]"},
      {"%74oken=SECRET", "%74oken=[redacted]"},
      {"a=1;iban=SECRET;b", "a=1;iban=[redacted];b"},
      {"+token=SECRET", "+token=[redacted]"},
      {"iban=SECRET=SECRET", "iban=[redacted]"},
      {"tokens=2&iban&iban=", "tokens=2&iban&iban=[redacted]"},
      {"%zz=1&token=SECRET", "%zz=1&token=[redacted]"},
  };
  for (const auto& [query, written] : queries) {
    const RawReply reply = client.ask("GET /hello?" + query +
                                      " HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer SECRET\r\nCookie: s=SECRET\r\n"
                                      "Proxy-Authorization: Basic SECRET\r\nX-Api-Key: SECRET\r\n\r\n");
    EXPECT_EQ(reply.status, 200);
  }
  client.ask("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nSECRET");
  const auto all = lines(queries.size() + 1);
  for (std::size_t i = 0; i < queries.size(); ++i) EXPECT_EQ(text(all[i], "url.query"), queries[i].second);
  for (const object& line : all) EXPECT_THAT(boost::json::serialize(line), Not(HasSubstr("SECRET")));
}

TEST_F(AccessLogTest, WhateverAClientSaysALineStaysALine) {
  open();
  RawClient client(server_->port());
  client.ask("GET /%0A%22%5C%FF%C3%A9%01%7f HTTP/1.1\r\nHost: here\r\nUser-Agent: a\"b\\c\tX\xFF\xC3\xA9\r\n\r\n");
  client.ask("GET /" + std::string(9000, 'p') + "?" + std::string(5000, 'q') +
             " HTTP/1.1\r\nHost: here\r\nUser-Agent: " + std::string(1500, 'u') + "\r\n\r\n");
  const auto all = lines(2);
  EXPECT_EQ(text(all[0], "url.path"), "/\n\"\\\xEF\xBF\xBD\xC3\xA9\x01\x7F");
  EXPECT_EQ(text(all[0], "user_agent.original"), "a\"b\\c\tX\xEF\xBF\xBD\xC3\xA9");
  EXPECT_EQ(text(all[1], "url.path").size(), 2048u);
  EXPECT_EQ(text(all[1], "url.query").size(), 2048u);
  EXPECT_EQ(text(all[1], "user_agent.original").size(), 512u);
  EXPECT_EQ(text(all[1], "log.level"), "warn");
}

TEST_F(AccessLogTest, RefusedRequestsAreWrittenToo) {
  open({}, {.limits = {.header = 60ms}});
  std::uint64_t asked = 0;
  const auto refused = [&](const std::string& bytes, int status) {
    RawClient client(server_->port());
    EXPECT_EQ(client.ask(bytes).status, status);
    ++asked;  // each by a thread of its own: their lines are in order only if they are waited for
    EXPECT_TRUE(soon([&] { return log_->totals().written == asked; }));
  };
  refused("GET /hello HTTP/1.1\r\nno colon\r\n\r\n", 400);
  refused("GET /hel", 408);
  refused("GET /hello HTTP/1.1\r\nHost: here\r\nA: " + std::string(20'000, 'a'), 431);
  refused("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Type: text/plain\r\nContent-Length: 999999\r\n\r\n", 413);
  refused("BREW /hello HTTP/1.0\r\n\r\n", 501);
  refused("GET /secret/../x HTTP/1.1\r\nHost: here\r\n\r\n", 404);
  const auto all = lines(6);
  const std::vector<std::string> statuses = {"400", "408", "431", "413", "501", "404"};
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(text(all[i], "http.response.status_code"), statuses[i]);
    EXPECT_EQ(text(all[i], "event.outcome"), "failure");
    EXPECT_EQ(text(all[i], "source.address"), "127.0.0.1");
    EXPECT_EQ(text(all[i], "http.request.id").size(), UuidText{}.size());
  }
  EXPECT_EQ(text(all[0], "http.request.method"), "(none)") << "not understood";
  EXPECT_EQ(text(all[0], "event.duration"), "(none)");
  EXPECT_EQ(text(all[3], "url.path"), "/echo");
  EXPECT_EQ(text(all[3], "vigie.route"), "echo");
  EXPECT_EQ(text(all[4], "http.request.method"), "_OTHER");
  EXPECT_EQ(text(all[4], "http.version"), "1.0");
  EXPECT_EQ(text(all[4], "log.level"), "error");
  EXPECT_EQ(text(all[5], "url.path"), "/secret/../x");
  EXPECT_EQ(text(all[5], "vigie.route"), "(none)");
}

TEST_F(AccessLogTest, ConnectionsOverALimitAreWritten) {
  open({}, {.limits = {.connections_per_address = 1}});
  RawClient first(server_->port());
  EXPECT_EQ(first.ask(kHello).status, 200);
  RawClient second(server_->port());
  EXPECT_EQ(second.reply().status, 429);
  std::set<std::string> statuses;
  for (const object& line : lines(2)) statuses.insert(text(line, "http.response.status_code"));
  EXPECT_THAT(statuses, testing::ElementsAre("200", "429"));
}

TEST_F(AccessLogTest, StreamsAreWrittenWhenTheyEnd) {
  open();
  {
    RawClient client(server_->port());
    client.send(
        "POST /lines HTTP/1.1\r\nHost: here\r\nContent-Type: text/plain\r\nX-Request-Id: s1\r\n"
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    EXPECT_EQ(client.head().status, 200);
    EXPECT_EQ(log_->totals().written, 0u);
    client.send("4\r\ndefg\r\n0\r\n\r\n");
    EXPECT_EQ(client.chunks(), "abcdefg");
    const object line = lines(1)[0];
    EXPECT_EQ(text(line, "http.response.body.bytes"), "7") << "framing is not the body's";
    EXPECT_EQ(text(line, "http.request.body.bytes"), "22") << "on the wire";
    EXPECT_EQ(text(line, "http.request.id"), "s1");
    EXPECT_EQ(text(line, "event.outcome"), "success");
    EXPECT_EQ(client.ask(kHello).status, 200) << "and the connection goes on";
  }
  {
    RawClient gone(server_->port());
    gone.send(
        "POST /lines HTTP/1.1\r\nHost: here\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n");
    EXPECT_EQ(gone.head().status, 200);
    gone.reset_when_closed();
  }
  {
    RawClient wrong(server_->port());
    wrong.send(
        "POST /lines HTTP/1.1\r\nHost: here\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    EXPECT_THAT(wrong.rest(), HasSubstr("malformed chunk"));
  }
  std::map<std::string, int> outcomes;
  for (const object& line : lines(4)) {
    ++outcomes[text(line, "http.response.status_code") + " " + text(line, "event.outcome")];
    if (line.contains("event.reason")) {
      EXPECT_EQ(text(line, "event.reason"), "the connection ended before the answer did");
      EXPECT_EQ(text(line, "log.level"), "error");
    }
  }
  EXPECT_EQ(outcomes["200 failure"], 1) << "cut by its client";
  EXPECT_EQ(outcomes["400 failure"], 1);
  EXPECT_EQ(outcomes["200 success"], 2);
}

TEST_F(AccessLogTest, ASampleLeavesOutOnlyWhatIsGoodAndQuick) {
  open({.to = {}, .sample = 0.25, .slow = 10ms});
  RawClient client(server_->port());
  std::size_t expected = 0;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 400; ++i) {
      client.ask("GET /hello HTTP/1.1\r\nHost: here\r\nX-Request-Id: id-" + std::to_string(i) + "\r\n\r\n");
    }
    client.ask("GET /nowhere HTTP/1.1\r\nHost: here\r\nX-Request-Id: wrong\r\n\r\n");
    client.ask("GET /slow HTTP/1.1\r\nHost: here\r\nX-Request-Id: slow\r\n\r\n");
  }
  std::map<std::string, int> times;
  for (const object& line : lines_at_end()) ++times[text(line, "http.request.id")];
  EXPECT_EQ(times["slow"], 2);
  EXPECT_EQ(times["wrong"], 2);
  for (int i = 0; i < 400; ++i) {
    const auto found = times.find("id-" + std::to_string(i));
    if (found == times.end()) continue;
    // A stalled machine makes a quick answer a slow one, once.
    expected += found->second == 2 ? 1 : 0;
  }
  EXPECT_GT(expected, 60u) << "a quarter of 400";
  EXPECT_LT(expected, 140u);
}

TEST_F(AccessLogTest, AddressesAreFullTruncatedOrDropped) {
  const auto addresses = [&](AddressForm form, const std::string& client) {
    std::filesystem::remove(path_);
    open({.to = {}, .client_address = form}, {.trusted_proxies = {"127.0.0.1"}});
    RawClient(server_->port()).ask("GET /hello HTTP/1.1\r\nHost: here\r\nX-Forwarded-For: " + client + "\r\n\r\n");
    const object line = lines(1)[0];
    server_.reset();
    return text(line, "client.address") + " by " + text(line, "source.address");
  };
  EXPECT_EQ(addresses(AddressForm::kFull, "192.0.2.77"), "192.0.2.77 by 127.0.0.1");
  EXPECT_EQ(addresses(AddressForm::kTruncated, "192.0.2.77"), "192.0.2.0 by 127.0.0.1");
  EXPECT_EQ(addresses(AddressForm::kTruncated, "2001:db8:1:2:3:4:5:6"), "2001:db8:1:: by 127.0.0.1");
  EXPECT_EQ(addresses(AddressForm::kDropped, "192.0.2.77"), "(none) by 127.0.0.1");

  std::filesystem::remove(path_);
  open({.to = {}, .redact = {"User-Agent"}, .client_address = AddressForm::kTruncated});
  RawClient(server_->port()).ask("GET /hello HTTP/1.1\r\nHost: here\r\nUser-Agent: me\r\n\r\n");
  const object line = lines(1)[0];
  EXPECT_EQ(text(line, "source.address"), "127.0.0.0") << "a peer that is no proxy is the client";
  EXPECT_EQ(text(line, "user_agent.original"), "(none)");
}

TEST_F(AccessLogTest, AFullDiskCostsLinesAndNoAnswers) {
  std::atomic<int> told = 0;
  open({.to = "/dev/full", .on_failure = [&](const Error&) { ++told; }});
  RawClient client(server_->port());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.ask(kHello).status, 200);
  EXPECT_TRUE(soon([&] { return log_->totals().failed == 50; }));
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace vigie::http
