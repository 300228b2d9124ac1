#include "rules/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "rules/pattern.h"
#include "rules/sample_rules.h"

namespace vigie::rules {
namespace {

using testing::HasSubstr;

struct Evaluated {
  std::string shown;
  std::uint32_t place = kNoPlace;
};

Evaluated evaluate(std::string_view text, std::vector<Value> slots = sample_slots()) {
  const VariableTable variables = sample_variables();
  Compiler compiler(variables);
  const auto program = compiler.compile(text);
  if (!program) return {program.error().to_string()};
  Scratch scratch;
  const Value result = program->evaluate(slots, scratch);
  return {to_string(result), result.is_error() ? result.place() : kNoPlace};
}

std::string shown(std::string_view text) { return evaluate(text).shown; }

TEST(Program, SaysWhichFieldsItReads) {
  const VariableTable variables = sample_variables();
  Compiler compiler(variables);
  const auto reads = [&](std::string_view text) { return compiler.compile(text)->reads(); };
  EXPECT_THAT(reads("1 > 2"), testing::ElementsAre());
  EXPECT_THAT(reads("has(pays) && pays in pays_suspect && montant > 1.0"), testing::ElementsAre(0, 3, 4));
  EXPECT_THAT(reads("pays_suspect.exists(p, p == type)"), testing::ElementsAre(1, 4));
}

TEST(Program, AFieldThatIsAbsentIsAnErrorWhereItIsReadAndNotWhereItIsAskedFor) {
  std::vector<Value> slots = sample_slots();
  slots[3] = Value();
  EXPECT_EQ(evaluate("has(pays)", slots).shown, "false");
  EXPECT_EQ(evaluate("has(pays) && pays == 'NG'", slots).shown, "false");
  const Evaluated read = evaluate("montant > 1.0 && pays == 'NG'", slots);
  EXPECT_EQ(read.shown, "error: the field is absent");
  EXPECT_EQ(read.place, 17u);
  EXPECT_EQ(evaluate("pays == 'NG' || montant > 1.0", slots).shown, "true") << "|| absorbs what does not matter";
  EXPECT_EQ(evaluate("pays.size() == 2", slots).place, 0u);
  EXPECT_EQ(shown("has(pays)"), "true");
  EXPECT_EQ(shown("has(montant)"), "true");
  EXPECT_EQ(shown("has(historique.moyenne)"), "true");
}

TEST(Program, NumbersOfAllTypesAreComparedButNotAdded) {
  EXPECT_EQ(shown("montant > 10000"), "true");
  EXPECT_EQ(shown("montant == 12000"), "true");
  EXPECT_EQ(shown("historique.n_24h >= 7.0"), "true");
  EXPECT_EQ(shown("historique.n_24h in [5.0, 7.0]"), "true");
  EXPECT_THAT(shown("montant > 3 * historique.moyenne"), HasSubstr("write numbers as doubles"));
  EXPECT_EQ(shown("historique.n_24h * 9223372036854775807 > 0"), "error: the result does not fit its type");
  EXPECT_EQ(shown("historique.n_24h / 0 == 1"), "error: division by zero");
}

TEST(Program, FoldTakesAccentsAndCaseAway) {
  EXPECT_EQ(shown("fold(type) == 'depot'"), "true");
  EXPECT_EQ(shown("fold('DÉPÔT À L’Étranger ŒUVRE Straße')"), "'depot a l’etranger oeuvre strasse'");
  EXPECT_EQ(shown("fold('de\\u0301po\\u0302t')"), "'depot'") << "accents that stand apart";
  EXPECT_EQ(shown("fold('ĀĄŁĳ×÷ Ǎ Ạ')"), "'aalij×÷ a a'");
  EXPECT_EQ(shown("fold('Ελλάδα 中')"), "'Ελλάδα 中'") << "letters that are not Latin stay";
}

TEST(Program, PatternsAreFoundAnywhereUnlessTheySayOtherwise) {
  EXPECT_EQ(shown("client_id.matches('C[0-9]+')"), "true");
  EXPECT_EQ(shown("client_id.matches('^[0-9]+$')"), "false");
  EXPECT_EQ(shown("matches(type, '^d.p.t$')"), "true") << "a dot is a character, not a byte";
  EXPECT_EQ(shown("'' .matches('')"), "true");
  EXPECT_EQ(shown("[type, 'x'].exists(t, t.matches('(?i)DÉPÔT'))"), "true");
}

TEST(Program, HoursNightsAndWeekEndsAreThoseOfTheZoneThatIsNamed) {
  // Saturday 2026-11-21T02:30:00Z.
  EXPECT_EQ(shown("heure(date_transaction)"), "2");
  EXPECT_EQ(shown("heure(date_transaction, 'Europe/Paris')"), "3");
  EXPECT_EQ(shown("heure(date_transaction, '-05:00')"), "21");
  EXPECT_EQ(shown("nuit(date_transaction)"), "true");
  EXPECT_EQ(shown("nuit(date_transaction, '+05:00')"), "false");
  EXPECT_EQ(shown("nuit(timestamp('2026-11-21T06:59:59Z')) && !nuit(timestamp('2026-11-21T07:00:00Z'))"), "true");
  EXPECT_EQ(shown("week_end(date_transaction)"), "true");
  EXPECT_EQ(shown("week_end(date_transaction, '-05:00')"), "false") << "it is still Friday";
  EXPECT_EQ(shown("heure(date_transaction, type)"), "error: unknown time zone") << "no file is read in a decision";
}

TEST(Program, WhatIsConstantIsComputedAtLoadAndItsErrorsAreNot) {
  EXPECT_EQ(shown("pays in ['N' + 'G', fold('É')]"), "true");
  EXPECT_EQ(shown("1 / 0 == 1 || true"), "true");
  EXPECT_EQ(evaluate("true && 1 / 0 == 1").place, 10u);
}

TEST(Program, TextBeyondWhatItsFieldDeclaresIsAnError) {
  const std::string text(257, 'x');
  std::vector<Value> slots = sample_slots();
  slots[1] = Value::string(text);
  EXPECT_EQ(evaluate("type.contains('xx')", slots).shown, "error: text or a list beyond its declared size");
  slots[1] = Value::string(std::string_view(text).substr(1));
  EXPECT_EQ(evaluate("type.contains('xx')", slots).shown, "true");
}

TEST(Program, WhatCouldTakeTooLongIsRefused) {
  EXPECT_EQ(shown("pays_suspect.exists(a, ['NG', 'RU'].exists(b, a == b))"), "true");
  EXPECT_THAT(shown("pays_suspect.all(a, pays_suspect.all(b, a == b))"),
              HasSubstr("evaluating this could take too long"));
}

TEST(Program, APatternCostsTheStepsThatItHasAndNotTheBytesThatItIsWrittenIn) {
  const auto long_one = Pattern::make("(a|a){400}b");
  ASSERT_TRUE(long_one);
  EXPECT_GT(long_one->steps(), 400u);
  EXPECT_FALSE(Pattern::make("(a|a){890}b")) << "backwards it has no room";
  EXPECT_GT(Pattern::make("(a|a){300}$")->steps(), 300u) << "searched from its end";
  EXPECT_LT(Pattern::make("^[A-Z]{2}$")->steps(), 20u);

  const VariableTable variables = sample_variables();
  Compiler compiler(variables);
  const auto program = compiler.compile("type.matches('(a|a){400}b')");
  ASSERT_TRUE(program) << program.error().to_string();
  EXPECT_GE(program->cost(), std::uint64_t{256} * long_one->steps());
  const std::string text(6'000, 'a');
  std::string many = "[client_id + '" + text + "'].exists(x, x.matches('(a|a){400}b0')";
  for (int i = 1; i < 160; ++i) many += " || x.matches('(a|a){400}b" + std::to_string(i) + "')";
  EXPECT_THAT(shown(many + ")"), HasSubstr("the patterns of this rule are too large together"));
  many.clear();
  for (int i = 0; i < 13; ++i) many += " || x.matches('(a|a){400}b" + std::to_string(i) + "')";
  const std::string with = "].exists(x, false" + many + ")";
  EXPECT_EQ(shown("[''" + with), "false");
  EXPECT_THAT(shown("[client_id + '" + text + "'" + with), HasSubstr("evaluating this could take too long"));
}

TEST(Program, WhatIsConstantHasBoundsAndOnlyTheResultIsKept) {
  const VariableTable variables = sample_variables();
  std::string list = "[1";
  for (int i = 1; i < 3'900; ++i) list += ",1";
  list += "]";
  std::string sum = list;
  for (int i = 0; i < 5; ++i) sum += " + [1]";
  Compiler compiler(variables);
  const auto once = compiler.compile("1 in " + list);
  const auto summed = compiler.compile("historique.n_24h in " + sum);
  ASSERT_TRUE(once);
  ASSERT_TRUE(summed) << summed.error().to_string();
  EXPECT_LT(once->held(), 1'000u) << "a list that became true is not kept";
  EXPECT_GT(summed->held(), 3'900 * sizeof(Value));
  EXPECT_LT(summed->held(), 2 * 3'900 * sizeof(Value)) << "nor are the sums on the way";
  for (int i = 5; i < 88; ++i) sum += " + [1]";
  const auto refused = compiler.compile("historique.n_24h in " + sum);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("what is constant here takes more than 1 MiB to compute"));

  // The constants outlive the text, with texts and lists inside lists.
  std::string text = "[['a', 'é'], ['b']] + [[string(7)]] == [['a', 'é'], ['b'], [string(historique.n_24h)]]";
  const auto program = compiler.compile(text);
  ASSERT_TRUE(program) << program.error().to_string();
  std::ranges::fill(text, 'x');
  Scratch scratch;
  EXPECT_TRUE(program->evaluate(sample_slots(), scratch).is_true());
}

TEST(Program, AllOfACompilerHaveABoundTogether) {
  const VariableTable variables = sample_variables();
  Compiler compiler(variables);
  const std::string text = "pays == '" + std::string(16'000, 'x') + "'";
  constexpr std::size_t kMost = kMostCompiledBytes / 16'000;
  std::size_t made = 0;
  Result<Program> program = compiler.compile(text);
  for (; program && made <= kMost; ++made) program = compiler.compile(text);
  ASSERT_FALSE(program);
  EXPECT_GT(made, kMost / 2);
  EXPECT_TRUE(compiler.full());
  EXPECT_EQ(program.error().code, Code::kResourceExhausted);
  EXPECT_THAT(program.error().to_string(), HasSubstr("with this rule all of them take more than 128 MiB; name long"));

  Compiler other(variables);
  EXPECT_GE(other.compile("pays.matches('(a|a){400}b')")->held(), 32 * Pattern::make("(a|a){400}b")->steps());
  EXPECT_LT(other.compile("pays.matches('^[A-Z]{2}$')")->held(), 5'000u);
}

TEST(Program, SaysWhatItReadsUnguarded) {
  const auto variables =
      VariableTable::make({{"montant", {Kind::kDouble, 0}},
                           {.name = "pays", .type = {Kind::kString, 0}, .optional = true, .left_out = true},
                           {.name = "ratio", .type = {Kind::kDouble, 0}, .optional = true}});
  Compiler compiler(*variables);
  const auto reads = [&](std::string_view text) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> out;
    const auto program = compiler.compile(text);
    for (const auto& read : program->unguarded_reads(*variables)) out.emplace_back(read.slot, read.at);
    return out;
  };
  using testing::ElementsAre;
  using testing::Pair;
  EXPECT_THAT(reads("pays == 'NG'"), ElementsAre(Pair(1, 0)));
  EXPECT_THAT(reads("montant > 1.0 && (fold(pays) == 'x' || pays == 'NG')"), ElementsAre(Pair(1, 23)));
  EXPECT_THAT(reads("has(pays) && pays == 'NG'"), ElementsAre());
  EXPECT_THAT(reads("!has(pays) || pays == 'NG'"), ElementsAre());
  EXPECT_THAT(reads("montant > 1.0"), ElementsAre());
  EXPECT_THAT(reads("ratio > 1.0"), ElementsAre(Pair(2, 0)));
  EXPECT_THAT(reads("montant > 1.0 && ratio > 1.0"), ElementsAre()) << "it may be what guards it";
}

TEST(Program, ValuesOfOtherKindsThanDeclaredAreErrorsAndNothingWorse) {
  const VariableTable variables = sample_variables();
  Compiler compiler(variables);
  Scratch scratch;
  for (const char* text : {"montant + 1.0 > 2.0", "pays_suspect.exists(p, p == 'a')", "heure(date_transaction) > 1",
                           "fold(type) == ''", "nouveau_terminal && true", "nouveau_terminal ? 1 : 2",
                           "pays_suspect[0] == 'a'", "pays in pays_suspect", "-montant > 0.0"}) {
    const auto program = compiler.compile(text);
    ASSERT_TRUE(program) << program.error().to_string();
    const std::vector<Value> slots(variables.size(), Value::null());
    EXPECT_TRUE(program->evaluate(slots, scratch).is_error()) << text;
  }
}

TEST(Program, AsksForNoMoreMemoryOnceItHasSome) {
  const VariableTable variables = sample_variables();
  Compiler compiler(variables);
  const auto program = compiler.compile("fold(type) + string(montant) == 'depot12000'");
  ASSERT_TRUE(program);
  Scratch scratch;
  const std::vector<Value> slots = sample_slots();
  EXPECT_EQ(to_string(program->evaluate(slots, scratch)), "true");
  const char* const before = (scratch.reset(), scratch.make_text(1));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(program->evaluate(slots, scratch).is_true());
  EXPECT_EQ((scratch.reset(), scratch.make_text(1)), before);
}

TEST(VariableTable, RefusesNamesThatNoRuleCouldWrite) {
  for (const char* name : {"", "a b", "été", "1a", "in", "a.", ".a", "a..b", "true", "a-b", "as"}) {
    EXPECT_FALSE(VariableTable::make({{name, kDyn}})) << name;
  }
  EXPECT_TRUE(VariableTable::make({{"historique.as", kDyn}}));
  EXPECT_FALSE(VariableTable::make({{"a", kDyn}, {"b", kDyn}, {"a", kDyn}}));
}

}  // namespace
}  // namespace vigie::rules
