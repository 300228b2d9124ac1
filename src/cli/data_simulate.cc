#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>

#include "base/json_writer.h"
#include "base/number.h"
#include "base/timestamp.h"
#include "cli/data_commands.h"
#include "dataset/simulate_card_file.h"
#include "dataset/simulate_credit.h"
#include "dataset/simulate_transactions.h"

namespace vigie::cli {
namespace {

struct CardOptions {
  dataset::CardSimulation simulation;
  std::uint64_t rows = 0;
  std::string out;
  std::size_t threads = 0;
};

struct TransactionOptions {
  dataset::TransactionSimulation simulation;
  std::string start = "2018-04-01";
  std::string out;
};

struct CreditOptions {
  dataset::CreditSimulation simulation;
  std::string out;
};

// What was made; to stderr where the rows themselves went to stdout. `events`: what the label counts.
void report(Session& session, const std::string& out, std::uint64_t rows, std::uint64_t count, std::uint64_t seed,
            const char* events = "frauds") {
  if (session.json()) {
    JsonWriter json(2);
    json.begin_object()
        .member("file", out)
        .member("rows", rows)
        .member(events, count)
        .member("seed", seed)
        .end_object();
    if (out == "-") return session.note(json.text());
    return session.print(json.text() + "\n");
  }
  const std::string line =
      with_thousands(rows) + " rows, " + with_thousands(count) + " " + events + ", seed " + std::to_string(seed);
  if (out == "-") return session.note(line);
  session.print(out + ": " + line + "\n");
}

Status run_card(const CardOptions& options, Session& session) {
  const auto made = VIGIE_TRY(dataset::write_simulated_cards(options.simulation, options.rows, options.out,
                                                             options.threads, session.progress()));
  report(session, options.out, made.rows, made.frauds, options.simulation.seed);
  return {};
}

Status run_transactions(const TransactionOptions& options, Session& session) {
  auto simulation = options.simulation;
  const auto start = parse_timestamp(options.start);
  constexpr std::int64_t kDay = std::chrono::microseconds(std::chrono::days(1)).count();
  if (!start || *start % kDay != 0) {
    return fail(Code::kInvalidArgument, "\"" + options.start + "\" is no date", {.field = "--start"},
                "write YYYY-MM-DD, such as 2018-04-01");
  }
  simulation.start = *start;
  const auto table = VIGIE_TRY(dataset::simulate_transactions(simulation, session.progress()));
  VIGIE_TRY(dataset::write_table(table, options.out));
  std::uint64_t frauds = 0;
  for (const auto flag : table.find("TX_FRAUD")->integers()) frauds += static_cast<std::uint64_t>(flag);
  report(session, options.out, table.rows(), frauds, simulation.seed);
  return {};
}

Status run_credit(const CreditOptions& options, Session& session) {
  const auto table = VIGIE_TRY(dataset::simulate_credit(options.simulation));
  VIGIE_TRY(dataset::write_table(table, options.out));
  std::uint64_t defaults = 0;
  for (const auto flag : table.find("defaut")->integers()) defaults += static_cast<std::uint64_t>(flag);
  report(session, options.out, table.rows(), defaults, options.simulation.seed, "defaults");
  return {};
}

void add_card(CLI::App& simulate, Session& session) {
  auto options = std::make_shared<CardOptions>();
  auto* command = simulate.add_subcommand("card", "Card transactions in the ULB data set's shape, any number of rows");
  command->add_option("--rows", options->rows, "how many")->required()->check(CLI::Range(1ull, 100'000'000'000ull));
  command->add_option("--out", options->out, "the form by suffix: .csv, .ndjson, + .gz/.xz/.zst; - is standard output")
      ->required()
      ->type_name("FILE");
  command->add_option("--seed", options->simulation.seed, "another seed, other rows")->capture_default_str();
  command->add_option("--fraud-rate", options->simulation.fraud_rate, "share of frauds, 0 to 0.5")
      ->capture_default_str();
  command
      ->add_option("--rows-per-day", options->simulation.rows_per_day, "how many rows a day of the column Time holds")
      ->capture_default_str();
  command->add_option("--threads", options->threads, "0: as many as there are")->capture_default_str();
  add_json_flag(*command, session);
  describe(*command,
           "Examples:\n"
           "  vigie data simulate card --rows 284807 --out card.csv\n"
           "      two days, as many rows and frauds as the original\n"
           "  vigie data simulate card --rows 10000000 --out big.csv.zst --seed 7 --fraud-rate 0.001\n"
           "A longer file begins with the rows of the shorter one. docs/data.md says what is assumed.\n");
  command->callback([options, &session] { session.finish(run_card(*options, session)); });
}

void add_transactions(CLI::App& simulate, Session& session) {
  auto options = std::make_shared<TransactionOptions>();
  auto& simulation = options->simulation;
  auto* command = simulate.add_subcommand(
      "transactions", "Customers at terminals with three fraud scenarios, by the Fraud-Detection-Handbook's rules");
  command->add_option("--out", options->out, "the form by suffix: .csv, .ndjson, + .gz/.xz/.zst; - is standard output")
      ->required()
      ->type_name("FILE");
  command->add_option("--customers", simulation.customers, "how many customers")->capture_default_str();
  command->add_option("--terminals", simulation.terminals, "how many terminals")->capture_default_str();
  command->add_option("--days", simulation.days, "how many days")->capture_default_str();
  command->add_option("--start", options->start, "the first day")->capture_default_str()->type_name("DATE");
  command->add_option("--reach", simulation.reach, "how far a customer goes, on a map of 100 x 100")
      ->capture_default_str();
  command->add_option("--seed", simulation.seed, "another seed, other people")->capture_default_str();
  add_json_flag(*command, session);
  describe(*command,
           "Examples:\n"
           "  vigie data simulate transactions --out transactions.csv\n"
           "      5,000 customers, 10,000 terminals, 183 days: 1.75 million rows\n"
           "  vigie data simulate transactions --out small.csv --customers 200 --terminals 400 --days 60 --reach 15\n");
  command->callback([options, &session] { session.finish(run_transactions(*options, session)); });
}

void add_credit(CLI::App& simulate, Session& session) {
  auto options = std::make_shared<CreditOptions>();
  auto* command = simulate.add_subcommand("credit", "People who ask for credit, and who of them defaulted");
  command->add_option("--out", options->out, "the form by suffix: .csv, .ndjson, + .gz/.xz/.zst; - is standard output")
      ->required()
      ->type_name("FILE");
  command->add_option("--rows", options->simulation.rows, "how many people")->capture_default_str();
  command->add_option("--seed", options->simulation.seed, "another seed, other people")->capture_default_str();
  add_json_flag(*command, session);
  describe(*command,
           "Examples:\n"
           "  vigie data simulate credit --out credit.csv\n"
           "  vigie data simulate credit --rows 1000000 --seed 7 --out credit.csv.zst\n"
           "A longer file begins with the rows of the shorter one. docs/data.md says what is assumed.\n");
  command->callback([options, &session] { session.finish(run_credit(*options, session)); });
}

}  // namespace

void add_data_simulate(CLI::App& data, Session& session) {
  auto* simulate = data.add_subcommand("simulate", "Make up data that models can learn from");
  simulate->require_subcommand(1);
  describe(*simulate,
           "Examples:\n"
           "  vigie data simulate card --rows 100000 --out card.csv\n"
           "  vigie data simulate transactions --out transactions.csv --days 90\n"
           "  vigie data simulate credit --rows 50000 --out credit.csv\n");
  add_card(*simulate, session);
  add_transactions(*simulate, session);
  add_credit(*simulate, session);
}

}  // namespace vigie::cli
