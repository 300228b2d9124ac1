// vigie history: the past that /fraude goes by, from elsewhere.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/number.h"
#include "base/timestamp.h"
#include "cli/config.h"
#include "cli/fraud_setup.h"
#include "cli/session.h"
#include "dataset/transaction_rows.h"
#include "features/recorded_past.h"

namespace vigie::cli {
namespace {

struct ImportFlags {
  std::string data;
  std::string config;
  std::string state;
  std::string rejects;
};

std::string day(std::int64_t time) { return format_time(WallTime(std::chrono::microseconds(time))).substr(0, 10); }

// Where the history is, for people.
std::string place_of(const Config& config) {
  const history::RedisEndpoint& redis = config.fraud.redis;
  if (!redis.path.empty()) return "the Redis at " + redis.path;
  if (!redis.host.empty()) return "the Redis at " + redis.host + ":" + std::to_string(redis.port);
  return (std::filesystem::path(config.state) / "history").native();
}

Status run(const ImportFlags& flags, Session& session) {
  Config config = VIGIE_TRY(read_config(flags.config));
  if (!flags.state.empty()) config.state = flags.state;
  config.fraud.durability = history::Durability::kNever;  // one snapshot at the end instead of a journal
  dataset::TransactionRowsOptions reading{.labels = dataset::Labels::kOptional};
  reading.rejects = flags.rejects;
  if (!flags.rejects.empty()) reading.on_bad_row = dataset::OnBadRow::kReject;
  const auto rows = VIGIE_TRY(dataset::read_transaction_rows(flags.data, reading, session.progress()));
  if (rows.rejected > 0) session.note(with_thousands(rows.rejected) + " bad rows were put into " + flags.rejects);
  const FraudHistory history = VIGIE_TRY(open_fraud_history(config));
  const auto told =
      VIGIE_TRY(features::tell_past(rows, history.keys, *history.history, history.clock, session.progress()));
  if (history.at_stop) VIGIE_TRY(history.at_stop());
  if (session.json()) {
    JsonWriter json(2);
    json.begin_object().member("data", flags.data).member("transactions", rows.rows());
    json.member("first", format_time(WallTime(std::chrono::microseconds(rows.time.front()))));
    json.member("last", format_time(WallTime(std::chrono::microseconds(rows.time.back()))));
    json.member("counted", told.counted).member("there_already", told.there_already);
    json.member("too_old", told.too_old).member("labels", told.labels);
    json.member("history", place_of(config)).end_object();
    session.print(std::move(json).text() + "\n");
    return {};
  }
  session.print(
      fmt::format("{}: {} transactions from {} to {}\n"
                  "{}: {} of them counted, {} were there already, {} are too old for any window, {} frauds "
                  "count at their terminals\n",
                  flags.data, with_thousands(rows.rows()), day(rows.time.front()), day(rows.time.back()),
                  place_of(config), with_thousands(told.counted), with_thousands(told.there_already),
                  with_thousands(told.too_old), with_thousands(told.labels)));
  return {};
}

}  // namespace

void add_history_commands(CLI::App& app, Session& session) {
  CLI::App* const history =
      app.add_subcommand("history", "Give the past of clients to the history that /fraude goes by");
  history->require_subcommand(1);
  describe(*history, "Examples:\n  vigie history import --data transactions.csv --state /var/lib/vigie\n");
  auto flags = std::make_shared<ImportFlags>();
  CLI::App* const command =
      history->add_subcommand("import", "Count recorded transactions, before a server begins or after it was away");
  command
      ->add_option("--data", flags->data,
                   "transactions: CSV or NDJSON, plain or .gz/.xz/.zst, with our columns or the Handbook's; fraude may "
                   "be missing")
      ->required()
      ->type_name("FILE");
  command->add_option("--config", flags->config, "settings of the server: its state folder or Redis, and bounds")
      ->type_name("FILE");
  command->add_option("--state", flags->state, "the server's state folder (default: state)")->type_name("FOLDER");
  command->add_option("--rejects", flags->rejects, "put bad rows into this CSV with the reason, and go on without them")
      ->type_name("FILE");
  add_json_flag(*command, session);
  describe(*command,
           "A model expects the past of its clients, 30 days of it: without, everybody is new. Transactions that the\n"
           "history has already are not counted again, so a file may be given twice. A server that keeps its history\n"
           "in its state folder has to be stopped meanwhile; one with a Redis goes on.\n"
           "Examples:\n"
           "  vigie history import --data transactions.csv --state /var/lib/vigie\n"
           "  vigie history import --data last-month.ndjson.zst --config config.yaml\n");
  command->callback([flags, &session] { session.finish(run(*flags, session)); });
}

}  // namespace vigie::cli
