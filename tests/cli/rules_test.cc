// vigie rules, as an analyst calls it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "program.h"

namespace vigie::tests {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(RulesProgram, ChecksWhatShipsAndWhatItPrintsToStartFrom) {
  const TempFolder folder;
  const Outcome shipped = run_vigie({"rules", "check"});
  EXPECT_EQ(shipped.exit_code, 0) << shipped.err;
  EXPECT_THAT(shipped.out, AllOf(StartsWith("shipped: 8 rules, version "),
                                 HasSubstr("  montant_eleve          weight 0.4          montant > seuils.")));
  const Outcome printed = run_vigie({"rules", "default"});
  write_text(folder / "rules.yaml", printed.out);
  const Outcome checked = run_vigie({"rules", "check", "rules.yaml"}, {.cwd = folder.path()});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_EQ(checked.out.substr(checked.out.find(',')), shipped.out.substr(shipped.out.find(',')))
      << "the same rules have the same version";
}

TEST(RulesProgram, FindsRulesInAConfiguration) {
  const TempFolder folder;
  write_text(folder / "config.yaml",
             "server: {port: 9000}\nfraud:\n  rules:\n    - {name: a, text: {fr: a, en: a}, when: montant > 1, "
             "outcome: verifier, state: shadow}\n");
  const Outcome checked = run_vigie({"rules", "check", "config.yaml"}, {.cwd = folder.path()});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("  a  verifier     shadow montant > 1\n"));
}

// Amounts from 9,000 on are refused by a rule of another file.
void write_strict_configuration(const TempFolder& folder) {
  write_text(folder / "config.yaml",
             "fraud:\n  thresholds: {montant_eleve: 9000, pays_suspect: [KP]}\n"
             "  bands: {moyen: 0.1, eleve: 0.2, refuser: 0.3}\n  rules_file: apart.yaml\n");
  write_text(folder / "apart.yaml",
             "rules:\n  - {name: montant_eleve, text: {fr: a, en: a}, when: montant > seuils.montant_eleve, "
             "weight: 0.4}\n");
}

TEST(RulesProgram, ChecksTheRulesThatAConfigurationHasInAFileOfTheirOwn) {
  const TempFolder folder;
  write_strict_configuration(folder);
  const Outcome good = run_vigie({"rules", "check", "config.yaml"}, {.cwd = folder.path()});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(good.out, AllOf(StartsWith("config.yaml: 1 rule, version "), HasSubstr("  montant_eleve  weight 0.4 ")));

  write_text(folder / "apart.yaml", "rules:\n  - {name: a, text: {fr: a, en: a}, when: montnat > 1, weight: 2}\n");
  const Outcome bad = run_vigie({"rules", "check", "config.yaml"}, {.cwd = folder.path()});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.err, AllOf(HasSubstr("vigie: apart.yaml:2:43: a.when: there is no field 'montnat'"),
                             HasSubstr("\nvigie: apart.yaml:2:64: a.weight: ")));

  write_text(folder / "config.yaml", "fraud: {bands: {moyen: 0.9}}\n");
  const Outcome falling = run_vigie({"rules", "check", "config.yaml"}, {.cwd = folder.path()});
  EXPECT_EQ(falling.exit_code, 1);
  EXPECT_THAT(falling.err, HasSubstr("config.yaml: fraud.bands: the bands of risks do not rise"));

  write_text(folder / "config.yaml", "fraud: {thresholds: {montant_eleve: 5}}\n");
  EXPECT_THAT(run_vigie({"rules", "check", "config.yaml"}, {.cwd = folder.path()}).out,
              StartsWith("config.yaml: 8 rules, version "))
      << "without rules it has those that ship";
}

