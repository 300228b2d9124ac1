#include "api/card_body.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <boost/json.hpp>
#include <cstring>

#include "base/number.h"
#include "base/random.h"
#include "http/message.h"

namespace vigie::api {
namespace {

using Row = std::array<double, schema::kCardRaw>;

// A body with readable bytes behind it, as the edge hands it over; they are filled with what would confuse a reader.
class Padded {
 public:
  explicit Padded(std::string_view body) : size_(body.size()), bytes_(std::string(body)) {
    bytes_.append(http::kBodyPadding, '}');
  }
  std::string_view body() const { return std::string_view(bytes_).substr(0, size_); }

 private:
  std::size_t size_;
  std::string bytes_;
};

std::string random_transaction(Random& random, bool engineered = true) {
  std::string body = "{";
  const auto fields = schema::card_fields();
  for (std::size_t i = 0; i < (engineered ? fields.size() : schema::kCardRaw); ++i) {
    body += std::string(i == 0 ? "\"" : ", \"") + std::string(fields[i].name) + "\": ";
    body += fields[i].type == schema::FieldType::kFlag ? "1" : format_double(std::abs(random.normal(0, 3)));
  }
  return body + "}";
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string plain_transaction() {
  std::string body = R"({"Time": 0, "Amount": 1.5)";
  for (int i = 1; i <= 28; ++i) body += ", \"V" + std::to_string(i) + "\": " + std::to_string(i) + ".25";
  return body + "}";
}

TEST(CardBody, ReadsFieldsInAnyOrder) {
  const std::string body =
      R"({"V28": -2e-3, "Amount": 7, )" +
      replaced(replaced(plain_transaction().substr(1), R"(, "V28": 28.25)", ""), R"("Amount": 1.5, )", "");
  Row row{};
  const Padded padded(body);
  ASSERT_TRUE(read_card_fast(padded.body(), row)) << body;
  EXPECT_EQ(row[0], 0);
  EXPECT_EQ(row[1], 7);
  EXPECT_EQ(row[2], 1.25);
  EXPECT_EQ(row[29], -0.002);
}

struct Case {
  std::string body;
  std::string problems;  // "type@field" of each, or "fault@offset"
};

std::string outcome(std::string_view body) {
  Row row{};
  const CardReading reading = read_card(body, row);
  if (reading.fault) return "fault@" + std::to_string(reading.fault->at);
  std::string text;
  for (const Problem& problem : reading.problems) {
    text += (text.empty() ? "" : " ") + std::string(type_of(problem.kind)) + "@" + problem.field;
  }
  return text;
}

TEST(CardBody, TellsEveryProblem) {
  const std::string good = plain_transaction();
  const auto with = [&](std::string_view from, std::string_view to) { return replaced(good, from, to); };
  const std::vector<Case> cases = {
      {good, ""},
      {with("1.5", "\"abc\""), "float_parsing@Amount"},
      {with("1.5", "\"1.5\""), "float_type@Amount"},
      {with("1.5", "null"), "float_type@Amount"},
      {with("1.5", "true"), "float_type@Amount"},
      {with("1.5", "[1]"), "float_type@Amount"},
      {with("1.5", R"({"a": {"b": []}})"), "float_type@Amount"},
      {with("1.5", "NaN"), "finite_number@Amount"},
      {with("1.5", "-Infinity"), "finite_number@Amount"},
      {with("1.5", "1e400"), "finite_number@Amount"},
      {with("1.5", "-0.01"), "greater_than_equal@Amount"},
      {with("1.5", "1e-400"), ""},
      {with("1.5", "-0"), ""},
      {with("\"V1\"", "\"v1\""), "extra_forbidden@v1 missing@V1"},
      {with("\"V1\"", "\"V2\""), "duplicate_key@V2 missing@V1"},
      {with("\"V1\"", R"("\u00561")"), ""},
      {with("0,", "-1,"), "greater_than_equal@Time"},
      {replaced(with("0,", "-1,"), "1.5", "\"x\""), "greater_than_equal@Time float_parsing@Amount"},
      {with("}", R"(, "amount_log": "no", "high_value": 2, "max_abs_v": 1})"),
       "float_parsing@amount_log less_than_equal@high_value"},
      {with("}", R"(, "high_value": true})"), ""},
      {with("}", R"(, "high_value": 0.5})"), "float_type@high_value"},
      {"[]", "model_attributes_type@"},
      {"null", "model_attributes_type@"},
      {"5", "model_attributes_type@"},
      {"", "fault@0"},
      {"  ", "fault@2"},
      {"{", "fault@1"},
      {good + "x", "fault@" + std::to_string(good.size())},
      {good + "{}", "fault@" + std::to_string(good.size())},
      {good.substr(0, good.size() - 1), "fault@" + std::to_string(good.size() - 1)},
      {with("1.5", "01.5"), "fault@23"},
      {with("1.5", "1."), "fault@24"},
      {with("1.5", "+1"), "fault@22"},
      {with("1.5", ".5"), "fault@22"},
      {with("1.5", "1.5,"), "fault@26"},
      {with("\"Time\"", "Time"), "fault@1"},
      {with("\"Time\"", "'Time'"), "fault@1"},
      {with("1.5", "\"\\x\""), "fault@24"},
      {with("1.5", "\"\\ud800\""), "fault@29"},
      {with("1.5", "nul"), "fault@22"},
      {with("1.5", "\"\x01\""), "fault@23"},
      {with("1.5", "\"\xff\""), "fault@23"},
      {"\xEF\xBB\xBF" + good, "fault@0"},
      {with("1.5", std::string(70, '[') + std::string(70, ']')), "fault@86"},
  };
  for (const Case& it : cases) {
    EXPECT_EQ(outcome(it.body), it.problems) << it.body.substr(0, 80);
    Row row{};
    const Padded padded(it.body);
    if (read_card_fast(padded.body(), row)) {
      EXPECT_EQ(it.problems, "") << it.body;
    }
  }
}

TEST(CardBody, TellsNoMoreThanAHundredProblems) {
  std::string body = "{";
  for (int i = 0; i < 5000; ++i) body += (i == 0 ? "\"x" : ", \"x") + std::to_string(i) + "\": 1";
  Row row{};
  const CardReading reading = read_card(body + "}", row);
  ASSERT_EQ(reading.problems.size(), kMostProblems + 1);
  EXPECT_EQ(reading.problems.back().kind, Problem::Kind::kTooMany);
}

// A valid body with a few bytes changed, cut, doubled or exchanged for what JSON cares about.
std::string mutated(Random& random, std::string body) {
  constexpr std::string_view kSpice = "{}[]\",:0123456789-+.eEtfnN\\ \n\t\x01\x80\xff";
  for (std::uint64_t i = random.below(4); i > 0 && !body.empty(); --i) {
    const auto at = static_cast<std::size_t>(random.below(body.size()));
    switch (random.below(4)) {
      case 0: body[at] = kSpice[random.below(kSpice.size())]; break;
      case 1: body.insert(at, 1, kSpice[random.below(kSpice.size())]); break;
      case 2: body.erase(at, 1 + random.below(3)); break;
      default: body.resize(at); break;
    }
  }
  return body;
}

TEST(CardBody, FastAndExactReadersAgreeAndJsonIsWhatBoostSaysItIs) {
  Random random(11);
  int fast_count = 0;
  int malformed_count = 0;
  for (int i = 0; i < 20000; ++i) {
    const Padded padded(mutated(random, random_transaction(random, random.bernoulli(0.5))));
    Row fast{};
    Row exact{};
    const bool usual = read_card_fast(padded.body(), fast);
    const CardReading reading = read_card(padded.body(), exact);
    if (usual) {
      ++fast_count;
      ASSERT_TRUE(reading.ok()) << padded.body();
      ASSERT_EQ(std::memcmp(fast.data(), exact.data(), sizeof fast), 0) << padded.body();
    } else {
      // The fast reader may refuse what is good only for spelling it oddly; a mutation hits a name's spelling rarely.
      ASSERT_TRUE(!reading.ok() || padded.body().find('\\') != std::string_view::npos ||
                  padded.body().find("true") != std::string_view::npos)
          << padded.body();
    }
    boost::system::error_code error;
    boost::json::parse(boost::json::string_view(padded.body().data(), padded.body().size()), error);
    malformed_count += error ? 1 : 0;
    // The exact reader knows more than the grammar: NaN, and exponents that Boost finds too large (0e999999 is 0).
    if (reading.fault) {
      ASSERT_TRUE(error) << padded.body();
    } else if (error && error != boost::json::error::exponent_overflow) {
      const bool finite = std::ranges::none_of(
          reading.problems, [](const Problem& problem) { return problem.kind == Problem::Kind::kFinite; });
      ASSERT_FALSE(finite) << padded.body();
    }
  }
  EXPECT_GT(fast_count, 3000);
  EXPECT_GT(malformed_count, 3000);
}

RC_GTEST_PROP(CardBody, NumbersAreReadToTheBit, (double amount)) {
  if (!std::isfinite(amount) || amount < 0) amount = 0;
  const Padded padded(replaced(plain_transaction(), "1.5", format_double(amount)));
  Row fast{};
  RC_ASSERT(read_card_fast(padded.body(), fast));
  RC_ASSERT(fast[1] == amount);
}

// Each spelling in each place: numbers are read eight at once, the first ones alone.
TEST(CardBody, OddNumbersAreReadOrLeftAloneWhereverTheyStand) {
  const std::vector<std::pair<std::string, bool>> spellings = {{"0", true},
                                                               {"-0", true},
                                                               {"-0.0", true},
                                                               {"12345678901234567890", true},
                                                               {"1e5", true},
                                                               {"1E+05", true},
                                                               {"25e-2", true},
                                                               {"0.12345678901234567890123", true},
                                                               {"1e-400", true},
                                                               {"5e-324", true},
                                                               {"9007199254740993", true},
                                                               {"0.1000000000000000055511151231257827", true},
                                                               {"01", false},
                                                               {"-01", false},
                                                               {"00", false},
                                                               {"1.", false},
                                                               {"1.e5", false},
                                                               {".5", false},
                                                               {"-.5", false},
                                                               {"-", false},
                                                               {"--1", false},
                                                               {"+1", false},
                                                               {"1e", false},
                                                               {"1e+", false},
                                                               {"1.2.3", false},
                                                               {"1_0", false},
                                                               {"0x10", false},
                                                               {"1e400", false},
                                                               {"NaN", false},
                                                               {"Infinity", false},
                                                               {"1 2", false},
                                                               {"1-2", false},
                                                               {"\"1\"", false},
                                                               {"null", false},
                                                               {"", false},
                                                               {"1e5.5", false}};
  for (const auto& [spelling, good] : spellings) {
    for (std::size_t place = 1; place <= 28; ++place) {
      const std::string number = std::to_string(place);
      const std::string body =
          replaced(plain_transaction(), "\"V" + number + "\": " + number + ".25", "\"V" + number + "\": " + spelling);
      const Padded padded(body);
      Row fast{};
      Row exact{};
      ASSERT_EQ(read_card_fast(padded.body(), fast), good) << body;
      ASSERT_EQ(read_card(padded.body(), exact).ok(), good) << body;
      if (good) {
        ASSERT_EQ(std::memcmp(fast.data(), exact.data(), sizeof fast), 0) << body;
      }
    }
  }
}

std::string batch_outcome(std::string_view body, bool fast) {
  std::string text;
  BatchReading reading;
  const auto sink = [&](std::size_t index, CardRow row, std::span<const Problem> problems) {
    text += std::to_string(index) + (problems.empty() ? "=" + format_double(row[1]) : "!" + problems[0].field) + " ";
  };
  const Padded padded(body);
  if (fast) {
    if (!read_batch_fast(padded.body(), reading, sink)) return "unusual";
  } else {
    reading = read_batch(padded.body(), sink);
  }
  if (reading.fault) return "fault@" + std::to_string(reading.fault->at);
  for (const Problem& problem : reading.problems)
    text += std::string(type_of(problem.kind)) + "@" + problem.field + " ";
  return text + (reading.object_form ? "object" : "array");
}

TEST(BatchBody, BothFormsBothReaders) {
  const std::string one = plain_transaction();
  const std::string two = replaced(one, "1.5", "2.5");
  const std::string bad = replaced(one, "\"V3\"", "\"W3\"");
  const auto both = [](const std::string& body, const std::string& expected) {
    EXPECT_EQ(batch_outcome(body, true), expected) << body;
    EXPECT_EQ(batch_outcome(body, false), expected) << body;
  };
  both("[]", "array");
  both("[" + one + "," + two + "]", "0=1.5 1=2.5 array");
  both(R"({"transactions": [)" + two + "]}", "0=2.5 object");
  const auto exact = [](const std::string& body, const std::string& expected) {
    EXPECT_EQ(batch_outcome(body, true), "unusual") << body;
    EXPECT_EQ(batch_outcome(body, false), expected) << body;
  };
  exact("[" + one + "," + bad + ",5," + two + "]", "0=1.5 1!W3 2! 3=2.5 array");
  exact(R"({"rows": []})", "extra_forbidden@rows missing@transactions object");
  exact(R"({"transactions": 5})", "list_type@transactions object");
  exact(R"({"transactions": [], "transactions": []})", "duplicate_key@transactions object");
  exact("5", "list_type@ array");
  exact("[" + one + ",]", "fault@" + std::to_string(one.size() + 2));
  exact("[" + one, "fault@" + std::to_string(one.size() + 1));
  exact("[" + one + "] x", "fault@" + std::to_string(one.size() + 3));
  exact("", "fault@0");
}

TEST(BatchBody, RowsAreLimited) {
  std::string body = "[";
  for (std::size_t i = 0; i <= kMostRows; ++i) body += "1,";
  body.back() = ']';
  std::size_t rows = 0;
  EXPECT_TRUE(read_batch(body, [&](std::size_t, CardRow, std::span<const Problem>) { ++rows; }).too_many_rows);
  EXPECT_EQ(rows, kMostRows);
}

}  // namespace
}  // namespace vigie::api
