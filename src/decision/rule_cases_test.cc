#include "decision/rule_cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/file.h"
#include "decision/shipped_rules.h"

namespace vigie::decision {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;

std::shared_ptr<const rules::Ruleset> set_of(std::string_view yaml) {
  auto set = rules::Ruleset::parse(yaml, "rules.yaml", fraud_variables());
  if (!set) throw std::runtime_error(set.error().front().to_string());
  return std::make_shared<const rules::Ruleset>(*std::move(set));
}
const std::shared_ptr<const rules::Ruleset>& shipped() {
  static const auto set = set_of(shipped_rules());
  return set;
}

// One case in flow style.
std::string case_of(const std::string& what) { return "tests:\n- {name: a, " + what + "}\n"; }

std::vector<CaseResult> run(const std::string& yaml, const std::shared_ptr<const rules::Ruleset>& set = shipped()) {
  const auto cases = parse_rule_cases(yaml, "t.yaml", *set);
  if (!cases) throw std::runtime_error(cases.error().front().to_string());
  return run_rule_cases(*cases, set, {}).value();
}

std::vector<std::string> problems(const std::string& yaml) {
  const auto cases = parse_rule_cases(yaml, "t.yaml", *shipped());
  std::vector<std::string> out;
  if (cases) return out;
  for (const Error& error : cases.error()) {
    EXPECT_FALSE(error.remedy.empty()) << error.to_string();
    out.push_back(error.to_string());
  }
  return out;
}

TEST(RuleCases, OfTheRulesThatShipAreAsExpected) {
  const auto yaml = read_file("docs/examples/rules-test.yaml");
  ASSERT_TRUE(yaml) << yaml.error().to_string();
  const auto cases = parse_rule_cases(*yaml, "rules-test.yaml", *shipped());
  ASSERT_TRUE(cases) << cases.error().front().to_string();
  const auto results = run_rule_cases(*cases, shipped(), {}).value();
  ASSERT_EQ(results.size(), 16);
  std::set<std::string> fired;
  for (std::size_t i = 0; i < results.size(); ++i) {
    for (const CaseDifference& difference : results[i].differences) {
      ADD_FAILURE() << cases->cases[i].name << ": " << difference.rule << " " << difference.what << difference.detail;
    }
    fired.insert(results[i].fired.begin(), results[i].fired.end());
  }
  EXPECT_EQ(fired.size(), shipped()->rules().size()) << "each rule that ships fires in a case";
}

TEST(RuleCases, TheExampleOfTheDocumentIsAsExpected) {
  const auto text = read_file("docs/rules.md");
  if (!text) GTEST_SKIP() << text.error().to_string();
  const std::size_t begin = text->find("```yaml\nthresholds:") + 8;
  const auto results = run(text->substr(begin, text->find("```", begin) - begin));
  ASSERT_EQ(results.size(), 1);
  EXPECT_THAT(results[0].differences, IsEmpty());
}

TEST(RuleCases, SayWhatARuleReadsThatDidNotFireAndWhatFiredUnexpectedly) {
  const auto results =
      run(case_of("transaction: {montant: 2000, type: virement, pays: RU}, expect: {rules: "
                  "[montant_eleve], decision: refuser, niveau: faible, risque: 0.4}"));
  ASSERT_EQ(results.size(), 1);
  const auto& differences = results[0].differences;
  ASSERT_EQ(differences.size(), 5);
  EXPECT_EQ(differences[0].rule, "montant_eleve");
  EXPECT_EQ(differences[0].what, "did not fire");
  EXPECT_THAT(differences[0].values, ElementsAre(Pair("montant", "2000"), Pair("seuils.montant_eleve", "10000")));
  EXPECT_EQ(differences[1].rule, "pays_suspect");
  EXPECT_EQ(differences[1].what, "fired");
  EXPECT_THAT(differences[1].values, ElementsAre(Pair("pays", "'RU'"), Pair("pays_suspect", "['NG', 'RU', 'KP']")));
  EXPECT_EQ(differences[2].detail, "is verifier, not refuser");
  EXPECT_EQ(differences[3].detail, "is eleve, not faible");
  EXPECT_EQ(differences[4].detail, "is 0.5, not 0.4");
}

TEST(RuleCases, HaveThresholdsOfTheirOwn) {
  const std::string test = case_of("transaction: {montant: 20, type: virement, pays: IT}, expect: {rules: []}");
  EXPECT_THAT(run(test)[0].fired, IsEmpty());
  EXPECT_THAT(run("thresholds: {montant_eleve: 10, pays_suspect: [IT]}\n" + test)[0].fired,
              ElementsAre("montant_eleve", "pays_suspect"));
}

TEST(RuleCases, HistoryMayBeInAnyOrderAndByDate) {
  const auto results =
      run(case_of("transaction: {montant: 20, type: virement, date_transaction: 2026-03-02T10:00:00Z}, history: ["
                  "{montant: 20, ago: 1m, times: 2}, {montant: 20, date_transaction: 2026-03-01T10:00:01Z, times: 2}, "
                  "{montant: 20, ago: 2h}, {montant: 20, ago: 24h}], expect: {rules: [frequence_elevee]}"));
  EXPECT_THAT(results[0].fired, ElementsAre("frequence_elevee")) << "six within a day: the one 24 hours ago is outside";
  EXPECT_THAT(results[0].differences, IsEmpty());
}

TEST(RuleCases, OutcomesOfRulesAndOfTheRiskAreJoinedAsInADecision) {
  const auto set = set_of(
      "rules:\n- {name: look, text: {fr: a, en: a}, when: montant > 100, outcome: verifier}\n"
      "- {name: known, text: {fr: a, en: a}, when: client_id == 'C9', outcome: accepter}\n");
  const auto decided = [&](const std::string& what) {
    return rules::to_string(run(case_of(what + ", expect: {rules: []}"), set)[0].outcome);
  };
  EXPECT_EQ(decided("transaction: {montant: 500}"), "verifier");
  EXPECT_EQ(decided("transaction: {montant: 500}, score: 0.9"), "refuser") << "verifier is the least that happens";
  EXPECT_EQ(decided("transaction: {montant: 50, client_id: C9}, score: 0.9"), "accepter");
  EXPECT_EQ(decided("transaction: {montant: 500, client_id: C9}, score: 0.9"), "refuser");
}

TEST(RuleCases, ShadowsAndErrorsAreTold) {
  const auto set = set_of(
      "rules:\n- {name: s, text: {fr: s, en: s}, when: montant > 1, weight: 0.5, state: shadow}\n"
      "- {name: e, text: {fr: e, en: e}, when: pays == 'FR', weight: 0.5}\n");
  const auto with = [&](const std::string& expect) {
    return run(case_of("transaction: {montant: 2, type: virement}, expect: {rules: [], " + expect + "}"), set)[0];
  };
  EXPECT_THAT(with("shadows: [s], errors: [e]").differences, IsEmpty());
  EXPECT_THAT(with("errors: [e]").differences, IsEmpty()) << "shadows are looked at where they are expected";
  const auto result = with("shadows: []");
  ASSERT_EQ(result.differences.size(), 2);
  EXPECT_EQ(result.differences[0].what, "fired as a shadow");
  EXPECT_EQ(result.differences[1].what, "could not be evaluated");
  EXPECT_THAT(result.differences[1].detail, StartsWith("pays: the field is absent (e, line 1, column 1)"));
}

TEST(RuleCases, AllThatIsWrongIsSaidWithItsPlace) {
  const auto found = problems(
      "tests:\n"
      "  - name: a\n"
      "    transaction: {montnat: 5, type: virment, pays: fr}\n"
      "    history:\n"
      "      - {montant: -1, ago: 2 hours}\n"
      "      - {montant: 5, fraude: perhaps, ago: 1h, date_transaction: 2026-01-01}\n"
      "      - {montant: 5, fraude: true, ago: 1h, times: 0}\n"
      "      - {montant: 5, date_transaction: 2027-01-01}\n"
      "    score: 2\n"
      "    expect: {rules: [montant_elve], decision: refuse, risque: x}\n"
      "  - {name: b}\n");
  EXPECT_THAT(
      found,
      ElementsAre(
          HasSubstr("t.yaml:3:18: tests[0].transaction.montant: is missing; write montant: 50"),
          HasSubstr("t.yaml:3:19: tests[0].transaction.montnat: there is no such key; did you mean 'montant'?"),
          HasSubstr("3:37: tests[0].transaction.type: 'virment' does not fit; write virement, paiement"),
          HasSubstr("3:52: tests[0].transaction.pays: 'fr' does not fit; write a country in two capitals"),
          AllOf(HasSubstr("5:19: tests[0].history[0].montant: '-1' does not fit"), HasSubstr("more than 0")),
          HasSubstr("5:28: tests[0].history[0].ago: '2 hours' does not fit; write a number of s, m, h or d"),
          HasSubstr("6:9: tests[0].history[1].ago: it takes one of ago and date_transaction"),
          HasSubstr("6:30: tests[0].history[1].fraude: 'perhaps' does not fit; write true or false"),
          HasSubstr("7:9: tests[0].history[2].fraude: frauds are counted for a terminal"),
          HasSubstr("7:52: tests[0].history[2].times: '0' does not fit; write a whole number from 1 to 512"),
          HasSubstr("8:9: tests[0].history[3]: this is not before the transaction"),
          HasSubstr("9:12: tests[0].score: '2' does not fit"),
          HasSubstr("10:22: tests[0].expect.rules: there is no rule 'montant_elve'; did you mean 'montant_eleve'?"),
          HasSubstr("10:47: tests[0].expect.decision: 'refuse' is none of its values; did you mean 'refuser'?"),
          HasSubstr("10:63: tests[0].expect.risque: 'x' does not fit"), HasSubstr("11:5: tests[1].expect: is missing"),
          HasSubstr("11:5: tests[1].transaction: is missing")));
}

TEST(RuleCases, RefuseWhatIsNoFileOfThem) {
  EXPECT_THAT(problems(""), ElementsAre(HasSubstr("begins with tests:")));
  EXPECT_THAT(problems("- a"), ElementsAre(HasSubstr("begins with tests:")));
  EXPECT_THAT(problems("{}"), ElementsAre(HasSubstr("tests: is missing")));
  EXPECT_THAT(problems("tests: []"), ElementsAre(HasSubstr("a list of 1 to 10,000")));
  EXPECT_THAT(problems("tests: [\n"), ElementsAre(HasSubstr("this is no YAML")));
  EXPECT_THAT(problems("tests: [\xff]"), ElementsAre(HasSubstr("t.yaml:1:9: this is not UTF-8")));
  EXPECT_THAT(problems("tests: [1, [], {}]"), testing::SizeIs(5));
  EXPECT_THAT(problems("tests: [{name: a, name: b, transaction: {montant: 1, montant: 2}, expect: {rules: [impayes, "
                       "impayes]}}]"),
              ElementsAre(HasSubstr("stands twice"), HasSubstr("stands twice"), HasSubstr("stands twice")));
  EXPECT_THAT(problems(std::string(kMostCaseFileBytes + 1, ' ')), ElementsAre(HasSubstr("larger than 8 MiB")));
  EXPECT_THAT(problems("tests: " + std::string(5'000, '[')), testing::SizeIs(1));
}

TEST(RuleCases, AliasesMakeNoSmallFileIntoAnEndlessOne) {
  std::string yaml = "tests:\n- &c {name: a, transaction: {montant: 1}, history: &h [";
  for (int i = 0; i < 300; ++i) yaml += "{montant: 1, ago: 1h, times: 512},";
  yaml += "], expect: {rules: []}}\n";
  for (int i = 0; i < 3'000; ++i) yaml += "- *c\n";
  EXPECT_THAT(problems(yaml), testing::Contains(HasSubstr("more than 100,000 earlier transactions")));
}

}  // namespace
}  // namespace vigie::decision