TEST(RulesProgram, WarnsOfRulesThatFailWhereAFieldIsAbsent) {
  const TempFolder folder;
  write_text(folder / "rules.yaml",
             "rules:\n  - {name: a, text: {fr: a, en: a}, when: montant > 1 && pays == 'NG', weight: 0.1}\n"
             "  - {name: b, text: {fr: a, en: a}, when: has(pays) && pays == 'NG', weight: 0.1}\n");
  const Outcome checked = run_vigie({"rules", "check", "rules.yaml"}, {.cwd = folder.path()});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_THAT(checked.out,
              EndsWith("\n  warning: rules.yaml:2:58: a.when: 'pays' may be absent, and the rule cannot be "
                       "evaluated where it is; write has(pays) && ...\n"));
  const auto json =
      boost::json::parse(run_vigie({"rules", "check", "rules.yaml", "--json"}, {.cwd = folder.path()}).out);
  const auto& warnings = json.at("files").at(0).at("warnings").as_array();
  ASSERT_EQ(warnings.size(), 1);
  EXPECT_EQ(warnings[0].at("column"), 58);
  EXPECT_EQ(warnings[0].at("remedy"), "write has(pays) && ...");
  EXPECT_THAT(run_vigie({"rules", "check", "--json"}).out, HasSubstr("\"warnings\": []"));
}

TEST(RulesProgram, SaysAllThatIsWrongAndWhere) {
  const TempFolder folder;
  write_text(folder / "rules.yaml",
             "rules:\n  - name: a\n    text: {fr: a, en: a}\n    when: montnat > 1\n    weight: 2\n");
  const Outcome checked = run_vigie({"rules", "check", "rules.yaml"}, {.cwd = folder.path()});
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_EQ(checked.out, "");
  EXPECT_THAT(checked.err,
              AllOf(StartsWith("vigie: rules.yaml:4:11: a.when: there is no field 'montnat'; did you mean 'montant'?"),
                    HasSubstr("\nvigie: rules.yaml:5:13: a.weight: ")));

  const Outcome json = run_vigie({"rules", "check", "rules.yaml", "--json"}, {.cwd = folder.path()});
  EXPECT_EQ(json.exit_code, 1);
  const boost::json::value report = boost::json::parse(json.out);
  const auto& file = report.at("files").at(0);
  EXPECT_FALSE(file.at("ok").as_bool());
  EXPECT_EQ(file.at("problems").as_array().size(), 2);
  EXPECT_EQ(file.at("problems").at(0).at("line"), 4);

  EXPECT_EQ(run_vigie({"rules", "check", "nowhere.yaml"}).exit_code, 1);
  EXPECT_EQ(run_vigie({"rules"}).exit_code, 2);
}

TEST(RulesProgram, PrintsWhatRulesMayName) {
  const Outcome table = run_vigie({"rules", "variables"});
  EXPECT_THAT(table.out, HasSubstr("| `montant` | double | yes | amount of the transaction |"));
  const Outcome json = run_vigie({"rules", "variables", "--json"});
  const auto variables = boost::json::parse(json.out).at("variables").as_array();
  EXPECT_GT(variables.size(), 40);
  EXPECT_EQ(variables[3].at("name"), "type");
  EXPECT_EQ(variables[3].at("choices").as_array().size(), 5);
}

TEST(RulesProgram, TestsRulesOnCasesThatAnAnalystWrote) {
  const Outcome shipped = run_vigie({"rules", "test", std::filesystem::absolute("docs/examples/rules-test.yaml")});
  EXPECT_EQ(shipped.exit_code, 0) << shipped.err;
  EXPECT_THAT(shipped.out, HasSubstr("\n  ok      the sixth transaction of a day\n"));
  EXPECT_THAT(shipped.out, HasSubstr("\n16 of 16 test cases are as expected, with 8 rules of version "));

  const TempFolder folder;
  write_text(
      folder / "t.yaml",
      "tests:\n"
      "  - name: just under\n    transaction: {montant: 9999, type: virement}\n    expect: {rules: [montant_eleve]}\n"
      "  - name: over\n    transaction: {montant: 10001, type: virement}\n    expect: {rules: [montant_eleve]}\n");
  const auto test = [&](std::vector<std::string> flags) {
    std::vector<std::string> words = {"rules", "test", "t.yaml"};
    words.insert(words.end(), flags.begin(), flags.end());
    return run_vigie(words, {.cwd = folder.path()});
  };
  const Outcome failed = test({});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.out, HasSubstr("  FAILED  just under (line 2)\n"
                                    "          montant_eleve did not fire: montant = 9999, seuils.montant_eleve = "
                                    "10000\n  ok      over\n"));
  EXPECT_THAT(failed.out, HasSubstr("\nno test case expects frequence_elevee, pays_suspect, "));
  EXPECT_THAT(failed.err, HasSubstr("vigie: 1 of 2 test cases failed; "));
  EXPECT_EQ(test({"--montant-eleve", "9000"}).exit_code, 0);
  EXPECT_EQ(test({"--pays-suspect", "Nigeria"}).exit_code, 2);

  const boost::json::value report = boost::json::parse(test({"--json"}).out);
  EXPECT_EQ(report.at("failed"), 1);
  const auto& first = report.at("files").at(0).at("cases").at(0);
  EXPECT_EQ(first.at("name"), "just under");
  EXPECT_FALSE(first.at("ok").as_bool());
  EXPECT_EQ(first.at("differences").at(0).at("values").at("montant"), "9999");

  write_text(folder / "t.yaml", "tests: [{name: a, transaction: {montant: x}, expect: {rules: [b]}}]\n");
  const Outcome refused = test({});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("vigie: t.yaml:1:42: tests[0].transaction.montant: "),
                                 HasSubstr("\nvigie: t.yaml:1:63: tests[0].expect.rules: there is no rule 'b'")));
}

