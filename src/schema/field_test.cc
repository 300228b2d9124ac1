#include "schema/field.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace vigie::schema {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Field field(FieldType type, double minimum, double maximum) {
  return {"x", type, Role::kInput, minimum, maximum, "", "", ""};
}

TEST(Find, ByWholeNameOnly) {
  const Field fields[] = {field(FieldType::kNumber, 0, 1), {"xy", FieldType::kText, Role::kInput, 0, 0, "", "", ""}};
  EXPECT_EQ(find(fields, "x"), 0u);
  EXPECT_EQ(find(fields, "xy"), 1u);
  for (const char* name : {"", "X", "y", "x ", "xyz"}) EXPECT_EQ(find(fields, name), std::nullopt) << name;
}

TEST(Accepts, NothingThatIsNotFinite) {
  for (const auto type : {FieldType::kNumber, FieldType::kInteger, FieldType::kFlag}) {
    const Field open = field(type, -kInfinity, kInfinity);
    for (const double value : {kInfinity, -kInfinity, std::nan(""), -std::nan("")}) EXPECT_FALSE(accepts(open, value));
  }
}

TEST(Accepts, BoundsAreInside) {
  const Field unit = field(FieldType::kNumber, 0, 1);
  for (const double value : {0.0, -0.0, 0.3, 1.0}) EXPECT_TRUE(accepts(unit, value)) << value;
  for (const double value : {std::nextafter(0.0, -1.0), std::nextafter(1.0, 2.0), -5.0, 1e300}) {
    EXPECT_FALSE(accepts(unit, value)) << value;
  }
}

RC_GTEST_PROP(Accepts, IntegersAreWhole, (std::int32_t whole)) {
  const Field integer = field(FieldType::kInteger, -kInfinity, kInfinity);
  RC_ASSERT(accepts(integer, whole));
  RC_ASSERT(!accepts(integer, whole + 0.25));
}

TEST(Expectation, SaysWhatAValueMustBe) {
  EXPECT_EQ(expectation(field(FieldType::kNumber, -kInfinity, kInfinity)), "a finite number");
  EXPECT_EQ(expectation(field(FieldType::kNumber, 0, kInfinity)), "a finite number, at least 0");
  EXPECT_EQ(expectation(field(FieldType::kInteger, 18, 120)), "a whole number, at least 18, at most 120");
  EXPECT_EQ(expectation(field(FieldType::kFlag, 0, 1)), "0 or 1");
  EXPECT_EQ(expectation(field(FieldType::kText, 0, 0)), "a text");
  EXPECT_EQ(expectation(field(FieldType::kNumber, 0, 1), true), "un nombre fini, au moins 0, au plus 1");
  EXPECT_EQ(expectation(field(FieldType::kInteger, -kInfinity, 9), true), "un entier, au plus 9");
}

TEST(FieldType, HasJsonSchemasWords) {
  EXPECT_EQ(to_string(FieldType::kNumber), "number");
  EXPECT_EQ(to_string(FieldType::kInteger), "integer");
  EXPECT_EQ(to_string(FieldType::kFlag), "boolean");
  EXPECT_EQ(to_string(FieldType::kText), "string");
}

TEST(Role, HasTheWordsOfTheApi) {
  EXPECT_EQ(to_string(Role::kOffset), "offset");
  EXPECT_EQ(to_string(Role::kRaw), "raw");
  EXPECT_EQ(to_string(Role::kInput), "input");
  EXPECT_EQ(to_string(Role::kEngineered), "engineered");
  EXPECT_EQ(to_string(Role::kLabel), "label");
}

}  // namespace
}  // namespace vigie::schema
