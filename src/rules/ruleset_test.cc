#include "rules/ruleset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "rules/sample_rules.h"

namespace vigie::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::expected<Ruleset, std::vector<Error>> parse(std::string_view yaml) {
  return Ruleset::parse(yaml, "rules.yaml", sample_variables());
}

std::vector<std::string> problems(std::string_view yaml) {
  std::vector<std::string> out;
  const auto set = parse(yaml);
  if (!set) {
    for (const Error& error : set.error()) out.push_back(error.to_string());
  }
  return out;
}

// One rule with other lines behind its name.
std::string rule(std::string_view name, std::string_view lines) {
  std::string out = "- name: " + std::string(name) + "\n  text: {fr: A, en: B}\n";
  std::size_t at = 0;
  while (at < lines.size()) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    out += "  " + std::string(lines.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return out;
}

struct Decided {
  std::vector<std::string> hits;  // "name", "name (shadow)", "name (error)"
  std::vector<std::string> errors;
  double weight = 0;
  std::string outcome;
};

Decided decide(const Ruleset& set, std::vector<Value> slots = sample_slots(), WallTime now = {}) {
  Scratch scratch;
  Verdict verdict;
  verdict.hits.push_back({9, true, true});  // of an evaluation before
  verdict.outcome = Outcome::kRefuse;
  set.evaluate(slots, now, scratch, verdict);
  Decided out;
  out.weight = verdict.weight;
  for (const Hit& hit : verdict.hits)
    out.hits.push_back(set.rules()[hit.rule].name + (hit.shadow ? " (shadow)" : "") + (hit.by_error ? " (error)" : ""));
  for (const RuleError& error : verdict.errors) out.errors.push_back(describe(error, set, false));
  if (verdict.outcome)
    out.outcome = std::string(to_string(*verdict.outcome)) + " by " + set.rules()[*verdict.decider].name;
  return out;
}

TEST(Ruleset, TheSampleFiresAsItSays) {
  const auto set = parse(kSampleRules);
  ASSERT_TRUE(set) << set.error()[0].to_string();
  EXPECT_EQ(set->rules().size(), 10u);
  const Decided decided = decide(*set);
  EXPECT_THAT(decided.hits, ElementsAre("a_verifier", "montant_eleve", "pays_suspect", "velocite", "nuit_et_montant",
                                        "week_end (shadow)", "loin_de_la_moyenne", "depot_nouveau_terminal"));
  EXPECT_DOUBLE_EQ(decided.weight, 1 - 0.6 * 0.5 * 0.7 * 0.9 * 0.65 * 0.8);
  EXPECT_EQ(decided.outcome, "verifier by a_verifier");
  EXPECT_TRUE(decided.errors.empty());
  EXPECT_EQ(set->rules()[8].reason.english, "Your transaction has to be checked");
  EXPECT_EQ(set->rules()[0].reason.french, "Montant élevé") << "the text is the reason where none is given";
}

TEST(Ruleset, TheExampleOfTheDocumentLoads) {
  const auto text = read_file("docs/rules.md");
  if (!text) GTEST_SKIP() << text.error().to_string();
  const std::size_t begin = text->find("```yaml\n") + 8;
  const auto set = parse(text->substr(begin, text->find("```", begin) - begin));
  ASSERT_TRUE(set) << set.error()[0].to_string();
  EXPECT_EQ(set->rules().size(), 2u);
}

TEST(Ruleset, TheMostSevereOutcomeWinsAndPriorityDecidesBetweenEquals) {
  const auto set =
      parse("rules:\n" + rule("a", "when: 'true'\noutcome: accepter\npriority: 100") +
            rule("b", "when: 'true'\noutcome: verifier") + rule("c", "when: 'true'\noutcome: verifier\npriority: 3") +
            rule("d", "when: 'true'\noutcome: refuser\nstate: shadow") +
            rule("e", "when: 'true'\noutcome: refuser\nstate: off"));
  ASSERT_TRUE(set) << set.error()[0].to_string();
  const Decided decided = decide(*set);
  EXPECT_THAT(decided.hits, ElementsAre("a", "c", "b", "d (shadow)"));
  EXPECT_EQ(decided.outcome, "verifier by c");
  EXPECT_EQ(decided.weight, 0);
}

TEST(Ruleset, AnErrorIsRecordedAndLosesNoOtherRule) {
  const auto set =
      parse("rules:\n" + rule("ouverte", "when: pays == 'NG'\nweight: 0.5") +
            rule("fermee", "when: montant > 1.0 && pays == 'NG'\nweight: 0.5\non_error: fail_closed") +
            rule("autre", "when: montant > 1.0\nweight: 0.25") + rule("cachee", "when: dyn(montant)\nweight: 0.5"));
  ASSERT_TRUE(set) << set.error()[0].to_string();
  std::vector<Value> slots = sample_slots();
  slots[3] = Value();
  const Decided decided = decide(*set, slots);
  EXPECT_THAT(decided.hits, ElementsAre("fermee (error)", "autre"));
  EXPECT_THAT(decided.errors,
              ElementsAre("pays: the field is absent (ouverte, line 1, column 1)",
                          "pays: the field is absent (fermee, line 1, column 18)",
                          "dyn: no such operation for values of these types (cachee, line 1, column 1)"));
  EXPECT_EQ(decided.weight, 1 - 0.5 * 0.75);
  EXPECT_EQ(describe({0, Fault::kAbsent, 0}, *set, true), "pays : le champ est absent (ouverte, ligne 1, colonne 1)");
}

TEST(Ruleset, RulesAreValidFromTheirFirstDayToTheirLast) {
  const auto set = parse(
      "rules:\n" + rule("jours", "when: 'true'\nweight: 0.5\nfrom: 2026-03-01\nto: 2026-03-02") +
      rule("heures", "when: 'true'\nweight: 0.5\nfrom: 2026-03-01T08:00:00+01:00\nto: 2026-03-01T09:00:00+01:00"));
  ASSERT_TRUE(set) << set.error()[0].to_string();
  const auto hits_at = [&](std::int64_t seconds) {
    return decide(*set, sample_slots(), WallTime(std::chrono::seconds(seconds))).hits;
  };
  constexpr std::int64_t kFirst = 1'772'323'200;  // 2026-03-01T00:00:00Z
  EXPECT_THAT(hits_at(kFirst - 1), ElementsAre());
  EXPECT_THAT(hits_at(kFirst), ElementsAre("jours"));
  EXPECT_THAT(hits_at(kFirst + 7 * 3600), ElementsAre("jours", "heures"));
  EXPECT_THAT(hits_at(kFirst + 8 * 3600), ElementsAre("jours"));
  EXPECT_THAT(hits_at(kFirst + 2 * 86'400 - 1), ElementsAre("jours"));
  EXPECT_THAT(hits_at(kFirst + 2 * 86'400), ElementsAre());
}

TEST(Ruleset, TheVersionIsThatOfWhatTheRulesSay) {
  const auto version = [](const std::string& yaml) {
    const auto set = parse(yaml);
    EXPECT_TRUE(set) << set.error()[0].to_string();
    return set ? set->version() : "";
  };
  const std::string first = version("rules:\n" + rule("a", "when: montant > 1.0\nweight: 0.5"));
  EXPECT_EQ(first.size(), 12u);
  EXPECT_EQ(first.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(
      version("# a remark\nrules: [{weight: 0.50, name: a, when: 'montant > 1.0', text: {en: B, fr: A}, state: on}]"),
      first);
  for (const char* lines :
       {"when: montant > 1.1\nweight: 0.5", "when: montant > 1.0\nweight: 0.6", "when: montant > 1.0\noutcome: refuser",
        "when: montant > 1.0\nweight: 0.5\npriority: 1", "when: montant > 1.0\nweight: 0.5\nstate: shadow",
        "when: montant > 1.0\nweight: 0.5\nfrom: 2026-01-01", "when: montant > 1.0\nweight: 0.5\nto: 2026-01-01",
        "when: montant > 1.0\nweight: 0.5\non_error: fail_closed",
        "when: montant > 1.0\nweight: 0.5\nreason: {fr: C, en: D}"}) {
    EXPECT_NE(version("rules:\n" + rule("a", lines)), first) << lines;
  }
  EXPECT_EQ(parse("rules: []")->rules().size(), 0u);
}

TEST(Ruleset, AllProblemsAreSaidAtOnceWithTheirPlaces) {
  EXPECT_THAT(
      problems("rules:\n"
               "  - name: Été\n"
               "    text: {fr: A, en: B}\n"
               "    when: montant > 5.0\n"
               "    weigth: 0.5\n"
               "  - name: b\n"
               "    text: {fr: A}\n"
               "    when: montnat > 5.0\n"
               "    weight: 2\n"
               "    state: onn\n"
               "  - name: b\n"
               "    text: {fr: A, en: B}\n"
               "    when: montant > 5.0\n"
               "    weight: 0.5\n"
               "    weight: 0.5\n"
               "    outcome: refuse\n"
               "    from: 2026-13-01\n"),
      ElementsAre(HasSubstr("rules.yaml:2:5: rules[0]: a rule has a weight or an outcome; write weight: 0.4"),
                  HasSubstr("rules.yaml:2:11: rules[0].name: 'Été' is no name of a rule; write 1 to 64 of a-z"),
                  HasSubstr("rules.yaml:5:5: rules[0].weigth: there is no such key; did you mean 'weight'?"),
                  HasSubstr("rules.yaml:7:11: b.text.en: is missing"),
                  HasSubstr("rules.yaml:8:11: b.when: there is no field 'montnat'; did you mean 'montant'?"),
                  HasSubstr("rules.yaml:9:13: b.weight: '2' is no weight; write a number from 0 to 1"),
                  HasSubstr("rules.yaml:10:12: b.state: 'onn' is none of its values; did you mean 'on'?"),
                  HasSubstr("rules.yaml:11:5: b: a rule has a weight or an outcome, not both"),
                  HasSubstr("rules.yaml:11:11: b.name: two rules have this name"),
                  HasSubstr("rules.yaml:15:5: b.weight: stands twice"),
                  HasSubstr("rules.yaml:16:14: b.outcome: 'refuse' is none of its values; did you mean 'refuser'?"),
                  HasSubstr("rules.yaml:17:11: b.from: '2026-13-01' is no date")));
}

TEST(Ruleset, AnErrorInAConditionIsPlacedInTheFileHoweverItIsWritten) {
  const auto place = [](std::string_view when) {
    const auto found =
        problems("rules:\n- name: a\n  text: {fr: é, en: B}\n  weight: 0.5\n  when: " + std::string(when) + "\n");
    return found.size() == 1 ? found[0].substr(0, found[0].find(": ")) : "several";
  };
  EXPECT_EQ(place("has(pays) && pay == 'é'"), "rules.yaml:5:22");
  EXPECT_EQ(place("\"has(pays) && pay == 'é'\""), "rules.yaml:5:23");
  EXPECT_EQ(place("type == 'é' && pay == 'a'"), "rules.yaml:5:24");
  EXPECT_EQ(place("|\n    has(pays)\n    && pay == 'a'"), "rules.yaml:7:8");
  EXPECT_EQ(place(">-\n    has(pays)\n    && pay == 'a'"), "rules.yaml:7:8");
  EXPECT_EQ(place(">\n\n    has(pays)\n\n    && pay == 'a'"), "rules.yaml:9:8");
  EXPECT_EQ(place("has(pays)\n    && pay == 'a'"), "rules.yaml:6:8");
  EXPECT_EQ(place("'pays == ''FR'' && montnt > 2.0'"), "rules.yaml:5:28");
  EXPECT_EQ(place("\"pays == \\\"FR\\\" && montnt > 2.0\""), "rules.yaml:5:28");
  EXPECT_EQ(place("\"type == 'a\\\\\\\\b' && montnt > 2.0\""), "rules.yaml:5:30");
  EXPECT_EQ(place("'''a'' == pay'"), "rules.yaml:5:19");
  EXPECT_EQ(place("'montant > ''1'''"), "rules.yaml:5:18") << "a place before an escape";
  EXPECT_EQ(place("&x has(pays) && pay == 'a'"), "rules.yaml:5:25");
  EXPECT_EQ(place("!!str has(pays) && pay == 'a'"), "rules.yaml:5:28");
  EXPECT_EQ(place("&x !!str 'has(pays) && pay == ''a'''"), "rules.yaml:5:32");
  EXPECT_EQ(place("&x |\n    has(pays)\n    && pay == 'a'"), "rules.yaml:7:8");
  EXPECT_EQ(place("\"has(pays) \\u0026& pay == 'a'\""), "rules.yaml:5:9") << "other escapes: where the text begins";
  EXPECT_EQ(place("montant"), "rules.yaml:5:9");
}

TEST(Ruleset, MayStandInAGroupOfALargerFile) {
  const std::string file =
      "server: {port: 8080}\nfraude:\n  bands: [0.2]\n  rules:\n    - name: a\n      text: {fr: A, en: A}\n"
      "      when: montant > 1.0\n      weight: 0.1\n    - name: b\n      text: {fr: B, en: B}\n"
      "      when: montan > 1.0\n      weight: 0.1\n";
  const auto refused = Ruleset::parse(file, "config.yaml", sample_variables(), "fraude");
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().size(), 1);
  EXPECT_THAT(refused.error()[0].to_string(), HasSubstr("config.yaml:11:13"));
  const auto set =
      Ruleset::parse(file.substr(0, file.find("    - name: b")), "config.yaml", sample_variables(), "fraude");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->rules().size(), 1);
  EXPECT_EQ(set->version(),
            parse("rules:\n- {name: a, text: {fr: A, en: A}, when: montant > 1.0, weight: 0.1}\n")->version());
  for (const std::string_view other : {"server: {port: 1}\n", "fraude: 3\n", "fraude: {bands: [1]}\n", "3\n"}) {
    EXPECT_FALSE(Ruleset::parse(other, "config.yaml", sample_variables(), "fraude")) << other;
  }
}

TEST(Ruleset, AliasesDoNotMakeManyLargeRulesOfOneText) {
  const auto aliased = [](const std::string& when, int count) {
    std::string yaml = "rules:\n" + rule("first", "when: &when \"" + when + "\"\nweight: 0.5");
    for (int i = 0; i < count; ++i) {
      yaml += "- {name: r" + std::to_string(i) + ", text: {fr: A, en: B}, when: *when, weight: 0.1}\n";
    }
    return problems(yaml);
  };
  EXPECT_THAT(aliased("pays == 'NG'", 2'200), ElementsAre());
  EXPECT_THAT(aliased("pays == '" + std::string(16'000, 'x') + "'", 2'200)[0],
              HasSubstr("the conditions have more than 32 MiB together; leave rules out"));
}

TEST(Ruleset, WarnsOfFieldsThatMayBeAbsent) {
  const auto variables =
      VariableTable::make({{"montant", {Kind::kDouble, 0}},
                           {.name = "pays", .type = {Kind::kString, 0}, .optional = true, .left_out = true}});
  const auto set = Ruleset::parse("rules:\n" + rule("a", "when: montant > 1.0 && pays == 'NG'\nweight: 0.1") +
                                      rule("b", "when: has(pays) && pays == 'NG'\nweight: 0.1"),
                                  "rules.yaml", *variables);
  ASSERT_TRUE(set);
  ASSERT_EQ(set->warnings().size(), 1u);
  EXPECT_EQ(set->warnings()[0].to_string(),
            "rules.yaml:4:26: a.when: 'pays' may be absent, and the rule cannot be evaluated where it is; "
            "write has(pays) && ...");
}

TEST(Ruleset, WhatIsNoFileOfRulesIsRefused) {
  EXPECT_THAT(problems("rules: [\n"), ElementsAre(HasSubstr("this is no YAML")));
  EXPECT_THAT(problems(""), ElementsAre(HasSubstr("a file of rules begins with rules:")));
  EXPECT_THAT(problems("[]"), ElementsAre(HasSubstr("a file of rules begins with rules:")));
  EXPECT_THAT(problems("rule: []"), ElementsAre(HasSubstr("there is no rules:"), HasSubstr("did you mean 'rules'?")));
  EXPECT_THAT(problems("rules: 5"), ElementsAre(HasSubstr("a list of rules is expected here")));
  EXPECT_THAT(problems("rules: [5]"), ElementsAre(HasSubstr("a rule is expected here")));
  EXPECT_THAT(problems("rules: \xff"), ElementsAre(HasSubstr("this is not UTF-8")));
  EXPECT_THAT(problems(std::string(100'000, '[')), ElementsAre(HasSubstr("this is no YAML")));
  EXPECT_THAT(problems("a: &a [x, x]\nrules: *a"), testing::SizeIs(3));
  EXPECT_THAT(problems("rules:\n" + rule("a", "when: [a]\nweight: {}\nfrom: 2026-01-02\nto: 2026-01-01")),
              ElementsAre(HasSubstr("a.to: ends before it begins"), HasSubstr("a.when: one value"),
                          HasSubstr("a.weight: one value")));
  const std::string large(1 << 20, 'x');
  std::string aliases = "rules:\n- &a {name: a, text: {fr: A, en: B}, weight: 0.5, when: " + large + "}\n";
  for (int i = 0; i < 3000; ++i) aliases += "- *a\n";
  EXPECT_EQ(problems(aliases).size(), 1'000u) << "one text is not held three thousand times";
  std::string many = "rules:\n";
  for (int i = 0; i < 3000; ++i) many += "- x\n";
  EXPECT_EQ(problems(many).size(), 1'000u);
}

}  // namespace
}  // namespace vigie::rules