TEST(RulesProgram, TestsRulesWithWhatTheirConfigurationSays) {
  const TempFolder folder;
  write_strict_configuration(folder);
  write_text(
      folder / "t.yaml",
      "tests:\n  - {name: a, transaction: {montant: 9500}, expect: {rules: [montant_eleve], decision: refuser}}\n");
  const auto test = [&](std::vector<std::string> flags) {
    std::vector<std::string> words = {"rules", "test", "t.yaml", "--rules", "config.yaml"};
    words.insert(words.end(), flags.begin(), flags.end());
    return run_vigie(words, {.cwd = folder.path()});
  };
  const Outcome good = test({});
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  EXPECT_THAT(good.out, HasSubstr("\n1 of 1 test cases are as expected, with 1 rule of version "));
  EXPECT_THAT(good.out,
              HasSubstr("\njudged with seuils.montant_eleve 9000, seuils.nb_transactions_24h 5, pays_suspect KP; "
                        "moyen, eleve, refuser from 0.1, 0.2, 0.3\n"));
  EXPECT_EQ(test({"--bands", "0.1,0.2,0.5"}).exit_code, 1) << "flags go before the configuration";
  EXPECT_EQ(test({"--montant-eleve", "10000"}).exit_code, 1);
  const auto json = boost::json::parse(test({"--json", "--threshold", "0.35"}).out);
  EXPECT_EQ(json.at("thresholds").at("montant_eleve"), 9000);
  EXPECT_EQ(json.at("thresholds").at("pays_suspect").as_array().size(), 1);
  EXPECT_EQ(json.at("bands").at("eleve"), 0.35);
  EXPECT_EQ(json.at("bands").at("refuser"), 0.35);

  write_text(folder / "t.yaml",
             "thresholds: {montant_eleve: 20000}\n"
             "tests:\n  - {name: a, transaction: {montant: 9500}, expect: {rules: []}}\n");
  const Outcome own = test({"--montant-eleve", "10"});
  EXPECT_EQ(own.exit_code, 0) << own.out;
  EXPECT_THAT(own.out, StartsWith("t.yaml\n  with its own seuils.montant_eleve 20000, "));
}

