#include "base/number.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/random.h"

namespace vigie {
namespace {

std::uint64_t bits_of(double value) { return std::bit_cast<std::uint64_t>(value); }

// What the C library makes of the whole text, when it is a finite decimal number.
std::optional<double> slow_parse(const std::string& text) {
  if (text.find_first_not_of("0123456789+-.eE") != std::string::npos) return std::nullopt;
  char* rest = nullptr;
  const double value = std::strtod(text.c_str(), &rest);
  if (text.empty() || rest != text.c_str() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

void expect_same(const std::string& text) {
  const auto fast = parse_double(text);
  const auto slow = slow_parse(text);
  ASSERT_EQ(fast.has_value(), slow.has_value()) << text;
  if (fast) {
    ASSERT_EQ(bits_of(*fast), bits_of(*slow)) << text;
  }
}

TEST(ParseDouble, ShortestTextOfAnyDoubleReadsBackToItsBits) {
  Random random(1);
  for (int i = 0; i < 2'000'000; ++i) {
    const auto value = std::bit_cast<double>(random.next());
    if (!std::isfinite(value)) continue;
    const auto read = parse_double(format_double(value));
    ASSERT_TRUE(read.has_value()) << format_double(value);
    ASSERT_EQ(bits_of(*read), bits_of(value)) << format_double(value);
  }
}

TEST(ParseDouble, AgreesWithTheCLibraryOnDecimals) {
  Random random(2);
  for (int i = 0; i < 1'000'000; ++i) {
    // The shapes of a CSV: a few digits, a point somewhere, now and then more digits than a double holds or an
    // exponent.
    std::string text = random.bernoulli(0.3) ? "-" : "";
    const auto digits = 1 + random.below(random.bernoulli(0.1) ? 40 : 18);
    const auto point = random.below(digits + 3);
    for (std::uint64_t d = 0; d < digits; ++d) {
      if (d == point) text += '.';
      text += static_cast<char>('0' + random.below(10));
    }
    if (random.bernoulli(0.2)) text += "e" + std::to_string(static_cast<int>(random.below(700)) - 350);
    ASSERT_NO_FATAL_FAILURE(expect_same(text));
  }
}

TEST(ParseDouble, AgreesWithTheCLibraryOnAnyShortTextOfItsAlphabet) {
  // Every text of up to six characters: signs in odd places, lone points, exponents without digits.
  constexpr std::string_view kAlphabet = "019+-.eE";
  for (std::size_t length = 0; length <= 6; ++length) {
    const auto count = static_cast<std::size_t>(std::pow(kAlphabet.size(), length));
    for (std::size_t code = 0; code < count; ++code) {
      std::string text;
      for (std::size_t rest = code, i = 0; i < length; ++i, rest /= kAlphabet.size()) {
        text += kAlphabet[rest % kAlphabet.size()];
      }
      ASSERT_NO_FATAL_FAILURE(expect_same(text));
    }
  }
}

TEST(ParseDouble, HalfwayCasesRoundToEven) {
  EXPECT_EQ(parse_double("9007199254740993"), 9007199254740992.0);  // 2^53 + 1
  EXPECT_EQ(parse_double("9007199254740995"), 9007199254740996.0);
  EXPECT_EQ(parse_double("0.1"), 0.1);
  EXPECT_EQ(parse_double("123456789012345678901234567890"), 123456789012345678901234567890.0);
  EXPECT_EQ(parse_double("2.2250738585072011e-308"), 2.2250738585072011e-308);
  EXPECT_EQ(parse_double("1.7976931348623157e308"), std::numeric_limits<double>::max());
  EXPECT_EQ(parse_double("4.9e-324"), std::numeric_limits<double>::denorm_min());
}

TEST(ParseDouble, TooSmallIsZeroAndTooLargeIsNothing) {
  EXPECT_EQ(parse_double("1e-400"), 0.0);
  EXPECT_EQ(bits_of(parse_double("-1e-400").value()), bits_of(-0.0));
  EXPECT_EQ(bits_of(parse_double("-0").value()), bits_of(-0.0));
  EXPECT_EQ(parse_double("1e309"), std::nullopt);
  EXPECT_EQ(parse_double("-1e309"), std::nullopt);
  EXPECT_EQ(parse_double("1e99999999999999999999"), std::nullopt);
  EXPECT_EQ(parse_double(std::string(5000, '9')), std::nullopt);
  EXPECT_EQ(parse_double("0." + std::string(5000, '0') + "1"), 0.0);
}

TEST(ParseDouble, RefusesWhatIsNoDecimalNumber) {
  for (const char* text :
       {"",    "+",    "-",        ".",    "-.",    "e5", "1e", "1e+", "--1", "+-1",   "-+1",   "++1", "nan", "NaN",
        "inf", "-inf", "Infinity", "0x10", "0x1p3", " 1", "1 ", "1\n", "1,5", "1_000", "1.2.3", "1f",  "١",   "½"}) {
    EXPECT_EQ(parse_double(text), std::nullopt) << '"' << text << '"';
  }
  EXPECT_EQ(parse_double(std::string_view("1\0", 2)), std::nullopt);
  EXPECT_EQ(parse_double(std::string_view()), std::nullopt);
}

TEST(ParseDouble, ReadsNoByteBehindTheText) {
  const std::string digits = "12345678901234567890";
  for (std::size_t length = 1; length <= digits.size(); ++length) {
    // A copy of its own size, so that the address sanitizer sees a step too far.
    const std::vector<char> exact(digits.begin(), digits.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(parse_double(std::string_view(exact.data(), exact.size())), slow_parse(digits.substr(0, length)));
  }
}

TEST(ParseInt, WholeRangeAndNothingElse) {
  EXPECT_EQ(parse_int("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_int("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_int("+7"), 7);
  EXPECT_EQ(parse_int("007"), 7);
  for (const char* text :
       {"", "+", "-", "9223372036854775808", "-9223372036854775809", "1.0", "1e3", " 1", "1 ", "+-1", "++1", "0x1"}) {
    EXPECT_EQ(parse_int(text), std::nullopt) << '"' << text << '"';
  }
}

RC_GTEST_PROP(ParseInt, ReadsWhatWasWritten, (std::int64_t value)) {
  RC_ASSERT(parse_int(std::to_string(value)) == value);
}

TEST(FormatDouble, ShortestExactForm) {
  EXPECT_EQ(format_double(0.1), "0.1");
  EXPECT_EQ(format_double(-0.0), "-0");
  EXPECT_EQ(format_double(1e21), "1e+21");
  EXPECT_EQ(format_double(123456), "123456");
  EXPECT_EQ(format_double(5e-324), "5e-324");
}

TEST(FormatDouble, SaysWhatToCharsSays) {
  const auto expect_same_text = [](double value) {
    std::array<char, 64> text{};
    auto* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    ASSERT_EQ(format_double(value), std::string_view(text.data(), end));
  };
  Random random(3);
  for (int i = 0; i < 1'500'000; ++i) {
    ASSERT_NO_FATAL_FAILURE(expect_same_text(random.uniform(0, 1)));
    ASSERT_NO_FATAL_FAILURE(expect_same_text(random.uniform(0, 0.002)));  // on both sides of where we begin
    // Few digits, whose neighbours have many.
    const double few = static_cast<double>(random.below(100'000)) / 100'000;
    for (const double value : {few, std::nextafter(few, 1.0), std::nextafter(few, 0.0)}) {
      ASSERT_NO_FATAL_FAILURE(expect_same_text(value));
    }
  }
  for (int power = 0; power > -12; --power) {  // below these the distance to the next double changes
    const double two = std::ldexp(1, power);
    for (const double value : {two, std::nextafter(two, 1.0), std::nextafter(two, 0.0)}) {
      ASSERT_NO_FATAL_FAILURE(expect_same_text(value));
    }
  }
  for (int i = 0; i < 200'000; ++i) {
    const auto value = std::bit_cast<double>(random.next());
    if (!std::isfinite(value)) continue;
    ASSERT_NO_FATAL_FAILURE(expect_same_text(value));
  }
}

TEST(FormatDouble, NotFiniteIsNamedWithoutASignOnNan) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(format_double(infinity), "inf");
  EXPECT_EQ(format_double(-infinity), "-inf");
  EXPECT_EQ(format_double(std::nan("")), "nan");
  EXPECT_EQ(format_double(-std::nan("")), "nan");
}

TEST(WithThousands, GroupsFromTheRight) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1000), "1,000");
  EXPECT_EQ(with_thousands(1234567), "1,234,567");
  EXPECT_EQ(with_thousands(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(WithUnit, ThreeDigitsAndTheScale) {
  EXPECT_EQ(with_unit(0, "B"), "0 B");
  EXPECT_EQ(with_unit(999, "B"), "999 B");
  EXPECT_EQ(with_unit(45.64e6, "B"), "45.6 MB");
  EXPECT_EQ(with_unit(1.234e6, ""), "1.23 M");
  EXPECT_EQ(with_unit(-1500, "B"), "-1.5 kB");
  EXPECT_EQ(with_unit(12, ""), "12");
}

TEST(WithUnit, RoundsIntoTheNextScale) {
  EXPECT_EQ(with_unit(999.7, "B"), "1 kB");
  EXPECT_EQ(with_unit(999'600, "B"), "1 MB");
  EXPECT_EQ(with_unit(999'400, "B"), "999 kB");
}

}  // namespace
}  // namespace vigie
