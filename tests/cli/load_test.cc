// vigie load against vigie serve: what one counts the other has counted too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <csignal>

#include "http/raw_client.h"
#include "program.h"

namespace vigie::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class LoadTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempFolder;
    const RunOptions here{.cwd = folder_->path()};
    const Outcome data =
        run_vigie({"data", "simulate", "card", "--rows", "4000", "--seed", "3", "--out", "card.csv"}, here);
    ASSERT_EQ(data.exit_code, 0) << data.err;
    const Outcome made = run_vigie(
        {"train", "card", "--data", "card.csv", "--xgb", "rounds=5", "--replicates", "0", "--out", "model"}, here);
    ASSERT_EQ(made.exit_code, 0) << made.err;
    server_ = new Background({"serve", "--model", "card=model", "--auth", "none", "--port", "0"}, here);
    ASSERT_TRUE(server_->wait_for_line("\"started\"")) << server_->err();
    const std::string text = server_->out();
    constexpr std::string_view kAddress = "http://127.0.0.1:";
    const auto at = text.find(kAddress);
    ASSERT_NE(at, std::string::npos) << text;
    port_ = static_cast<std::uint16_t>(std::stoi(text.substr(at + kAddress.size())));
  }
  static void TearDownTestSuite() {
    delete server_;
    delete folder_;
  }

  static Outcome load(std::vector<std::string> arguments, const RunOptions& options = {.cwd = folder_->path()}) {
    arguments.insert(arguments.begin(), {"load", "--url", "http://127.0.0.1:" + std::to_string(port_)});
    return run_vigie(arguments, options);
  }
  static boost::json::value metrics() {
    http::RawClient client(port_);
    return boost::json::parse(client.ask("GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n").body);
  }
  // Answers of the route with status 200, as the server has counted them.
  static std::int64_t served(const std::string& route) {
    const auto all = metrics();
    const auto* const counted = all.at("routes").as_object().if_contains(route);
    if (counted == nullptr) return 0;
    const auto* const ok = counted->at("statuses").as_object().if_contains("200");
    return ok == nullptr ? 0 : ok->to_number<std::int64_t>();
  }

  static TempFolder* folder_;
  static Background* server_;
  static std::uint16_t port_;
};
TempFolder* LoadTest::folder_ = nullptr;
Background* LoadTest::server_ = nullptr;
std::uint16_t LoadTest::port_ = 0;

