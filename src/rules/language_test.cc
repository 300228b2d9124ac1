// What CEL's language definition says, case by case, where the conformance cases at hand are silent.
#include <gtest/gtest.h>

#include "rules/program.h"

namespace vigie::rules {
namespace {

struct Case {
  std::string_view text;
  std::string_view shown;
};

void expect_all(std::span<const Case> cases) {
  const auto variables = VariableTable::make({});
  Compiler compiler(*variables);
  Scratch scratch;
  for (const auto& [text, shown] : cases) {
    const auto program = compiler.compile(text);
    ASSERT_TRUE(program) << text << ": " << program.error().to_string();
    EXPECT_EQ(to_string(program->evaluate({}, scratch)), shown) << text;
  }
}

constexpr std::string_view kOverflow = "error: the result does not fit its type";
constexpr std::string_view kDivision = "error: division by zero";
constexpr std::string_view kOverload = "error: no such operation for values of these types";
constexpr std::string_view kRange = "error: a value outside its type's range";

TEST(Language, Integers) {
  constexpr Case kCases[] = {{"7 / -2", "-3"},
                             {"-7 % 3", "-1"},
                             {"7 % -3", "1"},
                             {"-(-11)", "11"},
                             {"- -11", "11"},
                             {"-9223372036854775808", "-9223372036854775808"},
                             {"-(-9223372036854775808)", kOverflow},
                             {"-9223372036854775808 - 1", kOverflow},
                             {"9223372036854775807 + 1", kOverflow},
                             {"5000000000 * 5000000000", kOverflow},
                             {"-9223372036854775808 / -1", kOverflow},
                             {"-9223372036854775808 % -1", kOverflow},
                             {"1 / 0", kDivision},
                             {"1 % 0", kDivision},
                             {"1u / 0u", kDivision},
                             {"1u - 2u", kOverflow},
                             {"18446744073709551615u + 1u", kOverflow},
                             {"5000000000u * 5000000000u", kOverflow},
                             {"43u % 5u", "3u"},
                             {"0x7fffffffffffffff", "9223372036854775807"},
                             {"-0x8000000000000000", "-9223372036854775808"},
                             {"1 - 2 - 3", "-4"},
                             {"2 + 3 * 4 - 10 / 5 % 3", "12"},
                             {"-dyn(3u)", kOverload},
                             {"dyn(1) + 1u", kOverload}};
  expect_all(kCases);
}

TEST(Language, Doubles) {
  constexpr Case kCases[] = {{"-1.0 / 0.0", "-inf"},
                             {"1.7976931348623157e308 * 2.0", "inf"},
                             {"5e-324 / 2.0", "0"},
                             {"4.9406564584124654e-324 > 0.0", "true"},
                             {"1e-400 == 0.0", "true"},
                             {".5 + 1e0", "1.5"},
                             {"1E3", "1000"},
                             {"0.1 + 0.2 == 0.3", "false"},
                             {"-0.0 == 0.0", "true"},
                             {"0.0 / 0.0 < 1.0 || 0.0 / 0.0 >= 1.0", "false"},
                             {"dyn(5.0) % dyn(2.0)", kOverload},
                             {"double('1e3')", "1000"},
                             {"double('x')", "error: text that cannot be converted"},
                             {"int('9223372036854775808')", kRange},
                             {"int('1.5')", "error: text that cannot be converted"},
                             {"uint(-1.0)", kRange},
                             {"int(0.0 / 0.0)", kRange}};
  expect_all(kCases);
}

TEST(Language, Logic) {
  constexpr Case kCases[] = {
      {"false && 1 / 0 == 1", "false"},    {"1 / 0 == 1 && false", "false"},
      {"true && 1 / 0 == 1", kDivision},   {"1 / 0 == 1 || true", "true"},
      {"1 / 0 == 1 || false", kDivision},  {"1 / 0 == 1 || 1 % 0 == 1 || 9223372036854775807 + 1 == 0 || true", "true"},
      {"dyn('horses') && false", "false"}, {"false || dyn('horses')", kOverload},
      {"dyn(3) || true", "true"},          {"!dyn(0)", kOverload},
      {"(1 / 0 == 1) ? 1 : 2", kDivision}, {"true ? 1 : 1 / 0", "1"},
      {"false ? 1 / 0 : 2", "2"},          {"dyn(7) ? 1 : 2", kOverload},
      {"true || false && false", "true"},  {"false ? 1 : true ? 2 : 3", "2"},
      {"!(1 == 1) == false", "true"}};
  expect_all(kCases);
}

TEST(Language, Text) {
  constexpr Case kCases[] = {{"size('πέντε')", "5"},
                             {"'😀é'.size()", "2"},
                             {"b'πέντε'.size()", "10"},
                             {"size('')", "0"},
                             {"'abc'.startsWith('')", "true"},
                             {"'forever'.endsWith('ver')", "true"},
                             {"'forever'.endsWith('everforever')", "false"},
                             {"'straße'.contains('aß')", "true"},
                             {"'he' + 'llo'", "'hello'"},
                             {"b'a' + b'\\xff' == b'a\\377'", "true"},
                             {"string(1.0)", "'1'"},
                             {"string(true)", "'true'"},
                             {"'\\u00e9' < '\\U0001f600'", "true"},
                             {"bool('yes')", "error: text that cannot be converted"},
                             {"dyn('a') + 1", kOverload},
                             {"dyn(1).contains('a')", kOverload},
                             {"dyn('a') in dyn('abc')", kOverload},
                             {"'a' // a remark\n == 'a'", "true"}};
  expect_all(kCases);
}

TEST(Language, Lists) {
  constexpr Case kCases[] = {{"[1, 2, 3][-1]", "error: a position outside the list"},
                             {"[1, 2.0, 'a', null, [b'x']]", "[1, 2, 'a', null, [b'x']]"},
                             {"[1, 2,]", "[1, 2]"},
                             {"1.0 in [1, 2]", "true"},
                             {"[[1]] == [[1.0]]", "true"},
                             {"[1, 1 / 0]", kDivision},
                             {"[1, 2, 3].map(x, x > 1, x * 2)", "[4, 6]"},
                             {"[[1, 2], [3]].map(l, l.map(x, x * x))", "[[1, 4], [9]]"},
                             {"[[1, 2], [3]].exists(l, l.all(x, x == 3))", "true"},
                             {"[0, 1].exists(x, 1 / x == 1)", "true"},
                             {"[0, 1].all(x, 1 / x == 1)", kDivision},
                             {"[0, 2].all(x, 1 / x == 1)", "false"},
                             {"[1, 2].filter(x, x > [3].map(y, y - 2)[0])", "[2]"},
                             {"dyn(5).all(x, true)", kOverload},
                             {"[1, 2].all(x, dyn(x))", kOverload},
                             {"type([]) == list", "true"}};
  expect_all(kCases);
}

}  // namespace
}  // namespace vigie::rules
