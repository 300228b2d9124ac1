#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>

#include "base/number.h"
#include "base/timestamp.h"
#include "cli/rules_commands.h"
#include "decision/rule_backtest.h"

namespace vigie::cli {
namespace {

using decision::BacktestReport;
using decision::Tally;

struct BacktestFlags {
  std::string data;
  std::string rejects;
  std::string rules = kShipped;
  std::string against;
  std::string model;
  std::string from;
  std::string to;
  double delay = 7;  // days
  FraudFlags fraud;
};

struct NamedSet {
  std::string file;
  decision::BacktestSet judged;

  const rules::Ruleset& rules() const { return *judged.rules; }
};

// What was replayed.
struct Replay {
  std::string data;
  std::shared_ptr<const decision::TransactionScorer> model;
  std::vector<NamedSet> sets;
};

std::string percent(double share) { return std::isnan(share) ? "-" : fmt::format("{:.2f} %", 100 * share); }

std::string money(double amount) { return fmt::format("{:.2f}", amount); }

std::string share_of(std::uint64_t part, std::uint64_t all) {
  return percent(static_cast<double>(part) / static_cast<double>(all));
}

Result<std::optional<WallTime>> moment(const std::string& text, const char* flag) {
  if (text.empty()) return std::nullopt;
  const auto time = parse_timestamp(text);
  if (!time) {
    return fail(Code::kInvalidArgument, "\"" + text + "\" is no date", {.field = flag},
                "write 2026-01-31, or 2026-01-31T08:00:00Z");
  }
  return WallTime(std::chrono::microseconds(*time));
}

// "new" where the other set has no rule of the name, "changed" where it says something else.
std::string_view compared(const rules::Rule& rule, const rules::Ruleset& other) {
  const auto found = std::ranges::find(other.rules(), rule.name, &rules::Rule::name);
  if (found == other.rules().end()) return "only here";
  const bool same = found->when == rule.when && found->weight == rule.weight && found->outcome == rule.outcome &&
                    found->state == rule.state && found->from == rule.from && found->to == rule.to &&
                    found->on_error == rule.on_error;
  return same ? "" : "changed";
}

// A line for each measure, a column for each set.
std::string measures(const BacktestReport& report, const std::vector<NamedSet>& sets) {
  std::string out;
  const auto judged = [&](std::string_view name, auto value) {
    out += fmt::format("{:<34}", name);
    for (const NamedSet& named : sets) out += fmt::format("{:>20}", value(named.judged.fraud));
    out += '\n';
  };
  using With = const decision::FraudOptions&;
  judged("seuils.montant_eleve", [](With set) { return format_double(set.thresholds.high_amount); });
  judged("seuils.nb_transactions_24h", [](With set) { return std::to_string(set.thresholds.transactions_a_day); });
  judged("pays_suspect", [](With set) { return countries_of(set.thresholds); });
  judged("moyen, eleve, refuser from", [](With set) { return bands_of(set.bands); });
  const auto line = [&](std::string_view name, auto value) {
    out += fmt::format("{:<34}", name);
    for (const decision::SetTally& set : report.sets) out += fmt::format("{:>20}", value(set));
    out += '\n';
  };
  using Sums = const decision::SetTally&;
  const Tally& all = report.all;
  line("alerts", [](Sums set) { return with_thousands(set.alerts.transactions); });
  line("  share of the transactions", [&](Sums set) { return share_of(set.alerts.transactions, all.transactions); });
  line("  refused", [](Sums set) { return with_thousands(set.refused.transactions); });
  line("frauds caught", [](Sums set) { return with_thousands(set.alerts.frauds); });
  line("precision", [](Sums set) { return percent(set.alerts.precision()); });
  line("recall", [&](Sums set) { return percent(set.alerts.recall(all)); });
  line("money saved", [](Sums set) { return money(set.alerts.fraud_amount); });
  line("money lost", [&](Sums set) { return money(all.fraud_amount - set.alerts.fraud_amount); });
  line("honest money held up", [](Sums set) { return money(set.alerts.amount - set.alerts.fraud_amount); });
  return out;
}

std::string rule_table(const BacktestReport& report, std::size_t index, const NamedSet& named, const NamedSet* other) {
  std::size_t widest = 4;
  for (const rules::Rule& rule : named.rules().rules()) widest = std::max(widest, rule.name.size());
  std::string out = fmt::format("\n{} {}, rule by rule\n", named.file, named.rules().version());
  out += fmt::format("  {:<{}}  {:>11} {:>9} {:>10} {:>9} {:>14} {:>11} {:>9}\n", "", widest, "fired", "frauds",
                     "precision", "recall", "money", "alone", "frauds");
  for (std::size_t i = 0; i < named.rules().rules().size(); ++i) {
    const rules::Rule& rule = named.rules().rules()[i];
    const decision::RuleTally& tally = report.sets[index].rules[i];
    out += fmt::format("  {:<{}}  {:>11} {:>9} {:>10} {:>9} {:>14} {:>11} {:>9}", rule.name, widest,
                       with_thousands(tally.fired.transactions), with_thousands(tally.fired.frauds),
                       percent(tally.fired.precision()), percent(tally.fired.recall(report.all)),
                       money(tally.fired.fraud_amount), with_thousands(tally.alone.transactions),
                       with_thousands(tally.alone.frauds));
    if (rule.state != rules::State::kOn) out += "  " + std::string(rules::to_string(rule.state));
    if (other != nullptr) {
      if (const auto said = compared(rule, other->rules()); !said.empty()) out += "  " + std::string(said);
    }
    if (tally.errors > 0) out += fmt::format("  {} errors", with_thousands(tally.errors));
    if (tally.not_valid > 0) {
      out += fmt::format("  not valid for {} of {}", with_thousands(tally.not_valid),
                         with_thousands(report.all.transactions));
    }
    out += '\n';
  }
  return out;
}

std::string change(std::string_view name, const Tally& tally) {
  return fmt::format("  {:<18} {:>11} transactions, {:>9} frauds among them, {:>14} of fraud\n", name,
                     with_thousands(tally.transactions), with_thousands(tally.frauds), money(tally.fraud_amount));
}

std::string text_of(const BacktestReport& report, const Replay& replay) {
  const std::vector<NamedSet>& sets = replay.sets;
  const auto day = [](std::int64_t time) {
    return format_time(WallTime(std::chrono::microseconds(time))).substr(0, 10);
  };
  std::string out = fmt::format(
      "{}: {} transactions from {} to {}, {} of them frauds ({}), {} of {} lost without rules\n", replay.data,
      with_thousands(report.all.transactions), day(report.first), day(report.last), with_thousands(report.all.frauds),
      share_of(report.all.frauds, report.all.transactions), money(report.all.fraud_amount), money(report.all.amount));
  if (report.before > 0) out += with_thousands(report.before) + " earlier ones are their past only\n";
  if (replay.model) {
    out += "scored by model " + replay.model->name() + ", version " + replay.model->version() +
           "; what it was trained on flatters it\n";
  }
  out += fmt::format("\n{:<34}", "");
  for (const NamedSet& named : sets) out += fmt::format("{:>20}", named.rules().version());
  out += "\n" + measures(report, sets);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    out += rule_table(report, i, sets[i], sets.size() > 1 ? &sets[1 - i] : nullptr);
  }
  if (sets.size() > 1) {
    out += fmt::format("\nWhat {} changes against {}\n", sets[0].file, sets[1].file);
    out += change("newly alerted", report.newly) + change("no longer alerted", report.no_longer) +
           change("alerted as before", report.both);
  }
  return out;
}

void write_tally(JsonWriter& json, std::string_view name, const Tally& tally, const Tally* all = nullptr) {
  json.key(name).begin_object().member("transactions", tally.transactions).member("frauds", tally.frauds);
  json.member("amount", tally.amount).member("fraud_amount", tally.fraud_amount);
  if (all != nullptr) {
    json.member("share", static_cast<double>(tally.transactions) / static_cast<double>(all->transactions));
    json.member("precision", tally.precision()).member("recall", tally.recall(*all));
  }
  json.end_object();
}

std::string json_of(const BacktestReport& report, const Replay& replay) {
  JsonWriter json(2);
  json.begin_object().member("data", replay.data).key("model");
  if (replay.model) {
    json.begin_object().member("name", replay.model->name()).member("version", replay.model->version()).end_object();
  } else {
    json.null();
  }
  json.member("first", format_time(WallTime(std::chrono::microseconds(report.first))));
  json.member("last", format_time(WallTime(std::chrono::microseconds(report.last))));
  json.member("before", report.before).member("repeated", report.repeated);
  write_tally(json, "all", report.all);
  json.key("sets").begin_array();
  for (std::size_t i = 0; i < replay.sets.size(); ++i) {
    const decision::SetTally& set = report.sets[i];
    json.begin_object().member("file", replay.sets[i].file).member("version", replay.sets[i].rules().version());
    write_settings(json, replay.sets[i].judged.fraud);
    write_tally(json, "alerts", set.alerts, &report.all);
    write_tally(json, "refused", set.refused, &report.all);
    json.member("saved", set.alerts.fraud_amount).member("lost", report.all.fraud_amount - set.alerts.fraud_amount);
    json.key("rules").begin_array();
    for (std::size_t r = 0; r < set.rules.size(); ++r) {
      json.begin_object().member("name", replay.sets[i].rules().rules()[r].name);
      write_tally(json, "fired", set.rules[r].fired, &report.all);
      write_tally(json, "alone", set.rules[r].alone, &report.all);
      json.member("errors", set.rules[r].errors).member("not_valid", set.rules[r].not_valid).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
  if (replay.sets.size() > 1) {
    json.key("changes").begin_object();
    write_tally(json, "newly_alerted", report.newly);
    write_tally(json, "no_longer_alerted", report.no_longer);
    write_tally(json, "alerted_as_before", report.both);
    json.end_object();
  }
  json.end_object();
  return std::move(json).text() + "\n";
}

Status run(const BacktestFlags& flags, Session& session) {
  std::vector<RuleSource> sources;
  for (const std::string& file : {flags.rules, flags.against}) {
    if (file.empty()) continue;
    auto source = read_rule_source(file);
    if (!source) return report_problems(source.error());
    sources.push_back(*std::move(source));
  }
  Replay replay{.data = flags.data, .model = {}, .sets = {}};
  std::vector<decision::BacktestSet> sets;
  for (const RuleSource& source : sources) {
    const RuleSource* const other = sources.size() > 1 ? &sources[&source == sources.data() ? 1 : 0] : nullptr;
    sets.push_back({.rules = source.set, .fraud = settings_of(flags.fraud, source, other)});
    replay.sets.push_back({.file = source.file, .judged = sets.back()});
  }
  decision::BacktestOptions options;
  if (!flags.model.empty()) options.model = VIGIE_TRY(decision::TransactionScorer::load(flags.model));
  replay.model = options.model;
  options.label_delay = std::llround(flags.delay * 86'400);
  options.from = VIGIE_TRY(moment(flags.from, "--from"));
  options.to = VIGIE_TRY(moment(flags.to, "--to"));
  dataset::TransactionRowsOptions reading;
  reading.rejects = flags.rejects;
  if (!flags.rejects.empty()) reading.on_bad_row = dataset::OnBadRow::kReject;
  const auto rows = VIGIE_TRY(dataset::read_transaction_rows(flags.data, reading, session.progress()));
  if (rows.rejected > 0) session.note(with_thousands(rows.rejected) + " bad rows were put into " + flags.rejects);

  const auto begin = std::chrono::steady_clock::now();
  const auto report = VIGIE_TRY(decision::backtest_rules(rows, sets, options, session.progress()));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  session.note(fmt::format("replayed in {:.2f} s, {} transactions/s with their history and {}", took.count(),
                           with_unit(static_cast<double>(report.all.transactions + report.before) / took.count(), ""),
                           sets.size() > 1 ? "both sets of rules" : "the rules"));
  if (report.repeated > 0) {
    session.note(with_thousands(report.repeated) +
                 " transactions have the id of an earlier one of their client: they "
                 "are decided on, and do not count in its history again");
  }
  session.print(session.json() ? json_of(report, replay) : text_of(report, replay));
  return {};
}

}  // namespace

void add_rules_backtest(CLI::App& rules, Session& session) {
  auto flags = std::make_shared<BacktestFlags>();
  CLI::App* const command =
      rules.add_subcommand("backtest", "What rules would have done with labelled transactions, and against others");
  command
      ->add_option("--data", flags->data,
                   "labelled transactions: CSV or NDJSON, plain or .gz/.xz/.zst, with our columns or the Handbook's")
      ->required()
      ->type_name("FILE");
  command->add_option("--rules", flags->rules, "a file of rules, or a config.yaml; shipped: the rules that ship")
      ->capture_default_str()
      ->type_name("FILE");
  command->add_option("--against", flags->against, "the rules of now, to say what changes; shipped: those that ship")
      ->type_name("FILE");
  command
      ->add_option("--model", flags->model,
                   "a package of a transaction model, whose score joins the rules as in /fraude (default: none)")
      ->type_name("FOLDER");
  command->add_option("--from", flags->from, "count from this date on; what is earlier is the past only")
      ->type_name("DATE");
  command->add_option("--to", flags->to, "count until before this date")->type_name("DATE");
  command->add_option("--label-delay", flags->delay, "days until a fraud becomes known")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 365.0));
  command->add_option("--rejects", flags->rejects, "put bad rows into this CSV with the reason, and go on without them")
      ->type_name("FILE");
  add_fraud_flags(*command, flags->fraud);
  add_json_flag(*command, session);
  describe(
      *command,
      "Replays the file in order of time, with the history that serves requests. An alert is a transaction that is\n"
      "to be verified or refused; the money that it saves is the amount of the frauds among them. Thresholds and bands "
      "are\n"
      "those of a config.yaml that is named, else of the other set's, else the defaults; flags go before both. A model "
      "is\n"
      "flattered by transactions that it was trained on: give --from a date after the end of its training.\n"
      "Examples:\n"
      "  vigie rules backtest --data transactions.csv\n"
      "  vigie rules backtest --data transactions.csv.xz --rules new.yaml --against config.yaml --from 2018-05-08\n"
      "  vigie rules backtest --data transactions.csv --rules config.yaml --model models/transaction --from "
      "2026-06-01\n"
      "  vigie rules backtest --data transactions.csv --bands 0.1,0.4,0.9\n"
      "  vigie rules backtest --data transactions.ndjson --rules new.yaml --montant-eleve 220 --threshold 0.4\n");
  command->callback([flags, &session] { session.finish(run(*flags, session)); });
}

}  // namespace vigie::cli