TEST_F(LoadTest, CountsWhatTheServerCounts) {
  const std::int64_t predict = served("predict"), health = served("health");
  const Outcome outcome =
      load({"--mix", "predict=3,health=1", "--duration", "1s", "--warmup", "0", "--json", "--html", "report.html"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto report = boost::json::parse(outcome.out);
  const auto answers = [&](const std::string& route) {
    return report.at("routes").at(route).at("statuses").at("200").to_number<std::int64_t>();
  };
  EXPECT_GT(answers("predict"), 100);
  EXPECT_EQ(answers("predict"), served("predict") - predict);
  EXPECT_EQ(answers("health"), served("health") - health);
  EXPECT_EQ(report.at("failed").to_number<int>(), 0);
  EXPECT_EQ(report.at("refused").to_number<int>(), 0);
  EXPECT_THAT(read_text(*folder_ / "report.html"), HasSubstr("Latency percentiles"));
}

TEST_F(LoadTest, AScheduleIsKeptAndRecordedBodiesAreSent) {
  const RunOptions here{.cwd = folder_->path()};
  ASSERT_EQ(run_vigie({"data", "payloads", "--count", "10", "--out", "p.ndjson"}, here).exit_code, 0);
  const std::int64_t before = served("predict");
  const Outcome outcome =
      load({"--rate", "100", "--duration", "1s", "--warmup", "0", "--payloads", "p.ndjson", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto report = boost::json::parse(outcome.out);
  EXPECT_EQ(report.at("good").to_number<int>(), 100);
  EXPECT_EQ(served("predict") - before, 100);
}

TEST_F(LoadTest, FindsASaturation) {
  const Outcome outcome = load(
      {"--find-saturation", "--mix", "health", "--step", "100ms", "--duration", "200ms", "--warmup", "0", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto found = boost::json::parse(outcome.out);
  const double best = found.at("saturation").at("requests_per_s").to_number<double>();
  EXPECT_GT(best, 0);
  for (const auto& step : found.at("saturation").at("steps").as_array()) {
    EXPECT_LE(step.at("requests_per_s").to_number<double>(), best);
  }
  EXPECT_NEAR(found.at("half").at("stages").at(0).at("rate").to_number<double>(), best / 2, 1);
}

TEST_F(LoadTest, BodiesThatAreRefusedFailTheRunAndAreNotCalledGood) {
  write_text(*folder_ / "bad.ndjson", "{\"Time\":0}\n");
  const Outcome outcome = load({"--payloads", "bad.ndjson", "--duration", "200ms", "--warmup", "0"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr(" x 422"));
  EXPECT_THAT(outcome.err, HasSubstr("no request had a good answer"));
}

TEST_F(LoadTest, TokensComeFromAFileOrTheEnvironmentAndAreNeverTold) {
  write_text(*folder_ / "token", "top-secret-token\n");
  const Outcome from_file = load({"--token-file", "token", "--duration", "100ms", "--json", "--html", "t.html"});
  EXPECT_EQ(from_file.exit_code, 0) << from_file.err;
  EXPECT_THAT(from_file.out + from_file.err + read_text(*folder_ / "t.html"), Not(HasSubstr("top-secret")));
  const Outcome broken =
      load({"--duration", "100ms"}, {.cwd = folder_->path(), .env = {{"VIGIE_TOKEN", "top secret"}}});
  EXPECT_EQ(broken.exit_code, 2);
  EXPECT_THAT(broken.err, HasSubstr("the token has a space"));
  EXPECT_THAT(broken.err, Not(HasSubstr("top secret")));
  const Outcome header = load({"--header", "Authorization: Bearer top-secret"});
  EXPECT_EQ(header.exit_code, 2);
  EXPECT_THAT(header.err, HasSubstr("--token-file"));
  EXPECT_THAT(header.err, Not(HasSubstr("top-secret")));
}

TEST_F(LoadTest, AnInterruptEndsTheRunWithItsReport) {
  Background running({"load", "--url", "http://127.0.0.1:" + std::to_string(port_), "--mix", "health", "--rate", "50",
                      "--duration", "9m", "--warmup", "0"},
                     {.cwd = folder_->path()});
  const std::int64_t before = served("health");
  for (int i = 0; i < 1000 && served("health") < before + 5; ++i) ::usleep(10'000);
  running.send(SIGINT);
  EXPECT_TRUE(running.wait_for_line("throughput")) << running.err();
}

TEST_F(LoadTest, WrongUsageIsToldWithItsRemedy) {
  const auto expect = [&](std::vector<std::string> arguments, int code, const std::string& words) {
    arguments.insert(arguments.begin(), "load");
    const Outcome outcome = run_vigie(arguments);
    EXPECT_EQ(outcome.exit_code, code) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(words));
  };
  expect({"--url", "http://192.0.2.1"}, 1, "--i-may-load 192.0.2.1");
  expect({"--url", "ftp://127.0.0.1"}, 2, "http:// or https://");
  expect({"--url", "http://127.0.0.1:1", "--ca", "/etc/hostname"}, 2, "leave it out, or give an https:// URL");
  expect({"--url", "https://127.0.0.1:1", "--ca", "nowhere.pem"}, 1, "nowhere.pem");
  expect({"--duration", "20m"}, 2, "longer than 10 minutes");
  expect({"--rate", "fast"}, 2, "1000..20000 for a ramp");
  expect({"--mix", "predict=0"}, 2, "predict=90,score=10");
  expect({"--find-saturation", "--rate", "10"}, 2, "leave it out");
}

}  // namespace
}  // namespace vigie::tests
