// Load over TLS, against the edge itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "http/server.h"
#include "http/test_certificate.h"
#include "load/load_client.h"
#include "load/report.h"
#include "load/scripted_server.h"

namespace vigie::load {
namespace {

using testing::HasSubstr;

constexpr Nanoseconds kMillisecond = 1'000'000;

class TlsLoadTest : public testing::Test {
 protected:
  TlsLoadTest() {
    router_.add({.path = "/health",
                 .name = "health",
                 .summary = "",
                 .handler = [](const http::Request&, http::Response& response) {
                   response.body.assign(100'000, 'x');  // several records
                 }});
    auto server = http::Server::open(
        {.port = 0,
         .threads = 2,
         .limits = {.requests_per_connection = 50},  // so that connections are made again
         .tls = http::TlsOptions{.certificate_file = own_.certificate_file, .key_file = own_.key_file}},
        router_);
    EXPECT_TRUE(server);
    server_ = std::move(*server);
    server_->start();
    url_ = "https://127.0.0.1:" + std::to_string(server_->port());
  }

  http::TestCertificate own_{testing::TempDir() + "load-own", "vigie"};
  http::TestCertificate other_{testing::TempDir() + "load-other", "other"};
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  std::string url_;
};

TEST_F(TlsLoadTest, EveryRequestIsAnswered) {
  for (const std::uint32_t pipeline : {1u, 4u}) {
    LoadPlan plan;
    plan.mix = {{.route = Route::kHealth}};
    plan.stages = {{.rate = 0, .length = 300 * kMillisecond}};
    plan.warmup = 0;
    plan.connections = 4;
    plan.pipeline = pipeline;
    const auto target = find_target(url_, "", 5000, {.ca_file = own_.certificate_file});
    ASSERT_TRUE(target) << target.error().to_string();
    const auto requests = make_requests(*target, plan, {}, {}, 1);
    const std::atomic<bool> stop = false;
    const auto figures = run_load(plan, *target, requests, stop);
    ASSERT_TRUE(figures) << figures.error().to_string();
    EXPECT_GT(figures->good(), 0u);
    EXPECT_EQ(figures->refused(), 0u);
    EXPECT_EQ(figures->bad_answer, "");
    EXPECT_GT(figures->bytes_received, figures->good() * 100'000);
    const std::uint64_t closed = figures->failures[static_cast<std::size_t>(Failure::kClosed)];
    EXPECT_EQ(figures->failed(), closed) << "only what was pipelined behind a connection's last request";
    if (pipeline == 1) {
      EXPECT_EQ(closed, 0u);
    }
  }
}

TEST_F(TlsLoadTest, ACertificateThatIsNotTrustedEndsItBeforeItBegins) {
  const auto unknown = find_target(url_, "", 5000);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::kUnavailable);
  EXPECT_THAT(unknown.error().to_string(), HasSubstr("self-signed certificate"));
  EXPECT_THAT(unknown.error().to_string(), HasSubstr("--ca FILE"));
  EXPECT_FALSE(find_target(url_, "", 5000, {.ca_file = other_.certificate_file})) << "another's signature";
  EXPECT_TRUE(find_target(url_, "", 5000, {.insecure = true}));
  // Trusted, but another host's: the certificate is for 127.0.0.1 alone.
  const std::string by_name = "https://localhost:" + std::to_string(server_->port());
  const auto elsewhere = find_target(by_name, "", 5000, {.ca_file = own_.certificate_file});
  ASSERT_FALSE(elsewhere);
  EXPECT_THAT(elsewhere.error().to_string(), HasSubstr("hostname mismatch"));
  EXPECT_TRUE(find_target(by_name, "", 5000, {.insecure = true}));
}

TEST_F(TlsLoadTest, WhatIsNoTlsOrNoAuthorityIsSaid) {
  ScriptedServer plain([](ScriptedPeer& peer) { peer.request(); });
  const auto no_tls = find_target("https" + plain.url().substr(4), "", 500, {.insecure = true});
  ASSERT_FALSE(no_tls);
  EXPECT_THAT(no_tls.error().to_string(), HasSubstr("no TLS with https://127.0.0.1"));
  EXPECT_THAT(find_target(url_, "", 500, {.ca_file = "/nowhere.pem"}).error().to_string(), HasSubstr("/nowhere.pem"));
  EXPECT_THAT(find_target(url_, "", 500, {.ca_file = own_.key_file}).error().to_string(),
              HasSubstr("there is no certificate in it"));
  EXPECT_EQ(find_target(plain.url(), "", 500, {.insecure = true}).error().code, Code::kInvalidArgument);
}

TEST_F(TlsLoadTest, TheReportSaysThatNobodyWasChecked) {
  Report report{.plan = {}, .url = url_};
  report.plan.stages = {{.rate = 0, .length = kSecond}};
  EXPECT_THAT(report_text(report), testing::Not(HasSubstr("--insecure")));
  report.unchecked = true;
  for (const std::string& text : {report_text(report), report_json(report), report_html(report)}) {
    EXPECT_THAT(text, HasSubstr("certificate was not checked (--insecure)"));
  }
}

}  // namespace
}  // namespace vigie::load
