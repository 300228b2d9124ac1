// Forty rule texts with errors: each is refused at load, with the place of the error and a hint that helps.
#include <gtest/gtest.h>

#include "rules/lexer.h"
#include "rules/program.h"
#include "rules/sample_rules.h"

namespace vigie::rules {
namespace {

struct Refusal {
  std::string_view text;
  std::uint64_t line, column;
  std::string_view message;  // a part of it
  std::string_view remedy;   // a part of it
};

constexpr Refusal kRefusals[] = {
    // Words
    {"", 1, 1, "is empty", "write a condition"},
    {"montant = 5.0", 1, 9, "'=' does not belong here", "write =="},
    {"montant > 5.0 & has(pays)", 1, 15, "'&' does not belong here", "write &&"},
    {"montant > 5.0 | has(pays)", 1, 15, "'|' does not belong here", "write ||"},
    {"pays == “NG”", 1, 9, "'“' does not belong here", "quote text with"},
    {"montant ≥ 5.0", 1, 9, "'≥' does not belong here", "write >="},
    {"pays == 'NG", 1, 9, "not closed", "end it with '"},
    {"pays == 'N\nG'", 1, 9, "not closed", "end it with '"},
    {"pays == 'N\\G'", 1, 11, "escape is unknown", "write \\\\"},
    {"pays == '\\ud800'", 1, 10, "no such character", "D800"},
    {"montant > 10k", 1, 11, "'10k' is no number", "operator"},
    {"montant > 10_000", 1, 11, "'10_000' is no number", "not grouped"},
    {"montant > 9223372036854775808", 1, 11, "too large for an int", ".0"},
    {"montant > 1e999", 1, 11, "too large for a double", "1.8e308"},
    {"montant > 0x", 1, 11, "0x without digits", "hexadecimal"},
    // Grammar
    {"montant >", 1, 10, "ends too soon", "write what belongs"},
    {"!-montant > 0.0", 1, 2, "'-' does not belong here", "as in !(-montant > 0.0)"},
    {"!-true", 1, 2, "'-' does not belong here", "brackets"},
    {"!-'abc' == 'a'", 1, 2, "'-' does not belong here", "brackets"},
    {"!-5u == 1u", 1, 2, "'-' does not belong here", "brackets"},
    {"!-", 1, 3, "ends too soon", "write what belongs"},
    {"-", 1, 2, "ends too soon", "write what belongs"},
    {"!-5", 1, 2, "! takes conditions, and this is an int", "compare it"},
    {"!-9223372036854775809", 1, 3, "too large for an int", ".0"},
    {"(montant > 5.0", 1, 15, "')' is missing", "close each bracket"},
    {"montant > 5.0)", 1, 14, "')' does not belong here", "close each bracket"},
    {"montant > 5.0 and has(pays)", 1, 15, "'and' does not belong here", "write &&"},
    {"montant > 5.0 ou has(pays)", 1, 15, "'ou' does not belong here", "write ||"},
    {"pays not in ['NG']", 1, 6, "'not' does not belong here", "!(x in list)"},
    {"montant > 5.0\n&& && has(pays)", 2, 4, "'&&' does not belong here", "two values"},
    {"while > 5", 1, 1, "reserved word", "another name"},
    {"{'a': 1}['a'] == 1", 1, 1, "maps and messages are not part", "lists and fields"},
    {"Transaction{montant: 5.0}.montant > 1.0", 1, 12, "maps and messages are not part", "lists and fields"},
    {"has(montant > 5.0)", 1, 1, "has() takes one field", "has(pays)"},
    {"pays_suspect.exists(p)", 1, 14, "takes a name and a condition", "list.exists(x, ...)"},
    {"pays_suspect.exists('p', true)", 1, 21, "takes a name for the items", "list.exists(x, ...)"},
    // Names
    {"montnat > 5.0", 1, 1, "no field 'montnat'", "did you mean 'montant'?"},
    {"has(pays) && Pays == 'NG'", 1, 14, "no field 'Pays'", "did you mean 'pays'?"},
    {"historique.n_24 > 5", 1, 1, "no field 'historique.n_24'", "did you mean 'historique.n_24h'?"},
    {"pays == NG", 1, 9, "no field 'NG'", "text stands in quotes"},
    {"has(paiement)", 1, 5, "no field 'paiement'", "list of fields"},
    {"math.greatest(montant, 5.0) > 1.0", 1, 6, "no function 'greatest'", "list of functions"},
    {"historique.?moyenne == 1.0", 1, 12, "optional values are not part", "has(field)"},
    {"pays_suspect.all(i, p, p == 'NG')", 1, 14, "macros with two names", "list.all(x, ...)"},
    {"fodl(type) == 'depot'", 1, 1, "no function 'fodl'", "did you mean 'fold'?"},
    {"type.startWith('d')", 1, 6, "no function 'startWith'", "did you mean 'startsWith'?"},
    {"contains(type, 'd')", 1, 1, "no function 'contains'", "write x.contains(...)"},
    {"type.fold() == 'depot'", 1, 6, "no function 'fold'", "write fold(x)"},
    {"heure(date_transaction, 'Europe/Pariss') > 5", 1, 25, "no time zone 'Europe/Pariss'", "'Europe/Paris'"},
    // Types
    {"montant > '10000'", 1, 9, "between a double and a string", "without quotes"},
    {"montant * 2 > 5.0", 1, 9, "between a double and an int", "as in 3.0"},
    {"montant % 2.0 == 0.0", 1, 9, "'%' does not exist", "int(...)"},
    {"pays in 'NG'", 1, 6, "'in' does not exist between a string and a string", "write a list"},
    {"montant in pays_suspect", 1, 9, "'in' does not exist between a double and a list(string)", "what the list holds"},
    {"pays == null", 1, 6, "between a string and null", "has(field)"},
    {"montant && true", 1, 1, "&& takes conditions, and this is a double", "compare it"},
    {"!montant", 1, 2, "! takes conditions", "compare it"},
    {"montant ? true : false", 1, 1, "? takes a condition", "condition ? value"},
    {"has(pays) ? 1 : 'a'", 1, 17, "one side of : is an int, the other a string", "same type"},
    {"date_transaction > '2026-01-01'", 1, 18, "between a timestamp and a string", "timestamp('2026-01-31T00:00:00Z')"},
    {"date_transaction - 3600 > date_transaction", 1, 18, "between a timestamp and an int", "same type"},
    {"montant[0] > 5.0", 1, 8, "[ ] takes a list, and this is a double", "list[0]"},
    {"pays_suspect['NG'] == 'NG'", 1, 14, "a position is an int, and this is a string", "count from 0"},
    {"fold(montant) == 'a'", 1, 1, "'fold' does not take (double)", "it takes (string)"},
    {"montant.exists(m, m > 1.0)", 1, 1, "this takes a list, and it is a double", "list.exists"},
    {"pays_suspect.exists(p, p)", 1, 24, "this takes a condition, and it is a string", "compare the item"},
    {"pays.matches('[A')", 1, 14, "this is no pattern: missing ]", "RE2"},
    {"pays.matches('(?=a)')", 1, 14, "this is no pattern", "without look-around"},
    {"pays.matches('((a{100}){100}){100}')", 1, 14, "this is no pattern", "RE2"},
    {"pays.matches(type)", 1, 14, "has to stand in the text", "matches('^[A-Z]{2}$')"},
    {"-pays == 'NG'", 1, 1, "- takes a number, and this is a string", "take the - away"},
};

TEST(Refusals, EachNamesThePlaceAndHelps) {
  const VariableTable variables = sample_variables();
  Compiler compiler(variables);
  for (const Refusal& expected : kRefusals) {
    const auto program = compiler.compile(expected.text);
    ASSERT_FALSE(program) << expected.text;
    const Error& error = program.error();
    EXPECT_EQ(error.place.line, expected.line) << expected.text << ": " << error.to_string();
    EXPECT_EQ(error.place.column, expected.column) << expected.text << ": " << error.to_string();
    EXPECT_NE(error.message.find(expected.message), std::string::npos) << expected.text << ": " << error.to_string();
    EXPECT_NE(error.remedy.find(expected.remedy), std::string::npos) << expected.text << ": " << error.to_string();
  }
  EXPECT_GE(std::size(kRefusals), 40u);
}

TEST(Refusals, DepthAndSizeAreBounded) {
  const VariableTable variables = sample_variables();
  Compiler compiler(variables);
  const auto repeated = [](std::string_view part, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += part;
    return out;
  };
  for (const std::string& deep :
       {repeated("(", 5000) + "true" + repeated(")", 5000), repeated("!", 10'000) + "true",
        repeated("-", 10'000) + "1 == 1", repeated("[", 5000) + repeated("]", 5000) + " == []",
        "1" + repeated(" + 1", 3000) + " > 0", "true" + repeated(" ? true : true", 900),
        repeated("true ? ", 2000) + "true" + repeated(" : true", 2000), "pays" + repeated(".a", 5000),
        "pays" + repeated("[0]", 5000), repeated("fold(", 2000) + "pays" + repeated(")", 2000),
        "pays" + repeated(".size()", 2000), repeated("[1].exists(a, ", 5) + "true" + repeated(")", 5)}) {
    const auto program = compiler.compile(deep);
    ASSERT_FALSE(program) << deep.substr(0, 20);
    EXPECT_GE(program.error().place.column, 1u);
    EXPECT_FALSE(program.error().remedy.empty());
  }
  EXPECT_TRUE(compiler.compile("true" + repeated(" && true", 1500))) << "chains of && and || are flat";
  EXPECT_FALSE(compiler.compile(std::string(kMostExpressionBytes + 1, ' ')));
  EXPECT_FALSE(compiler.compile("pays == '\xff'"));
  EXPECT_FALSE(compiler.compile(std::string_view("montant > 1.0\0", 14)));
}

TEST(Refusals, ATextThatAVariableNeverIs) {
  const auto variables = VariableTable::make(
      {{.name = "type", .type = {Kind::kString, 0}, .choices = {"virement", "dépôt", "achat_en_ligne"}},
       {.name = "pays", .type = {Kind::kString, 0}}});
  Compiler compiler(*variables);
  constexpr Refusal kNever[] = {
      {"type == 'depot'", 1, 9, "'type' is never this text", "did you mean 'dépôt'?"},
      {"'VIREMENT' != type", 1, 1, "'type' is never this text", "did you mean 'virement'?"},
      {"type == 'viremnt'", 1, 9, "'type' is never this text", "did you mean 'virement'?"},
      {"pays == 'FR' && type in ['virement', 'Dépôt']", 1, 38, "'type' is never this text", "did you mean 'dépôt'?"},
      {"type == 'cash'", 1, 9, "'type' is never this text", "it is 'virement', 'dépôt', 'achat_en_ligne'"},
      {"type == ''", 1, 9, "'type' is never this text", "it is 'virement'"},
  };
  for (const Refusal& expected : kNever) {
    const auto program = compiler.compile(expected.text);
    ASSERT_FALSE(program) << expected.text;
    const Error& error = program.error();
    EXPECT_EQ(error.place.column, expected.column) << error.to_string();
    EXPECT_NE(error.message.find(expected.message), std::string::npos) << error.to_string();
    EXPECT_NE(error.remedy.find(expected.remedy), std::string::npos) << error.to_string();
  }
  for (const char* text : {"type == 'dépôt'", "type in ['virement', 'achat_en_ligne']", "fold(type) == 'depot'",
                           "pays == 'depot'", "type == pays", "type in [pays]", "type > 'a'"}) {
    EXPECT_TRUE(compiler.compile(text)) << text;
  }
}

}  // namespace
}  // namespace vigie::rules
