#include "model/json_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigie::model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

JsonDocument parse(std::string_view json) {
  auto document = JsonDocument::parse(json, "file.json");
  EXPECT_TRUE(document) << document.error().to_string();
  return *std::move(document);
}

std::string syntax_error(std::string_view json) {
  const auto document = JsonDocument::parse(json, "file.json");
  return document ? "accepted" : document.error().to_string();
}

TEST(JsonReaderTest, ReadsValuesByPath) {
  const auto document =
      parse(R"({"a": {"n": 0.1, "u": 18446744073709551615, "t": "é", "f": true, "none": null}, "l": [1, -2.5]})");
  const JsonReader root = document.root();
  EXPECT_EQ(*root["a"]["n"].number(), 0.1);
  EXPECT_EQ(*root["a"]["u"].unsigned_integer(), ~std::uint64_t{0});
  EXPECT_EQ(*root["a"]["t"].text(), "é");
  EXPECT_EQ(*root["a"]["f"].flag(), true);
  EXPECT_THAT(*root["l"].numbers(), ElementsAre(1, -2.5));
  EXPECT_THAT(*root["a"].keys(), ElementsAre("n", "u", "t", "f", "none"));
  EXPECT_FALSE(root["a"].find("none")->has_value());
  EXPECT_EQ((*root["l"].items(2))[1].path(), "l[1]");
}

TEST(JsonReaderTest, NamesTheFileAndThePathOfWhatIsWrong) {
  const auto document = parse(R"({"a": {"n": "x"}, "l": [1, 2, "y"], "big": 1e39, "half": 0.5})");
  const JsonReader root = document.root();
  EXPECT_THAT(root["a"]["n"].number().error().to_string(), HasSubstr("file.json: a.n: not a number"));
  EXPECT_THAT(root["a"]["missing"]["deeper"].number().error().to_string(),
              HasSubstr("file.json: a: it has no \"missing\""));
  EXPECT_THAT(root["l"]["x"].text().error().to_string(), HasSubstr("l: not an object"));
  EXPECT_THAT(root["l"].numbers().error().to_string(), HasSubstr("l: item 2: not a number"));
  EXPECT_THAT(root["l"].items(2).error().to_string(), HasSubstr("l: more than 2 items"));
  EXPECT_THAT(root["half"].unsigned_integer().error().to_string(), HasSubstr("half: not a whole number"));
  EXPECT_THAT(root.find("a")->value().find("n")->value().keys().error().to_string(), HasSubstr("a.n: not an object"));
}

TEST(JsonReaderTest, ArraysHoldTheirTypesRange) {
  const auto document = parse(R"({"f": [3e38, 4e38], "i": [2147483647, 2147483648], "b": [true, 0, 1, 2]})");
  const JsonReader root = document.root();
  EXPECT_THAT(root["f"].floats().error().to_string(), HasSubstr("item 1: beyond the range of float"));
  EXPECT_THAT(root["i"].integers().error().to_string(), HasSubstr("item 1: beyond 32 bits"));
  EXPECT_THAT(root["b"].flags().error().to_string(), HasSubstr("item 3: neither true nor false"));
}

TEST(JsonReaderTest, SyntaxErrorsHaveLineAndColumn) {
  EXPECT_THAT(syntax_error("{\n  \"a\": 1,\n  \"b\": }\n"), HasSubstr("file.json:3:8: not valid JSON"));
  EXPECT_THAT(syntax_error("{\"a\": 1e999}"), HasSubstr("file.json: a number that no double can hold"));
  EXPECT_THAT(syntax_error(std::string(200, '[') + std::string(200, ']')), HasSubstr("more than 64 levels"));
  EXPECT_THAT(syntax_error("{} x"), HasSubstr("not valid JSON"));
  EXPECT_THAT(syntax_error(""), HasSubstr("empty"));
}

}  // namespace
}  // namespace vigie::model
