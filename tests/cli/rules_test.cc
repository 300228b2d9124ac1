// vigie rules, as an analyst calls it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "program.h"

namespace vigie::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
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
  EXPECT_GT(boost::json::parse(json.out).at("variables").as_array().size(), 40);
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
