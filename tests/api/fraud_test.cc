// /fraude of a running vigie serve: what survives kill -9, what SIGHUP changes, and features that are those of a
// replay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <csignal>
#include <fstream>

#include "base/number.h"
#include "base/random.h"
#include "base/sanitized.h"
#include "features/transaction.h"
#include "history/embedded_history.h"
#include "history/event_keys.h"
#include "history/redis_process.h"
#include "serve_fixture.h"

namespace vigie::tests {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

class FraudServerTest : public ServeTest {
 protected:
  static std::vector<std::string> with_config(const std::string& name, const std::string& yaml) {
    std::ofstream(*folder_ / name) << yaml;
    auto command = serve(name + "-state");
    command.insert(command.end(), {"--config", name});
    return command;
  }
  static std::string body(const std::string& id, double amount, const std::string& client,
                          const std::string& more = {}) {
    return R"({"transaction_id":")" + id + R"(","montant":)" + format_double(amount) +
           R"(,"type":"paiement","client_id":")" + client + "\"" + more + "}";
  }
  static json::object ask(http::RawClient& client, const std::string& text, const std::string& path = "/fraude") {
    return json::parse(ask_text(client, text, path)).as_object();
  }
  static std::string ask_text(http::RawClient& client, const std::string& text, const std::string& path) {
    const auto reply = client.ask("POST " + path + " HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n" +
                                  "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.body;
  }
  // As it stands in the answer: Boost.JSON rounds some numbers in their last bit.
  static std::string feature(const std::string& answer, std::string_view name) {
    const std::string key = "\"" + std::string(name) + "\": ";
    const std::size_t at = answer.find(key, answer.find("\"caracteristiques\"")) + key.size();
    return answer.substr(at, answer.find_first_of(",}", at) - at);
  }
  static std::uint16_t started(Background& server) {
    EXPECT_TRUE(server.wait_for_line("\"started\"")) << server.err();
    return port_of(server.out());
  }
};

TEST_F(FraudServerTest, KillMinusNineLosesNothingThatWasAnswered) {
  const auto command = with_config("kill.yaml", "fraud: {history: {durability: always}}\n");
  constexpr int kSent = 200;
  {
    Background server(command, {.cwd = folder_->path()});
    http::RawClient client(started(server));
    for (int i = 0; i < kSent; ++i) ask(client, body("TX" + std::to_string(i), 10, "C1"));
    server.send(SIGKILL);
    EXPECT_EQ(server.stop().signal, SIGKILL);
  }
  Background server(command, {.cwd = folder_->path()});
  http::RawClient client(started(server));
  const json::object answer = ask(client, body("TX-last", 10, "C1"), "/fraude?explain=true");
  EXPECT_EQ(answer.at("caracteristiques").at("nb_transactions_24h").to_number<int>(), kSent + 1);
  EXPECT_EQ(ask(client, body("TX0", 10, "C1")).at("historique"), "duplicate") << "not counted again after a restart";
}

TEST_F(FraudServerTest, AStopKeepsWhatNoJournalHas) {
  const auto command = with_config("never.yaml", "fraud: {history: {durability: never}}\n");
  {
    Background server(command, {.cwd = folder_->path()});
    http::RawClient client(started(server));
    for (int i = 0; i < 5; ++i) ask(client, body("TX" + std::to_string(i), 10, "C1"));
    server.send(SIGTERM);
    EXPECT_EQ(server.stop().exit_code, 0) << server.err();
  }
  Background server(command, {.cwd = folder_->path()});
  http::RawClient client(started(server));
  const json::object answer = ask(client, body("TX-last", 10, "C1"), "/fraude?explain=true");
  EXPECT_EQ(answer.at("caracteristiques").at("nb_transactions_24h").to_number<int>(), 6);
}

TEST_F(FraudServerTest, AFullDiskIsSaidAndLosesNothingThatWasAnswered) {
  const auto command = with_config("full.yaml", "fraud: {history: {durability: always}}\n");
  int answered = 0;
  {
    Background server(command, {.cwd = folder_->path(), .file_size_limit = 4'096});
    http::RawClient client(started(server));
    const auto send = [&](int id) {
      const std::string text = body("TX" + std::to_string(id), 10, "C1");
      return client
          .ask("POST /fraude HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: " +
               std::to_string(text.size()) + "\r\n\r\n" + text)
          .status;
    };
    while (answered < 1'000 && send(answered) == 200) ++answered;
    EXPECT_GT(answered, 10);
    EXPECT_LT(answered, 100);
    EXPECT_EQ(client.ask("GET /health/ready HTTP/1.1\r\nHost: here\r\n\r\n").status, 503);
    EXPECT_EQ(client.ask("GET /health/live HTTP/1.1\r\nHost: here\r\n\r\n").status, 200);
    EXPECT_TRUE(server.wait_for_line("the history fails")) << server.err();
  }
  Background server(command, {.cwd = folder_->path()});
  http::RawClient client(started(server));
  for (int i = 0; i < answered; ++i) {
    EXPECT_EQ(ask(client, body("TX" + std::to_string(i), 10, "C1")).at("historique"), "duplicate") << i;
  }
}

TEST_F(FraudServerTest, BeginsWithThePastThatItWasGiven) {
  const auto command = with_config("past.yaml", "fraud: {history: {durability: always}}\n");
  const auto at = [](int hours) { return format_time(system_clock().now() - std::chrono::hours(hours)); };
  write_text(*folder_ / "past.csv", "transaction_id,client_id,montant,type,date_transaction\nTX1,C1,10,virement," +
                                        at(400) + "\nTX2,C1,30,retrait," + at(20) + "\n");
  const RunOptions here{.cwd = folder_->path()};
  const Outcome told = run_vigie({"history", "import", "--data", "past.csv", "--state", "past.yaml-state"}, here);
  EXPECT_EQ(told.exit_code, 0) << told.err;
  EXPECT_THAT(told.out, HasSubstr("past.yaml-state/history: 2 of them counted, 0 were there already"));
  Background server(command, here);
  http::RawClient client(started(server));
  const json::object answer = ask(client, body("TX3", 40, "C1"), "/fraude?explain=true");
  const json::object& features = answer.at("caracteristiques").as_object();
  EXPECT_EQ(features.at("nb_transactions_30j").to_number<int>(), 3);
  EXPECT_EQ(features.at("montant_ratio_30j").to_number<double>(), 2) << "40 against a mean of 20";
  EXPECT_EQ(ask(client, body("TX2", 30, "C1")).at("historique"), "duplicate");
  const Outcome busy = run_vigie({"history", "import", "--data", "past.csv", "--state", "past.yaml-state"}, here);
  EXPECT_EQ(busy.exit_code, 1);
  EXPECT_THAT(busy.err, HasSubstr("another process has this history"));
}

TEST_F(FraudServerTest, RulesAloneMakeAServiceToo) {
  write_text(*folder_ / "alone.yaml", "fraud: {on: true}\n");
  Background server({"serve", "--config", "alone.yaml", "--auth", "none", "--port", "0", "--state", "alone"},
                    {.cwd = folder_->path()});
  http::RawClient client(started(server));
  EXPECT_EQ(server.out().find("/predict"), std::string::npos) << server.out();
  EXPECT_THAT(server.out(), HasSubstr("no transaction model, 8 rules"));
  EXPECT_EQ(ask(client, body("TX1", 20'000, "C1")).at("regles").at(0).at("nom"), "montant_eleve");
  const auto get = [&](const std::string& path) {
    return client.ask("GET " + path + " HTTP/1.1\r\nHost: here\r\n\r\n");
  };
  EXPECT_THAT(get("/health").body, HasSubstr(R"("model_loaded": false)"));
  EXPECT_EQ(get("/metrics").status, 200);
  EXPECT_EQ(get("/features").status, 404);
  const json::value document = json::parse(get("/openapi.json").body);
  EXPECT_FALSE(document.at("paths").as_object().contains("/predict"));
  EXPECT_TRUE(document.at("paths").as_object().contains("/fraude"));
}

TEST_F(FraudServerTest, SighupReadsRulesAndThresholdsAgainAndRefusesWhatIsWrong) {
  const auto command = with_config("rules.yaml", "fraud: {thresholds: {montant_eleve: 100}}\n");
  Background server(command, {.cwd = folder_->path()});
  http::RawClient client(started(server));
  EXPECT_EQ(ask(client, body("TX1", 150, "C1")).at("regles").at(0).at("nom"), "montant_eleve");
  with_config("rules.yaml",
              "fraud:\n  rules:\n    - name: tout\n      text: {fr: Tout, en: All}\n      when: montant > 0.0\n"
              "      outcome: refuser\n");
  server.send(SIGHUP);
  ASSERT_TRUE(server.wait_for_line("\"reloaded\"")) << server.err();
  http::RawClient second(port_of(server.out()));
  EXPECT_EQ(ask(second, body("TX2", 1, "C1")).at("decision"), "refuser");
  EXPECT_EQ(ask(second, body("TX2b", 1, "C1"), "/fraude?explain=true")
                .at("caracteristiques")
                .at("nb_transactions_24h")
                .to_number<int>(),
            3)
      << "the history goes on";
  with_config("rules.yaml",
              "fraud:\n  rules:\n    - name: tout\n      text: {fr: Tout, en: All}\n      when: montan > 0.0\n"
              "      outcome: refuser\n");
  server.send(SIGHUP);
  ASSERT_TRUE(server.wait_for_line("not reloaded")) << server.err();
  EXPECT_THAT(server.err(), HasSubstr("rules.yaml:5:13"));
  EXPECT_EQ(ask(second, body("TX3", 1, "C1")).at("decision"), "refuser") << "what was there stays";
}

TEST_F(FraudServerTest, ServersThatShareARedisShareTheirHistory) {
  if (!history::RedisProcess::program()) GTEST_SKIP() << history::RedisProcess::kAbsent;
  history::RedisProcess redis({"--requirepass", "opensesame"});
  write_text(*folder_ / "password", "opensesame\n");
  const std::string yaml =
      "fraud: {history: {redis: {path: " + redis.endpoint().path + ", password: {file: password}}}}\n";
  Background first(with_config("one.yaml", yaml), {.cwd = folder_->path()});
  Background second(with_config("two.yaml", yaml), {.cwd = folder_->path()});
  http::RawClient one(started(first));
  http::RawClient two(started(second));
  for (int i = 0; i < 3; ++i) ask(one, body("TX" + std::to_string(i), 10, "C1"));
  EXPECT_EQ(ask(two, body("TX0", 10, "C1")).at("historique"), "duplicate");
  const json::object answer = ask(two, body("TX3", 10, "C1"), "/fraude?explain=true");
  EXPECT_EQ(answer.at("caracteristiques").at("nb_transactions_24h").to_number<int>(), 4);

  redis.kill(SIGKILL);
  const std::string text = body("TX4", 10, "C1");
  const auto refused =
      two.ask("POST /fraude HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: " +
              std::to_string(text.size()) + "\r\n\r\n" + text);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.field("Retry-After"), "1");
  const auto health = two.ask("GET /health HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_EQ(health.status, 200) << "the rest goes on";
  EXPECT_THAT(health.body, HasSubstr(R"("status": "degraded")"));
  EXPECT_TRUE(second.wait_for_line("the history fails")) << second.err();
  for (Background* const server : {&first, &second}) {
    EXPECT_EQ((server->out() + server->err()).find("opensesame"), std::string::npos);
  }
}

TEST_F(FraudServerTest, ItsFeaturesAreThoseOfAReplayToTheLastBit) {
  const auto command = with_config("stream.yaml", "fraud: {history: {durability: interval}, remembered: 1MiB}\n");
  Background server(command, {.cwd = folder_->path()});
  http::RawClient client(started(server));
  const auto replay = *history::EmbeddedHistory::make({});
  const history::EventKeys keys(KeyedHash({1, 2}));
  constexpr int kStream = kSanitized ? 5'000 : 100'000;
  const std::array<std::string_view, 5> types = {"virement", "paiement", "retrait", "dépôt", "achat_en_ligne"};
  const std::array<std::string, 4> countries = {"FR", "IT", "NG", "DE"};
  const auto inputs = features::transaction_inputs();
  // In the recent past, so that the server, which goes by its own clock, counts each of them.
  const auto first =
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) - std::chrono::hours(20);
  Random random(7);
  std::size_t past = 0;
  for (int i = 0; i < kStream; ++i) {
    const std::string id = "T" + std::to_string(i);
    const std::string whose = "C" + std::to_string(random.below(500));
    const std::string terminal = random.below(3) == 0 ? "" : "S" + std::to_string(random.below(200));
    const std::string& country = countries[random.below(countries.size())];
    const auto type = static_cast<std::uint8_t>(random.below(types.size()));
    const double amount = std::round(random.exponential(90) * 100 + 1) / 100;
    const WallTime time = first + std::chrono::seconds(i / 2 + static_cast<int>(random.below(600)));
    std::string text = R"({"transaction_id":")" + id + R"(","client_id":")" + whose + R"(","montant":)" +
                       format_double(amount) + R"(,"type":")" + std::string(types[type]) + R"(","pays":")" + country +
                       R"(","date_transaction":")" + format_time(time) + "\"";
    if (!terminal.empty()) text += R"(,"terminal_id":")" + terminal + "\"";
    const std::string answer = ask_text(client, text + "}", "/fraude?explain=true");
    ASSERT_THAT(answer, HasSubstr(R"("historique": "counted")")) << text;

    const domain::Transaction transaction{.id = id,
                                          .client = whose,
                                          .amount = amount,
                                          .type = type,
                                          .time = time,
                                          .country = country,
                                          .terminal = terminal};
    std::array<double, features::kTransactionInputs> row{};
    features::fill_own_part(transaction, row);
    const domain::Event event = keys.event(transaction);
    ASSERT_TRUE(replay->observe(event, event.time, features::history_part(row)));
    for (std::size_t f = 0; f < row.size(); ++f) {
      const std::string value = feature(answer, inputs[f].name);
      if (std::isnan(row[f])) {
        ASSERT_EQ(value, "null") << inputs[f].name << " of " << text;
        continue;
      }
      const auto number = parse_double(value);
      ASSERT_TRUE(number) << value << " of " << inputs[f].name;
      ASSERT_EQ(std::bit_cast<std::uint64_t>(*number), std::bit_cast<std::uint64_t>(row[f]))
          << inputs[f].name << " of " << text;
      past += f >= features::kTransactionOwn && row[f] > 1 ? 1 : 0;
    }
  }
  EXPECT_GT(past, static_cast<std::size_t>(kStream)) << "there was some past";
}

}  // namespace
}  // namespace vigie::tests
