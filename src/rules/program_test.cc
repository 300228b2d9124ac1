#include "rules/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