// Two amounts between the thresholds that ship and those of the configuration.
TEST(RulesProgram, BacktestsEachSetWithWhatItsConfigurationSays) {
  const TempFolder folder;
  write_strict_configuration(folder);
  write_text(folder / "own.csv",
             "transaction_id,client_id,montant,type,date_transaction,fraude\n"
             "T1,C1,9500,paiement,2026-01-01T10:00:00Z,1\nT2,C2,50,paiement,2026-01-02T10:00:00Z,0\n");
  const auto backtest = [&](std::vector<std::string> flags) {
    std::vector<std::string> words = {"rules", "backtest", "--data", "own.csv"};
    words.insert(words.end(), flags.begin(), flags.end());
    return run_vigie(words, {.cwd = folder.path()});
  };
  const auto refused = [&](std::vector<std::string> flags) {
    flags.emplace_back("--json");
    const Outcome outcome = backtest(flags);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    std::vector<std::int64_t> counts;
    const auto report = boost::json::parse(outcome.out);
    for (const auto& set : report.at("sets").as_array()) {
      counts.push_back(set.at("refused").at("transactions").as_int64());
    }
    return counts;
  };
  EXPECT_THAT(refused({"--rules", "config.yaml"}), ElementsAre(1));
  EXPECT_THAT(refused({"--rules", "apart.yaml"}), ElementsAre(0));
  EXPECT_THAT(refused({"--rules", "apart.yaml", "--against", "config.yaml"}), ElementsAre(1, 1))
      << "a file of rules takes what the configuration beside it says";
  EXPECT_THAT(refused({"--rules", "config.yaml", "--bands", "0.1,0.2,0.5"}), ElementsAre(0));
  write_text(folder / "now.yaml", "fraud: {rules_file: apart.yaml}\n");
  EXPECT_THAT(refused({"--rules", "config.yaml", "--against", "now.yaml"}), ElementsAre(1, 0))
      << "the same rules with other thresholds and bands";

  const Outcome text = backtest({"--rules", "config.yaml", "--against", "now.yaml"});
  EXPECT_THAT(text.out, HasSubstr("\nseuils.montant_eleve                              9000               10000\n"));
  EXPECT_THAT(text.out, HasSubstr("\nmoyen, eleve, refuser from               0.1, 0.2, 0.3       0.2, 0.5, 0.8\n"));
  EXPECT_THAT(text.out, HasSubstr("\npays_suspect                                        KP          NG, RU, KP\n"));
  const auto set = boost::json::parse(backtest({"--rules", "config.yaml", "--json"}).out).at("sets").at(0);
  EXPECT_EQ(set.at("thresholds").at("montant_eleve"), 9000);
  EXPECT_EQ(set.at("bands").at("refuser"), 0.3);
  for (const char* bands : {"0.5,0.2,0.8", "0.2,0.5", "0.2,0.5,1.5"}) {
    EXPECT_EQ(backtest({"--bands", bands}).exit_code, 2) << bands;
  }
  EXPECT_EQ(backtest({"--bands", "0.2,0.5,0.8", "--threshold", "0.4"}).exit_code, 2);
}

TEST(RulesProgram, BacktestsWithAModelAndSaysWhereARuleWasNotValid) {
  const TempFolder folder;
  write_text(folder / "own.csv",
             "transaction_id,client_id,montant,type,date_transaction,fraude\n"
             "T1,C1,9500,paiement,2026-01-01T10:00:00Z,1\nT2,C2,50,paiement,2026-01-02T10:00:00Z,0\n");
  write_text(folder / "rules.yaml",
             "rules:\n  - {name: scored, text: {fr: a, en: a}, when: has(score), outcome: verifier}\n"
             "  - {name: later, text: {fr: a, en: a}, when: montant > 1, outcome: refuser, from: 2027-01-01}\n");
  const RunOptions here{.cwd = folder.path()};
  ASSERT_EQ(run_vigie({"data", "simulate", "transactions", "--customers", "200", "--terminals", "400", "--days", "45",
                       "--seed", "3", "--out", "past.csv"},
                      here)
                .exit_code,
            0);
  const Outcome trained = run_vigie({"train", "transaction", "--data", "past.csv", "--protocol", "split",
                                     "--replicates", "0", "--xgb", "rounds=20", "--out", "model"},
                                    here);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const auto backtest = [&](std::vector<std::string> flags) {
    std::vector<std::string> words = {"rules", "backtest", "--data", "own.csv", "--rules", "rules.yaml"};
    words.insert(words.end(), flags.begin(), flags.end());
    return run_vigie(words, {.cwd = folder.path()});
  };
  const Outcome plain = backtest({});
  EXPECT_EQ(plain.exit_code, 0) << plain.err;
  EXPECT_THAT(plain.out, HasSubstr("  not valid for 2 of 2\n"));
  EXPECT_THAT(plain.out, Not(HasSubstr("scored by model")));
  const Outcome scored = backtest({"--model", "model"});
  EXPECT_EQ(scored.exit_code, 0) << scored.err;
  EXPECT_THAT(scored.out, HasSubstr("\nscored by model transaction, version "));
  const auto without = boost::json::parse(backtest({"--json"}).out);
  const auto with = boost::json::parse(backtest({"--model", "model", "--json"}).out);
  EXPECT_TRUE(without.at("model").is_null());
  EXPECT_EQ(with.at("model").at("name"), "transaction");
  EXPECT_EQ(without.at("sets").at(0).at("alerts").at("transactions"), 0);
  EXPECT_EQ(with.at("sets").at(0).at("alerts").at("transactions"), 2);
  EXPECT_EQ(with.at("sets").at(0).at("rules").at(0).at("not_valid"), 0);
  EXPECT_EQ(with.at("sets").at(0).at("rules").at(1).at("not_valid"), 2);
  EXPECT_EQ(backtest({"--model", "nowhere"}).exit_code, 1);
}

