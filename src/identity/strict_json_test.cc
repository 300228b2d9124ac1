#include "identity/strict_json.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace vigie::identity {
namespace {

std::string nested(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += "{\"a\": ";
  return text + "1" + std::string(static_cast<std::size_t>(depth), '}');
}

TEST(StrictJson, ReadsWhatBoostReads) {
  const std::string text =
      R"({"a":1,"b":-2.5E0,"c":"é\u20ac\n","d":[true,null,{"a":[]}],"e":{"f":{}},"g":18446744073709551615})";
  const auto object = parse_object(text);
  ASSERT_TRUE(object) << object.error().to_string();
  EXPECT_EQ(boost::json::serialize(*object), R"({"a":1,"b":-2.5E0,"c":"é€\n","d":[true,null,{"a":[]}],)"
                                             R"("e":{"f":{}},"g":18446744073709551615})");
}

TEST(StrictJson, RefusesWhatTwoReadersMayReadDifferently) {
  for (const char* const text : {"",
                                 "[]",
                                 "null",
                                 "{\"a\":1",
                                 "{\"a\":1}x",
                                 "{\"a\":1}{}",
                                 "{a:1}",
                                 "{'a':1}",
                                 "{\"a\":01}",
                                 "{\"a\":NaN}",
                                 "{\"a\":Infinity}",
                                 "{\"a\":1,}",
                                 "{\"a\":[1,]}",
                                 "\xef\xbb\xbf{}",
                                 "{\"a\":\"\xff\"}",
                                 "{\"\xc3\":1}",
                                 "{\"a\":\"\\ud800\"}",
                                 "{\"a\":\"\t\"}",
                                 "{\"a\":1,\"a\":1}",
                                 "{\"a\":1,\"\\u0061\":2}",
                                 "{\"b\":{\"a\":1,\"a\":2}}",
                                 "{\"b\":[{\"a\":1,\"a\":2}]}"}) {
    const auto object = parse_object(text);
    ASSERT_FALSE(object) << text;
    EXPECT_EQ(object.error().code, Code::kInvalidData) << text;
  }
}

TEST(StrictJson, HasLimits) {
  EXPECT_TRUE(parse_object(nested(3), {.depth = 3}));
  EXPECT_EQ(parse_object(nested(4), {.depth = 3}).error().code, Code::kResourceExhausted);
  EXPECT_TRUE(parse_object(R"({"a": [1, 2]})", {.members = 3}));
  EXPECT_EQ(parse_object(R"({"a": [1, 2, 3]})", {.members = 3}).error().code, Code::kResourceExhausted);
  EXPECT_FALSE(parse_object(nested(100'000)));
}

TEST(StrictJson, ErrorsSayWhereAndNotWhat) {
  const auto object = parse_object(R"({"secret-name": 1, "secret-name": 2})");
  ASSERT_FALSE(object);
  EXPECT_GT(object.error().place.column, 20u);
  EXPECT_EQ(object.error().to_string().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace vigie::identity
