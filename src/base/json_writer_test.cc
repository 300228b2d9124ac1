#include "base/json_writer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <bit>
#include <boost/json.hpp>
#include <cmath>
#include <limits>

#include "base/random.h"

namespace vigie {
namespace {

namespace json = boost::json;

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// A random document, built and written at once.
json::value random_value(Random& random, JsonWriter& writer, int depth) {
  switch (random.below(depth > 0 ? 8 : 6)) {
    case 0: writer.null(); return nullptr;
    case 1: {
      const bool flag = random.bernoulli(0.5);
      writer.value(flag);
      return flag;
    }
    case 2: {
      const auto number = static_cast<std::int64_t>(random.next());
      writer.value(number);
      return number;
    }
    case 3: {
      const std::uint64_t number = random.next();
      writer.value(number);
      return number;
    }
    case 4: {
      double number = std::bit_cast<double>(random.next());
      if (!std::isfinite(number)) number = 0.5;
      writer.value(number);
      return number;
    }
    case 5: {
      std::string text(random.below(20), ' ');
      for (auto& c : text) c = static_cast<char>(random.below(0x80));
      writer.value(text);
      return json::string(text);
    }
    case 6: {
      json::array items;
      writer.begin_array();
      for (auto left = random.below(5); left > 0; --left) items.push_back(random_value(random, writer, depth - 1));
      writer.end_array();
      return items;
    }
    default: {
      json::object members;
      writer.begin_object();
      for (auto left = random.below(5); left > 0; --left) {
        const std::string name = "k" + std::to_string(left) + (random.bernoulli(0.3) ? "\"\\\n" : "");
        writer.key(name);
        members[name] = random_value(random, writer, depth - 1);
      }
      writer.end_object();
      return members;
    }
  }
}

// JSON does not tell a whole double from an integer, and Boost 1.81 reads the last bits of a double inexactly; that the
// text has all bits is another test's.
bool same(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number()) {
    if (!a.is_double() && !b.is_double()) return a == b;
    const auto left = a.to_number<double>();
    return std::fabs(left - b.to_number<double>()) <= 1e-14 * std::fabs(left);
  }
  if (a.kind() != b.kind()) return false;
  if (a.is_array()) {
    return std::equal(a.get_array().begin(), a.get_array().end(), b.get_array().begin(), b.get_array().end(), same);
  }
  if (a.is_object()) {
    const auto& left = a.get_object();
    const auto& right = b.get_object();
    if (left.size() != right.size()) return false;
    for (const auto& [name, item] : left) {
      const auto* other = right.if_contains(name);
      if (other == nullptr || !same(item, *other)) return false;
    }
    return true;
  }
  return a == b;
}

TEST(JsonWriter, OnOneLine) {
  JsonWriter writer;
  writer.begin_object().member("rows", 5).member("name", "a \"b\"").key("ids").begin_array().value(1).value(2.5);
  writer.begin_array().end_array().begin_object().end_object().null().end_array().member("ok", true).end_object();
  EXPECT_EQ(writer.text(), R"({"rows": 5, "name": "a \"b\"", "ids": [1, 2.5, [], {}, null], "ok": true})");
}

TEST(JsonWriter, IndentedForPeopleWithPlainArraysOnOneLine) {
  const std::vector<double> edges = {0, 0.5, 1};
  JsonWriter writer(2);
  writer.begin_object().member("a", 1).key("empty").begin_object().end_object();
  writer.key("edges").values(std::span<const double>(edges)).key("list").begin_array().value("x").begin_object();
  writer.member("y", false).end_object().end_array().end_object();
  EXPECT_EQ(writer.text(), R"({
  "a": 1,
  "empty": {},
  "edges": [0, 0.5, 1],
  "list": [
    "x",
    {
      "y": false
    }
  ]
})");
}

TEST(JsonWriter, ScalarsAtTheTop) {
  EXPECT_EQ(std::move(JsonWriter().value(-3)).text(), "-3");
  EXPECT_EQ(std::move(JsonWriter(2).value("x")).text(), "\"x\"");
}

TEST(JsonWriter, NumbersKeepTheirBitsAndNotFiniteIsNull) {
  JsonWriter writer;
  writer.begin_array()
      .value(0.1)
      .value(0.1f)
      .value(std::numeric_limits<double>::infinity())
      .value(std::nan(""))
      .value(-0.0);
  writer.value(std::numeric_limits<std::uint64_t>::max()).value(std::numeric_limits<std::int64_t>::min()).end_array();
  EXPECT_EQ(writer.text(), "[0.1, 0.10000000149011612, null, null, -0.0, 18446744073709551615, -9223372036854775808]");
}

RC_GTEST_PROP(JsonWriter, IsReadBackWhole, (std::uint64_t seed)) {
  for (const int indent : {0, 2}) {
    Random random(seed);
    JsonWriter writer(indent);
    const json::value built = random_value(random, writer, 4);
    RC_ASSERT(same(json::parse(writer.text()), built));
  }
}

RC_GTEST_PROP(JsonWriter, SameCallsSameBytes, (std::uint64_t seed)) {
  std::array<std::string, 2> texts;
  for (auto& text : texts) {
    Random random(seed);
    JsonWriter writer(2);
    random_value(random, writer, 3);
    text = std::move(writer).text();
  }
  RC_ASSERT(texts[0] == texts[1]);
}

TEST(AppendJsonString, EscapesWhatMustBe) {
  EXPECT_EQ(json_string("a\"b\\c\n\r\t"), R"("a\"b\\c\n\r\t")");
  EXPECT_EQ(json_string(std::string_view("\0\x01\x1f\x7f", 4)), R"("\u0000\u0001\u001f\u007f")");
  EXPECT_EQ(json_string("é€𝄞"), "\"é€𝄞\"");
}

TEST(AppendJsonString, BytesThatAreNotUtf8AreReplaced) {
  EXPECT_EQ(json_string("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(json_string("\xC3"), "\"\xEF\xBF\xBD\"") << "cut in the middle";
  EXPECT_EQ(json_string("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"") << "an overlong slash";
}

RC_GTEST_PROP(AppendJsonString, AnyBytesGiveAJsonString, (const std::string& bytes)) {
  RC_ASSERT(json::parse(json_string(bytes)).is_string());
}

}  // namespace
}  // namespace vigie
