// A server with routes that stream, for tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/raw_client.h"
#include "http/server.h"
#include "http/stream.h"
#include "http/test_routes.h"

namespace vigie::http {

inline constexpr std::size_t kMegabyte = std::size_t{1} << 20;

inline std::string post(const std::string& path, const std::string& fields, const std::string& body = {}) {
  return "POST " + path + " HTTP/1.1\r\nHost: here\r\nContent-Type: text/plain\r\n" + fields + "\r\n" + body;
}
inline std::string length(std::size_t size) { return "Content-Length: " + std::to_string(size) + "\r\n"; }
inline const std::string kChunked = "Transfer-Encoding: chunked\r\n";

// POST /upper answers its body's bytes in capitals as they come; /count reads it whole and says how many they were;
// /held starts, waits until it is let go, and goes on writing; GET /flood writes 64 MB; /broken throws, at once or not.
class StreamTest : public testing::Test {
 protected:
  StreamTest() {
    add_hello_and_echo(router_);
    add("/upper", Method::kPost, [this](BodyReader& body, ResponseStream& answer) {
      std::array<char, 20'000> block{};
      while (true) {
        const auto size = body.read(block);
        if (!size) return failed(size.error());
        if (!answer.started()) {
          answer.response().content_type = "text/plain";
          answer.response().add_header("X-Made", "while it came");
          if (const auto started = answer.start(); !started) return failed(started.error());
        }
        if (*size == 0) break;
        std::transform(block.begin(), block.begin() + *size, block.begin(),
                       [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
        if (const auto sent = answer.write({block.data(), *size}); !sent) return failed(sent.error());
      }
      if (const auto ended = answer.finish(); !ended) return failed(ended.error());
    });
    add("/count", Method::kPost, [this](BodyReader& body, ResponseStream& answer) {
      std::array<char, 20'000> block{};
      std::size_t all = 0;
      while (true) {
        const auto size = body.read(block);
        if (!size) return failed(size.error());
        if (*size == 0) break;
        all += *size;
      }
      answer.response().body = std::to_string(all);
    });
    add("/held", Method::kPost, [this](BodyReader& body, ResponseStream& answer) {
      std::array<char, 100> block{};
      if (const auto size = body.read(block); !size) return failed(size.error());
      started_.fetch_add(1);
      let_go_.wait(false);
      if (!answer.start()) return failed({});
      if (const auto sent = answer.write("held"); !sent) return failed(sent.error());
      if (const auto ended = answer.finish(); !ended) return failed(ended.error());
    });
    add("/flood", Method::kGet, [this](BodyReader&, ResponseStream& answer) {
      const std::string block(100'000, 'x');
      if (const auto started = answer.start(); !started) return failed(started.error());
      for (std::size_t sent = 0; sent < 64 * kMegabyte; sent += block.size()) {
        if (const auto status = answer.write(block); !status) return failed(status.error());
        written_ += block.size();
      }
      if (const auto ended = answer.finish(); !ended) return failed(ended.error());
    });
    add("/refuses", Method::kPost, [](BodyReader&, ResponseStream& answer) {
      answer.response().status = 422;
      answer.response().body = "[]";
    });
    add("/broken", Method::kGet, [](BodyReader&, ResponseStream&) { throw std::runtime_error("/secret/path"); });
    add("/cut", Method::kGet, [](BodyReader&, ResponseStream& answer) {
      if (answer.start() && answer.write("some")) throw std::runtime_error("/secret/path");
    });
  }
  ~StreamTest() override { let_go(); }

  void add(const std::string& path, Method method, std::function<void(BodyReader&, ResponseStream&)> handler) {
    router_.add(
        {.method = method,
         .path = path,
         .name = path.substr(1),
         .summary = "",
         .consumes = method == Method::kPost ? std::vector<std::string>{"text/plain"} : std::vector<std::string>{},
         .body_limit = 1000 * kMegabyte,
         .work = Work::kStream,
         .stream = [handler](const Request&, BodyReader& body, ResponseStream& answer) { handler(body, answer); }});
  }
  void open(Limits limits = {}, SpoolOptions spool = {.folder = testing::TempDir()}) {
    auto server = Server::open(
        {.port = 0, .threads = 1, .limits = limits, .spool = std::move(spool), .seed = 7, .metrics = metrics_},
        router_);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    server_->start();
  }
  std::uint16_t port() const { return server_->port(); }
  void failed(const Error& error) {
    code_ = error.code;
    failures_.fetch_add(1);
  }
  void let_go() {
    let_go_ = true;
    let_go_.notify_all();
  }
  void expect_gone() {
    EXPECT_TRUE(soon([&] { return failures_ == 1; })) << "the handler must see it";
    EXPECT_TRUE(soon([&] { return server_->connections() == 0; }));
  }
  RouteSnapshot counted(const std::string& name) const {
    for (const RouteSnapshot& route : metrics_->snapshot().routes) {
      if (route.name == name) return route;
    }
    return {};
  }

  Router router_;
  std::shared_ptr<ServerMetrics> metrics_ = std::make_shared<ServerMetrics>();
  std::atomic<int> started_{0};
  std::atomic<int> failures_{0};
  std::atomic<Code> code_{Code::kInternal};
  std::atomic<std::size_t> written_{0};
  std::atomic<bool> let_go_{false};
  std::unique_ptr<Server> server_;
};

}  // namespace vigie::http