TEST(RulesProgram, BacktestsRulesOnLabelledTransactions) {
  const TempFolder folder;
  write_text(folder / "own.csv",
             "transaction_id,client_id,montant,type,date_transaction,pays,fraude\n"
             "T1,C1,50,paiement,2026-01-01T10:00:00Z,FR,0\n"
             "T2,C2,50,paiement,2026-01-02T10:00:00Z,KP,1\n"
             "T3,C3,12000,virement,2026-01-03T10:00:00Z,FR,1\n"
             "T4,C4,20000,virement,2026-01-04T10:00:00Z,FR,0\n");
  const auto backtest = [&](std::vector<std::string> flags) {
    std::vector<std::string> words = {"rules", "backtest", "--data", "own.csv"};
    words.insert(words.end(), flags.begin(), flags.end());
    return run_vigie(words, {.cwd = folder.path()});
  };
  const Outcome shipped = backtest({});
  EXPECT_EQ(shipped.exit_code, 0) << shipped.err;
  EXPECT_THAT(shipped.out, AllOf(StartsWith("own.csv: 4 transactions from 2026-01-01 to 2026-01-04, 2 of them frauds "
                                            "(50.00 %), 12050.00 of 32100.00 lost without rules\n"),
                                 HasSubstr("\nmoney saved                                      50.00\n"),
                                 HasSubstr("\nmoney lost                                    12000.00\n")));
  EXPECT_THAT(shipped.err, HasSubstr("transactions/s with their history and the rules"));

  write_text(folder / "new.yaml",
             "rules:\n  - {name: montant_eleve, text: {fr: a, en: a}, when: montant > 10000, outcome: verifier}\n");
  const boost::json::value report =
      boost::json::parse(backtest({"--rules", "new.yaml", "--against", "shipped", "--json"}).out);
  EXPECT_EQ(report.at("changes").at("newly_alerted").at("transactions"), 2);
  EXPECT_EQ(report.at("changes").at("newly_alerted").at("frauds"), 1);
  EXPECT_EQ(report.at("changes").at("no_longer_alerted").at("frauds"), 1);
  EXPECT_EQ(report.at("sets").at(0).at("alerts").at("recall"), 0.5);
  EXPECT_THAT(backtest({"--rules", "new.yaml", "--against", "shipped"}).out, HasSubstr("  changed\n"));

  EXPECT_EQ(
      boost::json::parse(backtest({"--threshold", "0.4", "--json"}).out).at("sets").at(0).at("alerts").at("frauds"), 2);
  EXPECT_EQ(backtest({"--from", "yesterday"}).exit_code, 2);
  EXPECT_EQ(backtest({"--from", "2027-01-01"}).exit_code, 1);

  write_text(folder / "own.csv",
             "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD\n"
             "0,2018-04-01 00:00:31,596,3156,57.16,0\n1,2018-04-01 00:02:10,4961,3412,281.51,1\n");
  const Outcome handbook = backtest({"--montant-eleve", "220", "--threshold", "0.4"});
  EXPECT_EQ(handbook.exit_code, 0) << handbook.err;
  EXPECT_THAT(handbook.out, HasSubstr("\nfrauds caught                                        1\n"));
}

}  // namespace
}  // namespace vigie::tests
